"""A ledger's store without its vault: what reading, checking and verifying need.

Doors open it to read; ``ledger.service`` opens it to post. Nothing here decides.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

from sqlalchemy import Engine, select

from ledger.claims.books import Finding
from ledger.claims.check import RULES, check
from ledger.claims.rebuild import Difference, rebuild
from ledger.claims.tables import CLAIMS_SCHEMA
from ledger.eventlog.appending import last_position, lock_head
from ledger.eventlog.engine import (
    begin_reading,
    begin_writing,
    open_engine,
    parse_url,
    storage_settings,
)  # fmt: skip
from ledger.eventlog.failures import NoLedgerError
from ledger.eventlog.findings import Report
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import require_current, upgrade
from ledger.eventlog.tables import ledger_head
from ledger.evidence import Evidence, Held, KeyFile, Signer, default_log_keys, verify_log
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError
from ledger.vault import default_key_file, default_vault_url

REPLAY: Final = "replay"

CHECK_RULES: Final = (*RULES, REPLAY)
"""Names of the invariants that ``Store.check`` knows."""

SCHEMAS: Final = (LOG, CLAIMS_SCHEMA)
"""What a ledger's database is made of; read models bring no migrations."""


@dataclass(frozen=True)
class LedgerConfig:
    """Where a ledger lies.

    Attributes:
        url: ``sqlite:///path/file.db`` or ``postgresql://user@host/database``.
        tenant: Which authority's ledger in that database.
        vault_url: The identity vault; by default beside the ledger.
        key_file: The vault's master key; by default beside the ledger.
        log_key_file: The keys that sign the log; by default beside the ledger.
    """

    url: str
    tenant: str = "main"
    vault_url: str | None = None
    key_file: Path | None = None
    log_key_file: Path | None = None

    @property
    def vault(self) -> str:
        """Address of the identity vault.

        Raises:
            LedgerError: ``bad_url`` or ``password_in_url``.
        """
        return self.vault_url or default_vault_url(self.url)

    @property
    def key(self) -> Path:
        """Path of the vault's master key.

        Raises:
            LedgerError: ``bad_url`` or ``password_in_url``.
        """
        return self.key_file or default_key_file(self.url)

    @property
    def log_keys(self) -> Path:
        """Path of the keys that sign the log.

        Raises:
            LedgerError: ``bad_url`` or ``password_in_url``.
        """
        return self.log_key_file or default_log_keys(self.url)


class Store:
    """The database of one tenant's ledger."""

    def __init__(self, engine: Engine, tenant: str, log_keys: Path) -> None:
        self.engine = engine
        self.tenant = tenant
        self.evidence = Evidence(engine, tenant)
        self.signer = Signer(self.evidence, KeyFile(log_keys))

    @classmethod
    def create(cls, config: LedgerConfig) -> Self:
        """Create the tables, or upgrade them; safe to repeat.

        Raises:
            LedgerError: ``schema_newer``, or what the storage says.
        """
        engine = open_engine(config.url, create=True)
        upgrade(engine, SCHEMAS)
        with begin_writing(engine) as connection:
            lock_head(connection, config.tenant)
        store = cls(engine, config.tenant, config.log_keys)
        store.signer.create(SystemClock().now())
        return store

    @classmethod
    def open(cls, config: LedgerConfig) -> Self:
        """Open an existing store; nothing is created.

        Raises:
            LedgerError: ``no_ledger`` (a tenant without one included), ``schema_older``,
                ``schema_newer``, or what the storage says.
        """
        engine = open_engine(config.url)
        try:
            require_current(engine, SCHEMAS)
            _require_tenant(engine, config)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, config.tenant, config.log_keys)

    @classmethod
    @contextmanager
    def opened_copy(cls, config: LedgerConfig) -> Iterator[Self]:
        """Open a copy of an SQLite store that lies where nothing may be written.

        SQLite needs files beside a database even to read it. On a read-only disk, or in a folder
        of somebody else, checking and verifying read a copy, which is gone afterwards. A copy
        during which the store changed is made again.

        Raises:
            LedgerError: ``busy`` where it changes all the time, and what ``open`` answers.
        """
        path = Path(parse_url(config.url).database or "")
        with TemporaryDirectory(prefix="wageledger-") as folder:  # for its owner alone
            target = Path(folder) / "ledger.db"
            with translated_errors_of(path):
                _copy_unchanged(path, target)
            copied = replace(config, url=f"sqlite:///{target}", log_key_file=config.log_keys)
            store = cls.open(copied)
            try:
                yield store
            finally:
                store.close()

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()

    def position(self) -> int:
        """Position of the latest posting, 0 in an empty ledger."""
        return last_position(self.engine, self.tenant)

    def settings(self) -> dict[str, str]:
        """The live settings on which the promise to keep a posting rests."""
        with begin_reading(self.engine) as connection:
            return storage_settings(connection)

    def check(self, rules: Sequence[str] = ()) -> list[Finding]:
        """Check the invariants over the whole log; empty when all hold. Nobody waits for it.

        Args:
            rules: Names out of ``CHECK_RULES``; none means all.
        """
        names = rules or CHECK_RULES
        by_reading = [name for name in names if name != REPLAY]
        found = check(self.engine, self.tenant, by_reading) if by_reading else []
        if REPLAY in names:
            found.extend(
                Finding(
                    REPLAY, None,
                    {"table": one.table, "missing_rows": one.missing, "surplus_rows": one.surplus},
                )
                for one in self.rebuild_claims(repair=False)
            )  # fmt: skip
        return found

    def verify(
        self,
        from_position: int = 1,
        progress: Callable[[int], None] | None = None,
        held: Held | None = None,
    ) -> Report:
        """Verify the log from a position on: order, bytes, lines, streams, tree, signatures.

        Args:
            from_position: Where to begin; of what lies before only the kept hashes are used.
            progress: Called now and then with the position reached.
            held: What somebody outside holds of this log, to be found in it again.
        """
        return verify_log(self.evidence, self.signer.file, held or Held(), from_position, progress)

    def rebuild_claims(self, *, repair: bool = True) -> list[Difference]:
        """Rebuild the write side from the log, compare, and put right what differs."""
        return rebuild(self.engine, self.tenant, repair=repair)


_WAL: Final = "-wal"
_ATTEMPTS: Final = 5


def _copy_unchanged(path: Path, target: Path) -> None:
    """Copy a database with its write-ahead log, as both were at one moment."""
    for _attempt in range(_ATTEMPTS):
        before = _seen(path)
        for end in ("", _WAL):
            if before[end] is not None:
                shutil.copyfile(f"{path}{end}", f"{target}{end}")
            else:
                Path(f"{target}{end}").unlink(missing_ok=True)
        if _seen(path) == before:
            return
    raise LedgerError("busy", path=str(path))


def _seen(path: Path) -> dict[str, tuple[int, int] | None]:
    """Size and time of the last change of a database and of its log; None for no file."""
    found: dict[str, tuple[int, int] | None] = {}
    for end in ("", _WAL):
        file = Path(f"{path}{end}")
        found[end] = (file.stat().st_size, file.stat().st_mtime_ns) if file.is_file() else None
    return found


@contextmanager
def translated_errors_of(path: Path) -> Iterator[None]:
    """Say with a code of ours what the system says about a file of the store."""
    try:
        yield
    except OSError as error:
        code = "storage_full" if error.errno in {ENOSPC, EDQUOT} else "storage_unreachable"
        raise LedgerError(code, path=str(path), problem=os.strerror(error.errno or 0)) from error


def _require_tenant(engine: Engine, config: LedgerConfig) -> None:
    """Refuse a tenant that was never begun: a mistyped name must not look like an empty ledger."""
    table = ledger_head.c
    with begin_reading(engine) as connection:
        begun = connection.execute(select(table.tenant).where(table.tenant == config.tenant))
        if begun.one_or_none() is None:
            raise NoLedgerError(url=checked_url(config.url), tenant=config.tenant)


def checked_url(url: str) -> str:
    """Check the address of a ledger and spell it as it may be shown.

    Raises:
        LedgerError: ``bad_url`` or ``password_in_url``.
    """
    return parse_url(url).render_as_string(hide_password=True)
