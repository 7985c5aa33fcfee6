"""A bank's results as CSV or fixed width, read as the layout's ``[returns]`` says.

    [returns]
    encoding = "gb18030"        # else: a byte order mark, UTF-8, then GB18030, strictly
    separator = ","
    heading = true              # columns by name; the heading is looked for in the first rows
    widths = [1, 8, 15, 35]     # fixed width instead, in bytes; columns by number from 1
    tag = "D"                   # only rows whose first column says so
    unit = "yuan"               # or "fen"
    form = "%Y-%m-%d"           # of the date
    columns = { reference = "...", line = "...", amount = "...", result = "...", code = "...",
                on = "..." }
    settled = ["S"]             # results by which the bank confirms
    pending = ["P"]             # nothing final yet
    returned = ["F"]            # it did not reach the card; an unknown result refuses the file

    [returns.codes]             # the bank's reasons as the ledger's return codes
    "1001" = "account_closed"

A row names its payment by our reference, or by the line of the batch where the user says which.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.banking.payout_answers import BankAnswer, Trouble, reference_of, shown
from ledger.banking.payout_layout import Returns
from ledger.banking.references import PayoutReference
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import MoneyError, parse_yuan

MOST_BYTES: Final = 64 * 1024 * 1024
"""Largest file of results: 200,000 lines of 300 bytes."""

_HEADING_WITHIN: Final = 20
_HEAD: Final = 64 * 1024
_MOST_CELLS: Final = 200
_LONGEST_CELL: Final = 1000
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip

Row = tuple[int, list[str]]


@dataclass
class ReturnFile:
    """The rows of a file of results.

    Attributes:
        returns: How it is read.
        raw: The whole file.
        position: Position of the batch whose line numbers the rows give, where the user says it.
        troubles: Rows that are wrong; final once the answers were taken.
    """

    returns: Returns
    raw: bytes
    position: int | None
    troubles: list[Trouble]

    def answers(self) -> Iterator[BankAnswer]:
        """Read row after row.

        Raises:
            LedgerError: ``bad_answer_file``.
        """
        rows = self.rows()
        columns = self.returns.columns
        if self.returns.heading and not self.returns.widths:
            places = self._heading(rows)
        else:
            places = {name: int(column) - 1 for name, column in columns.items()}
        for number, cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if self.returns.tag is not None and cells[0].strip() != self.returns.tag:
                continue
            answer = self._answer(number, cells, places)
            if answer is not None:
                yield answer

    # -- rows -----------------------------------------------------------------

    def rows(self) -> Iterator[Row]:
        """The rows with their numbers, as they stand in the file."""
        if self.returns.widths:
            return self._fixed()
        return self._delimited()

    def _fixed(self) -> Iterator[Row]:
        encoding = self.returns.encoding or "gb18030"
        for number, line in enumerate(self.raw.split(b"\n"), 1):
            cells, at = [], 0
            for width in self.returns.widths:
                cells.append(_decoded(line.rstrip(b"\r")[at : at + width], encoding))
                at += width
            yield number, cells

    def _delimited(self) -> Iterator[Row]:
        text = self._text()
        if "\x00" in text:
            raise LedgerError("bad_answer_file", problem=_BINARY)
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=self.returns.separator, strict=True
        )
        try:
            for cells in reader:
                if len(cells) > _MOST_CELLS or any(len(cell) > _LONGEST_CELL for cell in cells):
                    raise LedgerError("bad_answer_file", problem=_TOO_WIDE)
                yield reader.line_num, cells
        except csv.Error:
            raise LedgerError("bad_answer_file", problem=_NO_CSV) from None

    def _text(self) -> str:
        if self.returns.encoding is not None:
            return _decoded(self.raw, self.returns.encoding)
        for mark, encoding in _BOMS:
            if self.raw.startswith(mark):
                return _decoded(self.raw, encoding)
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return _decoded(self.raw, "gb18030")

    def _heading(self, rows: Iterator[Row]) -> dict[str, int]:
        for _number, cells in (row for row, _ in zip(rows, range(_HEADING_WITHIN), strict=False)):
            found = columns_in(self.returns, cells)
            if found is not None:
                return found
        names = ", ".join(str(column) for column in self.returns.columns.values())
        raise LedgerError("bad_answer_file", problem=_NO_HEADING, value=names)

    # -- a row ----------------------------------------------------------------

    def _answer(self, number: int, cells: list[str], at: Mapping[str, int]) -> BankAnswer | None:
        """What a row says; None where something in it is wrong, which is noted."""
        said = {
            name: cells[place].strip() if place < len(cells) else "" for name, place in at.items()
        }
        named, code = said.get("reference", ""), said.get("code") or None
        try:
            return BankAnswer(
                number, named or said.get("line", ""),
                reference_of(named) if named else self._by_line(said), self._result(said),
                self.returns.codes.get(code) if code else None, code, self._amount(said),
                self._date(said),
            )  # fmt: skip
        except _WrongCellError as wrong:
            facts = {"field": wrong.name, "value": shown(said[wrong.name]), "problem": wrong.why}
            self.troubles.append(Trouble(number, "bad_answer_line", facts))
            return None

    def _by_line(self, said: Mapping[str, str]) -> PayoutReference | None:
        line = said.get("line", "")
        if self.position is None or re.fullmatch("[0-9]{1,8}", line) is None:
            return None
        return PayoutReference(self.position, int(line))

    def _result(self, said: Mapping[str, str]) -> bool | None:
        result = said["result"]
        if result in self.returns.settled:
            return True
        if result in self.returns.returned:
            return False
        if result in self.returns.pending:
            return None
        raise _WrongCellError("result", _NO_RESULT)

    def _amount(self, said: Mapping[str, str]) -> int | None:
        text = said.get("amount", "")
        if not text:
            return None
        if self.returns.unit == "fen":
            if re.fullmatch("[0-9]{1,18}", text) is None:
                raise _WrongCellError("amount", _NO_AMOUNT)
            return int(text)
        try:
            return parse_yuan(text)
        except MoneyError:
            raise _WrongCellError("amount", _NO_AMOUNT) from None

    def _date(self, said: Mapping[str, str]) -> str | None:
        text = said.get("on", "")
        if not text:
            return None
        try:
            return datetime.strptime(text, self.returns.form).date().isoformat()  # noqa: DTZ007 - a date
        except ValueError:
            raise _WrongCellError("on", _NO_DATE) from None


class _WrongCellError(Exception):
    """A cell that cannot be read."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.name = name
        self.why = why


def has_heading(returns: Returns, raw: bytes) -> bool:
    """Whether a file begins with the heading of a layout."""
    if not returns.heading or returns.widths:
        return False
    head = raw if len(raw) <= _HEAD else raw[:_HEAD].rpartition(b"\n")[0]
    file = ReturnFile(returns, head, None, [])
    try:
        rows = list(zip(file.rows(), range(_HEADING_WITHIN), strict=False))
    except LedgerError:
        return False
    return any(columns_in(returns, cells) is not None for (_, cells), _ in rows)


def columns_in(returns: Returns, cells: Sequence[str]) -> dict[str, int] | None:
    """Where the columns stand in a heading; None for a row that is not the heading.

    Results and what names a payment must be there; a bank may leave the others out.
    """
    named = [cell.strip().lstrip("\ufeff") for cell in cells]
    found = {
        name: named.index(str(column))
        for name, column in returns.columns.items()
        if str(column) in named
    }
    return found if "result" in found and {"reference", "line"} & found.keys() else None


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise LedgerError("bad_answer_file", problem=_NO_TEXT) from None


_BINARY: Final = N_("it is no text")
_TOO_WIDE: Final = N_("a row has too many columns or a cell too many characters")
_NO_CSV: Final = N_("a quotation mark is never closed, or stands in the middle")
_NO_TEXT: Final = N_("it is not text in the encoding of the layout")
_NO_HEADING: Final = N_("the columns of the layout are not in its first rows")
_NO_RESULT: Final = N_("the layout does not know this result")
_NO_AMOUNT: Final = N_("it is no amount")
_NO_DATE: Final = N_("it is no date of the layout's form")
