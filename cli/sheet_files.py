"""Wage sheets as workbooks: a template, a copy of an earlier sheet, a sheet that was checked.

A template holds last month's people; a checked sheet says in a column of its own what is wrong
with each row.

Names are masked; the worker's reference is what counts. With ``--unmasked`` they are read in the
clear, after the ledger has recorded who reads them and what for.
"""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.app import App
from cli.aside import written_aside
from cli.messages import N_, _
from cli.program import Option
from cli.rendering import message_of
from cli.unmasked import SHOWN, Purpose
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from cli.books import Books
    from ledger.intake.people import PeopleFile
    from ledger.intake.problems import Problem
    from ledger.service import Ledger

WORKBOOK: Final = ".xlsx"
_STANDING: Final = ("submitted", "approved")
_FEN: Final = {"gross": "gross_fen", "deductions": "deductions_fen", "net": "amount_fen"}

Person = dict[str, Any]


def output_option(text: str) -> Option:
    """``-o`` of a command that writes a workbook."""
    return Option(["-o", "--output", "output"], metavar="FILE", help=text)


def require_workbook(output: str | None) -> str:
    """The name of the workbook to write.

    Raises:
        LedgerError: ``missing_option``, or ``bad_option`` for another kind of file.
    """
    if output is None:
        raise LedgerError("missing_option", option="-o FILE.xlsx")
    if output != "-" and not is_workbook(output):
        problem = N_("the name of a workbook ends in .xlsx")
        raise LedgerError("bad_option", option="-o", value=output, problem=problem)
    return output


def is_workbook(output: str | None) -> bool:
    """Whether a file is to be a workbook, by its name."""
    return output is not None and output.lower().endswith(WORKBOOK)


def write_workbook(output: str, content: bytes) -> None:
    """Write a workbook aside and rename it, or to standard output.

    Raises:
        LedgerError: ``output_unwritable``.
    """
    if output == "-":
        sys.stdout.buffer.write(content)
        return
    with written_aside(Path(output)) as stream:
        stream.flush()
        getattr(stream, "buffer").write(content)  # noqa: B009 - of a wrapper that is text by type


# -- templates ----------------------------------------------------------------


def write_template(
    app: App, output: str, *, project: str | None, employer: str | None, period: str | None,
    purpose: Purpose | None,
) -> int:  # fmt: skip
    """Write a wage sheet to be filled in; returns how many people stand in it."""
    people: list[Person] = []
    if project is not None and employer is not None:
        month = period or app.today[:7]
        with app.books() as books:
            order = last_people(books, project, employer, month, app.today)
        with app.ledger() as ledger:
            known = ledger.people.assigned_in(project=project, employer=employer, period=month)
            assigned = set(known)
            workers = [worker for worker in order if worker in assigned]
            workers += [worker for worker in known if worker not in set(workers)]
            subject = {"project": project, "employer": employer, "period": month}
            people = named(app, ledger, workers, purpose, subject)
    write_sheet(output, subtitle_of(project, employer, period), people)
    return len(people)


def last_people(books: "Books", project: str, employer: str, period: str, today: str) -> list[str]:
    """Who stood on the latest sheet of an employer before or in a month, in its order."""
    sheets = books.ask("payroll:payroll_list", as_of=today, project=project, party=employer)
    fitting = [
        sheet
        for sheet in sheets["sheets"]
        if sheet["employer"] == employer
        and sheet["period"] <= period
        and sheet["state"] in _STANDING
    ]
    if not fitting:
        return []
    latest = max(fitting, key=lambda sheet: (sheet["period"], sheet["position"]))
    shown = books.ask("payroll:payroll_show", sheet=latest["sheet"], as_of=today)
    return [line["worker"] for line in shown["lines"]]


def copy_sheet(app: App, output: str, sheet: str, purpose: Purpose | None) -> int:
    """Write an earlier sheet as a workbook; returns how many people stand in it.

    Raises:
        LedgerError: ``unknown_sheet``.
    """
    with app.books() as books:
        shown = books.ask("payroll:payroll_show", sheet=sheet, as_of=app.today)
    lines = {line["worker"]: line for line in shown["lines"]}
    subject = {name: shown[name] for name in ("project", "employer", "period")}
    with app.ledger() as ledger:
        people = named(app, ledger, list(lines), purpose, {**subject, "sheet": sheet})
    for person in people:
        person.update(amounts_of(lines[person["worker"]]))
    write_sheet(output, subtitle_of(**subject), people)
    return len(people)


def amounts_of(line: Mapping[str, Any]) -> Person:
    """Yuan and days of a line of a sheet."""
    found: Person = {
        of: Decimal(line[name]) / 100 for of, name in _FEN.items() if line.get(name) is not None
    }
    if line.get("days") is not None:
        found["days"] = line["days"]
    return found


def named(
    app: App, ledger: "Ledger", workers: Sequence[str], purpose: Purpose | None,
    subject: Mapping[str, str],
) -> list[Person]:  # fmt: skip
    """People by reference and masked name; in the clear where a purpose is given."""
    if purpose is None:
        shown = ledger.people.masked(workers)
        return [{"worker": worker, "name": shown.get(worker, {}).get("name")} for worker in workers]
    known = ledger.reveal(
        workers, SHOWN, purpose=purpose.text, subject=purpose.about(subject), poster=app.poster
    )
    return [{"worker": worker, **known.get(worker, {})} for worker in workers]


def subtitle_of(project: str | None, employer: str | None, period: str | None) -> str:
    """What a sheet is for."""
    blank = "________"
    return _(
        "Project: {project}    Employer: {employer}    Month: {period}",
        project=project or blank, employer=employer or blank, period=period or blank,
    )  # fmt: skip


def write_sheet(output: str, subtitle: str, people: Sequence[Mapping[str, Any]]) -> None:
    """Write a wage sheet with these people."""
    from ledger.intake.writing import Template, template_of  # noqa: PLC0415 - loads xlsxwriter

    explanation = (
        _("One row for each worker. Take out the rows of those who are not paid this month."),
        _("Name each worker by 工人编号 or by 身份证号; one of the two is enough."),
        _("实发工资 is needed. Where 应发工资 or 扣款 is given, 应发 less 扣款 must be 实发."),
        _("Amounts are in yuan with at most two decimals; days in halves, at most 31."),
        _(
            "ID and card numbers stand in text columns. Do not change the format: a spreadsheet"
            " keeps only 15 digits of a number."
        ),
        _("A row 合计 may stand below; it is compared with the sum and never added."),
        _("Check before you submit: wageledger payroll check FILE --project ... -o checked.xlsx"),
        _("Then submit: wageledger payroll submit FILE --project ... --sheet ..."),
    )
    title = _("Wage sheet of workers")
    content = template_of(Template(title, subtitle, explanation, people))
    write_workbook(output, content)


def write_checked(output: str, sheet: "PeopleFile") -> None:
    """Write a checked sheet with a column of what is wrong."""
    from ledger.intake.writing import checked_of  # noqa: PLC0415 - loads xlsxwriter

    write_workbook(output, checked_of(sheet, "错误", _words))


def _words(problem: "Problem") -> str:
    said = message_of(problem.code, problem.facts)
    return _("Note: {said}", said=said) if problem.severity == "warning" else said
