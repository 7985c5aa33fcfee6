"""Bank statements: imported, matched line by line, breaks resolved, signed off.

None of these moves money in the books; they hold the books against the bank. A *break* is
a statement line without match, or a posting on that account without a statement line.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from ledger.domain import effects
from ledger.domain.bank_state import (
    NO_LINE,
    AccountEntry,
    BankAccount,
    BookedLine,
    LineKey,
    Span,
)  # fmt: skip
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


class StatementLine(NamedTuple):
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
    lines: Annotated[Sequence[StatementLine], Shape("lines", line=StatementLine, may_be_empty=True)]


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


def break_id(account: str, of: LineKey | int) -> str:
    """Name of a break: of a booked line, or of what a posting moved on an account."""
    return f"{account}|{of:012d}" if isinstance(of, int) else f"{account}|{of[0]}|{of[1]}"


def explained_by(name: str) -> LineKey | int:
    """The booked line, or the position, that a break's name means."""
    _, first, *rest = name.split("|", 2)
    return (first, rest[0]) if rest else int(first)


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


def find_lines(
    facts: Facts, account: str, statement_id: str | None, names: Sequence[str]
) -> list[BookedLine | None]:
    """Booked lines by a statement that shows them, first or after another; None for the others.

    A bank may give the same name on several days; then a name means the earliest of them, and
    ``<day>|<name>`` any other.
    """
    spans = (facts.get(BankAccount, account) or BankAccount()).spans(statement_id or "")
    if not spans:
        return [None] * len(names)

    days: dict[str, bool] = {}

    def shown(on: str) -> bool:
        if on not in days:
            days[on] = any(span.first <= on <= span.last for span in spans)
        return days[on]

    keys = {name: key for name in names if (key := dated(name)) is not None and shown(key[0])}
    found = dict(facts.booked_lines(account, keys.values())) if keys else {}
    keys = {name: key for name, key in keys.items() if key in found}
    plain = {name for name in names if name not in keys}
    if plain:
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        for key in facts.booked_named(account, first, last, plain):
            if shown(key[0]):
                keys.setdefault(key[1], key)
        found |= facts.booked_lines(account, [keys[name] for name in plain if name in keys])
    return [found[keys[name]] if name in keys else None for name in names]


def dated(name: str) -> LineKey | None:
    """The line that ``<day>|<name>`` means, None for a name without a day."""
    if name[_DAY_CHARACTERS : _DAY_CHARACTERS + 1] != "|":
        return None
    return name[:_DAY_CHARACTERS], name[_DAY_CHARACTERS + 1 :]


_DAY_CHARACTERS = len("2026-03-31")


@decides("StatementImported")
def decide_imported(posting: StatementImported, at: Context) -> Decision:
    """An overlap must show the same lines on the days that both statements cover."""
    kept = at.facts.get(BankAccount, posting.account) or BankAccount()
    outcome: dict[str, int] = {}
    if differs(posting, kept, at.facts):
        part = part_of(posting, kept, at.facts)
        if not part:
            raise Refusal(
                "statement_overlap", account=posting.account, statement=posting.statement_id
            )
        outcome["part"] = part
    lines = [
        DocumentLine(effects.STATEMENT, None, None, line.amount_fen, booked_fields(line))
        for line in posting.lines
    ]
    return Decision(f"account:{posting.account}", lines=lines, outcome=outcome)


def differs(posting: StatementImported, kept: BankAccount, facts: Facts) -> bool:
    """Whether a statement contradicts an earlier one on days that both cover."""
    from_, to = posting.from_, posting.to
    names = kept.statements
    spans = [s for name in names for s in kept.spans(name) if s.first <= to and s.last >= from_]
    if not spans:
        return False
    if any(s[:2] == (from_, to) and s.opening_fen != posting.opening_fen for s in spans):
        return True
    first, last = min(s.first for s in spans), max(s.last for s in spans)
    known = facts.booked_between(posting.account, max(from_, first), min(to, last))
    given = {(line.on, line.line): line.amount_fen for line in posting.lines}
    days = {on for lines in (known, given) for on, _ in lines}
    both = {on for on in days if any(s.first <= on <= s.last for s in spans)}
    before = {key: amount for key, amount in known.items() if key[0] in both}
    return before != {key: amount for key, amount in given.items() if key[0] in both}


def part_of(posting: StatementImported, kept: BankAccount, facts: Facts) -> int:
    """Which part of a day this is, where a day has more lines than a posting may; else 0.

    A further part has the statement's id and day, begins with the balance with which the part
    before ended, and shows none of its lines again.
    """
    parts = [s for s in kept.spans(posting.statement_id) if s[:2] == (posting.from_, posting.to)]
    goes_on = bool(parts) and posting.from_ == posting.to
    if not goes_on or parts[-1].closing_fen != posting.opening_fen:
        return 0
    keys = [(line.on, line.line) for line in posting.lines]
    return 0 if facts.booked_lines(posting.account, keys) else len(parts) + 1


def booked_fields(line: StatementLine) -> dict[str, str]:
    """A booked line's fields as they enter the log (``line`` is the number there)."""
    fields = {"booking": line.line, "on": line.on}
    if line.value_on is not None:
        fields["value_on"] = line.value_on
    if line.end_to_end is not None:
        fields["end_to_end"] = line.end_to_end
    if line.batch is not None:
        fields["batch"] = line.batch
    if line.return_code is not None:
        fields["return_code"] = line.return_code
    return fields


@evolves("StatementImported")
def evolve_imported(event: Recorded, keeper: Keeper) -> None:
    """Keep new lines; those of days that an earlier statement covers are there already."""
    fields = event.fields
    account, named = fields["account"], fields["statement_id"]
    kept = keeper.get(BankAccount, account) or BankAccount()
    covered = [span for name in kept.statements for span in kept.spans(name)]
    span = Span(fields["from"], fields["to"], fields["opening_fen"], fields["closing_fen"])
    kept.statements.setdefault(named, []).append(span)
    keeper.keep(account, kept)
    lines = event.lines
    overlaps = any(s.first <= span.last and s.last >= span.first for s in covered)
    if overlaps and "part" not in event.outcome:
        days = {line.body["on"] for line in lines}
        new = {on for on in days if not any(s.first <= on <= s.last for s in covered)}
        lines = [line for line in lines if line.body["on"] in new]
    keeper.book(account, named, lines)


@decides("BreakResolved")
def decide_resolved(posting: BreakResolved, at: Context) -> Decision:
    """Only something that is a break now."""
    found: AccountEntry | BookedLine | None
    of: LineKey | int
    if posting.position is not None:
        of = posting.position
        found = at.facts.entries(posting.account, [of]).get(of)
    else:
        found = find_lines(
            at.facts, posting.account, posting.statement_id, [posting.line or ""]
        )[0]  # fmt: skip
        of = found.key if found is not None else NO_LINE
    if found is None or not found.left_fen or found.resolved:
        raise Refusal("not_a_break", account=posting.account, position=posting.position)
    name = break_id(posting.account, of)
    return Decision(f"account:{posting.account}", outcome={"break": name})


@evolves("BreakResolved")
def evolve_resolved(event: Recorded, keeper: Keeper) -> None:
    """The break no longer stands in the way of a sign-off."""
    keeper.explain(event.fields["account"], explained_by(event.outcome["break"]))


@decides("StatementReconciled")
def decide_reconciled(posting: StatementReconciled, at: Context) -> Decision:
    """Signed off only without open breaks."""
    count = at.facts.count_open_breaks(posting.account, posting.to)
    if count:
        raise Refusal("open_breaks", account=posting.account, count=count)
    return Decision(f"account:{posting.account}")


@evolves("StatementReconciled")
def evolve_reconciled(event: Recorded, keeper: Keeper) -> None:
    """Nothing dated up to this day moves the account any more."""
    account = event.fields["account"]
    kept = keeper.get(BankAccount, account) or BankAccount()
    kept.signed_to = max(kept.signed_to, event.fields["to"])
    keeper.keep(account, kept)
