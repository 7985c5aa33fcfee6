"""Arrears: cases, asserted claims, clearing by the general contractor, recourse.

Legal source: Decree 724 arts. 18-19, 30, 36-37 and 41-42. That a claim is in arrears is
computed, never posted; what authorities and contractors do about it is posted.
"""

from collections.abc import Mapping

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.journal import Journal, owed_from
from ledger.domain.kinds.notices import ClaimAmounts, add_case_claims, discharged, require_free
from ledger.domain.kinds.workers import month_id, require_employer
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    Case,
    Claims,
    Day,
    NewRef,
    Party,
    Period,
    Project,
    Text,
    Worker,
)  # fmt: skip
from ledger.domain.state import CaseFile, Month, Sheet
from ledger.kernel.errors import Refusal


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


@decides("ClaimAsserted")
def decide_asserted(posting: ClaimAsserted, at: Context) -> Decision:
    """The employer's debt; nothing moves in the contractor's book."""
    if at.facts.asserted(posting.claim) is not None:
        raise Refusal("claim_exists", claim=posting.claim)
    require_employer(at, posting.employer)
    if on_a_sheet(posting, at):
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


def on_a_sheet(posting: ClaimAsserted, at: Context) -> bool:
    """Whether any employer's standing sheet on the project pays the worker for the period."""
    months = at.facts.scan(Month, f"{posting.project}|").items()
    names = [
        sheet for name, month in months if name.endswith(f"|{posting.period}")
        for sheet in month.sheets
    ]  # fmt: skip
    sheets = (at.facts.sheet(name) for name in names)
    return any(
        sheet is not None and at.facts.sheet_line(sheet, posting.worker) is not None
        for sheet in sheets
    )


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
    claim: str, old: str | None, new: str, keeper: Keeper, where: Mapping[str, str]
) -> None:
    """Count an asserted claim under another employer's month."""
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


@decides("AdvanceClearingPaid")
def decide_clearing(posting: AdvanceClearingPaid, at: Context) -> Decision:
    """Own money clears arrears; the contractor's own workers are paid from the account."""
    if at.role == "G" and not posting.document:
        raise Refusal("document_required", kind="AdvanceClearingPaid")
    require_free(at, posting.lines)
    project = at.the_project()
    for claim in at.claims.values():
        if claim.employer == project.general_contractor and project.account_state == "open":
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
    journal.add(gc, "recourse_receivable", -amount_fen, project=at.project_id, counterparty=sub)
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
    failing = {
        "in_transit": [claim for claim in claims if claim.transit_fen],
        "partly_paid": [claim for claim in claims if claim.paid_fen],
        "not_open": [claim for claim in claims if not claim.open_fen],
        "same_debtor": [claim for claim in claims if claim.employer == posting.debtor],
    }
    for code, which in failing.items():
        if which:
            raise Refusal(code, claim=which[0].name, party=posting.debtor)
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
        lines.append(DocumentLine(effects.ATTRIBUTE, claim.key, claim.worker, claim.open_fen, body))
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
