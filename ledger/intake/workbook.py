"""Workbooks in XLSX: the first sheet that holds a table, its cells as their program left them."""

import io
import posixpath
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from ledger.intake.grid import Cell, Grid
from ledger.intake.headings import looks_like_a_table
from ledger.intake.limits import MAX_FIELD
from ledger.intake.package import Package, SheetPart, inspected
from ledger.intake.problems import WARNING, BadFileError, Problem

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_LOOKED_AT: Final = 40
_LOCAL: Final = re.compile(r"\{[^}]*\}")


def read_workbook(content: bytes) -> Grid:
    """Read the first visible sheet that looks like a table of people.

    Raises:
        BadFileError: ``bad_workbook``, ``over_limit`` or ``empty_table``.
    """
    package = inspected(content)
    parts = _parts_by_name(content)
    import python_calamine as calamine  # noqa: PLC0415 - not for --help

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            shown, hidden = _sheet_names(book)
            name, rows, others = _chosen(book, shown)
    except (calamine.CalamineError, OSError, ValueError):
        raise BadFileError("bad_workbook", problem="damaged") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what the reader in Rust gives up with
            raise
        raise BadFileError("bad_workbook", problem="damaged") from None
    part = _part_of(package, parts.get(name, ""))
    problems = [
        Problem(None, "", "hidden_sheet", {"name": each}, WARNING)
        for each in hidden
    ]  # fmt: skip
    if others:
        facts = {"name": name, "names": others}
        problems.append(Problem(None, "", "other_sheets", facts, WARNING))
    if package.longest > MAX_FIELD:
        _require_fields(rows)
    return Grid(
        rows,
        sheet=name,
        uncached=frozenset(part.uncached),
        hidden=frozenset(part.hidden),
        problems=problems,
        content=content,
        part=parts.get(name, ""),
    )


def _sheet_names(book: "CalamineWorkbook") -> tuple[list[str], list[str]]:
    """Names of the worksheets that people see, and of those that they do not."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - not for --help

    shown: list[str] = []
    hidden: list[str] = []
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            visible = sheet.visible == SheetVisibleEnum.Visible
            (shown if visible else hidden).append(sheet.name)
    return shown, hidden


def _chosen(book: "CalamineWorkbook", names: list[str]) -> tuple[str, list[list[Cell]], list[str]]:
    """The first sheet with headings of ours, its rows, and the other sheets that have some.

    Where none has, the first sheet with anything in it: its headings are what is wrong.
    """
    first: tuple[str, list[list[Cell]]] | None = None
    others: list[str] = []
    table: tuple[str, list[list[Cell]]] | None = None
    for name in names:
        sheet = book.get_sheet_by_name(name)
        top = sheet.to_python(skip_empty_area=False, nrows=_LOOKED_AT)
        if not looks_like_a_table(top):
            if first is None and any(any(cell != "" for cell in row) for row in top):
                first = name, sheet.to_python(skip_empty_area=False)
        elif table is None:
            table = name, sheet.to_python(skip_empty_area=False)
        else:
            others.append(name)
    found = table or first
    if found is None:
        raise BadFileError("empty_table")
    return (*found, others)


def _require_fields(rows: list[list[Cell]]) -> None:
    for number, row in enumerate(rows, 1):
        for cell in row:
            if type(cell) is str and len(cell) > MAX_FIELD:
                raise BadFileError("over_limit", problem="field", limit=MAX_FIELD, line=number)


def _parts_by_name(content: bytes) -> dict[str, str]:
    """Path of each worksheet's part by the sheet's name."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            sheets = ET.fromstring(archive.read(_WORKBOOK))  # noqa: S314 - without document type
            relations = ET.fromstring(archive.read(_RELATIONS))  # noqa: S314 - as above
    except (KeyError, ET.ParseError):
        raise BadFileError("bad_workbook", problem="damaged") from None
    targets = {each.get("Id", ""): each.get("Target", "") for each in relations}
    found = {}
    for element in sheets.iter():
        if _LOCAL.sub("", element.tag) == "sheet":
            ids = [value for name, value in element.items() if _LOCAL.sub("", name) == "id"]
            target = targets.get(ids[0], "") if ids else ""
            found[element.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target))[1:]
    return found


def _part_of(package: Package, path: str) -> SheetPart:
    return package.sheets.get(path) or SheetPart()
