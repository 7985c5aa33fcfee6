"""SQLite and PostgreSQL hold the same rows and give the same answers."""

from collections.abc import Callable

import pytest

from ledger.service import Ledger
from projections.runner import catch_up, reading
from tests.projections.answers import comparable, everything, rows_of
from tests.projections.conftest import invented_history, tell, worked_example

DAYS = ("2025-06-30", "2026-05-28", "2026-06-30")


@pytest.mark.parametrize("seed", [None, 4, 5])
def test_both_databases_give_the_same_rows_and_answers(
    seed: int | None,
    sqlite_url: str,
    postgres_url: str,
    make_ledger: Callable[[str, str], Ledger],
) -> None:
    story = worked_example() if seed is None else invented_history(seed)
    rows, answers = [], []
    for url in (sqlite_url, postgres_url):
        ledger = make_ledger(url, "main")
        assert tell(ledger, story) > 100
        catch_up(ledger.engine, "main")
        rows.append(rows_of(ledger.engine, "main"))
        with reading(ledger.engine, "main") as view:
            answers.append({day: comparable(everything(view, day)) for day in DAYS})

    assert rows[0] == rows[1]
    assert answers[0] == answers[1]
