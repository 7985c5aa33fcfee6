"""What is known of a bank account of the ledger before its statement is booked, and matched."""

from dataclasses import dataclass, field

from ledger.banking.matching import Item, Line, Refused
from ledger.banking.proposals import Answer, Name
from ledger.domain.bank_state import Span


@dataclass(frozen=True)
class KnownAccount:
    """What the ledger knows of an account of which a statement comes.

    Attributes:
        last4: Last four digits of its number, empty where nobody said.
        signed_to: Day to which it is signed off, empty for never.
        spans: What its statements cover, by day.
    """

    last4: str
    signed_to: str
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Unmatched:
    """The open rows of one account.

    Attributes:
        batches: Names of the batches that the items belong to, by position.
        debited: Lines of batches that stand matched with a booked line and are still pending,
            with the day of that line.
        refused: Pairs that somebody has taken back; they are not made again.
    """

    account: str
    lines: list[Line]
    items: list[Item]
    batches: dict[int, Name] = field(default_factory=dict)
    debited: list[Answer] = field(default_factory=list)
    refused: Refused = frozenset()
