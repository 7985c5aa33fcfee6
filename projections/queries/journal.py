"""The journal as lines with a running balance, and the log itself."""

from collections.abc import Iterator
from typing import Any, Final

from projections.queries.lines import stored_json
from projections.queries.paging import Answer, after_journal_line, page
from projections.view import View

_LINES: Final = """
    SELECT j.position, j.seq, j.on_date, j.book, j.account, j.project, j.counterparty, j.due_on,
        j.amount_fen, CAST(sum(j.amount_fen) OVER (ORDER BY j.on_date, j.position, j.seq
            ROWS UNBOUNDED PRECEDING) AS BIGINT) AS balance_fen
    FROM {{journal_line}} AS j WHERE j.tenant = :tenant AND j.on_date <= :on
        AND j.position <= :known{filters}
"""
_PAGE: Final = """
    SELECT q.*, e.kind FROM (SELECT * FROM ({lines}) AS r WHERE r.on_date > :after_on
        OR r.on_date = :after_on AND (r.position > :after_position
        OR r.position = :after_position AND r.seq > :after_seq)
        ORDER BY r.on_date, r.position, r.seq{limit}) AS q
    JOIN event AS e ON e.tenant = :tenant AND e.position = q.position
    ORDER BY q.on_date, q.position, q.seq
"""
_EVENTS: Final = (
    "SELECT e.position, e.stream, e.version, e.topic, e.leaf_hash, e.body FROM event AS e"
    " WHERE e.tenant = :tenant AND e.position >= :low AND e.position < :high ORDER BY e.position"
)
_AT_ONCE: Final = 1_000


def journal(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    book: str | None = None,
    account: str | None = None,
    project: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Journal lines by business date, with the running balance of all lines chosen.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        book: A party's credit code, or ``fund:<region>``.
        account: Of one account.
        project: Of one project.
        limit: Rows of a page.
        after: Cursor of the page before: ``day/position/seq``.
    """
    cut = view.cut(as_of, known_at)
    day, position, seq = after_journal_line(after)
    values: dict[str, object] = {
        "on": cut.on, "known": cut.known, "after_on": day, "after_position": position,
        "after_seq": seq,
    }  # fmt: skip
    filters = ""
    for name, value in (("book", book), ("account", account), ("project", project)):
        if value is not None:
            filters, values[name] = f"{filters} AND j.{name} = :{name}", value
    bound = ""
    if limit is not None:
        bound, values["limit"] = " LIMIT :limit", limit + 1
    sql = _PAGE.format(lines=_LINES.format(filters=filters), limit=bound)
    rows, following = page(
        view.rows(sql, **values),
        limit,
        lambda row: f"{row.on_date}/{row.position}/{row.seq}",
    )
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "lines": [
            {
                "position": row.position, "seq": row.seq, "on": row.on_date, "kind": row.kind,
                "book": row.book, "account": row.account, "project": row.project,
                "counterparty": row.counterparty, "due_on": row.due_on,
                "amount_fen": row.amount_fen, "balance_fen": row.balance_fen,
            }
            for row in rows
        ],
        "next": following,
    }  # fmt: skip


def events(
    view: View, *, from_position: int = 1, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """The log itself: one event after the other, from a position on.

    Yields:
        What the event's bytes say, with ``stream``, ``version``, ``topic`` and ``leaf_hash``.
    """
    last = view.last_position
    if limit is not None:
        last = min(last, from_position + limit - 1)
    for low in range(max(1, from_position), last + 1, _AT_ONCE):
        for row in view.rows(_EVENTS, low=low, high=min(low + _AT_ONCE, last + 1)):
            yield {
                **stored_json(row.body),
                "stream": row.stream,
                "version": row.version,
                "topic": row.topic,
                "leaf_hash": bytes(row.leaf_hash).hex(),
            }
