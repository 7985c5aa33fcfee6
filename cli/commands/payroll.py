"""``wageledger payroll check``: what would be refused, said before it is posted.

The same code as ``payroll submit`` with a dry run. A sheet names many workers, and the ledger
answers with the first that it refuses; here the refused line is set aside and the rest asked
again, so that a clerk corrects a sheet in one go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.field_help import FIELDS
from cli.intake import Rows, read_rows
from cli.messages import N_, _
from cli.options import common_options, field_options, kind_of
from cli.output import Listing, View
from cli.program import Command, Word
from cli.rendering import message_of
from ledger.kernel.codes import EXIT_INVALID
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.service import Answer, Ledger

ERROR: Final = "error"
WARNING: Final = "warning"
MOST_ROUNDS: Final = 200
"""So many refused workers are listed one by one; a sheet with more is somebody else's sheet."""

_VIEW: Final = View(
    (
        Listing(
            "problems",
            ("row", "column", "severity", "code", "message"),
            empty=N_("Nothing is wrong with the sheet."),
        ),
    ),
    facts=("rows", "net_sum_fen"),
)
_PLACEHOLDERS: Final = {"sheet": "CHECK"}


def payroll_commands() -> list[click.Command]:
    """Make the verbs of ``payroll`` that are not one posting."""
    kind = kind_of("PayrollSubmitted")
    options = [
        option for option in [*field_options(kind, follows=list(FIELDS)), *common_options()]
        if option.name not in {"lines", "inline_lines", "key", "dry_run", "yes"}
    ]  # fmt: skip
    return [
        Command(
            "check",
            check,
            summary=N_("Say what is wrong with a sheet, before it is submitted"),
            params=[Word(["file"], FIELDS["lines"], metavar="FILE"), *options],
            more=lambda: _(
                "FILE holds one JSON object a line: worker and net_fen, and gross_fen,"
                " deductions_fen and days where they are known; amounts in fen. Without --project"
                " only the form is checked."
            ),
        )
    ]


@dataclass
class _Findings:
    """What was found in a sheet."""

    rows: Rows
    problems: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, row: int | None, column: str, code: str, facts: Mapping[str, object],
        severity: str = ERROR,
    ) -> None:  # fmt: skip
        """Note a problem of a row of the file, or of the whole sheet."""
        self.problems.append(
            {
                "row": row,
                "column": column,
                "code": code,
                "severity": severity,
                "message": message_of(code, facts),
            }
        )

    def answer(self) -> dict[str, Any]:
        """The answer of the contract."""
        amounts = [row.get("net_fen") for row in self.rows.objects]
        total = sum(amount for amount in amounts if type(amount) is int)
        self.problems.sort(key=lambda problem: (problem["row"] is None, problem["row"] or 0))
        return {
            "rows": len(self.rows.objects),
            "net_sum_fen": total,
            "problems": self.problems,
        }

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(problem["severity"] == ERROR for problem in self.problems)


def check(file: str, **values: Any) -> None:  # noqa: ANN401 - as typed
    """Check a sheet and show what is wrong; ends with status 3 when something is."""
    app = App.of(click.get_current_context())
    rows, bad = read_rows(file)
    findings = _Findings(rows)
    for row in bad:
        findings.add(row.row, row.column, row.code, row.facts)
    if values.get("project") is None:
        _check_form(findings, app.today)
    else:
        posting = _posting(values, app.today)
        with app.ledger() as ledger:
            _check_whole(app, ledger, posting, findings)
    app.printer.show(findings.answer(), _VIEW)
    if findings.failed:
        raise Ended(EXIT_INVALID)


def _posting(values: Mapping[str, Any], today: str) -> dict[str, Any]:
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
        "sheet": values.get("sheet") or _PLACEHOLDERS["sheet"],
        "period": values["period"],
        "due_on": values.get("due_on") or today,
    }
    if values.get("back_pay"):
        posting["back_pay"] = True
    if values.get("by"):
        posting["by"] = values["by"]
    return posting


def _check_form(findings: _Findings, today: str) -> None:
    """Check the lines alone: a sheet of nobody, for no month."""
    from ledger.domain.form import BadForm, parse_posting  # noqa: PLC0415 - not for --help

    whole = {
        "kind": "PayrollSubmitted", "on": today, "key": "check", "project": "CHECK",
        "employer": "", "sheet": "CHECK", "period": today[:7], "due_on": today,
        "lines": findings.rows.objects,
    }  # fmt: skip
    try:
        parse_posting(whole, today)
    except BadForm as error:
        for problem in error.problems:
            if problem.field.startswith("lines"):
                _add_form(findings, findings.rows, problem.code, problem.field, problem.problem)
    arithmetic(findings)


def arithmetic(findings: _Findings) -> None:
    """Gross less deductions is net, where either is given."""
    reported = {(problem["row"], problem["code"]) for problem in findings.problems}
    for number, row in zip(findings.rows.numbers, findings.rows.objects, strict=True):
        parts = [row.get(name) or 0 for name in ("gross_fen", "deductions_fen", "net_fen")]
        if not all(type(part) is int for part in parts) or (number, "line_arithmetic") in reported:
            continue
        given = row.get("gross_fen") is not None or row.get("deductions_fen") is not None
        if given and parts[0] - parts[1] != parts[2]:
            facts = {"worker": str(row.get("worker", "")), "net_fen": parts[2]}
            facts |= {"gross_fen": parts[0], "deductions_fen": parts[1]}
            findings.add(number, "net_fen", "line_arithmetic", facts)


def _add_form(findings: _Findings, rows: Rows, code: str, place: str, problem: str) -> None:
    """Note a problem of the form under its row; a worker named twice under the second row."""
    number, _close, column = place.partition("[")[2].partition("]")
    column = column.removeprefix(".")
    if number.isdigit() and int(number) <= len(rows.numbers):
        facts = {"field": column, "problem": problem}
        findings.add(rows.numbers[int(number) - 1], column, code, facts)
    elif code == "duplicate_worker":
        for row in second_rows(rows):
            findings.add(row, "worker", code, {"worker": problem})
    else:
        findings.add(None, place, code, {"field": place, "problem": problem})


def second_rows(rows: Rows) -> Iterator[int]:
    """Rows whose worker stands on an earlier row already."""
    seen: set[object] = set()
    for number, row in zip(rows.numbers, rows.objects, strict=True):
        worker = row.get("worker")
        if isinstance(worker, str):
            if worker in seen:
                yield number
            seen.add(worker)


def _check_whole(app: App, ledger: "Ledger", posting: dict[str, Any], findings: _Findings) -> None:
    """Ask the ledger, setting aside each line that it refuses."""
    rest = Rows(list(findings.rows.objects), list(findings.rows.numbers))
    for _round in range(MOST_ROUNDS):
        if not rest.objects:
            return
        asked = {**posting, "lines": rest.objects}
        (answer,) = ledger.post([asked], poster=app.poster, dry_run=True)
        if answer.status == "invalid":
            for problem in answer.problems:
                _add_form(findings, rest, problem.code, problem.field, problem.problem)
            arithmetic(findings)
            return
        if answer.code is None:
            for warning in answer.warnings:
                findings.add(None, "", warning, answer.facts, WARNING)
            return
        if not _set_aside(findings, rest, answer):
            findings.add(None, _column(answer), answer.code, answer.facts)
            return


def _set_aside(findings: _Findings, rest: Rows, answer: "Answer") -> bool:
    """Note a refusal that names a worker under that worker's rows, and take them out."""
    worker = answer.facts.get("worker")
    at = [place for place, row in enumerate(rest.objects) if row.get("worker") == worker]
    if worker is None or not at:
        return False
    assert answer.code is not None  # noqa: S101 - only refusals come here
    for place in reversed(at):
        findings.add(rest.numbers[place], "worker", answer.code, answer.facts)
        del rest.objects[place], rest.numbers[place]
    return True


def _column(answer: "Answer") -> str:
    """The option that a refusal of the whole sheet is about."""
    code = answer.code or ""
    return code.removeprefix("unknown_") if code.startswith("unknown_") else ""
