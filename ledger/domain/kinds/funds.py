"""Project funds: the split of each progress payment into labour cost and the rest.

Legal source: Decree 724 arts. 24, 26, 27 and 29; 人社部发〔2021〕53号. Labour cost goes to
the project's special wage account and leaves it only toward workers.
"""

from collections.abc import Mapping
from typing import Final

from ledger.domain.base import Decision, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.journal import Journal, owed_from
from ledger.domain.kinds.register import project_of
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    AmountOrZero,
    BankRef,
    Day,
    Digits4,
    Flag,
    Party,
    Period,
    Project,
)  # fmt: skip
from ledger.domain.state import Counter
from ledger.domain.state import Project as ProjectRecord
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import Refusal


@kind("DG", "funds")
class ProgressCertified(Posting):
    """Progress of the works is certified and split: labour cost and the rest."""

    project: Project
    period: Period
    progress_fen: Amount
    labour_cost_fen: AmountOrZero
    due_on: Day
    supplement: Flag = False


@kind("B", "funds")
class LabourCostTransferred(Posting):
    """The developer's labour cost arrives on the wage account."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "funds")
class DeveloperAdvancePaid(Posting):
    """The developer advances wages, limited to the unsettled price (art. 29)."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "funds")
class WageAccountToppedUp(Posting):
    """The general contractor adds own money to the wage account."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "funds")
class WageAccountInterestCredited(Posting):
    """The bank credits interest on the wage account."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "funds")
class MisdirectedCredited(Posting):
    """Money that is not the project's arrives on the wage account."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("B", "funds")
class MisdirectedReturned(Posting):
    """Money that is not the project's goes back."""

    project: Project
    amount_fen: Amount
    bank_ref: BankRef


@kind("DB", "funds")
class ProjectFundsPaid(Posting):
    """The developer pays the other part of the project funds to the contractor."""

    project: Project
    amount_fen: Amount


@kind("G", "funds")
class SubcontractorPaid(Posting):
    """The general contractor pays a subcontractor the labour part it owes."""

    project: Project
    subcontractor: Party
    amount_fen: Amount


@kind("B", "funds")
class WageAccountOpened(Posting):
    """The bank opens the project's special wage account."""

    project: Project
    account_number_last4: Digits4 | None = None


@kind("B", "funds")
class WageAccountClosed(Posting):
    """The account is closed after completion; the rest belongs to the contractor."""

    project: Project
    balance_to_gc_fen: AmountOrZero
    notice_posted_on: Day


WAGE_ACCOUNT_CREDITS: Final[Mapping[str, str]] = {
    "WageAccountToppedUp": "own_cash",
    "WageAccountInterestCredited": "interest_income",
    "MisdirectedCredited": "suspense",
}
"""Credits of the wage account that come from the contractor's own book, with their source."""

SETTLES_PRICE: Final = frozenset(
    {"LabourCostTransferred", "DeveloperAdvancePaid", "ProjectFundsPaid"}
)
"""Postings that settle a part of the contract price."""


def certified_id(project: str, period: str) -> str:
    """Id of the count of live certifications of a period."""
    return f"certified:{project}|{period}"


def bank_ref_id(pot: str, project: str, bank_ref: str) -> str:
    """Id under which a bank reference of a pot (``wage`` or ``deposit``) is taken."""
    return f"bank_ref:{pot}:{project}|{bank_ref}"


def require_new_bank_ref(at: Context, pot: str, bank_ref: str) -> None:
    """Refuse a bank reference that this pot has seen: the money would count twice."""
    if at.facts.get(Counter, bank_ref_id(pot, at.project_id, bank_ref)) is not None:
        raise Refusal("bank_ref_reused", bank_ref=bank_ref, project=at.project_id)


def require_notice_days(at: Context, parameter: str, notice_posted_on: str) -> None:
    """Refuse before the public notice has hung for its days."""
    days = at.number(parameter, at.the_project().region, at.posting.on)
    posted, on = parse_date(notice_posted_on), parse_date(at.posting.on)
    assert posted is not None
    assert on is not None
    if (on - posted).days < days:
        raise Refusal(
            "notice_too_short", notice_posted_on=notice_posted_on, on=at.posting.on, days=days
        )


def require_completed(at: Context) -> None:
    """Refuse while the works are not complete on the day."""
    completed = at.the_project().completed_on
    if not completed or completed > at.posting.on:
        raise Refusal("not_completed", project=at.project_id)


def require_nothing_open(at: Context) -> None:
    """Refuse while wages are open or in transit, or a case is open, now."""
    project = at.the_project()
    if project.open_fen or project.in_transit_fen or project.cases:
        raise Refusal(
            "open_claims", project=at.project_id, open_fen=project.open_fen,
            case=project.cases[0] if project.cases else None,
        )  # fmt: skip


@decides("ProgressCertified")
def decide_certified(posting: ProgressCertified, at: Context) -> Decision:
    """Split the progress; a period is certified once unless it is a supplement."""
    counted = at.facts.get(Counter, certified_id(posting.project, posting.period))
    if counted is not None and counted.value and not posting.supplement:
        raise Refusal("period_certified", project=at.project_id, period=posting.period)
    project = at.the_project()
    labour, rest = posting.labour_cost_fen, posting.progress_fen - posting.labour_cost_fen
    gc, developer = project.general_contractor, project.developer
    to_gc = {"project": at.project_id, "counterparty": gc}
    to_developer = {"project": at.project_id, "counterparty": developer}
    journal = Journal()
    journal.add(developer, "project_cost", labour + rest, **to_gc)
    journal.add(developer, "labour_payable", -labour, **to_gc)
    journal.add(developer, "project_payable", -rest, **to_gc)
    journal.add(gc, "developer_receivable", labour, **to_developer)
    journal.add(gc, "project_receivable", rest, **to_developer)
    journal.add(gc, "contract_income", -labour - rest, **to_developer)
    return Decision(f"project:{at.project_id}", journal.lines())


@evolves("ProgressCertified")
def evolve_certified(event: Recorded, keeper: Keeper) -> None:
    """Count the certification."""
    count_certified(event.fields["project"], event.fields["period"], 1, keeper)


def count_certified(project: str, period: str, change: int, keeper: Keeper) -> None:
    """Change the number of live certifications of a period."""
    name = certified_id(project, period)
    counted = keeper.get(Counter, name) or Counter()
    counted.value += change
    keeper.keep(name, counted)


@decides("LabourCostTransferred", "DeveloperAdvancePaid")
def decide_transfer(posting: LabourCostTransferred | DeveloperAdvancePaid, at: Context) -> Decision:
    """Money from the developer enters the wage account."""
    project = at.the_project()
    if isinstance(posting, DeveloperAdvancePaid):
        unsettled = project.contract_price_fen - project.settled_fen
        if posting.amount_fen > unsettled:
            raise Refusal(
                "over_unsettled_price", amount_fen=posting.amount_fen, available_fen=unsettled,
                project=at.project_id,
            )  # fmt: skip
    require_new_bank_ref(at, "wage", posting.bank_ref)
    gc, developer, amount = project.general_contractor, project.developer, posting.amount_fen
    journal = Journal()
    journal.add(developer, "labour_payable", amount, project=at.project_id, counterparty=gc)
    journal.add(developer, "own_cash", -amount, project=at.project_id)
    journal.add(gc, "wage_account", amount, project=at.project_id)
    journal.add(gc, "developer_receivable", -amount, project=at.project_id, counterparty=developer)
    return Decision(f"project:{at.project_id}", journal.lines())


@decides(*WAGE_ACCOUNT_CREDITS)
def decide_credit(
    posting: WageAccountToppedUp | WageAccountInterestCredited | MisdirectedCredited, at: Context
) -> Decision:
    """Other money enters the wage account."""
    require_new_bank_ref(at, "wage", posting.bank_ref)
    gc, amount = at.the_project().general_contractor, posting.amount_fen
    journal = Journal()
    journal.add(gc, "wage_account", amount, project=at.project_id)
    source = WAGE_ACCOUNT_CREDITS[type(posting).__name__]
    journal.add(gc, source, -amount, project=at.project_id)
    return Decision(f"project:{at.project_id}", journal.lines())


@decides("MisdirectedReturned")
def decide_misdirected_returned(posting: MisdirectedReturned, at: Context) -> Decision:
    """Only as much goes back as came in by mistake."""
    require_new_bank_ref(at, "wage", posting.bank_ref)
    gc, amount = at.the_project().general_contractor, posting.amount_fen
    suspense = at.facts.cell(gc, "suspense", at.project_id, "")
    held = min(-balance for balance in suspense.balances(posting.on))
    if amount > held:
        raise Refusal("over_payable", amount_fen=amount, available_fen=held)
    journal = Journal()
    journal.add(gc, "suspense", amount, project=at.project_id)
    journal.add(gc, "wage_account", -amount, project=at.project_id)
    return Decision(f"project:{at.project_id}", journal.lines())


@evolves(
    "LabourCostTransferred", "DeveloperAdvancePaid", "MisdirectedReturned", *WAGE_ACCOUNT_CREDITS
)
def evolve_wage_account_ref(event: Recorded, keeper: Keeper) -> None:
    """Remember the bank's reference and what of the price is settled."""
    name = bank_ref_id("wage", event.fields["project"], event.fields["bank_ref"])
    keeper.keep(name, Counter(event.position))
    if event.kind in SETTLES_PRICE:
        settle_price(event.fields["project"], event.fields["amount_fen"], keeper)


def settle_price(project_id: str, amount_fen: int, keeper: Keeper) -> None:
    """Change what is settled of a project's price."""
    project = keeper.get(ProjectRecord, project_id)
    assert project is not None
    project.settled_fen += amount_fen
    keeper.keep(project_id, project)


@decides("ProjectFundsPaid")
def decide_project_funds(posting: ProjectFundsPaid, at: Context) -> Decision:
    """The other project funds go to the contractor's own cash."""
    project, amount = at.the_project(), posting.amount_fen
    gc, developer = project.general_contractor, project.developer
    journal = Journal()
    journal.add(developer, "project_payable", amount, project=at.project_id, counterparty=gc)
    journal.add(developer, "own_cash", -amount, project=at.project_id)
    journal.add(gc, "own_cash", amount, project=at.project_id)
    journal.add(gc, "project_receivable", -amount, project=at.project_id, counterparty=developer)
    return Decision(f"project:{at.project_id}", journal.lines())


@evolves("ProjectFundsPaid")
def evolve_project_funds(event: Recorded, keeper: Keeper) -> None:
    """A part of the price is settled."""
    settle_price(event.fields["project"], event.fields["amount_fen"], keeper)


@decides("SubcontractorPaid")
def decide_subcontractor_paid(posting: SubcontractorPaid, at: Context) -> Decision:
    """Never more than is owed to the subcontractor, on any later day either."""
    gc, sub, amount = at.the_project().general_contractor, posting.subcontractor, posting.amount_fen
    owed = owed_from(at.facts, gc, sub, at.project_id, posting.on)
    if amount > owed:
        raise Refusal("over_payable", amount_fen=amount, available_fen=owed, party=sub)
    journal = Journal()
    journal.add(gc, "subcontractor_payable", amount, project=at.project_id, counterparty=sub)
    journal.add(gc, "own_cash", -amount, project=at.project_id)
    journal.add(sub, "own_cash", amount, project=at.project_id)
    journal.add(sub, "contractor_receivable", -amount, project=at.project_id, counterparty=gc)
    return Decision(f"project:{at.project_id}", journal.lines())


@decides("WageAccountOpened")
def decide_opened(_posting: WageAccountOpened, at: Context) -> Decision:
    """One account at a time; a closed one may be opened again."""
    if at.the_project().account_state == "open":
        raise Refusal("account_exists", project=at.project_id)
    return Decision(f"project:{at.project_id}")


@evolves("WageAccountOpened")
def evolve_opened(event: Recorded, keeper: Keeper) -> None:
    """The account takes postings from this day."""
    project = project_of(event, keeper)
    project.account_state, project.account_opened_on = "open", event.on
    keeper.keep(event.fields["project"], project)


@decides("WageAccountClosed")
def decide_closed(posting: WageAccountClosed, at: Context) -> Decision:
    """Closed only when the works are complete and nothing is owed (art. 27)."""
    project = at.the_project()
    gc, balance = project.general_contractor, posting.balance_to_gc_fen
    if any(at.facts.cell(gc, "suspense", at.project_id, "").balances(posting.on)):
        raise Refusal("suspense_open", project=at.project_id)
    require_notice_days(at, "wage_account.close_notice_days", posting.notice_posted_on)
    require_completed(at)
    require_nothing_open(at)
    held = at.facts.cell(gc, "wage_account", at.project_id, "").balances(posting.on)
    for actual in held:
        if actual != balance:
            raise Refusal("balance_mismatch", balance_fen=balance, actual_fen=actual)
    journal = Journal()
    journal.add(gc, "wage_account", -balance, project=at.project_id)
    journal.add(gc, "own_cash", balance, project=at.project_id)
    return Decision(f"project:{at.project_id}", journal.lines())


@evolves("WageAccountClosed")
def evolve_closed(event: Recorded, keeper: Keeper) -> None:
    """After a closing the log takes nothing more on the account."""
    project = project_of(event, keeper)
    project.account_state = "closed"
    keeper.keep(event.fields["project"], project)


@evolves("SubcontractorPaid")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal says it all."""
