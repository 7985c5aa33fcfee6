"""A ledger is created, upgraded and refused by the number of its schema."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from ledger.eventlog.engine import begin_reading, begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import (
    Component,
    Migration,
    current_version,
    require_current,
    run_sql,
    upgrade,
)
from ledger.eventlog.shape import shape
from ledger.eventlog.tables import log_metadata, schema_version
from ledger.kernel.errors import LedgerError
from tests.ledger.eventlog.conftest import OpenLog


def add_note(connection: Connection) -> None:
    run_sql(connection, "CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY, body {text})")


def add_author(connection: Connection) -> None:
    run_sql(connection, "ALTER TABLE note ADD COLUMN author {text}")


def fail(connection: Connection) -> None:
    run_sql(connection, "ALTER TABLE note ADD COLUMN half {text}")
    message = "power cut"
    raise RuntimeError(message)


NOTES = Component("notes", (Migration(1, "notes", add_note), Migration(2, "author", add_author)))
OLDER = replace(NOTES, migrations=NOTES.migrations[:1])
FAILING = replace(NOTES, migrations=(*NOTES.migrations, Migration(3, "half", fail)))

TABLES = [table.name for table in log_metadata.sorted_tables]


def code_of(engine: Engine, component: Component) -> str:
    with pytest.raises(LedgerError) as caught:
        require_current(engine, [LOG, component])
    return caught.value.code


def test_the_migrations_lead_to_the_tables_that_the_program_writes(log: Engine) -> None:
    with begin_reading(log) as connection:
        migrated = shape(connection, TABLES)

    with begin_writing(log) as connection:
        for table in TABLES:
            connection.exec_driver_sql(f"DROP TABLE {table}")
        log_metadata.create_all(connection)
        described = shape(connection, TABLES)

    assert migrated == described
    assert all(migrated.values())


def test_init_may_be_repeated(open_log: OpenLog) -> None:
    engine = open_log()

    assert upgrade(engine, [LOG, NOTES]) == ["notes 1 notes", "notes 2 author"]
    assert upgrade(engine, [LOG, NOTES]) == []
    require_current(engine, [LOG, NOTES])
    with begin_reading(engine) as connection:
        assert current_version(connection) == {"log": LOG.version, "notes": 2}


def test_an_older_ledger_is_refused_and_told_how_to_upgrade(log: Engine) -> None:
    upgrade(log, [OLDER])

    with pytest.raises(LedgerError) as caught:
        require_current(log, [LOG, NOTES])

    assert caught.value.code == "schema_older"
    assert caught.value.facts["schema"] == "notes 1"
    assert caught.value.facts["supported"] == "notes 2"
    assert caught.value.facts["command"] == "wageledger init"
    upgrade(log, [LOG, NOTES])
    require_current(log, [LOG, NOTES])


def test_a_ledger_without_one_of_its_parts_is_older(log: Engine) -> None:
    assert code_of(log, NOTES) == "schema_older"


def test_a_newer_ledger_is_refused_and_not_touched(log: Engine) -> None:
    upgrade(log, [NOTES])

    assert code_of(log, OLDER) == "schema_newer"
    with pytest.raises(LedgerError) as caught:
        upgrade(log, [OLDER])
    assert caught.value.code == "schema_newer"
    assert "upgrade" in str(caught.value.facts["command"])


def test_an_empty_database_is_no_ledger(ledger_url: str) -> None:
    engine = open_engine(ledger_url, create=True)

    assert code_of(engine, NOTES) == "no_ledger"
    with begin_reading(engine) as connection:
        assert current_version(connection) == {}
    engine.dispose()


def test_an_upgrade_that_fails_half_way_changes_nothing(log: Engine) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(log, [FAILING])

    with begin_reading(log) as connection:
        assert current_version(connection) == {"log": LOG.version}
        assert shape(connection, ["note"]) == {"note": []}


def test_two_programs_that_upgrade_at_once_do_it_once(open_log: OpenLog) -> None:
    engines = [open_log(), open_log()]
    done: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda engine=engine: done.append(upgrade(engine, [NOTES])))
        for engine in engines
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [[], ["notes 1 notes", "notes 2 author"]]


def test_a_gap_in_the_numbers_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="numbered"):
        Component("notes", (Migration(1, "notes", add_note), Migration(3, "author", add_author)))


def test_every_migration_is_noted_with_its_name(log: Engine) -> None:
    with begin_reading(log) as connection:
        rows = connection.execute(select(schema_version)).all()

    noted = {(row.component, row.number, row.name) for row in rows}
    assert noted == {("log", each.number, each.name) for each in LOG.migrations}
    assert all(row.applied_at.endswith("Z") for row in rows)


def test_checks_are_part_of_a_tables_shape(log: Engine) -> None:
    with begin_writing(log) as connection:
        run_sql(connection, "CREATE TABLE one (fen BIGINT CHECK (fen > (1 + 2)))")
        run_sql(connection, "CREATE TABLE two (fen BIGINT CHECK (fen > (1 + 3)))")
        found = shape(connection, ["one", "two"])

    assert found["one"] != found["two"]


def test_text_sorts_by_code_point_whatever_the_server_speaks(log: Engine) -> None:
    names = ["ä", "Z", "a", "中", "z", "A", "丁", "𠮷"]
    with begin_writing(log) as connection:
        for name in names:
            row = {"component": name, "number": 1, "name": name, "applied_at": ""}
            connection.execute(insert(schema_version).values(row))
        found = connection.execute(
            text("SELECT component FROM schema_version WHERE component <> 'log' ORDER BY component")
        ).scalars()

        assert list(found) == sorted(names)
