"""Opening a tenant's vault, and what is done with it outside a group of postings."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import OperationalError as SQLiteError
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, event, insert, select, text

from ledger.eventlog.engine import begin_reading, begin_writing, is_postgres, open_engine, parse_url
from ledger.eventlog.migrations import require_current, upgrade
from ledger.kernel.errors import LedgerError
from ledger.vault import rows
from ledger.vault.cipher import MasterKey
from ledger.vault.failures import KeyWrongError, NoVaultError
from ledger.vault.key_file import load_key, load_or_create_key
from ledger.vault.matching import Matching
from ledger.vault.session import Recorded, VaultSession
from ledger.vault.tables import VAULT, vault_tenant

POSTGRES_SCHEMA: Final = "wageledger_vault"
"""Apart from the log even in the same database: other grants, other backups."""

_OWNER_ONLY: Final = 0o600

VAULT_TABLES: Final = ("person", "person_value", "equality")
"""Where a person's bytes lie."""


class Vault:
    """The identities of one tenant's workers.

    There is no unmasked read but that of a session: a name for the one comparison that the
    postings need, and what ``ledger.revealing`` has recorded before it asks.
    """

    def __init__(self, engine: Engine, tenant: str, master: MasterKey) -> None:
        self._engine = engine
        self._tenant = tenant
        self._master = master

    @classmethod
    def create(cls, url: str, key_file: Path, *, tenant: str = "main") -> Self:
        """Make or upgrade the vault, the tenant's place in it and the key; safe to repeat.

        A new key is made only for a tenant who is new here: a lost key is never papered over.

        Raises:
            LedgerError: ``vault_key_missing``, ``vault_key_mode``, ``vault_key_wrong``,
                ``schema_newer``, or what ``open_engine`` says of the storage.
        """
        _make_private(url)
        engine = _open(url, create=True)
        try:
            _make_schema(engine)
            upgrade(engine, [VAULT])
            master = _key_for(engine, tenant, key_file)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, tenant, master)

    @classmethod
    def open(cls, url: str, key_file: Path, *, tenant: str = "main") -> Self:
        """Open a tenant's vault; nothing is made.

        Raises:
            LedgerError: ``no_vault``, ``vault_key_missing``, ``vault_key_mode``,
                ``vault_key_wrong``, ``schema_older``, ``schema_newer``, or what ``open_engine``
                says of the storage.
        """
        with _no_vault(url, tenant):
            engine = _open(url, create=False)
        try:
            key_id = _key_id_in(engine, url, tenant)
            master = load_key(key_file)
            _require_key(master, key_id, key_file)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, tenant, master)

    def __repr__(self) -> str:
        return f"Vault(tenant={self._tenant!r}, key={self._master.key_id})"

    @property
    def engine(self) -> Engine:
        """The store, for checks of its settings."""
        return self._engine

    def session(self, recorded: Recorded | None = None) -> VaultSession:
        """Begin a group of postings, under the ledger's writer lock for this tenant.

        Args:
            recorded: What the log holds of a worker now. Without it the latest version of
                everything counts, recorded or not.
        """
        return VaultSession(self._engine, self._tenant, self._master, recorded)

    @contextmanager
    def matching(self) -> Iterator[Matching]:
        """Open one view of the vault to match the people of a file."""
        with begin_reading(self._engine) as connection:
            yield Matching(connection, self._tenant, self._master)

    def masked(self, ref: str, recorded: Recorded | None = None) -> dict[str, str]:
        """Return a worker's masked values by field; empty for an unknown or erased worker."""
        return self.masked_many((ref,), recorded).get(ref, {})

    def masked_many(
        self, refs: Iterable[str], recorded: Recorded | None = None
    ) -> dict[str, dict[str, str]]:
        """Return masked values by worker and field, in a few queries for all of them."""
        with self.session(recorded) as session:
            return session.masked(list(dict.fromkeys(refs)))

    def known(self, refs: Iterable[str]) -> set[str]:
        """Return those of the references that have an identity here, without opening any."""
        asked = list(refs)
        with begin_reading(self._engine) as connection:
            return set(rows.sealed_keys(connection, self._tenant, asked))

    def orphans(self, known_refs: Iterable[str]) -> list[str]:
        """Return references that the log does not know: registered here, never recorded.

        Harmless, and swept with ``destroy`` under the ledger's writer lock, where the log is
        asked once more.
        """
        known = set(known_refs)
        return [ref for ref in self.refs() if ref not in known]

    def refs(self) -> list[str]:
        """Return the references of all persons, in order."""
        with begin_reading(self._engine) as connection:
            return list(rows.all_refs(connection, self._tenant))

    def destroy(self, ref: str) -> bool:
        """Erase a person: keys, salt, values and digests; tell whether there was one.

        On SQLite the freed bytes are overwritten, in the file and in its write-ahead log. On
        PostgreSQL they go with the next vacuum and with the server's own log.
        """
        with begin_writing(self._engine) as connection:
            found = rows.delete_person(connection, self._tenant, ref)
        if self._engine.dialect.name == "sqlite":
            _empty_write_ahead_log(self._engine)
        return found

    def wipe(self) -> bool:
        """Rewrite the store without what was deleted; tell whether it could be done now.

        SQLite's file is written anew and its write-ahead log truncated, which waits for readers.
        PostgreSQL frees the rows; its write-ahead log and backups keep their bytes until the
        server recycles them.
        """
        connection = self._engine.raw_connection()
        try:
            return _rewritten(connection, sqlite=self._engine.dialect.name == "sqlite")
        finally:
            connection.close()

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()


def _open(url: str, *, create: bool) -> Engine:
    engine = open_engine(url, create=create)
    # An error would otherwise print the parameters of its statement.
    engine.hide_parameters = True
    pin = _pin_sqlite if engine.dialect.name == "sqlite" else _pin_postgres
    event.listen(engine, "connect", pin)
    engine.dispose()  # the connection that looked whether the store is there is not pinned
    return engine


def _pin_sqlite(connection: SQLiteConnection, _record: object) -> None:
    """Overwrite what is deleted: an erased key must not lie in a free page."""
    connection.execute("PRAGMA secure_delete = ON").close()


def _pin_postgres(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {POSTGRES_SCHEMA}")
    connection.commit()


def _empty_write_ahead_log(engine: Engine) -> None:
    """Move the write-ahead log into the file and truncate it, unless somebody still reads it."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        connection.close()


def _rewritten(connection: Any, *, sqlite: bool) -> bool:  # noqa: ANN401 - the pool's own
    cursor = connection.cursor()
    try:
        if sqlite:
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not busy
        driver = connection.driver_connection
        driver.rollback()
        driver.autocommit = True
        try:
            for table in VAULT_TABLES:
                cursor.execute(f"VACUUM {table}")
        finally:
            driver.autocommit = False
    except SQLiteError:
        return False
    finally:
        cursor.close()
    return True


def _make_private(url: str) -> None:
    """Make a new SQLite file readable by its owner alone; its write-ahead log takes after it."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    # Whatever is wrong with the folder, opening the store says it in the ledger's words.
    with suppress(OSError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(str(parsed.database), flags, _OWNER_ONLY))


def _make_schema(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with begin_writing(engine) as connection:
            # Two programs that create it at once would collide in spite of IF NOT EXISTS.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('wageledger_vault'))"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {POSTGRES_SCHEMA}"))


def _key_for(engine: Engine, tenant: str, key_file: Path) -> MasterKey:
    """Return the tenant's key; a tenant who is new here gets the file's, or a new one."""
    with begin_writing(engine) as connection:
        if is_postgres(connection):
            connection.execute(text("LOCK TABLE vault_tenant IN SHARE ROW EXCLUSIVE MODE"))
        key_id = _key_id(connection, tenant)
        if key_id is not None:
            master = load_key(key_file)
            _require_key(master, key_id, key_file)
            return master
        master = load_or_create_key(key_file)
        connection.execute(insert(vault_tenant).values(tenant=tenant, key_id=master.key_id))
    return master


def _key_id_in(engine: Engine, url: str, tenant: str) -> str:
    with _no_vault(url, tenant):
        require_current(engine, [VAULT])
    with begin_reading(engine) as connection:
        key_id = _key_id(connection, tenant)
    if key_id is None:
        raise NoVaultError(url, tenant)
    return key_id


def _key_id(connection: Connection, tenant: str) -> str | None:
    statement = select(vault_tenant.c.key_id).where(vault_tenant.c.tenant == tenant)
    return connection.execute(statement).scalar_one_or_none()


def _require_key(master: MasterKey, key_id: str, key_file: Path) -> None:
    if master.key_id != key_id:
        raise KeyWrongError(key_file, f"this is key {master.key_id}, the vault has {key_id}")


@contextmanager
def _no_vault(url: str, tenant: str) -> Iterator[None]:
    """Say no_vault where the storage says no_ledger."""
    try:
        yield
    except LedgerError as error:
        if error.code != "no_ledger":
            raise
        raise NoVaultError(url, tenant) from None
