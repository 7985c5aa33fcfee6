"""Payslips, payout proofs and month statements say what the other reads say, to the fen."""

from typing import Any

import pytest

from ledger.kernel.errors import LedgerError
from projections.queries.claim import claim_list
from projections.queries.month import party_statement, project_statement
from projections.queries.payout import payout_show
from projections.queries.payout_proof import payout_proof
from projections.queries.payslips import payroll_slips
from projections.view import View
from tests.projections.conftest import PARTIES

GC, SUB = PARTIES["general_contractor"], PARTIES["subcontractor"]
PROJECT = "P-2026-001"
DAYS = ("2026-04-10", "2026-04-11", "2026-04-14", "2026-05-16", "2026-05-28", "2026-06-15")


# -- payslips -----------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_a_slip_tells_its_claim_as_the_list_of_claims_does(view: View, day: str) -> None:
    claims = {claim["claim"]: claim for claim in claim_list(view, as_of=day)["claims"]}
    for sheet in ("G-2026-03", "S-2026-03"):
        for slip in payroll_slips(view, sheet, as_of=day)["slips"]:
            claim = claims[slip["claim"]]
            assert {key: slip[key] for key in claim} == claim
            assert sum(one["paid_fen"] for one in slip["payments"]) == slip["paid_fen"]


def test_a_slip_says_how_and_when_each_part_came(view: View) -> None:
    told = payroll_slips(view, "S-2026-04", as_of="2026-06-15")
    assert (told["employer_name"], told["project_name"]) == ("示例劳务分包有限公司", "示例住宅项目")
    slip = told["slips"][38]
    assert [(one["kind"], one["on"], one["amount_fen"]) for one in slip["payments"]] == [
        ("PayoutSettled", "2026-05-12", 250_000),
        ("AdvanceClearingPaid", "2026-05-20", 150_000),
        ("DepositPaidOut", "2026-05-28", 400_000),
        ("AdvancePaid", "2026-06-02", 100_000),
    ]
    assert (slip["paid_on"], slip["state"], slip["card_last4"]) == ("2026-06-02", "paid", "0497")
    assert slip["paid_by"] == [one["kind"] for one in slip["payments"]]


def test_a_returned_transfer_stands_on_the_slip_with_the_banks_reason(view: View) -> None:
    slip = payroll_slips(view, "S-2026-03", as_of="2026-04-11")["slips"][6]
    (returned,) = slip["payments"]
    assert (returned["state"], returned["code"]) == ("returned", "name_mismatch")
    assert (returned["batch"], returned["paid_fen"]) == ("B-01", 0)
    assert (slip["paid_fen"], slip["open_fen"], slip["paid_on"]) == (0, 900_000, None)


def test_slips_come_in_pages(view: View) -> None:
    whole = payroll_slips(view, "S-2026-04", as_of="2026-06-15")["slips"]
    paged: list[dict[str, Any]] = []
    after = None
    while True:
        page = payroll_slips(view, "S-2026-04", as_of="2026-06-15", limit=7, after=after)
        paged += page["slips"]
        after = page["next"]
        if after is None:
            break
    assert paged == whole


@pytest.mark.parametrize(("day", "known_at"), [("2026-04-07", None), ("2026-06-15", 179)])
def test_a_sheet_that_is_not_approved_has_no_slips(
    view: View, day: str, known_at: int | None
) -> None:
    with pytest.raises(LedgerError) as caught:
        payroll_slips(view, "S-2026-03", as_of=day, known_at=known_at)
    assert caught.value.code == ("unknown_sheet" if known_at is None else "sheet_not_approved")


# -- the proof of a payout ----------------------------------------------------


@pytest.mark.parametrize("batch", ["B-01", "B-02", "B-03"])
@pytest.mark.parametrize("day", ["2026-04-10", "2026-04-11", "2026-06-15"])
def test_the_proofs_of_all_employers_make_up_the_batch(view: View, batch: str, day: str) -> None:
    try:
        whole = payout_show(view, batch, as_of=day)
    except LedgerError:
        return
    proofs = [payout_proof(view, batch, party=party, as_of=day) for party in (GC, SUB)]
    for key in ("count", "total_fen", "settled_fen", "returned_fen", "pending_fen"):
        assert sum(proof[key] for proof in proofs) == whole[key], key
    lines = sorted(
        (line for proof in proofs for line in proof["lines"]), key=lambda one: one["line"]
    )
    assert [line["claim"] for line in lines] == [line["claim"] for line in whole["lines"]]


def test_a_proof_names_the_banks_reference_and_the_end_of_the_card(view: View) -> None:
    proof = payout_proof(view, "B-01", party=SUB, as_of="2026-06-15")
    assert (proof["count"], proof["settled_count"], proof["returned_count"]) == (40, 38, 2)
    settled = proof["lines"][0]
    assert (settled["bank_ref"], settled["card_last4"]) == ("B01-1", "0117")
    returned = proof["lines"][6]
    assert (returned["state"], returned["code"]) == ("returned", "name_mismatch")
    assert returned["bank_ref"] is None


def test_a_proof_of_nobody_is_empty_and_of_a_stranger_refused(view: View) -> None:
    developer = PARTIES["developer"]
    assert payout_proof(view, "B-01", party=developer, as_of="2026-06-15")["lines"] == []
    for batch, party, code in (("B-09", SUB, "unknown_batch"), ("B-01", "X", "unknown_party")):
        with pytest.raises(LedgerError) as caught:
            payout_proof(view, batch, party=party, as_of="2026-06-15")
        assert caught.value.code == code


# -- the statement of a month -------------------------------------------------


def test_may_of_the_worked_example(view: View) -> None:
    told = project_statement(view, PROJECT, month="2026-05", as_of="2026-06-15")
    assert (told["from"], told["to"]) == ("2026-05-01", "2026-05-31")
    accounts = {row["account"]: row for row in told["accounts"]}
    assert {
        name: (row["opening_fen"], row["in_fen"], row["out_fen"], row["closing_fen"])
        for name, row in accounts.items()
    } == {
        "wage_account": (31_000_000, 0, 31_000_000, 0),
        "in_transit": (0, 31_000_000, 31_000_000, 0),
        "deposit_cash": (8_000_000, 0, 8_000_000, 0),
    }
    crew = next(row for row in told["contractors"] if row["party"] == SUB)
    assert (crew["opening_fen"], crew["accrued_fen"], crew["paid_fen"], crew["closing_fen"]) == (
        0, 36_000_000, 34_000_000, 2_000_000,
    )  # fmt: skip
    assert (crew["opening_arrears_fen"], crew["closing_arrears_fen"]) == (0, 2_000_000)


def test_a_month_that_still_runs_ends_on_the_day_asked_for(view: View) -> None:
    told = project_statement(view, PROJECT, as_of="2026-05-16")
    assert (told["month"], told["to"]) == ("2026-05", "2026-05-16")
    assert sum(row["closing_arrears_fen"] for row in told["contractors"]) == 13_000_000


def test_a_party_and_a_project_tell_the_same_month(view: View) -> None:
    of_project = project_statement(view, PROJECT, month="2026-05", as_of="2026-06-15")
    for party in (GC, SUB):
        of_party = party_statement(view, party, month="2026-05", as_of="2026-06-15")
        for rows in ("accounts", "movements", "contractors", "lines"):
            own = [row for row in of_project[rows] if row["party"] == party]
            assert of_party[rows] == own


@pytest.mark.parametrize("month", ["2026-13", "2026-5", "may", "2026-07"])
def test_a_month_that_there_is_not_is_refused(view: View, month: str) -> None:
    with pytest.raises(LedgerError) as caught:
        project_statement(view, PROJECT, month=month, as_of="2026-06-15")
    assert caught.value.code == "bad_option"
