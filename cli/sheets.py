"""An answer as sheets of a workbook: one a listing, one a list in its rows, one of single values.

A sheet holds what the table of the same listing shows, and behind it whatever else the answer
knows of a row, so that a workbook says as much as JSON does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

from cli.headings import heading, sheet_name
from cli.messages import _
from cli.output import Document, Listing, View, value_at
from cli.workbook import Sheet, write_sheets


def write_answer(
    document: Document, view: View, stream: BinaryIO, origin: Mapping[str, str]
) -> None:
    """Write an answer of a read as a workbook.

    Args:
        document: The answer.
        view: How people see it.
        stream: Where the bytes go.
        origin: Where the figures come from.

    Raises:
        LedgerError: ``workbook_full``.
    """
    write_sheets(list(sheets_of(document, view)), about(document, view, origin), stream)


def sheets_of(document: Document, view: View) -> Iterator[Sheet]:
    """The lists of an answer, each followed by the lists that stand in its rows."""
    told = {view.rows, *(listing.rows for listing in view.listings)}
    others = [Listing(key, ()) for key, value in document.items()
              if key not in told and _is_rows(value)]  # fmt: skip
    for listing in (*view.listings, *others):
        rows = document.get(listing.rows) or ()
        if listing is not view.listings[0] and not rows:
            continue
        rows, columns, nested = _columns(rows, listing.columns)
        name = _(listing.title) if listing.title else sheet_name(listing.rows)
        yield Sheet(name, rows, columns, listing.of)
        for key in nested:
            inner = _inner(rows, columns[0], key)
            yield Sheet(sheet_name(key), inner, list(dict.fromkeys(chain(*inner))))


def _columns(
    rows: Iterable[Document], first: Sequence[str]
) -> tuple[Iterable[Document], list[str], list[str]]:
    """The columns of rows: what a table shows, then all the rest; and keys of lists of rows."""
    if isinstance(rows, Sequence):
        known: Iterable[Document] = rows
    else:
        ahead = next(rows := iter(rows), None)
        known = () if ahead is None else (ahead,)
        rows = chain(known, rows)
    keys = dict.fromkeys(chain(first, *known))
    nested = [key for key in keys if any(_is_rows(row.get(key)) for row in known)]
    return rows, [key for key in keys if key not in nested], nested


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _inner(rows: Iterable[Document], outer: str, key: str) -> list[Document]:
    """The rows that stand in rows, each with the id of the one that it stands in."""
    return [
        {outer: row.get(outer), **{name: value for name, value in one.items() if name != outer}}
        for row in rows
        for one in row.get(key) or ()
    ]


def about(
    document: Document, view: View, origin: Mapping[str, str]
) -> list[tuple[str, str, object]]:
    """The single values of an answer, and where and of when they are."""
    paths = dict.fromkeys((*view.facts, *view.totals))
    facts = [(path.rpartition(".")[2], value_at(document, path)) for path in paths]
    told = {key for key, _value in facts} | {listing.rows for listing in view.listings}
    parts = [
        part
        for key, value in document.items()
        for part in (value.items() if isinstance(value, Mapping) else ((key, value),))
    ]
    facts += [(key, value) for key, value in parts if key not in told and not _is_rows(value)]
    facts = list(dict([*facts, *origin.items()]).items())
    below = ("as_of", "known_at", "position", "next", *origin)  # the same in every workbook
    facts.sort(key=lambda fact: below.index(fact[0]) + 1 if fact[0] in below else 0)
    return [
        (key, heading(key), value)
        for key, value in facts
        if value is not None and value != []
    ]  # fmt: skip
