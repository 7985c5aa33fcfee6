"""Invented people and wage sheets, written as workbooks and as text of any encoding."""

import io
from collections.abc import Sequence
from typing import Any, Final

from tests.drills.town import resident_id
from tests.model.identifiers import luhn_ok

HEADINGS: Final = (
    "序号", "姓名", "身份证号", "工种", "出勤天数", "应发工资(元)", "扣款", "实发工资(元)",
    "银行卡号",
)  # fmt: skip

Row = Sequence[Any]


def card_number(number: int) -> str:
    """An invented card of 19 digits whose check digit is right."""
    body = f"62{number:016}"
    return next(body + last for last in "0123456789" if luhn_ok(body + last))


def person(number: int, net: str, *, days: str = "21", name: str = "") -> list[str]:
    """One row of a wage sheet; no deductions."""
    return [
        str(number), name or f"示例工{number}", resident_id(number), "钢筋工", days, net, "0", net,
        card_number(number),
    ]  # fmt: skip


def text(rows: Sequence[Row], *, delimiter: str = ",", end: str = "\r\n") -> str:
    """Rows as delimited text without quotes."""
    return "".join(delimiter.join(map(str, row)) + end for row in rows)


def workbook(rows: Sequence[Row], *, sheet: str = "工资表", **options: Any) -> bytes:  # noqa: ANN401
    """Rows as a workbook: numbers as numbers, everything else as text.

    Args:
        rows: Rows from the first.
        sheet: Name of the sheet.
        options: ``hidden``: a row number that nobody sees; ``more``: further sheets by name;
            ``concealed``: names of those that are hidden.
    """
    import xlsxwriter  # noqa: PLC0415 - only these tests write workbooks

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    for name, content in {sheet: rows, **options.get("more", {})}.items():
        page = book.add_worksheet(name)
        for at, row in enumerate(content):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    page.write_number(at, column, cell)
                elif isinstance(cell, tuple):
                    page.write_formula(at, column, cell[0], None, cell[1])
                else:
                    page.write_string(at, column, str(cell))
        if options.get("hidden"):
            page.set_row(options["hidden"] - 1, None, None, {"hidden": True})
        if name in options.get("concealed", ()):
            page.hide()
    book.close()
    return buffer.getvalue()
