"""Payroll sheets: the list of them, and one with its lines and what became of each."""

from typing import Any, Final

from projections.queries.claim import claim_rows, told
from projections.queries.lines import page_of_lines
from projections.queries.paging import Answer, after_position, listed, page
from projections.view import Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

STATES: Final = ("submitted", "approved", "returned", "reversed")

_STEP: Final = (
    "(SELECT s.{column} FROM {{sheet_step}} AS s WHERE s.tenant = h.tenant AND s.sheet = h.sheet"
    " AND s.step <> 'objection' AND s.on_date <= :on AND s.position <= :known"
    " ORDER BY s.position DESC LIMIT 1)"
)
_SHEETS: Final = f"""
    SELECT h.sheet, h.position, h.on_date, h.project, h.employer, h.period, h.due_on, h.back_pay,
        h.lines, h.total_fen, p.general_contractor, {_STEP.format(column="step")} AS step,
        {_STEP.format(column="on_date")} AS step_on, {_STEP.format(column="position")} AS step_at,
        {_STEP.format(column="reason")} AS reason
    FROM {{sheet}} AS h
    LEFT JOIN {{project}} AS p ON p.tenant = h.tenant AND p.project = h.project
    WHERE h.tenant = :tenant AND h.on_date <= :on AND h.position <= :known
"""


def payroll_list(  # noqa: PLR0913 - the filters of a list
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    state: str | None = None,
    party: str | None = None,
    project: str | None = None,
    period: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Sheets in the order of their submission.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        state: One or several of ``STATES``, separated by commas.
        party: Employer, or general contractor of the project.
        project: Of one project.
        period: Of one month, ``YYYY-MM``.
        limit: Rows of a page.
        after: Cursor of the page before.
    """
    cut = view.cut(as_of, known_at)
    sql = f"{_SHEETS} AND h.position > :after"
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_position(after)}
    for name, value, condition in (
        ("party", party, "(h.employer = :party OR p.general_contractor = :party)"),
        ("project", project, "h.project = :project"),
        ("period", period, "h.period = :period"),
    ):
        if value is not None:
            sql, values[name] = f"{sql} AND {condition}", value
    sql = f"SELECT q.* FROM ({sql}) AS q"
    if states := listed(state):
        chosen = ", ".join(f"'{one}'" for one in sorted(states & set(STATES))) or "''"
        sql += f" WHERE coalesce(q.step, 'submitted') IN ({chosen})"
    sql += " ORDER BY q.position"
    if limit is not None:
        sql, values["limit"] = f"{sql} LIMIT :limit", limit + 1
    rows, following = page(view.rows(sql, **values), limit, lambda row: str(row.position))
    return {
        "as_of": as_of,
        "position": view.position,
        "sheets": [_sheet(row) for row in rows],
        "next": following,
    }


def payroll_show(
    view: View,
    sheet: str,
    *,
    as_of: str,
    known_at: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """One sheet with its lines; their claims exist once it is approved.

    Raises:
        LedgerError: ``unknown_sheet``.
    """
    cut = view.cut(as_of, known_at)
    row = view.row(f"{_SHEETS} AND h.sheet = :sheet", sheet=sheet, on=cut.on, known=cut.known)
    if row is None:
        raise unknown("sheet", sheet)
    shown, following = page_of_lines(view, row.position, limit, after)
    claims: dict[int, dict[str, Any]] = {}
    if shown:
        window = (row.position, shown[0].line - 1)
        found = claim_rows(view, cut, origin=row.position, after=window, limit=len(shown))
        claims = {claim.line: told(claim) for claim in found}
    lines = []
    for line in shown:
        half_days = line.fields.get("half_days")
        claim = claims.get(line.line)
        lines.append(
            {
                "line": line.line,
                "claim": f"{sheet}/{line.line}",
                "worker": line.worker,
                "amount_fen": line.amount_fen,
                "gross_fen": line.fields.get("gross_fen"),
                "deductions_fen": line.fields.get("deductions_fen"),
                "days": None if half_days is None else half_days / 2,
                "state": claim["state"] if claim is not None else _state(row),
                "paid_fen": claim["paid_fen"] if claim is not None else 0,
                "in_transit_fen": claim["in_transit_fen"] if claim is not None else 0,
                "open_fen": claim["open_fen"] if claim is not None else 0,
                "disputed": claim["disputed"] if claim is not None else False,
            }
        )
    return {
        "as_of": as_of,
        **_sheet(row),
        "submitted_position": row.position,
        "position": view.position,
        "lines": lines,
        "next": following,
    }


def _state(row: Row) -> str:
    return str(row.step or "submitted")


def _sheet(row: Row) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "position": row.position,
        "on": row.on_date,
        "project": row.project,
        "employer": row.employer,
        "general_contractor": row.general_contractor,
        "period": row.period,
        "due_on": row.due_on,
        "back_pay": bool(row.back_pay),
        "count": row.lines,
        "total_fen": row.total_fen,
        "state": _state(row),
        "state_on": row.step_on,
        "state_position": row.step_at,
        "reason": row.reason,
    }
