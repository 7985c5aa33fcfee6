"""Many rows in few statements, for the small state tables of both databases.

``ledger.eventlog.copying`` is for new rows by the thousand; here are changes of rows that
may exist: upserts, and updates by key. PostgreSQL takes the rows as one array a column,
which costs it and us a third of a list of VALUES.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

from ledger.eventlog.engine import is_postgres

_KINDS: Final = {"BIGINT": "bigint", "INTEGER": "integer", "SMALLINT": "smallint",
                 "BOOLEAN": "boolean", "TEXT": "text"}  # fmt: skip
_SEPARATOR: Final = "\x1f"
_NOTHING: Final = "\x1e"
_SEPARATED: Final = "string_to_array(%s, chr(31), chr(30))"
_WORDS: Final[dict[object, str]] = {None: "NULL", True: "t", False: "f"}

Row = tuple[Any, ...]


def run(connection: Connection, statement: str, rows: Sequence[Row], kinds: Sequence[str]) -> None:
    """Run one statement for every row; on PostgreSQL ``{rows}`` in it stands for them all.

    Args:
        connection: A writing connection.
        statement: With ``?`` places on SQLite, with ``{rows}`` as a source of rows on PostgreSQL.
        rows: Values of all places or columns.
        kinds: PostgreSQL's types of the columns.
    """
    if not rows:
        return
    cursor = connection.connection.cursor()
    try:
        if is_postgres(connection):
            arrays = [
                _array(column, kind)
                for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
            ]
            source = f"unnest({', '.join(place for place, _ in arrays)})"
            cursor.execute(statement.replace("{rows}", source), [value for _, value in arrays])
        else:
            cursor.executemany(statement, rows)
    finally:
        cursor.close()


def _array(values: Sequence[Any], kind: str) -> tuple[str, object]:
    """An array of one column: its place in a statement and the parameter for it.

    Text is joined by a separator that no id, key or JSON text may hold; where one holds it
    all the same, or where nothing would be left, the driver spells the array.
    """
    if kind != "text":
        return f"%s::{kind}[]", "{" + ",".join([_word(value) for value in values]) + "}"
    joined = _SEPARATOR.join([_NOTHING if value is None else value for value in values])
    marks = joined.count(_SEPARATOR), joined.count(_NOTHING)
    if joined and marks == (len(values) - 1, values.count(None)):
        return _SEPARATED, joined
    return "%s::text[]", list(values)


def _word(value: object) -> str:
    return str(value) if type(value) is int else _WORDS[value]


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
    places = f"VALUES ({', '.join('?' * len(names))})"
    if is_postgres(connection):
        places = "SELECT * FROM {rows}"
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) {places}"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )
    run(connection, statement, rows, kinds_of(table, names))


def update_by_key(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Set columns of existing rows; each row holds the key's values, then the columns'."""
    key = [column.name for column in table.primary_key.columns]
    names = [*key, *columns]
    if is_postgres(connection):
        sets = ", ".join(f"{name} = v.{name}" for name in columns)
        same = " AND ".join(f"{table.name}.{name} = v.{name}" for name in key)
        statement = (
            f"UPDATE {table.name} SET {sets} FROM {{rows}} AS v({', '.join(names)}) WHERE {same}"
        )
        run(connection, statement, rows, kinds_of(table, names))
        return
    sets = ", ".join(f"{name} = ?" for name in columns)
    same = " AND ".join(f"{name} = ?" for name in key)
    width = len(key)
    run(
        connection,
        f"UPDATE {table.name} SET {sets} WHERE {same}",
        [(*row[width:], *row[:width]) for row in rows],
        (),
    )


def kinds_of(table: Table, names: Sequence[str]) -> list[str]:
    """PostgreSQL's types of some columns."""
    return [_KINDS[str(table.c[name].type)] for name in names]


def listed(connection: Connection, values: Iterable[Any], kind: str = "text") -> tuple[str, object]:
    """A table expression ``(column value)`` of many values, and its one parameter."""
    if is_postgres(connection):
        place, parameter = _array(list(values), kind)
        return f"unnest({place}) AS given(value)", parameter
    return "json_each(?) AS given", json.dumps(list(values))


def listed_rows(
    connection: Connection, rows: Sequence[Row], kinds: Sequence[str]
) -> tuple[str, tuple[object, ...]]:
    """A SELECT of many rows, for ``(a, b) IN (...)``, and its parameters."""
    if is_postgres(connection):
        columns = zip(*rows, strict=True)
        arrays = [_array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        places, parameters = zip(*arrays, strict=True)
        return f"SELECT * FROM unnest({', '.join(places)})", parameters
    columns_of = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(kinds)))
    return f"SELECT {columns_of} FROM json_each(?)", (json.dumps(rows),)


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
