"""Parties, projects, workers and attendance: who is who and who works where.

None of these moves money. Legal source: Decree 724 arts. 6 and 28 (real-name
management), art. 30 (who answers for whom).
"""

from typing import Annotated

from ledger.domain.base import Decision, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    Amount,
    Day,
    Name,
    NewParty,
    NewRef,
    Party,
    Project,
    Region,
)  # fmt: skip
from ledger.domain.state import Party as PartyRecord
from ledger.domain.state import Project as ProjectRecord
from ledger.kernel.errors import Refusal

Industry = Annotated[
    str, Shape("choice", choices=("building", "municipal", "transport", "water", "other"))
]


@kind("O", "register")
class PartyRegistered(Posting):
    """A developer, contractor, bank or authority enters the ledger."""

    party: NewParty
    name: Name


@kind("O", "register")
class PartyRenamed(Posting):
    """A party carries another name from now on."""

    party: Party
    name: Name


@kind("G", "register")
class ProjectRegistered(Posting):
    """A construction project with its developer, general contractor and price."""

    project: NewRef
    name: Name
    region: Region
    industry: Industry
    developer: Party
    general_contractor: Party
    contract_price_fen: Amount
    starts_on: Day
    planned_end_on: Day
    contract_on: Day | None = None


@kind("DG", "register")
class ContractPriceChanged(Posting):
    """The contract price changes by agreement."""

    project: Project
    contract_price_fen: Amount


@kind("G", "register")
class SubcontractRegistered(Posting):
    """A subcontractor works on the project."""

    project: Project
    subcontractor: Party


@kind("G", "register")
class ProjectCompleted(Posting):
    """The works are complete."""

    project: Project


@decides("PartyRegistered")
def decide_party(posting: PartyRegistered, at: Context) -> Decision:
    """Register a party; the same name again has no effect."""
    known = at.facts.get(PartyRecord, posting.party)
    if known is not None and known.name != posting.name:
        raise Refusal("party_exists", party=posting.party, name=known.name)
    return Decision(f"party:{posting.party}")


@decides("PartyRenamed")
def decide_rename(posting: PartyRenamed, _at: Context) -> Decision:
    """A registered party may take any name."""
    return Decision(f"party:{posting.party}")


@evolves("PartyRegistered", "PartyRenamed")
def evolve_party(event: Recorded, keeper: Keeper) -> None:
    """Keep the party's current name."""
    keeper.keep(event.fields["party"], PartyRecord(event.fields["name"]))


@decides("ProjectRegistered")
def decide_project(posting: ProjectRegistered, at: Context) -> Decision:
    """Register a project under a new id."""
    if at.facts.get(ProjectRecord, posting.project) is not None:
        raise Refusal("project_exists", project=posting.project)
    return Decision(f"project:{posting.project}")


@evolves("ProjectRegistered")
def evolve_project(event: Recorded, keeper: Keeper) -> None:
    """Open the project's record."""
    fields = {name: value for name, value in event.fields.items() if name != "project"}
    keeper.keep(event.fields["project"], ProjectRecord(**fields))


@decides("ContractPriceChanged")
def decide_price(posting: ContractPriceChanged, at: Context) -> Decision:
    """The price may not fall below what is settled already, of any date."""
    settled = at.the_project().settled_fen
    if posting.contract_price_fen < settled:
        raise Refusal(
            "below_settled", amount_fen=posting.contract_price_fen, settled_fen=settled,
            project=at.project_id,
        )  # fmt: skip
    if not posting.document:
        raise Refusal("document_required", kind="ContractPriceChanged")
    return Decision(f"project:{at.project_id}")


@evolves("ContractPriceChanged")
def evolve_price(event: Recorded, keeper: Keeper) -> None:
    """The price of the latest day counts, on one day that recorded last."""
    project = project_of(event, keeper)
    if event.on >= project.priced_on:
        project.contract_price_fen = event.fields["contract_price_fen"]
        project.priced_on = event.on
        keeper.keep(event.fields["project"], project)


def project_of(event: Recorded, facts: Facts) -> ProjectRecord:
    """The record of the project that a recorded posting names."""
    project = facts.get(ProjectRecord, event.fields["project"])
    assert project is not None
    return project


@decides("SubcontractRegistered")
def decide_subcontract(_posting: SubcontractRegistered, at: Context) -> Decision:
    """The same subcontract again has no effect."""
    return Decision(f"project:{at.project_id}")


@evolves("SubcontractRegistered")
def evolve_subcontract(event: Recorded, keeper: Keeper) -> None:
    """Add the subcontractor once."""
    project = project_of(event, keeper)
    if event.fields["subcontractor"] not in project.subcontractors:
        project.subcontractors.append(event.fields["subcontractor"])
        keeper.keep(event.fields["project"], project)


@decides("ProjectCompleted")
def decide_completed(_posting: ProjectCompleted, at: Context) -> Decision:
    """Completed once."""
    if at.the_project().completed_on:
        raise Refusal("already_completed", project=at.project_id)
    return Decision(f"project:{at.project_id}")


@evolves("ProjectCompleted")
def evolve_completed(event: Recorded, keeper: Keeper) -> None:
    """Remember the day."""
    project = project_of(event, keeper)
    project.completed_on = event.on
    keeper.keep(event.fields["project"], project)
