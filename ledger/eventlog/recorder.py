"""The log behind the interfaces of the eventsourcing library.

The service appends through ``ledger.eventlog.appending`` inside its own transaction; this is the
same log for whoever brings the library: notification log, subscriptions and process recorders
work on both databases, and the library's own test cases pass. Stream names are text. Notification
ids are the tenant's positions.

Topics are returned as they are stored and never imported: the library's default mapper would
import whatever a planted row names. Read events back through ``ledger.eventlog.topics``.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg2
from eventsourcing import persistence
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    PersistenceError,
    ProcessRecorder,
    Recorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from ledger.eventlog.appending import (
    EventRow,
    Head,
    LineBlock,
    append_events,
    committed,
    lock_head,
    next_instant,
)
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.tables import event, tracking
from ledger.kernel.dates import Clock, SystemClock
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash

_PULL: Final = 500
_POLL_SECONDS: Final = 0.2
"""How long a subscription sleeps before it looks for what other programs recorded."""

_SYSTEM_CLOCK: Final = SystemClock()


class Header(NamedTuple):
    """What the log keeps beside a body: its kind and business date (ISO)."""

    kind: str
    on_date: str


_NO_HEADER: Final = Header("", "")


class LogRecorder(Recorder):
    """What every recorder stands on: an open store whose tables exist, and one tenant."""

    def __init__(self, engine: Engine, tenant: str = "main", clock: Clock = _SYSTEM_CLOCK) -> None:
        """Take the store; the clock tells the recording times."""
        self.engine = engine
        self.tenant = tenant
        self._clock = clock
        self._grown = Condition()


class LogAggregateRecorder(LogRecorder, AggregateRecorder):
    """Streams of one tenant's log, without positions in its answers."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ANN401 - the library's own signature
    ) -> Sequence[int] | None:
        """Append events in one transaction.

        Args:
            stored_events: The events; ``state`` is the body, stored as it is.
            **kwargs: ``lines`` are the ``LineBlock``s of the documents, whose ``position`` counts
                the events of this call from 1; ``headers`` a ``Header`` for each event, without
                which kind and date stay empty; ``tracking`` says, with a process recorder, how
                far its upstream has been processed.

        Raises:
            IntegrityError: A version of a stream is taken, or the tracking does not grow.
            OperationalError: The database failed, and nothing was recorded or nobody knows.
        """
        self._insert(stored_events, **kwargs)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's events in the order of their versions."""
        table = event.c
        statement = select(table.stream, table.version, table.topic, table.body).where(
            table.tenant == self.tenant, table.stream == str(originator_id)
        )
        if gt is not None:
            statement = statement.where(table.version > gt)
        if lte is not None:
            statement = statement.where(table.version <= lte)
        statement = statement.order_by(table.version.desc() if desc else table.version)
        return [
            StoredEvent(row.stream, row.version, row.topic, bytes(row.body))
            for row in self._fetch(statement.limit(limit))
        ]

    def _insert(
        self,
        stored: Sequence[StoredEvent],
        lines: Sequence[LineBlock] = (),
        headers: Sequence[Header] = (),
        tracking: Tracking | None = None,
    ) -> list[int]:
        if not stored and tracking is None:
            return []
        rows: list[EventRow] = []
        with _library_errors():
            try:
                with begin_writing(self.engine) as connection:
                    if stored:
                        rows = self._append(connection, stored, lines, headers)
                    if tracking is not None:
                        _track(connection, self.tenant, tracking)
            except LedgerError as error:
                if error.code != "storage_unreachable" or not self._is_committed(rows):
                    raise
        with self._grown:
            self._grown.notify_all()
        return [row.position for row in rows]

    def _append(
        self,
        connection: Connection,
        stored: Sequence[StoredEvent],
        lines: Sequence[LineBlock],
        headers: Sequence[Header],
    ) -> list[EventRow]:
        head = lock_head(connection, self.tenant)
        instant = head.recorded_at
        rows: list[EventRow] = []
        given = headers or [_NO_HEADER] * len(stored)
        for position, (one, header) in enumerate(
            zip(stored, given, strict=True), start=head.last_position + 1
        ):
            instant = next_instant(instant, self._clock.now())
            rows.append(
                EventRow(
                    position,
                    str(one.originator_id),
                    one.originator_version,
                    one.topic,
                    header.kind,
                    header.on_date,
                    instant,
                    one.state,
                    leaf_hash(one.state),
                )
            )
        placed = [block._replace(position=head.last_position + block.position) for block in lines]
        append_events(connection, self.tenant, rows, placed, Head(rows[-1].position, instant))
        return rows

    def _is_committed(self, rows: Sequence[EventRow]) -> bool:
        """Look before telling anyone that a broken connection lost the events."""
        return bool(rows) and committed(
            self.engine, self.tenant, rows[-1].position, rows[-1].leaf_hash
        )

    def _fetch(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        with _library_errors(), begin_reading(self.engine) as connection:
            return connection.execute(statement).all()


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """One tenant's log, in the order of its positions."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ANN401 - the library's own signature
    ) -> Sequence[int] | None:
        """Append events as above; return their positions."""
        return self._insert(stored_events, **kwargs)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in the order of their positions."""
        table = event.c
        statement = select(
            table.position, table.stream, table.version, table.topic, table.body
        ).where(table.tenant == self.tenant)
        if start is not None:
            from_here = table.position >= start if inclusive_of_start else table.position > start
            statement = statement.where(from_here)
        if stop is not None:
            statement = statement.where(table.position <= stop)
        if topics:
            statement = statement.where(table.topic.in_(topics))
        return [
            Notification(row.stream, row.version, row.topic, bytes(row.body), row.position)
            for row in self._fetch(statement.order_by(table.position).limit(limit))
        ]

    def max_notification_id(self) -> int | None:
        """Return the last position, or None while the log is empty."""
        highest = select(func.max(event.c.position)).where(event.c.tenant == self.tenant)
        (row,) = self._fetch(highest)
        last: int | None = row[0]
        return last

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log from after a position; blocks for more at its end."""
        return LogSubscription(self, gt=gt, topics=topics)

    def wait_for_more(self, seconds: float) -> None:
        """Sleep until this recorder appends, or until the time is up."""
        with self._grown:
            self._grown.wait(seconds)

    def wake(self) -> None:
        """Wake every subscription of this recorder."""
        with self._grown:
            self._grown.notify_all()


class LogSubscription(Subscription[LogApplicationRecorder]):
    """Follows the log without a thread of its own.

    It polls: PostgreSQL's NOTIFY takes a lock that all databases of a server share while they
    commit, and SQLite has nothing of the kind. What the same recorder appends wakes it at once.
    """

    def __init__(
        self, recorder: LogApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        """Follow ``recorder`` from after position ``gt``."""
        super().__init__(recorder, gt=gt, topics=topics)
        self._ready: deque[Notification] = deque()

    def stop(self) -> None:
        """End the iteration, also one that waits in another thread."""
        super().stop()
        self._recorder.wake()

    def __next__(self) -> Notification:
        """Return the next event, waiting for it if need be."""
        while not self._has_been_stopped:
            if self._ready:
                return self._ready.popleft()
            self._pull()
            if not self._ready:
                self._recorder.wait_for_more(_POLL_SECONDS)
        raise StopIteration

    def _pull(self) -> None:
        seen = self._last_notification_id or 0
        # Positions have no gaps: whatever stands up to ``last`` is visible, wanted or not.
        last = self._recorder.max_notification_id() or 0
        if last <= seen:
            return
        found = self._recorder.select_notifications(
            seen, _PULL, stop=last, topics=self._topics, inclusive_of_start=False
        )
        self._ready.extend(found)
        self._last_notification_id = found[-1].id if len(found) == _PULL else last


class LogTrackingRecorder(LogRecorder, TrackingRecorder):
    """How far followers have read, one row each, which only grows."""

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record that a follower has processed a position.

        Raises:
            IntegrityError: That position, or a later one, was processed before.
        """
        with _library_errors(), begin_writing(self.engine) as connection:
            _track(connection, self.tenant, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the last position that a follower has processed."""
        statement = select(tracking.c.position).where(
            tracking.c.tenant == self.tenant, tracking.c.follower == application_name
        )
        with _library_errors(), begin_reading(self.engine) as connection:
            position: int | None = connection.execute(statement).scalar_one_or_none()
        return position


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events and the tracking of what caused them, in one transaction."""


def _track(connection: Connection, tenant: str, told: Tracking) -> None:
    table = tracking.c
    grown = connection.execute(
        update(tracking)
        .where(
            table.tenant == tenant,
            table.follower == told.application_name,
            table.position < told.notification_id,
        )
        .values(position=told.notification_id)
    )
    if grown.rowcount == 0:
        # The first of its follower; where a row stands already, it does not grow and this fails.
        connection.execute(
            insert(tracking).values(
                tenant=tenant, follower=told.application_name, position=told.notification_id
            )
        )


@contextmanager
def _library_errors() -> Iterator[None]:
    """Raise what the library's callers catch."""
    try:
        yield
    except LedgerError as error:
        raise persistence.OperationalError(str(error)) from error
    except (DBAPIError, psycopg2.Error, sqlite3.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        for ancestor in type(original).__mro__:
            # Drivers and library both name their errors as the DB API does.
            theirs = getattr(persistence, ancestor.__name__, None)
            if isinstance(theirs, type) and issubclass(theirs, PersistenceError):
                raise theirs(str(original)) from error
        raise
