"""An empty log on each database, and a short way to append to it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from ledger.eventlog.appending import (
    EventRow,
    Head,
    LineBlock,
    append_events,
    lock_head,
    next_instant,
)
from ledger.eventlog.engine import begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.kernel.merkle import leaf_hash
from tests.ledger.eventlog.city import City, build

OpenLog = Callable[[], Engine]
Append = Callable[..., list[EventRow]]


@pytest.fixture
def open_log(ledger_url: str) -> Iterator[OpenLog]:
    """Open the test's log, as often as a test wants; the first time makes it."""
    opened: list[Engine] = []

    def opener() -> Engine:
        engine = open_engine(ledger_url, create=not opened)
        opened.append(engine)
        if len(opened) == 1:
            upgrade(engine, [LOG])
        return engine

    yield opener
    for engine in opened:
        engine.dispose()


@pytest.fixture
def log(open_log: OpenLog) -> Engine:
    """An empty log."""
    return open_log()


def append(
    engine: Engine,
    bodies: Sequence[bytes],
    *,
    tenant: str = "main",
    stream: str = "project:JL-1",
    lines: Sequence[LineBlock] = (),
) -> list[EventRow]:
    """Append plain bytes as events, the way the service does."""
    with begin_writing(engine) as connection:
        head = lock_head(connection, tenant)
        rows: list[EventRow] = []
        instant = head.recorded_at
        for number, body in enumerate(bodies, start=1):
            instant = next_instant(instant, datetime.now(UTC))
            position = head.last_position + number
            rows.append(
                EventRow(
                    position=position,
                    stream=stream,
                    version=position,
                    topic="payroll.payroll_approved.v1",
                    kind="PayrollApproved",
                    on_date="2021-03-31",
                    recorded_at=instant,
                    body=body,
                    leaf_hash=leaf_hash(body),
                )
            )
        append_events(connection, tenant, rows, lines, Head(rows[-1].position, instant))
    return rows


@pytest.fixture
def city(log: Engine) -> City:
    """A small log with everything in it that verification looks at."""
    return build(log)
