"""Rebuilding the write side from the log: beside the live tables, compared, then repaired.

Claims and their changes are made by a few statements over typed columns; small records are
folded header by header. Where rows are put right, writers of the tenant wait meanwhile: decisions
read these tables. Comparing alone holds nobody up and needs no right to write on SQLite.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, Table

from ledger.claims import tables
from ledger.claims.bank_flushing import rows_of_accounts
from ledger.claims.bodies import body_of
from ledger.claims.bulk import Row, fetch
from ledger.claims.replay import Replay, events_with_lines
from ledger.domain import effects
from ledger.domain.state import Assignment, Worker
from ledger.eventlog.appending import lock_head
from ledger.eventlog.copying import BESIDE, copy_rows
from ledger.eventlog.engine import begin_comparing, begin_writing, is_postgres

REBUILT: Final[Sequence[Table]] = (
    tables.origin, tables.claim, tables.claim_move, tables.payout_line, tables.cell,
    tables.cell_day, tables.worker, tables.assignment, tables.state, tables.booked_line,
    tables.account_entry, tables.line_match, tables.used_key,
)  # fmt: skip
_SHOWN: Final = 5


@dataclass(frozen=True)
class Difference:
    """Rows of a live table that the log does not give, or does give and are missing.

    Attributes:
        table: Name of the table.
        missing: How many rows the log gives and the table does not hold.
        surplus: How many rows the table holds and the log does not give.
        examples: Keys of a few of them.
    """

    table: str
    missing: int
    surplus: int
    examples: tuple[str, ...]


def rebuild(engine: Engine, tenant: str, *, repair: bool = True) -> list[Difference]:
    """Rebuild the tenant's write side from the log and compare it with what is live.

    Args:
        engine: The ledger's store.
        tenant: Whose.
        repair: Put the rebuilt rows in place where they differ.

    Returns:
        The differences found; empty when live and rebuilt rows are the same.
    """
    with begin_writing(engine) if repair else begin_comparing(engine) as connection:
        if repair:
            lock_head(connection, tenant)
        for table in REBUILT:
            _create_beside(connection, table)
        build_claims(connection, tenant)
        _build_records(connection, tenant)
        differences = [
            difference for table in REBUILT if (difference := _compare(connection, table, tenant))
        ]
        if repair:
            for difference in differences:
                _replace(connection, tables.claims_metadata.tables[difference.table], tenant)
        for table in REBUILT:
            connection.exec_driver_sql(f"DROP TABLE {beside(table)}")
    return differences


def beside(table: Table) -> str:
    """Name of the table that a rebuild fills."""
    return f"{table.name}_rebuilt"


def _create_beside(connection: Connection, table: Table) -> None:
    kind = "TEMPORARY TABLE" if is_postgres(connection) else "TEMP TABLE"
    connection.exec_driver_sql(
        f"CREATE {kind} {beside(table)} AS SELECT * FROM {table.name} WHERE 1 = 0"
    )


def _sum(column: str) -> str:
    """SQL for how much a line moves one amount of its claim."""
    plus = [str(c) for c in effects.MOVING if getattr(effects.EFFECTS[c], column) > 0]
    minus = [str(c) for c in effects.MOVING if getattr(effects.EFFECTS[c], column) < 0]
    cases = "".join(
        f" WHEN l.effect IN ({', '.join(codes)}) THEN {sign}l.amount_fen"
        for codes, sign in ((plus, ""), (minus, "-"))
        if codes
    )
    return f"CASE{cases} ELSE 0 END"


_MOVING: Final = ", ".join(str(code) for code in effects.MOVING)

CLAIM_MOVES: Final = f"""
INSERT INTO claim_move_rebuilt
SELECT l.tenant, l.claim_position, l.claim_line, l.position, l.line, e.on_date, l.effect,
       {_sum("net")}, {_sum("paid")}, {_sum("transit")}
FROM event_line l JOIN event e ON e.tenant = l.tenant AND e.position = l.position
WHERE l.tenant = ? AND l.part = 0 AND l.effect IN ({_MOVING})
"""

CLAIMS: Final = f"""
INSERT INTO claim_rebuilt
SELECT l.tenant, l.position, l.line, l.worker, a.debtor, l.amount_fen + coalesce(m.net_fen, 0),
       coalesce(m.paid_fen, 0), coalesce(m.transit_fen, 0), coalesce(m.changed_on, ''),
       coalesce(a.on_date, ''), CASE WHEN o.line IS NULL THEN {{false}} ELSE {{true}} END
FROM event_line l
LEFT JOIN (
    SELECT claim_position, claim_line, sum(net_fen) AS net_fen, sum(paid_fen) AS paid_fen,
           sum(transit_fen) AS transit_fen, max(on_date) AS changed_on
    FROM claim_move_rebuilt GROUP BY claim_position, claim_line
) m ON m.claim_position = l.position AND m.claim_line = l.line
LEFT JOIN attributed_rebuilt a ON a.claim_position = l.position AND a.claim_line = l.line
LEFT JOIN (
    SELECT DISTINCT claim_position, claim_line AS line FROM event_line
    WHERE tenant = ? AND part = 0 AND effect = {effects.OBJECT}
) o ON o.claim_position = l.position AND o.line = l.line
WHERE l.tenant = ? AND l.part = 0 AND l.effect IN ({effects.ACCRUE}, {effects.ASSERT})
"""

PAYOUT_LINES: Final = f"""
INSERT INTO payout_line_rebuilt
SELECT l.tenant, l.position, l.line, l.claim_position, l.claim_line, l.amount_fen,
       CASE WHEN a.effect IS NULL THEN 'pending' WHEN a.effect = {effects.SETTLE} THEN 'settled'
            ELSE 'returned' END,
       coalesce(a.position, l.position), coalesce(a.on_date, '')
FROM event_line l
LEFT JOIN (
    SELECT b.batch, x.claim_position, x.claim_line, x.effect, x.position, b.on_date,
           row_number() OVER (PARTITION BY b.batch, x.claim_position, x.claim_line
                              ORDER BY x.position DESC) AS latest
    FROM answered_rebuilt b
    JOIN event_line x ON x.tenant = ? AND x.position = b.position AND x.part = 0
) a ON a.batch = l.position AND a.claim_position = l.claim_position
   AND a.claim_line = l.claim_line AND a.latest = 1
WHERE l.tenant = ? AND l.part = 0 AND l.effect = {effects.INSTRUCT}
"""


def build_claims(connection: Connection, tenant: str) -> None:
    """Fill the tables of claims, their changes and payout lines, in SQL."""
    postgres = is_postgres(connection)
    words = {"{false}": "false" if postgres else "0", "{true}": "true" if postgres else "1"}
    _run(connection, CLAIM_MOVES, (tenant,))
    _attributions(connection, tenant)
    if postgres:  # a plan made blindly hashes every claim to look for an attribution
        for name in ("claim_move_rebuilt", "attributed_rebuilt"):
            connection.exec_driver_sql(f"ANALYZE {name}")
    statement = CLAIMS
    for word, meaning in words.items():
        statement = statement.replace(word, meaning)
    _run(connection, statement, (tenant, tenant))
    _answers(connection, tenant)
    _run(connection, PAYOUT_LINES, (tenant, tenant))
    for name in ("attributed_rebuilt", "answered_rebuilt"):
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _run(connection: Connection, statement: str, parameters: Sequence[object]) -> None:
    spelled = statement.replace("?", "%s") if is_postgres(connection) else statement
    connection.exec_driver_sql(spelled, tuple(parameters))


def _attributions(connection: Connection, tenant: str) -> None:
    """The latest attribution of each claim; there are few, and the debtor is in the body."""
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE attributed_rebuilt"
        " (claim_position BIGINT, claim_line INTEGER, debtor TEXT, on_date TEXT)"
    )
    found = fetch(
        connection,
        "SELECT l.claim_position, l.claim_line, l.body, e.on_date FROM event_line l JOIN event e"
        " ON e.tenant = l.tenant AND e.position = l.position WHERE l.tenant = ? AND l.part = 0"
        " AND l.effect = ? ORDER BY l.position, l.line",
        (tenant, effects.ATTRIBUTE),
    )
    latest = {(at, of): (json.loads(bytes(body))["to"], on) for at, of, body, on in found}
    _insert(connection, "attributed_rebuilt", [(*key, *value) for key, value in latest.items()])


def _answers(connection: Connection, tenant: str) -> None:
    """Which batch each bank's answer is about: one row an event."""
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE answered_rebuilt (position BIGINT, batch BIGINT, on_date TEXT)"
    )
    found = fetch(
        connection,
        "SELECT position, body, on_date FROM event WHERE tenant = ?"
        " AND kind IN ('PayoutSettled', 'PayoutReturned') ORDER BY position",
        (tenant,),
    )
    rows = [
        (position, json.loads(bytes(body))["outcome"]["batch_position"], on)
        for position, body, on in found
    ]
    _insert(connection, "answered_rebuilt", rows)


def _insert(connection: Connection, name: str, rows: Sequence[tuple[object, ...]]) -> None:
    place = "%s" if is_postgres(connection) else "?"
    for row in rows:
        connection.exec_driver_sql(
            f"INSERT INTO {name} VALUES ({', '.join([place] * len(row))})", row
        )


def _build_records(connection: Connection, tenant: str) -> None:
    """Fold the log and fill the tables of small records."""
    replay = Replay(tenant)
    for recorded, body in events_with_lines(connection, tenant):
        replay.fold(recorded, body)
    rows: dict[Table, list[tuple[object, ...]]] = {table: [] for table in REBUILT}
    for (kind, name), record in replay.folded_records():
        if isinstance(record, Worker):
            row = (tenant, name, record.has_card, json.dumps(record.commitments, sort_keys=True))
            rows[tables.worker].append(row)
        elif isinstance(record, Assignment):
            where = name.split("|")
            rows[tables.assignment].extend(
                (tenant, *where, number, *span) for number, span in enumerate(record.spans)
            )
        else:
            rows[tables.state].append((tenant, kind.__name__, name, body_of(record)))
    for sheet in replay.changes.sheets.values():
        rows[tables.origin].append(
            (tenant, sheet.position, sheet.name, sheet.asserted, sheet.project, sheet.employer,
             sheet.period, sheet.due_on, sheet.submitted_on, sheet.count, sheet.total_fen,
             sheet.state, sheet.approved_on)
        )  # fmt: skip
    for cell, days in replay.changes.cells():
        rows[tables.cell].append((tenant, *cell, sum(days.values())))
        rows[tables.cell_day].extend((tenant, *cell, on, fen) for on, fen in days.items() if fen)
    for table, account_rows in rows_of_accounts(replay.changes).items():
        rows[table].extend((tenant, *row) for row in account_rows)
    rows[tables.used_key].extend((tenant, *key) for key in replay.keys)
    for table, found in rows.items():
        if found:
            _copy_beside(connection, table, found)


def _copy_beside(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    copy = table.to_metadata(_SIDE, name=beside(table))
    copy.info[BESIDE] = True
    copy_rows(connection, copy, [column.name for column in table.columns], rows)
    _SIDE.remove(copy)


_SIDE: Final = type(tables.claims_metadata)()


def _compare(connection: Connection, table: Table, tenant: str) -> Difference | None:
    columns = ", ".join(column.name for column in table.columns)
    key = [column.name for column in table.primary_key.columns][1:]
    counting = "amount_fen <> 0" if table is tables.cell_day else "1 = 1"
    # Days of a cell on which changes cancelled out say nothing.
    live = f"SELECT {columns} FROM {table.name} WHERE tenant = ? AND {counting}"
    made = f"SELECT {columns} FROM {beside(table)} WHERE tenant = ?"
    same = _same_digests if is_postgres(connection) else _same_rows
    if same(connection, table, tenant, counting):
        return None
    missing = _difference(connection, made, live, tenant)
    surplus = _difference(connection, live, made, tenant)
    places = [index for index, column in enumerate(table.columns) if column.name in key]
    examples = ["|".join(str(row[at]) for at in places) for row in (*missing, *surplus)]
    shown = tuple(dict.fromkeys(examples))[:_SHOWN]
    return Difference(table.name, len(missing), len(surplus), shown)


def _same_digests(connection: Connection, table: Table, tenant: str, counting: str) -> bool:
    """Whether both sides have as many rows and the same sum of their hashes: one pass a side."""
    row = f"ROW({', '.join(column.name for column in table.columns)})"
    made, live = (
        fetch(
            connection,
            f"SELECT count(*), sum(hash_record_extended({row}, 0)) FROM {name}"
            f" WHERE tenant = ? AND {counting}",
            (tenant,),
        )
        for name in (beside(table), table.name)
    )
    return made == live


def _same_rows(connection: Connection, table: Table, tenant: str, counting: str) -> bool:
    """Whether both sides have as many rows and each finds its equal by its key.

    A look-up a row in the order of the key is half the time of an EXCEPT.
    """
    equal = " AND ".join(
        f"l.{c.name} {'=' if c.primary_key else 'IS'} m.{c.name}" for c in table.columns
    )
    found = fetch(
        connection,
        f"SELECT (SELECT count(*) FROM {beside(table)} WHERE tenant = ?),"
        f" (SELECT count(*) FROM {table.name} WHERE tenant = ? AND {counting}),"
        f" (SELECT count(*) FROM {beside(table)} AS m CROSS JOIN {table.name} AS l"
        f" WHERE m.tenant = ? AND {equal})",
        (tenant, tenant, tenant),
    )
    made, live, both = found[0]
    return bool(made == live == both)


def _difference(connection: Connection, first: str, second: str, tenant: str) -> list[Row]:
    """Rows that the first gives and the second does not."""
    return fetch(connection, f"SELECT * FROM ({first} EXCEPT {second}) AS d", (tenant, tenant))


def _replace(connection: Connection, table: Table, tenant: str) -> None:
    columns = ", ".join(column.name for column in table.columns)
    _run(connection, f"DELETE FROM {table.name} WHERE tenant = ?", (tenant,))
    _run(
        connection,
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {beside(table)}"
        " WHERE tenant = ?",
        (tenant,),
    )
