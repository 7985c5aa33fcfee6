"""A connection that breaks around a commit is answered truthfully."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from sqlalchemy import Engine

from ledger.eventlog.appending import (
    committed,
    lock_head,
)
from ledger.eventlog.engine import begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash
from tests.ledger.eventlog.conftest import OpenLog, append
from tests.ledger.eventlog.cut_line import CutLine, cut_line
from tests.ledger.eventlog.test_appending import add, positions, row


@pytest.fixture
def line(postgres_url: str) -> Iterator[CutLine]:
    """A line to a log on PostgreSQL that can be cut."""
    with cut_line(postgres_url) as line:
        yield line


@pytest.fixture
def behind_the_line(line: CutLine) -> Iterator[Engine]:
    engine = open_engine(line.url)
    upgrade(engine, [LOG])
    yield engine
    engine.dispose()


def test_a_commit_that_arrived_is_found_when_its_answer_was_lost(
    line: CutLine, behind_the_line: Engine
) -> None:
    line.cut("after")

    with pytest.raises(LedgerError) as caught:
        append(behind_the_line, [b"{}"])

    assert (caught.value.code, line.cuts) == ("storage_unreachable", 1)
    assert committed(behind_the_line, "main", 1, leaf_hash(b"{}"))
    assert not committed(behind_the_line, "main", 1, leaf_hash(b"{1}"))
    assert positions(behind_the_line) == [1]


def test_a_commit_that_was_lost_on_its_way_is_not_found(
    line: CutLine, behind_the_line: Engine
) -> None:
    line.cut("before")

    with pytest.raises(LedgerError) as caught:
        append(behind_the_line, [b"{}"])

    assert (caught.value.code, line.cuts) == ("storage_unreachable", 1)
    assert not committed(behind_the_line, "main", 1, leaf_hash(b"{}"))
    append(behind_the_line, [b"2"])
    assert positions(behind_the_line) == [1]


def test_the_answer_waits_for_a_commit_that_is_still_under_way(open_log: OpenLog) -> None:
    first, second = open_log(), open_log()
    append(first, [b"1"])
    asked = threading.Event()

    def ask() -> bool:
        asked.set()
        return committed(second, "main", 2, row(2).leaf_hash)

    with ThreadPoolExecutor(1) as pool:
        with begin_writing(first) as connection:
            lock_head(connection, "main")
            add(connection, row(2))
            answer = pool.submit(ask)
            asked.wait()
            threading.Event().wait(0.2)
            assert not answer.done()
        assert answer.result(timeout=30)


def test_nobody_can_know_while_the_database_is_away(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine, [LOG])
    admin = psycopg2.connect(postgres_url.replace(engine.url.database or "", "postgres"))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {engine.url.database} ALLOW_CONNECTIONS false")

        with pytest.raises(LedgerError) as caught:
            committed(engine, "main", 1, leaf_hash(b"{}"))

        cursor.execute(f"ALTER DATABASE {engine.url.database} ALLOW_CONNECTIONS true")
    admin.close()
    engine.dispose()

    assert caught.value.code == "storage_unreachable"
