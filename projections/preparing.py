"""Making the tables of the read models; they have no migrations.

When this program's version of a read model is newer than its tables, they are made anew, empty,
and the next catch-up fills them from the log. Tables of a newer program are left alone.
"""

from typing import Final

from sqlalchemy import Connection, Engine, func, select, text

from ledger.eventlog.engine import begin_writing, is_postgres
from ledger.eventlog.failures import INIT_COMMAND
from ledger.kernel.errors import LedgerError
from projections.base import SLOTS, Projection
from projections.positions import OWN_TABLES
from projections.registry import PROJECTIONS, with_dependants

_PREPARING_LOCK: Final = 0x7761_6770  # "wagp": one number that every version of this program uses
_UPGRADE_COMMAND: Final = "pip install --upgrade wageledger"

_VERSIONS: Final = text("SELECT name, version FROM projection_table")
_NOTE_VERSION: Final = text(
    "INSERT INTO projection_table AS t (name, version) VALUES (:name, :version)"
    " ON CONFLICT (name) DO UPDATE SET version = excluded.version"
)


def prepare(engine: Engine) -> list[str]:
    """Make every table that is missing or of an older version; safe to repeat.

    Returns:
        Names of the read models whose tables were made.

    Raises:
        LedgerError: ``schema_newer``, when a newer program has been here: nothing is changed.
    """
    with begin_writing(engine) as connection:
        if is_postgres(connection):
            connection.execute(select(func.pg_advisory_xact_lock(_PREPARING_LOCK)))
        types = {"text": "TEXT", "int": "INTEGER"}
        if is_postgres(connection):
            types = {"text": 'TEXT COLLATE "C"', "int": "BIGINT"}
        for own in OWN_TABLES:
            connection.exec_driver_sql(own.format(**types))
        found = {row.name: row.version for row in connection.execute(_VERSIONS)}
        refuse_newer(found)
        outdated = [p.name for p in PROJECTIONS if found.get(p.name, 0) < p.version]
        made = with_dependants(outdated)
        for projection in made:
            _make_anew(connection, projection)
    return [projection.name for projection in made]


def refuse_newer(found: dict[str, int]) -> None:
    """Refuse tables of a newer program.

    Raises:
        LedgerError: ``schema_newer``.
    """
    for projection in PROJECTIONS:
        version = found.get(projection.name, 0)
        if version > projection.version:
            raise LedgerError(
                "schema_newer", schema=f"{projection.name} {version}",
                supported=f"{projection.name} {projection.version}", command=_UPGRADE_COMMAND,
            )  # fmt: skip


def not_prepared() -> LedgerError:
    """What to answer where the tables are missing and may not be made here."""
    names = ", ".join(projection.name for projection in PROJECTIONS)
    return LedgerError("schema_older", schema="projections", supported=names, command=INIT_COMMAND)


def _make_anew(connection: Connection, projection: Projection) -> None:
    for slot in SLOTS:
        for table in projection.tables:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.physical(slot)}")
            connection.exec_driver_sql(table.create(slot, postgres=is_postgres(connection)))
            for statement in table.create_indexes(slot):
                connection.exec_driver_sql(statement)
    for table_name in ("projection_parked", "projection_position"):
        connection.execute(
            text(f"DELETE FROM {table_name} WHERE name = :name"),  # noqa: S608 - our own two names
            {"name": projection.name},
        )
    connection.execute(_NOTE_VERSION, {"name": projection.name, "version": projection.version})
