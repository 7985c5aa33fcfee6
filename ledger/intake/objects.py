"""Lines of a document as JSON, one object a line: for programs, and as the ledger exports them.

Names of fields are those of the posting, amounts whole fen. Beside the worker's reference an object
may carry ``id_number``, ``name`` and ``card_number``; they are compared and never posted.
"""

from collections.abc import Mapping
from typing import Any, Final

import ledger.domain.kinds  # noqa: F401 - importing it fills the register of kinds
from ledger.domain.form import BadForm, parse_json, parse_posting
from ledger.intake.people import PeopleFile, again
from ledger.intake.problems import Problem

_IDENTITY: Final = ("id_number", "name", "card_number")
_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


def read_objects(content: bytes, whole: Mapping[str, Any], today: str) -> PeopleFile:
    """Read JSON Lines and judge their form.

    Args:
        content: The file.
        whole: The posting around the lines, of nobody, for its form.
        today: Business date.
    """
    sheet = PeopleFile()
    identity: dict[str, list[str | None]] = {name: [] for name in _IDENTITY}
    for number, text in enumerate(content.removeprefix(_BOM).split(b"\n"), 1):
        line = text.strip(_BLANKS)
        if not line:
            continue
        try:
            made = parse_json(line)
        except BadForm as error:
            first = error.problems[0]
            facts = {"field": first.field, "problem": first.problem}
            sheet.problems.append(Problem(number, "", first.code, facts))
            continue
        for name, column in identity.items():
            value = made.pop(name, None)
            column.append(value if isinstance(value, str) else None)
        sheet.lines.append(made)
        sheet.numbers.append(number)
    workers = [line.get("worker") for line in sheet.lines]
    sheet.workers = [worker if isinstance(worker, str) else None for worker in workers]
    sheet.id_numbers, sheet.names, sheet.cards = identity.values()
    if sheet.lines or not sheet.problems:
        _require_form(sheet, whole, today)
    return sheet


def _require_form(sheet: PeopleFile, whole: Mapping[str, Any], today: str) -> None:
    """Judge lines as the ledger will."""
    named = [
        {**line, "worker": f"row-{at}"} if line.get("worker") is None and number else line
        for at, (line, number) in enumerate(zip(sheet.lines, sheet.id_numbers, strict=True))
    ]
    try:
        parse_posting({**whole, "lines": named}, today)
    except BadForm as error:
        for problem in error.problems:
            if problem.field.startswith("lines"):
                _take(sheet, problem.code, problem.field, problem.problem)
    _arithmetic(sheet)


def _take(sheet: PeopleFile, code: str, place: str, problem: str) -> None:
    """Note a problem of the form under its row; a worker named twice under the later rows."""
    number, _close, column = place.partition("[")[2].partition("]")
    column = column.removeprefix(".")
    if number.isdigit() and int(number) <= len(sheet.numbers):
        sheet.report(int(number) - 1, column, code, problem=problem)
    elif code == "duplicate_worker":
        for at, first in again(sheet.workers):
            worker = sheet.workers[at]
            sheet.report(at, "worker", code, worker=worker, line=sheet.numbers[first])
    else:
        sheet.problems.append(Problem(None, place, code, {"field": place, "problem": problem}))


def _arithmetic(sheet: PeopleFile) -> None:
    """Gross less deductions is net where either is given, also where other rows are not right."""
    reported = {(problem.row, problem.code) for problem in sheet.problems}
    for at, line in enumerate(sheet.lines):
        given = line.get("gross_fen") is not None or line.get("deductions_fen") is not None
        parts = [line.get(name) or 0 for name in ("gross_fen", "deductions_fen", "net_fen")]
        if not given or not all(type(part) is int for part in parts):
            continue
        if (
            parts[0] - parts[1] != parts[2]
            and (sheet.numbers[at], "line_arithmetic") not in reported
        ):
            facts = {"gross_fen": parts[0], "deductions_fen": parts[1], "net_fen": parts[2]}
            sheet.report(at, "net_fen", "line_arithmetic", worker=sheet.workers[at], **facts)
