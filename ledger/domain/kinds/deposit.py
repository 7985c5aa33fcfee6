"""The guarantee deposit: assessed, lodged, guaranteed, released.

Legal source: 人社部发〔2021〕65号 arts. 11-17 and 22. Principal leaves the deposit only by a
payment notice (``ledger.domain.kinds.notices``) or a release; interest is the contractor's.
"""

from ledger.domain.base import Decision, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper
from ledger.domain.journal import Journal
from ledger.domain.kinds.funds import (
    bank_ref_id,
    require_completed,
    require_new_bank_ref,
    require_nothing_open,
    require_notice_days,
)  # fmt: skip
from ledger.domain.kinds.register import project_of
from ledger.domain.policy import DEPOSIT_PARAMETERS, DepositFacts, assess_deposit
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    AmountOrZero,
    BankRef,
    Day,
    Guarantee,
    Name,
    NewRef,
    Project,
)  # fmt: skip
from ledger.domain.state import Counter, CreditFile, Notice
from ledger.domain.state import Guarantee as GuaranteeRecord
from ledger.domain.state import Project as ProjectRecord
from ledger.domain.timeline import Timeline
from ledger.kernel.dates import add_months, parse_date
from ledger.kernel.errors import Refusal


@kind("I", "deposit")
class DepositAssessed(Posting):
    """What the project must hold from this day; left out, the policy computes it."""

    project: Project
    required_fen: AmountOrZero | None = None


@kind("B", "deposit")
class DepositLodged(Posting):
    """The contractor's cash arrives on the deposit account."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "deposit")
class DepositInterestCredited(Posting):
    """The bank credits interest on the deposit."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef | None = None


@kind("B", "deposit")
class DepositInterestWithdrawn(Posting):
    """The contractor draws interest; the principal stays."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef | None = None


@kind("I", "deposit")
class GuaranteeAccepted(Posting):
    """A bank guarantee stands for the deposit."""

    project: Project
    guarantee: NewRef
    issuer: Name
    face_fen: Amount
    valid_from: Day
    valid_to: Day


@kind("I", "deposit")
class GuaranteeExtended(Posting):
    """The guarantee is valid longer."""

    guarantee: Guarantee
    valid_to: Day


@kind("I", "deposit")
class GuaranteeReleased(Posting):
    """The guarantee goes back and counts no more from this day."""

    guarantee: Guarantee


@kind("I", "deposit")
class DepositReleaseConfirmed(Posting):
    """The authority confirms that the deposit may be released."""

    project: Project
    notice_posted_on: Day


@kind("B", "deposit")
class DepositReleased(Posting):
    """The bank pays the deposit back; from then on nothing is required."""

    project: Project
    amount_fen: Amount


def face_left(guarantee: GuaranteeRecord, on: str) -> int:
    """Least that is left of a guarantee's face from a day onwards, in fen."""
    timeline = Timeline()
    timeline.add("", guarantee.face_fen)
    for day, amount in guarantee.calls:
        timeline.add(str(day), -int(amount))
    return timeline.lowest(on)


def cover_left(at: Context, on: str, *, without: str = "") -> int:
    """Lowest deposit cash from a day onwards and the faces left of guarantees valid on it."""
    project = at.the_project()
    cash = at.facts.cell(project.general_contractor, "deposit_cash", at.project_id, "")
    return cash.lowest(on) + guarantees_left(at, on, without=without)


def guarantees_left(at: Context, on: str, *, without: str = "") -> int:
    """Faces left of the project's guarantees that are valid on a day."""
    left = 0
    for name in at.the_project().guarantees:
        guarantee = at.facts.get(GuaranteeRecord, name)
        assert guarantee is not None
        if name != without and guarantee.valid(on):
            left += face_left(guarantee, on)
    return left


def undrawn_notices(at: Context, *, without: str = "") -> int:
    """Undrawn lines of the project's notices now, whatever their date."""
    undrawn = 0
    for name in at.the_project().notices:
        notice = at.facts.get(Notice, name)
        assert notice is not None
        undrawn += notice.undrawn_fen() if name != without else 0
    return undrawn


@decides("DepositAssessed")
def decide_assessed(posting: DepositAssessed, at: Context) -> Decision:
    """What the authority asks for, or what the policy in force on the contract's date says."""
    decision = Decision(f"project:{at.project_id}")
    if posting.required_fen is None:
        required, records = assess_deposit(deposit_facts(at), at.book(DEPOSIT_PARAMETERS))
        at.use(records, at.the_project().region, at.the_project().contract_on)
    else:
        required = posting.required_fen
    decision.outcome["required_fen"] = required
    return decision


def deposit_facts(at: Context) -> DepositFacts:
    """What the policy asks of the project and of the contractor's record before its contract.

    The record is what this ledger knows: a contractor whose first project this is has
    none, and gets neither a reduction nor an exemption for it.
    """
    project = at.the_project()
    contractor, signed = project.general_contractor, project.contract_on
    others = {
        name: other
        for name, other in at.facts.scan(ProjectRecord, "").items()
        if other.general_contractor == contractor and name != at.project_id
    }
    earlier = [other.contract_on for other in others.values() if other.contract_on <= signed]
    overdue = at.facts.last_overdue(contractor, sorted(others), signed)
    credit = at.facts.get(CreditFile, contractor)
    clean_since = overdue or min(earlier, default="")
    return DepositFacts(
        contract_price_fen=project.contract_price_fen,
        contract_on=signed,
        starts_on=project.starts_on,
        planned_end_on=project.planned_end_on,
        region=project.region,
        other_projects=sum(
            other.region[:4] == project.region[:4]
            and other.contract_on <= signed
            and (not other.completed_on or other.completed_on > signed)
            for other in others.values()
        ),
        arrears_in_2y=bool(overdue) and overdue >= shifted(signed, -24),
        dishonest=credit is not None and credit.listed(signed),
        clean_months=months_between(clean_since, signed) if clean_since else None,
        wage_accounts_in_place=bool(others)
        and all(other.account_state != "none" for other in others.values()),
    )


def shifted(day: str, months: int) -> str:
    """A day some months later, at the month's end where the day does not exist."""
    parsed = parse_date(day)
    assert parsed is not None
    return add_months(parsed, months).isoformat()


def months_between(first: str, last: str) -> int:
    """Whole months from one day to another."""
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])
    return months - (last[8:] < first[8:])


@decides("DepositLodged")
def decide_lodged(posting: DepositLodged, at: Context) -> Decision:
    """Cash enters the deposit."""
    require_new_bank_ref(at, "deposit", posting.bank_ref)
    return cash_in(at, "deposit_cash", "own_cash", posting.amount_fen)


@evolves("DepositLodged", "DepositInterestCredited", "DepositInterestWithdrawn")
def evolve_seen(event: Recorded, keeper: Keeper) -> None:
    """Remember the bank's reference: this deposit has seen it."""
    if "bank_ref" in event.fields:
        name = bank_ref_id("deposit", event.fields["project"], event.fields["bank_ref"])
        keeper.keep(name, Counter(event.position))


def cash_in(at: Context, account: str, source: str, amount_fen: int) -> Decision:
    """Move an amount inside the contractor's book on this project."""
    gc = at.the_project().general_contractor
    journal = Journal()
    journal.add(gc, account, amount_fen, project=at.project_id)
    journal.add(gc, source, -amount_fen, project=at.project_id)
    return Decision(f"project:{at.project_id}", journal.lines())


@decides("DepositInterestCredited")
def decide_interest(posting: DepositInterestCredited, at: Context) -> Decision:
    """Interest belongs to the contractor and is kept apart from the principal."""
    return cash_in(at, "deposit_interest", "interest_income", posting.amount_fen)


@decides("DepositInterestWithdrawn")
def decide_interest_withdrawn(posting: DepositInterestWithdrawn, at: Context) -> Decision:
    """Only interest may be drawn."""
    require_cell(at, "deposit_interest", posting.amount_fen)
    return cash_in(at, "own_cash", "deposit_interest", posting.amount_fen)


def require_cell(at: Context, account: str, amount_fen: int) -> None:
    """Refuse more than the contractor's account holds from the day onwards."""
    gc = at.the_project().general_contractor
    held = at.facts.cell(gc, account, at.project_id, "").lowest(at.posting.on)
    if amount_fen > held:
        raise Refusal(
            "insufficient_funds", account=account, amount_fen=amount_fen, available_fen=held
        )


@decides("GuaranteeAccepted")
def decide_accepted(posting: GuaranteeAccepted, at: Context) -> Decision:
    """A guarantee is valid for at least a year (art. 17)."""
    if at.facts.get(GuaranteeRecord, posting.guarantee) is not None:
        raise Refusal("guarantee_exists", guarantee=posting.guarantee)
    months = at.number("guarantee.min_months", at.the_project().region, posting.on)
    start = parse_date(shifted(posting.valid_from, months))
    assert start is not None
    until = parse_date(posting.valid_to)
    assert until is not None
    if (start - until).days > 1:
        raise Refusal(
            "guarantee_too_short", valid_from=posting.valid_from, valid_to=posting.valid_to,
            months=months,
        )  # fmt: skip
    return Decision(f"project:{at.project_id}")


@evolves("GuaranteeAccepted")
def evolve_accepted(event: Recorded, keeper: Keeper) -> None:
    """The guarantee counts from its acceptance or the start of its validity."""
    fields = event.fields
    keeper.keep(
        fields["guarantee"],
        GuaranteeRecord(
            fields["project"], event.on, fields["face_fen"], fields["valid_from"],
            fields["valid_to"],
        ),
    )  # fmt: skip
    project = project_of(event, keeper)
    project.guarantees.append(fields["guarantee"])
    keeper.keep(fields["project"], project)


@decides("GuaranteeExtended")
def decide_extended(posting: GuaranteeExtended, at: Context) -> Decision:
    """Longer than before, and only while it is valid."""
    guarantee = at.guarantee
    assert guarantee is not None
    if posting.valid_to <= guarantee.valid_to:
        raise Refusal("not_longer", valid_to=posting.valid_to, guarantee=posting.guarantee)
    if posting.on > guarantee.valid_to or guarantee.released_on:
        raise Refusal("guarantee_expired", guarantee=posting.guarantee, on=posting.on)
    return Decision(f"project:{at.project_id}")


@evolves("GuaranteeExtended")
def evolve_extended(event: Recorded, keeper: Keeper) -> None:
    """The later end counts."""
    guarantee = guarantee_of(event, keeper)
    guarantee.valid_to = event.fields["valid_to"]
    keeper.keep(event.fields["guarantee"], guarantee)


def guarantee_of(event: Recorded, facts: Facts) -> GuaranteeRecord:
    """The record of the guarantee that a recorded posting names."""
    guarantee = facts.get(GuaranteeRecord, event.fields["guarantee"])
    assert guarantee is not None
    return guarantee


@decides("GuaranteeReleased")
def decide_guarantee_released(posting: GuaranteeReleased, at: Context) -> Decision:
    """Not twice, and not while undrawn notices need it."""
    guarantee = at.guarantee
    assert guarantee is not None
    if guarantee.released_on:
        raise Refusal("guarantee_expired", guarantee=posting.guarantee, on=posting.on)
    undrawn = undrawn_notices(at)
    left = cover_left(at, posting.on, without=posting.guarantee)
    if undrawn > left:
        raise Refusal(
            "insufficient_funds", account="deposit", amount_fen=undrawn, available_fen=left
        )
    return Decision(f"project:{at.project_id}")


@evolves("GuaranteeReleased")
def evolve_guarantee_released(event: Recorded, keeper: Keeper) -> None:
    """It counts no more from this day."""
    guarantee = guarantee_of(event, keeper)
    guarantee.released_on = event.on
    keeper.keep(event.fields["guarantee"], guarantee)


@decides("DepositReleaseConfirmed")
def decide_confirmed(posting: DepositReleaseConfirmed, at: Context) -> Decision:
    """After the notice, the completion, and with nothing open (art. 22)."""
    require_notice_days(at, "deposit.release_notice_days", posting.notice_posted_on)
    require_completed(at)
    require_nothing_open(at)
    return Decision(f"project:{at.project_id}")


@evolves("DepositReleaseConfirmed")
def evolve_confirmed(event: Recorded, keeper: Keeper) -> None:
    """A release may follow from this day."""
    project = project_of(event, keeper)
    project.release_confirmed_on.append(event.on)
    keeper.keep(event.fields["project"], project)


@decides("DepositReleased")
def decide_released(posting: DepositReleased, at: Context) -> Decision:
    """Principal goes back to the contractor."""
    if not any(day <= posting.on for day in at.the_project().release_confirmed_on):
        raise Refusal("no_release_confirmation", project=at.project_id, on=posting.on)
    require_nothing_open(at)
    require_cell(at, "deposit_cash", posting.amount_fen)
    return cash_in(at, "own_cash", "deposit_cash", posting.amount_fen)


@evolves("DepositReleased")
def evolve_released(event: Recorded, keeper: Keeper) -> None:
    """From the first release on nothing is required."""
    project = project_of(event, keeper)
    project.released_on = min(project.released_on or event.on, event.on)
    keeper.keep(event.fields["project"], project)


@evolves("DepositAssessed")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal, or the read side, says it all."""
