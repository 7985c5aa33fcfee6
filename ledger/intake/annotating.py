"""The clerk's own workbook given back with one more column; all else stays as it was.

The package is copied part by part. In the sheet's XML cells are put at the ends of rows, and
colours into the cells that are wrong; not a byte else is touched, so that widths, colours,
drop-downs and other sheets stay. The result is read again before it is given out. Where a package
is unusual, holds anything active or does not read back the same, there is no result, and a plain
workbook is written instead (``ledger.intake.writing``).
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

from ledger.intake.grid import Grid
from ledger.intake.limits import MAX_COLUMNS
from ledger.intake.package import column_letters, column_number
from ledger.intake.problems import BadFileError
from ledger.kernel.text import workbook_text

if TYPE_CHECKING:
    from lxml.etree import _Element

RED: Final = "FFC7CE"
YELLOW: Final = "FFEB9C"
_DARK_RED: Final = "FF9C0006"

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLES: Final = "xl/styles.xml"
_ACTIVE: Final = (
    "_xmlsignatures/", "customui/", "xl/activex/", "xl/connections", "xl/ctrlprops/",
    "xl/embeddings/", "xl/externallinks/", "xl/macrosheets/", "xl/model/", "xl/querytables/",
    "xl/vbaproject", "xl/webextensions/",
)  # fmt: skip
"""Parts that do something, fetch something or vouch for the rest: none of them is given back."""

_ROW: Final = re.compile(rb"<row\b([^>]*?)(/>|>(.*?)</row>)", re.DOTALL)
_NUMBER: Final = re.compile(rb"""\sr="([0-9]{1,7})\"""")
_SPANS: Final = re.compile(rb"""\sspans="[^"]*\"""")
_LETTERS: Final = re.compile(rb"""<c\b[^>]*?\sr="([A-Z]{1,3})[0-9]""")
_STYLE: Final = re.compile(rb"""\ss="([0-9]{1,6})\"""")
_DIMENSION: Final = re.compile(rb"""<dimension ref="([A-Z]+[0-9]+)(?::[A-Z]+([0-9]+))?"/>""")
_COL_END: Final = re.compile(rb"""<col\b[^>]*\bmax="([0-9]{1,5})\"""")
_WIDTH: Final = 60


@dataclass
class Notes:
    """What is to be written beside the rows of a sheet.

    Attributes:
        heading: Heading of the new column.
        headings_row: Number of the row of headings.
        words: What stands beside each row, by its number.
        whole: What is about the whole file.
        marked: Colour of wrong cells, by number of the row and place of the column from 0.
        at: Place of the column of notes of an earlier check, which these replace; None for none.
    """

    heading: str
    headings_row: int
    words: Mapping[int, str] = field(default_factory=dict)
    whole: str = ""
    marked: Mapping[tuple[int, int], str] = field(default_factory=dict)
    at: int | None = None


def annotated(grid: Grid, notes: Notes) -> bytes | None:
    """The workbook of a grid with a column of notes; None where it has to be written anew."""
    from lxml import etree  # noqa: PLC0415 - not for --help

    if not grid.content or not grid.part:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(grid.content)) as package:
            made = _copied(package, grid.part, notes)
    except (KeyError, ValueError, etree.XMLSyntaxError, zipfile.BadZipFile, RuntimeError):
        return None
    return made if made is not None and _reads_the_same(made, grid, notes.at) else None


def writable(text: str) -> str:
    """A text without what XML cannot hold, and without markup."""
    held = (character for character in text if character >= " " or character in "\t\n")
    return workbook_text("".join(held))


def _copied(package: zipfile.ZipFile, part: str, notes: Notes) -> bytes | None:
    names = package.namelist()
    if any(name.lower().startswith(_ACTIVE) for name in names) or _STYLES not in names:
        return None
    sheet = package.read(part)
    if b"<sheetData>" not in sheet or _MAIN.encode() not in sheet[:2000]:
        return None
    styles = _Styles(package.read(_STYLES))
    written = _Sheet(sheet, notes, styles).written()
    if written is None:
        return None
    changed = {part: written, _STYLES: styles.written()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in package.infolist():
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, changed.get(info.filename) or package.read(info))
    return made.getvalue()


def _reads_the_same(made: bytes, grid: Grid, width: int | None) -> bool:
    """Whether the rows that were read stand in the new workbook as they stood in the old one."""
    from ledger.intake.workbook import read_workbook  # noqa: PLC0415 - loads calamine

    try:
        again = read_workbook(made)
    except BadFileError:
        return False
    if again.sheet != grid.sheet or len(again.rows) != len(grid.rows):
        return False
    rows = zip(again.rows, grid.rows, strict=True)
    return all(new[: len(old[:width])] == old[:width] for new, old in rows)


class _Styles:
    """The styles of a workbook, to which a few are added."""

    def __init__(self, xml: bytes) -> None:
        from lxml import etree  # noqa: PLC0415 - not for --help

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        self._root = etree.fromstring(xml, parser)
        self._fonts, self._fills, self._cells = (
            self._list(name) for name in ("fonts", "fills", "cellXfs")
        )
        self._made: dict[tuple[int, str], int] = {}
        self._filled: dict[str, int] = {}
        self._count = len(self._cells)
        font = self._copy_of(self._fonts, 0)
        for color in font.findall(f"{{{_MAIN}}}color"):
            font.remove(color)
        place = sum(1 for each in font if etree.QName(each).localname in _BEFORE_COLOR)
        font.insert(place, etree.Element(f"{{{_MAIN}}}color", {"rgb": _DARK_RED}))
        self._red = len(self._fonts) - 1

    def note(self, fill: str = "") -> int:
        """The style of a note, wrapped and red; of the heading above them with a fill."""
        from lxml import etree  # noqa: PLC0415 - not for --help

        key = (-1, fill)
        if key not in self._made:
            given = {
                "numFmtId": "0", "fontId": str(self._red), "fillId": "0", "borderId": "0",
                "xfId": "0", "applyFont": "1", "applyAlignment": "1",
            }  # fmt: skip
            if fill:
                given |= {"fillId": str(self._fill(fill)), "applyFill": "1"}
            made = etree.SubElement(self._cells, f"{{{_MAIN}}}xf", given)
            aligned = {"vertical": "top", "wrapText": "1"}
            etree.SubElement(made, f"{{{_MAIN}}}alignment", aligned)
            self._made[key] = len(self._cells) - 1
        return self._made[key]

    def marked(self, style: int, color: str) -> int:
        """A style with another background.

        Raises:
            ValueError: There is no such style.
        """
        key = (style, color)
        if key not in self._made:
            if style >= self._count:
                raise ValueError
            made = self._copy_of(self._cells, style)
            made.set("fillId", str(self._fill(color)))
            made.set("applyFill", "1")
            self._made[key] = len(self._cells) - 1
        return self._made[key]

    def written(self) -> bytes:
        """The part as it is now."""
        from lxml import etree  # noqa: PLC0415 - not for --help

        for each in (self._fonts, self._fills, self._cells):
            each.set("count", str(len(each)))
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def _list(self, name: str) -> "_Element":
        found = self._root.find(f"{{{_MAIN}}}{name}")
        if found is None or not len(found):
            raise ValueError
        return found

    def _fill(self, color: str) -> int:
        from lxml import etree  # noqa: PLC0415 - not for --help

        if color not in self._filled:
            fill = etree.SubElement(self._fills, f"{{{_MAIN}}}fill")
            pattern = etree.SubElement(fill, f"{{{_MAIN}}}patternFill", {"patternType": "solid"})
            etree.SubElement(pattern, f"{{{_MAIN}}}fgColor", {"rgb": f"FF{color}"})
            self._filled[color] = len(self._fills) - 1
        return self._filled[color]

    @staticmethod
    def _copy_of(styles: "_Element", at: int) -> "_Element":
        from copy import deepcopy  # noqa: PLC0415 - not for --help

        made = deepcopy(styles[at])
        styles.append(made)
        return made


_BEFORE_COLOR: Final = frozenset(
    {"b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz"}
)
"""What stands before the colour in a font as spreadsheets write it."""


class _Sheet:
    """The XML of a sheet, into which notes are put."""

    def __init__(self, xml: bytes, notes: Notes, styles: _Styles) -> None:
        self._xml = xml
        self._notes = notes
        self._styles = styles
        found = {column_number(letters.decode()) for letters in set(_LETTERS.findall(xml))}
        self._at = max(found, default=-1) + 1 if notes.at is None else notes.at
        self._replaced = [column_letters(at).encode() for at in found if at >= self._at]
        self._due: dict[int, list[tuple[int, str, int]]] = {}

    def written(self) -> bytes | None:
        """The sheet with its notes; None where a row that has one is not there by its number."""
        if self._at + 1 >= MAX_COLUMNS:
            return None
        self._place()
        begin, opened, rest = self._xml.partition(b"<sheetData>")
        data, closed, end = rest.partition(b"</sheetData>")
        if not closed or b"<!--" in data or b"<![CDATA[" in data:
            return None
        marked: dict[int, list[tuple[int, str]]] = {}
        for (row, place), color in self._notes.marked.items():
            marked.setdefault(row, []).append((place, color))
        waiting = set(self._due)

        def edited(match: re.Match[bytes]) -> bytes:
            number = _NUMBER.search(match[1])
            if number is None:
                raise ValueError
            row = int(number[1])
            if row not in waiting and row not in marked and not self._replaced:
                return match[0]
            waiting.discard(row)
            cells = self._without_replaced(match[3] or b"")
            for place, color in marked.get(row, ()):
                cells = self._colored(cells, f"{column_letters(place)}{row}".encode(), color)
            cells += b"".join(self._cell(row, *each) for each in self._due.get(row, ()))
            return b"<row" + _SPANS.sub(b"", match[1].rstrip(b"/")) + b">" + cells + b"</row>"

        data = _ROW.sub(edited, data)
        if waiting:
            return None
        return self._widened(begin) + opened + data + closed + end

    def _place(self) -> None:
        """Say which cells come into which rows: place, text, style."""
        notes, heading = self._notes, self._styles.note(RED)
        plain = self._styles.note()
        self._due = {row: [(self._at, words, plain)] for row, words in notes.words.items()}
        own = self._due.get(notes.headings_row, [])
        beside = "\n".join(part for part in (notes.whole, *(text for _, text, _ in own)) if part)
        self._due[notes.headings_row] = [(self._at, notes.heading, heading)]
        if beside:
            self._due[notes.headings_row].append((self._at + 1, beside, plain))

    def _without_replaced(self, cells: bytes) -> bytes:
        """The cells of a row without the notes of an earlier check."""
        if not self._replaced:
            return cells
        columns = b"|".join(self._replaced)
        return re.sub(
            rb'<c\b[^>]*?\sr="(?:' + columns + rb')[0-9]+"[^>]*?(?:/>|>.*?</c>)', b"", cells,
            flags=re.DOTALL,
        )  # fmt: skip

    @staticmethod
    def _cell(row: int, at: int, text: str, style: int) -> bytes:
        said = escape(writable(text), quote=False).replace("\n", "&#10;")
        return (
            f'<c r="{column_letters(at)}{row}" s="{style}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{said}</t></is></c>'
        ).encode()

    def _colored(self, cells: bytes, place: bytes, color: str) -> bytes:
        """The cells of a row, one of them with another background, if it is there."""
        found = re.search(rb'<c\b[^>]*?\sr="' + place + rb'"[^>]*?(?=/?>)', cells)
        if found is None:
            return cells
        style = _STYLE.search(found[0])
        made = self._styles.marked(int(style[1]) if style else 0, color)
        tag = _STYLE.sub(b"", found[0]) + f' s="{made}"'.encode()
        return cells[: found.start()] + tag + cells[found.end() :]

    def _widened(self, begin: bytes) -> bytes:
        """What stands before the rows, with the new column in it: its width, and the area."""
        last = column_letters(self._at + 1)
        area = _DIMENSION.search(begin)
        if area is not None:
            to = f"{last}{int(area[2] or 1)}"
            begin = begin.replace(area[0], b'<dimension ref="A1:' + to.encode() + b'"/>')
        number = self._at + 1
        column = f'<col min="{number}" max="{number}" width="{_WIDTH}" customWidth="1"/>'.encode()
        if b"</cols>" not in begin:
            return begin + b"<cols>" + column + b"</cols>"
        if max(map(int, _COL_END.findall(begin)), default=number) >= number:
            return begin
        return begin.replace(b"</cols>", column + b"</cols>")
