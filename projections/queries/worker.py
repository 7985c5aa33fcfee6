"""One worker, from registration to payment: was the worker there, on a sheet, paid, or not?

The worker's identity is not here; the caller adds it, masked.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from collections import defaultdict
from typing import Any, Final

from ledger.domain import effects
from projections.queries.claim import ORIGINS_OF_A_WORKER, claim_name, claim_rows, told
from projections.queries.lines import stored_json
from projections.queries.paging import Answer
from projections.view import View, unknown

# The plus keeps SQLite from looking up every row below the position instead of the one at it.
_STEPS: Final = """
    SELECT s.position, s.on_date, s.step, s.project, s.employer, s.card_last4
    FROM {worker_step} AS s WHERE s.tenant = :tenant AND s.worker = :worker AND s.on_date <= :on
        AND s.position <= :known ORDER BY s.position
"""
_ATTENDED: Final = """
    SELECT w.position, w.line, e.on_date, e.body, l.body AS line_body
    FROM {attendance_line} AS w CROSS JOIN event AS e CROSS JOIN event_line AS l
    WHERE w.tenant = :tenant AND w.worker = :worker AND e.tenant = w.tenant
        AND e.position = w.position AND e.on_date <= :on AND +w.position <= :known
        AND l.tenant = w.tenant AND l.position = w.position AND l.part = 0 AND l.line = w.line
    ORDER BY w.position
"""
_SHEETS: Final = f"""
    SELECT c.position, c.line, s.sheet, s.on_date, s.project, s.employer, s.period, s.due_on,
        (SELECT l.amount_fen FROM event_line AS l WHERE l.tenant = c.tenant
            AND l.position = c.position AND l.part = 0 AND l.line = c.line) AS amount_fen,
        (SELECT t.step FROM {{sheet_step}} AS t WHERE t.tenant = s.tenant AND t.sheet = s.sheet
            AND t.step <> 'objection' AND t.on_date <= :on AND t.position <= :known
            ORDER BY t.position DESC LIMIT 1) AS step
    FROM {ORIGINS_OF_A_WORKER} AS w CROSS JOIN claim AS c CROSS JOIN {{sheet}} AS s
    WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker
        AND s.tenant = :tenant AND s.position = c.position AND s.on_date <= :on
        AND +c.position <= :known
    ORDER BY c.position, c.line
"""
_MOVES: Final = f"""
    SELECT m.position, m.on_date, m.effect, m.claim_position, m.claim_line, e.kind, l.amount_fen,
        l.body, b.batch
    FROM {ORIGINS_OF_A_WORKER} AS w
    CROSS JOIN claim AS c
    CROSS JOIN claim_move AS m
    CROSS JOIN event AS e
    CROSS JOIN event_line AS l
    LEFT JOIN {{batch_step}} AS s ON s.tenant = m.tenant AND s.position = m.position
    LEFT JOIN {{batch}} AS b ON b.tenant = m.tenant
        AND b.position = coalesce(s.batch_position, m.position)
    WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker
        AND m.tenant = c.tenant AND m.claim_position = c.position AND m.claim_line = c.line
        AND m.on_date <= :on AND +m.position <= :known
        AND e.tenant = m.tenant AND e.position = m.position
        AND l.tenant = m.tenant AND l.position = m.position AND l.part = 0 AND l.line = m.line
    ORDER BY m.position, m.line
"""
_PLACE: Final = {
    effects.INSTRUCT: "instructed",
    effects.SETTLE: "settled",
    effects.RETURN: "returned",
    effects.LATE_RETURN: "returned",
    effects.DISCHARGE: "paid_otherwise",
    effects.UNDO: "returned",
    effects.REDUCE: "reduced",
}


def worker_show(view: View, worker: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """Everything recorded of a worker up to a date, each with its position.

    Returns:
        ``{"worker", "registered", "updated", "cards", "assigned", "attended", "on_sheet",
        "asserted", "instructed", "settled", "returned", "paid_otherwise", "reduced", "claims"}``
        with the position that the figures hold at.

    Raises:
        LedgerError: ``unknown_worker``.
    """
    cut = view.cut(as_of, known_at)
    at = {"worker": worker, "on": cut.on, "known": cut.known}
    steps = view.rows(_STEPS, **at)
    if not any(step.step == "registered" for step in steps):
        raise unknown("worker", worker)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for step in steps:
        _add_step(found, step)
    claims = claim_rows(view, cut, worker=worker)
    for row in view.rows(_SHEETS, **at):
        found["on_sheet"].append(
            {
                "position": row.position, "on": row.on_date, "sheet": row.sheet,
                "claim": f"{row.sheet}/{row.line}", "project": row.project,
                "employer": row.employer, "period": row.period, "due_on": row.due_on,
                "net_fen": row.amount_fen, "state": row.step or "submitted",
            }
        )  # fmt: skip
    named = {(claim.position, claim.line): claim_name(claim) for claim in claims}
    for row in view.rows(_MOVES, **at):
        _add_move(found, row, named)
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "worker": worker,
        **{name: found[name] for name in ("registered", "updated", "cards", "assigned")},
        "attended": _attended(view, at),
        "on_sheet": found["on_sheet"],
        "asserted": [
            {"position": claim.position, **told(claim)} for claim in claims if claim.asserted
        ],
        **{
            name: found[name]
            for name in ("instructed", "settled", "returned", "paid_otherwise", "reduced")
        },
        "claims": [told(claim) for claim in claims],
    }


def _add_step(found: dict[str, list[dict[str, Any]]], step: Any) -> None:  # noqa: ANN401 - a row
    at = {"position": step.position, "on": step.on_date}
    match step.step:
        case "card_bound":
            found["cards"].append({**at, "last4": step.card_last4})
        case "assigned":
            where = {"project": step.project, "employer": step.employer}
            found["assigned"].append({**at, **where, "exited_on": None, "exited_position": None})
        case "exited":
            for assigned in found["assigned"]:
                there = (assigned["project"], assigned["employer"])
                here = there == (step.project, step.employer) and assigned["exited_on"] is None
                if here and assigned["on"] <= step.on_date:
                    assigned["exited_on"] = step.on_date
                    assigned["exited_position"] = step.position
        case other:
            found[other].append(at)


def _add_move(
    found: dict[str, list[dict[str, Any]]],
    row: Any,  # noqa: ANN401 - a row
    named: dict[tuple[int, int], str],
) -> None:
    place = _PLACE.get(row.effect)
    if place is None:
        return
    body = stored_json(row.body)
    move = {
        "position": row.position,
        "on": row.on_date,
        "kind": row.kind,
        "claim": named.get((row.claim_position, row.claim_line), body.get("claim")),
        "amount_fen": row.amount_fen,
    }
    if row.batch is not None:
        move["batch"] = row.batch
    if place == "returned":
        move["code"] = body.get("code")
        move["late"] = row.effect == effects.LATE_RETURN
    found[place].append(move)


def _attended(view: View, at: dict[str, Any]) -> list[dict[str, Any]]:
    attended = []
    for row in view.rows(_ATTENDED, **at):
        fields = stored_json(row.body)["fields"]
        attended.append(
            {
                "position": row.position, "on": row.on_date, "project": fields["project"],
                "employer": fields["employer"], "period": fields["period"],
                "days": stored_json(row.line_body)["half_days"] / 2,
                "replaces": fields.get("replaces", False),
            }
        )  # fmt: skip
    return attended
