"""The tables of the vault, the same on SQLite and PostgreSQL.

Rows are only ever inserted, and deleted with their person: a correction is a new version. What
stands here in the clear is references, names of fields and numbers of versions.
"""

from typing import Final

from sqlalchemy import Column, Connection, ForeignKeyConstraint, Index, MetaData, Table

from ledger.eventlog.migrations import Component, Migration, run_sql
from ledger.eventlog.tables import BYTES, INTEGER, TEXT

vault_metadata: Final = MetaData()

vault_tenant: Final = Table(
    "vault_tenant",
    vault_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("key_id", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Which master key opens a tenant's persons."""

person: Final = Table(
    "person",
    vault_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("ref", TEXT, primary_key=True),
    Column("sealed_keys", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""A person's data key and salt, sealed. Deleting the row erases the person."""

_OF_A_PERSON: Final = ("tenant", "ref")


def _belongs_to_person() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(_OF_A_PERSON, ["person.tenant", "person.ref"], ondelete="CASCADE")


person_value: Final = Table(
    "person_value",
    vault_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("ref", TEXT, primary_key=True),
    Column("field", TEXT, primary_key=True),
    Column("version", INTEGER, primary_key=True, autoincrement=False),
    Column("sealed", BYTES, nullable=False),
    _belongs_to_person(),
    sqlite_with_rowid=False,
)
"""One version of one field, encrypted."""

equality: Final = Table(
    "equality",
    vault_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("field", TEXT, primary_key=True),
    Column("digest", BYTES, primary_key=True),
    Column("ref", TEXT, primary_key=True),
    Column("version", INTEGER, primary_key=True, autoincrement=False),
    _belongs_to_person(),
    Index("equality_person", "tenant", "ref"),
    sqlite_with_rowid=False,
)
"""Whose ID number or card this is or was, by keyed digest."""


def _first(connection: Connection) -> None:
    run_sql(
        connection,
        """
        CREATE TABLE vault_tenant (
            tenant {text} NOT NULL,
            key_id {text} NOT NULL,
            PRIMARY KEY (tenant)
        ) {without_rowid}
        """,
        """
        CREATE TABLE person (
            tenant {text} NOT NULL,
            ref {text} NOT NULL,
            sealed_keys {bytes} NOT NULL,
            PRIMARY KEY (tenant, ref)
        ) {without_rowid}
        """,
        """
        CREATE TABLE person_value (
            tenant {text} NOT NULL,
            ref {text} NOT NULL,
            field {text} NOT NULL,
            version INTEGER NOT NULL,
            sealed {bytes} NOT NULL,
            PRIMARY KEY (tenant, ref, field, version),
            FOREIGN KEY (tenant, ref) REFERENCES person (tenant, ref) ON DELETE CASCADE
        ) {without_rowid}
        """,
        """
        CREATE TABLE equality (
            tenant {text} NOT NULL,
            field {text} NOT NULL,
            digest {bytes} NOT NULL,
            ref {text} NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (tenant, field, digest, ref, version),
            FOREIGN KEY (tenant, ref) REFERENCES person (tenant, ref) ON DELETE CASCADE
        ) {without_rowid}
        """,
        "CREATE INDEX equality_person ON equality (tenant, ref)",
    )


VAULT: Final = Component("vault", (Migration(1, "persons, values, equality", _first),))
