"""Many rows in few statements, for the small state tables of both databases.

``ledger.eventlog.copying`` is for new rows by the thousand; here are changes of rows that
may exist: upserts, and updates by key.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg2.extras import execute_values
from sqlalchemy import Connection, Table

from ledger.eventlog.engine import is_postgres

_PAGE: Final = 1_000
_CASTS: Final = {"BIGINT": "bigint", "INTEGER": "integer", "SMALLINT": "smallint",
                 "BOOLEAN": "boolean", "TEXT": "text"}  # fmt: skip

Row = tuple[Any, ...]


def run(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run one statement for every row; on PostgreSQL ``VALUES %s`` takes them all."""
    if not rows:
        return
    cursor = connection.connection.cursor()
    try:
        if is_postgres(connection):
            execute_values(cursor, statement, rows, page_size=_PAGE)
        else:
            cursor.executemany(statement, rows)
    finally:
        cursor.close()


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    add: bool = False,
) -> None:
    """Insert rows in the order of the table's columns, or change those that exist.

    Args:
        connection: A writing connection.
        table: Where to.
        rows: Values of all columns.
        add: Add the last column to the row that exists instead of replacing its columns.
    """
    names = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key.columns]
    values = [name for name in names if name not in key]
    changes = ", ".join(
        f"{name} = {table.name}.{name} + excluded.{name}" if add else f"{name} = excluded.{name}"
        for name in values
    )
    places = "VALUES %s" if is_postgres(connection) else f"VALUES ({', '.join('?' * len(names))})"
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) {places}"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )
    run(connection, statement, rows)


def update_by_key(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Set columns of existing rows; each row holds the key's values, then the columns'."""
    key = [column.name for column in table.primary_key.columns]
    if is_postgres(connection):
        kinds = {column.name: _CASTS[str(column.type)] for column in table.columns}
        sets = ", ".join(f"{name} = v.{name}::{kinds[name]}" for name in columns)
        same = " AND ".join(f"{table.name}.{name} = v.{name}::{kinds[name]}" for name in key)
        statement = (
            f"UPDATE {table.name} SET {sets} FROM (VALUES %s)"
            f" AS v({', '.join([*key, *columns])}) WHERE {same}"
        )
        run(connection, statement, rows)
        return
    sets = ", ".join(f"{name} = ?" for name in columns)
    same = " AND ".join(f"{name} = ?" for name in key)
    width = len(key)
    run(
        connection,
        f"UPDATE {table.name} SET {sets} WHERE {same}",
        [(*row[width:], *row[:width]) for row in rows],
    )


def listed(
    connection: Connection, values: Iterable[object], kind: str = "text"
) -> tuple[str, object]:
    """A table expression ``(column value)`` of many values, and its one parameter."""
    if is_postgres(connection):
        return f"unnest(%s::{kind}[]) AS given(value)", list(values)
    return "json_each(?) AS given", json.dumps(list(values))


def listed_pairs(
    connection: Connection, pairs: Sequence[tuple[int, int]]
) -> tuple[str, tuple[object, ...]]:
    """A table expression ``given (first, second)`` of many pairs, and its parameters."""
    if is_postgres(connection):
        firsts, seconds = zip(*pairs, strict=True)
        given = "unnest(%s::bigint[], %s::integer[]) AS given(first, second)"
        return given, (list(firsts), list(seconds))
    given = (
        "(SELECT json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS second"
        " FROM json_each(?)) AS given"
    )
    return given, (json.dumps(list(pairs)),)


def fetch(connection: Connection, statement: str, parameters: Sequence[object]) -> list[Row]:
    """All rows of a statement written with ``?`` places, straight from the driver."""
    cursor = connection.connection.cursor()
    try:
        if is_postgres(connection):
            statement = statement.replace("?", "%s")
        cursor.execute(statement, tuple(parameters))
        return list(cursor.fetchall())
    finally:
        cursor.close()
