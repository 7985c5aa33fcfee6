"""Which money paid whom: exact to the fen, the same as by the plain way, on both databases."""

import json
from collections import defaultdict
from itertools import count
from typing import Any

import pytest

from ledger.kernel.errors import LedgerError
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
    PARTIES,
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


@pytest.mark.parametrize("seed", range(counts.runs(40)))
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


# -- what may happen to money ---------------------------------------------------

PROJECT, SUB = "P-2026-001", PARTIES["subcontractor"]


_keys = count(1)


def post(ledger: Ledger, kind: str, on: str, **fields: Any) -> int:  # noqa: ANN401 - any field
    posting = {"kind": kind, "on": on, "key": f"k-{next(_keys)}", **fields}
    (answer,) = ledger.post([posting])
    assert answer.status == "recorded", answer
    assert answer.position is not None
    return answer.position


def wages_of_may(ledger: Ledger) -> tuple[str, str]:
    """Two claims of 9,000 yuan each."""
    sheet = {"project": PROJECT, "sheet": "S-2026-05"}
    lines = [{"worker": worker, "net_fen": 900_000} for worker in ("S001", "S002")]
    post(
        ledger, "PayrollSubmitted", "2026-06-11", **sheet, employer=SUB, period="2026-05",
        due_on="2026-06-15", lines=lines,
    )  # fmt: skip
    post(ledger, "PayrollApproved", "2026-06-11", **sheet)
    return "S-2026-05/1", "S-2026-05/2"


def transfer(ledger: Ledger, on: str, amount: int) -> int:
    fields = {"project": PROJECT, "amount_fen": amount, "bank_ref": f"T-{on}-{amount}"}
    return post(ledger, "LabourCostTransferred", on, **fields)


def instruct(ledger: Ledger, on: str, batch: str, *claims: str) -> int:
    lines = [{"claim": claim, "amount_fen": 900_000} for claim in claims]
    return post(
        ledger, "PayoutInstructed", on, project=PROJECT, batch=batch, lines=lines,
        total_fen=900_000 * len(lines), count=len(lines),
    )  # fmt: skip


def money(told: dict[str, Any]) -> list[tuple[int, int, str | None, int, str]]:
    return [
        (
            line["source_position"], line["payment_position"], line["claim"], line["amount_fen"],
            line["state"],
        )
        for line in told["lines"]
    ]  # fmt: skip


def traced(ledger: Ledger, what: object, **at: Any) -> dict[str, Any]:  # noqa: ANN401 - known_at
    with reading(ledger.engine, ledger.tenant) as view:
        return trace(view, str(what), **{"as_of": "2026-06-30", **at})


OLD = 211
"""The transfer that the worked example leaves on the account: 450,000 yuan."""


def test_what_came_back_is_paid_again_with_the_money_that_it_was(example: Ledger) -> None:
    first, second = wages_of_may(example)
    new = transfer(example, "2026-06-12", 500_000)
    out = instruct(example, "2026-06-13", "B-9", first, second)
    batch = {"project": PROJECT, "batch": "B-9"}
    settled = post(example, "PayoutSettled", "2026-06-13", **batch, claims="all")
    lines = [{"claim": first, "code": "late_return"}]
    back = post(example, "PayoutReturned", "2026-06-14", **batch, lines=lines)
    again = instruct(example, "2026-06-15", "B-10", first)

    told = traced(example, first)
    assert money(told) == [
        (OLD, out, first, 900_000, "returned"),
        (OLD, again, first, 900_000, "in_transit"),
    ]
    assert [line["answered_position"] for line in told["lines"]] == [back, None]
    assert money(traced(example, first, known_at=settled)) == [(OLD, out, first, 900_000, "paid")]
    assert money(traced(example, first, as_of="2026-06-13")) == [(OLD, out, first, 900_000, "paid")]
    whole = traced(example, OLD)
    assert (whole["paid_fen"], whole["in_transit_fen"], whole["left_fen"]) == (
        900_000, 900_000, 45_000_000 - 1_800_000,
    )  # fmt: skip
    assert traced(example, new)["left_fen"] == 500_000


def test_money_that_was_never_there_paid_nobody(example: Ledger) -> None:
    """A transfer is reversed after its money had been paid out: other money must have paid."""
    first, second = wages_of_may(example)
    out = instruct(example, "2026-06-13", "B-9", first, second)
    new = transfer(example, "2026-06-14", 1_000_000)
    newer = transfer(example, "2026-06-15", 1_000_000)
    before = traced(example, first)
    reversal = post(example, "Reversed", "2026-06-16", reverses=OLD, reason="wrong project")

    assert money(before) == [(OLD, out, first, 900_000, "in_transit")]
    assert money(traced(example, first)) == [(new, out, first, 900_000, "in_transit")]
    assert money(traced(example, second)) == [
        (new, out, second, 100_000, "in_transit"),
        (newer, out, second, 800_000, "in_transit"),
    ]
    gone = traced(example, OLD)
    assert money(gone) == [(OLD, reversal, None, 45_000_000, "withdrawn")]
    assert (gone["amount_fen"], gone["withdrawn_fen"]) == (45_000_000, 45_000_000)
    assert traced(example, newer)["left_fen"] == 200_000
    assert traced(example, first, as_of="2026-06-15")["lines"] == before["lines"]
    assert traced(example, first, known_at=reversal - 1)["lines"] == before["lines"]


def test_a_payment_dated_back_takes_what_was_left_when_it_was_recorded(example: Ledger) -> None:
    first, second = wages_of_may(example)
    instruct(example, "2026-06-20", "B-9", first)
    transfer(example, "2026-06-10", 100_000)
    out = instruct(example, "2026-06-12", "B-8", second)

    assert {line[0] for line in money(traced(example, first))} == {OLD}
    assert money(traced(example, second)) == [(OLD, out, second, 900_000, "in_transit")]
    assert traced(example, second, as_of="2026-06-11")["lines"] == []


def test_others_money_on_the_account_pays_no_wages(example: Ledger) -> None:
    first, _second = wages_of_may(example)
    fields = {"project": PROJECT, "amount_fen": 700_000, "bank_ref": "M-1"}
    strange = post(example, "MisdirectedCredited", "2026-06-01", **fields)
    instruct(example, "2026-06-13", "B-9", first)

    assert {line[0] for line in money(traced(example, first))} == {OLD}
    with pytest.raises(LedgerError) as caught:
        traced(example, strange)
    assert caught.value.code == "bad_option"


def test_a_page_of_a_trace_goes_on_where_the_page_before_ended(example: Ledger) -> None:
    whole = traced(example, 177)
    seen, after = [], None
    while True:
        told = traced(example, 177, limit=10, after=after)
        seen += told["lines"]
        assert told["paid_fen"] == whole["paid_fen"]
        after = told["next"]
        if after is None:
            break
    assert seen == whole["lines"]
