"""What decisions need to know of bank accounts: statements, booked lines, entries, matches.

Records as in ``ledger.domain.state``: JSON-shaped, dates ISO text, amounts fen.
"""

from dataclasses import dataclass, field

from ledger.domain.state import Record


@dataclass(slots=True)
class BankAccount(Record):
    """An account whose statements are imported.

    Attributes:
        signed_to: Day up to which it is signed off, empty when it never was.
        statements: Statement id to ``[from, to, opening_fen]`` of each import under it.
    """

    signed_to: str = ""
    statements: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)


@dataclass(slots=True)
class StatementLine(Record):
    """One booked line of a bank statement.

    Attributes:
        matched_fen: How much of it is matched.
        resolved: Whether a break of it was resolved.
        matched_by: Positions of the matches that stand.
    """

    on: str
    amount_fen: int
    statement: str
    matched_fen: int = 0
    resolved: bool = False
    matched_by: list[int] = field(default_factory=list)


@dataclass(slots=True)
class AccountEntry(Record):
    """What a posting moved on a bank account, seen from the bank.

    Attributes:
        claims: Claims that are matched, where they were matched one by one.
    """

    on: str
    amount_fen: int
    matched_fen: int = 0
    resolved: bool = False
    claims: list[str] = field(default_factory=list)
