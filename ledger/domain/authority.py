"""Step 0 of judgement: may this poster post this?

Enforced wherever the ledger knows who is posting (profiles, servers). The owner of an
embedded ledger may post as any party. Contract: postings.md, the poster column.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.base import KINDS, Posting
from ledger.domain.facts import Facts
from ledger.domain.state import Project
from ledger.kernel.errors import Refusal

ROLES: Final = {
    "D": "developer", "G": "general_contractor", "S": "subcontractor", "B": "bank",
    "I": "inspector", "F": "fund", "T": "service_station", "O": "operator",
}  # fmt: skip

INSPECTOR: Final = "I"
OPERATOR: Final = "O"


@dataclass(frozen=True)
class Poster:
    """Who posts, as far as the ledger knows.

    Attributes:
        party: Credit code, or None for the owner of an embedded ledger.
        role: Letter of the role, or "" where it is not known.
    """

    party: str | None = None
    role: str = ""


def require_role(kind: str | None, poster: Poster) -> None:
    """Refuse a kind that this role may not post, before its form is looked at."""
    if poster.role and kind in KINDS and poster.role not in KINDS[kind].posters:
        raise Refusal("not_authorised", role=poster.role, kind=kind)


def require_own_name(by: str | None, poster: Poster) -> None:
    """Refuse a posting in somebody else's name, before its form is looked at."""
    if poster.party is not None and by is not None and by != poster.party:
        raise Refusal("not_authorised", by=poster.party)


def require_authority(posting: Posting, poster: Poster, facts: Facts) -> None:
    """Refuse a posting that is not this poster's to make.

    A developer or contractor posts for its own projects, an employer for its own workers;
    what somebody else posted is reversed by the labour authority alone.
    """
    kind = type(posting).__name__
    if poster.role and poster.party is not None and not own_business(posting, poster, facts):
        raise Refusal("not_authorised", by=poster.party, kind=kind)


def is_first_poster(party: str | None, position: int, facts: Facts) -> bool:
    """Whether a posting is a party's own; of one that there is not, nobody is told so here.

    What stands in no party's name was posted by the owner of the ledger.
    """
    return position > facts.last_position or facts.posting(position).by == party


def employers_of(posting: Any, facts: Facts) -> set[str]:  # noqa: ANN401 - any kind
    """The employers whose workers a posting is about: named, or those of its claims."""
    if getattr(posting, "employer", None) is not None:
        return {posting.employer}
    named = [posting.claim] if hasattr(posting, "claim") else []
    named += [line.claim for line in getattr(posting, "lines", ()) if hasattr(line, "claim")]
    return {claim.employer for claim in facts.claims(named).values()}


def own_business(posting: Any, poster: Poster, facts: Facts) -> bool:  # noqa: ANN401 - any kind
    """Whether a developer, contractor or employer posts about its own project or workers."""
    kind, party = type(posting).__name__, poster.party
    if kind == "ProjectRegistered":
        return bool(posting.general_contractor == party)
    if kind == "Reversed":
        return poster.role == "I" or is_first_poster(party, posting.reverses, facts)
    project = facts.get(Project, getattr(posting, "project", ""))
    if project is None:
        return True
    if poster.role == "S":
        employers = employers_of(posting, facts)
        return employers == {party} if employers else party in project.subcontractors
    own = {"D": project.developer == party, "G": project.general_contractor == party}
    return own.get(poster.role, True)


def require_payout_file(poster: Poster, contractor: str) -> None:
    """Refuse a payout file to who is neither the contractor that instructed it nor a bank.

    It shows names and cards: enforced where the ledger knows who is asking.
    """
    if poster.role not in {"", "G", "B"}:
        raise Refusal("not_authorised", role=poster.role)
    if poster.role == "G" and poster.party not in {None, contractor}:
        raise Refusal("not_authorised", by=poster.party)
