"""A payroll sheet or an attendance list from a file: workbook, text, or one JSON object a line."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from ledger.domain.form import MAX_LINES
from ledger.intake.grid import is_json_lines, read_grid, require_size
from ledger.intake.headings import ATTENDANCE, PAYROLL, Aliases, Layout
from ledger.intake.objects import read_objects
from ledger.intake.people import PeopleFile, people_of, require_people
from ledger.intake.problems import BadFileError
from ledger.intake.tables import Table, read_table

_NOBODY: Final = {"key": "check", "project": "CHECK", "employer": ""}


def read_payroll(content: bytes, aliases: Aliases, today: str) -> PeopleFile:
    """Read a payroll sheet and judge its form, all but the digits of ID numbers and cards.

    Raises:
        BadFileError: What cannot be read as a table of people at all.
    """
    whole = {
        **_NOBODY, "kind": "PayrollSubmitted", "on": today, "period": today[:7],
        "sheet": "CHECK", "due_on": today,
    }  # fmt: skip
    sheet, table = _read(content, PAYROLL, aliases, whole, today)
    if table is not None and "net" in table.columns:
        _require_amounts(sheet)
    return sheet


def read_attendance(content: bytes, aliases: Aliases, today: str) -> PeopleFile:
    """Read an attendance list: who attended how many days of a month.

    Raises:
        BadFileError: What cannot be read as a table of people at all.
    """
    whole = {**_NOBODY, "kind": "AttendancePosted", "on": today, "period": today[:7]}
    sheet, table = _read(content, ATTENDANCE, aliases, whole, today)
    if table is not None and "days" in table.columns:
        _require_days(sheet)
    return sheet


def _read(
    content: bytes, layout: Layout, aliases: Aliases, whole: Mapping[str, Any], today: str
) -> tuple[PeopleFile, Table | None]:
    require_size(len(content))
    if is_json_lines(content):
        return read_objects(content, whole, today), None
    table = read_table(read_grid(content), layout, aliases)
    sheet = people_of(table)
    require_people(sheet)
    if len(sheet.lines) > MAX_LINES:
        raise BadFileError("over_limit", problem="rows", limit=MAX_LINES)
    return sheet, table


def _require_days(sheet: PeopleFile) -> None:
    seen = {(problem.row, problem.column) for problem in sheet.problems}
    for at, line in enumerate(sheet.lines):
        if line.get("days") is None and (sheet.numbers[at], sheet.headings["days"]) not in seen:
            sheet.report(at, "days", "bad_field", problem="missing")


def _require_amounts(sheet: PeopleFile) -> None:
    """Net is there and above zero, and gross less deductions is net where either is given."""
    seen = {(problem.row, problem.column) for problem in sheet.problems}
    for at, line in enumerate(sheet.lines):
        of = line.get
        net, gross, deductions = of("net_fen"), of("gross_fen"), of("deductions_fen")
        if net and gross is not None and gross - (deductions or 0) == net:
            continue
        if not net:
            if (sheet.numbers[at], sheet.headings["net_fen"]) not in seen:
                problem, value = ("missing", "") if net is None else ("out_of_range", "0")
                sheet.report(at, "net_fen", "bad_amount", problem=problem, value=value)
        elif (gross is not None or deductions is not None) and not _unread(sheet, at, seen):
            sheet.report(
                at, "net_fen", "line_arithmetic",
                net_fen=net, gross_fen=gross, deductions_fen=deductions,
            )  # fmt: skip


def _unread(sheet: PeopleFile, at: int, seen: Collection[tuple[int | None, str]]) -> bool:
    """Whether another amount of the row could not be read: its arithmetic says nothing then."""
    return any(
        (sheet.numbers[at], sheet.headings.get(name, "")) in seen
        for name in ("gross_fen", "deductions_fen")
    )
