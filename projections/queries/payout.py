"""Payout batches: the list of them, and one with its lines and what the bank said of each."""

from typing import Any, Final

from ledger.domain import effects
from projections.queries.lines import DocumentLine, lines_of, page_of_lines
from projections.queries.paging import Answer, after_position, listed, page
from projections.view import Cut, Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

STATES: Final = ("pending", "partly", "settled", "returned")
"""pending: nothing answered; partly: some lines are pending; returned: nothing was settled."""

_SUM: Final = (
    "(SELECT CAST(coalesce(sum(s.{column}), 0) AS BIGINT) FROM {{batch_step}} AS s"
    " WHERE s.tenant = b.tenant AND s.batch_position = b.position AND s.on_date <= :on"
    " AND s.position <= :known) AS {column}"
)
_COLUMNS: Final = (
    "settled_fen", "returned_fen", "late_fen", "settled_lines", "returned_lines", "late_lines"
)  # fmt: skip
_BATCHES: Final = f"""
    SELECT b.batch, b.position, b.on_date, b.project, b.lines, b.total_fen, p.general_contractor,
        {", ".join(_SUM.format(column=column) for column in _COLUMNS)}
    FROM {{batch}} AS b
    LEFT JOIN {{project}} AS p ON p.tenant = b.tenant AND p.project = b.project
    WHERE b.tenant = :tenant AND b.on_date <= :on AND b.position <= :known
"""
_ANSWERS: Final = (
    "SELECT s.position, s.on_date FROM {batch_step} AS s WHERE s.tenant = :tenant"
    " AND s.batch_position = :batch AND s.on_date <= :on AND s.position <= :known"
    " ORDER BY s.position"
)


def payout_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    state: str | None = None,
    party: str | None = None,
    project: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Batches in the order of their instruction.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        state: One or several of ``STATES``, separated by commas.
        party: General contractor of the project.
        project: Of one project.
        limit: Rows of a page.
        after: Cursor of the page before.
    """
    cut = view.cut(as_of, known_at)
    sql = f"{_BATCHES} AND b.position > :after"
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_position(after)}
    if party is not None:
        sql, values["party"] = f"{sql} AND p.general_contractor = :party", party
    if project is not None:
        sql, values["project"] = f"{sql} AND b.project = :project", project
    states = listed(state)
    rows = view.rows(f"{sql} ORDER BY b.position", **values)
    batches = [_batch(row) for row in rows]
    told = [batch for batch in batches if not states or batch["state"] in states]
    shown, following = page(told, limit, lambda one: str(one["position"]))
    return {"as_of": as_of, "position": view.position, "batches": shown, "next": following}


def payout_show(
    view: View,
    batch: str,
    *,
    as_of: str,
    known_at: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """One batch with its lines: pending, settled, or returned with the bank's code.

    Raises:
        LedgerError: ``unknown_batch``.
    """
    cut = view.cut(as_of, known_at)
    row = view.row(f"{_BATCHES} AND b.batch = :batch", batch=batch, on=cut.on, known=cut.known)
    if row is None:
        raise unknown("batch", batch)
    answers = answers_of(view, cut, row.position)
    shown, following = page_of_lines(view, row.position, limit, after)
    lines = []
    for line in shown:
        on, answer = answers.get(line.key, (None, None))
        late = answer is not None and answer.effect == effects.LATE_RETURN
        lines.append(
            {
                "line": line.line,
                "claim": line.claim,
                "worker": line.worker,
                "amount_fen": line.amount_fen,
                "state": line_state(answer),
                "code": answer.fields.get("code") if answer is not None else None,
                "bank_code": answer.fields.get("bank_code") if answer is not None else None,
                "late": late,
                "answered_on": on,
                "answered_position": answer.position if answer is not None else None,
            }
        )
    return {
        "as_of": as_of,
        **_batch(row),
        "instructed_position": row.position,
        "position": view.position,
        "lines": lines,
        "next": following,
    }


def answers_of(
    view: View, cut: Cut, batch: int
) -> dict[tuple[int, int] | None, tuple[str, DocumentLine]]:
    """The bank's last word on each claim of a batch, with its day."""
    steps = view.rows(_ANSWERS, batch=batch, on=cut.on, known=cut.known)
    days = {step.position: step.on_date for step in steps}
    return {line.key: (days[line.position], line) for line in lines_of(view, list(days))}


def line_state(answer: DocumentLine | None) -> str:
    """What a line of a batch is by the bank's last word on it: one of three."""
    if answer is None:
        return "pending"
    return "settled" if answer.effect == effects.SETTLE else "returned"


def _batch(row: Row) -> dict[str, Any]:
    settled = row.settled_fen - row.late_fen
    returned = row.returned_fen + row.late_fen
    pending = row.total_fen - row.settled_fen - row.returned_fen
    if pending == row.total_fen:
        state = "pending"
    elif pending:
        state = "partly"
    else:
        state = "settled" if settled else "returned"
    return {
        "batch": row.batch,
        "position": row.position,
        "on": row.on_date,
        "project": row.project,
        "general_contractor": row.general_contractor,
        "count": row.lines,
        "total_fen": row.total_fen,
        "pending_fen": pending,
        "settled_fen": settled,
        "returned_fen": returned,
        "pending_count": row.lines - row.settled_lines - row.returned_lines,
        "settled_count": row.settled_lines - row.late_lines,
        "returned_count": row.returned_lines + row.late_lines,
        "state": state,
    }
