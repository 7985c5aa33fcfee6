"""The emergency turnover fund: public money that advances part of unpaid wages.

Legal source: Decree 724 art. 63; local measures (rules.md, A5). An advance reduces the
worker's claim; the fund steps into it and recovers from the employer.
"""

from collections.abc import Iterable, Sequence

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper, free_from, lowest_paid_from
from ledger.domain.journal import Journal, fund_book
from ledger.domain.kinds.notices import ClaimAmount, ClaimAmounts, add_case_claims, claim_lines
from ledger.domain.kinds.register import project_of
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Advance, Amount, AmountOrZero, BankRef, Case, Claims, Fund, Level, NewRef, Party, Project,
    Region,
)  # fmt: skip
from ledger.domain.state import Advance as AdvanceRecord
from ledger.domain.state import AdvanceList, LatestOn
from ledger.domain.state import Claim as ClaimRecord
from ledger.domain.state import Fund as FundRecord
from ledger.domain.timeline import lowest
from ledger.kernel.errors import Refusal

LEVELS = ("bureau", "government")
MEMO = "memo"
"""Book of the fund's off-balance amounts: commitments, and what was written off by debtor."""


@kind("F", "fund")
class FundEstablished(Posting):
    """A region's fund is set up with the floor under its available cash."""

    region: Region
    floor_fen: AmountOrZero


@kind("F", "fund")
class FundFloorSet(Posting):
    """The floor changes."""

    region: Fund
    floor_fen: AmountOrZero


@kind("FB", "fund")
class FundAppropriated(Posting):
    """The budget pays into the fund."""

    region: Fund
    amount_fen: Amount


@kind("FB", "fund")
class DonationReceived(Posting):
    """A donation to the fund."""

    region: Fund
    amount_fen: Amount


@kind("FB", "fund")
class InterestCredited(Posting):
    """Interest on the fund's cash."""

    region: Fund
    amount_fen: Amount


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


@kind("FB", "fund")
class AdvanceRecovered(Posting):
    """A debtor repays the fund."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("FB", "fund")
class AdvanceRefunded(Posting):
    """The fund refunds what a debtor repaid too much."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class AdvanceSetOff(Posting):
    """A refund is set off against what the debtor owes."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class AdvanceWrittenOff(Posting):
    """The government decides that a debt will not be recovered."""

    region: Fund
    debtor: Party
    amount_fen: Amount


@kind("F", "fund")
class FundSurrendered(Posting):
    """Money goes back to the budget."""

    region: Fund
    amount_fen: Amount


INCOME = {
    "FundAppropriated": "capital",
    "DonationReceived": "donations",
    "InterestCredited": "interest",
}


def available_from(facts: Facts, region: str, on: str) -> int:
    """Least available from a day onwards: cash less refunds owed less committed, in fen."""
    book = fund_book(region)
    return lowest(
        on,
        (1, facts.cell(book, "cash", "", "")),
        (1, facts.fund_total(region, "refund_payable")),
        (-1, facts.cell(MEMO, "committed", "", region)),
    )


@decides("FundEstablished")
def decide_established(posting: FundEstablished, at: Context) -> Decision:
    """One fund a region."""
    if at.facts.get(FundRecord, posting.region) is not None:
        raise Refusal("fund_exists", region=posting.region)
    return Decision(f"fund:{posting.region}")


@decides("FundFloorSet")
def decide_floor(posting: FundFloorSet, _at: Context) -> Decision:
    """Any floor."""
    return Decision(f"fund:{posting.region}")


@evolves("FundEstablished", "FundFloorSet")
def evolve_fund(event: Recorded, keeper: Keeper) -> None:
    """Keep the floor."""
    region = event.fields["region"]
    fund = keeper.get(FundRecord, region) or FundRecord(0, event.on)
    fund.floor_fen = event.fields["floor_fen"]
    keeper.keep(region, fund)


@decides(*INCOME)
def decide_income(
    posting: FundAppropriated | DonationReceived | InterestCredited, _at: Context
) -> Decision:
    """Cash in."""
    book = fund_book(posting.region)
    journal = Journal()
    journal.add(book, "cash", posting.amount_fen)
    journal.add(book, INCOME[type(posting).__name__], -posting.amount_fen)
    return Decision(f"fund:{posting.region}", journal.lines())


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


def advance_lines(
    paid: Iterable[tuple[ClaimRecord, int]], effect: int
) -> list[DocumentLine]:
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


def writeoff_id(region: str, debtor: str) -> str:
    """Id of the record of a debtor's latest write-off."""
    return f"writeoff:{region}|{debtor}"


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


def require_receivable(
    at: Context, region: str, debtor: str, amount_fen: int, account: str = "receivable"
) -> None:
    """Refuse more than stands between the fund and the debtor from the day onwards."""
    cell = at.facts.cell(fund_book(region), account, "", debtor)
    open_fen = min(abs(balance) for balance in cell.balances(at.posting.on))
    if amount_fen > open_fen:
        raise Refusal("over_payable", amount_fen=amount_fen, available_fen=open_fen, party=debtor)


@decides("AdvanceRecovered", "AdvanceWrittenOff", "AdvanceSetOff")
def decide_repayment(
    posting: AdvanceRecovered | AdvanceWrittenOff | AdvanceSetOff, at: Context
) -> Decision:
    """The debt to the fund ends: repaid, written off, or against a refund."""
    region, debtor, amount = posting.region, posting.debtor, posting.amount_fen
    require_receivable(at, region, debtor, amount)
    book = fund_book(region)
    journal = Journal()
    journal.add(book, "receivable", -amount, counterparty=debtor)
    journal.add(debtor, "due_to_fund", amount, counterparty=book)
    if isinstance(posting, AdvanceRecovered):
        journal.add(book, "cash", amount)
        journal.add(debtor, "own_cash", -amount)
    elif isinstance(posting, AdvanceWrittenOff):
        if not posting.document:
            raise Refusal("document_required", kind="AdvanceWrittenOff")
        journal.add(book, "write_off", amount)
        journal.add(debtor, "write_off_income", -amount)
    else:
        require_receivable(at, region, debtor, amount, "refund_payable")
        journal.add(book, "refund_payable", amount, counterparty=debtor)
        journal.add(debtor, "due_from_fund", -amount, counterparty=book)
    return Decision(f"fund:{region}", journal.lines())


@evolves("AdvanceWrittenOff")
def evolve_written_off(event: Recorded, keeper: Keeper) -> None:
    """What was written off for the debtor, and when last."""
    fields = event.fields
    keeper.add_memo(
        "written_off", fields["debtor"], event.on, fields["amount_fen"], fields["region"]
    )
    name = writeoff_id(fields["region"], fields["debtor"])
    latest = keeper.get(LatestOn, name) or LatestOn()
    latest.on = max(latest.on, event.on)
    keeper.keep(name, latest)


@decides("AdvanceRefunded")
def decide_refunded(posting: AdvanceRefunded, at: Context) -> Decision:
    """Only what is owed beyond what the debtor now owes this fund."""
    book = fund_book(posting.region)
    owed = at.facts.cell(book, "refund_payable", "", posting.debtor)
    debt = at.facts.cell(book, "receivable", "", posting.debtor).total
    available = min(-balance for balance in owed.balances(posting.on)) - debt
    if posting.amount_fen > available:
        raise Refusal(
            "over_payable", amount_fen=posting.amount_fen, available_fen=max(0, available),
            party=posting.debtor,
        )  # fmt: skip
    journal = Journal()
    journal.add(book, "refund_payable", posting.amount_fen, counterparty=posting.debtor)
    journal.add(book, "cash", -posting.amount_fen)
    journal.add(posting.debtor, "own_cash", posting.amount_fen)
    journal.add(posting.debtor, "due_from_fund", -posting.amount_fen, counterparty=book)
    return Decision(f"fund:{posting.region}", journal.lines())


@decides("FundSurrendered")
def decide_surrendered(posting: FundSurrendered, at: Context) -> Decision:
    """Only what is available."""
    available = available_from(at.facts, posting.region, posting.on)
    if posting.amount_fen > available:
        raise Refusal(
            "insufficient_funds", account="fund", amount_fen=posting.amount_fen,
            available_fen=available,
        )  # fmt: skip
    book = fund_book(posting.region)
    journal = Journal()
    journal.add(book, "surrendered", posting.amount_fen)
    journal.add(book, "cash", -posting.amount_fen)
    return Decision(f"fund:{posting.region}", journal.lines())


@evolves("AdvanceRecovered", "AdvanceSetOff", "AdvanceRefunded", "FundSurrendered", *INCOME)
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal says it all."""


__all__: Sequence[str] = ["FundEstablished"]
