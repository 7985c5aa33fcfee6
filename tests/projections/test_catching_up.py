"""Catching up: cheap when there is nothing to do, never twice, and right for every version."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import event, text

import projections.applying as applying_module
import projections.runner as runner_module
from ledger.eventlog.engine import begin_writing, open_engine
from ledger.kernel.errors import LedgerError
from ledger.service import Ledger
from projections.preparing import prepare
from projections.queries.liability import liability
from projections.registry import PROJECTIONS
from projections.runner import Pace, catch_up, reading, status
from tests.projections.answers import rows_of
from tests.projections.conftest import OpenLedger, tell, worked_example


def statements_of(ledger: Ledger) -> list[str]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        said.append(sql)

    event.listen(ledger.engine, "before_cursor_execute", note)
    return said


def test_with_nothing_to_do_catching_up_costs_one_query(example: Ledger) -> None:
    assert catch_up(example.engine, "main") == 212
    said = statements_of(example)

    assert catch_up(example.engine, "main") == 212

    assert len([sql for sql in said if not sql.startswith("BEGIN")]) == 1


def test_many_programs_at_once_apply_every_range_once(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(4)]
    prepare(ledgers[0].engine)
    tell(ledgers[0], worked_example())
    start, failures = Barrier(len(ledgers)), []

    def run(ledger: Ledger) -> None:
        try:
            start.wait()
            assert catch_up(ledger.engine, "main") == 212
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [Thread(target=run, args=[ledger]) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert len(rows_of(ledgers[0].engine, "main")["history_event"]) == 212
    with reading(ledgers[0].engine, "main") as view:
        assert liability(view, as_of="2026-05-16")["system_arrears_fen"] == 13_000_000


def test_a_long_way_is_gone_in_several_transactions(
    example: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    original = runner_module.advance

    def advance(connection, tenant, step):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        position, last = original(connection, tenant, min(step, 50))
        seen.append(position)
        return position, last

    monkeypatch.setattr(runner_module, "advance", advance)

    assert catch_up(example.engine, "main") == 212
    assert seen == [50, 100, 150, 200, 212]


def test_steps_become_longer_and_shorter_with_the_time_they_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("projections.runner.time.monotonic", lambda: now[0])
    pace = Pace(100)
    pace.begin()
    now[0] += 5
    pace.end()
    assert pace.step == 10
    pace.begin()
    pace.end()
    assert pace.step == 40


def test_a_crash_while_catching_up_leaves_position_and_rows_together(
    example: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(example, [])
    catch_up(example.engine, "main")
    tell(example, [party(1)])

    def die(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(applying_module, "_reason", die)
        patch.setattr(runner_module, "move_place", die)
        with pytest.raises(KeyboardInterrupt):
            catch_up(example.engine, "main")
    assert len(rows_of(example.engine, "main")["history_event"]) == 212

    assert catch_up(example.engine, "main") == 213
    assert len(rows_of(example.engine, "main")["history_event"]) == 213


def party(number: int) -> dict[str, str]:
    codes = ("91220300000740009M", "91220300000740017G")
    return {
        "kind": "PartyRegistered", "on": "2026-06-30", "key": f"more-{number}",
        "party": codes[number], "name": "示例企业",
    }  # fmt: skip


# -- versions -----------------------------------------------------------------


def test_rows_of_an_older_version_are_made_anew_by_the_next_read(example: Ledger) -> None:
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")
    with begin_writing(example.engine) as connection:
        connection.execute(text("UPDATE projection_table SET version = 0 WHERE name = 'journal'"))
        connection.execute(
            text("UPDATE projection_position SET version = 0 WHERE name = 'journal'")
        )
        connection.execute(text("UPDATE journal_line_a SET amount_fen = 1"))
        connection.execute(text("DELETE FROM liability_cell_a"))

    assert catch_up(example.engine, "main") == 212

    assert rows_of(example.engine, "main") == before


def test_tables_of_a_newer_program_are_left_alone(example: Ledger) -> None:
    catch_up(example.engine, "main")
    with begin_writing(example.engine) as connection:
        connection.execute(text("UPDATE projection_table SET version = 99 WHERE name = 'fund'"))
        connection.execute(text("UPDATE projection_position SET version = 99 WHERE name = 'fund'"))

    with pytest.raises(LedgerError) as caught:
        catch_up(example.engine, "main")

    assert caught.value.code == "schema_newer"
    assert caught.value.facts["schema"] == "fund 99"
    assert len(rows_of(example.engine, "main")["history_event"]) == 212


def test_preparing_again_changes_nothing(example: Ledger) -> None:
    catch_up(example.engine, "main")
    before = rows_of(example.engine, "main")
    assert prepare(example.engine) == []
    assert rows_of(example.engine, "main") == before


# -- status -------------------------------------------------------------------


def test_status_tells_how_far_behind_each_read_model_is(ledger: Ledger) -> None:
    assert {one["state"] for one in status(ledger.engine, "main")} == {"current"}
    tell(ledger, worked_example()[:10])
    assert {(one["state"], one["behind"]) for one in status(ledger.engine, "main")} == {
        ("missing", 10)
    }
    catch_up(ledger.engine, "main")
    tell(ledger, worked_example()[10:13])
    told = status(ledger.engine, "main")
    assert [one["name"] for one in told] == [projection.name for projection in PROJECTIONS]
    assert {(one["state"], one["position"], one["behind"]) for one in told} == {("behind", 10, 3)}


def test_a_ledger_without_postings_answers_with_nothing(ledger: Ledger) -> None:
    with reading(ledger.engine, "main") as view:
        answer = liability(view, as_of="2026-05-16")
    assert answer == {
        "as_of": "2026-05-16", "known_at": None, "position": 0, "contractors": [],
        "system_arrears_fen": 0,
    }  # fmt: skip


def test_a_file_that_is_no_ledger_is_called_so(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url, create=True)
    with pytest.raises(LedgerError) as caught:
        catch_up(engine, "main")
    assert caught.value.code == "no_ledger"
    engine.dispose()


def test_a_ledger_that_cannot_be_written_is_read_as_it_was(
    example: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up(example.engine, "main")
    tell(example, [party(1)])

    def refuse(*_arguments: object) -> None:
        code = "storage_read_only"
        raise LedgerError(code)

    monkeypatch.setattr(runner_module, "advance", refuse)
    with reading(example.engine, "main") as view:
        assert view.position == 212
        assert view.last_position == 213
        assert liability(view, as_of="2026-05-16")["position"] == 212
