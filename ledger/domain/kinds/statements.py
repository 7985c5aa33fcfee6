"""Bank statements: imported, matched line by line, breaks resolved, signed off.

None of these moves money in the books; they hold the books against the bank. A *break* is
a statement line without match, or a posting on that account without a statement line.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Account,
    BankRef,
    Booking,
    Claim,
    Day,
    Names,
    Position,
    ReturnCode,
    Score,
    SignedAmount,
    Text,
)  # fmt: skip
from ledger.domain.state import AccountEntry, BankAccount, StatementLine
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


class MatchedItem(NamedTuple):
    """A posting, or one claim of it, that a statement line shows."""

    position: Position
    claim: Claim | None = None


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
class StatementLineMatched(Posting):
    """Statement lines show these postings."""

    account: Account
    statement_id: BankRef
    lines: Names
    matched: Annotated[Sequence[MatchedItem], Shape("lines", line=MatchedItem)]
    rule: Text
    score: Score


@kind("B", "statement")
class StatementLineUnmatched(Posting):
    """A match is taken back."""

    account: Account
    statement_id: BankRef
    lines: Names
    matched: Annotated[Sequence[MatchedItem], Shape("lines", line=MatchedItem)]
    rule: Text | None = None
    score: Score | None = None


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


class Share(NamedTuple):
    """How much of a posting, or of one claim of it, is matched; signed as the account moves."""

    position: int
    amount_fen: int
    claim: str


def amount_of(at: Context, account: str, item: MatchedItem) -> int:
    """What a posting, or one claim of it, moved on the account, seen from the bank."""
    entry = at.facts.get(AccountEntry, entry_id(account, item.position))
    if entry is None or item.claim is None:
        return entry.amount_fen if entry is not None else 0
    lines = at.facts.posting(item.position).lines
    amount = next((n.amount_fen or 0 for n in lines if n.body.get("claim") == item.claim), 0)
    return amount if entry.amount_fen > 0 else -amount


def require_spare(at: Context, account: str, matched: Sequence[MatchedItem]) -> list[Share]:
    """Shares of postings that are matched whole; refuse what has been matched already."""
    spare: dict[int, int] = {}
    shares: list[Share] = []
    for item in matched:
        entry = at.facts.get(AccountEntry, entry_id(account, item.position)) or AccountEntry("", 0)
        left = spare.get(item.position, entry.amount_fen - entry.matched_fen)
        amount = amount_of(at, account, item)
        if abs(amount) > abs(left) or amount * left <= 0 or item.claim in entry.claims:
            raise Refusal(
                "over_match", account=account, position=item.position, amount_fen=amount,
                available_fen=left,
            )  # fmt: skip
        spare[item.position] = left - amount
        shares.append(Share(item.position, amount, item.claim or ""))
    return shares


@decides("StatementLineMatched")
def decide_matched(posting: StatementLineMatched, at: Context) -> Decision:
    """What is matched may be no more than the lines show; it fills them in their order."""
    booked = require_lines(posting, at)
    shares = require_spare(at, posting.account, posting.matched)
    given = sum(share.amount_fen for share in shares)
    room = sum(line.amount_fen - line.matched_fen for _, line in booked)
    if abs(given) > abs(room) or given * room < 0:
        raise Refusal("over_match", account=posting.account, amount_fen=given, available_fen=room)
    filled: list[tuple[str, int]] = []
    for name, line in booked:
        part = min(abs(given), abs(line.amount_fen - line.matched_fen)) * (1 if given > 0 else -1)
        filled.append((name, part))
        given -= part
    return matching(posting.account, filled, shares, 1)


def matching(
    account: str, booked: Sequence[tuple[str, int]], shares: Sequence[Share], sign: int
) -> Decision:
    """The matching (sign 1) or unmatching (-1) of booked lines with postings."""
    lines = [
        DocumentLine(effects.MATCH, None, None, amount, {"booked": name, "sign": sign})
        for name, amount in booked
    ]
    lines += [
        DocumentLine(
            effects.MATCH, None, None, share.amount_fen,
            {"position": share.position, "sign": sign}
            | ({"claim": share.claim} if share.claim else {}),
        )
        for share in shares
    ]  # fmt: skip
    return Decision(f"account:{account}", lines=lines)


def require_lines(
    posting: StatementLineMatched | StatementLineUnmatched, at: Context
) -> list[tuple[str, StatementLine]]:
    """The booked lines that a posting names."""
    booked = []
    for line in posting.lines:
        found = find_line(at.facts, posting.account, posting.statement_id, line)
        if found is None:
            raise Refusal("unknown_statement", statement=posting.statement_id, line=line)
        booked.append(found)
    return booked


@decides("StatementLineUnmatched")
def decide_unmatched(posting: StatementLineUnmatched, at: Context) -> Decision:
    """Only a match that stands, whole: its lines with what they were matched with."""
    booked = require_lines(posting, at)
    names = {name for name, _ in booked}
    items = {(item.position, item.claim or "") for item in posting.matched}
    for position in booked[0][1].matched_by:
        lines = at.facts.posting(position).lines
        filled = [(n.body["booked"], n.amount_fen or 0) for n in lines if "booked" in n.body]
        shares = [
            Share(n.body["position"], n.amount_fen or 0, n.body.get("claim", ""))
            for n in lines
            if "position" in n.body
        ]
        same_items = items == {(share.position, share.claim) for share in shares}
        if same_items and names == {name for name, _ in filled}:
            decision = matching(posting.account, filled, shares, -1)
            decision.outcome["match"] = position
            return decision
    raise Refusal("not_matched", account=posting.account, line=posting.lines[0])


@evolves("StatementLineMatched", "StatementLineUnmatched")
def evolve_matching(event: Recorded, keeper: Keeper) -> None:
    """Fill lines and postings, or empty them again."""
    sign = 1 if event.kind == "StatementLineMatched" else -1
    match = event.outcome.get("match", event.position)
    for part in event.lines:
        amount = sign * (part.amount_fen or 0)
        if "booked" in part.body:
            name = part.body["booked"]
            line = keeper.get(StatementLine, name)
            assert line is not None
            line.matched_fen += amount
            if sign > 0:
                line.matched_by.append(match)
            else:
                line.matched_by.remove(match)
            keeper.keep(name, line)
            continue
        name = entry_id(event.fields["account"], part.body["position"])
        entry = keeper.get(AccountEntry, name)
        assert entry is not None
        entry.matched_fen += amount
        if "claim" in part.body and sign > 0:
            entry.claims.append(part.body["claim"])
        elif "claim" in part.body:
            entry.claims.remove(part.body["claim"])
        keeper.keep(name, entry)


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
