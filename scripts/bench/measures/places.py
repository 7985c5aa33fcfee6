"""Where a measure runs: a fresh SQLite file, a fresh PostgreSQL database.

Without ``--url`` a temporary PostgreSQL is started, the one that the tests use; it ends with the
run. A server that does not wait for the disk (``fsync``, ``synchronous_commit``) is refused: it
would flatter everybody.
"""

import argparse
import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import psycopg2
import psycopg2.errors

from ledger.service import Ledger, LedgerConfig
from measures.timing import say
from tests import postgres_server

_PROMISES: Final = ("fsync", "synchronous_commit", "full_page_writes")
_DROP_ATTEMPTS: Final = 20


@dataclass(frozen=True)
class Place:
    """One empty database for one measure.

    Attributes:
        url: The ledger's.
        database: What it is, with its version.
        folder: For files of the measure; on the disk that SQLite uses.
        databases: Where further databases of the server come from.
    """

    url: str
    database: str
    folder: Path
    databases: postgres_server.Databases | None = None

    @property
    def postgres(self) -> bool:
        """Whether this is PostgreSQL."""
        return self.url.startswith("postgresql")

    @property
    def config(self) -> LedgerConfig:
        """The ledger here, its vault and keys beside the files."""
        return LedgerConfig(
            self.url,
            vault_url=f"sqlite:///{self.folder / 'identities.vault.db'}",
            key_file=self.folder / "vault.key",
            log_key_file=self.data / "wageledger" / "log.key",
        )

    @property
    def data(self) -> Path:
        """What takes the place of the user's data folder."""
        return self.folder / "data"

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger of this place, made if need be."""
        with contextlib.closing(Ledger.create(self.config)) as ledger:
            yield ledger


Measure = Callable[[Place, argparse.Namespace], bool]


def flush_seconds(folder: Path, times: int = 50) -> float:
    """What the disk under a folder takes to keep one page for good: the median of some."""
    seconds = []
    with (folder / "flushed").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - began)
    return median(seconds)


def options(about: str | None) -> argparse.ArgumentParser:
    """What every measure can be told."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--url", help="PostgreSQL server on which databases may be made; default: a temporary one"
    )
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database only")
    parser.add_argument(
        "--folder", type=Path, help="where temporary files go; default: the system's folder"
    )
    return parser


def on_each(measure: Measure, given: argparse.Namespace) -> int:
    """Run a measure on a fresh place of each kind; the exit status says if all limits hold."""
    within = True
    if given.only != "postgresql":
        with _folder(given) as folder:
            place = Place(f"sqlite:///{folder / 'ledger.db'}", _sqlite(), folder)
            within = measure(place, given) and within
    if given.only != "sqlite":
        with _server(given.url) as server, _folder(given) as folder:
            databases = postgres_server.Databases(server)
            name, url = databases.new()
            try:
                place = Place(url, _postgres(url), folder, databases)
                within = measure(place, given) and within
            finally:
                if given.url is not None:
                    _drop(databases, name)
    return 0 if within else 1


@contextmanager
def second_place(place: Place) -> Iterator[Place]:
    """Another empty database of the same kind, beside a place."""
    folder = place.folder / "second"
    folder.mkdir()
    if place.databases is None:
        yield Place(f"sqlite:///{folder / 'ledger.db'}", place.database, folder)
        return
    name, url = place.databases.new()
    try:
        yield Place(url, place.database, folder, place.databases)
    finally:
        _drop(place.databases, name)


def _drop(databases: postgres_server.Databases, name: str) -> None:
    """Leave nothing on somebody else's server; its own housekeeping may hold us up a moment."""
    for _ in range(_DROP_ATTEMPTS):
        try:
            databases.give_back(name)
            databases.drop_spent()
        except psycopg2.errors.InsufficientPrivilege:
            time.sleep(1)
        else:
            return
    say(f"the database {name} could not be dropped")


def _sqlite() -> str:
    return f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL"


def _postgres(url: str) -> str:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        for name in _PROMISES:
            cursor.execute(f"SHOW {name}")
            row = cursor.fetchone()
            if row is None or row[0] != "on":
                message = f"{name} is not on: the server keeps no promise that could be measured"
                raise SystemExit(message)
        return f"PostgreSQL {connection.info.parameter_status('server_version')}, fsync=on"


@contextmanager
def _server(url: str | None) -> Iterator[postgres_server.Server]:
    if url is not None:
        yield postgres_server.Server(url=url, how="as told")
        return
    keeper = postgres_server.Keeper()
    try:
        server = postgres_server.wait_for(keeper.directory)
        say(server.how)
        yield server
    finally:
        keeper.stop()


@contextmanager
def _folder(given: argparse.Namespace) -> Iterator[Path]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="wageledger-bench-", dir=given.folder))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder
