"""Workbooks that clerks fill in, and those that tell them what is wrong.

Identity and cards stand in text columns, so that a spreadsheet keeps all their digits. Nothing that
comes from outside is ever written as a formula or as a link.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from ledger.intake.annotating import RED, YELLOW, Notes, annotated, writable
from ledger.intake.grid import Cell, Grid
from ledger.intake.people import PeopleFile

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

TEXT: Final = "@"
YUAN: Final = "#,##0.00"
DAYS: Final = "0.0"
DATE: Final = "yyyy-mm-dd"
_SAFE: Final = {
    "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
    "in_memory": True,
}  # fmt: skip
_SPARE_ROWS: Final = 200
"""Prepared rows below the people, for those who are new."""

_TRADES: Final = (
    "钢筋工", "木工", "混凝土工", "架子工", "砌筑工", "抹灰工", "电工", "焊工", "管道工", "防水工",
    "油漆工", "起重工", "普工",
)  # fmt: skip
_BANKS: Final = (
    "中国工商银行", "中国农业银行", "中国银行", "中国建设银行", "交通银行", "中国邮政储蓄银行",
    "招商银行", "吉林银行", "农村信用社",
)  # fmt: skip


@dataclass(frozen=True)
class SheetColumn:
    """One column of a wage sheet.

    Attributes:
        of: The field.
        heading: As clerks know it.
        width: In characters.
        form: Number format.
        choices: What its drop-down offers; anything else may be entered too.
    """

    of: str
    heading: str
    width: int
    form: str = TEXT
    choices: tuple[str, ...] = ()


COLUMNS: Final = (
    SheetColumn("", "序号", 6, "0"),
    SheetColumn("worker", "工人编号", 14),
    SheetColumn("name", "姓名", 12),
    SheetColumn("id_number", "身份证号", 22),
    SheetColumn("trade", "工种", 10, choices=_TRADES),
    SheetColumn("team", "班组", 12),
    SheetColumn("days", "出勤天数", 10, DAYS),
    SheetColumn("gross", "应发工资(元)", 14, YUAN),
    SheetColumn("deductions", "扣款(元)", 12, YUAN),
    SheetColumn("net", "实发工资(元)", 14, YUAN),
    SheetColumn("card_number", "银行卡号", 24),
    SheetColumn("bank_name", "开户行", 18, choices=_BANKS),
    SheetColumn("", "签字", 12),
)
"""A wage sheet as sites know it, the reference of the worker before the name."""


@dataclass(frozen=True)
class Template:
    """A wage sheet to be filled in.

    Attributes:
        title: Its first line.
        subtitle: What project, employer and month it is for.
        explanation: Lines that tell a clerk how to fill it in.
        people: Values by field for each worker: text, Decimal yuan or days.
    """

    title: str
    subtitle: str
    explanation: Sequence[str]
    people: Sequence[Mapping[str, Any]] = field(default_factory=list)


def template_of(sheet: Template) -> bytes:
    """Make a workbook for a month's wages."""
    with _Made() as made:
        page = made.book.add_worksheet("工资表")
        _write_head(made, page, sheet)
        first = len(_HEAD_ROWS)
        for at, person in enumerate(sheet.people):
            _write_person(made, page, first + at, at + 1, person)
        last = first + len(sheet.people) + _SPARE_ROWS - 1
        _prepare_columns(made, page, first, last)
        page.freeze_panes(first, 3)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(first - 1)
        _write_explanation(made, sheet)
    return made.content


_HEAD_ROWS: Final = ("title", "subtitle", "headings")


class _Made:
    """A workbook in the making, and its formats."""

    def __init__(self) -> None:
        import xlsxwriter  # noqa: PLC0415 - not for --help

        self._buffer = io.BytesIO()
        self.book: Workbook = xlsxwriter.Workbook(self._buffer, dict(_SAFE))
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.content = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_rest: object) -> None:
        self.book.close()
        self.content = self._buffer.getvalue()

    def form(self, **properties: Any) -> "Format":  # noqa: ANN401 - as xlsxwriter's
        """A format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(properties)
        return self._formats[key]


def _write_head(made: _Made, page: "Worksheet", sheet: Template) -> None:
    last = len(COLUMNS) - 1
    title = made.form(bold=True, font_size=16, align="center", valign="vcenter")
    page.merge_range(0, 0, 0, last, "", title)
    page.write_string(0, 0, sheet.title, title)
    page.set_row(0, 28)
    under = made.form(align="left", valign="vcenter", font_color="#444444")
    page.merge_range(1, 0, 1, last, "", under)
    page.write_string(1, 0, sheet.subtitle, under)
    for at, column in enumerate(COLUMNS):
        needed = column.of in {"net", "worker"}
        head = made.form(
            bold=True, border=1, align="center", valign="vcenter", text_wrap=True,
            bg_color="#FFE699" if needed else "#DDEBF7",
        )  # fmt: skip
        page.write_string(2, at, column.heading, head)
    page.set_row(2, 30)


def _write_person(
    made: _Made, page: "Worksheet", row: int, number: int, person: Mapping[str, Any]
) -> None:
    for at, column in enumerate(COLUMNS):
        cell = made.form(num_format=column.form, border=1)
        value = person.get(column.of)
        if not column.of and column.heading == "序号":
            page.write_number(row, at, number, cell)
        elif value is None:
            page.write_blank(row, at, None, cell)
        elif column.form == TEXT:
            page.write_string(row, at, writable(str(value)), cell)
        else:
            page.write_number(row, at, float(value), cell)  # two decimals: read back exactly


def _prepare_columns(made: _Made, page: "Worksheet", first: int, last: int) -> None:
    for at, column in enumerate(COLUMNS):
        page.set_column(at, at, column.width, made.form(num_format=column.form))
        if column.choices:
            page.data_validation(
                first, at, last, at,
                {"validate": "list", "source": list(column.choices), "error_type": "information",
                 "input_title": column.heading, "input_message": "可选择，也可自行填写"},
            )  # fmt: skip
        elif column.of == "days":
            page.data_validation(
                first, at, last, at,
                {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 31,
                 "error_title": "出勤天数", "error_message": "0 到 31 天，可填半天(0.5)"},
            )  # fmt: skip
        elif column.form == YUAN:
            page.data_validation(
                first, at, last, at,
                {"validate": "decimal", "criteria": ">=", "value": 0,
                 "error_title": column.heading, "error_message": "填写金额(元)，最多两位小数"},
            )  # fmt: skip
        elif column.of in {"id_number", "card_number"}:
            page.data_validation(
                first, at, last, at,
                {"validate": "any", "input_title": column.heading,
                 "input_message": "本列为文本格式，号码请完整填写"},
            )  # fmt: skip


def _write_explanation(made: _Made, sheet: Template) -> None:
    page = made.book.add_worksheet("填写说明")
    page.set_column(0, 0, 100)
    page.write_string(0, 0, sheet.title, made.form(bold=True, font_size=14))
    wrapped = made.form(text_wrap=True, valign="top")
    for at, line in enumerate(sheet.explanation, 2):
        page.write_string(at, 0, line, wrapped)


# -- what is wrong ------------------------------------------------------------

Say = Any
"""Makes the words of a problem, in the language of the reader."""


def checked_of(sheet: PeopleFile, heading: str, say: Say) -> bytes:
    """The same workbook, with a column that says what is wrong with each row.

    It is the clerk's own, with all its formats, wherever that may be; else its rows alone.

    Args:
        sheet: The file that was checked.
        heading: Heading of the column of problems.
        say: From a problem to its words.
    """
    grid = sheet.grid or Grid([])
    earlier = _earlier_notes(grid.rows, heading)
    rows = grid.rows if earlier is None else [row[:earlier] for row in grid.rows]
    at = _width(rows)
    told: dict[int | None, list[str]] = {}
    marked: dict[tuple[int, int], str] = {}
    places = _heading_places(rows)
    for problem in sheet.problems:
        told.setdefault(problem.row, []).append(say(problem))
        place = places.get(problem.column)
        if problem.row is not None and place is not None:
            color = RED if problem.severity == "error" else YELLOW
            marked.setdefault((problem.row, place), color)
    headings_row = _row_of_headings(rows, places)
    words_of = {row: "\n".join(words) for row, words in told.items()}
    whole = words_of.pop(None, "")
    own = annotated(
        grid,
        Notes(
            heading, headings_row + 1,
            words={row: words for row, words in words_of.items() if row is not None},
            whole=whole, marked=marked, at=earlier,
        ),
    )  # fmt: skip
    if own is not None:
        return own
    with _Made() as made:
        page = made.book.add_worksheet((grid.sheet or "Sheet1")[:31])
        _write_rows(made, page, rows, marked)
        bold = made.form(bold=True, bg_color="#FFC7CE", border=1)
        page.write_string(headings_row, at, heading, bold)
        page.set_column(at, at, 70)
        red = made.form(font_color="#9C0006", text_wrap=True, valign="top")
        for row, words in told.items():
            line = headings_row + 1 if row is None else row
            if row is None:
                page.write_string(max(0, headings_row - 1), at, "\n".join(words), red)
            elif line - 1 != headings_row:
                page.write_string(line - 1, at, "\n".join(words), red)
            else:
                page.write_string(line - 1, at + 1, "\n".join(words), red)
        for column in range(at):
            page.set_column(column, column, _column_width(rows, column))
    return made.content


def _earlier_notes(rows: Sequence[Sequence[Cell]], heading: str) -> int | None:
    """Where notes of an earlier check stand: the last column with a heading, if it is theirs."""
    places = _heading_places(rows)
    filled = [at for name, at in places.items() if name]
    return max(filled) if filled and places.get(heading) == max(filled) else None


def _width(rows: Sequence[Sequence[Cell]]) -> int:
    filled = [max((at + 1 for at, cell in enumerate(row) if cell != ""), default=0) for row in rows]
    return max(filled, default=0)


def _heading_places(rows: Sequence[Sequence[Cell]]) -> dict[str, int]:
    from ledger.intake.headings import looks_like_a_table  # noqa: PLC0415 - with its like

    for row in rows[:40]:
        if looks_like_a_table([row]):
            return {str(cell).strip(): at for at, cell in enumerate(row)}
    return {}


def _row_of_headings(rows: Sequence[Sequence[Cell]], places: Mapping[str, int]) -> int:
    for number, row in enumerate(rows[:40]):
        if places and {str(cell).strip(): at for at, cell in enumerate(row)} == places:
            return number
    return 0


def _write_rows(
    made: _Made,
    page: "Worksheet",
    rows: Iterable[Sequence[Cell]],
    marked: Mapping[tuple[int, int], str],
) -> None:
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            color = marked.get((number + 1, at))
            colors = {"bg_color": f"#{color}"} if color else {}
            _write_cell(made, page, (number, at), cell, colors)


def _write_cell(
    made: _Made, page: "Worksheet", place: tuple[int, int], cell: Cell, colors: Mapping[str, str]
) -> None:
    if cell == "" and not colors:
        return
    if isinstance(cell, bool):
        page.write_boolean(*place, cell, made.form(**colors))
    elif isinstance(cell, float | int):
        page.write_number(*place, cell, made.form(**colors))
    elif isinstance(cell, datetime | date):
        page.write_datetime(*place, cell, made.form(num_format=DATE, **colors))
    else:
        page.write_string(*place, writable(str(cell)), made.form(num_format=TEXT, **colors))


def _column_width(rows: Sequence[Sequence[Cell]], column: int) -> int:
    sizes = (_cells(str(row[column])) for row in rows[:200] if column < len(row))
    return max(8, min(40, max(sizes, default=8) + 2))


def _cells(text: str) -> int:
    return sum(2 if character > "\u2e7f" else 1 for character in text)
