"""Opening the store: which database, how safely it keeps, and what its failures mean.

SQLite is pinned to WAL, synchronous=FULL and foreign keys, on every connection, and refused
where it does not obey (in simulated power cuts FULL lost nothing and NORMAL lost acknowledged
postings). PostgreSQL must speak UTF-8; passwords come from PGPASSFILE or PGPASSWORD, never from
the URL, which lands in shell histories and process lists.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import connect as sqlite_connect
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from ledger.eventlog.failures import (
    BadUrlError,
    NoLedgerError,
    PasswordInUrlError,
    UnreachableError,
    UnsafeStorageError,
    translate_error,
)
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

LOCK_WAIT_SECONDS: Final = 30
"""How long a writer waits for the writer before it; then the answer is ``busy``."""
_CONNECT_SECONDS: Final = 10
_CACHE_KIB: Final = 65_536
_WAL_KEPT_BYTES: Final = 67_108_864

_WRITES: Final = "wageledger_writes"
_BESIDE: Final = "wageledger_beside"

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # On macOS a plain fsync leaves the disk's own cache; elsewhere these do nothing.
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    # A planted schema must not run functions with side effects.
    "PRAGMA trusted_schema = OFF",
    # INSERT OR REPLACE must not slip past the triggers that refuse to delete.
    "PRAGMA recursive_triggers = ON",
    f"PRAGMA cache_size = -{_CACHE_KIB}",
    f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}",
)
_REQUIRED_PRAGMAS: Final = (
    ("journal_mode", "wal", N_("the journal mode is not WAL")),
    ("synchronous", 2, N_("synchronous is not FULL")),
    ("foreign_keys", 1, N_("foreign keys are not checked")),
)

_ENCODING: Final = "UTF8"
_NOT_UTF8: Final = N_("the database is not encoded in UTF-8")

_KEEPALIVE: Final = {
    "connect_timeout": _CONNECT_SECONDS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""A dead network is noticed in about a minute and not after the system's two hours."""


def open_engine(url: str, *, create: bool = False) -> Engine:
    """Open the store behind a URL without touching what is in it.

    Args:
        url: ``sqlite:///path/file.db`` or ``postgresql://[user@]host[:port]/database``.
        create: Make a missing SQLite file (never its folder); PostgreSQL databases are made by
            their administrators.

    Raises:
        LedgerError: ``bad_url``, ``password_in_url``, ``no_ledger`` (the file does not exist),
            ``storage_unreachable``, ``storage_read_only``, ``storage_damaged`` or
            ``unsafe_storage``.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(Path(parsed.database or ""), create=create)
    else:
        engine = _postgres_engine(parsed)
    try:
        with translated_errors(engine), engine.connect():
            pass
    except BaseException:
        engine.dispose()
        raise
    return engine


def parse_url(url: str) -> URL:
    """Read a ledger's URL strictly. An error never repeats a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        unreadable = N_("it cannot be read")
        raise BadUrlError(unreadable) from None
    if parsed.password is not None or "password" in parsed.query:
        raise PasswordInUrlError(_without_password(parsed))
    problem: str | None
    if parsed.drivername == "sqlite":
        problem = _sqlite_url_problem(parsed)
    elif parsed.drivername in {"postgresql", "postgresql+psycopg2"}:
        problem = None if parsed.database else N_("no database is named")
        parsed = parsed.set(drivername="postgresql+psycopg2")
    else:
        problem = N_("neither sqlite nor postgresql")
    if problem is not None:
        raise BadUrlError(problem, url=str(parsed))
    return parsed


def _sqlite_url_problem(url: URL) -> str | None:
    if url.host or url.username or url.query:
        return N_("only the path of a file belongs here")
    if not url.database or url.database == ":memory:":
        return N_("no file is named")
    return None


@contextmanager
def begin_writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; commits at the end, rolls back on any exception.

    SQLite takes its one write lock at once (a lock taken later can only fail), PostgreSQL reads
    what is committed by the time of each statement: after ``lock_head`` that is the newest.

    Raises:
        LedgerError: what ``translate_error`` knows; other database errors as they are.
    """
    with translated_errors(engine), engine.connect() as connection:
        writer = connection.execution_options(**{_WRITES: True})
        with writer.begin():
            yield writer


@contextmanager
def begin_reading(engine: Engine) -> Iterator[Connection]:
    """Open one unchanging view of the store: figures and the position they hold at agree.

    Raises:
        LedgerError: what ``translate_error`` knows; other database errors as they are.
    """
    with translated_errors(engine), engine.connect() as connection:
        reader = connection
        if engine.dialect.name == "postgresql":
            reader = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with reader.begin():
            yield reader


@contextmanager
def begin_comparing(engine: Engine) -> Iterator[Connection]:
    """Open one unchanging view that may make temporary tables beside the store's own.

    No writer waits for it, and on SQLite it needs no right to write.

    Raises:
        LedgerError: what ``translate_error`` knows; other database errors as they are.
    """
    with translated_errors(engine), engine.connect() as connection:
        reader = connection
        if engine.dialect.name == "postgresql":
            reader = connection.execution_options(isolation_level="REPEATABLE READ")
        with reader.begin():
            yield reader.execution_options(**{_BESIDE: True})


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Raise storage failures as ``LedgerError`` that name the store; let all else pass."""
    try:
        yield
    except LedgerError:
        raise
    except Exception as error:
        translated = translate_error(error)
        if translated is None:
            raise
        translated.facts.setdefault("url", engine.url.render_as_string(hide_password=True))
        if engine.dialect.name == "sqlite":
            path = Path(engine.url.database or "")
            translated.facts.setdefault("path", str(path))
            # WAL needs files beside the database: SQLite only says that it cannot open them.
            if translated.code == "storage_unreachable" and not _writable(path.parent):
                translated.code = "storage_read_only"
        raise translated from error


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def require_writer(connection: Connection, *, beside: bool = False) -> None:
    """Refuse to write on a connection that does not come from ``begin_writing``.

    On SQLite it would hold no write lock yet and two writers could read the same head.

    Args:
        connection: The connection.
        beside: One of ``begin_comparing`` will do: rows go into a table that only it sees.
    """
    options = connection.get_execution_options()
    may = options.get(_WRITES) or (beside and options.get(_BESIDE))
    if not connection.in_transaction() or not may:
        message = "writing needs a connection from begin_writing()"
        raise RuntimeError(message)


def storage_settings(connection: Connection) -> dict[str, str]:
    """Return the live settings on which the promise to keep a posting rests."""
    if connection.dialect.name == "sqlite":
        names = ("journal_mode", "synchronous", "foreign_keys", "page_size")
        settings = {
            name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in names
        }
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        return {**settings, "server_version": str(version)}
    rows = connection.execute(
        text(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit',"
            " 'full_page_writes', 'server_encoding', 'server_version', 'data_checksums',"
            " 'default_transaction_read_only') ORDER BY name"
        )
    )
    return {row.name: row.setting for row in rows}


def _without_password(url: URL) -> str:
    query = {name: value for name, value in url.query.items() if name != "password"}
    # set(password=None) would leave the password in place: it means "not given".
    plain = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, query)
    return plain.render_as_string(hide_password=True)


def _sqlite_engine(path: Path, *, create: bool) -> Engine:
    if not create and not path.is_file():
        raise NoLedgerError(path=str(path))
    if not path.parent.is_dir():
        problem = N_("no such folder")
        raise UnreachableError(problem, path=str(path.parent))
    # Mode rw: a file that vanishes between the look and the open is not made anew.
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"

    def connect() -> SQLiteConnection:
        return sqlite_connect(
            address,
            uri=True,
            timeout=LOCK_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    engine = create_engine(URL.create("sqlite", database=str(path)), creator=connect)
    event.listen(engine, "connect", _pin_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _pin_sqlite(connection: SQLiteConnection, _record: object) -> None:
    """Set what the promise rests on, then read it back: SQLite ignores what it cannot do."""
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()
    for name, wanted, problem in _REQUIRED_PRAGMAS:
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != wanted:
            raise UnsafeStorageError(problem)


def _begin_sqlite(connection: Connection) -> None:
    """Begin explicitly: the driver would begin only before some statements, and too late."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres_engine(url: URL) -> Engine:
    missing = {name: value for name, value in _KEEPALIVE.items() if name not in url.query}
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={**missing, "client_encoding": "utf8", "application_name": "wageledger"},
    )
    event.listen(engine, "connect", _pin_postgres)
    return engine


def _pin_postgres(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    """Bound the wait for locks, and refuse a database that cannot hold every name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false), current_setting('server_encoding')",
            (f"{LOCK_WAIT_SECONDS}s",),
        )
        _, encoding = cursor.fetchone()
    connection.commit()
    if encoding != _ENCODING:
        raise UnsafeStorageError(_NOT_UTF8)


def is_postgres(connection: Connection) -> bool:
    """Tell which of the two databases a connection leads to."""
    return connection.dialect.name == "postgresql"
