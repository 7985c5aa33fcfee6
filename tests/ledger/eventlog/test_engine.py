"""Where a ledger can be kept, and what its keeper is told when it cannot."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.eventlog.appending import lock_head
from ledger.eventlog.engine import (
    begin_reading,
    begin_writing,
    open_engine,
    parse_url,
    require_writer,
    storage_settings,
)
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.kernel.errors import LedgerError
from tests.ledger.eventlog.conftest import OpenLog, append

NOBODY = 65_534


def code_of(url: str, *, create: bool = False) -> str:
    with pytest.raises(LedgerError) as caught:
        open_engine(url, create=create)
    return caught.value.code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///ledger.db?mode=ro",
        "sqlite://host/ledger.db",
        "mysql://localhost/ledger",
        "postgresql+asyncpg://localhost/ledger",
        "postgresql://localhost",
        "postgresql://localhost:port/ledger",
    ],
)
def test_what_is_not_the_address_of_a_ledger_is_refused(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        parse_url(url)

    assert caught.value.code == "bad_url"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:hunter2@localhost/ledger",
        "postgresql+psycopg2://clerk:hunter2@localhost/ledger",
        "postgresql://localhost/ledger?password=hunter2",
        "postgresql://clerk:hunter2@localhost",
    ],
)
def test_a_password_in_the_address_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        parse_url(url)

    assert caught.value.code == "password_in_url"
    assert "hunter2" not in str(caught.value)


def test_both_spellings_of_postgresql_lead_to_the_same_driver() -> None:
    plain = parse_url("postgresql://localhost/ledger")

    assert plain == parse_url("postgresql+psycopg2://localhost/ledger")


def test_opening_a_ledger_that_does_not_exist_creates_nothing(tmp_path: Path) -> None:
    missing = tmp_path / "ledger.db"

    assert code_of(f"sqlite:///{missing}") == "no_ledger"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"

    with pytest.raises(LedgerError) as caught:
        open_engine(f"sqlite:///{folder}/ledger.db", create=True)

    assert caught.value.code == "storage_unreachable"
    assert caught.value.facts["path"] == str(folder)
    assert not folder.exists()


def test_a_ledger_may_lie_in_a_folder_with_blanks_and_chinese_characters(tmp_path: Path) -> None:
    folder = tmp_path / "工资 100% #1?"
    folder.mkdir()
    # A question mark starts a query in a URL, so only the folder's other characters are tried.
    plain = folder.rename(tmp_path / "工资 100% #1")

    engine = open_engine(f"sqlite:///{plain}/账本.db", create=True)
    upgrade(engine, [LOG])
    engine.dispose()

    assert (plain / "账本.db").is_file()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.db"
    letter.write_text("To whom it may concern. " * 100)

    assert code_of(f"sqlite:///{letter}") == "storage_damaged"
    assert code_of(f"sqlite:///{letter}", create=True) == "storage_damaged"
    assert letter.read_text().startswith("To whom")


def test_sqlite_keeps_what_it_confirms_on_every_connection(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url, create=True)
    with engine.connect() as first, engine.connect() as second:
        settings = [storage_settings(connection) for connection in (first, second)]
    engine.dispose()

    for found in settings:
        assert found["journal_mode"] == "wal"
        assert found["synchronous"] == "2"
        assert found["foreign_keys"] == "1"


def test_sqlite_that_cannot_keep_a_log_ahead_is_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A network folder answers the same way: WAL is asked for and not given.
    monkeypatch.setattr("ledger.eventlog.engine._PRAGMAS", ("PRAGMA journal_mode = DELETE",))

    assert code_of(sqlite_url, create=True) == "unsafe_storage"


def test_postgresql_tells_the_settings_that_the_promise_rests_on(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        settings = storage_settings(connection)
    engine.dispose()

    assert {"fsync", "synchronous_commit", "full_page_writes"} <= settings.keys()
    assert settings["server_encoding"] == "UTF8"


def test_a_database_that_cannot_hold_every_name_is_refused(postgres_url: str) -> None:
    with_admin = psycopg2.connect(postgres_url)
    with_admin.autocommit = True
    with with_admin.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone() or ("",)
        latin = f"{name}_latin"
        cursor.execute(
            f"CREATE DATABASE {latin} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
            " TEMPLATE template0"
        )
    try:
        assert code_of(postgres_url.replace(name, latin)) == "unsafe_storage"
    finally:
        with with_admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {latin}")
        with_admin.close()


def test_a_postgresql_that_does_not_answer_is_unreachable() -> None:
    assert code_of("postgresql://127.0.0.1:1/ledger") == "storage_unreachable"


def test_a_postgresql_database_that_does_not_exist_is_no_ledger(postgres_url: str) -> None:
    before, mark, options = postgres_url.partition("?")

    assert code_of(f"{before}_missing{mark}{options}") == "no_ledger"


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    engine = open_engine(url, create=True)
    upgrade(engine, [LOG])
    append(engine, [b"{}"])
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill_the_disk() -> None:
        with begin_writing(engine) as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            lock_head(connection, "another")
            connection.exec_driver_sql("CREATE TABLE filler AS SELECT zeroblob(1000000)")

    with pytest.raises(LedgerError) as caught:
        fill_the_disk()

    assert caught.value.code == "storage_full"
    assert caught.value.facts["path"] == str(tmp_path / "ledger.db")
    with begin_writing(engine) as connection:
        assert lock_head(connection, "main").last_position == 1
    engine.dispose()


def test_a_writer_that_waited_in_vain_is_told_that_the_ledger_is_busy(
    open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.eventlog.engine.LOCK_WAIT_SECONDS", 1)
    first, second = open_log(), open_log()
    append(first, [b"{}"])

    with begin_writing(first) as holder:
        lock_head(holder, "main")
        with pytest.raises(LedgerError) as caught, begin_writing(second) as waiter:
            lock_head(waiter, "main")

    assert caught.value.code == "busy"


def test_a_reader_does_not_see_what_is_written_while_it_looks(open_log: OpenLog) -> None:
    writer, other = open_log(), open_log()
    append(writer, [b"{}"])
    count = text("SELECT count(*) FROM event")

    with begin_reading(other) as reader:
        before = reader.execute(count).scalar_one()
        append(writer, [b"{}"])
        after = reader.execute(count).scalar_one()

    assert (before, after) == (1, 1)


def test_a_reader_cannot_take_the_writers_lock(open_log: OpenLog) -> None:
    engine = open_log()

    with begin_reading(engine) as reader, pytest.raises(RuntimeError, match="begin_writing"):
        lock_head(reader, "main")
    with engine.connect() as connection, pytest.raises(RuntimeError, match="begin_writing"):
        require_writer(connection)


def test_a_ledger_that_another_program_made_is_found_damaged_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    engine = open_engine(f"sqlite:///{path}", create=True)
    upgrade(engine, [LOG])
    append(engine, [bytes([65 + number]) * 3000 for number in range(20)])
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8 * 4096))

    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(LedgerError) as caught, begin_reading(engine) as connection:
        connection.exec_driver_sql("SELECT count(*), sum(length(body)) FROM event").all()
    engine.dispose()

    assert caught.value.code == "storage_damaged"


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be an ordinary user for a while: for root no folder is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder with a ledger in it, for looking only."""
    folder = Path(tempfile.mkdtemp(prefix="wageledger-"))
    engine = open_engine(f"sqlite:///{folder / 'ledger.db'}", create=True)
    upgrade(engine, [LOG])
    append(engine, [b"{}"])
    engine.dispose()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_ledger_in_a_read_only_folder_says_so(read_only_folder: Path) -> None:
    with unprivileged():
        assert code_of(f"sqlite:///{read_only_folder}/ledger.db") == "storage_read_only"
        assert code_of(f"sqlite:///{read_only_folder}/new.db", create=True) == "storage_read_only"


def test_a_read_only_file_is_not_written(read_only_folder: Path) -> None:
    read_only_folder.chmod(0o777)
    (read_only_folder / "ledger.db").chmod(0o444)

    with unprivileged():
        engine = open_engine(f"sqlite:///{read_only_folder}/ledger.db")
        with pytest.raises(LedgerError) as caught, begin_writing(engine) as connection:
            lock_head(connection, "another")
        engine.dispose()

    assert caught.value.code == "storage_read_only"


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("53100", "storage_full"),
        ("25006", "storage_read_only"),
        ("42501", "storage_read_only"),
        ("55P03", "busy"),
        ("40P01", "busy"),
        ("40001", "busy"),
        ("53300", "busy"),
        ("42P01", "no_ledger"),
        ("XX001", "storage_damaged"),
        ("58030", "storage_unreachable"),
        ("57P01", "storage_unreachable"),
        ("08006", "storage_unreachable"),
    ],
)
def test_what_the_server_reports_has_a_code(postgres_url: str, sqlstate: str, code: str) -> None:
    engine = open_engine(postgres_url)
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{sqlstate}'; END $$"

    with pytest.raises(LedgerError) as caught, begin_writing(engine) as connection:
        connection.exec_driver_sql(raising)
    engine.dispose()

    assert caught.value.code == code
    assert caught.value.facts["problem"] == "as told"


def test_a_mistake_in_our_own_sql_stays_a_bug(log: Engine) -> None:
    with pytest.raises(DBAPIError), begin_writing(log) as connection:
        connection.exec_driver_sql("SELECT nonsense FROM event")


def test_a_standby_is_read_only(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine, [LOG])

    def write_to_the_standby() -> None:
        with begin_writing(engine) as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            lock_head(connection, "main")

    with pytest.raises(LedgerError) as caught:
        write_to_the_standby()
    engine.dispose()

    assert caught.value.code == "storage_read_only"


def test_a_writer_after_a_reader_writes_again_and_sees_what_is_committed(
    postgres_url: str,
) -> None:
    engine = open_engine(postgres_url)
    settings = text(
        "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    )

    found = []
    for begin in (begin_writing, begin_reading, begin_writing):
        with begin(engine) as connection:
            found.append(tuple(connection.execute(settings).one()))
    engine.dispose()

    writing = ("read committed", "off")
    assert found == [writing, ("repeatable read", "on"), writing]
