"""Every refusal code of the contract is an answer that somebody can get, on both databases."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from ledger.kernel.codes import CODES
from ledger.service import Answer, Ledger, LedgerConfig, Poster
from tests.drills.town import (
    CONTRACTOR,
    CREW,
    DEVELOPER,
    OTHER_CREW,
    Posting,
    SetClock,
    founding,
    line,
    post,
)
from tests.ledger.refused import Refused
from tests.ledger.refused.by_authority import AUTHORITY
from tests.ledger.refused.by_form import FORM
from tests.ledger.refused.by_log import KEYS_AND_DATES, REFERENCES, STANDING
from tests.ledger.refused.by_site import SITE

REFUSED: Final = (*FORM, *KEYS_AND_DATES, *REFERENCES, *STANDING, *SITE, *AUTHORITY)
_GROUPS: Final = {"authority", "form", "key", "date", "reference", "standing", "rule"}


def answers(ledger: Ledger, story: Sequence[Posting | str]) -> list[Answer]:
    """What a story answers on top of the town; nothing stays of it."""
    return list(ledger.post(story, dry_run=True))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger on SQLite in which the town stands; stories leave it as it is."""
    folder = tmp_path_factory.mktemp("town")
    ledger = Ledger.create(LedgerConfig(f"sqlite:///{folder / 'town.db'}"), clock=SetClock())
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    yield ledger
    ledger.close()


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.name)
def test_a_clerk_gets_the_code_of_the_contract(town: Ledger, refused: Refused) -> None:
    *before, last = answers(town, refused.story)

    assert [(answer.status, answer.code) for answer in before] == [("recorded", None)] * len(before)
    assert last.code == refused.code
    assert last.status == ("invalid" if CODES[refused.code].group == "form" else "refused")
    assert last.position is None


def test_postgresql_answers_the_same_codes(postgres_url: str, tmp_path: Path) -> None:
    config = LedgerConfig(postgres_url, key_file=tmp_path / "key")
    ledger = Ledger.create(config, clock=SetClock())
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    small = [refused for refused in REFUSED if refused.code != "too_many_lines"]

    found = [answers(ledger, refused.story)[-1].code for refused in small]

    assert found == [refused.code for refused in small]
    ledger.close()


def test_who_may_not_post_is_told_so_before_anything_else(town: Ledger) -> None:
    strange = post("PayrollApproved", colour="red")
    (answer,) = town.post([strange], poster=Poster(DEVELOPER, "D"), dry_run=True)
    assert (answer.status, answer.code) == ("refused", "not_authorised")


def test_a_party_posts_for_nobody_else(town: Ledger) -> None:
    for_another = post("SubcontractorPaid", by=CREW, project="P1", subcontractor=CREW, amount_fen=1)
    (answer,) = town.post([for_another], poster=Poster(CONTRACTOR, "G"), dry_run=True)
    assert answer.code == "not_authorised"


def test_a_subcontractor_speaks_for_its_own_workers_alone(town: Ledger) -> None:
    paper = {"on": "2025-02-05", "project": "P1", "document": {"number": "1"}}
    reduced = post("ClaimReduced", claim="S1/1", amount_fen=1, reason="多算", **paper)
    paid = post("PaidOutsideAccount", lines=[line("S1/1", 1)], **paper)
    for posting in (reduced, paid):
        own, other = (
            next(iter(town.post([posting], poster=Poster(party, "S"), dry_run=True))).code
            for party in (CREW, OTHER_CREW)
        )
        assert (own, other) == (None, "not_authorised")


def test_every_refusal_code_has_a_story() -> None:
    wanted = {code for code, entry in CODES.items() if entry.group in _GROUPS}
    assert wanted - {refused.code for refused in REFUSED} == {"not_authorised"}


def test_the_catalogue_knows_every_code_of_the_contract(shared_dir: Path) -> None:
    text = (shared_dir / "contracts" / "postings.md").read_text(encoding="utf-8")
    words = set(re.findall("`([a-z]+(?:_[a-z]+)+)`", text))
    words |= {f"unknown_{word}" for word in re.findall("`_([a-z]+)`", text)}
    fields = {"due_on", "as_of", "known_at", "recorded_at", "open_claims_fen"}
    assert {word for word in words if not word.endswith("_fen")} - fields <= set(CODES)
