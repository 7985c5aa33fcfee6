"""The history of a party: every event that touches it, oldest first, a page at a time."""

from typing import Any, Final

from sqlalchemy import Row

from projections.queries.figures import require_party
from projections.queries.paging import Answer, after_position, page
from projections.view import View

_EVENTS: Final = (
    "SELECT h.position, h.on_date, h.recorded_at, h.kind, h.project, h.summary, h.amount_fen,"
    " h.by_party, h.document_type, h.document_number, h.document_sha256"
    " FROM {history_party} AS t CROSS JOIN {history_event} AS h"
    " WHERE t.tenant = :tenant AND t.party = :party AND t.position > :after"
    " AND h.tenant = t.tenant AND h.position = t.position"
)
"""Told in the order of the party's own index, so that a page ends where it is full."""


def history(
    view: View,
    party: str,
    *,
    as_of: str | None = None,
    known_at: int | None = None,
    project: str | None = None,
    kind: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Events that touch a party, in the order of recording.

    Args:
        view: The ledger.
        party: Credit code.
        as_of: Only events dated up to this day; all where it is None.
        known_at: Only events recorded up to this position.
        project: Only those of one project.
        kind: Only those of one kind.
        limit: Rows of a page.
        after: Cursor of the page before: a position.

    Raises:
        LedgerError: ``unknown_party``.
    """
    values: dict[str, object] = {"party": party, "after": after_position(after)}
    filters = ""
    for name, value, condition in (
        ("on", as_of, "h.on_date <= :on"),
        ("project", project, "h.project = :project"),
        ("kind", kind, "h.kind = :kind"),
    ):
        if value is not None:
            filters, values[name] = f"{filters} AND {condition}", value
    if known_at is not None:
        filters, values["known"] = f"{filters} AND t.position <= :known", known_at
    sql = f"{_EVENTS}{filters} ORDER BY t.position"
    if limit is not None:
        sql, values["limit"] = f"{sql} LIMIT :limit", limit + 1
    rows, following = page(view.rows(sql, **values), limit, lambda row: str(row.position))
    if not rows:
        require_party(view, view.cut(as_of or "9999-12-31", known_at), party)
    return {"position": view.position, "events": [_told(row) for row in rows], "next": following}


def _told(row: Row[Any]) -> dict[str, Any]:
    document = {
        name: value
        for name, value in (
            ("type", row.document_type),
            ("number", row.document_number),
            ("sha256", row.document_sha256),
        )
        if value is not None
    }
    return {
        "position": row.position,
        "on": row.on_date,
        "recorded_at": row.recorded_at,
        "kind": row.kind,
        "project": row.project,
        "summary": row.summary,
        "amount_fen": row.amount_fen,
        "by": row.by_party,
        "document": document or None,
    }
