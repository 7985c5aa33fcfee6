"""What authorities do about a debtor: compensation, police, lists, grades.

Legal source: 劳动合同法 art. 85 and 劳动保障监察条例 art. 26 (extra compensation); Criminal Law
276-1 and 法释〔2013〕3号 (refusal to pay); order 45 (dishonest list); order 29 (publication).
"""

from typing import Annotated

from ledger.domain.base import Decision, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.journal import Journal
from ledger.domain.policy import CRIME_PARAMETERS, crime_threshold_met
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import Amount, Case, Count, Day, Party, Text, Year
from ledger.domain.state import CreditFile
from ledger.domain.state import Project as ProjectRecord
from ledger.kernel.errors import Refusal

Grade = Annotated[str, Shape("choice", choices=("A", "B", "C"))]


@kind("I", "arrears")
class ExtraCompensationOrdered(Posting):
    """An order was missed: extra compensation to the workers."""

    case: Case
    debtor: Party
    amount_fen: Amount


@kind("BI", "arrears")
class ExtraCompensationPaid(Posting):
    """The debtor pays extra compensation."""

    case: Case
    debtor: Party
    amount_fen: Amount


@kind("I", "arrears")
class PoliceTransferred(Posting):
    """A suspected refusal to pay goes to the police."""

    case: Case
    amount_fen: Amount
    workers: Count


@kind("I", "arrears")
class DishonestListed(Posting):
    """A party enters the dishonest list until a day."""

    party: Party
    case: Case
    until_on: Day


@kind("I", "arrears")
class DishonestRemoved(Posting):
    """A party leaves the dishonest list early."""

    party: Party
    reason: Text


@kind("I", "arrears")
class MajorViolationPublished(Posting):
    """A major violation is published, without private data."""

    party: Party
    case: Case
    number: Text


@kind("I", "arrears")
class CreditGradeSet(Posting):
    """A party's grade for a year."""

    party: Party
    year: Year
    grade: Grade


@decides("ExtraCompensationOrdered")
def decide_ordered(posting: ExtraCompensationOrdered, _at: Context) -> Decision:
    """The debtor owes it, per case."""
    return compensation(posting.debtor, posting.case, posting.amount_fen, "compensation_cost")


def compensation(debtor: str, case: str, amount_fen: int, contra: str) -> Decision:
    """Order compensation (contra its cost), or pay it (contra own cash)."""
    sign = 1 if contra == "compensation_cost" else -1
    counterparty = case if contra == "compensation_cost" else ""
    journal = Journal()
    journal.add(debtor, contra, sign * amount_fen, counterparty=counterparty)
    journal.add(debtor, "compensation_payable", -sign * amount_fen, counterparty=case)
    return Decision(f"case:{case}", journal.lines())


@decides("ExtraCompensationPaid")
def decide_compensation_paid(posting: ExtraCompensationPaid, at: Context) -> Decision:
    """Never above what was ordered."""
    cell = at.facts.cell(posting.debtor, "compensation_payable", "", posting.case)
    ordered = min(-balance for balance in cell.balances(posting.on))
    if posting.amount_fen > ordered:
        raise Refusal("over_payable", amount_fen=posting.amount_fen, available_fen=ordered)
    return compensation(posting.debtor, posting.case, posting.amount_fen, "own_cash")


@decides("PoliceTransferred")
def decide_transferred(posting: PoliceTransferred, at: Context) -> Decision:
    """Large enough in the region, and an order's deadline has passed."""
    case = at.the_case()
    project = at.facts.get(ProjectRecord, case.project)
    assert project is not None
    met, records = crime_threshold_met(
        posting.amount_fen, posting.workers, project.region, posting.on,
        at.book(CRIME_PARAMETERS),
    )  # fmt: skip
    at.use(records, project.region, posting.on)
    if not met or not any(deadline < posting.on for deadline in case.deadlines):
        raise Refusal(
            "threshold_not_met", amount_fen=posting.amount_fen, workers=posting.workers,
            case=posting.case,
        )  # fmt: skip
    return Decision(f"case:{posting.case}")


@decides("DishonestListed", "DishonestRemoved", "MajorViolationPublished", "CreditGradeSet")
def decide_published(
    posting: DishonestListed | DishonestRemoved | MajorViolationPublished | CreditGradeSet,
    _at: Context,
) -> Decision:
    """Recorded as the authority reports it."""
    return Decision(f"party:{posting.party}")


@evolves("DishonestListed", "DishonestRemoved")
def evolve_listing(event: Recorded, keeper: Keeper) -> None:
    """A party's time on the list."""
    party = event.fields["party"]
    credit = keeper.get(CreditFile, party) or CreditFile()
    if event.kind == "DishonestListed":
        credit.listings.append([event.on, event.fields["until_on"]])
    else:
        for listing in credit.listings:
            if listing[0] <= event.on < listing[1]:
                listing[1] = event.on
    keeper.keep(party, credit)


@evolves(
    "ExtraCompensationOrdered", "ExtraCompensationPaid", "PoliceTransferred",
    "MajorViolationPublished", "CreditGradeSet",
)  # fmt: skip
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """The journal, or the read side, says it all."""
