"""Starting the program of `bulk_post`, watching its marks, killing it, asking the database."""

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg2
from sqlalchemy import make_url

from ledger.service import LedgerConfig
from tests import REPOSITORY

LONGEST_SECONDS: Final = 120


@dataclass
class Victim:
    """A running bulk post.

    Attributes:
        marks: What it has said so far.
    """

    process: subprocess.Popen[bytes]
    pipe: int
    waiting: int
    marks: str = field(default="")

    def watch(self, enough: Callable[[str], bool]) -> bool:
        """Read marks until they are enough; False if the program ended before."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while not enough(self.marks):
            ready, _, _ = select.select([self.pipe], [], [], deadline - time.monotonic())
            assert ready, f"no mark after {self.marks[-20:]!r}"
            told = os.read(self.pipe, 4096)
            if not told:
                return enough(self.marks)
            self.marks += told.decode()
        return True

    def kill(self) -> None:
        """Kill it, wait for its end, and read what it had still said."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Wait for its end; its answers lie in a file beside the postings."""
        # The marks first: a pipe that nobody reads would stop the program.
        self.watch(lambda _marks: False)
        self.process.wait(timeout=LONGEST_SECONDS)
        os.close(self.pipe)
        os.close(self.waiting)


def start(config: LedgerConfig, file: Path, stage: str = "-", group: int = 0) -> Victim:
    """Start a bulk post of a file, which stops at a stage of a group if one is named."""
    told, tell = os.pipe()
    wait, waiting = os.pipe()
    ledger = config.url, config.tenant, str(config.key_file)
    where = str(tell), str(wait), stage, str(group)
    command = [sys.executable, "-m", "tests.drills.bulk_post", *ledger, str(file), *where]
    with file.with_suffix(".out").open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, pass_fds=(tell, wait), stdout=output)
    os.close(tell)
    os.close(wait)
    return Victim(process, told, waiting)


def open_transactions(url: str) -> int:
    """How many transactions that write are open now, as the database itself says."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_is_locked(str(parsed.database))
    connection: Any = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
        )
        (found,) = cursor.fetchone()
    connection.close()
    return int(found)


def _sqlite_is_locked(path: str) -> bool:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise
        return True
    finally:
        connection.close()
    return False
