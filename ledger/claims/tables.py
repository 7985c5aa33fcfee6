"""Tables of the write side. Amounts in fen, dates ISO text, tenant first in every key.

A claim is keyed by the position and line of its origin, so that the claims of a sheet lie
side by side and new ones always at the end: keys keep order however people name sheets.
"""

from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from ledger.domain.journal import CREDIT_ONLY, DEBIT_ONLY
from ledger.eventlog.migrations import Component, Migration, run_sql
from ledger.eventlog.tables import BIGINT, BOOLEAN, INTEGER, SMALLINT, TEXT

claims_metadata: Final = MetaData()


def _key(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _names(accounts: frozenset[str]) -> str:
    return ", ".join(f"'{account}'" for account in sorted(accounts))


SIGN_CHECK: Final = (
    f"(amount_fen >= 0 OR account NOT IN ({_names(DEBIT_ONLY)}))"
    f" AND (amount_fen <= 0 OR account NOT IN ({_names(CREDIT_ONLY)}))"
    f" AND amount_fen BETWEEN -{2**62} AND {2**62}"
)
"""The starred accounts of postings.md never change sign: the belt beside the decider's braces.
The bounds stop a sum before a database would overflow or go on in floating point."""

origin: Final = Table(
    "origin",
    claims_metadata,
    _key("tenant", TEXT),
    _key("position", BIGINT),
    Column("name", TEXT, nullable=False),
    Column("asserted", BOOLEAN, nullable=False),
    Column("project", TEXT, nullable=False),
    Column("employer", TEXT, nullable=False),
    Column("period", TEXT, nullable=False),
    Column("due_on", TEXT, nullable=False),
    Column("submitted_on", TEXT, nullable=False),
    Column("line_count", INTEGER, nullable=False),
    Column("total_fen", BIGINT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("approved_on", TEXT, nullable=False),
    UniqueConstraint("tenant", "asserted", "name", name="origin_name"),
)
"""What claims come from: a payroll sheet, or one asserted claim."""

claim: Final = Table(
    "claim",
    claims_metadata,
    _key("tenant", TEXT),
    _key("position", BIGINT),
    _key("line", INTEGER),
    Column("worker", TEXT, nullable=False),
    Column("employer", TEXT),
    Column("net_fen", BIGINT, nullable=False),
    Column("paid_fen", BIGINT, nullable=False),
    Column("transit_fen", BIGINT, nullable=False),
    Column("changed_on", TEXT, nullable=False),
    Column("attributed_on", TEXT, nullable=False),
    Column("disputed", BOOLEAN, nullable=False),
    CheckConstraint(
        "transit_fen >= 0 AND paid_fen >= 0 AND net_fen >= paid_fen + transit_fen",
        name="claim_never_overpaid",
    ),
)
"""One wage claim. ``employer`` only where it was attributed to another than its origin's."""

claim_worker: Final = Index("claim_worker", claim.c.tenant, claim.c.position, claim.c.worker)

claim_move: Final = Table(
    "claim_move",
    claims_metadata,
    _key("tenant", TEXT),
    _key("claim_position", BIGINT),
    _key("claim_line", INTEGER),
    _key("position", BIGINT),
    _key("line", INTEGER),
    Column("on_date", TEXT, nullable=False),
    Column("effect", SMALLINT, nullable=False),
    Column("net_fen", BIGINT, nullable=False),
    Column("paid_fen", BIGINT, nullable=False),
    Column("transit_fen", BIGINT, nullable=False),
)
"""Every change of a claim after it came into being; as-of and backdating read it."""

payout_line: Final = Table(
    "payout_line",
    claims_metadata,
    _key("tenant", TEXT),
    _key("position", BIGINT),
    _key("line", INTEGER),
    Column("claim_position", BIGINT, nullable=False),
    Column("claim_line", INTEGER, nullable=False),
    Column("amount_fen", BIGINT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("changed_position", BIGINT, nullable=False),
    Column("changed_on", TEXT, nullable=False),
)
"""Lines of payout batches and what the bank said of each."""

_CELL: Final = ("book", "account", "project", "counterparty", "due_on")

cell: Final = Table(
    "cell",
    claims_metadata,
    _key("tenant", TEXT),
    *(_key(name, TEXT) for name in _CELL),
    Column("amount_fen", BIGINT, nullable=False),
    CheckConstraint(SIGN_CHECK, name="cell_sign"),
)
"""Balance of every cell of the journal now, whatever the date; ``memo`` is off-balance."""

cell_day: Final = Table(
    "cell_day",
    claims_metadata,
    _key("tenant", TEXT),
    *(_key(name, TEXT) for name in _CELL),
    _key("on_date", TEXT),
    Column("amount_fen", BIGINT, nullable=False),
)
"""Changes of every cell by business date."""

worker: Final = Table(
    "worker",
    claims_metadata,
    _key("tenant", TEXT),
    _key("worker", TEXT),
    Column("has_card", BOOLEAN, nullable=False),
    Column("commitments", TEXT, nullable=False),
)
"""Registered workers: whether a card is bound, and the commitments that hold now (JSON)."""

assignment: Final = Table(
    "assignment",
    claims_metadata,
    _key("tenant", TEXT),
    _key("project", TEXT),
    _key("employer", TEXT),
    _key("worker", TEXT),
    _key("span", INTEGER),
    Column("from_on", TEXT, nullable=False),
    Column("to_on", TEXT, nullable=False),
)
"""Days on which workers are assigned; ``to_on`` inclusive, empty while open."""

state: Final = Table(
    "state",
    claims_metadata,
    _key("tenant", TEXT),
    _key("type", TEXT),
    _key("id", TEXT),
    Column("body", TEXT, nullable=False),
)
"""Small records of ``ledger.domain.state``, one JSON object each."""

booked_line: Final = Table(
    "booked_line",
    claims_metadata,
    _key("tenant", TEXT),
    _key("account", TEXT),
    _key("on_date", TEXT),
    _key("name", TEXT),
    Column("amount_fen", BIGINT, nullable=False),
    Column("statement_id", TEXT, nullable=False),
    Column("end_to_end", TEXT, nullable=False),
    Column("batch", TEXT, nullable=False),
    Column("return_code", TEXT, nullable=False),
    Column("resolved", BOOLEAN, nullable=False),
)
"""Booked lines of bank statements, by the statement that showed each first, with what a match
goes by (empty where the bank says nothing); ``resolved`` where a break of it was explained."""

account_entry: Final = Table(
    "account_entry",
    claims_metadata,
    _key("tenant", TEXT),
    _key("account", TEXT),
    _key("position", BIGINT),
    Column("on_date", TEXT, nullable=False),
    Column("amount_fen", BIGINT, nullable=False),
    Column("resolved", BOOLEAN, nullable=False),
)
"""What each posting moved on a bank account, seen from the bank."""

line_match: Final = Table(
    "line_match",
    claims_metadata,
    _key("tenant", TEXT),
    _key("account", TEXT),
    _key("booked_on", TEXT),
    _key("booked", TEXT),
    _key("position", BIGINT),
    _key("claim_position", BIGINT),
    _key("claim_line", INTEGER),
    _key("match_position", BIGINT),
    Column("amount_fen", BIGINT, nullable=False),
)
"""Pairs that stand of matched lines and postings (``ledger.domain.bank_state.Pair``).

How much of a line or a posting is matched is their sum: a match only ever adds rows here."""

line_match_posting: Final = Index(
    "line_match_posting",
    line_match.c.tenant,
    line_match.c.account,
    line_match.c.position,
    line_match.c.claim_position,
    line_match.c.claim_line,
)

used_key: Final = Table(
    "used_key",
    claims_metadata,
    _key("tenant", TEXT),
    _key("party", TEXT),
    _key("key", TEXT),
    Column("position", BIGINT, nullable=False),
    Column("digest", TEXT, nullable=False),
)
"""Idempotency keys of recorded postings, for ever, with the digest of their content."""


def _first(connection: Connection) -> None:
    """Create the tables; later versions add migrations and never change this one."""
    cells = "".join(f"{name} {{text}} NOT NULL, " for name in _CELL)
    run_sql(
        connection,
        "CREATE TABLE origin (tenant {text} NOT NULL, position BIGINT NOT NULL,"
        " name {text} NOT NULL, asserted BOOLEAN NOT NULL, project {text} NOT NULL,"
        " employer {text} NOT NULL, period {text} NOT NULL, due_on {text} NOT NULL,"
        " submitted_on {text} NOT NULL, line_count INTEGER NOT NULL, total_fen BIGINT NOT NULL,"
        " state {text} NOT NULL, approved_on {text} NOT NULL, PRIMARY KEY (tenant, position),"
        " CONSTRAINT origin_name UNIQUE (tenant, asserted, name))",
        "CREATE TABLE claim (tenant {text} NOT NULL, position BIGINT NOT NULL,"
        " line INTEGER NOT NULL, worker {text} NOT NULL, employer {text}, net_fen BIGINT NOT NULL,"
        " paid_fen BIGINT NOT NULL, transit_fen BIGINT NOT NULL, changed_on {text} NOT NULL,"
        " attributed_on {text} NOT NULL, disputed BOOLEAN NOT NULL,"
        " PRIMARY KEY (tenant, position, line), CONSTRAINT claim_never_overpaid CHECK"
        " (transit_fen >= 0 AND paid_fen >= 0 AND net_fen >= paid_fen + transit_fen))"
        " {without_rowid}",
        "CREATE INDEX claim_worker ON claim (tenant, position, worker)",
        "CREATE TABLE claim_move (tenant {text} NOT NULL, claim_position BIGINT NOT NULL,"
        " claim_line INTEGER NOT NULL, position BIGINT NOT NULL, line INTEGER NOT NULL,"
        " on_date {text} NOT NULL, effect SMALLINT NOT NULL, net_fen BIGINT NOT NULL,"
        " paid_fen BIGINT NOT NULL, transit_fen BIGINT NOT NULL,"
        " PRIMARY KEY (tenant, claim_position, claim_line, position, line)) {without_rowid}",
        "CREATE TABLE payout_line (tenant {text} NOT NULL, position BIGINT NOT NULL,"
        " line INTEGER NOT NULL, claim_position BIGINT NOT NULL, claim_line INTEGER NOT NULL,"
        " amount_fen BIGINT NOT NULL, state {text} NOT NULL, changed_position BIGINT NOT NULL,"
        " changed_on {text} NOT NULL, PRIMARY KEY (tenant, position, line)) {without_rowid}",
        f"CREATE TABLE cell (tenant {{text}} NOT NULL, {cells} amount_fen BIGINT NOT NULL,"
        f" PRIMARY KEY (tenant, {', '.join(_CELL)}), CONSTRAINT cell_sign CHECK ({SIGN_CHECK}))"
        " {without_rowid}",
        f"CREATE TABLE cell_day (tenant {{text}} NOT NULL, {cells} on_date {{text}} NOT NULL,"
        f" amount_fen BIGINT NOT NULL, PRIMARY KEY (tenant, {', '.join(_CELL)}, on_date))"
        " {without_rowid}",
        "CREATE TABLE worker (tenant {text} NOT NULL, worker {text} NOT NULL,"
        " has_card BOOLEAN NOT NULL, commitments {text} NOT NULL,"
        " PRIMARY KEY (tenant, worker)) {without_rowid}",
        "CREATE TABLE assignment (tenant {text} NOT NULL, project {text} NOT NULL,"
        " employer {text} NOT NULL, worker {text} NOT NULL, span INTEGER NOT NULL,"
        " from_on {text} NOT NULL, to_on {text} NOT NULL,"
        " PRIMARY KEY (tenant, project, employer, worker, span)) {without_rowid}",
        "CREATE TABLE state (tenant {text} NOT NULL, type {text} NOT NULL, id {text} NOT NULL,"
        " body {text} NOT NULL, PRIMARY KEY (tenant, type, id)) {without_rowid}",
        "CREATE TABLE booked_line (tenant {text} NOT NULL, account {text} NOT NULL,"
        " on_date {text} NOT NULL, name {text} NOT NULL, amount_fen BIGINT NOT NULL,"
        " statement_id {text} NOT NULL, end_to_end {text} NOT NULL, batch {text} NOT NULL,"
        " return_code {text} NOT NULL, resolved BOOLEAN NOT NULL,"
        " PRIMARY KEY (tenant, account, on_date, name))"
        " {without_rowid}",
        "CREATE TABLE account_entry (tenant {text} NOT NULL, account {text} NOT NULL,"
        " position BIGINT NOT NULL, on_date {text} NOT NULL, amount_fen BIGINT NOT NULL,"
        " resolved BOOLEAN NOT NULL, PRIMARY KEY (tenant, account, position)) {without_rowid}",
        "CREATE TABLE line_match (tenant {text} NOT NULL, account {text} NOT NULL,"
        " booked_on {text} NOT NULL, booked {text} NOT NULL, position BIGINT NOT NULL,"
        " claim_position BIGINT NOT NULL, claim_line INTEGER NOT NULL,"
        " match_position BIGINT NOT NULL, amount_fen BIGINT NOT NULL, PRIMARY KEY (tenant,"
        " account, booked_on, booked, position, claim_position, claim_line, match_position))"
        " {without_rowid}",
        "CREATE INDEX line_match_posting ON line_match"
        " (tenant, account, position, claim_position, claim_line)",
        "CREATE TABLE used_key (tenant {text} NOT NULL, party {text} NOT NULL,"
        " key {text} NOT NULL, position BIGINT NOT NULL, digest {text} NOT NULL,"
        " PRIMARY KEY (tenant, party, key)) {without_rowid}",
    )


CLAIMS_SCHEMA: Final = Component("claims", (Migration(1, "state of the write side", _first),))
