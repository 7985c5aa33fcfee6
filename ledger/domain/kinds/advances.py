"""Advances of the emergency turnover fund: requested, approved, paid, returned.

Legal source: Decree 724 art. 63; local measures (rules.md, A5). An advance reduces the
worker's claim; the fund steps into it and recovers from the employer.
"""

from collections.abc import Iterable

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper, free_from, lowest_paid_from
from ledger.domain.journal import Journal, fund_book
from ledger.domain.kinds.emergency_fund import MEMO, available_from
from ledger.domain.kinds.notices import ClaimAmount, ClaimAmounts, add_case_claims, claim_lines
from ledger.domain.kinds.register import project_of
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Advance,
    BankRef,
    Case,
    Claims,
    Fund,
    Level,
    NewRef,
    Project,
)  # fmt: skip
from ledger.domain.state import Advance as AdvanceRecord
from ledger.domain.state import AdvanceList
from ledger.domain.state import Claim as ClaimRecord
from ledger.kernel.errors import Refusal

LEVELS = ("bureau", "government")


@kind("I", "fund")
class AdvanceRequested(Posting):
    """The authority asks the fund for part of unpaid wages."""

    region: Fund
    advance: NewRef
    project: Project
    case: Case
    lines: ClaimAmounts
    level: Level = "bureau"


@kind("F", "fund")
class AdvanceApproved(Posting):
    """The request is approved and its sum committed."""

    region: Fund
    advance: Advance
    level: Level = "bureau"


@kind("F", "fund")
class AdvanceRejected(Posting):
    """The request is rejected; a commitment is free again."""

    region: Fund
    advance: Advance


@kind("B", "fund")
class AdvancePaid(Posting):
    """The fund's bank pays the workers; the employer owes the fund."""

    region: Fund
    advance: Advance
    claims: Claims | None = None
    bank_ref: BankRef | None = None


@kind("B", "fund")
class AdvanceReturned(Posting):
    """Advances did not reach the workers and came back."""

    region: Fund
    advance: Advance
    claims: Claims


@decides("AdvanceRequested")
def decide_requested(posting: AdvanceRequested, at: Context) -> Decision:
    """In arrears, free, and within the cap unless the government decides."""
    if at.facts.get(AdvanceRecord, posting.advance) is not None:
        raise Refusal("advance_exists", advance=posting.advance)
    for line in posting.lines:
        claim = at.claims[line.claim]
        if claim.due_on >= posting.on or claim.open_fen == 0:
            raise Refusal("not_in_arrears", claim=line.claim, due_on=claim.due_on)
    asked = asked_elsewhere(at)
    for line in posting.lines:
        free = free_from(at.claims[line.claim], posting.on, at.facts) - asked.get(line.claim, 0)
        if line.amount_fen > free:
            raise Refusal(
                "over_claim", claim=line.claim, amount_fen=line.amount_fen, available_fen=free
            )
    if posting.level == "bureau":
        require_cap(posting, at)
    return Decision(
        f"fund:{posting.region}", lines=claim_lines(at, posting.lines, effects.REQUEST),
        outcome={"total_fen": sum(line.amount_fen for line in posting.lines)},
    )  # fmt: skip


def asked_elsewhere(at: Context) -> dict[str, int]:
    """What other requests, not rejected and not paid, ask for each claim, in fen."""
    asked: dict[str, int] = {}
    for name in at.the_project().advances:
        advance = at.facts.get(AdvanceRecord, name)
        assert advance is not None
        if advance.state in {"requested", "approved"}:
            for claim, (amount, _) in advance.lines.items():
                asked[claim] = asked.get(claim, 0) + int(amount)
    return asked


def require_cap(posting: AdvanceRequested, at: Context) -> None:
    """Refuse more than a worker may be advanced (rules.md, A5; postings.md, Cap)."""
    share = at.number("fund.cap_p", posting.region, posting.on)
    factor = at.number("fund.cap_k", posting.region, posting.on)
    wage = at.policy("minimum_wage.month", posting.region, posting.on)
    if wage is None:
        at.warn("no_minimum_wage")
    by_worker: dict[str, list[ClaimAmount]] = {}
    for line in posting.lines:
        by_worker.setdefault(at.claims[line.claim].worker, []).append(line)
    for worker, lines in by_worker.items():
        counted = counted_lines(at, worker, posting.region)
        total = sum(amount for _, amount in counted) + sum(line.amount_fen for line in lines)
        names = dict.fromkeys([name for name, _ in counted] + [line.claim for line in lines])
        claims = at.facts.claims(names)
        arrears = sum(
            claim.net_fen - lowest_paid_from(claim, claim.due_on, at.facts)
            for claim in claims.values()
        )
        cap = arrears * share // 100
        if wage is not None:
            cap = min(cap, factor * int(wage.value))
        if total > cap:
            raise Refusal("over_cap", worker=worker, amount_fen=total, cap_fen=cap)


def counted_lines(at: Context, worker: str, region: str) -> list[tuple[str, int]]:
    """A worker's lines of all requests in the area that count toward the cap."""
    kept = at.facts.get(AdvanceList, worker)
    counted: list[tuple[str, int]] = []
    for name in kept.advances if kept is not None else []:
        advance = at.facts.get(AdvanceRecord, name)
        assert advance is not None
        if advance.region[:4] == region[:4]:
            counted.extend(
                (claim, amount)
                for claim, (amount, who) in advance.counted().items()
                if who == worker
            )
    return counted


@evolves("AdvanceRequested")
def evolve_requested(event: Recorded, keeper: Keeper) -> None:
    """Open the request; its claims are the case's too."""
    fields = event.fields
    lines: dict[str, list[int | str]] = {
        line.body["claim"]: [line.amount_fen or 0, line.worker or ""] for line in event.lines
    }
    keeper.keep(
        fields["advance"],
        AdvanceRecord(
            fields["region"], fields["project"], fields["case"], fields["level"], event.on, lines
        ),
    )
    project = project_of(event, keeper)
    project.advances.append(fields["advance"])
    keeper.keep(fields["project"], project)
    for worker in dict.fromkeys(str(line[1]) for line in lines.values()):
        kept = keeper.get(AdvanceList, worker) or AdvanceList()
        kept.advances.append(fields["advance"])
        keeper.keep(worker, kept)
    add_case_claims(fields["case"], list(lines), keeper)


def advance_at(at: Context) -> AdvanceRecord:
    """The advance that the posting names."""
    assert at.advance is not None
    return at.advance


def requested_total(advance: AdvanceRecord) -> int:
    """Sum of all requested lines, in fen."""
    return sum(int(amount) for amount, _ in advance.lines.values())


@decides("AdvanceApproved")
def decide_approved(posting: AdvanceApproved, at: Context) -> Decision:
    """At the level that was asked for, and out of what is available."""
    advance = advance_at(at)
    if advance.state != "requested":
        raise Refusal("advance_decided", advance=posting.advance, state=advance.state)
    if LEVELS.index(posting.level) < LEVELS.index(advance.level):
        raise Refusal("level_too_low", level=posting.level, advance=posting.advance)
    total = requested_total(advance)
    available = available_from(at.facts, posting.region, posting.on)
    if total > available:
        raise Refusal(
            "insufficient_funds", account="fund", amount_fen=total, available_fen=available
        )
    return Decision(f"fund:{posting.region}", outcome={"committed_fen": total})


@decides("AdvanceRejected")
def decide_rejected(posting: AdvanceRejected, at: Context) -> Decision:
    """Until payment."""
    advance = advance_at(at)
    if advance.state in {"rejected", "paid"}:
        raise Refusal("advance_decided", advance=posting.advance, state=advance.state)
    freed = requested_total(advance) if advance.state == "approved" else 0
    return Decision(f"fund:{posting.region}", outcome={"committed_fen": -freed})


@evolves("AdvanceApproved", "AdvanceRejected")
def evolve_decided(event: Recorded, keeper: Keeper) -> None:
    """The request's new state, and the commitment."""
    advance = keeper.get(AdvanceRecord, event.fields["advance"])
    assert advance is not None
    if event.kind == "AdvanceApproved":
        advance.state, advance.approved_on = "approved", event.on
    else:
        advance.state = "rejected"
    keeper.keep(event.fields["advance"], advance)
    commit(event, keeper)


def commit(event: Recorded, keeper: Keeper) -> None:
    """Change the fund's commitment by the event's outcome."""
    change = event.outcome["committed_fen"]
    keeper.add_memo("committed", event.fields["region"], event.on, change)


@decides("AdvancePaid")
def decide_paid(posting: AdvancePaid, at: Context) -> Decision:
    """The claims are discharged and the employer owes the fund."""
    advance = advance_at(at)
    if advance.state == "paid":
        raise Refusal("already_paid", advance=posting.advance)
    if advance.state != "approved":
        raise Refusal("not_approved", advance=posting.advance, state=advance.state)
    names = list(posting.claims) if posting.claims is not None else list(advance.lines)
    for name in names:
        if name not in advance.lines:
            raise Refusal("not_requested", claim=name, advance=posting.advance)
    claims = at.facts.claims(names)
    paid = [(claims[name], int(advance.lines[name][0])) for name in names]
    for claim, amount in paid:
        free = free_from(claim, posting.on, at.facts)
        if amount > free:
            raise Refusal("over_claim", claim=claim.name, amount_fen=amount, available_fen=free)
    book = fund_book(posting.region)
    journal = Journal()
    for claim, amount in paid:
        journal.add(book, "cash", -amount)
        journal.add(book, "receivable", amount, counterparty=claim.employer)
        journal.add(
            claim.employer, "wages_payable", amount, project=advance.project, due_on=claim.due_on
        )
        journal.add(claim.employer, "due_to_fund", -amount, counterparty=book)
    return Decision(
        f"fund:{posting.region}", journal.lines(), advance_lines(paid, effects.DISCHARGE),
        outcome={"committed_fen": -requested_total(advance)},
    )  # fmt: skip


def advance_lines(paid: Iterable[tuple[ClaimRecord, int]], effect: int) -> list[DocumentLine]:
    """Document lines of an advance paid or returned."""
    return [
        DocumentLine(effect, claim.key, claim.worker, amount, {"claim": claim.name})
        for claim, amount in paid
    ]


@evolves("AdvancePaid")
def evolve_paid(event: Recorded, keeper: Keeper) -> None:
    """The whole commitment ends."""
    advance = keeper.get(AdvanceRecord, event.fields["advance"])
    assert advance is not None
    advance.state, advance.paid_on = "paid", event.on
    advance.paid = {line.body["claim"]: False for line in event.lines}
    keeper.keep(event.fields["advance"], advance)
    commit(event, keeper)


@decides("AdvanceReturned")
def decide_returned(posting: AdvanceReturned, at: Context) -> Decision:
    """Line by line: off the receivable, then off the write-off, the rest is a refund owed."""
    advance = advance_at(at)
    for name in posting.claims:
        if advance.paid.get(name, True):
            raise Refusal("not_paid", claim=name, advance=posting.advance)
    book = fund_book(posting.region)
    journal = Journal()
    left: dict[str, list[int]] = {}
    returned: list[tuple[ClaimRecord, int]] = []
    writeoffs: dict[str, int] = {}
    for name in posting.claims:
        claim, amount = at.claims[name], int(advance.lines[name][0])
        employer = claim.employer
        if employer not in left:
            receivable = at.facts.cell(book, "receivable", "", employer).lowest(posting.on)
            written = at.facts.cell(MEMO, "written_off", posting.region, employer)
            left[employer] = [max(0, receivable), max(0, written.lowest(posting.on))]
        off = min(amount, left[employer][0])
        taken_back = min(amount - off, left[employer][1])
        rest = amount - off - taken_back
        left[employer][0] -= off
        left[employer][1] -= taken_back
        journal.add(book, "cash", amount)
        journal.add(
            employer, "wages_payable", -amount, project=advance.project, due_on=claim.due_on
        )
        journal.add(book, "receivable", -off, counterparty=employer)
        journal.add(employer, "due_to_fund", off, counterparty=book)
        journal.add(book, "write_off", -taken_back)
        journal.add(employer, "write_off_income", taken_back)
        journal.add(book, "refund_payable", -rest, counterparty=employer)
        journal.add(employer, "due_from_fund", rest, counterparty=book)
        returned.append((claim, amount))
        writeoffs[employer] = writeoffs.get(employer, 0) + taken_back
    return Decision(
        f"fund:{posting.region}", journal.lines(), advance_lines(returned, effects.UNDO),
        outcome={"taken_back": {debtor: fen for debtor, fen in writeoffs.items() if fen}},
    )  # fmt: skip


@evolves("AdvanceReturned")
def evolve_returned(event: Recorded, keeper: Keeper) -> None:
    """The lines count no more toward the cap."""
    advance = keeper.get(AdvanceRecord, event.fields["advance"])
    assert advance is not None
    for line in event.lines:
        advance.paid[line.body["claim"]] = True
    keeper.keep(event.fields["advance"], advance)
    for debtor, amount in event.outcome["taken_back"].items():
        keeper.add_memo("written_off", debtor, event.on, -amount, event.fields["region"])
