"""Which money paid whom: exact to the fen, the same as by the plain way, on both databases."""

import json
from collections import defaultdict
from typing import Any

import pytest

from ledger.service import Ledger
from projections.queries.claim import claim_list
from projections.queries.pots import INTO
from projections.queries.trace import DIRECT, trace
from projections.runner import reading
from projections.view import View
from tests import counts
from tests.model.balances import Record
from tests.model.plain_model import PlainModel
from tests.projections.conftest import (
    OpenLedger,
    Story,
    expected_figures,
    invented_history,
    tell,
    worked_example,
)
from tests.projections.plain_tracing import Flow, PlainTracing
from tests.properties.histories import TODAY

WHEREABOUTS = ("paid", "in_transit", "left", "withdrawn")


def recorded(story: Story) -> list[Record]:
    """What the plain model records of a story."""
    model = PlainModel(TODAY)
    for posting in story:
        model.post(json.loads(json.dumps(posting)))
    return model.log.records


def flows(lines: list[dict[str, Any]]) -> dict[Flow, int]:
    found: dict[Flow, int] = defaultdict(int)
    for line in lines:
        state = line["state"]
        flow = (line["source_position"], line["payment_position"], line["claim"], state)
        found[flow] += line["amount_fen"]
    return dict(found)


def of_source(wanted: dict[Flow, int], source: int) -> dict[Flow, int]:
    return {flow: amount for flow, amount in wanted.items() if flow[0] == source}


def assert_traced(
    view: View, records: list[Record], as_of: str, known_at: int | None = None
) -> int:
    """Every transfer and every claim as the plain way has them; nothing lost between them."""
    at: dict[str, Any] = {"as_of": as_of, "known_at": known_at}
    known = PlainTracing(records, as_of, known_at or view.position)
    wanted = known.flows
    left: dict[str, int] = defaultdict(int)
    for record in known.records:
        if record.kind in INTO:
            told = trace(view, f"@{record.position}", **at)
            amount = sum(told[f"{state}_fen"] for state in WHEREABOUTS)
            assert told["amount_fen"] == amount == record.f["amount_fen"]
            assert told["left_fen"] == known.left.get(record.position, 0)
            assert flows(told["lines"]) == of_source(wanted, record.position)
            left[told["pot"]] += told["left_fen"]
        if record.kind in DIRECT - {"ExtraCompensationPaid"}:
            told = trace(view, f"@{record.position}", **at)
            assert flows(told["lines"]) == of_source(wanted, record.position)
    assert {pot: fen for pot, fen in left.items() if fen} == {
        pot: fen for pot, fen in known.balances.items() if fen
    }
    for claim in claim_list(view, **at)["claims"]:
        told = trace(view, f"claim:{claim['claim']}", **at)
        sums: dict[str, int] = defaultdict(int)
        for line in told["lines"]:
            sums[line["state"]] += line["amount_fen"]
        assert sums["paid"] == claim["paid_fen"], claim
        assert sums["in_transit"] == claim["in_transit_fen"], claim
        of_claim = {flow: fen for flow, fen in wanted.items() if flow[2] == claim["claim"]}
        assert flows(told["lines"]) == of_claim
    return len(wanted)


@pytest.mark.parametrize("day", expected_figures()["at"])
def test_every_fen_of_the_worked_example_is_traced(example: Ledger, day: str) -> None:
    with reading(example.engine, example.tenant) as view:
        assert_traced(view, recorded(worked_example()), day)


@pytest.mark.parametrize("seed", range(counts.runs(60)))
def test_every_fen_of_a_random_history_is_traced_on_any_day_as_known_at_any_position(
    open_ledger: OpenLedger, seed: int
) -> None:
    ledger = open_ledger()
    story = invented_history(seed)
    tell(ledger, story)
    records = recorded(story)
    with reading(ledger.engine, ledger.tenant) as view:
        days = [row[0] for row in view.rows("SELECT on_date FROM event ORDER BY on_date")]
        seen = assert_traced(view, records, days[-1])
        for part in (4, 7):
            day = days[len(days) * part // 10]
            seen += assert_traced(view, records, day)
            seen += assert_traced(view, records, day, view.position * 3 // 4)
    assert seen
