"""Positions without gaps, one writer at a time, and a log that only grows."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain

import pytest
from sqlalchemy import Connection, Engine, select, text

from ledger.eventlog import tables
from ledger.eventlog.appending import (
    EventRow,
    Head,
    LineBlock,
    StaleHeadError,
    append_events,
    append_lines,
    last_position,
    lock_head,
    next_instant,
)
from ledger.eventlog.copying import Same
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash
from tests.ledger.eventlog.conftest import OpenLog, append

AT = "2021-03-31T08:00:00.000000Z"


def row(position: int, *, stream: str = "project:JL-1", version: int | None = None) -> EventRow:
    body = b'{"position":%d}' % position
    topic, kind = "payroll.payroll_approved.v1", "PayrollApproved"
    return EventRow(
        position,
        stream,
        version or position,
        topic,
        kind,
        "2021-03-31",
        f"2021-03-31T08:00:00.{position:06}Z",
        body,
        leaf_hash(body),
    )


def add(connection: Connection, *rows: EventRow, lines: tuple[LineBlock, ...] = ()) -> None:
    append_events(connection, "main", rows, lines, Head(rows[-1].position, rows[-1].recorded_at))


def write(engine: Engine, *rows: EventRow) -> None:
    with begin_writing(engine) as connection:
        lock_head(connection, "main")
        add(connection, *rows)


def positions(engine: Engine, tenant: str = "main") -> list[int]:
    statement = (
        select(tables.event.c.position)
        .where(tables.event.c.tenant == tenant)
        .order_by(tables.event.c.position)
    )
    with begin_reading(engine) as connection:
        return list(connection.execute(statement).scalars())


# -- what is stored -----------------------------------------------------------


def test_a_new_tenants_log_is_empty(log: Engine) -> None:
    with begin_writing(log) as connection:
        assert lock_head(connection, "main") == Head(0, "")
    assert last_position(log, "main") == 0
    assert last_position(log, "somewhere else") == 0


def test_an_event_is_stored_byte_for_byte_with_its_lines(log: Engine) -> None:
    bodies = [b'{"line":1}', b'{"line":2}', b'{"line":3}']
    block = LineBlock(
        1,
        0,
        bodies,
        effect=Same(3),
        claim_position=[7, 7, None],
        claim_line=[1, 2, None],
        amount_fen=[100, 200, 300],
        worker=["W-1", None, "王-3"],
    )
    journal = LineBlock(1, 1, [b"[]"])

    with begin_writing(log) as connection:
        lock_head(connection, "main")
        add(connection, row(1), lines=(block, journal))

    with begin_reading(log) as connection:
        (stored,) = connection.execute(select(tables.event)).all()
        lines = connection.execute(
            select(tables.event_line).order_by(tables.event_line.c.part, tables.event_line.c.line)
        ).all()
    assert ("main", *row(1)) == tuple(
        bytes(value) if isinstance(value, memoryview) else value for value in stored
    )
    assert [
        (one.part, one.line, one.effect, one.claim_position, one.claim_line) for one in lines
    ] == [
        (0, 1, 3, 7, 1),
        (0, 2, 3, 7, 2),
        (0, 3, 3, None, None),
        (1, 1, 0, None, None),
    ]
    assert [(one.worker, one.amount_fen, bytes(one.body)) for one in lines] == [
        ("W-1", 100, bodies[0]),
        (None, 200, bodies[1]),
        ("王-3", 300, bodies[2]),
        (None, None, b"[]"),
    ]


def test_a_long_document_may_come_in_blocks_before_its_event(log: Engine) -> None:
    def blocks() -> Iterator[LineBlock]:
        for first in range(1, 1001, 250):
            yield LineBlock(1, 0, [b"%d" % n for n in range(first, first + 250)], first_line=first)

    with begin_writing(log) as connection:
        lock_head(connection, "main")
        assert append_lines(connection, "main", blocks()) == 1000
        add(connection, row(1))

    with begin_reading(log) as connection:
        lines = connection.execute(
            select(tables.event_line.c.line, tables.event_line.c.body).order_by(
                tables.event_line.c.line
            )
        ).all()
    assert [(one.line, bytes(one.body)) for one in lines] == [
        (n, b"%d" % n) for n in range(1, 1001)
    ]


def test_short_and_long_documents_may_be_appended_together(log: Engine) -> None:
    lengths = [1, 3, 150, 2, 99, 100, 1]
    blocks = tuple(
        LineBlock(n, 0, [b"%d" % line for line in range(length)], worker=[f"W-{n}"] * length)
        for n, length in enumerate(lengths, start=1)
    )

    with begin_writing(log) as connection:
        lock_head(connection, "main")
        add(connection, *(row(n) for n in range(1, len(lengths) + 1)), lines=blocks)

    with begin_reading(log) as connection:
        found = connection.execute(
            text(
                "SELECT position, count(*), max(line), min(worker) FROM event_line"
                " GROUP BY position ORDER BY position"
            )
        ).all()
    assert [tuple(one) for one in found] == [
        (n, length, length, f"W-{n}") for n, length in enumerate(lengths, start=1)
    ]


def test_tenants_count_their_own_positions(log: Engine) -> None:
    append(log, [b"1", b"2"], tenant="changchun")
    append(log, [b"1"], tenant="jilin")

    assert positions(log, "changchun") == [1, 2]
    assert positions(log, "jilin") == [1]


@pytest.mark.parametrize(
    "rows",
    [
        [row(2)],
        [row(1), row(3)],
        [row(0), row(1)],
    ],
)
def test_positions_that_do_not_follow_the_head_are_refused(
    log: Engine, rows: list[EventRow]
) -> None:
    with pytest.raises(StaleHeadError):
        write(log, *rows)

    assert positions(log) == []


def test_a_version_of_a_stream_is_used_once(log: Engine) -> None:
    append(log, [b"{}"])

    with pytest.raises(Exception, match=r"(?i)unique"):
        write(log, row(2, version=1))

    assert positions(log) == [1]


def test_a_body_that_is_too_large_for_a_log_leaf_is_not_appended(log: Engine) -> None:
    append(log, [b"x" * 59_999])

    with pytest.raises(ValueError, match="60000 bytes"):
        append(log, [b"x" * 60_000])

    assert positions(log) == [1]


# -- time ---------------------------------------------------------------------


def test_recorded_time_never_goes_back_when_the_clock_does() -> None:
    now = datetime(2021, 3, 31, 8, 0, tzinfo=UTC)

    first = next_instant("", now)
    second = next_instant(first, now)
    third = next_instant(second, now - timedelta(days=1))

    assert first == AT
    assert second == "2021-03-31T08:00:00.000001Z"
    assert third == "2021-03-31T08:00:00.000002Z"


def test_recorded_time_is_utc_whatever_the_clocks_zone() -> None:
    shanghai = timezone(timedelta(hours=8))

    assert next_instant("", datetime(2021, 3, 31, 16, 0, tzinfo=shanghai)) == AT


def test_a_head_that_holds_no_instant_stops_the_writer() -> None:
    with pytest.raises(LedgerError) as caught:
        next_instant("yesterday", datetime(2021, 3, 31, tzinfo=UTC))

    assert caught.value.code == "storage_damaged"


# -- one writer at a time -----------------------------------------------------


def test_no_reader_sees_a_later_position_before_an_earlier_one(open_log: OpenLog) -> None:
    """A holds positions 2 and 3 uncommitted; C must wait; B reads on and on."""
    holder, reader, waiter = open_log(), open_log(), open_log()
    append(holder, [b"1"])
    seen: list[list[int]] = [positions(reader)]
    waiting = threading.Event()

    def write_behind() -> None:
        waiting.set()
        append(waiter, [b"4"])

    with ThreadPoolExecutor(1) as pool:
        with begin_writing(holder) as connection:
            lock_head(connection, "main")
            add(connection, row(2), row(3))
            behind = pool.submit(write_behind)
            waiting.wait()
            for _ in range(20):
                seen.append(positions(reader))
                threading.Event().wait(0.01)
            assert not behind.done()
        behind.result(timeout=30)
    seen.append(positions(reader))

    assert seen[-1] == [1, 2, 3, 4]
    assert all(found == [1] for found in seen[:-1])


def test_a_transaction_given_up_leaves_its_positions_to_the_next(open_log: OpenLog) -> None:
    first, second = open_log(), open_log()

    def give_up() -> None:
        with begin_writing(first) as connection:
            lock_head(connection, "main")
            add(connection, row(1), row(2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    append(second, [b"1"])

    assert positions(second) == [1]


def test_eight_writers_leave_no_gap_and_no_double(open_log: OpenLog) -> None:
    engines = [open_log() for _ in range(8)]
    seen: list[list[int]] = []
    stop = threading.Event()
    watcher = open_log()

    def watch() -> None:
        while not stop.is_set():
            seen.append(positions(watcher))

    def post(engine: Engine) -> list[int]:
        return [one.position for _ in range(10) for one in append(engine, [b"1", b"2"])]

    with ThreadPoolExecutor(9) as pool:
        watching = pool.submit(watch)
        taken = list(pool.map(post, engines))
        stop.set()
        watching.result()

    assert sorted(chain.from_iterable(taken)) == list(range(1, 161))
    assert all(found == list(range(1, len(found) + 1)) for found in seen)


def test_two_writers_may_be_the_first_of_a_tenant_at_once(open_log: OpenLog) -> None:
    engines = [open_log() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda engine: append(engine, [b"{}"], tenant="new"), engines))

    assert positions(engines[0], "new") == [1, 2, 3, 4]
