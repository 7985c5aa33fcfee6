"""Workbooks (XLSX) for people: how lists and single values are written into cells.

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
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cli.headings import heading
from cli.messages import N_, _
from cli.neutral import sheet_text
from cli.tables import cell, shown
from cli.widths import cells
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import format_yuan

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Document = Mapping[str, Any]

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
_STRIP: Final = 3
"""Rows of a strip: headings, values, and an empty one to cut along."""

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
        strips: Every row has its own headings and an empty line behind it: to print, cut apart
            and hand out.
    """

    name: str
    rows: Iterable[Document]
    columns: Sequence[str]
    of: str = ""
    strips: bool = False


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


def write_sheets(
    sheets: Sequence[Sheet],
    facts: Sequence[tuple[str, str, object]],
    stream: BinaryIO,
    paper: str = "",
) -> None:
    """Write lists, and a sheet of single values behind them, as a workbook.

    Args:
        sheets: The lists.
        facts: Key, heading and value of each single value.
        stream: Where the bytes go.
        paper: Name of the sheet of single values where it is the paper itself and comes first.

    Raises:
        LedgerError: ``workbook_full``; then nothing was written.
    """
    sizes = [_is_large(sheet.rows, strips=sheet.strips) for sheet in sheets]  # refuses each
    large = any(sizes)
    with _opened(stream, large=large) as book:
        if paper:
            _write_facts(book, facts, paper)
        for sheet in sheets:
            _write_list(book, sheet)
        if not paper:
            _write_facts(book, facts, _(ABOUT))


def _is_large(rows: Iterable[Document], *, strips: bool) -> bool:
    """Tell whether rows are written as they come; refuse what no sheet holds before any work."""
    if not isinstance(rows, Sequence):
        return True
    if len(rows) >= MOST_ROWS // (_STRIP if strips else 1):
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


def _write_list(book: _Book, sheet: Sheet) -> None:
    """Write headings and rows; the headings stay in sight and on every printed page."""
    worksheet = book.sheet(sheet.name)
    widths = [cells(heading(key)) + _FILTER_ARROW for key in sheet.columns]
    step = _STRIP if sheet.strips else 1
    last = count = 0
    if not sheet.strips:
        _write_heads(book, worksheet, sheet.columns, 0)
    for count, row in enumerate(sheet.rows, start=1):
        last = 1 + (count - 1) * step
        if last >= MOST_ROWS:
            raise LedgerError("workbook_full", count=count, limit=MOST_ROWS - 1)
        if sheet.strips:
            _write_heads(book, worksheet, sheet.columns, last - 1)
        for column, key in enumerate(sheet.columns):
            text = _write(book, worksheet, (last, column), (key, row, sheet.of))
            if count <= _MEASURED:
                widths[column] = max(widths[column], _width(text))
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST) + _MARGIN)
    _for_paper(worksheet)
    if sheet.columns and not sheet.strips:
        worksheet.autofilter(0, 0, last, len(sheet.columns) - 1)
        worksheet.freeze_panes(1, 0)
        worksheet.repeat_rows(0)


def _write_heads(book: _Book, worksheet: "Worksheet", columns: Sequence[str], row: int) -> None:
    for column, key in enumerate(columns):
        worksheet.write_string(row, column, sheet_text(heading(key)), book.format("head"))


def _for_paper(worksheet: "Worksheet") -> None:
    """A4, as wide as the page."""
    worksheet.set_paper(9)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)


# -- single values --------------------------------------------------------------


def _write_facts(book: _Book, facts: Sequence[tuple[str, str, object]], name: str) -> None:
    """Write what the workbook is about, one value a line."""
    worksheet = book.sheet(name)
    widths = [_NARROWEST, _NARROWEST]
    for row, (key, head, value) in enumerate(facts):
        worksheet.write_string(row, 0, sheet_text(head), book.format("key"))
        text = _write(book, worksheet, (row, 1), (key, {key: value}, ""))
        widths = [max(widths[0], cells(head)), max(widths[1], _width(text))]
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
