"""A batch as it was instructed, for the file that tells it to a bank, and what was answered.

Nothing that happened after the instruction changes the order: names are those known then.
"""

import json
from typing import Any, Final, NamedTuple

from ledger.domain import effects
from projections.queries.figures import names
from projections.queries.lines import document_lines
from projections.queries.paging import Answer
from projections.view import View, unknown

_BATCH: Final = (
    "SELECT b.batch, b.position, b.on_date, b.project, e.recorded_at, p.name AS project_name,"
    " p.general_contractor FROM {batch} AS b"
    " JOIN event AS e ON e.tenant = b.tenant AND e.position = b.position"
    " LEFT JOIN {project} AS p ON p.tenant = b.tenant AND p.project = b.project"
    " WHERE b.tenant = :tenant AND b."
)
_PERIODS: Final = (
    "SELECT o.position, o.period FROM origin AS o WHERE o.tenant = :tenant AND o.position IN"
    " (SELECT l.claim_position FROM event_line AS l WHERE l.tenant = :tenant"
    " AND l.position = :position AND l.part = 0)"
)
_OPENINGS: Final = (
    "SELECT e.body FROM event AS e WHERE e.tenant = :tenant AND e.stream = :stream"
    " AND e.kind = 'WageAccountOpened' AND e.position < :position ORDER BY e.position"
)
_STEPS: Final = (
    "SELECT s.position, s.on_date FROM {batch_step} AS s WHERE s.tenant = :tenant"
    " AND s.batch_position = :position ORDER BY s.position"
)


def payout_order(view: View, batch: str) -> Answer:
    """What was instructed, with what was known at that position.

    Raises:
        LedgerError: ``unknown_batch``.
    """
    row = view.row(f"{_BATCH}batch = :batch", batch=batch)
    if row is None:
        raise unknown("batch", batch)
    contractor = row.general_contractor
    named = names(view, view.cut(row.on_date, row.position), [contractor])
    periods = {one.position: one.period for one in view.rows(_PERIODS, position=row.position)}
    lines = [
        {
            "line": line.line,
            "claim": line.claim,
            "worker": line.worker,
            "amount_fen": line.amount_fen,
            "period": periods[line.key[0]] if line.key else "",
        }
        for line in document_lines(view, row.position)
    ]
    return {
        "batch": row.batch,
        "position": row.position,
        "on": row.on_date,
        "recorded_at": row.recorded_at,
        "project": row.project,
        "project_name": row.project_name,
        "contractor": contractor,
        "contractor_name": named.get(contractor, contractor),
        "account_last4": _account_last4(view, row.project, row.position),
        "lines": lines,
    }


def _account_last4(view: View, project: str, position: int) -> str:
    """Last digits of the wage account that was open at a position, empty if nobody gave them."""
    found = view.rows(_OPENINGS, stream=f"project:{project}", position=position)
    if not found:
        return ""
    fields = json.loads(bytes(found[-1].body))["fields"]
    return str(fields.get("account_number_last4", ""))


def payout_position(view: View, batch: str) -> Answer:
    """Where a batch was instructed.

    Raises:
        LedgerError: ``unknown_batch``.
    """
    row = view.row(f"{_BATCH}batch = :batch", batch=batch)
    if row is None:
        raise unknown("batch", batch)
    return {"batch": row.batch, "position": row.position}


class Said(NamedTuple):
    """One word of the bank on a line."""

    settled: bool
    position: int
    on: str


def payout_answers(view: View, position: int) -> Answer:
    """The lines of a batch by number, each with all that the bank has said of it.

    Args:
        view: The ledger.
        position: Position of the instruction.

    Raises:
        LedgerError: ``unknown_batch``.
    """
    row = view.row(f"{_BATCH}position = :position", position=position)
    if row is None:
        raise unknown("batch", str(position))
    said: dict[tuple[int, int] | None, list[Said]] = {}
    for step in view.rows(_STEPS, position=position):
        for line in document_lines(view, step.position):
            word = Said(line.effect == effects.SETTLE, step.position, step.on_date)
            said.setdefault(line.key, []).append(word)
    lines: dict[int, dict[str, Any]] = {
        line.line: {
            "claim": line.claim,
            "amount_fen": line.amount_fen,
            "worker": line.worker,
            "said": said.get(line.key, []),
        }
        for line in document_lines(view, position)
    }
    return {"batch": row.batch, "project": row.project, "position": position, "lines": lines}
