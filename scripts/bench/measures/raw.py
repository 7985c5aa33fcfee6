"""The raw limit of writing: rows that already lie ready, into the same table shapes.

PostgreSQL gets bytes in its binary COPY format, ready-made by the server itself; SQLite gets
tuples through ``executemany``. Both go into tables with the keys, indexes and checks of the real
ones, in one transaction that waits for the disk. No application can be faster.
"""

import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final, Protocol, cast

import psycopg2

from ledger.eventlog.engine import open_engine
from measures.places import Place
from measures.timing import stopwatch

TABLES: Final = ("event_line", "claim", "event")
"""What a payroll sheet leaves, largest first; the few rows elsewhere are left out."""

_READ_AT_ONCE: Final = 1 << 20


class RawTables(Protocol):
    """Twins of the ledger's tables, filled as fast as the database can."""

    def write_again(self, first: int, last: int) -> float:
        """Write the rows of some positions once more, into the twins; returns the seconds."""

    def fill(self, last: int) -> None:
        """Copy the rows up to a position into the twins, untimed."""


@contextmanager
def raw_tables(place: Place, tables: Sequence[str] = TABLES) -> Iterator[RawTables]:
    """Empty twins of tables of the ledger in this place."""
    twins = _PostgresTwins(place, tables) if place.postgres else _SQLiteTwins(place, tables)
    with closing(twins):
        yield twins


class _PostgresTwins:
    def __init__(self, place: Place, tables: Sequence[str]) -> None:
        self._tables = tables
        self._connection = psycopg2.connect(place.url)
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA raw")
            for table in tables:
                cursor.execute(f"CREATE TABLE raw.{table} (LIKE public.{table} INCLUDING ALL)")

    def close(self) -> None:
        self._connection.close()

    def fill(self, last: int) -> None:
        with self._connection, self._connection.cursor() as cursor:
            for table in self._tables:
                rows = f"SELECT * FROM public.{table} WHERE position <= %s"  # noqa: S608
                cursor.execute(f"INSERT INTO raw.{table} {rows}", (last,))

    def write_again(self, first: int, last: int) -> float:
        ready = []
        with self._connection, self._connection.cursor() as cursor:
            for table in self._tables:
                buffer = io.BytesIO()
                rows = f"SELECT * FROM public.{table} WHERE position BETWEEN {first:d} AND {last:d}"  # noqa: S608
                cursor.copy_expert(f"COPY ({rows}) TO STDOUT (FORMAT binary)", buffer)
                buffer.seek(0)
                ready.append((table, buffer))

        def write() -> None:
            with self._connection, self._connection.cursor() as cursor:
                for table, buffer in ready:
                    statement = f"COPY raw.{table} FROM STDIN (FORMAT binary)"
                    cursor.copy_expert(statement, buffer, _READ_AT_ONCE)

        return stopwatch(write)


class _SQLiteTwins:
    def __init__(self, place: Place, tables: Sequence[str]) -> None:
        self._tables = tables
        self._path = place.folder / "raw.db"
        self._ledger = sqlite3.connect(place.folder / "ledger.db")
        # Opened as the ledger is: WAL, synchronous=FULL, the same cache.
        self._engine = open_engine(f"sqlite:///{self._path}", create=True)
        self._pooled = self._engine.raw_connection()
        self._raw = cast(sqlite3.Connection, self._pooled.driver_connection)
        marks = ", ".join("?" * len(tables))
        made = self._ledger.execute(
            f"SELECT sql FROM sqlite_master WHERE tbl_name IN ({marks}) AND sql IS NOT NULL"  # noqa: S608
            " AND type IN ('table', 'index') ORDER BY type DESC",
            tuple(tables),
        )
        for (statement,) in made.fetchall():
            self._raw.execute(statement)

    def close(self) -> None:
        self._ledger.close()
        self._pooled.close()
        self._engine.dispose()

    def fill(self, last: int) -> None:
        for table in self._tables:
            rows = self._ledger.execute(
                f"SELECT * FROM {table} WHERE position <= ?",  # noqa: S608 - a name of ours
                (last,),
            )
            marks = ", ".join("?" * len(rows.description))
            self._raw.execute("BEGIN IMMEDIATE")
            self._raw.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
            self._raw.execute("COMMIT")
        self._ledger.rollback()

    def write_again(self, first: int, last: int) -> float:
        ready = []
        for table in self._tables:
            rows = self._ledger.execute(
                f"SELECT * FROM {table} WHERE position BETWEEN ? AND ?",  # noqa: S608
                (first, last),
            ).fetchall()
            marks = ", ".join("?" * len(rows[0]))
            ready.append((f"INSERT INTO {table} VALUES ({marks})", rows))  # noqa: S608
        self._ledger.rollback()

        def write() -> None:
            self._raw.execute("BEGIN IMMEDIATE")
            for statement, rows in ready:
                self._raw.executemany(statement, rows)
            self._raw.execute("COMMIT")

        return stopwatch(write)
