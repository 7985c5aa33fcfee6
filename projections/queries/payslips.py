"""Payslips: for every line of an approved sheet what was earned, paid, returned and is still open.

Legal source: Decree 724 arts. 15 and 31: whoever pays the wages gives each worker the list of them.
A slip tells its claim as of a date; the worker's identity is not here, the caller adds it, masked.
"""

from collections import defaultdict
from typing import Any, Final

from ledger.domain import effects
from ledger.kernel.errors import LedgerError
from projections.queries.claim import claim_rows, told
from projections.queries.figures import names
from projections.queries.lines import page_of_lines, stored_json
from projections.queries.paging import Answer
from projections.queries.payroll import payroll_show
from projections.view import Cut, Row, View

APPROVED: Final = "approved"

_MOVES: Final = """
    SELECT m.claim_line, m.position, m.on_date, m.effect, m.paid_fen, e.kind, l.amount_fen, l.body,
        b.batch
    FROM claim_move AS m
    CROSS JOIN event AS e
    CROSS JOIN event_line AS l
    LEFT JOIN {batch_step} AS s ON s.tenant = m.tenant AND s.position = m.position
    LEFT JOIN {batch} AS b ON b.tenant = m.tenant AND b.position = s.batch_position
    WHERE m.tenant = :tenant AND m.claim_position = :position AND m.claim_line BETWEEN :first
        AND :last AND m.on_date <= :on AND m.position <= :known
        AND e.tenant = m.tenant AND e.position = m.position
        AND l.tenant = m.tenant AND l.position = m.position AND l.part = 0 AND l.line = m.line
    ORDER BY m.position, m.line
"""
_CARDS: Final = """
    SELECT w.worker, w.card_last4 FROM claim AS c CROSS JOIN {worker_step} AS w
    WHERE c.tenant = :tenant AND c.position = :position AND c.line BETWEEN :first AND :last
        AND w.tenant = c.tenant AND w.worker = c.worker AND w.step = 'card_bound'
        AND w.on_date <= :on AND w.position <= :known
    ORDER BY w.position
"""
_PROJECT: Final = (
    "SELECT p.name FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project"
)
_PAID: Final = frozenset({effects.SETTLE, effects.DISCHARGE})
_BACK: Final = frozenset({effects.RETURN, effects.LATE_RETURN, effects.UNDO})


def payroll_slips(
    view: View,
    sheet: str,
    *,
    as_of: str,
    known_at: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """The slips of a sheet, in the order of its lines.

    Args:
        view: The ledger.
        sheet: Id of the sheet.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        limit: Slips of a page.
        after: Cursor of the page before.

    Returns:
        The sheet with the names of its parties, and ``slips``: the claim of each line with
        ``gross_fen``, ``deductions_fen``, ``reduced_fen`` (taken off the net after approval), the
        card's last digits, and ``payments``, whose ``paid_fen`` sum to the slip's.

    Raises:
        LedgerError: ``unknown_sheet``, ``sheet_not_approved``.
    """
    cut = view.cut(as_of, known_at)
    head = payroll_show(view, sheet, as_of=as_of, known_at=known_at, limit=1)
    if head["state"] != APPROVED:
        raise LedgerError("sheet_not_approved", sheet=sheet, state=head["state"])
    origin = head["submitted_position"]
    lines, following = page_of_lines(view, origin, limit, after)
    span = {"first": lines[0].line, "last": lines[-1].line} if lines else {"first": 1, "last": 0}
    at = {"position": origin, "on": cut.on, "known": cut.known, **span}
    payments = _payments(view.rows(_MOVES, **at))
    cards = {row.worker: row.card_last4 for row in view.rows(_CARDS, **at)}
    window = (origin, span["first"] - 1)
    found = claim_rows(view, cut, origin=origin, after=window, limit=len(lines) or 1)
    claims = {claim.line: told(claim) for claim in found}
    slips = [
        {
            "sheet": sheet,
            "line": line.line,
            **claims[line.line],
            "days": half / 2 if (half := line.fields.get("half_days")) is not None else None,
            "gross_fen": line.fields.get("gross_fen"),
            "deductions_fen": line.fields.get("deductions_fen"),
            "reduced_fen": (line.amount_fen or 0) - claims[line.line]["net_fen"],
            "card_last4": cards.get(str(line.worker)),
            **_how(payments[line.line]),
            "payments": payments[line.line],
        }
        for line in lines
    ]
    kept = ("project", "employer", "general_contractor", "period", "due_on", "back_pay", "count")
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "sheet": sheet,
        **{key: head[key] for key in kept},
        "total_fen": head["total_fen"],
        **party_names(view, cut, head),
        "slips": slips,
        "next": following,
    }


def party_names(view: View, cut: Cut, head: dict[str, Any]) -> dict[str, str]:
    """Names beside the codes of a paper that leaves the ledger."""
    parties = {key: head[key] for key in ("employer", "general_contractor") if head.get(key)}
    named = names(view, cut, parties.values())
    row = view.row(_PROJECT, project=head["project"])
    return {
        "project_name": row.name if row is not None else "",
        **{f"{key}_name": named.get(party, "") for key, party in parties.items()},
    }


def _payments(rows: Any) -> dict[int, list[dict[str, Any]]]:  # noqa: ANN401 - rows of a query
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row.effect in _PAID | _BACK:
            found[row.claim_line].append(_payment(row))
    return found


def _payment(row: Row) -> dict[str, Any]:
    back = row.effect in _BACK
    return {
        "position": row.position,
        "on": row.on_date,
        "kind": row.kind,
        "batch": row.batch,
        "state": "returned" if back else "paid",
        "amount_fen": row.amount_fen,
        "paid_fen": row.paid_fen,
        "code": stored_json(row.body).get("code") if back else None,
    }


def _how(payments: list[dict[str, Any]]) -> dict[str, Any]:
    """When the last money came that counts, and in which ways money came."""
    paid = [payment for payment in payments if payment["state"] == "paid"]
    return {
        "paid_on": max((payment["on"] for payment in paid), default=None),
        "paid_by": list(dict.fromkeys(payment["kind"] for payment in paid)),
    }
