"""An inspector asks why, what changed, and which money paid whom."""

import re

import pytest

from tests.cli.conftest import CONTRACTOR, SUBCONTRACTOR, Run

PROJECT = "P-2026-001"


@pytest.mark.parametrize(
    ("subject", "component", "fen"),
    [
        (SUBCONTRACTOR, "own_arrears", 10_000_000),
        (f"party:{SUBCONTRACTOR}", "own_arrears_fen", 10_000_000),
        (CONTRACTOR, "wage_account", 0),
        ("system", "system_arrears", 10_000_000),
        ("220200", "cash", 100_000_000),
        ("fund:220200", "accounts.cash.balance", 100_000_000),
        (PROJECT, "open_arrears", 10_000_000),
        (PROJECT, "wage_account_fen", 0),
        (PROJECT, f"subcontractors.{SUBCONTRACTOR}.payable", 10_000_000),
        ("S-2026-04", "total", 36_000_000),
        ("S-2026-04", "lines.21.open", 500_000),
        ("B-03", "settled", 31_000_000),
        ("S-2026-04/21", "open", 500_000),
        ("S021", "open", 500_000),
        ("C-01", "arrears", 0),
    ],
)
def test_any_figure_is_explained_by_what_has_it_and_its_key(
    run: Run, example: str, subject: str, component: str, fen: int
) -> None:
    asked = ("--ledger", example, "--as-of", "2026-05-20", "--format", "json")
    told = run("explain", subject, component, *asked).json
    assert told["figure_fen"] == sum(line["amount_fen"] for line in told["lines"]) == fen
    assert all(line["position"] and line["rule"] for line in told["lines"])


def test_the_document_of_a_line_can_be_asked_for_in_turn(run: Run, example: str) -> None:
    asked = ("--ledger", example, "--format", "json")
    told = run("explain", PROJECT, "in_transit", *asked, "--as-of", "2026-04-10").json
    assert {line["document"] for line in told["lines"]} == {"batch:B-01"}
    batch = run("explain", "batch:B-01", "total", *asked).json
    assert batch["figure_fen"] == told["figure_fen"] == 44_000_000
    assert {line["claim"] for line in batch["lines"]} >= {"S-2026-03/7"}


@pytest.mark.parametrize(
    ("subject", "code", "status"),
    [
        ("91220300000740009M", "unknown_party", 5),
        ("990000", "unknown_fund", 5),
        ("S-9/1", "unknown_claim", 5),
        ("nothing", "unknown_project", 5),
        ("batch:S-2026-04", "unknown_batch", 5),
    ],
)
def test_what_there_is_not_is_named(
    run: Run, example: str, subject: str, code: str, status: int
) -> None:
    ran = run("--ledger", example, "explain", subject, "open")
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith(code)


def test_a_figure_that_a_sheet_has_not_is_answered_with_those_that_it_has(
    run: Run, example: str
) -> None:
    ran = run("--ledger", example, "explain", "S-2026-04", "cash")
    assert ran.status == 2
    assert "total, lines.ROW.amount" in ran.err


def test_a_balance_can_be_limited_to_a_project_and_other_figures_cannot(
    run: Run, example: str
) -> None:
    asked = ("--ledger", example, "--format", "json", "--project", PROJECT)
    told = run("explain", CONTRACTOR, "wage_account", *asked).json
    assert told["figure_fen"] == 45_000_000
    other = (*asked[:-1], "P-9")
    assert run("explain", CONTRACTOR, "wage_account", *other).json["figure_fen"] == 0
    ran = run("explain", CONTRACTOR, "hard_debt", *asked)
    assert (ran.status, ran.out) == (2, "")
    assert "--project" in ran.err


# -- what changed -------------------------------------------------------------


def test_two_dates_are_compared(run: Run, example: str) -> None:
    asked = ("--ledger", example, "history", SUBCONTRACTOR, "--format", "json")
    told = run(*asked, "--diff", "2026-05-20..2026-05-28").json
    figures = {one["figure"]: one["change_fen"] for one in told["figures"]}
    assert figures["own_arrears_fen"] == -8_000_000
    assert {one["position"] for one in told["changes"]} == {200}
    same = run(*asked, "--diff", "2026-05-20..2026-05-20").json
    assert (same["figures"], same["changes"]) == ([], [])


def test_two_positions_or_times_are_compared_on_one_date(run: Run, example: str) -> None:
    asked = ("--ledger", example, "history", SUBCONTRACTOR, "--as-of", "2026-05-28")
    by_position = run(*asked, "--diff", "@197..@200", "--format", "json").json
    assert {one["figure"]: one["to_fen"] for one in by_position["figures"]}[
        "own_arrears_fen"
    ] == 2_000_000
    by_time = run(*asked, "--diff", "2000-01-01T00:00..2999-01-01T00:00", "--format", "json").json
    assert {one["from_fen"] for one in by_time["figures"]} == {0}
    both = run(*asked, "--diff", "2026-05-20@197..2026-05-28@200", "--format", "json").json
    assert (both["from_on"], both["from_known_at"]) == ("2026-05-20", 197)
    assert (both["to_on"], both["to_known_at"]) == ("2026-05-28", 200)


@pytest.mark.parametrize(
    "diff", ["2026-05-20", "2026-05-20..", "..@5", "@..@5", "2026-13-01..2026-05-01", "@x..@y"]
)
def test_a_comparison_that_is_none_is_refused(run: Run, example: str, diff: str) -> None:
    ran = run("--ledger", example, "history", SUBCONTRACTOR, "--diff", diff)
    assert (ran.status, ran.out) == (2, "")
    assert "@120..@180" in ran.err


def test_filters_do_not_go_with_a_comparison(run: Run, example: str) -> None:
    asked = ("history", SUBCONTRACTOR, "--diff", "@1..@9", "--kind", "PayoutSettled")
    ran = run("--ledger", example, *asked)
    assert ran.status == 2
    assert "--kind" in ran.err


# -- which money --------------------------------------------------------------


def test_a_workers_wage_is_traced_back_to_the_developer_the_deposit_and_the_fund(
    run: Run, example: str
) -> None:
    told = run("--ledger", example, "trace", "S-2026-04/21", "--format", "json").json
    assert [
        (one["source_kind"], one["payment_kind"], one["amount_fen"], one["card_last4"])
        for one in told["lines"]
    ] == [
        ("LabourCostTransferred", "PayoutInstructed", 250_000, "0315"),
        ("AdvanceClearingPaid", "AdvanceClearingPaid", 150_000, "0315"),
        ("DepositLodged", "DepositPaidOut", 400_000, "0315"),
        ("FundAppropriated", "AdvancePaid", 100_000, "0315"),
    ]
    assert told["paid_fen"] == 900_000


def test_a_transfer_is_traced_to_cards_and_nothing_is_lost(run: Run, example: str) -> None:
    for transfer in ("177", "@188", "211"):
        told = run("--ledger", example, "trace", transfer, "--format", "json").json
        parts = ("paid_fen", "in_transit_fen", "left_fen", "withdrawn_fen")
        assert told["amount_fen"] == sum(told[part] for part in parts)
        paid = [one["amount_fen"] for one in told["lines"] if one["state"] == "paid"]
        assert sum(paid) == told["paid_fen"]


def test_a_transfer_may_be_named_by_its_bank_reference(run: Run, example: str) -> None:
    by_position = run("--ledger", example, "trace", "177", "--format", "json").json
    for name in ("T-0001", "bank_ref:T-0001"):
        assert run("--ledger", example, "trace", name, "--format", "json").json == by_position


def test_a_trace_names_no_worker_and_no_whole_card(run: Run, example: str) -> None:
    lines = run("--ledger", example, "trace", "177", "--format", "json").json["lines"]
    assert {len(line["card_last4"]) for line in lines} == {4}
    assert not {"name", "id_number", "phone", "card_number"} & set().union(*lines)


@pytest.mark.parametrize(
    ("what", "code", "status"),
    [
        ("S-2026-04/999", "unknown_claim", 5),
        ("999", "unknown_position", 5),
        ("@0", "unknown_position", 5),
        ("@x", "unknown_position", 5),
        ("batch:B-9", "unknown_batch", 5),
        ("nothing", "unknown_claim", 5),
        ("201", "bad_option", 2),
        ("1", "bad_option", 2),
    ],
)
def test_what_moves_no_money_is_not_traced(
    run: Run, example: str, what: str, code: str, status: int
) -> None:
    ran = run("--ledger", example, "trace", what)
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith(code)


def test_a_clerk_reads_it_in_chinese(run: Run, example: str) -> None:
    for words in (
        ["trace", "177", "--limit", "3"], ["trace", "S-2026-04/21"],
        ["explain", PROJECT, "developer_advance_duty", "--as-of", "2026-05-16"],
        ["history", SUBCONTRACTOR, "--diff", "2026-05-10..2026-05-28"],
    ):  # fmt: skip
        ran = run("--ledger", example, "--lang", "zh", *words)
        assert ran.status == 0
        words_left = re.sub(r"wage:|deposit:|fund:|\d{4}-\d\d-\d\dT[\d:.]+Z", "", ran.out)
        assert not re.findall("[A-Za-z]{3,}", words_left), words
