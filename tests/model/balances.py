"""Balances as sums of dated changes; the recorded posting and the claim that carry them.

Amounts in integer fen; days are ISO text, so that text order is the order of days.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

Line = tuple[str, str, str, str, str, int]
"""book, account, project, counterparty, due_on, amount_fen (debit > 0)."""
Event = tuple[str, int]
"""A day and what a balance changes on it."""

FOREVER: Final = "9999-12-31"


class Refused(Exception):  # noqa: N818 -- an answer, not an error
    """A rule of the ledger says no; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refuse_if(failed: object, code: str) -> None:
    """The first check that fails is the answer."""
    if failed:
        raise Refused(code)


def balance(events: Iterable[Event], as_of: str = FOREVER) -> int:
    """The balance at the end of a day."""
    return sum(amount for day, amount in events if day <= as_of)


def lowest(events: Iterable[Event], on: str) -> int:
    """The lowest balance at the end of `on` or of any later day."""
    known = list(events)
    days = {on, *(day for day, _ in known if day > on)}
    return min(balance(known, day) for day in days)


def negated(events: Iterable[Event]) -> list[Event]:
    """A credit balance as a positive one."""
    return [(day, -amount) for day, amount in events]


@dataclass
class Record:
    """One recorded posting: its normal form, its journal lines, what else it decided."""

    position: int
    kind: str
    on: str
    f: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    moves: list[tuple[str, int, int, int]] = field(default_factory=list)
    """claim, change of net, of paid, of in transit."""
    extra: dict[str, Any] = field(default_factory=dict)
    reversed_by: int | None = None


@dataclass
class Claim:
    """One worker's wage debt, from the approval of its sheet line or its assertion."""

    claim: str
    project: str
    worker: str
    first_employer: str
    period: str
    due_on: str
    asserted: bool
    born_on: str
    sheet: str = ""
    gone: bool = False
    changes: list[tuple[str, int, int, int]] = field(default_factory=list)
    attributions: list[tuple[str, str]] = field(default_factory=list)
    """Day and debtor, in the order of the log."""
    reduced: bool = False

    def employer_at(self, as_of: str = FOREVER) -> str:
        """The primary debtor on a day."""
        debtor = self.first_employer
        for day, attributed in self.attributions:
            if day <= as_of:
                debtor = attributed
        return debtor

    def events(self, net: int = 0, paid: int = 0, transit: int = 0) -> list[Event]:
        """The changes of net, paid and in transit, each counted with its weight."""
        return [(on, net * n + paid * p + transit * t) for on, n, p, t in self.changes]

    def net(self, as_of: str = FOREVER) -> int:
        return balance(self.events(net=1), as_of)

    def paid(self, as_of: str = FOREVER) -> int:
        return balance(self.events(paid=1), as_of)

    def transit(self, as_of: str = FOREVER) -> int:
        return balance(self.events(transit=1), as_of)

    def open(self, as_of: str = FOREVER) -> int:
        return self.net(as_of) - self.paid(as_of)

    def lowest_free(self, on: str) -> int:
        return lowest(self.events(net=1, paid=-1, transit=-1), on)
