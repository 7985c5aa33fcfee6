"""Delimited text as spreadsheets and banks write it, with commas, tabs or semicolons.

The encoding is decided strictly: a byte order mark, else UTF-8, else UTF-16 (which shows by its
zero bytes), else GB18030, of which GBK and GB2312 are parts. Nothing is ever guessed by frequency
and nothing is replaced: what fits none is refused with its line.
"""

import csv
import io
import re
from typing import Final

from ledger.intake.grid import Grid
from ledger.intake.limits import MAX_COLUMNS, MAX_FIELD, MAX_ROWS
from ledger.intake.problems import BadFileError

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DELIMITERS: Final = ",\t;"
_LOOKED_AT: Final = 64 * 1024
_LINE_END: Final = re.compile(b"\r\n|\r|\n")
_UTF16_SHARE: Final = 10
"""One zero byte in so many, all on the same side of their pairs, is UTF-16 without its mark."""


def read_delimited(content: bytes) -> Grid:
    """Read rows of delimited text.

    Raises:
        BadFileError: ``bad_text`` (encoding, quotes), ``over_limit`` or ``empty_table``.
    """
    text = decoded(content)
    if not text.strip():
        raise BadFileError("empty_table")
    return Grid(_rows(text, delimiter_of(text)), delimited=True)


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        BadFileError: ``bad_text`` with the line in which it is no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        utf16 = _utf16_without_mark(content)
        if utf16:
            return _strict(content, utf16)
        if _begins_as_utf8(content, error.start):
            raise _bad_encoding(content, error.start) from None
    return _strict(content, "gb18030")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad_encoding(content, error.start) from None


def _bad_encoding(content: bytes, at: int) -> BadFileError:
    line = len(_LINE_END.findall(content, 0, at)) + 1
    return BadFileError("bad_text", problem="encoding", line=line)


def _begins_as_utf8(content: bytes, end: int) -> bool:
    """Whether what stands before the first bad byte is UTF-8 beyond doubt: a damaged file.

    Three Chinese characters that are UTF-8 by chance in GB18030 are not to be expected.
    """
    return len(content[:end].decode("utf-8", "ignore").encode("ascii", "ignore")) <= end - 9


def _utf16_without_mark(content: bytes) -> str:
    sample = content[:_LOOKED_AT]
    for side, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = sample[side::2].count(0), sample[1 - side :: 2].count(0)
        if zeros * _UTF16_SHARE > len(sample) and not others:
            return encoding
    return ""


def delimiter_of(text: str) -> str:
    """The delimiter: the one that stands most often in a line near the beginning."""
    best, most = ",", 0
    for line in text[:_LOOKED_AT].splitlines()[:30]:
        for delimiter in _DELIMITERS:
            count = line.count(delimiter)
            if count > most:
                best, most = delimiter, count
    return best


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Split text into rows; an open quote is told with the row in which it was opened."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise BadFileError("over_limit", problem="rows", limit=MAX_ROWS)
    except csv.Error as error:
        problem = "field" if "limit" in str(error) else "quotes"
        code = "over_limit" if problem == "field" else "bad_text"
        facts = {"limit": MAX_FIELD} if problem == "field" else {}
        raise BadFileError(code, problem=problem, line=len(rows) + 1, **facts) from None
    _require_widths(rows)
    return rows


def _require_widths(rows: list[list[str]]) -> None:
    for number, row in enumerate(rows, 1):
        if len(row) > MAX_COLUMNS:
            raise BadFileError("over_limit", problem="columns", limit=MAX_COLUMNS, line=number)
        if row and len(max(row, key=len)) > MAX_FIELD:
            raise BadFileError("over_limit", problem="field", limit=MAX_FIELD, line=number)
