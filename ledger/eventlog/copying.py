"""Bulk insertion at the speed of the database: binary COPY, or ``executemany`` on SQLite.

A row is never built in Python. Columns are packed side by side by C code, a few thousand rows at
a time, and handed to the server while it still writes the rows before: measured, encoding and
copying 100,000 lines together takes as long as copying bytes that were encoded beforehand.

What is a generator stays one: bodies may be made, hashed and counted while they are copied.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, repeat
from operator import add
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from ledger.eventlog.engine import is_postgres, require_writer

BESIDE: Final = "beside"
"""Mark in a table's ``info``: it is a temporary one, made by this connection."""

CHUNK_ROWS: Final = 2_000
"""Rows packed at once: enough to forget the set-up, few enough to overlap with the server."""

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_TRAILER: Final = struct.pack(">h", -1)
_NULL: Final = struct.pack(">i", -1)
_pack_length: Final = struct.Struct(">i").pack


@dataclass(frozen=True, slots=True)
class Same:
    """A column that holds one value on every row; it is encoded once."""

    value: object


Values = Sequence[Any] | Same
"""One column: a value a row (None is NULL), or the same value on all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows side by side: ``count`` of them, one entry of ``columns`` for each column copied."""

    count: int
    columns: Sequence[Values]


def copy_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    constants: Mapping[str, object] | None = None,
) -> int:
    """Insert rows and return how many.

    Args:
        connection: A writing connection (``begin_writing``).
        table: Where to; its column types decide the encoding.
        columns: Names of the row's values, in their order.
        rows: Tuples of str, int, bool, bytes or None. Read once, a chunk at a time.
        constants: Columns with one value on all rows, encoded once; they stand first.
    """
    fixed = dict(constants or {})
    names = [*fixed, *columns]
    if is_postgres(connection):
        leading = [Same(value) for value in fixed.values()]
        return copy_batches(connection, table, names, _transposed(leading, rows))
    require_writer(connection, beside=bool(table.info.get(BESIDE)))
    _kinds(table, names)
    whole = map(add, repeat(tuple(fixed.values())), map(tuple, rows)) if fixed else rows
    return _insert_into_sqlite(connection, table, names, whole)


def copy_batches(
    connection: Connection, table: Table, columns: Sequence[str], batches: Iterable[Batch]
) -> int:
    """Insert rows given column by column and return how many.

    The fastest way in, for what already lies in columns. Batches are read one after the other
    while the database writes.
    """
    require_writer(connection, beside=bool(table.info.get(BESIDE)))
    kinds = _kinds(table, columns)
    if is_postgres(connection):
        return _copy_to_postgres(connection, table, kinds, batches)
    return _insert_into_sqlite(connection, table, columns, _rows(len(columns), batches))


def _transposed(leading: Sequence[Same], rows: Iterable[Sequence[object]]) -> Iterator[Batch]:
    pending = iter(rows)
    while chunk := list(islice(pending, CHUNK_ROWS)):
        yield Batch(len(chunk), [*leading, *zip(*chunk, strict=True)])


def _chunks(batch: Batch) -> Iterator[Batch]:
    if batch.count <= CHUNK_ROWS:
        yield batch
        return
    for low in range(0, batch.count, CHUNK_ROWS):
        high = min(low + CHUNK_ROWS, batch.count)
        yield Batch(
            high - low,
            [column if isinstance(column, Same) else column[low:high] for column in batch.columns],
        )


def _require_even(batch: Batch, width: int) -> None:
    lengths = {len(column) for column in batch.columns if not isinstance(column, Same)}
    if len(batch.columns) != width or lengths - {batch.count}:
        message = f"{width} columns of {batch.count} values each are needed"
        raise ValueError(message)


# -- PostgreSQL: binary COPY --------------------------------------------------


def _copy_to_postgres(
    connection: Connection, table: Table, kinds: Mapping[str, str], batches: Iterable[Batch]
) -> int:
    prepare = connection.dialect.identifier_preparer
    names = ", ".join(prepare.quote(name) for name in kinds)
    statement = f"COPY {prepare.format_table(table)} ({names}) FROM STDIN (FORMAT binary)"
    source = _Source(_binary(list(kinds.values()), batches))
    with closing(connection.connection.cursor()) as cursor:
        try:
            cursor.copy_expert(statement, source)
        except Exception:
            # The server only heard "cancelled": what went wrong here is the cause.
            if source.error is not None:
                raise source.error from None
            raise
        return int(cursor.rowcount)


class _Source:
    """What COPY reads from. A read may answer with more bytes than were asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.error: BaseException | None = None

    def read(self, _size: int = -1) -> bytes:
        try:
            return next(self._chunks, b"")
        except BaseException as error:
            self.error = error
            raise


def _binary(kinds: Sequence[str], batches: Iterable[Batch]) -> Iterator[bytes]:
    yield _HEADER
    for batch in batches:
        _require_even(batch, len(kinds))
        for chunk in _chunks(batch):
            if chunk.count:
                yield _encode(kinds, chunk)
    yield _TRAILER


def _encode(kinds: Sequence[str], batch: Batch) -> bytes:
    """Return the rows of a batch in the binary COPY format."""
    packer = _Packer(batch.count)
    packer.constant(struct.pack(">h", len(kinds)))
    for kind, column in zip(kinds, batch.columns, strict=True):
        if isinstance(column, Same):
            packer.constant(_field(kind, column.value))
        elif None in column:
            packer.pieces([_field(kind, value) for value in column])
        elif kind == "s":
            packer.strings([value.encode() for value in column])
        elif kind == "b":
            packer.strings(column)
        else:
            packer.numbers(kind, column)
    return packer.joined()


class _Packer:
    """Gathers neighbouring fields of fixed size into one ``struct`` call a row."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._format = ""
        self._arguments: list[Iterable[Any]] = []
        self._pieces: list[Iterable[bytes]] = []
        self._constant = b""

    def constant(self, field: bytes) -> None:
        self._constant += field

    def numbers(self, kind: str, values: Sequence[int]) -> None:
        self._flush_constant()
        self._format += f"i{kind}"
        self._arguments += [repeat(struct.calcsize(f">{kind}")), values]

    def strings(self, values: Sequence[bytes]) -> None:
        self._flush_constant()
        self._format += "i"
        self._arguments.append(map(len, values))
        self.pieces(values)

    def pieces(self, fields: Iterable[bytes]) -> None:
        self._flush_run()
        self._pieces.append(fields)

    def joined(self) -> bytes:
        self._flush_run()
        if len(self._pieces) == 1:
            return b"".join(self._pieces[0])
        return b"".join(chain.from_iterable(zip(*self._pieces, strict=True)))

    def _flush_constant(self) -> None:
        if self._constant:
            self._format += f"{len(self._constant)}s"
            self._arguments.append(repeat(self._constant))
            self._constant = b""

    def _flush_run(self) -> None:
        if self._arguments:
            self._flush_constant()
            self._pieces.append(map(_packing(self._format), *self._arguments))
        elif self._constant:
            self._pieces.append([self._constant] * self._count)
            self._constant = b""
        self._format, self._arguments = "", []


@lru_cache(maxsize=256)
def _packing(layout: str) -> Callable[..., bytes]:
    return struct.Struct(f">{layout}").pack


def _field(kind: str, value: Any) -> bytes:  # noqa: ANN401 - the column's type decides
    """Return one value with its length before it, as COPY wants it."""
    if value is None:
        return _NULL
    if kind == "s":
        value = value.encode()
    elif kind != "b":
        value = struct.pack(f">{kind}", value)
    return _pack_length(len(value)) + bytes(value)


def _kinds(table: Table, names: Iterable[str]) -> dict[str, str]:
    return {name: _kind(table, name) for name in names}


def _kind(table: Table, name: str) -> str:
    """Return how a column is packed: a ``struct`` letter, s for text, b for bytes."""
    column_type = table.c[name].type
    for kind, wanted in (
        ("q", BigInteger),
        ("h", SmallInteger),
        ("i", Integer),
        ("?", Boolean),
        ("s", String),
        ("b", LargeBinary),
    ):
        if isinstance(column_type, wanted):
            return kind
    message = f"no binary form for {table.name}.{name}"
    raise TypeError(message)


# -- SQLite -------------------------------------------------------------------


def _insert_into_sqlite(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> int:
    prepare = connection.dialect.identifier_preparer
    names = ", ".join(prepare.quote(name) for name in columns)
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {prepare.format_table(table)} ({names}) VALUES ({marks})"  # noqa: S608 - names out of our own metadata
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(statement, rows)  # type: ignore[arg-type]
        return int(cursor.rowcount)


def _rows(width: int, batches: Iterable[Batch]) -> Iterator[tuple[object, ...]]:
    for batch in batches:
        _require_even(batch, width)
        yield from zip(*map(_repeated, batch.columns, repeat(batch.count)), strict=True)


def _repeated(column: Values, count: int) -> Iterable[Any]:
    return repeat(column.value, count) if isinstance(column, Same) else column
