"""Reading the tables of bank accounts: booked lines, entries, the pairs of matches."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger.claims.bulk import Row, fetch, listed, listed_rows
from ledger.domain.bank_state import AccountEntry, BookedLine, LineKey, Pair
from ledger.eventlog.engine import is_postgres

Key = tuple[int, int]

_MATCHED_LINE: Final = (
    "(SELECT sum(m.amount_fen) FROM line_match m WHERE m.tenant = b.tenant"
    " AND m.account = b.account AND m.booked_on = b.on_date AND m.booked = b.name)"
)
_MATCHED_ENTRY: Final = (
    "(SELECT sum(m.amount_fen) FROM line_match m WHERE m.tenant = n.tenant"
    " AND m.account = n.account AND m.position = n.position)"
)
_PAIR: Final = "match_position, booked_on, booked, position, claim_position, claim_line, amount_fen"


def booked_between(
    connection: Connection, tenant: str, account: str, first: str, last: str
) -> list[tuple[str, str, int]]:
    """Day, name and amount of the lines booked on some days."""
    found = fetch(
        connection,
        "SELECT on_date, name, amount_fen FROM booked_line WHERE tenant = ? AND account = ?"
        " AND on_date BETWEEN ? AND ?",
        (tenant, account, first, last),
    )
    return [(on, name, amount) for on, name, amount in found]


def booked_lines(
    connection: Connection, tenant: str, account: str, keys: Sequence[LineKey]
) -> list[BookedLine]:
    """Booked lines by their keys."""
    given, parameters = listed_rows(connection, keys, ("text", "text"))
    found = fetch(
        connection,
        f"SELECT b.on_date, b.name, b.amount_fen, coalesce({_MATCHED_LINE}, 0), b.resolved"
        " FROM booked_line b WHERE b.tenant = ? AND b.account = ?"
        f" AND (b.on_date, b.name) IN ({given})",
        (tenant, account, *parameters),
    )
    return [
        BookedLine(on, name, amount, int(matched), bool(resolved))
        for on, name, amount, matched, resolved in found
    ]


def booked_named(
    connection: Connection, tenant: str, account: str, first: str, last: str, names: Iterable[str]
) -> list[LineKey]:
    """Keys of the lines of some days that bear one of these names, by day."""
    given, parameter = listed(connection, names)
    found = fetch(
        connection,
        "SELECT on_date, name FROM booked_line WHERE tenant = ? AND account = ?"
        f" AND on_date BETWEEN ? AND ? AND name IN (SELECT value FROM {given})"
        " ORDER BY on_date, name",
        (tenant, account, first, last, parameter),
    )
    return [(on, name) for on, name in found]


def entries(
    connection: Connection, tenant: str, account: str, positions: Iterable[int]
) -> list[AccountEntry]:
    """What postings moved on an account."""
    given, parameter = listed(connection, positions, "bigint")
    found = fetch(
        connection,
        f"SELECT n.position, n.on_date, n.amount_fen, coalesce({_MATCHED_ENTRY}, 0), n.resolved"
        " FROM account_entry n WHERE n.tenant = ? AND n.account = ?"
        f" AND n.position IN (SELECT value FROM {given})",
        (tenant, account, parameter),
    )
    return [
        AccountEntry(position, on, amount, int(matched), bool(resolved))
        for position, on, amount, matched, resolved in found
    ]


def amounts_by_claim(connection: Connection, tenant: str, position: int) -> dict[Key, int]:
    """Amounts of a posting's document lines by their claim."""
    found = fetch(
        connection,
        "SELECT claim_position, claim_line, amount_fen FROM event_line WHERE tenant = ?"
        " AND position = ? AND part = 0 AND claim_position IS NOT NULL",
        (tenant, position),
    )
    return {(at, of): amount for at, of, amount in found}


def matched_claims(
    connection: Connection, tenant: str, account: str, position: int, keys: Collection[Key]
) -> frozenset[Key]:
    """Those of some claims of a posting that are matched one by one."""
    given, parameters = listed_rows(connection, list(keys), ("bigint", "integer"))
    found = fetch(
        connection,
        "SELECT claim_position, claim_line FROM line_match WHERE tenant = ? AND account = ?"
        f" AND position = ? AND (claim_position, claim_line) IN ({given})",
        (tenant, account, position, *parameters),
    )
    return frozenset((at, of) for at, of in found)


def pairs(
    connection: Connection,
    tenant: str,
    account: str,
    lines: Sequence[LineKey],
    items: Sequence[tuple[int, Key]],
) -> list[Pair]:
    """Pairs that stand of these lines, or of these postings and their claims."""
    given, of_lines = listed_rows(connection, lines, ("text", "text"))
    found = fetch(
        connection,
        f"SELECT {_PAIR} FROM line_match WHERE tenant = ? AND account = ?"
        f" AND (booked_on, booked) IN ({given})",
        (tenant, account, *of_lines),
    )
    rows = [(position, *claim) for position, claim in items]
    given, of_items = listed_rows(connection, rows, ("bigint", "bigint", "integer"))
    found += fetch(
        connection,
        f"SELECT {_PAIR} FROM line_match WHERE tenant = ? AND account = ?"
        f" AND (position, claim_position, claim_line) IN ({given})",
        (tenant, account, *of_items),
    )
    return [_pair(row) for row in dict.fromkeys(found)]


def _pair(row: Row) -> Pair:
    match, on, name, position, at, of, amount = row
    return Pair(match, (on, name), position, (at, of), amount)


def count_open_breaks(connection: Connection, tenant: str, account: str, to: str) -> int:
    """How many lines and entries up to a day are not wholly matched, and nobody explained."""
    matched = (
        "(SELECT {key}, sum(amount_fen) AS amount_fen FROM line_match WHERE tenant = ?"
        " AND account = ? GROUP BY {key})"
    )
    ((lines, others),) = fetch(
        connection,
        "SELECT (SELECT count(*) FROM booked_line b LEFT JOIN"
        f" {matched.format(key='booked_on, booked')} m ON m.booked_on = b.on_date"
        " AND m.booked = b.name WHERE b.tenant = ? AND b.account = ? AND b.on_date <= ?"
        " AND NOT b.resolved AND b.amount_fen <> coalesce(m.amount_fen, 0)),"
        " (SELECT count(*) FROM account_entry n LEFT JOIN"
        f" {matched.format(key='position')} m ON m.position = n.position"
        " WHERE n.tenant = ? AND n.account = ? AND n.on_date <= ?"
        " AND NOT n.resolved AND n.amount_fen <> coalesce(m.amount_fen, 0))",
        (tenant, account, tenant, account, to) * 2,
    )
    return int(lines) + int(others)


def last_attributed(connection: Connection, tenant: str, origins: Iterable[int]) -> str:
    """Latest day on which a claim of these origins was attributed, empty for none."""
    given, parameter = listed(connection, origins, "bigint")
    found = fetch(
        connection,
        "SELECT max(attributed_on) FROM claim WHERE tenant = ?"
        f" AND position IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    return str(found[0][0] or "")


class OpenEntry(NamedTuple):
    """What is left of what a posting moved on an account, with the posting's header."""

    position: int
    on: str
    amount_fen: int
    left_fen: int
    kind: str
    body: bytes


Span = tuple[int, int]
"""First and last position of some batches' instructions."""


def open_lines(
    connection: Connection, tenant: str, account: str, naming: Span | None = None
) -> list[Row]:
    """Lines of an account that are neither wholly matched nor explained, by day and name.

    Args:
        connection: An open connection.
        tenant: The tenant.
        account: The account.
        naming: Only lines that name one of these batches, and perhaps some others.

    Returns:
        Day, name, what is left of the amount, statement, and references and return code, which
        are empty where the bank gave none.
    """
    condition = ""
    span: tuple[int, ...] = ()
    if naming is not None:
        named = [_batch_in(connection, f"b.{column}") for column in ("end_to_end", "batch")]
        condition = f" AND ({' OR '.join(f'{each} BETWEEN ? AND ?' for each in named)})"
        span = naming * 2
    return fetch(
        connection,
        "SELECT b.on_date, b.name, b.amount_fen - CAST(coalesce(m.amount_fen, 0) AS BIGINT),"
        " b.statement_id, b.end_to_end, b.batch, b.return_code FROM booked_line b LEFT JOIN"
        " (SELECT booked_on, booked, sum(amount_fen) AS amount_fen FROM line_match"
        " WHERE tenant = ? AND account = ? GROUP BY booked_on, booked) m"
        " ON m.booked_on = b.on_date AND m.booked = b.name"
        f" WHERE b.tenant = ? AND b.account = ? AND NOT b.resolved{condition}"
        " AND b.amount_fen <> coalesce(m.amount_fen, 0) ORDER BY b.on_date, b.name",
        (tenant, account, tenant, account, *span),
    )


def _batch_in(connection: Connection, column: str) -> str:
    """The batch that a reference of ours names: the number behind its first B."""
    if is_postgres(connection):
        return f"CAST(substring(upper({column}) from 'B([0-9]{{1,18}})') AS BIGINT)"
    return f"CAST(substr({column}, instr(upper({column}), 'B') + 1) AS INTEGER)"


def open_entries(connection: Connection, tenant: str, account: str) -> list[OpenEntry]:
    """Entries of an account that are neither wholly matched nor explained, by position."""
    found = fetch(
        connection,
        "SELECT n.position, n.on_date, n.amount_fen,"
        " n.amount_fen - CAST(coalesce(m.amount_fen, 0) AS BIGINT), e.kind, e.body"
        " FROM account_entry n JOIN event e ON e.tenant = n.tenant AND e.position = n.position"
        " LEFT JOIN (SELECT position, sum(amount_fen) AS amount_fen FROM line_match"
        " WHERE tenant = ? AND account = ? GROUP BY position) m ON m.position = n.position"
        " WHERE n.tenant = ? AND n.account = ? AND NOT n.resolved"
        " AND n.amount_fen <> coalesce(m.amount_fen, 0) ORDER BY n.position",
        (tenant, account) * 2,
    )
    return [
        OpenEntry(position, on, amount, int(left), kind, bytes(body))
        for position, on, amount, left, kind, body in found
    ]


def open_claims(
    connection: Connection, tenant: str, account: str, positions: Sequence[int]
) -> list[Row]:
    """Claims of some postings that are not matched one by one.

    Returns:
        Position and line of the posting, the claim's key and name, its amount without sign, and
        the state of the payout line for an instruction.
    """
    given, parameter = listed(connection, positions, "bigint")
    return fetch(
        connection,
        "SELECT l.position, l.line, l.claim_position, l.claim_line, CASE WHEN o.asserted"
        " THEN o.name ELSE o.name || '/' || l.claim_line END, l.amount_fen, p.state"
        " FROM event_line l JOIN origin o ON o.tenant = l.tenant AND o.position = l.claim_position"
        " LEFT JOIN payout_line p ON p.tenant = l.tenant AND p.position = l.position"
        " AND p.line = l.line"
        " LEFT JOIN line_match m ON m.tenant = l.tenant AND m.account = ?"
        " AND m.position = l.position AND m.claim_position = l.claim_position"
        " AND m.claim_line = l.claim_line"
        f" WHERE l.tenant = ? AND l.part = 0 AND l.position IN (SELECT value FROM {given})"
        " AND m.position IS NULL ORDER BY l.position, l.line",
        (account, tenant, parameter),
    )


def batch_lines(connection: Connection, tenant: str, batches: Sequence[int]) -> list[Row]:
    """Batch, line, claim's key and name, amount and state of every line of some batches."""
    given, parameter = listed(connection, batches, "bigint")
    return fetch(
        connection,
        "SELECT p.position, p.line, p.claim_position, p.claim_line, CASE WHEN o.asserted"
        " THEN o.name ELSE o.name || '/' || p.claim_line END, p.amount_fen, p.state"
        " FROM payout_line p JOIN origin o ON o.tenant = p.tenant AND o.position = p.claim_position"
        f" WHERE p.tenant = ? AND p.position IN (SELECT value FROM {given})"
        " ORDER BY p.position, p.line",
        (tenant, parameter),
    )


def claim_names(connection: Connection, tenant: str, keys: Sequence[Key]) -> dict[Key, str]:
    """Names of claims by their keys."""
    given, parameter = listed(connection, sorted({at for at, _ in keys}), "bigint")
    found = fetch(
        connection,
        "SELECT position, name, asserted FROM origin WHERE tenant = ?"
        f" AND position IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    origins = {position: (name, bool(asserted)) for position, name, asserted in found}
    return {
        (at, of): origins[at][0] if origins[at][1] else f"{origins[at][0]}/{of}" for at, of in keys
    }
