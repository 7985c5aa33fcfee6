"""Matching booked lines of statements with postings, and taking a match back.

What is matched may be no more than the lines show; a posting, or one claim of it, is matched
whole, and lines are filled in their order. One posting may match very many lines: where lines
and postings pair up one by one in their order, each pair stands for itself and may be taken
back by itself; any other match is taken back whole.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from ledger.domain import effects
from ledger.domain.bank_state import NO_LINE, AccountEntry, BookedLine, LineKey, Pair
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper, Key
from ledger.domain.kinds.statements import find_lines
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

NO_CLAIM: Final[Key] = (0, 0)


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
    claim: Key
    name: str
    amount_fen: int


NO_SHARE: Final = Share(0, NO_CLAIM, "", 0)


class Part(NamedTuple):
    """What a match does to one line, to one posting, or to both where they pair up."""

    line: LineKey
    share: Share
    amount_fen: int


def require_lines(
    posting: StatementLineMatched | StatementLineUnmatched, at: Context
) -> list[BookedLine]:
    """The booked lines that a posting names."""
    found = find_lines(at.facts, posting.account, posting.statement_id, posting.lines)
    booked = []
    for name, line in zip(posting.lines, found, strict=True):
        if line is None:
            raise Refusal("unknown_statement", statement=posting.statement_id, line=name)
        booked.append(line)
    return list({id(line): line for line in booked}.values())  # named twice, it is still one


def item_key(item: MatchedItem, at: Context) -> tuple[int, Key]:
    """A posting, and the claim that is meant of it, as they stand in pairs."""
    return item.position, at.claim_keys[item.claim] if item.claim is not None else NO_CLAIM


def require_spare(at: Context, account: str, matched: Sequence[MatchedItem]) -> list[Share]:
    """Shares of postings that are matched whole; refuse what has been matched already."""
    entries = at.facts.entries(account, {item.position for item in matched})
    spares = {position: Spare(entry) for position, entry in entries.items()}
    shares: list[Share] = []
    for position, claim in matched:
        spare = spares.get(position, NOTHING)
        key, amount, twice = NO_CLAIM, spare.amount_fen, False
        if claim is not None:
            key = at.claim_keys[claim]
            if spare.amounts is None and spare is not NOTHING:
                spare.amounts = at.facts.amounts_by_claim(position)
                spare.taken = set(
                    at.facts.matched_claims(account, position, at.claim_keys.values())
                )
            amount = (spare.amounts or {}).get(key, 0) * (1 if amount > 0 else -1)
            twice = key in spare.taken
        left = spare.left_fen
        if abs(amount) > abs(left) or amount * left <= 0 or twice:
            raise Refusal(
                "over_match", account=account, position=position, amount_fen=amount,
                available_fen=left,
            )  # fmt: skip
        spare.left_fen = left - amount
        if claim is not None:
            spare.taken.add(key)
        shares.append(Share(position, key, claim or "", amount))
    return shares


class Spare:
    """What is left of an entry while a posting is judged, and its claims once asked for."""

    __slots__ = ("amount_fen", "amounts", "left_fen", "taken")

    def __init__(self, entry: AccountEntry) -> None:
        self.amount_fen, self.left_fen = entry.amount_fen, entry.left_fen
        self.amounts: Mapping[Key, int] | None = None
        self.taken: set[Key] = set()


NOTHING: Final = Spare(AccountEntry(0, "", 0))


@decides("StatementLineMatched")
def decide_matched(posting: StatementLineMatched, at: Context) -> Decision:
    """What is matched may be no more than the lines show; it fills them in their order."""
    booked = require_lines(posting, at)
    shares = require_spare(at, posting.account, posting.matched)
    given = sum(share.amount_fen for share in shares)
    room = sum(line.left_fen for line in booked)
    contrary = given != room and any(line.left_fen * given < 0 for line in booked)
    if abs(given) > abs(room) or given * room < 0 or contrary:
        raise Refusal("over_match", account=posting.account, amount_fen=given, available_fen=room)
    return matching(posting.account, paired(filled(booked, given, room), shares), {})


def filled(booked: Sequence[BookedLine], given: int, room: int) -> list[tuple[LineKey, int]]:
    """How much of each line is matched: all of them wholly, or one after the other."""
    if given == room:
        return [(line.key, line.left_fen) for line in booked]
    parts = []
    for line in booked:
        part = min(abs(given), abs(line.left_fen)) * (1 if given > 0 else -1)
        parts.append((line.key, part))
        given -= part
    return parts


def paired(booked: Sequence[tuple[LineKey, int]], shares: Sequence[Share]) -> list[Part]:
    """Put each line with its posting where they pair up one by one, else each by itself."""
    if [amount for _, amount in booked] == [share.amount_fen for share in shares]:
        return [
            Part(key, share, amount) for (key, amount), share in zip(booked, shares, strict=True)
        ]
    return [
        *(Part(key, NO_SHARE, amount) for key, amount in booked),
        *(Part(NO_LINE, share, share.amount_fen) for share in shares),
    ]


def matching(account: str, parts: Sequence[Part], outcome: dict[str, int]) -> Decision:
    """The matching of booked lines with postings, or its taking back."""
    lines = []
    for (on, name), share, amount in parts:
        body: dict[str, str | int] = {"booked": name, "booked_on": on} if name else {}
        if share.position:
            body["position"] = share.position
        if share.name:
            body["claim"] = share.name
        claim = share.claim if share.name else None
        lines.append(DocumentLine(effects.MATCH, claim, None, amount, body))
    return Decision(f"account:{account}", lines=lines, outcome=outcome)


@decides("StatementLineUnmatched")
def decide_unmatched(posting: StatementLineUnmatched, at: Context) -> Decision:
    """Only what stands: a match whole, or those of its pairs that are named with both sides."""
    booked = require_lines(posting, at)
    lines = {line.key for line in booked}
    names = {item_key(item, at): item.claim or "" for item in posting.matched}
    found = at.facts.pairs(posting.account, lines, names)
    of_first = [pair.match for pair in found if pair.line == booked[0].key]
    for match in dict.fromkeys(sorted(of_first)):
        pairs = [pair for pair in found if pair.match == match]
        given = {pair.line for pair in pairs} - {NO_LINE}
        items = {(pair.position, pair.claim) for pair in pairs} - {(0, NO_CLAIM)}
        if given != lines or items != names.keys() or not stands_alone(match, pairs, at):
            continue
        parts = [
            Part(line, Share(position, claim, names.get((position, claim), ""), amount), amount)
            for _, line, position, claim, amount in pairs
        ]
        return matching(posting.account, parts, {"match": match})
    raise Refusal("not_matched", account=posting.account, line=posting.lines[0])


def stands_alone(match: int, pairs: Sequence[Pair], at: Context) -> bool:
    """Whether nothing else of a match hangs on these pairs."""
    if all(pair.position and pair.line != NO_LINE for pair in pairs):
        return True
    return len(pairs) == len(at.facts.posting(match).lines)


@evolves("StatementLineMatched", "StatementLineUnmatched")
def evolve_matching(event: Recorded, keeper: Keeper) -> None:
    """Store what is matched, or forget it again."""
    match = event.outcome.get("match", event.position)
    pairs = [
        Pair(
            match,
            (body["booked_on"], body["booked"]) if "booked" in body else NO_LINE,
            body.get("position", 0),
            claim or NO_CLAIM,
            amount or 0,
        )
        for _, claim, _, amount, body in event.lines
    ]
    if event.kind == "StatementLineMatched":
        keeper.match(event.fields["account"], pairs)
    else:
        keeper.unmatch(event.fields["account"], pairs)
