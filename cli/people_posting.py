"""Recording a document whose lines come from a file of people: all of its rows, or none.

The document goes through the one door like any other. Where it is refused for one worker, the
ledger is asked for all of them, so that a clerk corrects a file in one go.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from cli import people_files
from cli.answers import status_of
from cli.app import App
from cli.boundary import Ended
from cli.entering import enter
from cli.intake import Rows
from cli.options import GIVEN, INLINE
from cli.people_files import (
    document_of,
    match,
    note,
    read_people,
    take_answer,
    take_workers,
    tell_problems,
    tell_sheet,
    uncollected,
)
from cli.recording import posted, record, show
from ledger.domain.base import Kind
from ledger.kernel.codes import EXIT_INVALID
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.intake.people import PeopleFile
    from ledger.people import Standing
    from ledger.service import Answer, Ledger

_FULL_MONTH: Final = 87
"""Quarter days of a month with full attendance: 21.75 days. Legal source: 人社部发〔2008〕3号."""

_QUARTERS: Final = 2
"""Quarter days of half a day."""

_BY_WORKER: Final = frozenset({"not_assigned", "period_paid_twice"})


def record_people(kind: Kind, values: dict[str, Any]) -> None:
    """Record a document from a file of people; ends with its exit status."""
    with uncollected():
        _record_people(kind, values)


def _record_people(kind: Kind, values: dict[str, Any]) -> None:
    aliases = values.pop("aliases", None)
    file = values.get("lines")
    if file is None or values.get(INLINE):
        record(kind, values)
        return
    app = App.of(click.get_current_context())
    del values["lines"]
    enter(kind, {**values, GIVEN: [{}]}, today=app.today)  # what is missing is said at once
    sheet = read_people(file, aliases, reader_of(kind), app.today)
    with app.ledger() as ledger:
        matched = match(sheet, ledger, app.today)
        take_workers(sheet, matched)
        if not sheet.numbers and not sheet.failed:
            note(sheet, None, "", "empty_table", {})
        if sheet.failed:
            end_refused(app, file, sheet)
        dry_run = bool(values.get("dry_run"))
        entered = enter(kind, {**values, GIVEN: sheet.lines}, today=app.today)
        entered.rows, entered.file = Rows(sheet.lines, sheet.numbers), file
        answer = posted(app, ledger, entered, dry_run=dry_run)
        if answer.status == "invalid" or answer.code in _BY_WORKER:
            take_refusal(sheet, ledger, entered.posting, answer)
            end_refused(app, file, sheet)
        tell_sheet(app, sheet)
        if answer.status == "recorded":
            warn(sheet, ledger, entered.posting)
            tell_problems(file, sheet)
        show(app, entered, answer, dry_run=dry_run)
    # The read models follow with the next read: a clerk who submits need not wait for them.
    status = status_of(answer)
    if status:
        raise Ended(status)


def reader_of(kind: Kind) -> people_files.Reader:
    """How a file of this kind of document is read."""
    from ledger.intake import payroll  # noqa: PLC0415 - not for --help

    return payroll.read_payroll if kind.name == "PayrollSubmitted" else payroll.read_attendance


def end_refused(app: App, file: str, sheet: "PeopleFile") -> None:
    """Say all that is wrong; nothing was recorded.

    Raises:
        Ended: With the status of invalid input.
    """
    if app.printer.chosen != "table":
        app.printer.show(document_of(sheet), people_files.VIEW)
    tell_problems(file, sheet, warnings=False)
    raise Ended(EXIT_INVALID)


def take_refusal(
    sheet: "PeopleFile", ledger: "Ledger", posting: Mapping[str, Any], answer: "Answer"
) -> None:
    """Note every line for which a document would be refused, where one was refused for one."""
    places = [at for at in range(len(sheet.lines)) if at not in sheet.broken]
    if answer.code in _BY_WORKER:
        require_standing(sheet, standing_of(ledger, posting, people_in(sheet)), posting)
    if not sheet.failed:
        take_answer(sheet, places, answer)


def standing_of(
    ledger: "Ledger", posting: Mapping[str, Any], workers: Collection[str]
) -> "Standing":
    """What a sheet with these workers meets in the ledger; without any, the month alone."""
    return ledger.people.standing(
        project=posting["project"],
        employer=posting["employer"],
        period=posting["period"],
        workers=workers,
    )


def people_in(sheet: "PeopleFile") -> set[str]:
    """The registered workers of a file."""
    return {worker for worker in sheet.workers if worker is not None}


def require_standing(sheet: "PeopleFile", standing: "Standing", posting: Mapping[str, Any]) -> None:
    """Note workers who are not assigned, or paid for the month already."""
    once = posting["kind"] == "PayrollSubmitted" and not posting.get("back_pay")
    for at, worker in enumerate(sheet.workers):
        if worker is None or at in sheet.broken:
            continue
        facts = {"worker": worker, "period": posting["period"]}
        if worker in standing.unassigned:
            facts |= {"project": posting["project"], "party": posting["employer"]}
            sheet.report(at, sheet.identity_heading(at), "not_assigned", **facts)
        elif once and worker in standing.paid:
            sheet.report(at, sheet.identity_heading(at), "period_paid_twice", **facts)


# -- what somebody should look at -----------------------------------------------


def warn(sheet: "PeopleFile", ledger: "Ledger", posting: Mapping[str, Any]) -> None:
    """Note what of a payroll sheet somebody should look at."""
    if posting["kind"] != "PayrollSubmitted":
        return
    standing = standing_of(ledger, posting, ())
    warn_of_attendance(sheet, standing, posting["period"])
    warn_of_minimum(sheet, standing)


def warn_of_attendance(sheet: "PeopleFile", standing: "Standing", period: str) -> None:
    """Pay without attendance, attendance without pay, days that are not those attended."""
    attended = standing.attended
    if attended is None:
        if sheet.lines:
            note(sheet, None, "", "attendance_missing", {"period": period}, "warning")
        return
    for at, (worker, line) in enumerate(zip(sheet.workers, sheet.lines, strict=True)):
        if worker is None or at in sheet.broken:
            continue
        halves, days = attended.get(worker, 0), line.get("days")
        if not halves:
            sheet.warn(at, "days", "no_attendance", worker=worker)
        elif days is not None and days * 2 != halves:
            facts = {"worker": worker, "given": str(days), "registered": in_days(halves)}
            sheet.warn(at, "days", "days_differ", **facts)
    known = {*sheet.workers, *standing.paid}
    for worker, halves in attended.items():
        if halves and worker not in known:
            facts = {"worker": worker, "days": in_days(halves)}
            note(sheet, None, "", "attended_not_paid", facts, "warning")


def warn_of_minimum(sheet: "PeopleFile", standing: "Standing") -> None:
    """Wages below the region's minimum: of a full month, or in proportion to the days."""
    minimum, attended = standing.minimum_fen, standing.attended or {}
    if minimum is None:
        return
    for at, (worker, line) in enumerate(zip(sheet.workers, sheet.lines, strict=True)):
        wage = line.get("gross_fen") or line.get("net_fen")
        if type(wage) is not int or wage >= minimum or at in sheet.broken:
            continue
        days = line.get("days")
        halves = int(days * 2) if days is not None else attended.get(worker or "")
        least = minimum
        if halves is not None:
            least = minimum * min(_FULL_MONTH, halves * _QUARTERS) // _FULL_MONTH
        if wage < least:
            facts = {"worker": worker, "amount_fen": wage, "cap_fen": least}
            sheet.warn(at, "net_fen", "below_minimum_wage", **facts)


def in_days(halves: int) -> str:
    """Half days as people write them: ``21.5``."""
    return str(Decimal(halves) / 2)


# -- checking -------------------------------------------------------------------

MOST_ROUNDS: Final = 20
"""Refusals that no question foresees are listed one by one, so many of them."""


def check_people(app: App, ledger: "Ledger", sheet: "PeopleFile", posting: dict[str, Any]) -> None:
    """Note all that recording a payroll sheet would answer; nothing is recorded."""
    take_workers(sheet, match(sheet, ledger, app.today))
    for _round in range(MOST_ROUNDS):
        places: Sequence[int] = [at for at in range(len(sheet.lines)) if at not in sheet.broken]
        if not places:
            break
        asked = {**posting, "lines": [sheet.lines[at] for at in places]}
        answer = ledger.judge(asked, poster=app.poster)
        if answer.code is None:
            for code in answer.warnings:
                note(sheet, None, "", code, answer.facts, "warning")
            break
        if answer.code in _BY_WORKER:
            before = len(sheet.broken)
            require_standing(sheet, standing_of(ledger, posting, people_in(sheet)), posting)
            if len(sheet.broken) > before:
                continue
        if not take_answer(sheet, places, answer):
            return  # about the whole: there is no such project, or the sheet exists
    warn(sheet, ledger, posting)


def posting_to_check(values: Mapping[str, Any], today: str) -> dict[str, Any]:
    """The sheet as it would be submitted; what is not known yet does not matter to a check.

    Raises:
        LedgerError: ``missing_option`` for an employer or a month that is missing.
    """
    missing = [f"--{name}" for name in ("employer", "period") if values.get(name) is None]
    if missing:
        raise LedgerError("missing_option", option=", ".join(missing))
    posting = {
        "kind": "PayrollSubmitted",
        "on": values.get("on") or today,
        "key": "check",
        "project": values["project"],
        "employer": values["employer"],
        "sheet": values.get("sheet") or "CHECK",
        "period": values["period"],
        "due_on": values.get("due_on") or today,
    }
    if values.get("back_pay"):
        posting["back_pay"] = True
    if values.get("by"):
        posting["by"] = values["by"]
    return posting
