"""What decisions need to know of bank accounts: statements, booked lines, entries, matches.

An account's own record is one as in ``ledger.domain.state``. Lines, entries and matches come by
the hundred thousand: they are rows, asked for and changed many at a time. Dates ISO text,
amounts fen, signed as the account moves.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.domain.state import Record

LineKey = tuple[str, str]
"""A booked line of an account: the day on which it was booked, and its name on that day."""

NO_LINE: LineKey = ("", "")


class Span(NamedTuple):
    """The days that a statement covers, with the balances around them."""

    first: str
    last: str
    opening_fen: int
    closing_fen: int


@dataclass(slots=True)
class BankAccount(Record):
    """An account whose statements are imported.

    Attributes:
        signed_to: Day up to which it is signed off, empty when it never was.
        statements: Statement id to the ``Span`` of each import under it, as lists.
    """

    signed_to: str = ""
    statements: dict[str, list[Span]] = field(default_factory=dict)

    def spans(self, statement_id: str) -> list[Span]:
        """What was imported under a statement's id, in the order of importing."""
        return [Span(*span) for span in self.statements.get(statement_id, ())]


@dataclass(slots=True)
class BookedLine:
    """One booked line of a bank statement.

    Attributes:
        matched_fen: How much of it is matched.
        resolved: Whether a break of it was resolved.
    """

    on: str
    name: str
    amount_fen: int
    matched_fen: int = 0
    resolved: bool = False

    @property
    def key(self) -> LineKey:
        """How it is told from the account's other lines."""
        return self.on, self.name

    @property
    def left_fen(self) -> int:
        """What is not matched."""
        return self.amount_fen - self.matched_fen


@dataclass(slots=True)
class AccountEntry:
    """What a posting moved on a bank account, seen from the bank."""

    position: int
    on: str
    amount_fen: int
    matched_fen: int = 0
    resolved: bool = False

    @property
    def left_fen(self) -> int:
        """What is not matched."""
        return self.amount_fen - self.matched_fen


class Pair(NamedTuple):
    """So much of a booked line is so much of a posting, or of one claim of it.

    Where the lines and the postings of a match do not pair up one by one, each stands in a pair
    of its own, whose other side is missing: ``NO_LINE``, or position 0.

    Attributes:
        match: Position of the match.
        line: The booked line.
        position: The posting.
        claim: Key of the claim that is meant of it, ``(0, 0)`` for the whole posting.
    """

    match: int
    line: LineKey
    position: int
    claim: tuple[int, int]
    amount_fen: int
