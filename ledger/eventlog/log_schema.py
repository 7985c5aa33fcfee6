"""The log's own migrations, and who may do what to it.

Append-only is enforced where the data lies: triggers refuse UPDATE, DELETE and TRUNCATE for
everybody, and on PostgreSQL the program's role is not even granted them.
"""

from typing import Final

from sqlalchemy import Connection, select

from ledger.eventlog.engine import is_postgres
from ledger.eventlog.migrations import Component, Migration, run_sql
from ledger.eventlog.tables import ledger_head
from ledger.eventlog.tree import grow_whole

_TABLES: Final = (
    """
    CREATE TABLE ledger_head (
        tenant {text} NOT NULL,
        last_position BIGINT NOT NULL,
        recorded_at {text} NOT NULL,
        PRIMARY KEY (tenant)
    ) {without_rowid}
    """,
    """
    CREATE TABLE event (
        tenant {text} NOT NULL,
        position BIGINT NOT NULL,
        stream {text} NOT NULL,
        version BIGINT NOT NULL,
        topic {text} NOT NULL,
        kind {text} NOT NULL,
        on_date {text} NOT NULL,
        recorded_at {text} NOT NULL,
        body {bytes} NOT NULL,
        leaf_hash {bytes} NOT NULL,
        PRIMARY KEY (tenant, position),
        CONSTRAINT event_stream_version UNIQUE (tenant, stream, version)
    )
    """,
    """
    CREATE TABLE event_line (
        tenant {text} NOT NULL,
        position BIGINT NOT NULL,
        part SMALLINT NOT NULL,
        line INTEGER NOT NULL,
        effect SMALLINT NOT NULL,
        claim_position BIGINT,
        claim_line INTEGER,
        amount_fen BIGINT,
        worker {text},
        body {bytes} NOT NULL,
        PRIMARY KEY (tenant, position, part, line)
    ) {without_rowid}
    """,
    """
    CREATE TABLE tracking (
        tenant {text} NOT NULL,
        follower {text} NOT NULL,
        position BIGINT NOT NULL,
        PRIMARY KEY (tenant, follower)
    ) {without_rowid}
    """,
)

_PROOFS: Final = (
    """
    CREATE TABLE tree_node (
        tenant {text} NOT NULL,
        level SMALLINT NOT NULL,
        number BIGINT NOT NULL,
        hash {bytes} NOT NULL,
        PRIMARY KEY (tenant, level, number)
    ) {without_rowid}
    """,
    """
    CREATE TABLE log_origin (
        tenant {text} NOT NULL,
        origin {text} NOT NULL,
        made_at {text} NOT NULL,
        PRIMARY KEY (tenant)
    ) {without_rowid}
    """,
    """
    CREATE TABLE log_key (
        tenant {text} NOT NULL,
        number INTEGER NOT NULL,
        vkey {text} NOT NULL,
        act {text} NOT NULL,
        at {text} NOT NULL,
        PRIMARY KEY (tenant, number)
    ) {without_rowid}
    """,
    """
    CREATE TABLE log_checkpoint (
        tenant {text} NOT NULL,
        size BIGINT NOT NULL,
        root {bytes} NOT NULL,
        note {bytes} NOT NULL,
        signed_at {text} NOT NULL,
        PRIMARY KEY (tenant, size)
    ) {without_rowid}
    """,
    """
    CREATE TABLE log_cosignature (
        tenant {text} NOT NULL,
        size BIGINT NOT NULL,
        witness {text} NOT NULL,
        line {text} NOT NULL,
        received_at {text} NOT NULL,
        PRIMARY KEY (tenant, size, witness)
    ) {without_rowid}
    """,
)

_FIRST_APPEND_ONLY: Final = ("event", "event_line")
_PROOFS_APPEND_ONLY: Final = (
    "tree_node",
    "log_origin",
    "log_key",
    "log_checkpoint",
    "log_cosignature",
)
_APPEND_ONLY: Final = (*_FIRST_APPEND_ONLY, *_PROOFS_APPEND_ONLY)
_REFUSAL: Final = "the log is append-only"

_REFUSING_FUNCTION: Final = f"""
CREATE FUNCTION wageledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation';
END
$$
"""


def _first(connection: Connection) -> None:
    run_sql(connection, *_TABLES)
    if is_postgres(connection):
        run_sql(connection, _REFUSING_FUNCTION)
    for table in _FIRST_APPEND_ONLY:
        run_sql(connection, *append_only_triggers(connection, table))


def _second(connection: Connection) -> None:
    """The hash tree and what is signed of it; logs that are there already get their tree."""
    run_sql(connection, *_PROOFS)
    for table in _PROOFS_APPEND_ONLY:
        run_sql(connection, *append_only_triggers(connection, table))
    heads = connection.execute(select(ledger_head.c.tenant, ledger_head.c.last_position))
    for tenant, size in heads.all():
        grow_whole(connection, tenant, size)


def append_only_triggers(connection: Connection, table: str) -> tuple[str, ...]:
    """Return the statements that make a table refuse every change but an insertion."""
    if is_postgres(connection):
        trigger = (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION wageledger_append_only()"
        )
        return (trigger,)
    return tuple(
        f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for change in ("UPDATE", "DELETE")
    )


LOG: Final = Component(
    "log",
    (
        Migration(1, "tables and append-only triggers", _first),
        Migration(2, "hash tree, checkpoints and their keys", _second),
    ),
)


def grant_statements(writer: str, reader: str, *, schema: str = "public") -> tuple[str, ...]:
    """Return what an administrator runs once, after ``wageledger init``, on PostgreSQL.

    The writer is the role that the program uses: it may append to the log and never change it.
    The reader may only look. Both exist already; neither owns the tables.

    Args:
        writer: Role of the program.
        reader: Role for reports and inspectors.
        schema: Where the ledger's tables are.
    """
    where, write, read = (_quoted(name) for name in (schema, writer, reader))
    log = ", ".join(f"{where}.{table}" for table in _APPEND_ONLY)
    return (
        f"GRANT USAGE ON SCHEMA {where} TO {write}, {read}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {where} TO {write}, {read}",
        f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {where} TO {write}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {log} FROM {write}, {read}, PUBLIC",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {where}.schema_version FROM {write}, PUBLIC",
        f"REVOKE DELETE, TRUNCATE ON {where}.ledger_head FROM {write}, PUBLIC",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
