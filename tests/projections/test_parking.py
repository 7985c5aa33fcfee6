"""A damaged event parks what it belongs to, with the reason; the rest goes on."""

from typing import cast

import pytest

from ledger.eventlog.appending import EventRow, Head, append_events, lock_head
from ledger.eventlog.engine import begin_writing
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.merkle import leaf_hash
from ledger.service import Ledger
from projections.base import Projection, Statement
from projections.queries.history import history
from projections.queries.liability import liability
from projections.queries.project import project_show
from projections.rebuilding import rebuild
from projections.registry import BY_NAME
from projections.runner import catch_up, reading, status
from tests.projections.answers import rows_of
from tests.projections.conftest import OpenLedger, tell, worked_example

PROJECT = "P-2026-001"
CONTRACTOR = "91220200900000225N"


def body(**members: object) -> bytes:
    return canonical_bytes(
        {
            "tenant": "main", "kind": "LabourCostTransferred", "on": "2026-06-20",
            "journal": [], **members,
        }
    )  # fmt: skip


DAMAGED = {
    "cut in half": b'{"kind":"LabourCostTransferred","fields":{"pro',
    "no text at all": b"\xff\xfe\x00",
    "an amount in words": body(
        fields={"project": PROJECT, "amount_fen": 5, "bank_ref": "x"},
        journal=[[CONTRACTOR, "wage_account", PROJECT, "", "", "five"]],
    ),
    "half a fen": body(fields={"project": PROJECT, "amount_fen": 5}).replace(
        b'"amount_fen":5', b'"amount_fen":5.5'
    ),
    "no project": body(fields={"amount_fen": 5}),
}


def append(ledger: Ledger, damaged: bytes, stream: str = f"project:{PROJECT}") -> int:
    """Put an event into the log past the service, as a damaged disk or program might."""
    with begin_writing(ledger.engine) as connection:
        head = lock_head(connection, "main")
        position = head.last_position + 1
        row = EventRow(
            position, stream, 100_000 + position, "funds.labour_cost_transferred.v1",
            "LabourCostTransferred", "2026-06-20", head.recorded_at, damaged, leaf_hash(damaged),
        )  # fmt: skip
        append_events(connection, "main", [row], [], Head(position, head.recorded_at))
    return position


def lodge(ledger: Ledger, number: int) -> None:
    posting = {
        "kind": "DepositLodged", "on": "2026-06-25", "key": f"lodge-{number}",
        "project": PROJECT, "amount_fen": 3_000_000, "bank_ref": f"L-{number}",
    }  # fmt: skip
    assert tell(ledger, [posting]) == 1


def appropriate(ledger: Ledger) -> None:
    posting = {
        "kind": "FundAppropriated", "on": "2026-06-26", "key": "more money",
        "region": "220200", "amount_fen": 777,
    }  # fmt: skip
    assert tell(ledger, [posting]) == 1


def stopped(ledger: Ledger) -> dict[str, list[tuple[str, int]]]:
    return {
        one["name"]: [(parked["stream"], parked["position"]) for parked in one["parked"]]
        for one in status(ledger.engine, "main")
        if one["state"] == "stopped"
    }


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_event_parks_its_project_and_the_fund_goes_on(
    example: Ledger, damage: str
) -> None:
    catch_up(example.engine, "main")
    position = append(example, DAMAGED[damage])
    lodge(example, 1)
    appropriate(example)

    assert catch_up(example.engine, "main") == position + 2

    found = stopped(example)
    assert found
    assert all(parked == [(f"project:{PROJECT}", position)] for parked in found.values())
    last = {one["position"] for one in status(example.engine, "main")}
    assert last == {position + 2}, "nothing falls behind"
    rows = rows_of(example.engine, "main")
    if "journal" in found:
        assert rows["journal_line"][-1][1] == position + 2
        assert position + 1 not in {row[1] for row in rows["journal_line"]}
    with reading(example.engine, "main") as view:
        assert view.parked == len(found)
        told = {row["party"]: row for row in liability(view, as_of="2026-06-15")["contractors"]}
        assert told[CONTRACTOR]["deposit_shortfall_fen"] == 3_000_000


def test_status_names_the_stream_the_position_and_the_reason(example: Ledger) -> None:
    position = append(example, DAMAGED["cut in half"])
    catch_up(example.engine, "main")

    told = {one["name"]: one for one in status(example.engine, "main")}

    assert set(stopped(example)) == {"journal", "project", "history"}
    (parked,) = told["journal"]["parked"]
    assert parked["stream"] == f"project:{PROJECT}"
    assert parked["position"] == position
    assert parked["code"] == "stopped_project"
    assert "JSON" in parked["reason"] or "json" in parked["reason"]
    assert told["party"]["state"] == "current"


def test_the_reason_repeats_nothing_of_the_event(example: Ledger) -> None:
    append(
        example,
        body(
            fields={"project": PROJECT, "amount_fen": 5},
            journal=[[CONTRACTOR, "wage_account", PROJECT, "", "", "220202190601010007"]],
        ).replace(b'"220202190601010007"', b'"secret 220202190601010007"'),
    )
    catch_up(example.engine, "main")
    reasons = [p["reason"] for one in status(example.engine, "main") for p in one["parked"]]
    assert reasons
    assert not any("220202190601010007" in reason for reason in reasons)


def test_a_damaged_event_among_many_is_found_and_all_others_are_applied(
    open_ledger: OpenLedger,
) -> None:
    ledger = open_ledger()
    story = worked_example()
    tell(ledger, story[:150])
    position = append(ledger, DAMAGED["cut in half"], "project:P-9")
    tell(ledger, story[150:])

    assert catch_up(ledger.engine, "main") == len(story) + 1

    assert stopped(ledger) == {
        name: [("project:P-9", position)] for name in ("journal", "project", "history")
    }
    assert len(rows_of(ledger.engine, "main")["history_event"]) == len(story)
    with reading(ledger.engine, "main") as view:
        assert liability(view, as_of="2026-05-16")["system_arrears_fen"] == 13_000_000
        assert project_show(view, PROJECT, as_of="2026-04-11")["wage_account_fen"] == 17_800_000


def test_two_damaged_events_park_two_streams_once_each(example: Ledger) -> None:
    first = append(example, DAMAGED["cut in half"], "project:P-8")
    second = append(example, DAMAGED["cut in half"], "project:P-9")
    append(example, DAMAGED["cut in half"], "project:P-8")
    catch_up(example.engine, "main")
    assert stopped(example)["journal"] == [("project:P-8", first), ("project:P-9", second)]


def test_a_rebuild_tries_again_and_parks_what_is_still_damaged(example: Ledger) -> None:
    position = append(example, DAMAGED["cut in half"])
    lodge(example, 1)
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")

    results = rebuild(example.engine, "main")

    assert all(result["equal"] for result in results)
    assert rows_of(example.engine, "main") == before
    assert stopped(example)["journal"] == [(f"project:{PROJECT}", position)]
    lodge(example, 2)
    catch_up(example.engine, "main")
    with reading(example.engine, "main") as view:
        positions = [event["position"] for event in history(view, CONTRACTOR)["events"]]
    assert max(positions) < position


def test_a_bug_in_our_own_statements_is_not_blamed_on_an_event(
    example: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Projection(
        name="journal", version=1, tables=(), statements=(Statement("SELECT nothing FROM nowhere"),)
    )
    catch_up(example.engine, "main")
    lodge(example, 1)
    monkeypatch.setitem(cast(dict[str, Projection], BY_NAME), "journal", broken)
    with pytest.raises(Exception, match=r"no_ledger|nowhere"):
        catch_up(example.engine, "main")
    monkeypatch.undo()
    assert not stopped(example)
    assert catch_up(example.engine, "main") == 213
