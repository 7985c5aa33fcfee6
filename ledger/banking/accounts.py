"""What is known of a bank account of the ledger before its statement is booked, and matched."""

from dataclasses import dataclass, field

from ledger.banking.matching import Item, Line, Refused
from ledger.banking.proposals import Debited, Name
from ledger.domain.bank_state import Span


@dataclass(frozen=True)
class KnownAccount:
    """What the ledger knows of an account of which a statement comes.

    Attributes:
        last4: Last four digits of its number, empty where nobody said.
        signed_to: Day to which it is signed off, empty for never.
        by_statement: What its statements cover, with their ids, by day.
    """

    last4: str
    signed_to: str
    by_statement: tuple[tuple[str, Span], ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """What its statements cover, by day."""
        return tuple(span for _, span in self.by_statement)


@dataclass(slots=True)
class Unmatched:
    """The open rows of one account.

    Attributes:
        batches: Names of the batches that the items belong to, by position.
        debited: Payments that stand matched with a booked line and are still pending, by the day
            of that line.
        refused: Pairs that somebody has taken back; they are not made again.
    """

    account: str
    lines: list[Line]
    items: list[Item]
    batches: dict[int, Name] = field(default_factory=dict)
    debited: Debited = field(default_factory=dict)
    refused: Refused = frozenset()


@dataclass(frozen=True)
class Balances:
    """What bank and ledger say of an account at the end of a day, in fen.

    The bank's balance of a wage account is the ledger's and what is in transit and not debited
    yet.

    Attributes:
        bank_fen: By the statement that reaches to the day.
        ledger_fen: By the postings up to the day.
        not_at_bank_fen: Of these, what no line up to the day shows.
        not_in_ledger_fen: Of the lines up to the day, what no posting up to it explains.
    """

    bank_fen: int
    ledger_fen: int
    not_at_bank_fen: int
    not_in_ledger_fen: int

    @property
    def expected_fen(self) -> int:
        """What the bank should have, as the ledger and the open and explained breaks lead to it."""
        return self.ledger_fen - self.not_at_bank_fen + self.not_in_ledger_fen
