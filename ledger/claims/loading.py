"""Reading the write side's tables: one function a question, plain rows out.

Statements use ``?`` places and run straight on the driver: decisions ask thousands of
small questions a second.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from ledger.claims.bulk import Row, fetch, listed, listed_rows
from ledger.domain.base import DocumentLine, Line, Recorded
from ledger.domain.state import Assignment, Claim, PayoutLine, Record, Sheet, Worker
from ledger.domain.timeline import Timeline
from ledger.eventlog.topics import decode

R = TypeVar("R", bound=Record)

_SHEET = (
    "name, position, asserted, project, employer, period, due_on, submitted_on, line_count,"
    " total_fen, state, approved_on"
)
_LAST = "\U0010ffff"


def records(
    connection: Connection, tenant: str, kind: type[R], names: Sequence[str]
) -> dict[str, R]:
    """Records of one type by id; those that do not exist are left out."""
    if kind is Worker:
        return _workers(connection, tenant, names)  # type: ignore[return-value]
    if kind is Assignment:
        return _assignments(connection, tenant, names)  # type: ignore[return-value]
    given, parameter = listed(connection, names)
    found = fetch(
        connection,
        "SELECT id, body FROM state WHERE tenant = ? AND type = ? AND id IN"
        f" (SELECT value FROM {given})",
        (tenant, kind.__name__, parameter),
    )
    return {name: kind(**json.loads(body)) for name, body in found}


def records_with_prefix(
    connection: Connection, tenant: str, kind: type[R], prefix: str
) -> dict[str, R]:
    """Records of one type whose id begins with a prefix, in the order of their ids."""
    found = fetch(
        connection,
        "SELECT id, body FROM state WHERE tenant = ? AND type = ? AND id >= ? AND id < ?"
        " ORDER BY id",
        (tenant, kind.__name__, prefix, prefix + _LAST),
    )
    return {name: kind(**json.loads(body)) for name, body in found}


def _workers(connection: Connection, tenant: str, names: Sequence[str]) -> dict[str, Worker]:
    given, parameter = listed(connection, names)
    found = fetch(
        connection,
        f"SELECT worker, commitments FROM worker WHERE tenant = ?"
        f" AND worker IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    return {name: Worker(json.loads(commitments)) for name, commitments in found}


def _assignments(
    connection: Connection, tenant: str, names: Sequence[str]
) -> dict[str, Assignment]:
    given, parameters = listed_rows(
        connection, [tuple(name.split("|")) for name in names], ("text", "text", "text")
    )
    found = fetch(
        connection,
        "SELECT project, employer, worker, from_on, to_on FROM assignment WHERE tenant = ?"
        f" AND (project, employer, worker) IN ({given}) ORDER BY project, employer, worker, span",
        (tenant, *parameters),
    )
    spans: dict[str, list[list[str]]] = {}
    for project, employer, worker, *span in found:
        spans.setdefault(f"{project}|{employer}|{worker}", []).append(span)
    return {name: Assignment(made) for name, made in spans.items()}


_GOOD_PART: Final = 4
"""Reading so many rows in their order costs less than finding one among them."""


def unknown_workers(connection: Connection, tenant: str, workers: Sequence[str]) -> set[str]:
    """Those of the workers that are not registered."""
    everybody = _read_whole(
        connection, "SELECT worker FROM worker WHERE tenant = ?", (tenant,), len(workers)
    )
    if everybody is not None:
        return set(workers) - everybody
    given, parameter = listed(connection, workers)
    found = fetch(
        connection,
        f"SELECT value FROM {given} WHERE NOT EXISTS"
        " (SELECT 1 FROM worker w WHERE w.tenant = ? AND w.worker = given.value)",
        (parameter, tenant),
    )
    return {row[0] for row in found}


def _read_whole(
    connection: Connection, statement: str, parameters: tuple[object, ...], asked: int
) -> set[str] | None:
    """The first column of all rows, where they are not many times as many as are asked for."""
    most = _GOOD_PART * asked
    found = fetch(connection, f"{statement} LIMIT ?", (*parameters, most))
    return {row[0] for row in found} if len(found) < most else None


def workers_without_card(connection: Connection, tenant: str, workers: Sequence[str]) -> set[str]:
    """Those of the workers to whom no card is bound."""
    given, parameter = listed(connection, workers)
    found = fetch(
        connection,
        f"SELECT w.worker FROM worker w WHERE w.tenant = ? AND NOT w.has_card"
        f" AND w.worker IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    return {row[0] for row in found}


def not_assigned(
    connection: Connection,
    tenant: str,
    project: str,
    employer: str,
    workers: Sequence[str],
    first: str,
    last: str,
) -> set[str]:
    """Those of the workers without an assigned day from ``first`` to ``last``."""
    assigned = _read_whole(
        connection,
        "SELECT worker FROM assignment WHERE tenant = ? AND project = ? AND employer = ?"
        " AND from_on <= ? AND (to_on = '' OR to_on >= ?)",
        (tenant, project, employer, last, first),
        len(workers),
    )
    if assigned is not None:
        return set(workers) - assigned
    given, parameter = listed(connection, workers)
    found = fetch(
        connection,
        f"SELECT value FROM {given} WHERE NOT EXISTS (SELECT 1 FROM assignment a"
        " WHERE a.tenant = ? AND a.project = ? AND a.employer = ? AND a.worker = given.value"
        " AND a.from_on <= ? AND (a.to_on = '' OR a.to_on >= ?))",
        (parameter, tenant, project, employer, last, first),
    )
    return {row[0] for row in found}


def sheets(
    connection: Connection, tenant: str, names: Sequence[str], *, asserted: bool = False
) -> list[Sheet]:
    """Sheets, or origins of asserted claims, by their id."""
    given, parameter = listed(connection, names)
    found = fetch(
        connection,
        f"SELECT {_SHEET} FROM origin WHERE tenant = ? AND asserted = ?"
        f" AND name IN (SELECT value FROM {given})",
        (tenant, asserted, parameter),
    )
    return [_sheet(row) for row in found]


def sheets_at(connection: Connection, tenant: str, positions: Iterable[int]) -> list[Sheet]:
    """Origins of claims by their position."""
    given, parameter = listed(connection, positions, "bigint")
    found = fetch(
        connection,
        f"SELECT {_SHEET} FROM origin WHERE tenant = ? AND position IN (SELECT value FROM {given})",
        (tenant, parameter),
    )
    return [_sheet(row) for row in found]


def _sheet(row: Row) -> Sheet:
    return Sheet(row[0], row[1], bool(row[2]), *row[3:])


def claims(
    connection: Connection, tenant: str, keys: Sequence[tuple[int, int]]
) -> list[tuple[Any, ...]]:
    """Rows of claims: position of the origin, then what ``claim_at`` takes."""
    given, parameters = listed_rows(connection, keys, ("bigint", "integer"))
    return fetch(
        connection,
        "SELECT position, line, worker, employer, net_fen, paid_fen, transit_fen, changed_on,"
        " attributed_on, disputed FROM claim WHERE tenant = ?"
        f" AND (position, line) IN ({given})",
        (tenant, *parameters),
    )


def claim_at(sheet: Sheet, row: Sequence[Any]) -> Claim:
    """A claim of an origin, with what its own row says."""
    line, worker, employer, net, paid, transit, changed_on, attributed_on, disputed = row
    return Claim(
        key=(sheet.position, line),
        name=sheet.name if sheet.asserted else f"{sheet.name}/{line}",
        worker=worker, project=sheet.project, employer=employer or sheet.employer,
        period=sheet.period, due_on=sheet.due_on, exists_on=sheet.approved_on,
        asserted=sheet.asserted or bool(attributed_on), net_fen=net, paid_fen=paid,
        transit_fen=transit, changed_on=changed_on, attributed_on=attributed_on,
        disputed=bool(disputed),
    )  # fmt: skip


def moves(
    connection: Connection, tenant: str, key: tuple[int, int]
) -> list[tuple[str, int, int, int]]:
    """Changes of a claim in the order of recording."""
    found = fetch(
        connection,
        "SELECT on_date, net_fen, paid_fen, transit_fen FROM claim_move WHERE tenant = ?"
        " AND claim_position = ? AND claim_line = ? ORDER BY position, line",
        (tenant, *key),
    )
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in found]


def touched_claims(connection: Connection, tenant: str, sheet: Sheet) -> set[str]:
    """Claims of a sheet ever reduced or attributed, or now paid or in transit."""
    found = fetch(
        connection,
        "SELECT line FROM claim WHERE tenant = ? AND position = ?"
        " AND (paid_fen <> 0 OR transit_fen <> 0 OR attributed_on <> '')"
        " UNION SELECT claim_line FROM claim_move WHERE tenant = ? AND claim_position = ?"
        " AND net_fen <> 0",
        (tenant, sheet.position, tenant, sheet.position),
    )
    return {f"{sheet.name}/{row[0]}" for row in found}


def sheet_workers(connection: Connection, tenant: str, position: int) -> frozenset[str]:
    """Workers named on a sheet."""
    found = fetch(
        connection,
        "SELECT worker FROM claim WHERE tenant = ? AND position = ?",
        (tenant, position),
    )
    return frozenset(row[0] for row in found)


def sheet_line(connection: Connection, tenant: str, position: int, worker: str) -> int | None:
    """Line of a worker on a sheet."""
    found = fetch(
        connection,
        "SELECT line FROM claim WHERE tenant = ? AND position = ? AND worker = ?",
        (tenant, position, worker),
    )
    return int(found[0][0]) if found else None


def payout_lines(connection: Connection, tenant: str, batches: Iterable[int]) -> list[PayoutLine]:
    """Lines of batches in their order."""
    given, parameter = listed(connection, batches, "bigint")
    found = fetch(
        connection,
        "SELECT position, line, claim_position, claim_line, amount_fen, state, changed_on,"
        " changed_position FROM payout_line WHERE tenant = ?"
        f" AND position IN (SELECT value FROM {given}) ORDER BY position, line",
        (tenant, parameter),
    )
    return [
        PayoutLine(position, line, (at, of), amount, *answer)
        for position, line, at, of, amount, *answer in found
    ]


def cell(
    connection: Connection,
    tenant: str,
    book: str,
    account: str,
    project: str | None,
    counterparty: str | None,
    due_on: str | None,
) -> Timeline:
    """Balance of a cell by day; None sums over all values of that name."""
    names = (("project", project), ("counterparty", counterparty), ("due_on", due_on))
    given = [(name, value) for name, value in names if value is not None]
    where = "".join(f" AND {name} = ?" for name, _ in given)
    found = fetch(
        connection,
        "SELECT on_date, sum(amount_fen) FROM cell_day WHERE tenant = ? AND book = ?"
        f" AND account = ?{where} GROUP BY on_date",
        (tenant, book, account, *(value for _, value in given)),
    )
    return Timeline((str(day), int(amount)) for day, amount in found)


def cells(
    connection: Connection, tenant: str, names: Sequence[tuple[str, str, str, str]]
) -> dict[tuple[str, str, str, str], list[tuple[str, int]]]:
    """Balances by day of cells (book, account, project, counterparty) over all due dates."""
    given, parameters = listed_rows(connection, names, ("text", "text", "text", "text"))
    found = fetch(
        connection,
        "SELECT book, account, project, counterparty, on_date, sum(amount_fen) FROM cell_day"
        f" WHERE tenant = ? AND (book, account, project, counterparty) IN ({given})"
        " GROUP BY book, account, project, counterparty, on_date",
        (tenant, *parameters),
    )
    days: dict[tuple[str, str, str, str], list[tuple[str, int]]] = {}
    for book, account, project, counterparty, day, amount in found:
        days.setdefault((book, account, project, counterparty), []).append((day, int(amount)))
    return days


def overdue_cells(
    connection: Connection, tenant: str, party: str, projects: Sequence[str]
) -> list[Row]:
    """``(book, project, due_on, on, amount_fen)`` of wages of a party or on projects."""
    given, parameter = listed(connection, projects)
    return fetch(
        connection,
        "SELECT book, project, due_on, on_date, amount_fen FROM cell_day WHERE tenant = ?"
        f" AND account = 'wages_payable' AND (book = ? OR project IN (SELECT value FROM {given}))"
        " ORDER BY book, project, due_on, on_date",
        (tenant, party, parameter),
    )


def used_keys(
    connection: Connection, tenant: str, party: str, keys: Sequence[str]
) -> dict[str, tuple[int, str]]:
    """Position and digest of the postings recorded under these keys of a party."""
    given, parameter = listed(connection, keys)
    found = fetch(
        connection,
        f"SELECT key, position, digest FROM used_key WHERE tenant = ? AND party = ?"
        f" AND key IN (SELECT value FROM {given})",
        (tenant, party, parameter),
    )
    return {key: (int(position), digest) for key, position, digest in found}


def stream_versions(connection: Connection, tenant: str, streams: Sequence[str]) -> dict[str, int]:
    """Latest version of each stream that has events."""
    given, parameter = listed(connection, streams)
    found = fetch(
        connection,
        "SELECT e.stream, max(e.version) FROM event e WHERE e.tenant = ?"
        f" AND e.stream IN (SELECT value FROM {given}) GROUP BY e.stream",
        (tenant, parameter),
    )
    return {stream: int(version) for stream, version in found}


def posting(connection: Connection, tenant: str, position: int) -> Recorded:
    """A recorded posting, read back from the log."""
    ((topic, raw),) = fetch(
        connection,
        "SELECT topic, body FROM event WHERE tenant = ? AND position = ?",
        (tenant, position),
    )
    body: Mapping[str, Any] = decode(topic, bytes(raw))
    lines = fetch(
        connection,
        "SELECT part, line, effect, claim_position, claim_line, worker, amount_fen, body"
        " FROM event_line WHERE tenant = ? AND position = ? ORDER BY part, line",
        (tenant, position),
    )
    document, journal = [], [Line(*line) for line in body.get("journal", ())]
    for part, _, effect, at, of, worker, amount, line_body in lines:
        found = json.loads(bytes(line_body))
        if part == 0:
            key = None if at is None else (at, of)
            document.append(DocumentLine(effect, key, worker, amount, found))
        else:
            journal.append(Line(*found[:6]))
    return Recorded(
        position=position, kind=body["kind"], on=body["on"], fields=body["fields"],
        journal=journal, lines=document, outcome=body.get("outcome", {}),
        policies=body.get("policies", ()), by=body.get("by", ""),
    )  # fmt: skip
