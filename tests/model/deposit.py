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


def last_overdue(log: Log, party: str, projects: set[str], until: str) -> str:
    """The latest day up to `until` with overdue wages of the party or on projects, or ""."""
    found = ""
    for claim in log.claims.values():
        days = {until, days_before(claim.due_on, -1)}
        days |= {day for on, _, _, _ in claim.changes for day in (on, days_before(on, 1))}
        for day in days:
            overdue = claim.due_on < day <= until and claim.open(day) > 0
            if overdue and (claim.project in projects or claim.employer_at(day) == party):
                found = max(found, day)
    return found


def whole_months(first: str, last: str) -> int:
    """Whole months from one day to another."""
    years, months = int(last[:4]) - int(first[:4]), int(last[5:7]) - int(first[5:7])
    return years * 12 + months - (last[8:] < first[8:])


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
        if r.f["project"] != project and r.f["contract_on"] <= on
    ]
    ratio = rate("deposit.ratio")
    lowered = policy.value(log, "deposit.multi_ratio", region, on)
    running = any(
        o["region"][:4] == region[:4] and not log.completed(o["project"], on) for o in others
    )
    if running and lowered is not None:
        ratio = min(ratio, max(lowered, rate("deposit.multi_floor")))
    every = log.of("ProjectRegistered", general_contractor=gc)
    elsewhere = {r.f["project"] for r in every} - {project}
    overdue = last_overdue(log, gc, elsewhere, on)
    since = overdue or min((o["contract_on"] for o in others), default="")
    clean = whole_months(since, on) if since else -1
    bad = listed(log, gc, on) or (overdue and overdue >= months_after(on, -24))
    factor = 100
    if listed(log, gc, on):
        factor = rate("deposit.dishonest_factor")
    elif bad:
        factor = rate("deposit.arrears_factor")
    elif clean >= 24:
        factor = rate("deposit.clean2_factor")
    small = price < rate("deposit.exempt_below") and clean >= rate("deposit.exempt_clean_months")
    accounts = all(log.has("WageAccountOpened", project=p) for p in elsewhere)
    if not bad and (small or (rate("deposit.clean3_exempt") and clean >= 36 and accounts)):
        return 0
    amount = Fraction(price * ratio * factor, 10_000 * 100)
    cap = policy.value(log, "deposit.cap", region, on)
    return ceil(amount if cap is None else min(amount, Fraction(cap)))


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
