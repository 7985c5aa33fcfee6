"""Arrears cases: opened, ordered, decided, closed by the labour authority.

Legal source: Decree 724 arts. 38-42; 劳动保障监察条例. That a claim is in arrears is computed,
never posted; what authorities do about it is posted.
"""

from typing import Annotated

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.kinds.notices import add_case_claims
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Case,
    Claims,
    Day,
    NewRef,
    Party,
    Project,
)  # fmt: skip
from ledger.domain.state import CaseFile
from ledger.domain.state import Project as ProjectRecord
from ledger.kernel.errors import Refusal

Source = Annotated[
    str,
    Shape(
        "choice",
        choices=("inspection", "complaint", "platform", "station", "hotline", "transfer"),
    ),
]


Result = Annotated[str, Shape("choice", choices=("paid", "unfounded", "transferred", "enforced"))]


Outcome = Annotated[str, Shape("choice", choices=("clear", "clear_first"))]


@kind("I", "arrears")
class CaseOpened(Posting):
    """The labour authority opens a case about one employer on one project."""

    case: NewRef
    project: Project
    employer: Party
    source: Source


@kind("I", "arrears")
class CaseReopened(Posting):
    """A closed case is taken up again."""

    case: Case


@kind("I", "arrears")
class CaseClaimsLinked(Posting):
    """Claims belong to the case."""

    case: Case
    claims: Claims


@kind("I", "arrears")
class CorrectionOrdered(Posting):
    """The authority orders payment by a day."""

    case: Case
    deadline_on: Day


@kind("I", "arrears")
class DecisionIssued(Posting):
    """The authority decides who clears the arrears, and by which day."""

    case: Case
    deadline_on: Day
    outcome: Outcome
    debtor: Party


@kind("I", "arrears")
class CaseClosed(Posting):
    """The case ends."""

    case: Case
    result: Result


@decides("CaseOpened")
def decide_opened(posting: CaseOpened, at: Context) -> Decision:
    """A new case under a new id."""
    if at.facts.get(CaseFile, posting.case) is not None:
        raise Refusal("case_exists", case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseOpened")
def evolve_opened(event: Recorded, keeper: Keeper) -> None:
    """Open the file and count it on the project."""
    fields = event.fields
    keeper.keep(fields["case"], CaseFile(fields["project"], fields["employer"], event.on))
    mark_open(fields["case"], fields["project"], keeper)


def mark_open(case_id: str, project_id: str, keeper: Keeper) -> None:
    """Count a case among the open ones of its project."""
    project = keeper.get(ProjectRecord, project_id)
    assert project is not None
    project.cases.append(case_id)
    keeper.keep(project_id, project)


@decides("CaseReopened")
def decide_reopened(posting: CaseReopened, at: Context) -> Decision:
    """Only a closed case."""
    if not at.the_case().closed:
        raise Refusal("not_closed", case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseReopened")
def evolve_reopened(event: Recorded, keeper: Keeper) -> None:
    """The case is open again."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.closed = False
    keeper.keep(event.fields["case"], case)
    mark_open(event.fields["case"], case.project, keeper)


@decides("CaseClosed")
def decide_closed(posting: CaseClosed, at: Context) -> Decision:
    """Paid only when nothing is open, unfounded only when nothing asserted is left."""
    case = at.the_case()
    if posting.result == "paid":
        open_claims = [c.name for c in at.facts.claims(case.claims).values() if c.open_fen]
    elif posting.result == "unfounded":
        open_claims = [c.name for c in at.facts.claims(case.asserted).values() if c.net_fen]
    else:
        open_claims = []
    if open_claims:
        raise Refusal("open_claims", claim=open_claims[0], case=posting.case)
    return Decision(f"case:{posting.case}")


@evolves("CaseClosed")
def evolve_closed(event: Recorded, keeper: Keeper) -> None:
    """The case is closed in the log from now on."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.closed = True
    keeper.keep(event.fields["case"], case)
    project = keeper.get(ProjectRecord, case.project)
    assert project is not None
    project.cases.remove(event.fields["case"])
    keeper.keep(case.project, project)


@decides("CaseClaimsLinked")
def decide_linked(posting: CaseClaimsLinked, at: Context) -> Decision:
    """Claims may be linked to several cases."""
    lines = [
        DocumentLine(effects.LINK, claim.key, claim.worker, None, {"claim": claim.name})
        for claim in at.claims.values()
    ]
    return Decision(f"case:{posting.case}", lines=lines)


@evolves("CaseClaimsLinked")
def evolve_linked(event: Recorded, keeper: Keeper) -> None:
    """The claims are the case's."""
    add_case_claims(event.fields["case"], [line.body["claim"] for line in event.lines], keeper)


@decides("CorrectionOrdered", "DecisionIssued")
def decide_deadline(posting: CorrectionOrdered | DecisionIssued, _at: Context) -> Decision:
    """An order or decision with its deadline."""
    return Decision(f"case:{posting.case}")


@evolves("CorrectionOrdered", "DecisionIssued")
def evolve_deadline(event: Recorded, keeper: Keeper) -> None:
    """Remember the deadline; a decision's may lead to a payment notice."""
    case = keeper.get(CaseFile, event.fields["case"])
    assert case is not None
    case.deadlines.append(event.fields["deadline_on"])
    if event.kind == "DecisionIssued":
        case.decisions.append(event.fields["deadline_on"])
    keeper.keep(event.fields["case"], case)
