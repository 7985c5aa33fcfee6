"""The zip package of a workbook, looked at before any spreadsheet reader gets it.

Sizes are those that the package declares, and unpacking goes no further than them; parts are
unpacked piece by piece and kept nowhere. What a reader would do with a part is known from here:
how far its cells spread, whether it refers to entities, how much shared text it multiplies.
"""

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ledger.intake.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_EMPTY_CELLS,
    MAX_FIELD,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_TEXT_BYTES,
    MAX_UNPACKED_BYTES,
)
from ledger.intake.problems import BadFileError

_PIECE: Final = 1 << 20
_GAP: Final = 1_000
"""Rows that may be left out between two, before their cells are looked at one by one."""

_TIDY_COLUMNS: Final = 26
_MOST_DIGITS: Final = 6
"""Digits of the number of a row within the limits."""

_RATIO_FROM: Final = 1 << 20
_XML: Final = (".xml", ".rels", ".vml")
_WORKSHEETS: Final = "xl/worksheets/"
_SHARED: Final = "xl/sharedStrings.xml"
_REQUIRED: Final = "xl/workbook.xml"
_LONGEST_ROW: Final = 8 << 20
"""Bytes of one row: 256 cells of 2,000 characters each do not fill it."""

_DTD: Final = (b"<!DOCTYPE", b"<!ENTITY")
_ANY_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL: Final = re.compile(rb"""\sr\s*=\s*["']([A-Z]+)""")
_CELL_ROW: Final = re.compile(rb"""\sr\s*=\s*["'][A-Z]*([0-9]+)""")
_DIGITS: Final = b"0123456789"
_ROW_ENDS: Final = b"</row>"
_ALIKE: Final = 4
"""Rows of one shape, on the average, for which telling shapes apart saves work."""

_INLINE: Final = (b"inlineStr", b'"str"', b"'str'")
_HIDDEN_ROW: Final = re.compile(rb"<(?:\w+:)?row\b([^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*)>")
_ROW_NUMBER: Final = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_FORMULA_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")


@dataclass
class SheetPart:
    """What a worksheet's XML says of itself.

    Attributes:
        hidden: Numbers of its hidden rows.
        uncached: Row and column (from 0) of its formulas without a value.
        shared: Cells that refer to shared text.
        tidy: Whether some rows hold no cell beyond column Z or far below their number.
    """

    hidden: set[int] = field(default_factory=set)
    uncached: set[tuple[int, int]] = field(default_factory=set)
    shared: int = 0
    cells: int = 0
    rows: int = 0
    last_row: int = 0
    columns: set[bytes] = field(default_factory=set)
    longest: int = 0
    tidy: bool = False

    @property
    def width(self) -> int:
        """Columns up to the last, as far as cells were looked at each by itself."""
        return max((column_number(name.decode()) + 1 for name in self.columns), default=1)


@dataclass
class Package:
    """A package that is safe to read.

    Attributes:
        sheets: Its worksheets by the path of their part.
        longest: Bytes of its longest text, or more.
    """

    sheets: dict[str, SheetPart] = field(default_factory=dict)
    longest: int = 0


def inspected(content: bytes) -> Package:
    """Look through a package.

    Raises:
        BadFileError: ``bad_workbook`` (damaged, another kind, document type), ``over_limit``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _require_declared(parts)
            package = Package()
            for part in parts:
                if part.filename.startswith(_WORKSHEETS) and part.filename.endswith(".xml"):
                    package.sheets[part.filename] = _sheet_part(archive, part)
                elif part.filename == _SHARED:
                    package.longest = max(package.longest, _longest_text(archive, part))
                elif part.filename.endswith(_XML):
                    for _piece in _pieces(archive, part):
                        pass
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
        struct.error,
    ):
        raise BadFileError("bad_workbook", problem="damaged") from None
    except RuntimeError:  # a part that needs a password
        raise BadFileError("bad_workbook", problem="old_or_locked") from None
    package.longest = max([package.longest, *(each.longest for each in package.sheets.values())])
    if any(sheet.shared * package.longest > MAX_TEXT_BYTES for sheet in package.sheets.values()):
        raise BadFileError("over_limit", problem="text", limit=MAX_TEXT_BYTES)
    return package


def _require_declared(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS:
        raise BadFileError("over_limit", problem="parts", limit=MAX_PARTS)
    if len(names) != len(parts):
        raise BadFileError("bad_workbook", problem="damaged")
    if _REQUIRED not in names:
        raise BadFileError("bad_workbook", problem="no_table")
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise BadFileError("over_limit", problem="unpacked", limit=MAX_UNPACKED_BYTES)
    for part in parts:
        packed = max(part.compress_size, 1)
        if part.file_size > _RATIO_FROM and part.file_size / packed > MAX_RATIO:
            raise BadFileError("over_limit", problem="ratio", limit=MAX_RATIO)


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack an XML part piece by piece; none may carry a document type.

    A piece is given out together with the end of the one before, so that nothing hides between
    two of them. Only encodings that write ASCII as ASCII are let through.
    """
    tail = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            seen = tail + piece
            if b"\0" in piece or (b"!" in seen and any(sign in seen for sign in _DTD)):
                raise BadFileError("bad_workbook", problem="document_type")
            yield piece
            tail = piece[-16:]


def _sheet_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> SheetPart:
    """Read what matters of a worksheet.

    Rows without a cell astray are not looked at cell by cell. Where others have columns beyond
    the 26 that these may have, all are looked at once more, to know how far they spread together.
    """
    sheet = _looked_through(archive, part, each_cell=False)
    if sheet.tidy and sheet.width > _TIDY_COLUMNS:
        sheet = _looked_through(archive, part, each_cell=True)
    _require_area(sheet)
    return sheet


def _looked_through(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, each_cell: bool
) -> SheetPart:
    """Go through a worksheet, whole rows at a time."""
    sheet = SheetPart()
    rest = b""
    for piece in _pieces(archive, part):
        seen = rest + piece
        cut = max(seen.rfind(b"<row"), seen.rfind(b":row "), 0)
        if not cut and len(seen) > _LONGEST_ROW:
            raise BadFileError("over_limit", problem="field", limit=MAX_FIELD)
        _take_rows(sheet, seen[:cut], each_cell=each_cell)
        rest = seen[cut:]
    _take_rows(sheet, rest, each_cell=each_cell)
    return sheet


@cache
def _astray(digits: int) -> re.Pattern[bytes]:
    """Finds a cell beyond column Z, or whose row has more digits or lies beyond all limits."""
    far = b"|[3-9][0-9]{5}|2[1-9][0-9]{4}" if digits == _MOST_DIGITS else b""
    return re.compile(b'r="(?:[A-Z]{2}|[A-Z](?:[0-9]{%d}%s))' % (digits + 1, far))


def _take_rows(sheet: SheetPart, xml: bytes, *, each_cell: bool) -> None:
    if not xml:
        return
    shapes = _shapes(xml)
    seen = b"".join(shapes)
    sheet.rows += _count(shapes, b"<row") + (_count(shapes, b":row ") if b":row" in seen else 0)
    usual = _count(shapes, b'<c r="')
    prefixed = b":row" in seen
    unmixed = _count(shapes, b"<c") == usual and not prefixed
    cells = usual if unmixed else len(_ANY_CELL.findall(xml))
    sheet.cells += cells
    if any(sign in seen for sign in _INLINE):  # text in the sheet itself: a row holds the longest
        sheet.longest = max(sheet.longest, *map(len, xml.split(b"</")))
    sheet.shared += _count(shapes, b't="s"') + _count(shapes, b"t='s'")
    digits = len(str(sheet.rows + _GAP))
    plain = usual == cells and digits <= _MOST_DIGITS
    if plain and not each_cell and _astray(digits).search(xml) is None:
        sheet.tidy = True
    else:
        _take_places(sheet, xml)
    if b"hidden=" in seen:
        for row in _HIDDEN_ROW.findall(xml):
            number = _ROW_NUMBER.search(row)
            sheet.hidden.add(int(number[1]) if number else 0)
    if b"<f" in seen or b":f" in seen:
        for cell in _FORMULA_CELL.findall(xml):
            place = _PLACE.search(cell)
            if place is not None:
                sheet.uncached.add((int(place[2]) - 1, column_number(place[1].decode())))


def _shapes(xml: bytes) -> Mapping[bytes, int]:
    """How rows look without their digits, and how often: those of one sheet are much alike.

    What is sought in them holds no digit, so that taking digits out hides nothing of it. Where
    rows differ in more than digits, as with text in the sheet itself, they stay together.
    """
    bare = xml.translate(None, _DIGITS)
    rows = bare.split(_ROW_ENDS)
    shapes = Counter(rows)
    return shapes if len(shapes) * _ALIKE <= len(rows) else {bare: 1}


def _count(shapes: Mapping[bytes, int], sign: bytes) -> int:
    return sum(shape.count(sign) * times for shape, times in shapes.items())


def _take_places(sheet: SheetPart, xml: bytes) -> None:
    """Note how far cells spread, each by its own place: readers go by that and not by the row."""
    sheet.columns.update(set(_CELL.findall(xml)))
    numbers = (int(number[:8]) for number in set(_CELL_ROW.findall(xml)))
    sheet.last_row = max(sheet.last_row, max(numbers, default=0))


def _require_area(sheet: SheetPart) -> None:
    """Refuse a sheet whose cells spread too far, before anybody makes room for them.

    Raises:
        BadFileError: ``over_limit``.
    """
    width, height = sheet.width, max(sheet.rows, sheet.last_row)
    if height > MAX_ROWS:
        raise BadFileError("over_limit", problem="rows", limit=MAX_ROWS)
    if width > MAX_COLUMNS:
        raise BadFileError("over_limit", problem="columns", limit=MAX_COLUMNS)
    area = max(width * height, sheet.cells)
    if area > MAX_CELLS or area - sheet.cells > MAX_EMPTY_CELLS:
        raise BadFileError("over_limit", problem="cells", limit=MAX_CELLS)


def column_number(letters: str) -> int:
    """Number of a column from its letters, from 0: ``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """Letters of a column by its number from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _longest_text(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Bytes of the longest shared text.

    Raises:
        BadFileError: ``over_limit`` for one that no cell may hold.
    """
    longest, rest = 0, b""
    for piece in _pieces(archive, part):
        seen = rest + piece
        cut = seen.rfind(b"</si>")
        cut = cut if cut >= 0 else seen.rfind(b":si>")
        if cut < 0:
            rest = seen
        else:
            longest = max(longest, max(map(len, seen[:cut].split(b"si>")), default=0))
            rest = seen[cut:]
        if len(rest) > _PIECE:
            raise BadFileError("over_limit", problem="field", limit=MAX_FIELD)
    return max(longest, len(rest) if rest else 0)
