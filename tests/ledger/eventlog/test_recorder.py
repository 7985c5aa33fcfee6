"""The library's own cases on our log, and what the log promises beyond them."""

import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent, Tracking
from eventsourcing.tests import persistence as library
from sqlalchemy import Engine, select
from typing_extensions import override

from ledger.eventlog import tables
from ledger.eventlog.appending import LineBlock, lock_head
from ledger.eventlog.engine import begin_reading, begin_writing, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.eventlog.recorder import (
    Header,
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)
from ledger.kernel.merkle import leaf_hash
from tests.ledger.eventlog.conftest import OpenLog
from tests.ledger.eventlog.cut_line import cut_line

# -- the library's cases ------------------------------------------------------


class OnOurLog:
    """What a case of the library needs to run on one of our logs."""

    __test__ = False
    log: ClassVar[Engine]

    def new_originator_id(self) -> str:
        """Name a stream; ours are text, as the library allows."""
        return f"project:{uuid4()}"


class AggregateCase(OnOurLog, library.AggregateRecorderTestCase):
    """Streams."""

    @override
    def create_recorder(self) -> LogAggregateRecorder:
        return LogAggregateRecorder(self.log)


class ApplicationCase(OnOurLog, library.ApplicationRecorderTestCase[LogApplicationRecorder]):
    """The notification log, with the library's optional case for subscriptions."""

    @override
    def create_recorder(self) -> LogApplicationRecorder:
        return LogApplicationRecorder(self.log)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TrackingCase(OnOurLog, library.TrackingRecorderTestCase):
    """How far followers have read."""

    @override
    def create_recorder(self) -> LogTrackingRecorder:
        return LogTrackingRecorder(self.log)


class ProcessCase(OnOurLog, library.ProcessRecorderTestCase):
    """Events with the tracking of their cause."""

    @override
    def create_recorder(self) -> LogProcessRecorder:
        return LogProcessRecorder(self.log)


class NonInterleavingCase(OnOurLog, library.NonInterleavingNotificationIDsBaseCase):
    """Two writers at once."""

    @override
    def create_recorder(self) -> LogApplicationRecorder:
        return LogApplicationRecorder(self.log)


CASES = [
    pytest.param(case, name, id=f"{case.__name__}-{name}")
    for case in (AggregateCase, ApplicationCase, TrackingCase, ProcessCase, NonInterleavingCase)
    for name in unittest.TestLoader().getTestCaseNames(case)
]


@pytest.mark.parametrize(("case", "name"), CASES)
def test_the_librarys_own_case_passes(
    log: Engine, case: type[unittest.TestCase], name: str
) -> None:
    test = case(name)
    test.log = log  # type: ignore[attr-defined]

    test.debug()


# -- beyond them --------------------------------------------------------------


def stored(version: int, state: bytes = b"{}", *, stream: str = "project:JL-1") -> StoredEvent:
    return StoredEvent(stream, version, "payroll.payroll_approved.v1", state)


def test_lines_commit_with_the_event_that_they_belong_to(log: Engine) -> None:
    recorder = LogApplicationRecorder(log)
    recorder.insert_events([stored(1)])

    taken = recorder.insert_events(
        [stored(2), stored(3)],
        lines=[LineBlock(2, 0, [b"1", b"2"], amount_fen=[10, 20])],
        headers=[Header("PayrollApproved", "2021-03-31"), Header("Reversed", "2021-04-01")],
    )

    assert taken == [2, 3]
    with begin_reading(log) as connection:
        lines = connection.execute(select(tables.event_line)).all()
        kinds = connection.execute(
            select(tables.event.c.kind, tables.event.c.on_date).order_by(tables.event.c.position)
        ).all()
    assert [(line.position, line.line, line.amount_fen) for line in lines] == [
        (3, 1, 10),
        (3, 2, 20),
    ]
    assert [tuple(kind) for kind in kinds] == [
        ("", ""),
        ("PayrollApproved", "2021-03-31"),
        ("Reversed", "2021-04-01"),
    ]


def test_lines_are_not_recorded_without_their_event(log: Engine) -> None:
    recorder = LogApplicationRecorder(log)
    recorder.insert_events([stored(1)])

    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(1)], lines=[LineBlock(1, 0, [b"1"])])

    with begin_reading(log) as connection:
        assert connection.execute(select(tables.event_line)).all() == []


def test_what_is_hashed_is_what_is_stored(log: Engine) -> None:
    LogApplicationRecorder(log).insert_events([stored(1, b'{"kind":"x"}')])

    with begin_reading(log) as connection:
        row = connection.execute(select(tables.event)).one()
    assert bytes(row.leaf_hash) == leaf_hash(b'{"kind":"x"}')


def test_recorded_time_grows_even_when_the_clock_stands(log: Engine) -> None:
    class Standing:
        def now(self) -> datetime:
            return datetime(2021, 3, 31, 8, 0, tzinfo=UTC)

    LogApplicationRecorder(log, clock=Standing()).insert_events([stored(1), stored(2)])

    with begin_reading(log) as connection:
        times = connection.execute(
            select(tables.event.c.recorded_at).order_by(tables.event.c.position)
        ).scalars()
        assert list(times) == ["2021-03-31T08:00:00.000000Z", "2021-03-31T08:00:00.000001Z"]


def test_tenants_do_not_see_each_other(log: Engine) -> None:
    one, other = LogProcessRecorder(log, "changchun"), LogProcessRecorder(log, "jilin")
    one.insert_events([stored(1, b"ours")], tracking=Tracking("upstream", 9))

    assert other.max_notification_id() is None
    assert list(other.select_events("project:JL-1")) == []
    assert other.max_tracking_id("upstream") is None
    assert other.insert_events([stored(1, b"theirs")]) == [1]


def test_two_workers_cannot_track_the_same_position(open_log: OpenLog) -> None:
    recorders = [LogProcessRecorder(open_log()) for _ in range(2)]
    told = Tracking("upstream", 7)

    def work(number: int) -> bool:
        try:
            recorders[number].insert_events([stored(1, stream=f"case:{number}")], tracking=told)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))

    assert sorted(done) == [False, True]
    assert recorders[0].max_notification_id() == 1


def test_a_subscription_hears_what_another_program_records(open_log: OpenLog) -> None:
    here, there = LogApplicationRecorder(open_log()), LogApplicationRecorder(open_log())
    with here.subscribe(topics=["payroll.payroll_approved.v1"]) as subscription:
        heard: list[int] = []
        ready = threading.Event()

        def listen() -> None:
            ready.set()
            for notification in subscription:
                heard.append(notification.id)
                if len(heard) == 2:
                    break

        with ThreadPoolExecutor(1) as pool:
            listening = pool.submit(listen)
            ready.wait()
            there.insert_events([stored(1)])
            there.insert_events([StoredEvent("case:1", 1, "arrears.case_opened.v1", b"{}")])
            there.insert_events([stored(2)])
            listening.result(timeout=30)

    assert heard == [1, 3]


def test_a_subscription_reads_a_long_log_to_its_end(log: Engine) -> None:
    recorder = LogApplicationRecorder(log)
    recorder.insert_events([stored(version) for version in range(1, 1202)])

    with recorder.subscribe(gt=100) as subscription:
        heard = [next(subscription).id for _ in range(1101)]

    assert heard == list(range(101, 1202))


def test_a_notification_that_waits_in_an_open_transaction_is_not_passed_over(
    open_log: OpenLog,
) -> None:
    """The library's own test never holds a transaction open; a reader must not read past it."""
    writer, reader = open_log(), LogApplicationRecorder(open_log())
    recorder = LogApplicationRecorder(open_log())
    recorder.insert_events([stored(1)])

    def append_behind() -> None:
        recorder.insert_events([stored(1, stream="case:1")])

    with ThreadPoolExecutor(1) as pool:
        with begin_writing(writer) as connection:
            lock_head(connection, "main")
            behind = pool.submit(append_behind)
            threading.Event().wait(0.3)
            assert not behind.done()
            assert reader.max_notification_id() == 1
            recorder_rows = LogApplicationRecorder(writer)._append(connection, [stored(2)], [], [])
        behind.result(timeout=30)

    assert [row.position for row in recorder_rows] == [2]
    found = reader.select_notifications(None, 10)
    assert [(one.id, one.originator_id) for one in found] == [
        (1, "project:JL-1"),
        (2, "project:JL-1"),
        (3, "case:1"),
    ]


def test_a_commit_whose_answer_was_lost_is_no_conflict(postgres_url: str) -> None:
    with cut_line(postgres_url) as line:
        recorder = LogApplicationRecorder(open_engine(line.url))
        upgrade(recorder.engine, [LOG])
        line.cut("after")

        taken = recorder.insert_events([stored(1), stored(2)])

        assert (taken, line.cuts) == ([1, 2], 1)
        assert recorder.max_notification_id() == 2
        recorder.engine.dispose()


def test_a_commit_that_never_arrived_is_told_as_a_failure(postgres_url: str) -> None:
    with cut_line(postgres_url) as line:
        recorder = LogApplicationRecorder(open_engine(line.url))
        upgrade(recorder.engine, [LOG])
        line.cut("before")

        with pytest.raises(OperationalError):
            recorder.insert_events([stored(1)])

        assert recorder.max_notification_id() is None
        assert recorder.insert_events([stored(1)]) == [1]
        recorder.engine.dispose()
