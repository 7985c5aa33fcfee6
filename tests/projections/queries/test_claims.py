"""Wage claims on a date: amounts, state, filters, pages, and what moved one of them."""

import pytest

from ledger.kernel.errors import LedgerError
from projections.queries.claim import claim_list, claim_show
from projections.view import View
from tests.projections.conftest import PARTIES

SUB = PARTIES["subcontractor"]


def states(view: View, day: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for claim in claim_list(view, as_of=day)["claims"]:
        counted[claim["state"]] = counted.get(claim["state"], 0) + 1
    return counted


def test_claims_go_from_open_to_in_transit_to_paid(view: View) -> None:
    assert states(view, "2026-04-07") == {}
    assert states(view, "2026-04-08") == {"open": 50}
    assert states(view, "2026-04-10") == {"in_transit": 50}
    assert states(view, "2026-04-11") == {"paid": 48, "open": 2}
    assert states(view, "2026-04-13") == {"paid": 48, "in_transit": 2}
    assert states(view, "2026-04-14") == {"paid": 50}


def test_a_claim_is_in_arrears_the_day_after_it_was_due(view: View) -> None:
    assert states(view, "2026-05-15") == {"paid": 80, "open": 20}
    assert states(view, "2026-05-16") == {"paid": 80, "arrears": 20}
    assert states(view, "2026-06-05") == {"paid": 100, "arrears": 5}
    assert states(view, "2026-06-30") == {"paid": 105}


def test_a_claim_tells_what_is_open_and_what_is_free(view: View) -> None:
    told = {claim["claim"]: claim for claim in claim_list(view, as_of="2026-05-20")["claims"]}
    assert told["S-2026-04/21"] == {
        "claim": "S-2026-04/21",
        "worker": "S021",
        "employer": SUB,
        "project": "P-2026-001",
        "period": "2026-04",
        "due_on": "2026-05-15",
        "net_fen": 900_000,
        "paid_fen": 400_000,
        "in_transit_fen": 0,
        "open_fen": 500_000,
        "free_fen": 500_000,
        "state": "arrears",
        "disputed": False,
    }


def test_claims_are_filtered_by_worker_employer_project_and_state(view: View) -> None:
    def names(**filters: str) -> list[str]:
        found = claim_list(view, as_of="2026-05-20", **filters)  # type: ignore[arg-type]
        return [claim["claim"] for claim in found["claims"]]

    assert names(worker="S021") == ["S-2026-03/21", "S-2026-04/21"]
    assert names(worker="S021", state="arrears") == ["S-2026-04/21"]
    assert len(names(employer=SUB, state="arrears,paid")) == 80
    assert len(names(employer=PARTIES["general_contractor"])) == 20
    assert names(employer=PARTIES["developer"]) == []
    assert len(names(project="P-2026-001", state="arrears")) == 20
    assert names(project="P-2026-002") == []
    assert names(state="in_transit") == []


def test_pages_show_every_claim_once(view: View) -> None:
    seen: list[str] = []
    after = None
    while True:
        found = claim_list(view, as_of="2026-06-30", limit=30, after=after)
        seen += [claim["claim"] for claim in found["claims"]]
        after = found["next"]
        if after is None:
            break
    assert len(seen) == 105
    assert seen == [claim["claim"] for claim in claim_list(view, as_of="2026-06-30")["claims"]]


def test_a_cursor_of_another_list_is_refused(view: View) -> None:
    with pytest.raises(LedgerError) as caught:
        claim_list(view, as_of="2026-06-30", after="S-2026-03")
    assert caught.value.code == "bad_option"


def test_one_claim_shows_everything_that_was_paid_on_it(view: View) -> None:
    told = claim_show(view, "S-2026-04/21", as_of="2026-06-30")
    assert (told["paid_fen"], told["state"]) == (900_000, "paid")
    assert [(move["position"], move["kind"], move["effect"]) for move in told["moves"]] == [
        (193, "PayoutInstructed", "instruct"),
        (194, "PayoutSettled", "settle"),
        (197, "AdvanceClearingPaid", "discharge"),
        (200, "DepositPaidOut", "discharge"),
        (203, "AdvancePaid", "discharge"),
    ]
    assert [move["batch"] for move in told["moves"]] == ["B-03", "B-03", None, None, None]
    assert sum(move["paid_fen"] for move in told["moves"]) == 900_000
    assert len(claim_show(view, "S-2026-04/21", as_of="2026-05-20")["moves"]) == 3


def test_an_asserted_claim_goes_by_its_own_name(view: View) -> None:
    told = claim_show(view, "X-1", as_of="2026-06-05")
    assert (told["worker"], told["net_fen"], told["state"]) == ("S041", 600_000, "arrears")
    assert told["origin_position"] == 204


@pytest.mark.parametrize("name", ["S-2026-04/41", "S-2026-04/x", "S-2026-04", "X-9", "/1", ""])
def test_a_claim_that_there_is_not_is_unknown(view: View, name: str) -> None:
    with pytest.raises(LedgerError) as caught:
        claim_show(view, name, as_of="2026-06-30")
    assert caught.value.code == "unknown_claim"


def test_a_claim_is_unknown_until_its_sheet_is_approved(view: View) -> None:
    with pytest.raises(LedgerError) as caught:
        claim_show(view, "S-2026-04/1", as_of="2026-05-07")
    assert caught.value.code == "unknown_claim"
    with pytest.raises(LedgerError) as caught:
        claim_show(view, "S-2026-04/1", as_of="2026-05-08", known_at=190)
    assert caught.value.code == "unknown_claim"
