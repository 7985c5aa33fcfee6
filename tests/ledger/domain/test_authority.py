"""Who may post what, where the ledger knows who is posting."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ledger.service import Answer, Ledger, LedgerConfig, Poster

DEVELOPER, CONTRACTOR, SUBCONTRACTOR = (
    "91220200900000110G", "91220200900000225N", "9122020090000033XP",
)  # fmt: skip
DAY = "2026-03-01"


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Ledger:
    """A ledger with one project, entered by its owner."""
    ledger = Ledger.create(LedgerConfig(sqlite_url, key_file=tmp_path / "key"))
    entered: list[tuple[str, Mapping[str, Any]]] = [
        ("PartyRegistered", {"party": DEVELOPER, "name": "示例开发有限公司"}),
        ("PartyRegistered", {"party": CONTRACTOR, "name": "示例建筑总承包有限公司"}),
        ("PartyRegistered", {"party": SUBCONTRACTOR, "name": "示例劳务分包有限公司"}),
        (
            "ProjectRegistered",
            {
                "project": "P-1", "name": "示例项目", "region": "220200", "industry": "building",
                "developer": DEVELOPER, "general_contractor": CONTRACTOR,
                "contract_price_fen": 100_000_000, "starts_on": DAY, "planned_end_on": "2026-12-31",
            },
        ),
        ("SubcontractRegistered", {"project": "P-1", "subcontractor": SUBCONTRACTOR}),
        ("WageAccountOpened", {"project": "P-1"}),
    ]  # fmt: skip
    for number, (kind, fields) in enumerate(entered):
        assert post(ledger, kind, fields, key=f"k{number}").status == "recorded"
    return ledger


def post(
    ledger: Ledger, kind: str, fields: Mapping[str, Any], *, key: str, poster: Poster | None = None
) -> Answer:
    line = json.dumps({"kind": kind, "on": DAY, "key": key, **fields})
    (answer,) = ledger.post([line], poster=poster)
    return answer


CERTIFIED = {
    "project": "P-1", "period": "2026-03", "progress_fen": 10_000, "labour_cost_fen": 4_000,
    "due_on": DAY,
}  # fmt: skip
TRANSFER = {"project": "P-1", "amount_fen": 5_000, "bank_ref": "T-1"}


@pytest.mark.parametrize(
    ("role", "party", "kind", "fields", "code"),
    [
        ("G", CONTRACTOR, "ProgressCertified", CERTIFIED, None),
        ("D", DEVELOPER, "ProgressCertified", CERTIFIED, None),
        ("B", CONTRACTOR, "ProgressCertified", CERTIFIED, "not_authorised"),
        ("G", SUBCONTRACTOR, "ProgressCertified", CERTIFIED, "not_authorised"),
        ("D", CONTRACTOR, "ProgressCertified", CERTIFIED, "not_authorised"),
        ("G", CONTRACTOR, "LabourCostTransferred", TRANSFER, "not_authorised"),
        ("B", SUBCONTRACTOR, "LabourCostTransferred", TRANSFER, None),
        ("", CONTRACTOR, "LabourCostTransferred", TRANSFER, None),
    ],
)
def test_each_role_posts_its_own_kinds_about_its_own_projects(
    site: Ledger, role: str, party: str, kind: str, fields: Mapping[str, Any], code: str | None
) -> None:
    answer = post(site, kind, fields, key="new", poster=Poster(party, role))
    assert answer.code == code


def test_nobody_posts_in_another_partys_name(site: Ledger) -> None:
    answer = post(
        site, "ProgressCertified", {**CERTIFIED, "by": DEVELOPER}, key="new",
        poster=Poster(CONTRACTOR, "G"),
    )  # fmt: skip
    assert (answer.status, answer.code) == ("refused", "not_authorised")


def test_authority_is_judged_before_form(site: Ledger) -> None:
    answer = post(site, "LabourCostTransferred", {}, key="new", poster=Poster(CONTRACTOR, "G"))
    assert answer.code == "not_authorised"


@pytest.mark.parametrize(
    ("role", "party", "code"),
    [("G", CONTRACTOR, None), ("D", DEVELOPER, "not_authorised"), ("I", DEVELOPER, None)],
)
def test_a_posting_is_reversed_by_who_posted_it_or_by_the_authority(
    site: Ledger, role: str, party: str, code: str | None
) -> None:
    first = post(site, "ProgressCertified", CERTIFIED, key="new", poster=Poster(CONTRACTOR, "G"))
    reversal = {"reverses": first.position, "reason": "重复"}
    answer = post(site, "Reversed", reversal, key="back", poster=Poster(party, role))
    assert answer.code == code


@pytest.mark.parametrize(
    ("role", "party", "code"),
    [("S", SUBCONTRACTOR, "not_authorised"), ("I", DEVELOPER, None), ("", None, None)],
)
def test_what_the_owner_of_the_ledger_posted_no_contractor_reverses(
    site: Ledger, role: str, party: str | None, code: str | None
) -> None:
    first = post(site, "LabourCostTransferred", TRANSFER, key="new")
    reversal = {"reverses": first.position, "reason": "重复"}
    answer = post(site, "Reversed", reversal, key="back", poster=Poster(party, role))
    assert answer.code == code


def test_of_a_posting_that_there_is_not_nobody_is_the_first_poster(site: Ledger) -> None:
    reversal = {"reverses": 99, "reason": "重复"}
    answer = post(site, "Reversed", reversal, key="back", poster=Poster(CONTRACTOR, "G"))
    assert answer.code == "unknown_position"
