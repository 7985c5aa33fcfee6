"""Applying a range of positions to a read model; an event that cannot be applied parks its stream.

A damaged or unforeseen event must not stop everybody's figures. When a range fails, it is halved
until the one event is found; its stream (a project, fund, case, ...) then stands still in that
read model, with the reason, and all other streams go on.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.eventlog.engine import is_postgres
from projections.base import Projection, Slot, spell
from projections.positions import Place, park, spelling_of

_DATA_EXCEPTION: Final = "22"
_CONSTRAINT: Final = "23"
_SQLITE_WORDS: Final = ("malformed JSON", "integer overflow", "JSON path error")
_LONGEST_REASON: Final = 200

_KINDS: Final = text(
    "SELECT DISTINCT kind FROM event WHERE tenant = :tenant AND position > :low"
    " AND position <= :high"
)
_STREAM: Final = text("SELECT stream FROM event WHERE tenant = :tenant AND position = :position")
_KEY: Final = text(
    "SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass(:table) AND contype = 'p'"
)
_ANY_PARKED: Final = text(
    "SELECT 1 FROM projection_parked WHERE tenant = :tenant AND name = :name AND slot = :slot"
    " LIMIT 1"
)


def kinds_between(connection: Connection, tenant: str, low: int, high: int) -> frozenset[str]:
    """Kinds of the events of a range: most statements have nothing to do in a short one."""
    rows = connection.execute(_KINDS, {"tenant": tenant, "low": low, "high": high})
    return frozenset(rows.scalars())


def apply(
    connection: Connection,
    projection: Projection,
    tenant: str,
    low: int,
    high: int,
    *,
    slot: Slot = "a",
    slots: Mapping[str, str] | None = None,
    kinds: frozenset[str] | None = None,
) -> None:
    """Turn the events of ``(low, high]`` into rows of one read model.

    Args:
        connection: A writing connection; the caller moves the position in its transaction.
        projection: The read model.
        tenant: Whose log.
        low: Position up to which its rows stand already.
        high: Position up to which they stand afterwards.
        slot: Where its rows are.
        slots: Where those of the other read models are.
        kinds: Kinds of the events of the range, where the caller knows them.

    Raises:
        SQLAlchemyError: Something in the range cannot be applied; the caller's transaction must
            be taken back to before the call.
    """
    if kinds is None:
        kinds = kinds_between(connection, tenant, low, high)
    at = {"tenant": tenant, "name": projection.name, "slot": slot}
    parked = connection.execute(_ANY_PARKED, at).first() is not None
    spelling = spelling_of(
        connection,
        {**(slots or {}), projection.name: slot},
        (projection.name, slot) if parked else None,
    )
    for statement in projection.statements:
        if statement.kinds is None or not statement.kinds.isdisjoint(kinds):
            sql = text(spell(statement.sql, spelling))
            connection.execute(sql, {"tenant": tenant, "low": low, "high": high})


def apply_or_park(
    connection: Connection,
    projection: Projection,
    tenant: str,
    place: Place,
    high: int,
    *,
    slots: Mapping[str, str],
    kinds: frozenset[str],
) -> None:
    """Apply ``(place.position, high]``; park what cannot be applied and go on without it."""
    pending = [(place.position, high)]
    while pending:
        low, top = pending.pop()
        savepoint = connection.begin_nested()
        try:
            apply(
                connection, projection, tenant, low, top, slot=place.slot, slots=slots,
                kinds=kinds,
            )  # fmt: skip
        except DBAPIError as error:
            savepoint.rollback()
            if not _lies_in_the_data(error):
                raise
            if top - low > 1:
                middle = (low + top) // 2
                pending += [(middle, top), (low, middle)]
                continue
            at = {"tenant": tenant, "position": top}
            stream = connection.execute(_STREAM, at).scalar_one()
            park(connection, tenant, place, (stream, top, _reason(error)))
        else:
            savepoint.commit()


def _lies_in_the_data(error: DBAPIError) -> bool:
    """Whether an event is to blame, and neither the storage nor our own SQL."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return isinstance(original, sqlite3.IntegrityError | sqlite3.DataError) or any(
            word in str(original) for word in _SQLITE_WORDS
        )
    if isinstance(original, psycopg2.Error):
        return str(original.pgcode or "")[:2] in {_DATA_EXCEPTION, _CONSTRAINT}
    return False


def _reason(error: DBAPIError) -> str:
    """The first line of what the database said, which names no value of the event.

    PostgreSQL repeats values in its DETAIL line and, for some data exceptions, in quotes.
    """
    said = str(error.orig).strip().partition("\n")[0]
    return said.partition(': "')[0][:_LONGEST_REASON]


def clear(connection: Connection, tenant: str, projection: Projection, slot: Slot) -> None:
    """Remove a tenant's rows of a read model from a slot."""
    for table in projection.tables:
        connection.execute(
            text(f"DELETE FROM {table.physical(slot)} WHERE tenant = :tenant"), {"tenant": tenant}
        )


def wipe(connection: Connection, projection: Projection, slot: Slot) -> None:
    """Remove every tenant's rows from a slot, which SQLite does without looking at them."""
    for table in projection.tables:
        connection.execute(text(f"DELETE FROM {table.physical(slot)}"))


def drop_indexes(connection: Connection, projection: Projection, slot: Slot) -> None:
    """Drop what only slows the filling of a slot from nothing."""
    for table in projection.tables:
        _run(connection, table.drop_indexes(slot))
        if is_postgres(connection):
            _run(connection, table.drop_key(slot))


def restore_indexes(connection: Connection, projection: Projection, slot: Slot) -> None:
    """Create again what was dropped, here or by a rebuild that died."""
    for table in projection.tables:
        if is_postgres(connection) and not _has_key(connection, table.physical(slot)):
            _run(connection, table.create_key(slot))
        _run(connection, table.create_indexes(slot))


def _has_key(connection: Connection, table: str) -> bool:
    return connection.execute(_KEY, {"table": table}).first() is not None


def owns_tables(connection: Connection, projection: Projection, slot: Slot) -> bool:
    """Whether we may drop and create indexes here; on PostgreSQL only their owner may."""
    if not is_postgres(connection):
        return True
    table = projection.tables[0].physical(slot)
    owner = text(
        "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(:table)"
    )
    return bool(connection.execute(owner, {"table": table}).scalar_one_or_none())


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
