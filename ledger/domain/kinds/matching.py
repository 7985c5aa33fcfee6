"""Matching booked lines of statements with postings, and taking a match back.

What is matched may be no more than the lines show; a posting, or one claim of it, is matched
whole, and lines are filled in their order.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from ledger.domain import effects
from ledger.domain.bank_state import AccountEntry, StatementLine
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.kinds.statements import entry_id, find_line
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Account,
    BankRef,
    Claim,
    Names,
    Position,
    Score,
    Text,
)  # fmt: skip
from ledger.kernel.errors import Refusal


class MatchedItem(NamedTuple):
    """A posting, or one claim of it, that a statement line shows."""

    position: Position
    claim: Claim | None = None


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
