"""The shape of tables as the database itself tells it, in words that can be compared.

Two databases have the same shape when columns, keys, indexes and checks agree, however their
tables were made. Tests compare a migrated database with the metadata; ``doctor`` compares a
ledger with what it should be.
"""

import re
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from ledger.eventlog.engine import is_postgres

_BLANKS: Final = re.compile(r"\s+")

_POSTGRES_PARTS: Final = (
    """
    SELECT concat_ws(' ', 'column', column_name, data_type, collation_name, is_nullable,
                     column_default)
    FROM information_schema.columns
    WHERE table_name = :table AND table_schema = current_schema()
    """,
    """
    SELECT 'constraint ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = to_regclass(:table) AND contype <> 'n'
    """,
    """
    SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = to_regclass(:table)
      AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    """,
)


def shape(connection: Connection, tables: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each table, sorted sentences on its columns, keys, indexes and checks."""
    describe = _postgres_shape if is_postgres(connection) else _sqlite_shape
    return {table: sorted(describe(connection, table)) for table in tables}


def _postgres_shape(connection: Connection, table: str) -> list[str]:
    return [
        sentence
        for part in _POSTGRES_PARTS
        for sentence in connection.execute(text(part), {"table": table}).scalars()
    ]


def _sqlite_shape(connection: Connection, table: str) -> list[str]:
    columns = connection.exec_driver_sql(f'PRAGMA table_xinfo("{table}")')
    sentences = [
        f"column {row.name} {row.type} null={not row.notnull} default={row.dflt_value} key={row.pk}"
        for row in columns
    ]
    for index in connection.exec_driver_sql(f'PRAGMA index_list("{table}")').all():
        members = connection.exec_driver_sql(f'PRAGMA index_info("{index.name}")')
        names = ",".join(str(row.name) for row in members)
        sentences.append(f"index {names} unique={index.unique} origin={index.origin}")
    sentences += [
        f"reference {row[3]} to {row[2]}.{row[4]}"
        for row in connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table}")')
    ]
    source = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"),
        {"table": table},
    ).scalar_one_or_none()
    if source is not None:
        spelled = _BLANKS.sub(" ", source)
        sentences += [f"check {check}" for check in _checks(spelled)]
        sentences.append(f"rowid={'WITHOUT ROWID' not in spelled.upper()}")
    return sentences


def _checks(source: str) -> list[str]:
    """Return what stands in the brackets of each CHECK, brackets inside them included."""
    found = []
    for match in re.finditer(r"\bCHECK ?\(", source):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        found.append(source[match.end() : end - 1].strip())
    return found
