"""Rebuilding: side by side, compared, changed over, while writers and readers go on."""

from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text

import projections.rebuilding as module
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.shape import shape
from ledger.kernel.errors import LedgerError
from ledger.service import Ledger
from projections.positions import survey
from projections.queries.liability import liability
from projections.rebuilding import rebuild
from projections.registry import PROJECTIONS, TABLES
from projections.runner import catch_up, reading, status
from tests.counts import full
from tests.projections.answers import comparable, everything, rows_of
from tests.projections.conftest import OpenLedger, invented_history, tell, worked_example

NAMES = [projection.name for projection in PROJECTIONS]


def live_slots(ledger: Ledger) -> dict[str, str]:
    with ledger.engine.connect() as connection:
        places = survey(connection, ledger.tenant).live()
    return {name: place.slot for name, place in places.items()}


def shapes(ledger: Ledger, slot: str) -> dict[str, list[str]]:
    """Columns, keys and indexes of every table of a slot, without the slot's letter."""
    with begin_reading(ledger.engine) as connection:
        found = shape(connection, [table.physical(slot) for table in TABLES.values()])
    return {
        name.removesuffix(f"_{slot}"): sorted(
            sentence.replace(f"_{slot} ", " ").replace(f"_{slot}.", ".") for sentence in sentences
        )
        for name, sentences in found.items()
    }


def spoil(ledger: Ledger, sql: str) -> None:
    with begin_writing(ledger.engine) as connection:
        connection.execute(text(sql))


def test_a_rebuild_gives_the_same_rows_and_says_so(ledger: Ledger) -> None:
    tell(ledger, invented_history(3))
    last = catch_up(ledger.engine, "main")
    before = rows_of(ledger.engine, "main")

    results = rebuild(ledger.engine, "main")

    assert [result["name"] for result in results] == NAMES
    assert all(result["equal"] and not result["differing_rows"] for result in results)
    assert {result["position"] for result in results} == {last}
    assert sum(result["rows"] for result in results) == sum(map(len, before.values()))
    assert set(live_slots(ledger).values()) == {"b"}
    assert rows_of(ledger.engine, "main") == before
    assert not any(rows_of(ledger.engine, "main", "a").values()), "the old slot is emptied"


def test_a_wrong_row_is_found_and_gone_after_the_rebuild(example: Ledger) -> None:
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")
    spoil(example, "UPDATE balance_a SET amount_fen = amount_fen + 1 WHERE account = 'cash'")
    spoil(example, "DELETE FROM worker_step_a WHERE worker = 'G001'")

    results = {result["name"]: result for result in rebuild(example.engine, "main")}

    assert results["journal"]["differing_rows"] == 2
    assert results["worker"]["differing_rows"] == 3
    assert [name for name, result in results.items() if not result["equal"]] == [
        "journal",
        "worker",
    ]
    assert rows_of(example.engine, "main") == before


def test_a_read_model_is_rebuilt_with_those_that_use_its_rows(example: Ledger) -> None:
    results = rebuild(example.engine, "main", ["project"])

    assert [result["name"] for result in results] == ["project", "liability", "deposit"]
    slots = live_slots(example)
    assert {name for name, slot in slots.items() if slot == "b"} == {
        "project",
        "liability",
        "deposit",
    }
    with reading(example.engine, "main") as view:
        assert liability(view, as_of="2026-05-16")["system_arrears_fen"] == 13_000_000


def test_an_unknown_name_is_refused_with_the_names_that_there_are(example: Ledger) -> None:
    with pytest.raises(LedgerError, match="liability") as caught:
        rebuild(example.engine, "main", ["liabilities"])
    assert caught.value.code == "bad_option"


def test_postings_recorded_during_a_rebuild_are_in_the_new_rows(
    open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger()
    story = worked_example()
    tell(ledger, story[:60])
    steps: list[str] = []

    def writing_on(name: str) -> None:
        original = getattr(module._Build, name)

        def method(build: Any, *arguments: Any) -> Any:  # noqa: ANN401 - a method is wrapped
            done = original(build, *arguments)
            low = 60 + 30 * len(steps)
            steps.append(name)
            tell(ledger, story[low : low + 30])
            if name != "fill":  # after `fill` nobody asks before the rebuild has caught up
                catch_up(ledger.engine, "main")
            return done

        monkeypatch.setattr(module._Build, name, method)

    for name in ("start", "fill", "finish_filling", "compare"):
        writing_on(name)

    results = rebuild(ledger.engine, "main")
    monkeypatch.undo()

    assert steps == ["start", "fill", "finish_filling", "compare"]
    assert all(result["equal"] for result in results)
    assert catch_up(ledger.engine, "main") == 60 + 4 * 30
    assert set(live_slots(ledger).values()) == {"b"}
    built = rows_of(ledger.engine, "main")
    rebuild(ledger.engine, "main")
    assert rows_of(ledger.engine, "main") == built


@pytest.mark.drill
def test_writers_and_readers_go_on_while_everything_is_rebuilt_again_and_again(
    open_ledger: OpenLedger,
) -> None:
    ledger = open_ledger()
    story = worked_example()
    tell(ledger, story[:20])
    catch_up(ledger.engine, "main")
    at_once = 1 if full() else 5
    done, failures, seen = Event(), [], []

    def write() -> None:
        try:
            for low in range(20, len(story), at_once):
                tell(ledger, story[low : low + at_once])
                catch_up(ledger.engine, "main")
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            done.set()

    def read() -> None:
        try:
            while not done.is_set():
                with reading(ledger.engine, "main") as view:
                    answer = liability(view, as_of="2026-06-30")
                    rows = view.rows("SELECT count(*) AS n FROM {history_event}")
                    seen.append((view.position, rows[0].n, answer["position"]))
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [Thread(target=write), Thread(target=read)]
    for thread in threads:
        thread.start()
    rebuilt = 0
    while not done.is_set() or not rebuilt:
        assert all(result["equal"] for result in rebuild(ledger.engine, "main"))
        rebuilt += 1
    for thread in threads:
        thread.join()

    assert not failures
    assert seen
    assert all(position == count == told for position, count, told in seen)
    assert catch_up(ledger.engine, "main") == len(story)
    before = rows_of(ledger.engine, "main")
    rebuild(ledger.engine, "main")
    assert rows_of(ledger.engine, "main") == before


def test_a_second_rebuild_takes_over_from_one_that_died(
    example: Ledger, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")
    with monkeypatch.context() as patch:
        patch.setattr(module._Build, "finish_filling", _die)
        with pytest.raises(KeyboardInterrupt):
            rebuild(example.engine, "main")
    assert rows_of(example.engine, "main") == before
    assert {place["state"] for place in status(example.engine, "main")} == {"current"}

    other = open_ledger("siping")
    tell(other, worked_example())
    assert all(result["equal"] for result in rebuild(other.engine, "siping"))
    results = rebuild(example.engine, "main")

    assert all(result["equal"] for result in results)
    assert rows_of(example.engine, "main") == before
    assert shapes(example, "b") == shapes(example, "a"), "keys and indexes are all there again"


def test_a_rebuild_that_was_overtaken_stops_and_changes_nothing(
    example: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")
    original = module._Build.fill

    def overtaken(build: Any, progress: Any) -> None:  # noqa: ANN401 - a method is wrapped
        monkeypatch.setattr(module._Build, "fill", original)
        rebuild(example.engine, "main")
        original(build, progress)

    monkeypatch.setattr(module._Build, "fill", overtaken)
    with pytest.raises(LedgerError) as caught:
        rebuild(example.engine, "main")

    assert caught.value.code == "busy"
    assert rows_of(example.engine, "main") == before


def test_rebuilding_one_tenant_leaves_the_other_alone(open_ledger: OpenLedger) -> None:
    main, other = open_ledger(), open_ledger("siping")
    tell(main, worked_example()[:120])
    tell(other, worked_example())
    catch_up(other.engine, "siping")
    before = rows_of(other.engine, "siping")

    for _ in range(2):
        assert all(result["equal"] for result in rebuild(main.engine, "main"))

    assert rows_of(other.engine, "siping") == before
    assert all(result["equal"] for result in rebuild(other.engine, "siping"))
    assert rows_of(other.engine, "siping") == before
    assert len(rows_of(main.engine, "main")["history_event"]) == 120


def test_an_empty_ledger_can_be_rebuilt(ledger: Ledger) -> None:
    results = rebuild(ledger.engine, "main")
    assert all(result["equal"] and result["rows"] == 0 for result in results)


def test_progress_is_told_in_positions(example: Ledger) -> None:
    told: list[tuple[int, int]] = []
    rebuild(example.engine, "main", progress=lambda done, whole: told.append((done, whole)))
    assert told == [(212, 212)]


def test_answers_do_not_change_with_the_slot(example: Ledger) -> None:
    with reading(example.engine, "main") as view:
        before = everything(view, "2026-05-28")
    rebuild(example.engine, "main")
    with reading(example.engine, "main") as view:
        assert comparable(everything(view, "2026-05-28")) == comparable(before)


def _die(_build: object) -> None:
    raise KeyboardInterrupt
