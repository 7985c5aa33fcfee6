"""Known at a position: the answer that a ledger would give which ends there."""

import pytest

from ledger.kernel.dates import add_days, parse_instant
from ledger.service import Ledger
from projections.runner import reading
from projections.view import View
from tests.projections.answers import comparable, everything, without_position
from tests.projections.conftest import (
    OpenLedger,
    invented_history,
    recorded_only,
    tell,
    worked_example,
)


def assert_same(whole: View, known_at: int, cut: View, day: str) -> None:
    told = without_position(comparable(everything(whole, day, known_at)))
    wanted = without_position(comparable(everything(cut, day)))
    assert told.keys() == wanted.keys()
    for name, answer in wanted.items():
        assert told[name] == answer, (name, day, known_at)


def compare_with_cuts(
    open_ledger: OpenLedger, story: list[dict[str, object]], cuts: list[int]
) -> None:
    whole = open_ledger("whole")
    story = recorded_only(whole, story)
    for known_at in cuts:
        cut = open_ledger(f"cut-{known_at}")
        assert tell(cut, story[:known_at]) == known_at
        with (
            reading(whole.engine, "whole") as all_of_it,
            reading(cut.engine, cut.tenant) as part,
        ):
            assert part.position == known_at < all_of_it.position
            for day in ("2025-09-30", "2026-05-20", "2026-06-30"):
                assert_same(all_of_it, known_at, part, day)


def test_the_worked_example_as_known_on_the_way_is_the_ledger_of_that_moment(
    open_ledger: OpenLedger,
) -> None:
    compare_with_cuts(open_ledger, list(worked_example()), [183, 200, 207])


@pytest.mark.parametrize("seed", [6, 7])
def test_a_history_as_known_on_the_way_is_the_ledger_of_that_moment(
    open_ledger: OpenLedger, seed: int
) -> None:
    story = list(invented_history(seed))
    compare_with_cuts(open_ledger, story, [120, 230])


def test_a_time_becomes_the_last_position_recorded_by_then(example: Ledger) -> None:
    with reading(example.engine, "main") as view:
        recorded = [row.recorded_at for row in view.rows("SELECT recorded_at FROM event")]
        assert sorted(recorded) == recorded
        assert view.position_at(recorded[99]) == 100
        assert view.position_at(recorded[0]) == 1
        assert view.position_at(recorded[-1]) == 212
        first = parse_instant(recorded[0])
        assert first is not None
        assert view.position_at(f"{add_days(first.date(), -1)}T00:00:00.000000Z") == 0
        assert view.position_at(f"{add_days(first.date(), 1)}T00:00:00.000000Z") == 212
