"""The postings of the city in the order of their dates, with what the ledger should answer.

Eight months matter: in the first the parties register and the works begin, wages of six months
are paid in the month after each, and the last month of all is the one of the reader's date, which
is left out. Days on a weekend move to Monday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from cli.demo.city import Party

Posting = dict[str, Any]

RECORDED: Final = "recorded"
DUPLICATE: Final = "duplicate"
_MONTHS: Final = 7
_SATURDAY: Final = 5


class Months:
    """The calendar of the story: months are counted from 0, the one in which the works begin."""

    def __init__(self, as_of: date) -> None:
        last = as_of.replace(day=1) - timedelta(days=1)
        self.end = last.isoformat()
        """Last day of the story: of the month before the reader's."""
        first = last.year * 12 + last.month - _MONTHS
        self._months = [divmod(first + number, 12) for number in range(_MONTHS + 1)]

    def period(self, month: int) -> str:
        """A month as postings name it."""
        year, number = self._months[month]
        return f"{year:04}-{number + 1:02}"

    def day(self, month: int, day: int) -> str:
        """A business day: the day itself (at most the 26th), or the Monday after it."""
        year, number = self._months[month]
        on = date(year, number + 1, day)
        if on.weekday() >= _SATURDAY:
            on += timedelta(days=7 - on.weekday())
        return on.isoformat()

    def plain(self, month: int, day: int) -> str:
        """A day whatever its weekday, as a due date."""
        return f"{self.period(month)}-{day:02}"


@dataclass(eq=False)
class Step:
    """One posting and what the ledger should answer to it.

    Attributes:
        expected: ``recorded``, ``duplicate`` or the code of a refusal.
        position: Where it is recorded, once the steps before it are counted.
    """

    posting: Posting
    expected: str = RECORDED
    position: int = 0


class Story:
    """Everything that is posted.

    Attributes:
        party: The party whose history is worth reading.
        since: The first day of that history which is, ISO text.
    """

    def __init__(self, months: Months, party: Party, since: str) -> None:
        self.months = months
        self.party = party
        self.since = since
        self._steps: list[Step] = []

    def __len__(self) -> int:
        return len(self._steps)

    def tell(
        self,
        kind: str,
        on: str,
        by: Party | None = None,
        *,
        expected: str = RECORDED,
        **fields: Any,  # noqa: ANN401 - the fields of any kind
    ) -> Step:
        """Add a posting. A field may hold a step: its position will stand there."""
        posting = {"kind": kind, "on": on, "key": f"demo-{len(self._steps) + 1:05}", **fields}
        if by is not None:
            posting["by"] = by.code
        step = Step(posting, expected)
        self._steps.append(step)
        return step

    def repeat(self, step: Step) -> None:
        """Add a posting that arrives a second time."""
        self._steps.append(Step(step.posting, DUPLICATE))

    def steps(self) -> Iterator[Step]:
        """All steps by date, those of one date in the order in which they were told."""
        position = 0
        for step in sorted(self._steps, key=lambda step: str(step.posting["on"])):
            for name, value in step.posting.items():
                if isinstance(value, Step):
                    step.posting[name] = value.position
            if step.expected == RECORDED:
                position += 1
                step.position = position
            yield step
