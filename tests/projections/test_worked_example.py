"""The worked example: every figure on its nine dates, to the fen, on both databases."""

from typing import Any

import pytest

from ledger.service import Ledger
from projections.queries.fund import fund_show
from projections.queries.liability import liability
from projections.queries.project import project_show
from projections.runner import reading
from projections.view import View
from tests.projections.conftest import expected_figures

PROJECT = "P-2026-001"
LAST = 212


def assert_expected(view: View, known_at: int | None) -> None:
    for day, expected in expected_figures()["at"].items():
        told = liability(view, as_of=day, known_at=known_at)
        rows = {row["party"]: row for row in told["contractors"]}
        for party, figures in expected["liability"]["contractors"].items():
            row = rows.pop(party, dict.fromkeys(figures, 0))
            assert {name: row[name] for name in figures} == figures, (day, party)
        assert not rows
        assert told["system_arrears_fen"] == expected["liability"]["system_arrears_fen"]
        funds = fund_show(view, as_of=day, known_at=known_at)["funds"]
        for wanted, fund in zip(expected["funds"], funds, strict=True):
            assert {name: fund.get(name, day) for name in wanted} == wanted
        project = project_show(view, PROJECT, as_of=day, known_at=known_at)
        assert {name: project[name] for name in expected["project"]} == expected["project"]


def test_every_figure_of_the_worked_example_is_the_expected_one(example: Ledger) -> None:
    with reading(example.engine, example.tenant) as view:
        assert_expected(view, None)


def test_the_figures_are_the_same_when_summed_from_single_lines(example: Ledger) -> None:
    """Known at a position below the end, figures come from journal lines and not from balances."""
    added = {
        "kind": "PartyRegistered",
        "on": "2026-06-30",
        "key": "later",
        "party": "91220300000740009M",
        "name": "示例企业",
    }
    assert [answer.status for answer in example.post([added])] == ["recorded"]
    with reading(example.engine, example.tenant) as view:
        assert view.position == LAST + 1
        assert_expected(view, LAST)


@pytest.mark.parametrize(
    ("day", "overdue", "next_payroll", "gap", "duty"),
    [
        ("2026-04-11", 0, 1_800_000, 0, 0),
        ("2026-05-01", 45_000_000, 0, 0, 0),
        ("2026-05-08", 45_000_000, 44_000_000, 13_000_000, 0),
        ("2026-05-16", 45_000_000, 13_000_000, 13_000_000, 13_000_000),
        ("2026-06-05", 45_000_000, 0, 0, 3_000_000),
        ("2026-06-15", 0, 0, 0, 0),
    ],
)
def test_a_contractor_sees_what_the_wage_account_lacks_and_what_the_developer_owes(
    example: Ledger, day: str, overdue: int, next_payroll: int, gap: int, duty: int
) -> None:
    with reading(example.engine, example.tenant) as view:
        project = project_show(view, PROJECT, as_of=day)
    assert project["labour_cost_overdue_fen"] == overdue
    assert project["next_payroll_fen"] == next_payroll
    assert project["account_gap_fen"] == gap
    assert project["developer_advance_duty_fen"] == duty


def deadlines(view: View, day: str) -> list[tuple[Any, ...]]:
    told = project_show(view, PROJECT, as_of=day)["deadlines"]
    return [(one["kind"], one["on"], one["ref"]) for one in told]


def test_the_deposit_is_to_be_replenished_within_ten_working_days(example: Ledger) -> None:
    with reading(example.engine, example.tenant) as view:
        assert deadlines(view, "2026-05-20") == [("case_order", "2026-05-20", "C-01")]
        assert deadlines(view, "2026-05-27") == [
            ("case_order", "2026-05-20", "C-01"),
            ("case_decision", "2026-05-24", "C-01"),
            ("notice_payment", "2026-06-01", "N-01"),
        ]
        assert ("deposit_replenishing", "2026-06-11", PROJECT) in deadlines(view, "2026-05-28")
        assert ("deposit_replenishing", "2026-06-11", PROJECT) in deadlines(view, "2026-06-15")
