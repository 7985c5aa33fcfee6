"""Lists of sheets, batches, notices, requests, cases, parties and projects, and one of each."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from ledger.kernel.errors import LedgerError
from projections.queries.breaks import breaks
from projections.queries.case import case_list, case_show
from projections.queries.deposit import deposit_notices, deposit_show
from projections.queries.fund import advance_list, fund_show
from projections.queries.inbox import inbox
from projections.queries.liability import liability
from projections.queries.paging import page_after
from projections.queries.party import party_list, party_show
from projections.queries.payout import payout_list, payout_show
from projections.queries.payroll import payroll_list, payroll_show
from projections.queries.policy import policy_list
from projections.queries.project import project_list, project_show, subcontract_list
from projections.view import View
from tests.projections.conftest import PARTIES

DEV, GC, SUB = (PARTIES[name] for name in ("developer", "general_contractor", "subcontractor"))
PROJECT = "P-2026-001"


# -- payroll ------------------------------------------------------------------


def test_sheets_are_listed_with_their_state_on_the_date(view: View) -> None:
    def sheets(day: str, **filters: str) -> list[tuple[str, str]]:
        found = payroll_list(view, as_of=day, **filters)  # type: ignore[arg-type]
        return [(sheet["sheet"], sheet["state"]) for sheet in found["sheets"]]

    assert sheets("2026-04-07") == []
    assert sheets("2026-04-08") == [("G-2026-03", "approved"), ("S-2026-03", "approved")]
    assert sheets("2026-06-30", party=SUB) == [("S-2026-03", "approved"), ("S-2026-04", "approved")]
    assert len(sheets("2026-06-30", party=GC)) == 4
    assert sheets("2026-06-30", period="2026-04", party=SUB) == [("S-2026-04", "approved")]
    assert sheets("2026-06-30", state="submitted,returned") == []
    assert sheets("2026-06-30", state="no such state") == []
    assert sheets("2026-06-30", project="P-2") == []


def test_a_sheet_waits_until_it_is_approved(view: View) -> None:
    told = payroll_list(view, as_of="2026-06-30", known_at=179)["sheets"]
    assert [(sheet["sheet"], sheet["state"]) for sheet in told] == [
        ("G-2026-03", "submitted"),
        ("S-2026-03", "submitted"),
    ]
    line = payroll_show(view, "S-2026-03", as_of="2026-06-30", known_at=179)["lines"][0]
    assert (line["claim"], line["state"], line["open_fen"]) == ("S-2026-03/1", "submitted", 0)


def test_one_sheet_shows_what_became_of_each_line(view: View) -> None:
    told = payroll_show(view, "S-2026-03", as_of="2026-04-11")
    assert (told["count"], told["total_fen"], told["state"]) == (40, 36_000_000, "approved")
    assert (told["state_on"], told["state_position"]) == ("2026-04-08", 181)
    by_state: dict[str, int] = {}
    for line in told["lines"]:
        by_state[line["state"]] = by_state.get(line["state"], 0) + 1
    assert by_state == {"paid": 38, "open": 2}
    assert told["lines"][6] == {
        "line": 7,
        "claim": "S-2026-03/7",
        "worker": "S007",
        "amount_fen": 900_000,
        "gross_fen": None,
        "deductions_fen": None,
        "days": None,
        "state": "open",
        "paid_fen": 0,
        "in_transit_fen": 0,
        "open_fen": 900_000,
        "disputed": False,
    }


def test_lines_of_a_sheet_come_in_pages(view: View) -> None:
    first = payroll_show(view, "S-2026-03", as_of="2026-04-11", limit=25)
    second = payroll_show(view, "S-2026-03", as_of="2026-04-11", limit=25, after=first["next"])
    assert [line["line"] for line in first["lines"] + second["lines"]] == list(range(1, 41))
    assert [line["state"] for line in first["lines"]].count("open") == 2
    assert second["next"] is None


# -- payout -------------------------------------------------------------------


def test_batches_are_listed_with_what_the_bank_said(view: View) -> None:
    def batches(day: str, **filters: str) -> list[tuple[str, str, int, int, int]]:
        found = payout_list(view, as_of=day, **filters)  # type: ignore[arg-type]
        names = ("batch", "state", "pending_fen", "settled_fen", "returned_fen")
        return [tuple(batch[name] for name in names) for batch in found["batches"]]

    assert batches("2026-04-10") == [("B-01", "pending", 44_000_000, 0, 0)]
    assert batches("2026-04-13") == [
        ("B-01", "settled", 0, 42_200_000, 1_800_000),
        ("B-02", "pending", 1_800_000, 0, 0),
    ]
    assert batches("2026-04-13", state="pending") == [("B-02", "pending", 1_800_000, 0, 0)]
    assert batches("2026-04-13", party=SUB) == []
    assert len(batches("2026-06-30", party=GC, project=PROJECT)) == 3


def test_a_batch_is_partly_answered_between_return_and_settlement(view: View) -> None:
    (batch,) = payout_list(view, as_of="2026-04-11", known_at=183)["batches"]
    assert (batch["state"], batch["pending_count"], batch["returned_count"]) == ("partly", 48, 2)


def test_a_returned_line_shows_the_banks_code(view: View) -> None:
    told = payout_show(view, "B-01", as_of="2026-04-11")
    returned = [line for line in told["lines"] if line["state"] == "returned"]
    assert [(line["claim"], line["code"], line["amount_fen"]) for line in returned] == [
        ("S-2026-03/7", "name_mismatch", 900_000),
        ("S-2026-03/23", "name_mismatch", 900_000),
    ]
    assert {line["answered_position"] for line in returned} == {183}
    assert sum(line["state"] == "settled" for line in told["lines"]) == 48
    before = payout_show(view, "B-01", as_of="2026-04-10")
    assert {line["state"] for line in before["lines"]} == {"pending"}


# -- deposit, cases, fund -----------------------------------------------------


def test_a_notice_is_open_until_it_is_drawn(view: View) -> None:
    def notices(day: str, state: str | None = None) -> list[tuple[str, int]]:
        found = deposit_notices(view, as_of=day, state=state, project=PROJECT, party=SUB)
        return [(notice["state"], notice["undrawn_fen"]) for notice in found["notices"]]

    assert notices("2026-05-24") == []
    assert notices("2026-05-25") == [("open", 8_000_000)]
    assert notices("2026-05-28") == [("drawn", 0)]
    assert notices("2026-05-28", "open") == []


def test_a_deposit_shows_what_it_must_hold_and_holds(view: View) -> None:
    told = deposit_show(view, PROJECT, as_of="2026-05-28")
    assert (told["required_fen"], told["cash_fen"], told["shortfall_fen"]) == (
        8_000_000,
        0,
        8_000_000,
    )
    assert deposit_show(view, PROJECT, as_of="2026-02-24")["required_fen"] == 0


def test_a_case_shows_its_steps_and_its_claims(view: View) -> None:
    (case,) = case_list(view, as_of="2026-05-20")["cases"]
    assert (case["case"], case["state"], case["deadline_on"]) == ("C-01", "open", "2026-05-20")
    assert case_list(view, as_of="2026-06-30", state="closed")["cases"] == []
    told = case_show(view, "C-01", as_of="2026-06-05")
    assert [step["kind"] for step in told["steps"]] == [
        "CorrectionOrdered",
        "DecisionIssued",
        "PaymentNoticeIssued",
        "AdvanceRequested",
        *["ClaimAsserted"] * 5,
    ]
    assert len(told["claims"]) == 25
    assert (told["open_fen"], told["arrears_fen"]) == (3_000_000, 3_000_000)
    assert len(case_show(view, "C-01", as_of="2026-05-20")["claims"]) == 0


def test_a_request_to_the_fund_shows_what_became_of_it(view: View) -> None:
    def advances(day: str) -> list[tuple[str, int, int]]:
        found = advance_list(view, as_of=day)["advances"]
        return [(one["state"], one["total_fen"], one["paid_fen"]) for one in found]

    assert advances("2026-05-30") == [("requested", 2_000_000, 0)]
    assert advances("2026-06-01") == [("approved", 2_000_000, 0)]
    assert advances("2026-06-02") == [("paid", 2_000_000, 2_000_000)]
    assert advance_list(view, as_of="2026-06-02", state="requested")["advances"] == []


def test_a_fund_shows_commitments_floor_and_debtors(view: View) -> None:
    (fund,) = fund_show(view, as_of="2026-06-01")["funds"]
    assert (fund["committed_fen"], fund["available_fen"]) == (2_000_000, 98_000_000)
    (fund,) = fund_show(view, as_of="2026-06-30", region="220200")["funds"]
    assert fund == {
        "region": "220200",
        "cash_fen": 99_200_000,
        "committed_fen": 0,
        "refunds_owed_fen": 0,
        "available_fen": 99_200_000,
        "receivable_fen": 800_000,
        "appropriated_fen": 100_000_000,
        "donated_fen": 0,
        "interest_fen": 0,
        "recovered_fen": 1_200_000,
        "surrendered_fen": 0,
        "written_off_fen": 0,
        "floor_fen": 50_000_000,
        "floor_gap_fen": 0,
        "debtors": [{"party": SUB, "receivable_fen": 800_000}],
    }
    assert fund_show(view, as_of="2026-01-19")["funds"] == []


# -- parties, projects, policies ----------------------------------------------


def test_parties_are_listed_by_code_and_found_by_a_part_of_their_name(view: View) -> None:
    def codes(**filters: str) -> list[str]:
        found = party_list(view, as_of="2026-06-30", **filters)  # type: ignore[arg-type]
        return [party["party"] for party in found["parties"]]

    assert codes() == sorted([DEV, GC, SUB])
    assert codes(name="劳务") == [SUB]
    assert codes(project=PROJECT) == sorted([DEV, GC, SUB])
    assert party_list(view, as_of="2026-01-09")["parties"] == []


def test_a_party_shows_its_projects_and_what_it_owes(view: View) -> None:
    told = party_show(view, SUB, as_of="2026-06-15")
    assert told["name"] == "示例劳务分包有限公司"
    assert told["projects"] == [
        {"project": PROJECT, "name": "示例住宅项目", "part": "subcontractor"}
    ]
    assert told["liability"]["hard_debt_fen"] == 1_800_000
    assert (told["dishonest_until"], told["grades"]) == (None, [])


def test_projects_are_listed_by_party_and_region(view: View) -> None:
    def ids(**filters: str) -> list[str]:
        found = project_list(view, as_of="2026-06-30", **filters)  # type: ignore[arg-type]
        return [project["project"] for project in found["projects"]]

    assert ids() == ids(party=SUB) == ids(party=DEV) == ids(region="2202") == [PROJECT]
    assert ids(region="2203") == ids(party="91220300000740009M") == []
    (project,) = project_list(view, as_of="2026-02-24")["projects"]
    assert project["wage_account"] == "none"
    (project,) = project_list(view, as_of="2026-02-25")["projects"]
    assert (project["wage_account"], project["completed_on"]) == ("open", None)


def test_subcontracts_are_listed_by_project_and_party(view: View) -> None:
    (one,) = subcontract_list(view, as_of="2026-06-30", project=PROJECT)["subcontracts"]
    assert (one["subcontractor"], one["on"]) == (SUB, "2026-01-20")
    assert subcontract_list(view, as_of="2026-01-19")["subcontracts"] == []


def test_policies_show_what_is_in_force_and_where_it_comes_from(view: View) -> None:
    found = policy_list(view, as_of="2026-06-30", parameter="minimum_wage.month")["policies"]
    assert {(one["region"], one["value"], one["in_force"]) for one in found} == {
        ("220100", 188_000, True),
        ("220200", 176_000, True),
        ("220300", 164_000, True),
    }
    assert all(one["source"] and one["unit"] == "fen" for one in found)


# -- pages --------------------------------------------------------------------

IN_MEMORY: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "contractors": partial(liability, as_of="2026-05-28"),
    "items": partial(inbox, role="O", party=None, as_of="2026-05-28"),
    "subcontracts": partial(subcontract_list, as_of="2026-06-30"),
    "policies": partial(policy_list, as_of="2026-06-30"),
    "breaks": partial(breaks, as_of="2026-06-30"),
}


@pytest.mark.parametrize("rows", IN_MEMORY)
@pytest.mark.parametrize("limit", [1, 2])
def test_pages_of_every_list_put_together_are_the_list(view: View, rows: str, limit: int) -> None:
    ask = IN_MEMORY[rows]
    page = ask(view, limit=limit)
    seen = list(page[rows])
    while page["next"] is not None:
        page = ask(view, limit=limit, after=page["next"])
        assert 0 < len(page[rows]) <= limit
        seen += page[rows]
    assert seen == ask(view)[rows]


def test_liability_says_what_all_owe_on_every_page_and_without_pages_names_none(view: View) -> None:
    whole = liability(view, as_of="2026-05-28")
    page = liability(view, as_of="2026-05-28", limit=1)
    assert page["system_arrears_fen"] == whole["system_arrears_fen"] > 0
    assert "next" not in whole
    assert page["next"] is not None


def test_a_reference_with_a_slash_does_not_break_its_cursor() -> None:
    rows = [("2026-03-31", "GZ/1%2F", 1), ("2026-03-31", "GZ/1/2", 2), ("2026-04-01", "GZ", 0)]
    seen, after = [], None
    for _ in rows:
        shown, after = page_after(rows, lambda row: row, 1, after)
        seen += shown
    assert (seen, after) == (rows, None)


@pytest.mark.parametrize("cursor", ["", "3", "a/b/c", "1/2", "--1/0/x", "1.5/0/x"])
def test_what_is_no_cursor_of_liability_is_refused(view: View, cursor: str) -> None:
    with pytest.raises(LedgerError) as caught:
        liability(view, as_of="2026-05-28", limit=1, after=cursor)
    assert caught.value.code == "bad_option"


# -- what there is not --------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "name", "code"),
    [
        (payroll_show, "S-9", "unknown_sheet"),
        (payout_show, "B-9", "unknown_batch"),
        (case_show, "C-9", "unknown_case"),
        (party_show, "91220300000740009M", "unknown_party"),
        (project_show, "P-9", "unknown_project"),
        (deposit_show, "P-9", "unknown_project"),
    ],
)
def test_what_there_is_not_is_unknown(view: View, ask: object, name: str, code: str) -> None:
    with pytest.raises(LedgerError) as caught:
        ask(view, name, as_of="2026-06-30")  # type: ignore[operator]
    assert caught.value.code == code
    assert name in caught.value.facts.values()


def test_a_fund_that_there_is_not_is_unknown(view: View) -> None:
    with pytest.raises(LedgerError) as caught:
        fund_show(view, as_of="2026-06-30", region="220300")
    assert caught.value.code == "unknown_fund"
