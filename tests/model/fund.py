"""Step 6: the emergency turnover fund of a region and its advances."""

from tests.model import policy
from tests.model.balances import Claim, balance, lowest, negated
from tests.model.entry import Entry, rule

_SOURCES = {
    "FundAppropriated": "capital",
    "DonationReceived": "donations",
    "InterestCredited": "interest",
}


@rule("FundEstablished")
def _established(e: Entry) -> None:
    e.refuse_if(e.log.has("FundEstablished", region=e.f["region"]), "fund_exists")


@rule(*_SOURCES)
def _received(e: Entry) -> None:
    e.line(_fund(e), "cash", e.f["amount_fen"])
    e.line(_fund(e), _SOURCES[e.kind], -e.f["amount_fen"])


@rule("FundSurrendered")
def _surrendered(e: Entry) -> None:
    amount = e.f["amount_fen"]
    e.refuse_if(amount > lowest(e.log.available(e.f["region"]), e.on), "insufficient_funds")
    e.line(_fund(e), "surrendered", amount)
    e.line(_fund(e), "cash", -amount)


def _fund(e: Entry) -> str:
    return f"fund:{e.f['region']}"


# -- requests and decisions ---------------------------------------------------


def _asked_elsewhere(e: Entry, claim: str) -> int:
    """What other requests not rejected and not paid ask for the claim."""
    return sum(
        line["amount_fen"]
        for request in e.log.of("AdvanceRequested")
        if not e.log.has("AdvanceRejected", "AdvancePaid", advance=request.f["advance"])
        for line in request.f["lines"]
        if line["claim"] == claim
    )


def _over_cap(e: Entry, worker: str) -> bool:
    """Whether the worker's lines of all requests around, this one included, exceed the cap."""
    log, region = e.log, e.f["region"]
    asked = {x["claim"]: x["amount_fen"] for x in e.f["lines"]}
    sums = {c: a for c, a in asked.items() if log.claims[c].worker == worker}
    for request in log.of("AdvanceRequested"):
        name = request.f["advance"]
        near = request.f["region"][:4] == region[:4]
        if not near or log.has("AdvanceRejected", advance=name):
            continue
        lines = {x["claim"]: x["amount_fen"] for x in request.f["lines"]}
        if log.has("AdvancePaid", advance=name):
            lines = log.paid_in(name)
        for claim, amount in lines.items():
            if log.claims[claim].worker == worker:
                sums[claim] = sums.get(claim, 0) + amount
    arrears = 0
    for claim in log.named(sums):
        arrears += claim.net() - lowest(claim.events(paid=1), claim.due_on)
    cap = arrears * policy.needed(log, "fund.cap_p", region, e.on) // 100
    wage = policy.minimum_wage(log, region, e.on)
    if wage is not None:
        cap = min(cap, policy.needed(log, "fund.cap_k", region, e.on) * wage)
    return bool(sum(sums.values()) > cap)


@rule("AdvanceRequested")
def _requested(e: Entry) -> None:
    e.refuse_if(e.log.has("AdvanceRequested", advance=e.f["advance"]), "advance_exists")
    parts = e.parts()
    early = any(claim.due_on >= e.on or claim.open() <= 0 for claim, _ in parts)
    e.refuse_if(early, "not_in_arrears")
    over = any(
        amount > claim.lowest_free(e.on) - _asked_elsewhere(e, claim.claim)
        for claim, amount in parts
    )
    e.refuse_if(over, "over_claim")
    workers = sorted({claim.worker for claim, _ in parts})
    bureau = e.f["level"] == "bureau"
    e.refuse_if(bureau and any(_over_cap(e, worker) for worker in workers), "over_cap")


@rule("AdvanceApproved")
def _approved(e: Entry) -> None:
    name = e.f["advance"]
    decided = e.log.has("AdvanceApproved", "AdvanceRejected", "AdvancePaid", advance=name)
    e.refuse_if(decided, "advance_decided")
    request = e.log.one("AdvanceRequested", advance=name).f
    low = request["level"] == "government" and e.f["level"] == "bureau"
    e.refuse_if(low, "level_too_low")
    total = sum(line["amount_fen"] for line in request["lines"])
    e.refuse_if(total > lowest(e.log.available(e.f["region"]), e.on), "insufficient_funds")


@rule("AdvanceRejected")
def _rejected(e: Entry) -> None:
    decided = e.log.has("AdvanceRejected", "AdvancePaid", advance=e.f["advance"])
    e.refuse_if(decided, "advance_decided")


# -- payment and return -------------------------------------------------------


def _pay_claim(e: Entry, claim: Claim, amount: int) -> None:
    """The employer's book when the fund pays a fen of the claim (or it comes back)."""
    e.line(claim.employer_at(), "wages_payable", amount, due_on=claim.due_on, project=claim.project)
    e.move(claim, paid=amount)


@rule("AdvancePaid")
def _paid(e: Entry) -> None:
    name, fund = e.f["advance"], _fund(e)
    e.refuse_if(e.log.has("AdvancePaid", advance=name), "already_paid")
    approved = e.log.has("AdvanceApproved", advance=name)
    rejected = e.log.has("AdvanceRejected", advance=name)
    e.refuse_if(rejected or not approved, "not_approved")
    request = e.log.one("AdvanceRequested", advance=name).f
    asked = {line["claim"]: line["amount_fen"] for line in request["lines"]}
    claims = e.f.get("claims", list(asked))
    e.refuse_if(any(claim not in asked for claim in claims), "not_requested")
    parts = [(e.log.claims[claim], asked[claim]) for claim in claims]
    e.refuse_over_claim(parts)
    for claim, amount in parts:
        employer = claim.employer_at()
        e.line(fund, "cash", -amount)
        e.line(fund, "receivable", amount, employer)
        e.line(employer, "due_to_fund", -amount, fund)
        _pay_claim(e, claim, amount)
    e.extra["lines"] = {claim: asked[claim] for claim in claims}


def _written_off(e: Entry, debtor: str) -> int:
    """Written off for the debtor in this fund less what returns took back, all in the log."""
    region = e.f["region"]
    written = e.log.of("AdvanceWrittenOff", region=region, debtor=debtor)
    returns = e.log.of("AdvanceReturned", region=region)
    taken = sum(record.extra["took_back"].get(debtor, 0) for record in returns)
    return int(sum(record.f["amount_fen"] for record in written) - taken)


@rule("AdvanceReturned")
def _came_back(e: Entry) -> None:
    paid, fund = e.log.paid_in(e.f["advance"]), _fund(e)
    e.refuse_if(any(claim not in paid for claim in e.f["claims"]), "not_paid")
    receivable: dict[str, int] = {}
    took_back: dict[str, int] = {}
    for name in e.f["claims"]:
        claim, amount = e.log.claims[name], paid[name]
        debtor = claim.employer_at()
        e.line(fund, "cash", amount)
        _pay_claim(e, claim, -amount)
        if debtor not in receivable:
            receivable[debtor] = lowest(e.log.cell(fund, "receivable", "", debtor), e.on)
        owed = max(0, min(amount, receivable[debtor]))
        receivable[debtor] -= owed
        e.line(fund, "receivable", -owed, debtor)
        e.line(debtor, "due_to_fund", owed, fund)
        lost = _written_off(e, debtor) - took_back.get(debtor, 0)
        revived = max(0, min(amount - owed, lost))
        took_back[debtor] = took_back.get(debtor, 0) + revived
        e.line(fund, "write_off", -revived)
        e.line(debtor, "write_off_income", revived, project="")
        rest = amount - owed - revived
        e.line(fund, "refund_payable", -rest, debtor)
        e.line(debtor, "due_from_fund", rest, fund)
    e.extra["took_back"] = took_back


# -- recovery -----------------------------------------------------------------


@rule("AdvanceRecovered", "AdvanceRefunded", "AdvanceSetOff", "AdvanceWrittenOff")
def _settled(e: Entry) -> None:
    fund, debtor, amount = _fund(e), e.f["debtor"], e.f["amount_fen"]
    receivable = e.log.cell(fund, "receivable", "", debtor)
    refunds = negated(e.log.cell(fund, "refund_payable", "", debtor))
    owed = {
        "AdvanceRecovered": lowest(receivable, e.on),
        "AdvanceRefunded": lowest(refunds, e.on) - balance(receivable),
        "AdvanceSetOff": min(lowest(receivable, e.on), lowest(refunds, e.on)),
        "AdvanceWrittenOff": lowest(receivable, e.on),
    }[e.kind]
    e.refuse_if(amount > owed, "over_payable")
    undocumented = e.kind == "AdvanceWrittenOff" and "document" not in e.f
    e.refuse_if(undocumented, "document_required")
    lines = {
        "AdvanceRecovered": (("cash", "receivable"), ("due_to_fund", "own_cash")),
        "AdvanceRefunded": (("refund_payable", "cash"), ("own_cash", "due_from_fund")),
        "AdvanceSetOff": (("refund_payable", "receivable"), ("due_to_fund", "due_from_fund")),
        "AdvanceWrittenOff": (("write_off", "receivable"), ("due_to_fund", "write_off_income")),
    }[e.kind]
    mirrored = {"receivable": debtor, "refund_payable": debtor}
    mirrored |= {"due_to_fund": fund, "due_from_fund": fund}
    for book, (debit, credit) in zip((fund, debtor), lines, strict=True):
        e.line(book, debit, amount, mirrored.get(debit, ""))
        e.line(book, credit, -amount, mirrored.get(credit, ""))
