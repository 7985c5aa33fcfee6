"""Whoever finds the ledger locked waits; only after the time set for it he is told ``busy``."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from ledger.eventlog import engine
from ledger.kernel.codes import CODES, EXIT_RUN_AGAIN
from ledger.kernel.errors import LedgerError
from ledger.service import Ledger, LedgerConfig
from ledger.vault import default_vault_url
from tests.drills.town import FOUNDED, REGION, SetClock, founding, post, worker

Holding = Callable[[], Any]


@pytest.fixture
def config(ledger_url: str, tmp_path: Path) -> LedgerConfig:
    """A ledger in which the town stands."""
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    ledger = Ledger.create(config, clock=SetClock())
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    ledger.close()
    return config


@contextmanager
def opened(config: LedgerConfig) -> Iterator[Ledger]:
    ledger = Ledger.open(config, clock=SetClock())
    yield ledger
    ledger.close()


@contextmanager
def held(url: str, lock: str = "SELECT * FROM ledger_head FOR UPDATE") -> Iterator[None]:
    """Hold the lock of a writer, as another program would."""
    parsed = make_url(url)
    connection: Any
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(
            str(parsed.database), isolation_level=None, check_same_thread=False
        )
        connection.execute("BEGIN IMMEDIATE")
    else:
        connection = psycopg2.connect(url)
        connection.cursor().execute(lock)
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@contextmanager
def held_for(seconds: float, url: str) -> Iterator[None]:
    """Hold the lock for a while beside what the test does."""
    ready = threading.Event()

    def hold() -> None:
        with held(url):
            ready.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    yield
    holder.join()


def _interest() -> dict[str, Any]:
    return post("InterestCredited", region=REGION, amount_fen=1)


@pytest.mark.drill
def test_a_writer_waits_for_the_writer_before_it(config: LedgerConfig) -> None:
    with opened(config) as ledger, held_for(0.7, config.url):
        began = time.monotonic()
        (answer,) = ledger.post([_interest()])
        waited = time.monotonic() - began

    assert (answer.status, answer.position) == ("recorded", len(FOUNDED) + 1)
    assert waited > 0.5


@pytest.mark.drill
def test_a_writer_that_waited_too_long_is_told_so_and_may_run_again(
    config: LedgerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_WAIT_SECONDS", 0.4)
    interest = _interest()
    with opened(config) as ledger:
        with held(config.url):
            began = time.monotonic()
            with pytest.raises(LedgerError) as caught:
                list(ledger.post([interest]))
            waited = time.monotonic() - began
        again = list(ledger.post([interest]))

    assert caught.value.code == "busy"
    assert CODES["busy"].exit_status == EXIT_RUN_AGAIN
    assert waited >= 0.35
    assert [(a.status, a.position) for a in again] == [("recorded", len(FOUNDED) + 1)]


@pytest.mark.drill
def test_readers_do_not_wait_for_a_writer(config: LedgerConfig) -> None:
    with opened(config) as ledger, held(config.url):
        began = time.monotonic()
        assert ledger.position() == len(FOUNDED)
        assert ledger.masked_identity("W1")
        assert ledger.verify().findings == []
        assert time.monotonic() - began < engine.LOCK_WAIT_SECONDS / 3


@pytest.mark.drill
def test_a_vault_that_is_locked_keeps_the_posting_out_of_the_log_too(
    config: LedgerConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_WAIT_SECONDS", 0.4)
    newcomer = worker(7)
    lock = "LOCK TABLE wageledger_vault.person IN EXCLUSIVE MODE"
    with opened(config) as ledger:
        with held(default_vault_url(config.url), lock), pytest.raises(LedgerError) as caught:
            list(ledger.post([_interest(), newcomer]))
        assert ledger.position() == len(FOUNDED)
        (again,) = ledger.post([newcomer])

    assert caught.value.code == "busy"
    assert (again.status, again.position) == ("recorded", len(FOUNDED) + 1)


@pytest.mark.drill
def test_the_30_seconds_are_what_the_store_was_told(config: LedgerConfig) -> None:
    with opened(config) as ledger, ledger.engine.connect() as connection:
        sqlite = ledger.engine.dialect.name == "sqlite"
        asked = "PRAGMA busy_timeout" if sqlite else "SHOW lock_timeout"
        told = connection.exec_driver_sql(asked).scalar_one()
    assert told == (30_000 if sqlite else "30s")
