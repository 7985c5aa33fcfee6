"""Plausible postings about the emergency funds and their advances."""

from tests.model import policy
from tests.model.balances import Record, lowest
from tests.properties.world import Posting, World, causes_of, later, proposal


@proposal("FundEstablished", "FundFloorSet")
def _established(w: World) -> Posting | None:
    regions = w.regions()
    if w.kind == "FundEstablished":
        region = w.rng.choice(("220200", "220202", "220300", "220100"))
        if region in regions and w.chance(0.7):
            return None
    else:
        region = w.rng.choice(regions or ["220200"])
    return {"on": w.on(), "region": region, "floor_fen": w.yuan(0, 100_000)}


@proposal("FundAppropriated", "DonationReceived", "InterestCredited", "FundSurrendered")
def _received(w: World) -> Posting | None:
    region = w.pick(w.regions())
    if region is None:
        return None
    on, amount = w.on(), w.yuan(100, 20_000)
    if w.kind == "FundSurrendered":
        amount = w.upto(lowest(w.log.available(region), on) // w.rng.choice((1, 4, 10)))
    region = region if w.chance(0.98) else "220400"
    return {"on": on, "region": region, "amount_fen": amount}


# -- requests -----------------------------------------------------------------


@proposal("AdvanceRequested")
def _requested(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    project, employer = case.f["project"], case.f["employer"]
    city = w.facts(project)["region"][:4]
    regions = w.regions()
    near = [region for region in regions if region[:4] == city]
    region = w.pick(near if near and w.chance(0.95) else regions)
    on = w.on(case.on)
    claims = [
        claim
        for claim in w.free_claims(on, project=project, employer=employer)
        if claim.due_on < on or w.chance(0.2)
    ]
    on = w.on(on, *causes_of(claims)) if claims else on
    if region is None or not claims:
        return None
    lines = []
    for claim in w.some(claims, 3):
        overdue = claim.net() - lowest(claim.events(paid=1), claim.due_on)
        cap = overdue * policy.needed(w.log, "fund.cap_p", region, on) // 100
        cap = min(cap, policy.minimum_wage(w.log, region, on) or cap)
        limit = w.rng.choice((cap, cap, cap // 2, cap // 3, claim.lowest_free(on)))
        lines.append({"claim": claim.claim, "amount_fen": w.upto(limit)})
    posting = {
        "on": on,
        "region": region,
        "advance": w.new_id("A", "AdvanceRequested", "advance"),
        "project": project,
        "case": case.f["case"],
        "lines": lines,
    }
    if w.chance(0.5):
        posting["level"] = w.rng.choice(("bureau", "government"))
    return posting


def _advances(w: World, *without: str) -> list[Record]:
    """Requests without these later postings; now and then any."""
    return [
        request
        for request in w.log.of("AdvanceRequested")
        if w.chance(0.04) or not w.log.has(*without, advance=request.f["advance"])
    ]


def _of_request(w: World, request: Record) -> Posting:
    region = request.f["region"]
    if w.chance(0.02):
        region = w.rng.choice(w.regions())
    return {"region": region, "advance": request.f["advance"]}


@proposal("AdvanceApproved", "AdvanceRejected")
def _decided(w: World) -> Posting | None:
    approve = w.kind == "AdvanceApproved"
    gone = ("AdvanceApproved",) if approve else ()
    request = w.pick(_advances(w, "AdvanceRejected", "AdvancePaid", *gone))
    if request is None:
        return None
    approvals = w.log.of("AdvanceApproved", advance=request.f["advance"])
    posting = {"on": w.on(request.on, *(a.on for a in approvals)), **_of_request(w, request)}
    if approve and (request.f["level"] == "government" or w.chance(0.3)):
        posting["level"] = "government" if w.chance(0.85) else "bureau"
    return posting


@proposal("AdvancePaid")
def _paid(w: World) -> Posting | None:
    waiting = _advances(w, "AdvanceRejected", "AdvancePaid")
    approved = [r for r in waiting if w.log.has("AdvanceApproved", advance=r.f["advance"])]
    request = w.pick(approved if not w.chance(0.05) else waiting)
    if request is None:
        return None
    approvals = w.log.of("AdvanceApproved", advance=request.f["advance"])
    posting = {"on": w.on(request.on, *(a.on for a in approvals)), **_of_request(w, request)}
    if w.chance(0.4):
        claims = [line["claim"] for line in request.f["lines"]]
        stray = w.pick(w.claims())
        posting["claims"] = w.some(claims, 2)
        if stray is not None and stray.claim not in claims and w.chance(0.1):
            posting["claims"].append(stray.claim)
    if w.chance(0.5):
        posting["bank_ref"] = w.reference("F")
    return posting


@proposal("AdvanceReturned")
def _came_back(w: World) -> Posting | None:
    payments = w.log.of("AdvancePaid")
    if w.chance(0.95):
        payments = [p for p in payments if w.log.paid_in(p.f["advance"])]
    payment = w.pick(payments)
    if payment is None:
        return None
    name, region = payment.f["advance"], payment.f["region"]
    paid = w.log.paid_in(name)
    claims = list(paid) if paid and w.chance(0.93) else list(payment.extra["lines"])
    written_off = [r.on for r in w.log.of("AdvanceWrittenOff", region=region)]
    on = w.on(payment.on, *written_off)
    return {"on": on, "region": region, "advance": name, "claims": w.some(claims, 2)}


# -- recovery -----------------------------------------------------------------


@proposal("AdvanceRecovered", "AdvanceRefunded", "AdvanceSetOff", "AdvanceWrittenOff")
def _settled(w: World) -> Posting | None:
    debts = [
        (book, other)
        for (book, account, _, other) in w.log.cells
        if account in {"receivable", "refund_payable"}
    ]
    found = w.pick(debts)
    if found is None:
        return None
    fund, debtor = found
    on = w.on()
    owed = w.lowest_of(on, fund, "receivable", "", debtor)
    refunds = w.lowest_of(on, fund, "refund_payable", "", debtor)
    limit = {"AdvanceRefunded": refunds, "AdvanceSetOff": min(owed, refunds)}.get(w.kind, owed)
    if limit <= 0 and w.chance(0.9):
        return None
    posting = {"on": on, "region": fund[5:], "debtor": debtor, "amount_fen": w.upto(limit)}
    if w.kind == "AdvanceWrittenOff":
        posting |= w.document(0.9)
    if w.chance(0.05):
        posting["on"] = later(on, -3)
    return posting
