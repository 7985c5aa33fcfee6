"""Breaks of reconciliation: what the bank shows and the ledger does not, or the other way round.

A booked line without a match (``missing_in_ledger``), and a posting that moved the account
without a booked line, dated up to the account's latest statement (``missing_at_bank``), unless
somebody explained it.
"""

from typing import Any, Final

from projections.queries.paging import Answer
from projections.view import Cut, View

_LINES: Final = """
    SELECT b.account, b.booked_on AS on_date, b.line, b.statement_id, b.position, b.amount_fen,
        b.amount_fen
        - coalesce((SELECT CAST(sum(m.sign * m.amount_fen) AS BIGINT) FROM {bank_match} AS m
            WHERE m.tenant = b.tenant AND m.account = b.account
            AND m.booked_on = b.booked_on AND m.booked = b.line
            AND m.on_date <= :on AND m.position <= :known), 0) AS left_fen
    FROM {booked_line} AS b
    JOIN event AS e ON e.tenant = b.tenant AND e.position = b.position
    WHERE b.tenant = :tenant AND b.booked_on <= :on AND b.position <= :known AND e.on_date <= :on
"""
_ENTRIES: Final = """
    SELECT n.account, n.on_date, n.position, n.amount_fen, n.amount_fen
        - coalesce((SELECT CAST(sum(m.sign * m.amount_fen) AS BIGINT) FROM {bank_match} AS m
            WHERE m.tenant = n.tenant AND m.account = n.account AND m.of_position = n.position
            AND m.on_date <= :on AND m.position <= :known), 0) AS left_fen
    FROM {bank_entry} AS n
    WHERE n.tenant = :tenant AND n.position <= :known AND n.on_date <= :on
        AND n.on_date <= (SELECT max(t.to_on) FROM {bank_statement} AS t
            WHERE t.tenant = n.tenant AND t.account = n.account AND t.on_date <= :on
            AND t.position <= :known)
"""
_RESOLVED: Final = (
    "SELECT s.subject FROM {bank_step} AS s WHERE s.tenant = :tenant AND s.step = 'resolved'"
    " AND s.on_date <= :on AND s.position <= :known"
)


def breaks(
    view: View, *, as_of: str, known_at: int | None = None, account: str | None = None
) -> Answer:
    """Breaks that nobody has resolved, of one account or of all that have statements."""
    cut = view.cut(as_of, known_at)
    return {
        "as_of": as_of,
        "position": view.position,
        "breaks": open_breaks(view, cut, account),
    }


def open_breaks(view: View, cut: Cut, account: str | None = None) -> list[dict[str, Any]]:
    """Breaks that nobody has resolved, by account and day."""
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    resolved = {row.subject for row in view.rows(_RESOLVED, **values)}
    lines, entries = _LINES, _ENTRIES
    if account is not None:
        values["account"] = account
        lines += " AND b.account = :account"
        entries += " AND n.account = :account"
    found = [
        {
            "kind": "missing_in_ledger" if row.left_fen == row.amount_fen else "amount_differs",
            "account": row.account, "on": row.on_date, "amount_fen": row.left_fen,
            "line": row.line, "statement_id": row.statement_id, "position": None,
        }
        for row in view.rows(lines, **values)
        if row.left_fen and f"{row.account}|{row.on_date}|{row.line}" not in resolved
    ] + [
        {
            "kind": "missing_at_bank" if row.left_fen == row.amount_fen else "amount_differs",
            "account": row.account, "on": row.on_date, "amount_fen": row.left_fen, "line": None,
            "statement_id": None, "position": row.position,
        }
        for row in view.rows(entries, **values)
        if row.left_fen and f"{row.account}|{row.position:012d}" not in resolved
    ]  # fmt: skip
    return sorted(
        found,
        key=lambda one: (one["account"], one["on"], one["position"] or 0, one["line"] or ""),
    )
