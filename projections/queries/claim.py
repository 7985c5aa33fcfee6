"""Wage claims on a date: what is open on each, what is in transit, what became of it.

The write side keeps the claims as they stand now and every move of them; a claim as of a date is
what it is now less the moves that do not count. Its state is the first that fits: ``paid``
(nothing open), ``in_transit``, ``arrears`` (due before the date), ``open``.
"""

from typing import Any, Final

from ledger.domain import effects
from projections.queries.paging import Answer, after_line, listed, page, whole_number
from projections.view import Cut, Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

STATES: Final = ("open", "in_transit", "arrears", "paid")

_CLAIMS: Final = "FROM origin AS o CROSS JOIN claim AS c WHERE"
ORIGINS_OF_A_WORKER: Final = """
    (SELECT s.position FROM (SELECT DISTINCT t.project, t.employer FROM {worker_step} AS t
            WHERE t.tenant = :tenant AND t.worker = :worker AND t.step = 'assigned') AS t
        CROSS JOIN {sheet} AS s
        WHERE s.tenant = :tenant AND s.project = t.project AND s.employer = t.employer
    UNION ALL
    SELECT a.position FROM {asserted_claim} AS a WHERE a.tenant = :tenant AND a.worker = :worker)
"""
"""Positions of sheets on which a worker may stand (assigned there), and of asserted claims."""

_OF_A_WORKER: Final = (
    f"FROM {ORIGINS_OF_A_WORKER} AS w CROSS JOIN claim AS c CROSS JOIN origin AS o"
    " WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker AND"
)
_JOINED: Final = (
    " o.tenant = :tenant AND c.tenant = o.tenant AND o.position = c.position"
    " AND (c.position > :position OR c.position = :position AND c.line > :line)"
)

_NOW: Final = {
    "employer": "coalesce(c.employer, o.employer)",
    "net": "c.net_fen",
    "paid": "c.paid_fen",
    "transit": "c.transit_fen",
    "disputed": "c.disputed",
    "exists": "o.state = 'approved'",
}
_UNCOUNTED: Final = (
    "coalesce((SELECT CAST(sum(m.{column}) AS BIGINT) FROM claim_move AS m"
    " WHERE m.tenant = c.tenant AND m.claim_position = c.position AND m.claim_line = c.line"
    " AND (m.on_date > :on OR m.position > :known)), 0)"
)
_THEN: Final = {
    "employer": "coalesce((SELECT t.to_party FROM {attribution} AS t WHERE t.tenant = c.tenant"
    " AND t.claim_position = c.position AND t.claim_line = c.line AND t.on_date <= :on"
    " AND t.position <= :known ORDER BY t.position DESC LIMIT 1), o.employer)",
    "net": f"c.net_fen - {_UNCOUNTED.format(column='net_fen')}",
    "paid": f"c.paid_fen - {_UNCOUNTED.format(column='paid_fen')}",
    "transit": f"c.transit_fen - {_UNCOUNTED.format(column='transit_fen')}",
    "disputed": "(NOT o.asserted AND EXISTS (SELECT 1 FROM {sheet_step} AS s"
    " WHERE s.tenant = o.tenant AND s.sheet = o.name AND s.step = 'objection'"
    " AND s.worker = c.worker AND s.on_date <= :on AND s.position <= :known))",
    "exists": "(o.asserted AND o.approved_on <= :on AND o.position <= :known OR NOT o.asserted"
    " AND EXISTS (SELECT 1 FROM {sheet_step} AS s WHERE s.tenant = o.tenant AND s.sheet = o.name"
    " AND s.step = 'approved' AND s.on_date <= :on AND s.position <= :known)"
    " AND NOT EXISTS (SELECT 1 FROM {sheet_step} AS s WHERE s.tenant = o.tenant"
    " AND s.sheet = o.name AND s.step = 'reversed' AND s.on_date <= :on"
    " AND s.position <= :known))",
}
_STATE: Final = (
    "CASE WHEN q.net_fen = q.paid_fen THEN 'paid' WHEN q.transit_fen > 0 THEN 'in_transit'"
    " WHEN q.due_on < :on THEN 'arrears' ELSE 'open' END"
)


def claim_rows(  # noqa: PLR0913 - the filters of a list
    view: View,
    cut: Cut,
    *,
    project: str | None = None,
    employer: str | None = None,
    worker: str | None = None,
    origin: int | None = None,
    line: int | None = None,
    states: frozenset[str] = frozenset(),
    asserted: bool | None = None,
    limit: int | None = None,
    after: tuple[int, int] = (0, 0),
) -> list[Row]:
    """Claims that exist on a date, in the order of their origin, with amounts and state."""
    by = _NOW if cut.latest else _THEN
    values: dict[str, object] = {
        "on": cut.on, "known": cut.known, "position": after[0], "line": after[1],
    }  # fmt: skip
    source = _CLAIMS
    if worker is not None:
        source, values["worker"] = _OF_A_WORKER, worker
    where = [f"{by['exists']}"]
    for name, value, condition in (
        ("project", project, "o.project = :project"),
        ("origin", origin, "o.position = :origin"),
        ("one_line", line, "c.line = :one_line"),
    ):
        if value is not None:
            where.append(condition)
            values[name] = value
    if asserted is not None:
        where.append("o.asserted" if asserted else "NOT o.asserted")
    inner = (
        "SELECT o.position, c.line, o.name, o.asserted, o.project, o.period, o.due_on, c.worker,"
        f" {by['disputed']} AS disputed, {by['employer']} AS employer, {by['net']} AS net_fen,"
        f" {by['paid']} AS paid_fen, {by['transit']} AS transit_fen"
        f" {source}{_JOINED} AND {' AND '.join(where)}"
    )
    outer = []
    if employer is not None:
        outer.append("q.employer = :employer")
        values["employer"] = employer
    if states:
        outer.append(f"{_STATE} IN ({', '.join(repr(state) for state in sorted(states))})")
    condition = f" WHERE {' AND '.join(outer)}" if outer else ""
    sql = (
        f"SELECT q.*, {_STATE} AS state FROM ({inner}) AS q{condition} ORDER BY q.position, q.line"
    )
    if limit is not None:
        sql, values["limit"] = f"{sql} LIMIT :limit", limit
    return list(view.rows(sql, **values))


def claim_name(row: Row) -> str:
    """``<sheet>/<line>``, or the id of an asserted claim."""
    return str(row.name) if row.asserted else f"{row.name}/{row.line}"


def told(row: Row) -> dict[str, Any]:
    """One claim as every list of claims tells it."""
    open_fen = row.net_fen - row.paid_fen
    return {
        "claim": claim_name(row),
        "worker": row.worker,
        "employer": row.employer,
        "project": row.project,
        "period": row.period,
        "due_on": row.due_on,
        "net_fen": row.net_fen,
        "paid_fen": row.paid_fen,
        "in_transit_fen": row.transit_fen,
        "open_fen": open_fen,
        "free_fen": open_fen - row.transit_fen,
        "state": row.state,
        "disputed": bool(row.disputed),
    }


def claim_list(  # noqa: PLR0913 - the filters of a list
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    project: str | None = None,
    employer: str | None = None,
    worker: str | None = None,
    state: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Claims that exist on a date, filtered, a page at a time.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        project: Of one project.
        employer: Of one primary debtor, whom a later attribution may have made it.
        worker: Of one worker.
        state: One or several of ``STATES``, separated by commas.
        limit: Rows of a page.
        after: Cursor of the page before.
    """
    cut = view.cut(as_of, known_at)
    rows = claim_rows(
        view, cut, project=project, employer=employer, worker=worker, states=listed(state),
        limit=None if limit is None else limit + 1, after=after_line(after),
    )  # fmt: skip
    shown, following = page(rows, limit, lambda row: f"{row.position}/{row.line}")
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "claims": [told(row) for row in shown],
        "next": following,
    }


def key_of(view: View, claim: str) -> tuple[int, int] | None:
    """Position and line of a claim's origin, whether it exists yet or not."""
    name, slash, line = claim.rpartition("/")
    if slash:
        found = view.row(
            "SELECT s.position FROM {sheet} AS s WHERE s.tenant = :tenant AND s.sheet = :name",
            name=name,
        )
        number = whole_number(line)
        return (found.position, number) if found and number is not None else None
    found = view.row(
        "SELECT c.position FROM {asserted_claim} AS c WHERE c.tenant = :tenant AND c.claim = :name",
        name=claim,
    )
    return (found.position, 1) if found else None


_MOVES: Final = """
    SELECT m.position, m.line, m.on_date, m.effect, m.net_fen, m.paid_fen, m.transit_fen, e.kind,
        b.batch
    FROM claim_move AS m JOIN event AS e ON e.tenant = m.tenant AND e.position = m.position
    LEFT JOIN {batch_step} AS s ON s.tenant = m.tenant AND s.position = m.position
    LEFT JOIN {batch} AS b ON b.tenant = m.tenant
        AND b.position = coalesce(s.batch_position, m.position)
    WHERE m.tenant = :tenant AND m.claim_position = :position AND m.claim_line = :line
        AND m.on_date <= :on AND m.position <= :known
    ORDER BY m.position, m.line
"""
_ATTRIBUTIONS: Final = """
    SELECT t.position, t.on_date, t.from_party, t.to_party, t.ground, t.case_id
    FROM {attribution} AS t WHERE t.tenant = :tenant AND t.claim_position = :position
        AND t.claim_line = :line AND t.on_date <= :on AND t.position <= :known ORDER BY t.position
"""
_OBJECTIONS: Final = """
    SELECT s.position, s.on_date, s.reason FROM {sheet} AS h
    JOIN {sheet_step} AS s ON s.tenant = h.tenant AND s.sheet = h.sheet
    WHERE h.tenant = :tenant AND h.position = :position AND s.step = 'objection'
        AND s.worker = :worker AND s.on_date <= :on AND s.position <= :known ORDER BY s.position
"""


def claim_show(view: View, claim: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """One claim with all that moved it, was said of it, and put it on another debtor.

    Raises:
        LedgerError: ``unknown_claim``, also while its sheet is not approved.
    """
    cut = view.cut(as_of, known_at)
    key = key_of(view, claim)
    rows = claim_rows(view, cut, origin=key[0], line=key[1]) if key else []
    if not rows or key is None:
        raise unknown("claim", claim)
    at = {"position": key[0], "line": key[1], "on": cut.on, "known": cut.known}
    objections = {**at, "worker": rows[0].worker}
    del objections["line"]
    return {
        "as_of": as_of,
        "position": view.position,
        **told(rows[0]),
        "origin_position": key[0],
        "moves": [
            {
                "position": row.position,
                "on": row.on_date,
                "kind": row.kind,
                "effect": effects.EFFECTS[row.effect].name,
                "net_fen": row.net_fen,
                "paid_fen": row.paid_fen,
                "in_transit_fen": row.transit_fen,
                "batch": row.batch,
            }
            for row in view.rows(_MOVES, **at)
        ],
        "attributions": [
            {
                "position": row.position, "on": row.on_date, "from": row.from_party,
                "to": row.to_party, "case": row.case_id, "ground": row.ground,
            }
            for row in view.rows(_ATTRIBUTIONS, **at)
        ],
        "objections": [
            {"position": row.position, "on": row.on_date, "reason": row.reason}
            for row in view.rows(_OBJECTIONS, **objections)
        ],
    }  # fmt: skip


_ASSERTED_NOW: Final = (
    "SELECT CAST(coalesce(sum(({net}) - ({paid}) - ({transit})), 0) AS BIGINT) AS fen"
    " FROM {{asserted_claim}} AS a CROSS JOIN claim AS c WHERE a.tenant = :tenant"
    " AND a.project = :project AND a.on_date <= :on AND a.position <= :known"
    " AND c.tenant = a.tenant AND c.position = a.position"
)


def asserted_open_fen(view: View, cut: Cut, project: str) -> int:
    """What is open and not in transit on the asserted claims of a project, in fen."""
    by = _NOW if cut.latest else _THEN
    sql = _ASSERTED_NOW.format(net=by["net"], paid=by["paid"], transit=by["transit"])
    return int(view.rows(sql, project=project, on=cut.on, known=cut.known)[0].fen)
