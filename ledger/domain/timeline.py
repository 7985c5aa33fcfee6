"""A balance day by day, and the question that backdating raises of it.

``lowest(on)`` is the lowest balance from a day onwards: what may be taken on that day
without making the balance negative on it or on any later day (postings.md, Balances
and what may be taken from them).
"""

from collections.abc import Iterable, Mapping


class Timeline:
    """Changes of one balance by business date, in fen.

    Kept as sums per day: the order of postings inside a day does not matter, because
    the contract judges whole days.
    """

    __slots__ = ("days", "last_on", "total")

    def __init__(self, days: Mapping[str, int] | Iterable[tuple[str, int]] = ()) -> None:
        self.days: dict[str, int] = dict(days)
        self.total = sum(self.days.values())
        self.last_on = max(self.days, default="")

    def add(self, on: str, amount_fen: int) -> None:
        """Change the balance on a day."""
        self.days[on] = self.days.get(on, 0) + amount_fen
        self.total += amount_fen
        self.last_on = max(self.last_on, on)

    def at(self, on: str) -> int:
        """Balance at the end of a day."""
        if on >= self.last_on:
            return self.total
        return sum(amount for day, amount in self.days.items() if day <= on)

    def balances(self, on: str) -> list[int]:
        """Balance at the end of ``on`` and of every later day that changes it."""
        if on >= self.last_on:
            return [self.total]
        balance = self.at(on)
        balances = [balance]
        for day in sorted(day for day in self.days if day > on):
            balance += self.days[day]
            balances.append(balance)
        return balances

    def lowest(self, on: str) -> int:
        """Lowest balance from the end of ``on`` onwards."""
        return self.total if on >= self.last_on else min(self.balances(on))


def combined(*parts: tuple[int, Timeline]) -> Timeline:
    """Sum of timelines, each with its sign: for example wage account less suspense."""
    total = Timeline()
    for sign, part in parts:
        for day, amount in part.days.items():
            total.add(day, sign * amount)
    return total


def lowest(on: str, *parts: tuple[int, Timeline]) -> int:
    """Lowest value from ``on`` onwards of a sum of timelines."""
    if all(on >= part.last_on for _, part in parts):
        return sum(sign * part.total for sign, part in parts)
    return combined(*parts).lowest(on)


def last_open_day(due_on: str, timeline: Timeline, until: str) -> str:
    """Latest day up to ``until`` on which wages due on a day were overdue and open."""
    if due_on >= until:
        return ""
    if timeline.at(until):
        return until
    changes = sorted((day for day in timeline.days if due_on < day <= until), reverse=True)
    for day in changes:
        before = sum(amount for other, amount in timeline.days.items() if other < day)
        if before:
            return day
    return ""
