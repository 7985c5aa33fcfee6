"""Arrears: cases, asserted claims, clearing by the general contractor, recourse.

Legal source: Decree 724 arts. 18-19, 30, 36-37 and 41-42. That a claim is in arrears is
computed, never posted; what authorities and contractors do about it is posted.
"""

from collections.abc import Sequence
from typing import Annotated

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.journal import Journal, owed_from
from ledger.domain.kinds.notices import ClaimAmounts, add_case_claims, discharged, require_free
from ledger.domain.kinds.register import month_id, require_employer
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount, Case, Claims, Day, NewRef, Party, Period, Project, Text, Worker,
)  # fmt: skip
from ledger.domain.state import CaseFile, Month, Sheet
from ledger.domain.state import Project as ProjectRecord
from ledger.kernel.errors import Refusal

Source = Annotated[
    str,
    Shape(
        "choice",
        choices=("inspection", "complaint", "platform", "station", "hotline", "transfer"),
    ),
]
Result = Annotated[
    str, Shape("choice", choices=("paid", "unfounded", "transferred", "enforced"))
]
Outcome = Annotated[str, Shape("choice", choices=("clear", "clear_first"))]


@kind("I", "arrears")
class CaseOpened(Posting):
    """The labour authority opens a case about one employer on one project."""

    case: NewRef
    project: Project
    employer: Party
    source: Source


@kind("I", "arrears")
class CaseReopened(Posting):
    """A closed case is taken up again."""

    case: Case


@kind("I", "arrears")
class CaseClaimsLinked(Posting):
    """Claims belong to the case."""

    case: Case
    claims: Claims


@kind("I", "arrears")
class ClaimAsserted(Posting):
    """A claim without a sheet is established in a case."""

    project: Project
    case: Case
    claim: NewRef
    employer: Party
    worker: Worker
    period: Period
    net_fen: Amount
    due_on: Day


@kind("I", "arrears")
class CorrectionOrdered(Posting):
    """The authority orders payment by a day."""

    case: Case
    deadline_on: Day


@kind("I", "arrears")
class DecisionIssued(Posting):
    """The authority decides who clears the arrears, and by which day."""

    case: Case
    deadline_on: Day
    outcome: Outcome
    debtor: Party


@kind("BG", "arrears")
class AdvanceClearingPaid(Posting):
    """The general contractor clears a subcontractor's arrears with own money (art. 30)."""

    project: Project
    lines: ClaimAmounts


@kind("GB", "arrears")
class RecourseRepaid(Posting):
    """A subcontractor repays what was cleared beyond the contractor's own debt."""

    project: Project
    subcontractor: Party
    amount_fen: Amount


@kind("G", "arrears")
class RecourseSetOff(Posting):
    """Recourse is set off against the labour part still owed."""

    project: Project
    subcontractor: Party
    amount_fen: Amount


@kind("I", "arrears")
class LiabilityAttributed(Posting):
    """The law names another primary debtor for the claims."""

    project: Project
    case: Case
    claims: Claims
    debtor: Party
    ground: Text


@kind("I", "arrears")
class CaseClosed(Posting):
    """The case ends."""

    case: Case
    result: Result


@decides("CaseOpened")
def decide_opened(posting: CaseOpened, at: Context) -> Decision:
    """A new case under a new id."""
    if at.facts.get(CaseFile, posting.case) is not None:
        raise Refusal("case_exists", case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseOpened")
def evolve_opened(event: Recorded, keeper: Keeper) -> None:
    """Open the file and count it on the project."""
    fields = event.fields
    keeper.keep(fields["case"], CaseFile(fields["project"], fields["employer"], event.on))
    mark_open(fields["case"], fields["project"], keeper)


def mark_open(case_id: str, project_id: str, keeper: Keeper) -> None:
    """Count a case among the open ones of its project."""
    project = keeper.get(ProjectRecord, project_id)
    assert project is not None
    project.cases.append(case_id)
    keeper.keep(project_id, project)


@decides("CaseReopened")
def decide_reopened(posting: CaseReopened, at: Context) -> Decision:
    """Only a closed case."""
    if not at.the_case().closed:
        raise Refusal("not_closed", case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseReopened")
def evolve_reopened(event: Recorded, keeper: Keeper) -> None:
    """The case is open again."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.closed = False
    keeper.keep(event.fields["case"], case)
    mark_open(event.fields["case"], case.project, keeper)


@decides("CaseClosed")
def decide_closed(posting: CaseClosed, at: Context) -> Decision:
    """Paid only when nothing is open, unfounded only when nothing asserted is left."""
    case = at.the_case()
    if posting.result == "paid":
        open_claims = [c.name for c in at.facts.claims(case.claims).values() if c.open_fen]
    elif posting.result == "unfounded":
        open_claims = [c.name for c in at.facts.claims(case.asserted).values() if c.net_fen]
    else:
        open_claims = []
    if open_claims:
        raise Refusal("open_claims", claim=open_claims[0], case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseClosed")
def evolve_closed(event: Recorded, keeper: Keeper) -> None:
    """The case is closed in the log from now on."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.closed = True
    keeper.keep(event.fields["case"], case)
    project = keeper.get(ProjectRecord, case.project)
    assert project is not None
    project.cases.remove(event.fields["case"])
    keeper.keep(case.project, project)


@decides("CaseClaimsLinked")
def decide_linked(posting: CaseClaimsLinked, at: Context) -> Decision:
    """Claims may be linked to several cases."""
    lines = [
        DocumentLine(effects.LINK, claim.key, claim.worker, None, {"claim": claim.name})
        for claim in at.claims.values()
    ]
    return Decision(f"case:{posting.case}", lines=lines)


@evolves("CaseClaimsLinked")
def evolve_linked(event: Recorded, keeper: Keeper) -> None:
    """The claims are the case's."""
    add_case_claims(event.fields["case"], [line.body["claim"] for line in event.lines], keeper)


@decides("ClaimAsserted")
def decide_asserted(posting: ClaimAsserted, at: Context) -> Decision:
    """The employer's debt; nothing moves in the contractor's book."""
    if at.facts.asserted(posting.claim) is not None:
        raise Refusal("claim_exists", claim=posting.claim)
    require_employer(at, posting.employer)
    month = at.facts.get(Month, month_id(posting.project, posting.employer, posting.period))
    sheets = [at.facts.sheet(name) for name in month.sheets] if month is not None else []
    if any(sheet and posting.worker in at.facts.sheet_workers(sheet) for sheet in sheets):
        at.warn("line_beside_claim")
    journal = Journal()
    journal.add(posting.employer, "labour_cost", posting.net_fen, project=at.project_id)
    journal.add(
        posting.employer, "wages_payable", -posting.net_fen, project=at.project_id,
        due_on=posting.due_on,
    )  # fmt: skip
    line = DocumentLine(
        effects.ASSERT, None, posting.worker, posting.net_fen, {"claim": posting.claim}
    )
    return Decision(f"project:{at.project_id}", journal.lines(), [line])


@evolves("ClaimAsserted")
def evolve_asserted(event: Recorded, keeper: Keeper) -> None:
    """Keep its origin, and count it for the month and the case."""
    fields = event.fields
    keeper.keep_sheet(
        Sheet(
            name=fields["claim"], position=event.position, asserted=True,
            project=fields["project"], employer=fields["employer"], period=fields["period"],
            due_on=fields["due_on"], submitted_on=event.on, count=1,
            total_fen=fields["net_fen"], state="approved", approved_on=event.on,
        )
    )  # fmt: skip
    move_asserted(fields["claim"], None, fields["employer"], keeper, fields)
    case = keeper.get(CaseFile, fields["case"])
    assert case is not None
    case.asserted.append(fields["claim"])
    keeper.keep(fields["case"], case)
    add_case_claims(fields["case"], [fields["claim"]], keeper)


def move_asserted(
    claim: str, old: str | None, new: str, keeper: Keeper, where: dict[str, str] | object
) -> None:
    """Count an asserted claim under another employer's month."""
    assert isinstance(where, dict)
    for employer in (old, new):
        if employer is None:
            continue
        name = month_id(where["project"], employer, where["period"])
        month = keeper.get(Month, name) or Month()
        if employer == new:
            month.asserted.append(claim)
        elif claim in month.asserted:
            month.asserted.remove(claim)
        keeper.keep(name, month)


@decides("CorrectionOrdered", "DecisionIssued")
def decide_deadline(posting: CorrectionOrdered | DecisionIssued, _at: Context) -> Decision:
    """An order or decision with its deadline."""
    return Decision(f"case:{posting.case}")


@evolves("CorrectionOrdered", "DecisionIssued")
def evolve_deadline(event: Recorded, keeper: Keeper) -> None:
    """Remember the deadline; a decision's may lead to a payment notice."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.deadlines.append(event.fields["deadline_on"])
    if event.kind == "DecisionIssued":
        case.decisions.append(event.fields["deadline_on"])
    keeper.keep(event.fields["case"], case)


@decides("AdvanceClearingPaid")
def decide_clearing(posting: AdvanceClearingPaid, at: Context) -> Decision:
    """Own money clears arrears; the contractor's own workers are paid from the account."""
    if at.role == "G" and not posting.document:
        raise Refusal("document_required", kind="AdvanceClearingPaid")
    require_free(at, posting.lines)
    project = at.the_project()
    for claim in at.claims.values():
        if claim.employer == project.general_contractor and project.account_open(posting.on):
            raise Refusal("not_a_subcontractor", claim=claim.name, project=at.project_id)
    return discharged(at, posting.lines, "own_cash")


@decides("RecourseRepaid")
def decide_repaid(posting: RecourseRepaid, at: Context) -> Decision:
    """Never more than the recourse, on any later day either."""
    gc, sub, amount = at.the_project().general_contractor, posting.subcontractor, posting.amount_fen
    require_recourse(at, sub, amount)
    journal = Journal()
    settle_recourse(journal, at, sub, amount)
    journal.add(sub, "own_cash", -amount, project=at.project_id)
    journal.add(gc, "own_cash", amount, project=at.project_id)
    return Decision(f"project:{at.project_id}", journal.lines())


def require_recourse(at: Context, sub: str, amount_fen: int) -> None:
    """Refuse more than the subcontractor owes the contractor in recourse."""
    gc = at.the_project().general_contractor
    open_fen = at.facts.cell(gc, "recourse_receivable", at.project_id, sub).lowest(at.posting.on)
    if amount_fen > open_fen:
        raise Refusal("over_payable", amount_fen=amount_fen, available_fen=open_fen, party=sub)


def settle_recourse(journal: Journal, at: Context, sub: str, amount_fen: int) -> None:
    """Take an amount off the recourse in both books."""
    gc = at.the_project().general_contractor
    journal.add(
        gc, "recourse_receivable", -amount_fen, project=at.project_id, counterparty=sub
    )
    journal.add(sub, "recourse_payable", amount_fen, project=at.project_id, counterparty=gc)


@decides("RecourseSetOff")
def decide_set_off(posting: RecourseSetOff, at: Context) -> Decision:
    """Against what the contractor still owes the subcontractor."""
    gc, sub, amount = at.the_project().general_contractor, posting.subcontractor, posting.amount_fen
    require_recourse(at, sub, amount)
    owed = owed_from(at.facts, gc, sub, at.project_id, posting.on)
    if amount > owed:
        raise Refusal("over_payable", amount_fen=amount, available_fen=owed, party=sub)
    journal = Journal()
    settle_recourse(journal, at, sub, amount)
    journal.add(gc, "subcontractor_payable", amount, project=at.project_id, counterparty=sub)
    journal.add(sub, "contractor_receivable", -amount, project=at.project_id, counterparty=gc)
    return Decision(f"project:{at.project_id}", journal.lines())


@decides("LiabilityAttributed")
def decide_attributed(posting: LiabilityAttributed, at: Context) -> Decision:
    """The claims move whole to the debtor whom the law names."""
    claims = list(at.claims.values())
    for code, fails in (
        ("in_transit", lambda c: c.transit_fen != 0),
        ("partly_paid", lambda c: c.paid_fen != 0),
        ("not_open", lambda c: c.open_fen == 0),
        ("same_debtor", lambda c: c.employer == posting.debtor),
    ):
        for claim in claims:
            if fails(claim):
                raise Refusal(code, claim=claim.name, party=posting.debtor)
    journal = Journal()
    lines = []
    for claim in claims:
        for party, sign in ((claim.employer, 1), (posting.debtor, -1)):
            journal.add(
                party, "wages_payable", sign * claim.open_fen, project=at.project_id,
                due_on=claim.due_on,
            )  # fmt: skip
            journal.add(party, "labour_cost", -sign * claim.open_fen, project=at.project_id)
        body = {
            "claim": claim.name, "from": claim.employer, "to": posting.debtor,
            "period": claim.period,
        }  # fmt: skip
        lines.append(
            DocumentLine(effects.ATTRIBUTE, claim.key, claim.worker, claim.open_fen, body)
        )
    return Decision(f"project:{at.project_id}", journal.lines(), lines)


@evolves("LiabilityAttributed")
def evolve_attributed(event: Recorded, keeper: Keeper) -> None:
    """The claims count as asserted, under their new employer."""
    for line in event.lines:
        where = {"project": event.fields["project"], "period": line.body["period"]}
        move_asserted(line.body["claim"], line.body["from"], line.body["to"], keeper, where)


@evolves("AdvanceClearingPaid", "RecourseRepaid", "RecourseSetOff")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal and the effects of the lines say it all."""


__all__: Sequence[str] = ["CaseOpened"]
