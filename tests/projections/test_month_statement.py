"""The month statement against the other reads, over random histories: equal to the fen."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger
from projections.queries.claim import claim_list
from projections.queries.liability import liability
from projections.queries.month import party_statement, project_statement
from projections.queries.party import party_list
from projections.queries.project import project_list, project_show
from projections.runner import catch_up, reading
from projections.view import View
from tests import counts
from tests.projections.conftest import invented_history, tell
from tests.properties.histories import TODAY

LAST = TODAY.isoformat()
MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
"""The months of the histories."""

POTS = ("wage_account", "in_transit", "deposit_cash")


@pytest.mark.parametrize("seed", range(counts.runs(20)))
def test_every_figure_of_a_month_is_what_the_reads_say_on_its_two_days(
    ledger: Ledger, seed: int
) -> None:
    assert tell(ledger, invented_history(seed)) > 100
    catch_up(ledger.engine, ledger.tenant)
    seen = 0
    with reading(ledger.engine, ledger.tenant) as view:
        middle = view.position // 2
        for known_at in (None, middle):
            for row in project_list(view, as_of=LAST, known_at=known_at)["projects"]:
                for month in MONTHS:
                    seen += compare_project(view, row["project"], month, known_at)
        for party in party_list(view, as_of=LAST)["parties"]:
            for month in MONTHS:
                compare_party(view, party["party"], month)
    assert seen > 20, "the history moved next to nothing"


def compare_project(view: View, project: str, month: str, known_at: int | None) -> int:
    """Compare one month of a project; how many movements it had."""
    told = project_statement(view, project, month=month, as_of=LAST, known_at=known_at)
    before = (date.fromisoformat(told["from"]) - timedelta(days=1)).isoformat()
    for side, day in (("opening", before), ("closing", told["to"])):
        shown = project_show(view, project, as_of=day, known_at=known_at)
        rows = {row["account"]: row for row in told["accounts"]}
        for pot in POTS:
            assert rows.get(pot, {}).get(f"{side}_fen", 0) == shown[f"{pot}_fen"], (pot, day)
        owed, arrears = owed_by_claims(view, project, day, known_at)
        for row in told["contractors"]:
            assert row[f"{side}_fen"] == owed[row["party"]], (row, day)
            assert row[f"{side}_arrears_fen"] == arrears[row["party"]], (row, day)
    for row in told["contractors"]:
        assert row["closing_fen"] == (
            row["opening_fen"] + row["accrued_fen"] - row["reduced_fen"] + row["attributed_fen"]
            - row["paid_fen"] + row["returned_fen"]
        )  # fmt: skip
    for row in told["accounts"]:
        assert row["closing_fen"] == row["opening_fen"] + row["in_fen"] - row["out_fen"]
    check_flat(told)
    return len(told["movements"])


def owed_by_claims(
    view: View, project: str, day: str, known_at: int | None
) -> tuple[dict[str, int], dict[str, int]]:
    """What is open, and in arrears, on the claims of a project, by employer."""
    owed: dict[str, int] = defaultdict(int)
    arrears: dict[str, int] = defaultdict(int)
    claims = claim_list(view, as_of=day, known_at=known_at, project=project)["claims"]
    for claim in claims:
        owed[claim["employer"]] += claim["open_fen"]
        if claim["due_on"] < day:
            arrears[claim["employer"]] += claim["open_fen"]
    return owed, arrears


def compare_party(view: View, party: str, month: str) -> None:
    told = party_statement(view, party, month=month, as_of=LAST)
    before = (date.fromisoformat(told["from"]) - timedelta(days=1)).isoformat()
    for side, day in (("opening", before), ("closing", told["to"])):
        try:
            (shown,) = liability(view, as_of=day, party=party)["contractors"]
        except LedgerError:
            continue
        rows = told["contractors"]
        arrears = sum(row[f"{side}_arrears_fen"] for row in rows)
        owed = sum(row[f"{side}_fen"] for row in rows)
        assert arrears == shown["own_arrears_fen"]
        assert owed == shown["own_arrears_fen"] + shown["accrued_not_due_fen"]


def check_flat(told: dict[str, Any]) -> None:
    """The rows for programs add up as the tables do."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in told["lines"]:
        cell = (line["party"], line["account"])
        if line["item"] in {"opening", "movement"}:
            sums[cell] += line["amount_fen"]
        elif line["item"] == "closing":
            sums[cell] -= line["amount_fen"]
    assert set(sums.values()) <= {0}
