"""What a failing database means to the person in front of it.

Drivers report in their own words and numbers; here they become one of a few codes, each with
something to do about it: free the disk, wait, ask the administrator, restore. What is not in
these tables is a bug and stays as it is.
"""

import sqlite3
from typing import Final

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

_SQLITE: Final = {
    "SQLITE_FULL": "storage_full",
    "SQLITE_READONLY": "storage_read_only",
    "SQLITE_PERM": "storage_read_only",
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_NOTADB": "storage_damaged",
    "SQLITE_CORRUPT": "storage_damaged",
    "SQLITE_CANTOPEN": "storage_unreachable",
    "SQLITE_IOERR": "storage_unreachable",
}
"""By the primary result code: the part up to the second underscore."""

_POSTGRES: Final = {
    "53100": "storage_full",  # disk full
    "25006": "storage_read_only",  # a standby, or a session that may not write
    "42501": "storage_read_only",  # the role may not
    "55P03": "busy",  # lock_timeout
    "40P01": "busy",  # deadlock
    "40001": "busy",  # serialization failure
    "57014": "busy",  # statement_timeout
    "53300": "busy",  # too many connections
    "42P01": "no_ledger",  # a table is missing
    "3D000": "no_ledger",  # the database is missing
    "3F000": "no_ledger",  # the schema is missing
    "XX001": "storage_damaged",
    "XX002": "storage_damaged",
    "58030": "storage_unreachable",  # the server's disk
    "53200": "storage_unreachable",  # the server's memory
}
_POSTGRES_CLASSES: Final = {"08": "storage_unreachable", "57": "storage_unreachable"}

INIT_COMMAND: Final = "wageledger init"


class BadUrlError(LedgerError):
    """The ledger's URL names no store that this program can open."""

    def __init__(self, problem: str, *, url: str = "") -> None:
        """Say what is wrong; the URL is repeated only where it was readable."""
        super().__init__("bad_url", problem=problem, **({"url": url} if url else {}))


class PasswordInUrlError(LedgerError):
    """A password stands in the URL, where shell histories and process lists keep it."""

    def __init__(self, url: str) -> None:
        """Take the URL without its password."""
        super().__init__("password_in_url", url=url)


class NoLedgerError(LedgerError):
    """There is no ledger here yet. Nothing was created."""

    def __init__(self, **facts: object) -> None:
        """Take what was looked for."""
        super().__init__("no_ledger", command=INIT_COMMAND, **facts)


class UnreachableError(LedgerError):
    """The store cannot be reached; the cause lies outside of the program."""

    def __init__(self, problem: str, **facts: object) -> None:
        """Say what was in the way."""
        super().__init__("storage_unreachable", problem=problem, **facts)


class UnsafeStorageError(LedgerError):
    """The store would not keep a posting that was answered "recorded"."""

    def __init__(self, problem: str) -> None:
        """Name the setting and what it should be."""
        super().__init__("unsafe_storage", problem=problem)


class DamagedLogError(LedgerError):
    """What the store gives back is not what the program ever wrote."""

    def __init__(self, problem: str, **facts: object) -> None:
        """Say what was found, and where (``position``, ``topic``)."""
        super().__init__("storage_damaged", problem=problem, **facts)


def translate_error(error: BaseException) -> LedgerError | None:
    """Say what a database error means, or None where it is none or a bug.

    Takes SQLAlchemy's wrappers and the drivers' own errors alike.
    """
    if isinstance(error, LedgerError):
        return error
    if isinstance(error, PoolTimeoutError):
        return LedgerError("busy", problem=N_("all connections are in use"))
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, LedgerError):
        return original
    code = None
    if isinstance(original, sqlite3.Error):
        code = _sqlite_code(original)
    elif isinstance(original, psycopg2.Error):
        code = _postgres_code(original)
    if code is None:
        return None
    problem = str(original).strip().partition("\n")[0]
    if code == "no_ledger":
        return NoLedgerError(problem=problem)
    return LedgerError(code, problem=problem)


def _sqlite_code(error: sqlite3.Error) -> str | None:
    name: str | None = getattr(error, "sqlite_errorname", None)
    if name is None:
        return None
    code = _SQLITE.get("_".join(name.split("_")[:2]))
    if code is None and "no such table" in str(error):
        return "no_ledger"
    return code


def _postgres_code(error: psycopg2.Error) -> str | None:
    if error.pgcode is not None:
        return _POSTGRES.get(error.pgcode) or _POSTGRES_CLASSES.get(error.pgcode[:2])
    if not isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return None
    # No code at all: the connection was refused, or cut. Libpq speaks only in words here.
    missing = "database" in str(error) and "does not exist" in str(error)
    return "no_ledger" if missing else "storage_unreachable"
