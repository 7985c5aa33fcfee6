"""The tables of the log, the same on SQLite and PostgreSQL.

``tenant`` comes first in every key, so that one database, many databases or a database spread
over machines is a matter of deployment. Positions count 1, 2, 3 ... per tenant. Amounts are
integer fen. Dates are ISO text, which sorts as dates do and is the same bytes everywhere; text
sorts by code point on both databases, never by the server's language.

The metadata describes the newest schema. A database reaches it by numbered migrations
(``ledger.eventlog.log_schema``), and a test proves that both say the same.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point. On PostgreSQL the server's language would decide otherwise."""
BIGINT: Final = BigInteger()
INTEGER: Final = Integer()
SMALLINT: Final = SmallInteger()
BYTES: Final = LargeBinary()
BOOLEAN: Final = Boolean(create_constraint=False)

log_metadata: Final = MetaData()

schema_version: Final = Table(
    "schema_version",
    log_metadata,
    Column("component", TEXT, primary_key=True),
    Column("number", INTEGER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("applied_at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Which migrations a database has been through, one row each."""

ledger_head: Final = Table(
    "ledger_head",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("last_position", BIGINT, nullable=False),
    Column("recorded_at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Where each tenant's log ends. Every writer locks this row first: one at a time per tenant."""

event: Final = Table(
    "event",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("position", BIGINT, primary_key=True, autoincrement=False),
    Column("stream", TEXT, nullable=False),
    Column("version", BIGINT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("on_date", TEXT, nullable=False),
    Column("recorded_at", TEXT, nullable=False),
    Column("body", BYTES, nullable=False),
    Column("leaf_hash", BYTES, nullable=False),
    UniqueConstraint("tenant", "stream", "version", name="event_stream_version"),
)
"""One posting as it was recorded. ``leaf_hash`` = SHA-256(0x00 || body), 32 bytes."""

event_line: Final = Table(
    "event_line",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("position", BIGINT, primary_key=True, autoincrement=False),
    Column("part", SMALLINT, primary_key=True, autoincrement=False),
    Column("line", INTEGER, primary_key=True, autoincrement=False),
    Column("effect", SMALLINT, nullable=False),
    Column("claim_position", BIGINT),
    Column("claim_line", INTEGER),
    Column("amount_fen", BIGINT),
    Column("worker", TEXT),
    Column("body", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""The lines of a document too long for its event, bound to it by a Merkle root.

``part`` 0 holds the document's own lines, ``part`` 1 journal lines. The typed columns repeat what
the body says, so that SQL can read it; ``verify`` compares them.
"""

tree_node: Final = Table(
    "tree_node",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("level", SMALLINT, primary_key=True, autoincrement=False),
    Column("number", BIGINT, primary_key=True, autoincrement=False),
    Column("hash", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""Roots of the complete runs of 256 ** ``level`` leaves, from level 1, numbered from 0."""

log_origin: Final = Table(
    "log_origin",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("origin", TEXT, nullable=False),
    Column("made_at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""The name under which each tenant's log signs its checkpoints, for ever."""

log_key: Final = Table(
    "log_key",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("number", INTEGER, primary_key=True, autoincrement=False),
    Column("vkey", TEXT, nullable=False),
    Column("act", TEXT, nullable=False),
    Column("at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Public keys of the log: each ``added`` once, and ``retired`` when it signs no more."""

log_checkpoint: Final = Table(
    "log_checkpoint",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("size", BIGINT, primary_key=True, autoincrement=False),
    Column("root", BYTES, nullable=False),
    Column("note", BYTES, nullable=False),
    Column("signed_at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Every checkpoint that was signed, as it was: a signed note."""

log_cosignature: Final = Table(
    "log_cosignature",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("size", BIGINT, primary_key=True, autoincrement=False),
    Column("witness", TEXT, primary_key=True),
    Column("line", TEXT, nullable=False),
    Column("received_at", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Signatures of witnesses under checkpoints; ``witness`` is a key's name and id, ``name+id``."""

tracking: Final = Table(
    "tracking",
    log_metadata,
    Column("tenant", TEXT, primary_key=True),
    Column("follower", TEXT, primary_key=True),
    Column("position", BIGINT, nullable=False),
    sqlite_with_rowid=False,
)
"""How far each follower that uses the library's process recorder has read; it only grows."""

DOCUMENT_LINE: Final = 0
JOURNAL_LINE: Final = 1
