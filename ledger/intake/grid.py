"""A file as rows of cells, whatever it was: XLSX or delimited text, recognised by its content."""

from dataclasses import dataclass, field
from typing import Any, Final

from ledger.intake.limits import MAX_FILE_BYTES
from ledger.intake.problems import BadFileError, Problem

Cell = Any
"""A text, a number (float), a flag, a date; an empty cell is the empty text."""

_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF: Final = b"%PDF"
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"


@dataclass
class Grid:
    """The rows of one sheet; the first has number 1.

    Attributes:
        rows: Cells row by row; rows of delimited text may differ in length.
        delimited: Whether it was text: a row longer than the headings is then a mistake in it.
        sheet: Name of the sheet of a workbook that was taken.
        uncached: Row and column (from 0) of formulas that hold no value.
        hidden: Numbers of rows that nobody sees.
        problems: What was found on reading.
        content: The package of a workbook, as it came.
        part: Path of the sheet in it.
    """

    rows: list[list[Cell]]
    delimited: bool = False
    sheet: str = ""
    uncached: frozenset[tuple[int, int]] = frozenset()
    hidden: frozenset[int] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    content: bytes = field(default=b"", repr=False)
    part: str = ""


def is_json_lines(content: bytes) -> bool:
    """Tell whether a file holds JSON, one object a line: by its first character."""
    return content[:4096].lstrip(_BLANK)[:1] in {b"{", b"["}


def require_size(size: int) -> None:
    """Refuse a file that is too large, before it is read.

    Raises:
        BadFileError: ``over_limit``.
    """
    if size > MAX_FILE_BYTES:
        raise BadFileError("over_limit", problem="file_bytes", limit=MAX_FILE_BYTES)


def read_grid(content: bytes) -> Grid:
    """Read a workbook or delimited text.

    Raises:
        BadFileError: ``bad_workbook``, ``bad_text``, ``over_limit`` or ``empty_table``.
    """
    require_size(len(content))
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        from ledger.intake.workbook import read_workbook  # noqa: PLC0415 - loads calamine

        return read_workbook(content)
    if content.startswith(_OLE):
        raise BadFileError("bad_workbook", problem="old_or_locked")
    if content.startswith(_PDF):
        raise BadFileError("bad_workbook", problem="no_table")
    from ledger.intake.delimited import read_delimited  # noqa: PLC0415 - with its like

    return read_delimited(content)
