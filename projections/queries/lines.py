"""Lines of documents as they stand in the log: of sheets, batches, notices and requests."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from projections.queries.paging import after_position, page
from projections.view import View

_LINES: Final = (
    "SELECT l.position, l.line, l.effect, l.claim_position, l.claim_line, l.worker, l.amount_fen,"
    " l.body FROM event_line AS l WHERE l.tenant = :tenant AND l.position = :position"
    " AND l.part = 0 AND l.line > :after ORDER BY l.line"
)
_ALL: Final = 2**31 - 1


def stored_json(body: bytes | memoryview) -> dict[str, Any]:
    """What the bytes of an event or a line say."""
    said: dict[str, Any] = json.loads(bytes(body))
    return said


class DocumentLine(NamedTuple):
    """One line of a document, with its claim's key and name and its other fields."""

    position: int
    line: int
    effect: int
    key: tuple[int, int] | None
    claim: str | None
    worker: str | None
    amount_fen: int | None
    fields: dict[str, Any]


def document_lines(
    view: View, position: int, *, limit: int | None = None, after: int = 0
) -> list[DocumentLine]:
    """Lines of the document recorded at a position, in their order."""
    rows = view.rows(f"{_LINES} LIMIT :limit", position=position, after=after, limit=limit or _ALL)
    return [
        DocumentLine(
            row.position,
            row.line,
            row.effect,
            None if row.claim_position is None else (row.claim_position, row.claim_line),
            (fields := stored_json(row.body)).get("claim"),
            row.worker,
            row.amount_fen,
            fields,
        )
        for row in rows
    ]


def page_of_lines(
    view: View, position: int, limit: int | None, after: str | None
) -> tuple[list[DocumentLine], str | None]:
    """A page of a document's lines, and the cursor of the next."""
    start = after_position(after)
    found = document_lines(view, position, limit=None if limit is None else limit + 1, after=start)
    return page(found, limit, lambda line: str(line.line))


def lines_of(view: View, positions: Sequence[int]) -> Iterator[DocumentLine]:
    """Lines of several documents, in the order of the documents given."""
    for position in positions:
        yield from document_lines(view, position)
