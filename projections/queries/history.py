"""The history of a party: every event that touches it, oldest first, a page at a time."""

from typing import Any, Final

from projections.queries.figures import require_party
from projections.queries.paging import Answer, after_position, page
from projections.view import Row, View

_TOUCHING: Final = (
    "(SELECT t.position FROM {history_party} AS t WHERE t.tenant = :tenant AND t.party = :party"
    " AND t.position > :after AND t.position <= :known ORDER BY t.position LIMIT :most)"
)
_LAST: Final = "SELECT count(*) AS many, max(p.position) AS last FROM {touching} AS p".replace(
    "{touching}", _TOUCHING
)
_EVENTS: Final = (
    "SELECT h.position, h.on_date, h.recorded_at, h.kind, h.project, h.summary, h.amount_fen,"
    " h.by_party, h.document_type, h.document_number, h.document_sha256"
    " FROM {touching} AS p CROSS JOIN {history_event} AS h"
    " WHERE h.tenant = :tenant AND h.position = p.position"
).replace("{touching}", _TOUCHING)
_EVERYTHING: Final = 2**62
_GROWING: Final = 8


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
    known = _EVERYTHING if known_at is None else known_at
    values: dict[str, object] = {"party": party, "known": known}
    filters = ""
    for name, value, condition in (
        ("on", as_of, "h.on_date <= :on"),
        ("project", project, "h.project = :project"),
        ("kind", kind, "h.kind = :kind"),
    ):
        if value is not None:
            filters, values[name] = f"{filters} AND {condition}", value
    found = _found(view, filters, values, after_position(after), limit)
    rows, following = page(found, limit, lambda row: str(row.position))
    if not rows:
        require_party(view, view.cut(as_of or "9999-12-31", known_at), party)
    return {"position": view.position, "events": [_told(row) for row in rows], "next": following}


def _found(
    view: View, filters: str, values: dict[str, object], after: int, limit: int | None
) -> list[Row]:
    """The events of a page and one more, if there is one.

    The party's events are looked through a piece at a time, each larger than the one before: a
    page's cost grows neither with the log nor with the party's history, on any plan of a database.
    """
    found: list[Row] = []
    most = _EVERYTHING if limit is None else limit + 1
    while True:
        piece = {"after": after, "most": most}
        found += view.rows(f"{_EVENTS}{filters} ORDER BY h.position", **values, **piece)
        if limit is None or len(found) > limit or not filters:
            return found
        bounds = {name: values[name] for name in ("party", "known")}
        (looked,) = view.rows(_LAST, **bounds, **piece)
        if looked.many < most:
            return found
        after, most = looked.last, most * _GROWING


def _told(row: Row) -> dict[str, Any]:
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
