"""Step 6: sheets, claims on them, batches and what the bank says to them."""

from tests.model.balances import FOREVER, lowest
from tests.model.entry import Entry, Part, rule


@rule("PayrollSubmitted")
def _submitted(e: Entry) -> None:
    f, log = e.f, e.log
    e.refuse_if(log.has("PayrollSubmitted", sheet=f["sheet"]), "sheet_exists")
    e.refuse_if(not log.on_project(e.project, f["employer"]), "not_on_project")
    absent = [line for line in f["lines"] if not log.assigned_in(f, line["worker"])]
    e.refuse_if(absent, "not_assigned")
    if f["back_pay"]:
        return
    same = {name: f[name] for name in ("project", "employer", "period")}
    paid = {
        line["worker"]
        for sheet in log.of("PayrollSubmitted", **same)
        if log.sheet_state(sheet.f["sheet"]) in {"submitted", "approved"}
        for line in sheet.f["lines"]
    }
    paid |= {
        claim.worker
        for claim in log.claims.values()
        if (claim.asserted or claim.attributions)
        and (claim.project, claim.employer_at(), claim.period) == tuple(same.values())
        and claim.net() > 0
    }
    e.refuse_if(any(line["worker"] in paid for line in f["lines"]), "period_paid_twice")


@rule("PayrollApproved")
def _approved(e: Entry) -> None:
    sheet = e.log.one("PayrollSubmitted", sheet=e.f["sheet"]).f
    e.refuse_if(e.log.sheet_state(e.f["sheet"]) != "submitted", "sheet_closed")
    employer, total = sheet["employer"], sum(line["net_fen"] for line in sheet["lines"])
    e.line(employer, "labour_cost", total)
    e.line(employer, "wages_payable", -total, due_on=sheet["due_on"])
    if employer != e.gc:
        e.line(e.gc, "subcontract_cost", total, employer)
        e.line(e.gc, "subcontractor_payable", -total, employer)
        e.line(employer, "contractor_receivable", total, e.gc)
        e.line(employer, "subcontract_income", -total, e.gc)
    for number, line in enumerate(sheet["lines"], 1):
        e.moves.append((f"{e.f['sheet']}/{number}", line["net_fen"], 0, 0))


@rule("PayrollReturned")
def _sheet_returned(e: Entry) -> None:
    e.refuse_if(e.log.sheet_state(e.f["sheet"]) != "submitted", "sheet_closed")


@rule("ObjectionRaised")
def _objection(e: Entry) -> None:
    sheet = e.log.one("PayrollSubmitted", sheet=e.f["sheet"]).f
    workers = {line["worker"] for line in sheet["lines"]}
    e.refuse_if(e.f["worker"] not in workers, "not_on_sheet")


@rule("ClaimReduced")
def _reduced(e: Entry) -> None:
    claim, amount = e.log.claims[e.f["claim"]], e.f["amount_fen"]
    e.refuse_over_claim([(claim, amount)])
    employer = claim.employer_at()
    e.line(employer, "wages_payable", amount, due_on=claim.due_on)
    e.line(employer, "labour_cost", -amount)
    e.move(claim, net=-amount)
    if claim.asserted or claim.attributions or employer == e.gc:
        return
    first = max(0, min(e.lowest_owed_to(employer, e.project), amount))
    e.line(e.gc, "subcontractor_payable", first, employer)
    e.line(e.gc, "recourse_receivable", amount - first, employer)
    e.line(e.gc, "subcontract_cost", -amount, employer)
    e.line(employer, "contractor_receivable", -first, e.gc)
    e.line(employer, "recourse_payable", first - amount, e.gc)
    e.line(employer, "subcontract_income", amount, e.gc)


# -- batches ------------------------------------------------------------------


@rule("PayoutInstructed")
def _instructed(e: Entry) -> None:
    e.refuse_if(e.log.has("PayoutInstructed", batch=e.f["batch"]), "batch_exists")
    parts = e.parts()
    e.refuse_over_claim(parts)
    money = e.log.cell(e.gc, "wage_account", e.project)
    not_the_projects = e.log.cell(e.gc, "suspense", e.project)
    free = lowest([*money, *not_the_projects], e.on)
    e.refuse_if(e.f["total_fen"] > free, "insufficient_funds")
    without = [c for c, _ in parts if not e.log.has("CardBound", worker=c.worker)]
    e.refuse_if(without, "card_missing")
    for claim, amount in parts:
        e.line(e.gc, "in_transit", amount)
        e.line(e.gc, "wage_account", -amount)
        e.move(claim, transit=amount)


@rule("PayoutSettled")
def _settled(e: Entry) -> None:
    lines = e.log.batch_lines(e.f["batch"])
    pending = [claim for claim, (state, _, _) in lines.items() if state == "pending"]
    claims = pending if e.f["claims"] == "all" else e.f["claims"]
    e.refuse_if(not claims or any(claim not in pending for claim in claims), "not_pending")
    e.discharge([(e.log.claims[claim], lines[claim][1]) for claim in claims], "in_transit")
    e.extra["claims"] = list(claims)


@rule("PayoutReturned")
def _returned(e: Entry) -> None:
    lines = e.log.batch_lines(e.f["batch"])
    late: list[Part] = []
    account = "wage_account" if e.log.wage_account_since(e.project) else "own_cash"
    for line in e.f["lines"]:
        state, amount, _ = lines.get(line["claim"], ("", 0, ""))
        e.refuse_if(state not in {"pending", "settled"}, "not_pending")
        claim = e.log.claims[line["claim"]]
        if state == "settled":
            late.append((claim, amount))
        else:
            e.line(e.gc, "in_transit", -amount)
            e.line(e.gc, account, amount)
            e.move(claim, transit=-amount)
    e.undo(late, account)


@rule("TransferReturned")
def _bounced(e: Entry) -> None:
    sources = {
        "DepositPaidOut": "deposit_cash",
        "GuaranteeCalled": "own_cash",
        "AdvanceClearingPaid": "own_cash",
    }
    paid = e.log.records[e.f["position"] - 1]
    e.refuse_if(paid.kind not in sources, "not_returnable")
    amounts = {line["claim"]: line["amount_fen"] for line in paid.f["lines"]}
    back = e.log.bounced(paid.position)
    claims = [line["claim"] for line in e.f["lines"]]
    e.refuse_if(any(c not in amounts or c in back for c in claims), "not_pending")
    e.undo([(e.log.claims[c], amounts[c]) for c in claims], sources[paid.kind])


@rule("PaidOutsideAccount")
def _outside(e: Entry) -> None:
    parts = e.parts()
    e.refuse_over_claim(parts)
    e.refuse_if("document" not in e.f, "document_required")
    employers = {claim.employer_at() for claim, _ in parts}
    e.refuse_if(len(employers) > 1, "mixed_employers")
    for claim, amount in parts:
        e.line(claim.employer_at(FOREVER), "wages_payable", amount, due_on=claim.due_on)
        e.line(claim.employer_at(FOREVER), "own_cash", -amount)
        e.move(claim, paid=amount)
