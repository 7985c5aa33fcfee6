"""The journal of the whole log, read once and summed by cell and day.

What one posting alone can violate is found on the way: lines that do not sum to zero,
mirrors that disagree, money that left an account by a kind that may not move it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from ledger.claims.changes import Cell
from ledger.claims.replay import events_with_lines
from ledger.domain.base import Line, Recorded
from ledger.domain.journal import MIRRORS
from ledger.domain.timeline import Timeline, combined

OUTFLOWS: Final[Mapping[str, frozenset[str]]] = {
    "wage_account": frozenset(
        {"PayoutInstructed", "MisdirectedReturned", "WageAccountClosed", "Reversed"}
    ),
    "deposit_cash": frozenset({"DepositPaidOut", "DepositReleased", "Reversed"}),
}
"""Kinds by which an account may go down (invariant 5)."""


@dataclass(frozen=True)
class Finding:
    """One difference.

    Attributes:
        rule: Name of the rule.
        position: The posting concerned, where there is one.
        facts: What is known of it: accounts, dates, amounts in fen.
    """

    rule: str
    position: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Books:
    """The journal of the whole log, summed by cell and day, and what the pass found."""

    cells: dict[Cell, Timeline] = field(default_factory=lambda: defaultdict(Timeline))
    committed: dict[str, Timeline] = field(default_factory=lambda: defaultdict(Timeline))
    journals: dict[int, Sequence[Line]] = field(default_factory=dict)
    reversals: list[tuple[int, int]] = field(default_factory=list)
    reversed_sheets: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def total(self, book: str, account: str, project: str = "") -> Timeline:
        """An account of a book and project over all counterparties and due dates."""
        return combined(
            *(
                (1, timeline)
                for cell, timeline in self.cells.items()
                if cell[:3] == (book, account, project)
            )
        )


def read_books(connection: Connection, tenant: str) -> Books:
    """Read the log once, checking each posting on the way."""
    books = Books()
    for recorded, _ in events_with_lines(connection, tenant):
        for line in recorded.journal:
            books.cells[line[:5]].add(recorded.on, line.amount_fen)
        if recorded.kind == "Reversed":
            books.reversals.append((recorded.position, recorded.fields["reverses"]))
            if recorded.outcome["of_kind"] == "PayrollApproved":
                books.reversed_sheets.append((recorded.outcome["of"]["sheet"], recorded.on))
        if "committed_fen" in recorded.outcome:
            timeline = books.committed[recorded.fields["region"]]
            timeline.add(recorded.on, recorded.outcome["committed_fen"])
        books.journals[recorded.position] = recorded.journal
        books.findings.extend(_posting_findings(recorded))
    return books


def _posting_findings(recorded: Recorded) -> Iterator[Finding]:
    sums: dict[str, int] = defaultdict(int)
    mirrored: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for line in recorded.journal:
        sums[line.book] += line.amount_fen
        mirror = MIRRORS.get(line.account)
        if mirror is not None:
            mirrored[line.book, line.account, line.project, line.counterparty] += line.amount_fen
        elif line.account in _MIRRORED:
            cell = (line.counterparty, _MIRRORED[line.account], line.project, line.book)
            mirrored[cell] += line.amount_fen
        allowed = OUTFLOWS.get(line.account)
        if allowed is not None and line.amount_fen < 0 and recorded.kind not in allowed:
            yield Finding(
                "outflows", recorded.position, {"account": line.account, "kind": recorded.kind}
            )
    for book, amount in sums.items():
        if amount:
            yield Finding("balanced", recorded.position, {"book": book, "amount_fen": amount})
    for (book, account, project, counterparty), amount in mirrored.items():
        if amount:
            yield Finding(
                "mirrors", recorded.position,
                {"book": book, "account": account, "project": project,
                 "counterparty": counterparty, "amount_fen": amount},
            )  # fmt: skip


_MIRRORED: Final = {mirror: account for account, mirror in MIRRORS.items()}
