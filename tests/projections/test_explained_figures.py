"""Every figure of every read is the sum of the lines that explain it, on any day, as known then."""

import random
from collections import defaultdict
from typing import Any

import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger
from projections.queries.explain import explain
from projections.runner import reading
from projections.view import View
from tests import counts
from tests.projections.answers import everything
from tests.projections.conftest import PARTIES, OpenLedger, expected_figures, invented_history, tell
from tests.projections.figures import Figure, figures_of, figures_of_months

MANY = counts.runs(30)
"""Figures looked at of each sort on one day: those of single claims are thousands."""


def some_of_each_sort(view: View, **at: Any) -> list[Figure]:  # noqa: ANN401 - as below
    sorts: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
    told = everything(view, **at)
    for figure in dict.fromkeys([*figures_of(told), *figures_of_months(view, told, at)]):
        subject, component, _fen = figure
        rows, key = component.partition(".")[0], component.rpartition(".")[2]
        sorts[subject.partition(":")[0], rows, key].append(figure)
    chance = random.Random(str(at))  # noqa: S311 - a sample
    return [
        figure
        for figures in sorts.values()
        for figure in chance.sample(figures, min(len(figures), MANY))
    ]


def assert_explained(view: View, **at: Any) -> int:  # noqa: ANN401 - as_of and known_at
    chosen = some_of_each_sort(view, **at)
    known = {position for (position,) in view.rows("SELECT position FROM event")}
    for subject, component, fen in chosen:
        explained = explain(view, subject, component, **at)
        assert explained["figure_fen"] == fen, (subject, component, at)
        assert sum(line["amount_fen"] for line in explained["lines"]) == fen
        for line in explained["lines"]:
            assert line["position"] in known
            assert line["rule"]
            assert at["known_at"] is None or line["position"] <= at["known_at"]
            assert line["on"] <= at["as_of"] or component.startswith("events."), line
    return len(chosen)


@pytest.mark.parametrize("day", expected_figures()["at"])
def test_every_figure_of_the_worked_example_is_explained(example: Ledger, day: str) -> None:
    with reading(example.engine, example.tenant) as view:
        assert assert_explained(view, as_of=day, known_at=None) > 100


def test_a_figure_as_it_was_known_is_explained_by_what_was_known(example: Ledger) -> None:
    with reading(example.engine, example.tenant) as view:
        for day in ("2026-05-20", "2026-06-15"):
            assert assert_explained(view, as_of=day, known_at=200) > 100


@pytest.mark.parametrize("seed", range(counts.runs(20)))
def test_every_figure_of_a_random_history_is_explained(open_ledger: OpenLedger, seed: int) -> None:
    ledger = open_ledger()
    tell(ledger, invented_history(seed))
    with reading(ledger.engine, ledger.tenant) as view:
        days = [row[0] for row in view.rows("SELECT on_date FROM event ORDER BY on_date")]
        for part in (6, 10):
            day = days[(len(days) - 1) * part // 10]
            assert_explained(view, as_of=day, known_at=None)
            assert_explained(view, as_of=day, known_at=view.position * 2 // 3)


def test_an_id_that_two_things_have_asks_which_is_meant(example: Ledger) -> None:
    opened = {
        "kind": "CaseOpened", "on": "2026-06-20", "key": "twice", "case": "X-1",
        "project": "P-2026-001", "employer": PARTIES["subcontractor"], "source": "complaint",
    }  # fmt: skip
    assert [answer.status for answer in example.post([opened])] == ["recorded"]
    at: dict[str, Any] = {"as_of": "2026-06-30"}
    with reading(example.engine, example.tenant) as view:
        with pytest.raises(LedgerError, match="case:X-1, claim:X-1") as caught:
            explain(view, "X-1", "open", **at)
        assert explain(view, "case:X-1", "open", **at)["lines"] == []
        assert explain(view, "claim:X-1", "open", **at)["subject"] == "claim:X-1"
        assert explain(view, "X-1", "net", **at)["subject"] == "claim:X-1", "only it has one"
    assert caught.value.code == "bad_option"
