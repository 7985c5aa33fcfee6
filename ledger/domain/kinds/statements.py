"""Bank statements: imported, matched line by line, breaks resolved, signed off.

None of these moves money in the books; they hold the books against the bank. A *break* is
a statement line without match, or a posting on that account without a statement line.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from ledger.domain import effects
from ledger.domain.bank_state import AccountEntry, BankAccount, StatementLine
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Account,
    BankRef,
    Booking,
    Day,
    Position,
    ReturnCode,
    SignedAmount,
    Text,
)  # fmt: skip
from ledger.kernel.errors import Refusal

Balance = Annotated[int, Shape("signed0")]


class BookedLine(NamedTuple):
    """One booked line of a statement; the amount signed as the account moves, in fen."""

    line: Booking
    on: Day
    amount_fen: SignedAmount
    value_on: Day | None = None
    end_to_end: BankRef | None = None
    batch: BankRef | None = None
    return_code: ReturnCode | None = None


@kind("B", "statement")
class StatementImported(Posting):
    """A bank's statement of one account."""

    account: Account
    statement_id: BankRef
    from_: Day
    to: Day
    opening_fen: Balance
    closing_fen: Balance
    lines: Annotated[Sequence[BookedLine], Shape("lines", line=BookedLine, may_be_empty=True)]


@kind("B", "statement")
class BreakResolved(Posting):
    """A break is explained."""

    account: Account
    reason: Text
    statement_id: BankRef | None = None
    line: Booking | None = None
    position: Position | None = None


@kind("B", "statement")
class StatementReconciled(Posting):
    """The account is signed off to a day."""

    account: Account
    to: Day


POTS = {
    "wage": ("wage_account",),
    "deposit": ("deposit_cash", "deposit_interest"),
    "fund": ("cash",),
}
"""Ledger accounts whose sum the bank shows, by the first part of a statement account."""


def line_id(account: str, on: str, line: str) -> str:
    """Id of a booked line; the same on every statement that shows it."""
    return f"{account}|{on}|{line}"


def entry_id(account: str, position: int) -> str:
    """Id of what a posting moved on an account."""
    return f"{account}|{position:012d}"


def bank_entries(journal: Iterable[Any]) -> dict[str, int]:
    """What a posting moves on bank accounts, seen from the bank, by statement account."""
    moved: dict[str, int] = {}
    for line in journal:
        pot = POT_OF.get(line.account)
        if pot is None:
            continue
        of = line.book.removeprefix("fund:") if pot == "fund" else line.project
        account = f"{pot}:{of}"
        moved[account] = moved.get(account, 0) + line.amount_fen
    return {account: amount for account, amount in moved.items() if amount}


POT_OF = {account: pot for pot, accounts in POTS.items() for account in accounts}


def find_line(
    facts: Facts, account: str, statement_id: str | None, line: str
) -> tuple[str, StatementLine] | None:
    """A booked line by the statement that first showed it or any that overlaps it."""
    kept = facts.get(BankAccount, account)
    spans = kept.statements.get(statement_id or "", ()) if kept is not None else ()
    if not spans:
        return None
    for name, found in facts.scan(StatementLine, f"{account}|").items():
        shown = any(first <= found.on <= last for first, last, _ in spans)
        if shown and name.split("|", 2)[2] == line:
            return name, found
    return None


@decides("StatementImported")
def decide_imported(posting: StatementImported, at: Context) -> Decision:
    """An overlap must show the same lines on the days that both statements cover."""
    kept = at.facts.get(BankAccount, posting.account) or BankAccount()
    given = {line_id(posting.account, line.on, line.line): line for line in posting.lines}
    known = at.facts.scan(StatementLine, f"{posting.account}|")
    for start, end, opening in itertools.chain.from_iterable(kept.statements.values()):
        first, last = max(start, posting.from_), min(end, posting.to)
        before = {n: s.amount_fen for n, s in known.items() if first <= s.on <= last}
        now = {n: li.amount_fen for n, li in given.items() if first <= li.on <= last}
        same_days = (start, end) == (posting.from_, posting.to)
        if before != now or (same_days and opening != posting.opening_fen):
            raise Refusal(
                "statement_overlap", account=posting.account, statement=posting.statement_id
            )
    lines = [
        DocumentLine(effects.STATEMENT, None, None, line.amount_fen, booked_fields(line))
        for line in posting.lines
    ]
    return Decision(f"account:{posting.account}", lines=lines)


def booked_fields(line: BookedLine) -> dict[str, str]:
    """A booked line's fields as they enter the log (``line`` is the number there)."""
    fields = {
        "booking": line.line, "on": line.on, "value_on": line.value_on,
        "end_to_end": line.end_to_end, "batch": line.batch, "return_code": line.return_code,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


@evolves("StatementImported")
def evolve_imported(event: Recorded, keeper: Keeper) -> None:
    """Keep new lines; those that an earlier statement showed stay as they are."""
    fields = event.fields
    account = fields["account"]
    kept = keeper.get(BankAccount, account) or BankAccount()
    imports = kept.statements.setdefault(fields["statement_id"], [])
    imports.append((fields["from"], fields["to"], fields["opening_fen"]))
    keeper.keep(account, kept)
    for line in event.lines:
        name = line_id(account, line.body["on"], line.body["booking"])
        if keeper.get(StatementLine, name) is None:
            keeper.keep(
                name,
                StatementLine(line.body["on"], line.amount_fen or 0, fields["statement_id"]),
            )


@decides("BreakResolved")
def decide_resolved(posting: BreakResolved, at: Context) -> Decision:
    """Only something that is a break now."""
    if posting.position is not None:
        name = entry_id(posting.account, posting.position)
        entry = at.facts.get(AccountEntry, name)
        standing = entry is not None and entry.matched_fen != entry.amount_fen
        resolved = entry is not None and entry.resolved
    else:
        found = find_line(at.facts, posting.account, posting.statement_id, posting.line or "")
        name = found[0] if found is not None else ""
        standing = found is not None and found[1].matched_fen != found[1].amount_fen
        resolved = found is not None and found[1].resolved
    if not standing or resolved:
        raise Refusal("not_a_break", account=posting.account, position=posting.position)
    return Decision(f"account:{posting.account}", outcome={"break": name})


@evolves("BreakResolved")
def evolve_resolved(event: Recorded, keeper: Keeper) -> None:
    """The break no longer stands in the way of a sign-off."""
    name = event.outcome["break"]
    record = keeper.get(AccountEntry, name) or keeper.get(StatementLine, name)
    assert record is not None
    record.resolved = True
    keeper.keep(name, record)


def open_breaks(facts: Facts, account: str, to: str) -> list[str]:
    """Ids of the breaks of an account up to a day that nobody has explained."""
    prefix = f"{account}|"
    both: dict[str, StatementLine | AccountEntry] = {
        **facts.scan(StatementLine, prefix),
        **facts.scan(AccountEntry, prefix),
    }
    return [
        name
        for name, found in both.items()
        if found.on <= to and found.matched_fen != found.amount_fen and not found.resolved
    ]


@decides("StatementReconciled")
def decide_reconciled(posting: StatementReconciled, at: Context) -> Decision:
    """Signed off only without open breaks."""
    breaks = open_breaks(at.facts, posting.account, posting.to)
    if breaks:
        raise Refusal("open_breaks", account=posting.account, count=len(breaks))
    return Decision(f"account:{posting.account}")


@evolves("StatementReconciled")
def evolve_reconciled(event: Recorded, keeper: Keeper) -> None:
    """Nothing dated up to this day moves the account any more."""
    account = event.fields["account"]
    kept = keeper.get(BankAccount, account) or BankAccount()
    kept.signed_to = max(kept.signed_to, event.fields["to"])
    keeper.keep(account, kept)
