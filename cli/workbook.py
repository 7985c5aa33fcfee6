"""Answers as workbooks (XLSX) for people: one sheet a listing, and one that says what it is.

Headings and states are in the reader's language. Amounts are numbers in yuan with two decimals,
made from whole fen as exact decimals; dates are dates; ids, credit codes and cards are texts, so
that no program turns them into numbers. A text is written as a text and never computed
(``cli.neutral``). The same answer gives the same bytes.

Sheets of many rows are written row by row in constant memory.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from cli.headings import heading, sheet_name
from cli.messages import N_, _
from cli.neutral import sheet_text
from cli.output import Document, Listing, View, value_at
from cli.tables import cell, shown
from cli.widths import cells
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import format_yuan

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, the heading included; no program that reads workbooks takes more."""

MOST_CHARACTERS: Final = 32_767
"""UTF-16 units of a text in one cell."""

EXACT_FEN: Final = 10**15
"""Spreadsheets count with 15 digits: from here on an amount is a text, exact but not summed."""

IN_MEMORY: Final = 10_000
"""Rows up to which a workbook is put together in memory, with every text stored once."""

_MADE_AT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a constant: same answer, same bytes
_SPOOLED: Final = 16_000_000
"""Bytes of a finished workbook that are kept in memory on their way to its place."""

_MEASURED: Final = 2_000
"""Rows that decide how wide a column is."""

_NARROWEST: Final = 6
_WIDEST: Final = 60
_MARGIN: Final = 2
_FILTER_ARROW: Final = 3
_LONGEST_NAME: Final = 31
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_DATES: Final = frozenset(
    {"on", "as_of", "valid_from", "valid_to", "dishonest_until", "from", "to"}
)
_ENDS_OF_DATES: Final = ("_on", "_to", "_from", "_until")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORMATS: Final[Mapping[str, Mapping[str, object]]] = {
    "money": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "whole": {"num_format": "0"},
    "number": {"num_format": "General"},
    "text": {"num_format": "@"},
    "head": {"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "valign": "vcenter"},
    "key": {"bold": True},
}


@dataclass(frozen=True)
class Sheet:
    """One list on its way into a workbook.

    Attributes:
        name: What the tab says.
        rows: JSON-able rows.
        columns: Keys, in order.
        of: What has the states in it, for their names.
    """

    name: str
    rows: Iterable[Document]
    columns: Sequence[str]
    of: str = ""


@dataclass
class _Book:
    """A workbook that is being written."""

    workbook: "Workbook"
    formats: dict[str, "Format"] = field(default_factory=dict[str, "Format"])
    names: set[str] = field(default_factory=set[str])

    def format(self, name: str) -> "Format":
        """A format by its name, made once."""
        if name not in self.formats:
            self.formats[name] = self.workbook.add_format(dict(_FORMATS[name]))
        return self.formats[name]

    def sheet(self, name: str) -> "Worksheet":
        """Add a sheet whose name is allowed and its own."""
        short = _NO_SHEET_NAME.sub(" ", name).strip()[:_LONGEST_NAME] or "-"
        chosen, number = short, 1
        while chosen.lower() in self.names:
            number += 1
            chosen = f"{short[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
        self.names.add(chosen.lower())
        return self.workbook.add_worksheet(chosen)


# -- the whole ------------------------------------------------------------------


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


def write_sheets(
    sheets: Sequence[Sheet], facts: Sequence[tuple[str, str, object]], stream: BinaryIO
) -> None:
    """Write lists, and a sheet of single values behind them, as a workbook.

    Args:
        sheets: The lists.
        facts: Key, heading and value of each single value.
        stream: Where the bytes go.

    Raises:
        LedgerError: ``workbook_full``; then nothing was written.
    """
    large = any(_is_large(sheet.rows) for sheet in sheets)
    with _opened(stream, large=large) as book:
        for sheet in sheets:
            _write_list(book, sheet)
        _write_facts(book, facts)


def _is_large(rows: Iterable[Document]) -> bool:
    """Tell whether rows are written as they come; refuse what no sheet holds before any work."""
    if not isinstance(rows, Sequence):
        return True
    if len(rows) >= MOST_ROWS:
        raise LedgerError("workbook_full", count=len(rows), limit=MOST_ROWS - 1)
    return len(rows) > IN_MEMORY


@contextmanager
def _opened(stream: BinaryIO, *, large: bool) -> Iterator[_Book]:
    """Open a workbook; it goes to its stream when it is whole."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - not for commands that write none
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - as above

    with (
        tempfile.TemporaryDirectory(prefix="wageledger-") as folder,  # for its owner alone
        tempfile.SpooledTemporaryFile(_SPOOLED, dir=folder) as whole,
    ):
        how = {"constant_memory": True, "tmpdir": folder} if large else {"in_memory": True}
        workbook = Workbook(whole, {**how, "default_date_format": "yyyy-mm-dd"})
        workbook.set_properties({"created": _MADE_AT})
        try:
            yield _Book(workbook)
            workbook.close()
        except FileCreateError as error:  # what the system said is what the user needs
            _let_go(workbook)
            raise next(iter(error.args), error) from None
        except BaseException:
            _let_go(workbook)
            raise
        whole.seek(0)
        shutil.copyfileobj(whole, stream)


def _let_go(workbook: "Workbook") -> None:
    """Give up a workbook of which only a half is there."""
    workbook.fileclosed = True
    for worksheet in workbook.worksheets():
        rows = getattr(worksheet, "row_data_fh", None)
        if rows is not None:
            rows.close()


# -- lists ----------------------------------------------------------------------


def sheets_of(document: Document, view: View) -> Iterator[Sheet]:
    """The lists of an answer, each followed by the lists that stand in its rows."""
    told = {listing.rows for listing in view.listings}
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


def _write_list(book: _Book, sheet: Sheet) -> None:
    """Write headings and rows; the headings stay in sight and on every printed page."""
    worksheet = book.sheet(sheet.name)
    widths = [cells(heading(key)) + _FILTER_ARROW for key in sheet.columns]
    worksheet.freeze_panes(1, 0)
    for column, key in enumerate(sheet.columns):
        worksheet.write_string(0, column, sheet_text(heading(key)), book.format("head"))
    last = 0
    for last, row in enumerate(sheet.rows, start=1):
        if last >= MOST_ROWS:
            raise LedgerError("workbook_full", count=last, limit=MOST_ROWS - 1)
        for column, key in enumerate(sheet.columns):
            text = _write(book, worksheet, (last, column), (key, row, sheet.of))
            if last <= _MEASURED:
                widths[column] = max(widths[column], _width(text))
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST) + _MARGIN)
    if sheet.columns:
        worksheet.autofilter(0, 0, last, len(sheet.columns) - 1)
    _for_paper(worksheet)
    worksheet.repeat_rows(0)


def _for_paper(worksheet: "Worksheet") -> None:
    """A4, as wide as the page."""
    worksheet.set_paper(9)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)


# -- single values --------------------------------------------------------------


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


def _write_facts(book: _Book, facts: Sequence[tuple[str, str, object]]) -> None:
    """Write what the workbook is about, one value a line."""
    worksheet = book.sheet(_(ABOUT))
    widths = [_NARROWEST, _NARROWEST]
    for row, (key, name, value) in enumerate(facts):
        worksheet.write_string(row, 0, sheet_text(name), book.format("key"))
        text = _write(book, worksheet, (row, 1), (key, {key: value}, ""))
        widths = [max(widths[0], cells(name)), max(widths[1], _width(text))]
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, min(width, _WIDEST) + _MARGIN)
    _for_paper(worksheet)


ABOUT: Final = N_("About this workbook")
"""Name of the sheet of single values."""


# -- cells ----------------------------------------------------------------------


def _write(
    book: _Book, worksheet: "Worksheet", at: tuple[int, int], what: tuple[str, Document, str]
) -> str:
    """Write one value with the type that it has; returns the text that is seen."""
    key, row, of = what
    value = row.get(key)
    if value is None or value in ("", []):
        return ""
    if key == "value" and row.get("unit") == "fen":
        key = "value_fen"
    if isinstance(value, Decimal) or (type(value) is int and key.endswith("_fen")):
        return _write_money(book, worksheet, at, value)
    is_number = type(value) is int or isinstance(value, float)
    if is_number and not (key == "value" and row.get("unit") == "flag"):
        style = "whole" if type(value) is int else "number"
        worksheet.write_number(*at, value, book.format(style))
        return str(value)
    if isinstance(value, str) and (on := _date_of(key, value)) is not None:
        worksheet.write_datetime(*at, on, book.format("date"))
        return value
    return _write_text(book, worksheet, at, _text(key, row, of))


def _write_money(
    book: _Book, worksheet: "Worksheet", at: tuple[int, int], value: int | Decimal
) -> str:
    """Whole fen become yuan by moving the point: nothing is divided, nothing rounded."""
    fen = int(value.scaleb(2)) if isinstance(value, Decimal) else value
    seen = format_yuan(fen)
    if abs(fen) >= EXACT_FEN:
        return _write_text(book, worksheet, at, seen)
    worksheet.write_number(*at, Decimal(fen).scaleb(-2), book.format("money"))
    return seen


def _date_of(key: str, value: str) -> date | None:
    """The date that a value is, where its column holds dates and Excel knows the day."""
    if (key in _DATES or key.endswith(_ENDS_OF_DATES)) and _DATE.fullmatch(value):
        on = parse_date(value)
        return on if on is not None and on.year > 1900 else None  # noqa: PLR2004 - its first year
    return None


def _text(key: str, row: Document, of: str) -> str:
    value = row.get(key)
    if isinstance(value, str):
        return sheet_text(cell(key, row, of)) if "\n" not in value else sheet_text(value)
    if isinstance(value, Mapping):
        parts = [f"{heading(name)}: {shown(name, one)}" for name, one in value.items() if one]
        return sheet_text("; ".join(parts))
    return sheet_text(cell(key, row, of))


def _write_text(book: _Book, worksheet: "Worksheet", at: tuple[int, int], text: str) -> str:
    """A text cell: its format says text, too, so that editing it keeps it one."""
    if worksheet.write_string(*at, text, book.format("text")):
        raise LedgerError("workbook_full", limit=MOST_CHARACTERS)
    return text


def _width(text: str) -> int:
    return max((cells(line) for line in text.split("\n")), default=0)
