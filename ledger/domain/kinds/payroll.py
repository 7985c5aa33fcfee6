"""Payroll sheets: submitted by the employer, approved or returned by the contractor.

Legal source: Decree 724 arts. 12-15, 28 and 31. An approved line is a wage claim of one
worker; the employer is its primary debtor.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper, free_from
from ledger.domain.journal import Journal, owed_from, settle_between
from ledger.domain.kinds.workers import month_id, require_assigned, require_employer
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    AmountOrZero,
    Claim,
    Day,
    Days,
    Flag,
    NewRef,
    Party,
    Period,
    Project,
    Sheet,
    Text,
    Worker,
)  # fmt: skip
from ledger.domain.state import Month
from ledger.domain.state import Sheet as SheetRecord
from ledger.kernel.errors import Refusal


class PayrollLine(NamedTuple):
    """What one worker earned, in fen; days in half days."""

    worker: Worker
    net_fen: Amount
    gross_fen: Amount | None = None
    deductions_fen: AmountOrZero | None = None
    days: Days | None = None


@kind("SG", "payroll")
class PayrollSubmitted(Posting):
    """An employer's payroll sheet for a month."""

    project: Project
    employer: Party
    sheet: NewRef
    period: Period
    due_on: Day
    lines: Annotated[Sequence[PayrollLine], Shape("lines", line=PayrollLine)]
    back_pay: Flag = False


@kind("G", "payroll")
class PayrollApproved(Posting):
    """The contractor's labour officer approves the sheet: its lines are claims now."""

    project: Project
    sheet: Sheet


@kind("G", "payroll")
class PayrollReturned(Posting):
    """The contractor returns the sheet; it is submitted again under a new id."""

    project: Project
    sheet: Sheet
    reason: Text


@kind("TI", "payroll")
class ObjectionRaised(Posting):
    """A worker objects to the sheet; the claim is marked disputed."""

    project: Project
    sheet: Sheet
    worker: Worker
    reason: Text


@kind("ISG", "payroll")
class ClaimReduced(Posting):
    """A claim is reduced, with its reason."""

    project: Project
    claim: Claim
    amount_fen: Amount
    reason: Text


@decides("PayrollSubmitted")
def decide_submitted(posting: PayrollSubmitted, at: Context) -> Decision:
    """Each worker assigned, and paid once for the period unless it is back pay."""
    if at.facts.sheet(posting.sheet) is not None:
        raise Refusal("sheet_exists", sheet=posting.sheet)
    require_employer(at, posting.employer)
    require_assigned(at, posting.employer, posting.period, [line.worker for line in posting.lines])
    if not posting.back_pay:
        require_first_pay(posting, at)
    lines = [
        DocumentLine(effects.ACCRUE, None, line.worker, line.net_fen, optional_fields(line))
        for line in posting.lines
    ]
    total = sum(line.net_fen for line in posting.lines)
    return Decision(f"project:{at.project_id}", lines=lines, outcome={"total_fen": total})


NO_FIELDS: dict[str, int] = {}


def optional_fields(line: PayrollLine) -> dict[str, int]:
    """The optional fields of a line that were given, as they enter the log."""
    _worker, _net, gross, deductions, days = line
    if gross is not None and deductions is not None and days is not None:
        return {"gross_fen": gross, "deductions_fen": deductions, "half_days": days}
    if gross is None and deductions is None and days is None:
        return NO_FIELDS
    given = {"gross_fen": gross, "deductions_fen": deductions, "half_days": days}
    return {name: value for name, value in given.items() if value is not None}


def require_first_pay(posting: PayrollSubmitted, at: Context) -> None:
    """Refuse workers whose period stands on another sheet or in an asserted claim."""
    month = at.facts.get(Month, month_id(posting.project, posting.employer, posting.period))
    if month is None:
        return
    paid: set[str] = set()
    for name in month.sheets:
        sheet = at.facts.sheet(name)
        assert sheet is not None
        paid |= at.facts.sheet_workers(sheet)
    asserted = at.facts.claims(month.asserted)
    paid |= {claim.worker for claim in asserted.values() if claim.net_fen > 0}
    for line in posting.lines:
        if line.worker in paid:
            raise Refusal("period_paid_twice", worker=line.worker, period=posting.period)


@evolves("PayrollSubmitted")
def evolve_submitted(event: Recorded, keeper: Keeper) -> None:
    """Keep the sheet; its claims come into being with its approval."""
    fields = event.fields
    keeper.keep_sheet(
        SheetRecord(
            name=fields["sheet"], position=event.position, asserted=False,
            project=fields["project"], employer=fields["employer"], period=fields["period"],
            due_on=fields["due_on"], submitted_on=event.on, count=event.outcome["count"],
            total_fen=event.outcome["total_fen"],
        )
    )  # fmt: skip
    name = month_id(fields["project"], fields["employer"], fields["period"])
    month = keeper.get(Month, name) or Month()
    month.sheets.append(fields["sheet"])
    keeper.keep(name, month)


def sheet_at(at: Context) -> SheetRecord:
    """The sheet that the posting names."""
    assert at.sheet is not None
    return at.sheet


@decides("PayrollApproved")
def decide_approved(_posting: PayrollApproved, at: Context) -> Decision:
    """The wages become the employer's debt and the labour part the contractor's."""
    sheet = require_submitted(at)
    gc, employer, total = at.the_project().general_contractor, sheet.employer, sheet.total_fen
    journal = Journal()
    journal.add(employer, "labour_cost", total, project=at.project_id)
    journal.add(employer, "wages_payable", -total, project=at.project_id, due_on=sheet.due_on)
    if employer != gc:
        to_employer = {"project": at.project_id, "counterparty": employer}
        to_gc = {"project": at.project_id, "counterparty": gc}
        journal.add(gc, "subcontract_cost", total, **to_employer)
        journal.add(gc, "subcontractor_payable", -total, **to_employer)
        journal.add(employer, "contractor_receivable", total, **to_gc)
        journal.add(employer, "subcontract_income", -total, **to_gc)
    return Decision(f"project:{at.project_id}", journal.lines())


def require_submitted(at: Context) -> SheetRecord:
    """Refuse a sheet that was approved, returned or reversed already."""
    sheet = sheet_at(at)
    if sheet.state != "submitted":
        raise Refusal("sheet_closed", sheet=sheet.name, state=sheet.state)
    return sheet


@evolves("PayrollApproved")
def evolve_approved(event: Recorded, keeper: Keeper) -> None:
    """The sheet's lines are claims from this day."""
    sheet = keeper.sheet(event.fields["sheet"])
    assert sheet is not None
    sheet.state, sheet.approved_on = "approved", event.on
    keeper.keep_sheet(sheet)


@decides("PayrollReturned")
def decide_returned(_posting: PayrollReturned, at: Context) -> Decision:
    """Only a sheet that still waits can be returned."""
    require_submitted(at)
    return Decision(f"project:{at.project_id}")


@evolves("PayrollReturned")
def evolve_returned(event: Recorded, keeper: Keeper) -> None:
    """The period is free again."""
    end_sheet(event.fields["sheet"], "returned", keeper)


def end_sheet(name: str, state: str, keeper: Keeper) -> None:
    """End a sheet: its lines count no more."""
    sheet = keeper.sheet(name)
    assert sheet is not None
    sheet.state = state
    keeper.keep_sheet(sheet)
    month_name = month_id(sheet.project, sheet.employer, sheet.period)
    month = keeper.get(Month, month_name)
    assert month is not None
    month.sheets.remove(name)
    keeper.keep(month_name, month)


@decides("ObjectionRaised")
def decide_objection(posting: ObjectionRaised, at: Context) -> Decision:
    """The worker must stand on the sheet."""
    sheet = sheet_at(at)
    line = at.facts.sheet_line(sheet, posting.worker)
    if line is None:
        raise Refusal("not_on_sheet", worker=posting.worker, sheet=sheet.name)
    lines = [
        DocumentLine(
            effects.OBJECT, (sheet.position, line), posting.worker, None,
            {"claim": f"{sheet.name}/{line}"},
        )
    ]  # fmt: skip
    return Decision(f"project:{at.project_id}", lines=lines)


@decides("ClaimReduced")
def decide_reduced(posting: ClaimReduced, at: Context) -> Decision:
    """Reduce a claim, and with it what the contractor owes for it."""
    claim = at.claims[posting.claim]
    if at.role in {"S", "G"}:
        if posting.on >= claim.due_on or in_a_case(at, posting.claim):
            raise Refusal("not_authorised", role=at.role, kind="ClaimReduced")
        if not posting.document:
            raise Refusal("document_required", kind="ClaimReduced")
    free = free_from(claim, posting.on, at.facts)
    amount = posting.amount_fen
    if amount > free:
        raise Refusal("over_claim", claim=posting.claim, amount_fen=amount, available_fen=free)
    gc, employer = at.the_project().general_contractor, claim.employer
    journal = Journal()
    journal.add(employer, "wages_payable", amount, project=at.project_id, due_on=claim.due_on)
    journal.add(employer, "labour_cost", -amount, project=at.project_id)
    if employer != gc and not claim.asserted:
        owed = owed_from(at.facts, gc, employer, at.project_id, posting.on)
        first = max(0, min(owed, amount))
        settle_between(journal, gc, employer, at.project_id, first, amount - first)
        journal.add(gc, "subcontract_cost", -amount, project=at.project_id, counterparty=employer)
        journal.add(employer, "subcontract_income", amount, project=at.project_id, counterparty=gc)
    line = DocumentLine(effects.REDUCE, claim.key, claim.worker, amount, {"claim": posting.claim})
    return Decision(f"project:{at.project_id}", journal.lines(), [line])


def in_a_case(at: Context, claim: str) -> bool:
    """Whether the claim is one of a case of its project, open or closed."""
    return at.facts.in_case(at.project_id, claim)


@evolves("ObjectionRaised", "ClaimReduced")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The effects of the lines say it all."""
