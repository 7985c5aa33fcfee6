"""Step 6: the guarantee deposit, guarantees, payment notices, release; what must be held."""

from datetime import date
from fractions import Fraction
from math import ceil

from tests.model import policy
from tests.model.balances import lowest
from tests.model.entry import Entry, rule
from tests.model.log import Log
from tests.model.site import days_before

DEPOSIT_KINDS = ("DepositLodged", "DepositInterestCredited", "DepositInterestWithdrawn")


def months_after(day: str, months: int) -> str:
    """The same day so many months later, or the last day of that month."""
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for last in (start.day, 30, 29, 28):
        if last <= start.day:
            try:
                return date(year, month + 1, last).isoformat()
            except ValueError:
                continue
    raise AssertionError(day)


# -- what must be held --------------------------------------------------------


def had_arrears(log: Log, party: str, first: str, last: str) -> bool:
    """Whether the party owed overdue wages, as employer or GC, on a day of the range."""
    projects = {r.f["project"] for r in log.of("ProjectRegistered", general_contractor=party)}
    for claim in log.claims.values():
        days = [first, last, days_before(claim.due_on, -1), *(c[0] for c in claim.changes)]
        for day in days:
            overdue = first <= day <= last and claim.due_on < day and claim.open(day) > 0
            if overdue and (claim.project in projects or claim.employer_at(day) == party):
                return True
    return False


def listed(log: Log, party: str, on: str) -> bool:
    """Whether the party is on the dishonest list on a day."""
    latest = [
        record
        for record in log.of("DishonestListed", "DishonestRemoved", party=party)
        if record.on <= on
    ]
    if not latest:
        return False
    last = max(latest, key=lambda r: (r.on, r.position))
    return last.kind == "DishonestListed" and on <= last.f["until_on"]


def computed_deposit(log: Log, project: str) -> int:
    """What the policy in force on contract_on asks of the project, in fen, rounded up."""
    f = log.project(project)
    on, region, gc = f["contract_on"], f["region"], f["general_contractor"]
    price = log.price(project)

    def rate(name: str) -> int:
        return policy.needed(log, name, region, on)

    others = [
        r.f
        for r in log.of("ProjectRegistered", general_contractor=gc)
        if r.f["project"] != project and r.f["region"][:4] == region[:4]
    ]
    running = [o for o in others if o["contract_on"] <= on and not log.completed(o["project"], on)]
    ratio = rate("deposit.ratio")
    if running:
        local = policy.value(log, "deposit.multi_ratio", region, on)
        ratio = max(ratio if local is None else local, rate("deposit.multi_floor"))
    in_area_since = min((o["contract_on"] for o in others), default=on)
    owed = had_arrears(log, gc, months_after(on, -24), on)
    factor = 100
    if listed(log, gc, on):
        factor = rate("deposit.dishonest_factor")
    elif owed:
        factor = rate("deposit.arrears_factor")
    elif in_area_since <= months_after(on, -24):
        factor = rate("deposit.clean2_factor")
    amount = Fraction(price * ratio * factor, 10_000 * 100)
    cap = policy.value(log, "deposit.cap", region, on)
    if cap is not None:
        amount = min(amount, Fraction(cap))
    months = rate("deposit.exempt_clean_months")
    if (
        price < rate("deposit.exempt_below")
        and not listed(log, gc, on)
        and not had_arrears(log, gc, months_after(on, -months), on)
    ):
        return 0
    return ceil(amount)


@rule("DepositAssessed")
def _assessed(e: Entry) -> None:
    given = e.f.get("required_fen")
    e.extra["required_fen"] = computed_deposit(e.log, e.project) if given is None else given


# -- cash ---------------------------------------------------------------------


@rule("DepositLodged")
def _lodged(e: Entry) -> None:
    seen = e.log.has(*DEPOSIT_KINDS, project=e.project, bank_ref=e.f["bank_ref"])
    e.refuse_if(seen, "bank_ref_reused")
    e.line(e.gc, "deposit_cash", e.f["amount_fen"])
    e.line(e.gc, "own_cash", -e.f["amount_fen"])


@rule("DepositInterestCredited")
def _interest(e: Entry) -> None:
    e.line(e.gc, "deposit_interest", e.f["amount_fen"])
    e.line(e.gc, "interest_income", -e.f["amount_fen"])


@rule("DepositInterestWithdrawn")
def _interest_withdrawn(e: Entry) -> None:
    amount = e.f["amount_fen"]
    held = lowest(e.log.cell(e.gc, "deposit_interest", e.project), e.on)
    e.refuse_if(amount > held, "insufficient_funds")
    e.line(e.gc, "deposit_interest", -amount)
    e.line(e.gc, "own_cash", amount)


# -- guarantees ---------------------------------------------------------------


@rule("GuaranteeAccepted")
def _accepted(e: Entry) -> None:
    known = e.log.has("GuaranteeAccepted", guarantee=e.f["guarantee"])
    e.refuse_if(known, "guarantee_exists")
    region = e.log.project(e.project)["region"]
    months = policy.needed(e.log, "guarantee.min_months", region, e.on)
    needed = days_before(months_after(e.f["valid_from"], months), 1)
    e.refuse_if(e.f["valid_to"] < needed, "guarantee_too_short")


@rule("GuaranteeExtended")
def _extended(e: Entry) -> None:
    guarantee = e.f["guarantee"]
    known = e.log.of("GuaranteeAccepted", "GuaranteeExtended", guarantee=guarantee)
    end = known[-1].f["valid_to"]
    e.refuse_if(e.f["valid_to"] <= end, "not_longer")
    released = e.log.has("GuaranteeReleased", guarantee=guarantee)
    e.refuse_if(e.on > end or released, "guarantee_expired")


@rule("GuaranteeReleased")
def _guarantee_released(e: Entry) -> None:
    guarantee = e.f["guarantee"]
    released = e.log.has("GuaranteeReleased", guarantee=guarantee)
    e.refuse_if(released, "guarantee_expired")
    project = e.log.one("GuaranteeAccepted", guarantee=guarantee).f["project"]
    left = e.log.cover(project, e.on, without=guarantee)
    e.refuse_if(e.log.undrawn(project) > left, "insufficient_funds")


# -- payment notices ----------------------------------------------------------


@rule("PaymentNoticeIssued")
def _notice(e: Entry) -> None:
    e.refuse_if(e.log.has("PaymentNoticeIssued", notice=e.f["notice"]), "notice_exists")
    decisions = e.log.of("DecisionIssued", case=e.f["case"])
    expired = any(decision.f["deadline_on"] < e.on for decision in decisions)
    e.refuse_if(not expired, "no_expired_decision")
    parts = e.parts()
    e.refuse_over_claim(parts)
    left = e.log.cover(e.project, e.on) - e.log.undrawn(e.project)
    e.refuse_if(sum(amount for _, amount in parts) > left, "insufficient_funds")


@rule("NoticeWithdrawn")
def _withdrawn(e: Entry) -> None:
    e.refuse_if(e.log.has("NoticeWithdrawn", notice=e.f["notice"]), "notice_withdrawn")


def _refuse_not_on_notice(e: Entry) -> None:
    over = any(
        line["amount_fen"] > lowest(e.log.left_on_notice(e.f["notice"], line["claim"]), e.on)
        for line in e.f["lines"]
    )
    e.refuse_if(over, "not_on_notice")


@rule("DepositPaidOut")
def _paid_out(e: Entry) -> None:
    _refuse_not_on_notice(e)
    parts = e.parts()
    e.refuse_over_claim(parts)
    cash = lowest(e.log.cell(e.gc, "deposit_cash", e.project), e.on)
    e.refuse_if(sum(amount for _, amount in parts) > cash, "insufficient_funds")
    e.discharge(parts, "deposit_cash")


@rule("GuaranteeCalled")
def _called(e: Entry) -> None:
    guarantee = e.f["guarantee"]
    noticed_on = e.log.one("PaymentNoticeIssued", notice=e.f["notice"]).on
    e.refuse_if(not e.log.valid_on(guarantee, noticed_on), "guarantee_expired")
    parts = e.parts()
    face = lowest(e.log.face_left(guarantee), e.on)
    e.refuse_if(sum(amount for _, amount in parts) > face, "insufficient_funds")
    _refuse_not_on_notice(e)
    e.refuse_over_claim(parts)
    e.discharge(parts, "own_cash")


# -- release ------------------------------------------------------------------


@rule("DepositReleaseConfirmed")
def _release_confirmed(e: Entry) -> None:
    region = e.log.project(e.project)["region"]
    notice = policy.needed(e.log, "deposit.release_notice_days", region, e.on)
    too_short = e.f["notice_posted_on"] > days_before(e.on, notice)
    e.refuse_if(too_short, "notice_too_short")
    e.refuse_if(not e.log.completed(e.project, e.on), "not_completed")
    e.refuse_if(e.log.open_claims(e.project), "open_claims")


@rule("DepositReleased")
def _released(e: Entry) -> None:
    confirmed = e.log.of("DepositReleaseConfirmed", project=e.project)
    e.refuse_if(not any(c.on <= e.on for c in confirmed), "no_release_confirmation")
    e.refuse_if(e.log.open_claims(e.project), "open_claims")
    cash = lowest(e.log.cell(e.gc, "deposit_cash", e.project), e.on)
    e.refuse_if(e.f["amount_fen"] > cash, "insufficient_funds")
    e.line(e.gc, "deposit_cash", -e.f["amount_fen"])
    e.line(e.gc, "own_cash", e.f["amount_fen"])
