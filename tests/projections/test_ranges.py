"""Replay: any cut of the log into ranges gives the same rows (postings.md, invariant 7)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.eventlog.engine import begin_writing
from ledger.service import Ledger
from projections.applying import apply, clear
from projections.positions import keep_join_order
from projections.registry import PROJECTIONS
from projections.runner import catch_up
from tests.projections.answers import rows_of
from tests.projections.conftest import invented_history, tell, worked_example


def replay(engine: Engine, tenant: str, cuts: list[int]) -> None:
    """Fill slot b from nothing, in ranges that end at the cuts."""
    slots = {projection.name: "b" for projection in PROJECTIONS}
    with begin_writing(engine) as connection:
        keep_join_order(connection)
        for projection in PROJECTIONS:
            clear(connection, tenant, projection, "b")
        for low, high in zip([0, *cuts], cuts, strict=False):
            for projection in PROJECTIONS:
                apply(connection, projection, tenant, low, high, slot="b", slots=slots)


@pytest.mark.parametrize("step", [1, 7, 100])
def test_the_worked_example_in_ranges_of_any_size_gives_the_same_rows(
    example: Ledger, step: int
) -> None:
    last = catch_up(example.engine, example.tenant)

    replay(example.engine, example.tenant, [*range(step, last, step), last])

    assert rows_of(example.engine, "main", "b") == rows_of(example.engine, "main", "a")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_history_with_every_kind_gives_the_same_rows_event_by_event(
    ledger: Ledger, seed: int
) -> None:
    tell(ledger, invented_history(seed))
    last = catch_up(ledger.engine, ledger.tenant)

    replay(ledger.engine, ledger.tenant, list(range(1, last + 1)))

    assert rows_of(ledger.engine, "main", "b") == rows_of(ledger.engine, "main", "a")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(min_value=1, max_value=211), unique=True, max_size=12))
def test_random_ranges_give_the_same_rows(example: Ledger, cuts: list[int]) -> None:
    last = catch_up(example.engine, example.tenant)

    replay(example.engine, example.tenant, [*sorted(cuts), last])

    assert rows_of(example.engine, "main", "b") == rows_of(example.engine, "main", "a")


def test_caught_up_after_every_posting_or_once_at_the_end_the_rows_are_the_same(
    ledger: Ledger,
) -> None:
    for posting in worked_example():
        tell(ledger, [posting])
        catch_up(ledger.engine, ledger.tenant)

    replay(ledger.engine, ledger.tenant, [len(worked_example())])

    assert rows_of(ledger.engine, "main", "b") == rows_of(ledger.engine, "main", "a")


def test_tenants_do_not_see_each_others_rows(open_ledger, ledger: Ledger) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    other = open_ledger("siping")
    tell(ledger, worked_example())
    tell(other, worked_example()[:100])

    assert catch_up(ledger.engine, "main") == len(worked_example())
    assert catch_up(other.engine, "siping") == 100
    whole, part = rows_of(ledger.engine, "main"), rows_of(other.engine, "siping")
    assert {row[0] for rows in whole.values() for row in rows} == {"main"}
    assert {row[0] for rows in part.values() for row in rows} == {"siping"}
    assert len(part["history_event"]) == 100
