"""What changed between two moments: figures as reads have them, changes that sum to them."""

import random
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger
from projections.queries.difference import Moment, difference
from projections.queries.explain import explain
from projections.queries.liability import FIGURES, liability
from projections.queries.party import party_list
from projections.runner import reading
from projections.view import View
from tests import counts
from tests.projections.conftest import PARTIES, OpenLedger, invented_history, tell

SUB, GC = PARTIES["subcontractor"], PARTIES["general_contractor"]


def assert_sums(view: View, party: str, first: Moment, second: Moment) -> int:
    told = difference(view, party, first, second)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for change in told["changes"]:
        of = "" if change["figure"] in FIGURES else change["project"]
        sums[change["figure"], of] += change["amount_fen"]
        assert change["amount_fen"]
        assert change["rule"]
    figures = {(one["figure"], one["project"]): one for one in told["figures"]}
    assert figures.keys() == sums.keys()
    for (figure, project), one in figures.items():
        assert one["to_fen"] - one["from_fen"] == one["change_fen"] == sums[figure, project]
        for moment, fen in ((first, one["from_fen"]), (second, one["to_fen"])):
            if moment.known_at is not None and moment.known_at < registered(view, party):
                assert fen == 0
                continue
            at: dict[str, Any] = moment._asdict()
            explained = explain(view, party, figure, project=project or None, **at)
            assert explained["figure_fen"] == fen, (figure, moment)
    assert_unchanged(view, party, (first, second), {figure for figure, _ in figures})
    return len(told["changes"])


def registered(view: View, party: str) -> int:
    rows = party_list(view, as_of="9999-12-31")["parties"]
    return next(int(row["position"]) for row in rows if row["party"] == party)


def assert_unchanged(
    view: View, party: str, moments: tuple[Moment, Moment], changed: set[str]
) -> None:
    before, after = (_owed(view, party, moment) for moment in moments)
    for figure in FIGURES:
        assert figure in changed or before[figure] == after[figure]


def _owed(view: View, party: str, moment: Moment) -> dict[str, int]:
    for row in liability(view, **moment._asdict())["contractors"]:
        if row["party"] == party:
            return dict(row)
    return dict.fromkeys(FIGURES, 0)


@pytest.mark.parametrize("party", PARTIES.values())
def test_what_changed_in_the_worked_example_sums_to_the_change(example: Ledger, party: str) -> None:
    days = [Moment(day, None) for day in ("2026-03-01", "2026-05-10", "2026-05-28", "2026-06-30")]
    known = [Moment("2026-06-30", position) for position in (1, 180, 200, 212)]
    with reading(example.engine, example.tenant) as view:
        for moments in (days, known, days[::-1]):
            for first, second in pairwise(moments):
                assert_sums(view, party, first, second)


@pytest.mark.parametrize("seed", range(counts.runs(20)))
def test_what_changed_in_a_random_history_sums_to_the_change(
    open_ledger: OpenLedger, seed: int
) -> None:
    ledger = open_ledger()
    tell(ledger, invented_history(seed))
    chance = random.Random(seed)  # noqa: S311 - a sample
    seen = 0
    with reading(ledger.engine, ledger.tenant) as view:
        days = [row[0] for row in view.rows("SELECT on_date FROM event ORDER BY on_date")]
        for row in party_list(view, as_of=days[-1])["parties"]:
            for _again in range(3):
                moments = [
                    Moment(chance.choice(days), chance.choice([None, *range(1, view.position)]))
                    for _side in range(2)
                ]
                if all(known is None or known >= row["position"] for _on, known in moments[1:]):
                    seen += assert_sums(view, row["party"], moments[0], moments[1])
    assert seen


def test_what_was_recorded_later_with_an_earlier_date_is_told_apart(example: Ledger) -> None:
    with reading(example.engine, example.tenant) as view:
        told = difference(view, SUB, Moment("2026-05-28", 197), Moment("2026-05-28", None))
    (figure,) = (one for one in told["figures"] if one["figure"] == "own_arrears_fen")
    assert (figure["from_fen"], figure["to_fen"]) == (10_000_000, 2_000_000)
    changes = [one for one in told["changes"] if one["figure"] == "own_arrears_fen"]
    assert [(one["position"], one["on"], one["document"], one["rule"]) for one in changes] == [
        (200, "2026-05-28", "notice:N-01", "recorded in between")
    ]


def test_wages_that_fell_due_changed_without_any_posting_of_those_days(example: Ledger) -> None:
    with reading(example.engine, example.tenant) as view:
        told = difference(view, SUB, Moment("2026-05-15", None), Moment("2026-05-16", None))
    changes = {(one["figure"], one["position"]): one for one in told["changes"]}
    assert changes["own_arrears_fen", 192]["amount_fen"] == 36_000_000
    assert {one["rule"] for one in told["changes"]} == {"fell due in between"}


def test_a_deposit_that_is_more_than_full_is_cut_off_in_a_line_of_its_own(
    example: Ledger,
) -> None:
    with reading(example.engine, example.tenant) as view:
        told = difference(view, GC, Moment("2026-05-27", None), Moment("2026-05-28", None))
        again = difference(view, GC, Moment("2026-02-27", None), Moment("2026-03-05", None))
    (lack,) = (one for one in told["changes"] if one["figure"] == "deposit_shortfall_fen")
    assert (lack["position"], lack["amount_fen"]) == (200, 8_000_000)
    assert "deposit_shortfall_fen" in {one["figure"] for one in again["figures"]}


def test_pages_of_changes_follow_each_other(example: Ledger) -> None:
    moments = (Moment("2026-05-10", None), Moment("2026-05-28", None))
    with reading(example.engine, example.tenant) as view:
        whole = difference(view, SUB, *moments)["changes"]
        seen, after = [], None
        while True:
            told = difference(view, SUB, *moments, limit=5, after=after)
            seen += told["changes"]
            after = told["next"]
            if after is None:
                break
        with pytest.raises(LedgerError) as caught:
            difference(view, "91220300000740009M", *moments)
    assert seen == whole
    assert caught.value.code == "unknown_party"
