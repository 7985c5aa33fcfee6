"""Numbered migrations: how a database becomes what this program writes.

Each component (the log, the claims, ...) brings its own list, counted from 1 without gaps and
never changed once released. All that is missing runs in one transaction, under one lock: an
upgrade happens whole or not at all, and two programs that start one do it once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, func, insert, select, text

from ledger.eventlog.engine import begin_reading, begin_writing, is_postgres
from ledger.eventlog.failures import INIT_COMMAND, NoLedgerError
from ledger.eventlog.tables import schema_version
from ledger.kernel.dates import SystemClock, iso_instant
from ledger.kernel.errors import LedgerError

_NEWER_COMMAND: Final = "pip install --upgrade wageledger"

_UPGRADE_LOCK: Final = 0x7761_6765  # "wage": one number that every version of this program uses

_WORDS: Final = {
    "sqlite": {"{text}": "TEXT", "{bytes}": "BLOB", "{without_rowid}": "WITHOUT ROWID"},
    "postgresql": {"{text}": 'TEXT COLLATE "C"', "{bytes}": "BYTEA", "{without_rowid}": ""},
}

_VERSION_TABLE: Final = """
CREATE TABLE IF NOT EXISTS schema_version (
    component {text} NOT NULL,
    number INTEGER NOT NULL,
    name {text} NOT NULL,
    applied_at {text} NOT NULL,
    PRIMARY KEY (component, number)
) {without_rowid}
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a component's schema. ``upgrade`` runs inside the upgrade's transaction."""

    number: int
    name: str
    upgrade: Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Component:
    """Tables that change together, with every migration that ever made them."""

    name: str
    migrations: tuple[Migration, ...]

    def __post_init__(self) -> None:
        """Refuse a gap: the number of the last migration is the version."""
        numbers = [migration.number for migration in self.migrations]
        if numbers != list(range(1, len(numbers) + 1)):
            message = f"migrations of {self.name} are numbered {numbers}"
            raise ValueError(message)

    @property
    def version(self) -> int:
        """The newest version that this program knows."""
        return len(self.migrations)


class SchemaError(LedgerError):
    """The database is older or newer than this program; it is left as it is."""

    def __init__(self, component: Component, found: int) -> None:
        """Take the component as this program knows it and the version that was found."""
        newer = found > component.version
        super().__init__(
            "schema_newer" if newer else "schema_older",
            schema=f"{component.name} {found}",
            supported=f"{component.name} {component.version}",
            command=_NEWER_COMMAND if newer else INIT_COMMAND,
        )


def run_sql(connection: Connection, *statements: str) -> None:
    """Run statements written once for both databases.

    ``{text}``, ``{bytes}`` and ``{without_rowid}`` become what the database at hand calls them;
    text sorts by code point on both.
    """
    words = _WORDS[connection.dialect.name]
    for statement in statements:
        spelled = statement
        for word, meaning in words.items():
            spelled = spelled.replace(word, meaning)
        connection.exec_driver_sql(spelled)


def upgrade(engine: Engine, components: Sequence[Component]) -> list[str]:
    """Bring a database to the newest version; safe to repeat.

    Returns:
        ``component number name`` of every migration that ran, in order.

    Raises:
        LedgerError: ``schema_newer``, when a newer program has been here: nothing is changed.
    """
    done = []
    with begin_writing(engine) as connection:
        if is_postgres(connection):
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        run_sql(connection, _VERSION_TABLE)
        found = _versions(connection)
        _refuse_newer(components, found)
        for component in components:
            for migration in component.migrations[found.get(component.name, 0) :]:
                migration.upgrade(connection)
                _note(connection, component.name, migration)
                done.append(f"{component.name} {migration.number} {migration.name}")
    return done


def current_version(connection: Connection) -> dict[str, int]:
    """Return the version of every component that the database holds; empty without a ledger."""
    if is_postgres(connection):
        exists = connection.execute(text("SELECT to_regclass('schema_version')")).scalar_one()
    else:
        exists = connection.execute(
            text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'")
        ).scalar_one_or_none()
    return _versions(connection) if exists is not None else {}


def require_current(engine: Engine, components: Iterable[Component]) -> None:
    """Refuse a database that this program must not write to.

    Raises:
        LedgerError: ``no_ledger``, ``schema_older`` or ``schema_newer``, each with the command to
            run.
    """
    wanted = tuple(components)
    with begin_reading(engine) as connection:
        found = current_version(connection)
    if not found:
        raise NoLedgerError
    _refuse_newer(wanted, found)
    for component in wanted:
        version = found.get(component.name, 0)
        if version < component.version:
            raise SchemaError(component, version)


def _versions(connection: Connection) -> dict[str, int]:
    newest = func.max(schema_version.c.number)
    rows = connection.execute(
        select(schema_version.c.component, newest).group_by(schema_version.c.component)
    )
    return {component: number for component, number in rows}  # noqa: C416 - rows are not pairs to a type checker


def _refuse_newer(components: Iterable[Component], found: Mapping[str, int]) -> None:
    for component in components:
        version = found.get(component.name, 0)
        if version > component.version:
            raise SchemaError(component, version)


def _note(connection: Connection, component: str, migration: Migration) -> None:
    connection.execute(
        insert(schema_version).values(
            component=component,
            number=migration.number,
            name=migration.name,
            applied_at=iso_instant(SystemClock().now()),
        )
    )
