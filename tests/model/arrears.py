"""Step 6: cases, asserted claims, clearing and recourse, attribution, sanctions."""

from tests.model import policy
from tests.model.balances import lowest, negated
from tests.model.entry import Entry, rule

# -- cases --------------------------------------------------------------------


@rule("CaseOpened")
def _opened(e: Entry) -> None:
    e.refuse_if(e.log.has("CaseOpened", case=e.f["case"]), "case_exists")


@rule("CaseReopened")
def _reopened(e: Entry) -> None:
    e.refuse_if(e.log.case_open(e.f["case"]), "not_closed")


@rule("ClaimAsserted")
def _asserted(e: Entry) -> None:
    employer, amount = e.f["employer"], e.f["net_fen"]
    e.refuse_if(e.log.has("ClaimAsserted", claim=e.f["claim"]), "claim_exists")
    e.refuse_if(not e.log.on_project(e.project, employer), "not_on_project")
    e.line(employer, "labour_cost", amount)
    e.line(employer, "wages_payable", -amount, due_on=e.f["due_on"])
    e.moves.append((e.f["claim"], amount, 0, 0))


@rule("PoliceTransferred")
def _transferred(e: Entry) -> None:
    case = e.log.one("CaseOpened", case=e.f["case"]).f
    region = e.log.project(case["project"])["region"]
    group = policy.needed(e.log, "crime.group_workers", region, e.on)
    amount, workers = e.f["amount_fen"], e.f["workers"]
    name = "crime.group_amount" if workers >= group else "crime.single_amount"
    below = amount < policy.needed(e.log, name, region, e.on)
    orders = e.log.of("CorrectionOrdered", "DecisionIssued", case=e.f["case"])
    passed = any(order.f["deadline_on"] < e.on for order in orders)
    e.refuse_if(below or not passed, "threshold_not_met")


@rule("CaseClosed")
def _closed(e: Entry) -> None:
    claims = e.log.claims_of_case(e.f["case"])
    known = [c for name in claims if (c := e.log.claim(name)) is not None]
    if e.f["result"] == "paid":
        e.refuse_if(any(claim.open() > 0 for claim in known), "open_claims")
    if e.f["result"] == "unfounded":
        asserted = {r.f["claim"] for r in e.log.of("ClaimAsserted", case=e.f["case"])}
        left = [claim for claim in known if claim.claim in asserted and claim.net() > 0]
        e.refuse_if(left, "open_claims")


# -- clearing and recourse ----------------------------------------------------


@rule("AdvanceClearingPaid")
def _cleared(e: Entry) -> None:
    parts = e.parts()
    e.refuse_over_claim(parts)
    own = any(claim.employer_at() == e.gc for claim, _ in parts)
    open_account = e.log.wage_account_since(e.project) is not None
    e.refuse_if(own and open_account, "not_a_subcontractor")
    e.discharge(parts, "own_cash")


@rule("RecourseRepaid")
def _repaid(e: Entry) -> None:
    amount, other = e.f["amount_fen"], e.f["subcontractor"]
    e.refuse_if(amount > e.lowest_recourse(other, e.project), "over_payable")
    e.line(other, "recourse_payable", amount, e.gc)
    e.line(other, "own_cash", -amount)
    e.line(e.gc, "own_cash", amount)
    e.line(e.gc, "recourse_receivable", -amount, other)


@rule("RecourseSetOff")
def _set_off(e: Entry) -> None:
    amount, other = e.f["amount_fen"], e.f["subcontractor"]
    owed = min(e.lowest_recourse(other, e.project), e.lowest_owed_to(other, e.project))
    e.refuse_if(amount > owed, "over_payable")
    e.line(e.gc, "subcontractor_payable", amount, other)
    e.line(e.gc, "recourse_receivable", -amount, other)
    e.line(other, "recourse_payable", amount, e.gc)
    e.line(other, "contractor_receivable", -amount, e.gc)


@rule("LiabilityAttributed")
def _attributed(e: Entry) -> None:
    claims, debtor = e.log.named(e.f["claims"]), e.f["debtor"]
    e.refuse_if(any(claim.transit() > 0 for claim in claims), "in_transit")
    e.refuse_if(any(claim.paid() > 0 for claim in claims), "partly_paid")
    e.refuse_if(any(claim.open() == 0 for claim in claims), "not_open")
    e.refuse_if(any(claim.employer_at() == debtor for claim in claims), "same_debtor")
    for claim in claims:
        amount, employer = claim.open(), claim.employer_at()
        e.line(employer, "wages_payable", amount, due_on=claim.due_on)
        e.line(employer, "labour_cost", -amount)
        e.line(debtor, "labour_cost", amount)
        e.line(debtor, "wages_payable", -amount, due_on=claim.due_on)


# -- extra compensation -------------------------------------------------------


@rule("ExtraCompensationOrdered")
def _ordered(e: Entry) -> None:
    debtor, case, amount = e.f["debtor"], e.f["case"], e.f["amount_fen"]
    e.line(debtor, "compensation_cost", amount, case, project="")
    e.line(debtor, "compensation_payable", -amount, case, project="")


@rule("ExtraCompensationPaid")
def _compensated(e: Entry) -> None:
    debtor, case, amount = e.f["debtor"], e.f["case"], e.f["amount_fen"]
    owed = lowest(negated(e.log.cell(debtor, "compensation_payable", "", case)), e.on)
    e.refuse_if(amount > owed, "over_payable")
    e.line(debtor, "compensation_payable", amount, case, project="")
    e.line(debtor, "own_cash", -amount, project="")
