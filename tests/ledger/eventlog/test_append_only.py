"""The database itself refuses to change the log, whoever asks."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.eventlog.appending import (
    LineBlock,
    lock_head,
)
from ledger.eventlog.engine import begin_writing, open_engine
from ledger.eventlog.log_schema import LOG, grant_statements
from ledger.eventlog.migrations import upgrade
from ledger.kernel.errors import LedgerError
from tests.ledger.eventlog.conftest import append
from tests.ledger.eventlog.test_appending import add, positions, row


@pytest.mark.parametrize("table", ["event", "event_line"])
@pytest.mark.parametrize("change", ["UPDATE {} SET body = body", "DELETE FROM {}"])
def test_the_log_refuses_every_change(log: Engine, table: str, change: str) -> None:
    with begin_writing(log) as connection:
        lock_head(connection, "main")
        add(connection, row(1), lines=(LineBlock(1, 0, [b"{}"]),))

    with pytest.raises(IntegrityError, match="append-only"), begin_writing(log) as connection:
        connection.exec_driver_sql(change.format(table))


@pytest.mark.parametrize("table", ["event", "event_line", "event, event_line"])
def test_postgresql_refuses_to_empty_the_log(postgres_url: str, table: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine, [LOG])

    with pytest.raises(IntegrityError, match="append-only"), begin_writing(engine) as connection:
        connection.exec_driver_sql(f"TRUNCATE {table}")
    engine.dispose()


def test_sqlite_does_not_replace_an_event_with_another(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url, create=True)
    upgrade(engine, [LOG])
    append(engine, [b"{}"])
    replacing = (
        "INSERT OR REPLACE INTO event SELECT tenant, position, stream, version, topic, kind,"
        " on_date, recorded_at, CAST('{1}' AS BLOB), leaf_hash FROM event"
    )

    with pytest.raises(IntegrityError, match="append-only"), begin_writing(engine) as connection:
        connection.exec_driver_sql(replacing)
    engine.dispose()


@pytest.fixture
def roles(postgres_url: str) -> Iterator[Callable[[str], Engine]]:
    """Open a log's database as the program's role or as the reports' role."""
    owner = open_engine(postgres_url)
    upgrade(owner, [LOG])
    append(owner, [b"{}"])
    database = owner.url.database
    names = {kind: f"{database}_{kind}" for kind in ("writer", "reader")}
    opened: list[Engine] = []
    with begin_writing(owner) as connection:
        for name in names.values():
            connection.exec_driver_sql(f"CREATE ROLE {name}")
        for statement in grant_statements(names["writer"], names["reader"]):
            connection.exec_driver_sql(statement)

    def opener(kind: str) -> Engine:
        engine = open_engine(postgres_url)
        event.listen(
            engine,
            "begin",
            lambda connection: connection.exec_driver_sql(f"SET LOCAL ROLE {names[kind]}"),
        )
        opened.append(engine)
        return engine

    yield opener
    for engine in opened:
        engine.dispose()
    with begin_writing(owner) as connection:
        for name in names.values():
            connection.exec_driver_sql(f"DROP OWNED BY {name}")
            connection.exec_driver_sql(f"DROP ROLE {name}")
    owner.dispose()


def test_the_programs_role_appends_and_can_do_no_more(roles: Callable[[str], Engine]) -> None:
    writer = roles("writer")

    append(writer, [b"{}"])

    assert positions(writer) == [1, 2]
    for forbidden in (
        "UPDATE event SET kind = kind",
        "DELETE FROM event_line",
        "TRUNCATE event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DELETE FROM ledger_head",
        "UPDATE schema_version SET number = 9",
    ):
        with (
            pytest.raises((LedgerError, DBAPIError)) as caught,
            begin_writing(writer) as connection,
        ):
            connection.exec_driver_sql(forbidden)
        refused = caught.value
        assert isinstance(refused, LedgerError), forbidden
        assert refused.code == "storage_read_only"


def test_the_readers_role_may_only_look(roles: Callable[[str], Engine]) -> None:
    reader = roles("reader")

    assert positions(reader) == [1]
    with pytest.raises(LedgerError) as caught:
        append(reader, [b"{}"])
    assert caught.value.code == "storage_read_only"
