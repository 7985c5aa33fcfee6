"""Appending to the log inside the service's own transaction.

A writer locks its tenant's head first, so positions are handed out in the order in which
transactions commit: a reader that has seen position n has seen every position before it, and no
position is ever missing. What decides, and what the bodies say, is not the log's business.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.dialects import postgresql

from ledger.eventlog.copying import CHUNK_ROWS, Batch, Same, Values, copy_batches, copy_rows
from ledger.eventlog.engine import begin_reading, begin_writing, is_postgres, require_writer
from ledger.eventlog.failures import DamagedLogError
from ledger.eventlog.tables import event, event_line, ledger_head
from ledger.eventlog.tree import grow
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import iso_instant, parse_instant

MAX_BODY_BYTES: Final = 60_000
"""A log tile caps an entry at 65,535 bytes; a body stays below this with room for its frame."""

_LONG_BLOCK: Final = 100
"""Lines from which a block is worth packing by itself."""

_EVENT_COLUMNS: Final = (
    "position",
    "stream",
    "version",
    "topic",
    "kind",
    "on_date",
    "recorded_at",
    "body",
    "leaf_hash",
)
_LINE_COLUMNS: Final = (
    "tenant",
    "position",
    "part",
    "line",
    "effect",
    "claim_position",
    "claim_line",
    "amount_fen",
    "worker",
    "body",
)


class Head(NamedTuple):
    """Where a tenant's log ends: position 0 and an empty instant before the first event."""

    last_position: int
    recorded_at: str


class EventRow(NamedTuple):
    """One event as it is stored. Dates and instants are ISO text, hash and body are bytes."""

    position: int
    stream: str
    version: int
    topic: str
    kind: str
    on_date: str
    recorded_at: str
    body: bytes
    leaf_hash: bytes


class LineBlock(NamedTuple):
    """Neighbouring lines of one document, column by column; ``Same`` where all agree.

    Lines count from ``first_line``. A document may come in several blocks, so that it need never
    be whole in memory.
    """

    position: int
    part: int
    bodies: Sequence[bytes]
    effect: Values = Same(0)
    claim_position: Values = Same(None)
    claim_line: Values = Same(None)
    amount_fen: Values = Same(None)
    worker: Values = Same(None)
    first_line: int = 1


class StaleHeadError(RuntimeError):
    """The head moved although it was locked: the positions were not taken from it."""


def lock_head(connection: Connection, tenant: str) -> Head:
    """Wait for the tenant's other writers, then return where its log ends.

    The lock holds until the transaction ends. A tenant that is new gets its row here.

    Raises:
        RuntimeError: The connection is not one of ``begin_writing``.
    """
    require_writer(connection)
    table = ledger_head.c
    statement = select(table.last_position, table.recorded_at).where(table.tenant == tenant)
    if is_postgres(connection):
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    if row is None:
        first = {"tenant": tenant, "last_position": 0, "recorded_at": ""}
        if is_postgres(connection):
            # Another writer may be making the same row: wait for it, then lock what it made.
            connection.execute(
                postgresql.insert(ledger_head).values(first).on_conflict_do_nothing()
            )
        else:
            connection.execute(insert(ledger_head).values(first))
        row = connection.execute(statement).one()
    return Head(row.last_position, row.recorded_at)


def head_of(connection: Connection, tenant: str) -> Head:
    """Return where a tenant's log ends in this view; no writer waits for it."""
    table = ledger_head.c
    statement = select(table.last_position, table.recorded_at).where(table.tenant == tenant)
    row = connection.execute(statement).one_or_none()
    return Head(row.last_position, row.recorded_at) if row is not None else Head(0, "")


def next_instant(last: str, now: datetime) -> str:
    """Return the recording time after ``last``: now, or a microsecond later than the last.

    Args:
        last: The latest ``recorded_at`` of this tenant, empty if there is none.
        now: An aware instant; a clock that was set back does not turn recorded time back.
    """
    instant = iso_instant(now)
    if instant > last:
        return instant
    latest = parse_instant(last)
    if latest is None:
        raise DamagedLogError(N_("the head holds no instant"), value=last)
    return iso_instant(latest + timedelta(microseconds=1))


def append_events(
    connection: Connection,
    tenant: str,
    rows: Sequence[EventRow],
    lines: Iterable[LineBlock],
    head_after: Head,
) -> None:
    """Append events with their lines and move the head; all in the caller's transaction.

    Args:
        connection: The one on which ``lock_head`` was called.
        tenant: Whose log.
        rows: The events, positions following the head without a gap.
        lines: The documents' lines. Read once, while the database writes.
        head_after: Position and recording time of the last row.

    Raises:
        StaleHeadError: The positions do not follow the head.
        ValueError: A body is too large for a log leaf.
    """
    if not rows:
        return
    longest = max(len(row.body) for row in rows)
    if longest >= MAX_BODY_BYTES:
        message = f"a body of {longest} bytes is no log leaf"
        raise ValueError(message)
    _append_lines(connection, tenant, lines)
    copy_rows(connection, event, _EVENT_COLUMNS, rows, constants={"tenant": tenant})
    table = ledger_head.c
    moved = connection.execute(
        update(ledger_head)
        .where(table.tenant == tenant, table.last_position == rows[0].position - 1)
        .values(last_position=head_after.last_position, recorded_at=head_after.recorded_at)
    )
    last = rows[-1]
    follows = last.position - rows[0].position == len(rows) - 1
    if moved.rowcount != 1 or not follows or head_after != Head(last.position, last.recorded_at):
        message = f"positions {rows[0].position} to {last.position} do not follow the head"
        raise StaleHeadError(message)
    grow(connection, tenant, rows)


def append_lines(connection: Connection, tenant: str, lines: Iterable[LineBlock]) -> int:
    """Append lines before their event, whose body needs their root; return how many.

    For documents whose lines are made and hashed while they are copied: the event itself follows
    in the same transaction.
    """
    return _append_lines(connection, tenant, lines)


def committed(engine: Engine, tenant: str, position: int, leaf_hash: bytes) -> bool:
    """Tell whether an event was recorded, when the connection broke while committing it.

    Asks on a fresh connection, and behind the tenant's lock: a commit that the server is still
    working on is waited for, so the answer does not change a moment later.

    Raises:
        LedgerError: ``storage_unreachable`` or ``busy``: nobody can know yet.
    """
    engine.dispose()
    lookup = select(event.c.leaf_hash).where(event.c.tenant == tenant, event.c.position == position)
    with begin_writing(engine) as connection:
        lock_head(connection, tenant)
        found = connection.execute(lookup).scalar_one_or_none()
    return found == leaf_hash


def last_position(engine: Engine, tenant: str) -> int:
    """Return how many events a tenant's log holds."""
    statement = select(ledger_head.c.last_position).where(ledger_head.c.tenant == tenant)
    with begin_reading(engine) as connection:
        return connection.execute(statement).scalar_one_or_none() or 0


def _append_lines(connection: Connection, tenant: str, lines: Iterable[LineBlock]) -> int:
    blocks = iter(lines)
    first = next(blocks, None)
    if first is None:
        return 0  # most postings: not even an empty COPY
    batches = _batches(Same(tenant), chain((first,), blocks))
    return copy_batches(connection, event_line, _LINE_COLUMNS, batches)


def _batches(tenant: Same, blocks: Iterable[LineBlock]) -> Iterator[Batch]:
    """Give long blocks as they are and short ones, from many postings, together."""
    short: list[LineBlock] = []
    waiting = 0
    for block in blocks:
        count = len(block.bodies)
        if count >= _LONG_BLOCK:
            if short:
                yield _merged(tenant, short)
                short, waiting = [], 0
            yield Batch(count, (tenant, *_columns(block, count)))
        else:
            short.append(block)
            waiting += count
            if waiting >= CHUNK_ROWS:
                yield _merged(tenant, short)
                short, waiting = [], 0
    if short:
        yield _merged(tenant, short)


def _merged(tenant: Same, blocks: Sequence[LineBlock]) -> Batch:
    columns: list[list[object]] = [[] for _ in _LINE_COLUMNS[1:]]
    count = 0
    for block in blocks:
        rows = len(block.bodies)
        count += rows
        for column, values in zip(columns, _columns(block, rows), strict=True):
            column.extend(repeat(values.value, rows) if isinstance(values, Same) else values)
    return Batch(count, (tenant, *columns))


def _columns(block: LineBlock, count: int) -> tuple[Values, ...]:
    return (
        Same(block.position),
        Same(block.part),
        range(block.first_line, block.first_line + count),
        block.effect,
        block.claim_position,
        block.claim_line,
        block.amount_fen,
        block.worker,
        block.bodies,
    )
