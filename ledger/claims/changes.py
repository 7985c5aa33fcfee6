"""What a group of postings changed and has not written yet."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ledger.domain import effects
from ledger.domain.bank_state import AccountEntry, LineKey, Pair
from ledger.domain.base import DocumentLine
from ledger.domain.state import Claim, PayoutLine, Record, Sheet

Key = tuple[int, int]
"""A claim's key: position and line of its origin."""

Cell = tuple[str, str, str, str, str]
"""Book, account, project, counterparty, due date."""


Account = tuple[str, str, str]
"""Book, account, project: the first part of a cell."""


def _days() -> dict[str, int]:
    return defaultdict(int)


def _accounts() -> dict[Account, dict[tuple[str, str], dict[str, int]]]:
    return defaultdict(lambda: defaultdict(_days))


@dataclass(slots=True)
class Changes:
    """What a group of postings changed and has not written yet.

    Attributes:
        new_claims: Lines of a new origin by its position.
        new_payout_lines: Lines of a new batch by its position.
        moves: Claim's key, position and number of the line, ``on``, the line.
        accounts: Changes of balances by account, then by counterparty and due date, then by day.
        booked: New booked lines in the order of their table's columns, without tenant and mark.
        entries: New entries on bank accounts, by account and position.
        pairs: New pairs of matches, by account.
        unmatched: Pairs that no longer stand.
        explained: Lines and entries whose breaks were resolved, with their account.
    """

    records: set[tuple[type[Record], str]] = field(default_factory=set)
    dropped: set[tuple[type[Record], str]] = field(default_factory=set)
    sheets: dict[int, Sheet] = field(default_factory=dict)
    claims: dict[Key, Claim] = field(default_factory=dict)
    disputed: list[Key] = field(default_factory=list)
    new_claims: dict[int, Sequence[DocumentLine]] = field(default_factory=dict)
    moves: list[tuple[Key, int, int, str, DocumentLine]] = field(default_factory=list)
    payout_lines: dict[tuple[int, int], PayoutLine] = field(default_factory=dict)
    new_payout_lines: dict[int, Sequence[DocumentLine]] = field(default_factory=dict)
    accounts: dict[Account, dict[tuple[str, str], dict[str, int]]] = field(
        default_factory=_accounts
    )
    booked: list[tuple[str, str, str, int, str, str, str, str]] = field(default_factory=list)
    entries: list[tuple[str, AccountEntry]] = field(default_factory=list)
    pairs: dict[str, dict[Pair, None]] = field(default_factory=dict)
    unmatched: list[tuple[str, Pair]] = field(default_factory=list)
    explained: list[tuple[str, LineKey | int]] = field(default_factory=list)

    def cells(self) -> Iterator[tuple[Cell, dict[str, int]]]:
        """Changes of balances by cell in the order of cells, each by day."""
        for account, parts in sorted(self.accounts.items()):
            for part, days in sorted(parts.items()):
                yield (*account, *part), days


def move_of(on: str, line: DocumentLine) -> tuple[str, int, int, int]:
    """A line as a change of its claim: date, net, paid, in transit."""
    effect, amount = effects.EFFECTS[line.effect], line.amount_fen or 0
    return (on, effect.net * amount, effect.paid * amount, effect.transit * amount)


def pending(batch: int, number: int, line: DocumentLine) -> PayoutLine:
    """A line of a new batch, of which the bank has said nothing yet."""
    return PayoutLine(
        batch, number, line.claim or (0, 0), line.amount_fen or 0, changed_position=batch
    )
