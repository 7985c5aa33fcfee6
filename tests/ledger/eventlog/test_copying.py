"""What is copied in bulk comes back as it was, on both databases."""

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Date, Engine, MetaData, Table, select

from ledger.eventlog.copying import CHUNK_ROWS, Batch, Same, _encode, copy_batches, copy_rows
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.tables import BIGINT, BOOLEAN, BYTES, INTEGER, SMALLINT, TEXT

metadata = MetaData()
kinds = Table(
    "every kind",
    metadata,
    Column("n", INTEGER, primary_key=True, autoincrement=False),
    Column("big", BIGINT),
    Column("int", INTEGER),
    Column("small", SMALLINT),
    Column("words", TEXT),
    Column("raw", BYTES),
    Column("flag", BOOLEAN),
)
COLUMNS = [column.name for column in kinds.columns]

Row = tuple[int, int | None, int | None, int | None, str | None, bytes | None, bool | None]

ROWS: list[Row] = [
    (1, 10**15, 2**31 - 1, 2**15 - 1, "王小明", b"\x00\xff", True),
    (2, -(2**63), -(2**31), -(2**15), "", b"", False),
    (3, None, None, None, None, None, None),
    (4, 2**63 - 1, 0, -1, "𠮷野 \t\n\\N", bytes(range(256)), True),
]


@pytest.fixture
def store(log: Engine) -> Engine:
    metadata.create_all(log)
    return log


def stored(engine: Engine) -> list[Row]:
    with begin_reading(engine) as connection:
        rows = connection.execute(select(kinds).order_by(kinds.c.n)).all()
    return [(*row[:5], None if row.raw is None else bytes(row.raw), row.flag) for row in rows]


def test_every_type_comes_back_with_its_nulls(store: Engine) -> None:
    with begin_writing(store) as connection:
        assert copy_rows(connection, kinds, COLUMNS, ROWS) == len(ROWS)

    assert stored(store) == ROWS


def test_rows_may_be_a_generator_longer_than_a_chunk(store: Engine) -> None:
    rows: list[Row] = [
        (n, n, n, n % 100, f"W-{n}", b"x" * (n % 7), n % 2 == 0)
        for n in range(1, 2 * CHUNK_ROWS + 2)
    ]

    with begin_writing(store) as connection:
        assert copy_rows(connection, kinds, COLUMNS, iter(rows)) == len(rows)

    assert stored(store) == rows


def test_no_rows_are_no_work(store: Engine) -> None:
    with begin_writing(store) as connection:
        assert copy_rows(connection, kinds, COLUMNS, []) == 0
        assert copy_batches(connection, kinds, ["n"], [Batch(0, [[]])]) == 0

    assert stored(store) == []


def test_constants_stand_on_every_row(store: Engine) -> None:
    constants = {"big": 7, "words": "工资", "raw": None}

    with begin_writing(store) as connection:
        copy_rows(connection, kinds, ["n", "flag"], [(1, True), (2, None)], constants=constants)

    assert stored(store) == [
        (1, 7, None, None, "工资", None, True),
        (2, 7, None, None, "工资", None, None),
    ]


def test_columns_may_be_given_side_by_side(store: Engine) -> None:
    count = CHUNK_ROWS + 3
    numbers = range(1, count + 1)
    batch = Batch(count, [numbers, Same(5), [f"W-{n}" for n in numbers], Same(None)])

    with begin_writing(store) as connection:
        assert copy_batches(connection, kinds, ["n", "big", "words", "raw"], [batch]) == count

    rows = stored(store)
    assert len(rows) == count
    assert rows[-1] == (count, 5, None, None, f"W-{count}", None, None)


def test_columns_of_different_lengths_are_refused(store: Engine) -> None:
    with pytest.raises(ValueError, match="2 values"), begin_writing(store) as connection:
        copy_batches(connection, kinds, ["n", "big"], [Batch(2, [[1, 2], [1]])])

    assert stored(store) == []


@pytest.mark.parametrize("interruption", [EOFError, KeyboardInterrupt])
def test_a_failure_while_rows_are_made_is_told_as_it_is_and_leaves_nothing(
    store: Engine, interruption: type[BaseException]
) -> None:
    def rows() -> Iterator[Row]:
        yield from ((n, n, n, 1, "", b"", True) for n in range(1, CHUNK_ROWS + 10))
        raise interruption

    with pytest.raises(interruption), begin_writing(store) as connection:
        copy_rows(connection, kinds, COLUMNS, rows())

    assert stored(store) == []
    with begin_writing(store) as connection:
        assert copy_rows(connection, kinds, COLUMNS, ROWS) == len(ROWS)


def test_a_key_that_is_there_already_leaves_nothing(store: Engine) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"), begin_writing(store) as connection:
        copy_rows(connection, kinds, ["n"], [(1,), (2,), (1,)])

    assert stored(store) == []


def test_a_column_without_a_binary_form_is_a_mistake_on_both_databases(store: Engine) -> None:
    table = Table("dated", MetaData(), Column("n", BigInteger), Column("day", Date))

    with pytest.raises(TypeError, match=r"dated\.day"), begin_writing(store) as connection:
        copy_rows(connection, table, ["n", "day"], [])


values = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))


@given(
    st.lists(
        st.tuples(
            values,
            st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))),
            st.binary(max_size=9),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_packed_form_is_the_plain_one(rows: list[tuple[int | None, str | None, bytes]]) -> None:
    plain = b""
    for number, words, raw in rows:
        plain += struct.pack(">h", 4) + struct.pack(">ih", 2, 9)
        for field in (
            None if number is None else struct.pack(">q", number),
            None if words is None else words.encode(),
            raw,
        ):
            plain += struct.pack(">i", -1 if field is None else len(field)) + (field or b"")

    packed = _encode("hqsb", Batch(len(rows), [Same(9), *zip(*rows, strict=True)]))

    assert packed == plain
