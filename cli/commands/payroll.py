"""The verbs of ``payroll`` that are about files and not one posting.

``check`` says what would be refused, before it is posted: the same code as ``payroll submit``,
every bad row at once, nothing recorded.
"""

from typing import Any

import click

from cli.app import App
from cli.boundary import Ended
from cli.completing import completer
from cli.field_help import FIELDS
from cli.messages import N_, _
from cli.options import common_options, field_options, kind_of
from cli.people_files import (
    VIEW,
    aliases_option,
    check_digits,
    document_of,
    files_of_people,
    read_people,
    tell_remedies,
    tell_sheet,
    uncollected,
)
from cli.people_posting import check_people, posting_to_check, reader_of
from cli.program import Command, Option, Word
from cli.sheet_files import (
    copy_sheet,
    is_workbook,
    output_option,
    require_workbook,
    write_checked,
    write_template,
)
from cli.unmasked import purpose_of, unmasking
from ledger.kernel.codes import EXIT_INVALID
from ledger.kernel.dates import is_period
from ledger.kernel.errors import LedgerError


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
            params=[
                Word(["file"], FIELDS["lines"], metavar="FILE"), *options, aliases_option(),
                output_option(N_("Write the sheet with a column 错误 into this workbook (.xlsx)")),
            ],
            more=lambda: " ".join(
                (files_of_people(), _("Without --project only the form is checked."))
            ),
        ),
        Command(
            "template",
            template,
            summary=N_("Make a workbook for a month's wages, with last month's people"),
            params=[
                Option(
                    ["--project"], metavar="TEXT", help=FIELDS["project"],
                    shell_complete=completer("project"),
                ),
                Option(
                    ["--employer"], metavar="CODE", help=FIELDS["employer"],
                    shell_complete=completer("party"),
                ),
                Option(["--period"], metavar="MONTH", help=FIELDS["period"]),
                output_option(N_("The workbook to write (.xlsx)")), *unmasking(),
            ],
            more=lambda: _(
                "Without --project and --employer the sheet is empty. Workers stand there by"
                " reference and masked name."
            ),
        ),
        Command(
            "copy-from",
            copy_from,
            summary=N_("Make a workbook from an earlier sheet, to correct and submit anew"),
            params=[
                Word(
                    ["sheet"], N_("Id of the earlier sheet"), metavar="SHEET",
                    shell_complete=completer("sheet"),
                ),
                output_option(N_("The workbook to write (.xlsx)")), *unmasking(),
            ],
        ),
    ]  # fmt: skip


def template(
    project: str | None, employer: str | None, period: str | None, output: str | None,
    **values: Any,  # noqa: ANN401 - what shows identities, as typed
) -> None:  # fmt: skip
    """Write a wage sheet to be filled in."""
    app = App.of(click.get_current_context())
    path = require_workbook(output)
    if (project is None) != (employer is None):
        raise LedgerError("missing_option", option="--employer" if project else "--project")
    if period is not None and not is_period(period):
        raise LedgerError("bad_date", field="--period", value=period)
    count = write_template(
        app, path, project=project, employer=employer, period=period,
        purpose=purpose_of(values),
    )  # fmt: skip
    app.printer.say(_("{file}: {count} workers", file=path, count=count))


def copy_from(sheet: str, output: str | None, **values: Any) -> None:  # noqa: ANN401 - as above
    """Write an earlier sheet as a workbook."""
    app = App.of(click.get_current_context())
    path = require_workbook(output)
    count = copy_sheet(app, path, sheet, purpose_of(values))
    app.printer.say(_("{file}: {count} workers", file=path, count=count))


def check(
    file: str, aliases: str | None, output: str | None, **values: Any  # noqa: ANN401 - as typed
) -> None:  # fmt: skip
    """Check a sheet and show what is wrong; ends with status 3 when something is."""
    app = App.of(click.get_current_context())
    if not is_workbook(output) and output is not None:
        app.printer.path = output
        app.printer.require_format()
    with_ledger = values.get("project") is not None
    posting = posting_to_check(values, app.today) if with_ledger else {}
    with uncollected():
        sheet = read_people(file, aliases, reader_of(kind_of("PayrollSubmitted")), app.today)
        if with_ledger:
            with app.ledger() as ledger:
                check_people(app, ledger, sheet, posting)
        else:
            check_digits(sheet, app.today)
    if output is not None and is_workbook(output):
        write_checked(output, sheet)
    tell_sheet(app, sheet)
    app.printer.show(document_of(sheet), VIEW)
    tell_remedies(app, sheet)
    if sheet.failed:
        raise Ended(EXIT_INVALID)
