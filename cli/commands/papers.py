"""Papers for people: ``payroll slips`` for workers, ``payout proof`` for subcontractors."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from cli.app import App
from cli.aside import bytes_aside, translated
from cli.completing import completer
from cli.messages import N_, _, ngettext
from cli.output import WORKBOOK, Listing, View
from cli.program import Command, Option, Word
from cli.progress import Progress
from cli.reading import as_of, dated, page_of, paged, require_text
from cli.screens import SCREENS
from cli.unmasked import Purpose, identities, named, purpose_of, unmasking
from ledger.kernel.errors import LedgerError

_SLIP: Final = View(
    (
        Listing(
            "payments",
            ("on", "kind", "batch", "state", "amount_fen", "code"),
            title=N_("Payments"),
        ),
    ),
    facts=(
        "employer_name", "employer", "project_name", "project", "general_contractor_name",
        "period", "sheet", "claim", "worker", "worker_name", "id_number", "card_number",
        "card_last4", "days", "gross_fen", "deductions_fen", "reduced_fen", "net_fen", "paid_fen",
        "in_transit_fen", "open_fen", "due_on", "state", "paid_on", "paid_by",
    ),
)  # fmt: skip
"""One slip: everything that the worker may ask."""

_STRIP: Final = (
    "project_name", "employer_name", "period", "worker", "worker_name", "card_last4", "days",
    "gross_fen", "deductions_fen", "net_fen", "paid_fen", "in_transit_fen", "open_fen", "due_on",
    "paid_on", "paid_by", "claim",
)  # fmt: skip
"""Columns of a slip that is cut from a sheet of them."""

_SHARED: Final = (
    "project_name", "employer_name", "general_contractor_name", "as_of", "position", "purpose"
)  # fmt: skip
"""What a slip takes from its sheet."""


def slips_command() -> Command:
    """Make ``payroll slips``."""
    return Command(
        "slips",
        slips,
        summary=N_("Payslips of a sheet, one a worker; masked unless asked otherwise"),
        params=[
            Word(["sheet"], N_("Id of a payroll sheet"), metavar="SHEET",
                 shell_complete=completer("sheet")),
            *unmasking(), *dated(), *paged(wanted=True),
        ],
        more=lambda: _(
            "-o FILE.xlsx writes one workbook with a list and strips to cut apart; -o FOLDER writes"
            " a workbook for each worker."
        ),
    )  # fmt: skip


def proof_command() -> Command:
    """Make ``payout proof``."""
    return Command(
        "proof",
        proof,
        summary=N_("Proof of a batch for one subcontractor: what the bank paid to its workers"),
        params=[
            Word(["batch"], N_("Id of a payout batch"), metavar="BATCH",
                 shell_complete=completer("batch")),
            Option(["--party"], metavar="CODE", needed=True, help=N_("Credit code of the employer"),
                   shell_complete=completer("party")),
            *unmasking(), *dated(),
        ],
    )  # fmt: skip


def slips(sheet: str, **values: Any) -> None:  # noqa: ANN401 - as typed
    """Show the slips of a sheet, or write them into a workbook or a folder."""
    app = App.of(click.get_current_context())
    require_text({"sheet": sheet})
    purpose = purpose_of(values)
    folder = _folder(app)
    on, page = as_of(app, values.get("as_of")), page_of(app, values)
    with app.books() as books:
        known_at = books.known_at(values.get("known_at"))
        answer = books.ask(
            "payslips:payroll_slips", sheet=sheet, as_of=on, known_at=known_at, **page
        )  # fmt: skip
    subject = {"project": answer["project"], "sheet": sheet}
    answer = _with_identities(app, answer, "slips", purpose, subject)
    private = purpose is not None
    if folder is not None:
        _write_each(app, answer, folder, private=private)
    elif app.printer.chosen == WORKBOOK:
        _write_strips(app, answer, private=private)
    else:
        app.printer.show(answer, SCREENS["payroll slips"], private=private)


def proof(batch: str, party: str | None, **values: Any) -> None:  # noqa: ANN401 - as typed
    """Show which workers of one employer the bank paid in a batch.

    Raises:
        LedgerError: ``missing_option``.
    """
    app = App.of(click.get_current_context())
    if party is None:
        raise LedgerError("missing_option", option="--party")
    require_text({"batch": batch, "party": party})
    purpose = purpose_of(values)
    on = as_of(app, values.get("as_of"))
    with app.books() as books:
        known_at = books.known_at(values.get("known_at"))
        answer = books.ask(
            "payout_proof:payout_proof", batch=batch, party=party, as_of=on, known_at=known_at
        )  # fmt: skip
    subject = {"project": answer["project"], "batch": batch, "party": party}
    answer = _with_identities(app, answer, "lines", purpose, subject)
    app.printer.show(answer, SCREENS["payout proof"], private=purpose is not None)


def _with_identities(
    app: App,
    answer: dict[str, Any],
    rows: str,
    purpose: Purpose | None,
    subject: Mapping[str, str],
) -> dict[str, Any]:
    """An answer whose rows name their workers, masked or not."""
    workers = [row["worker"] for row in answer[rows]]
    found = identities(app, workers, purpose, subject)
    told = {key: value for key, value in answer.items() if key != rows}
    if purpose is not None:
        told["purpose"] = purpose.text
    return {**told, rows: named(answer[rows], found)}


# -- slips ----------------------------------------------------------------------


def _folder(app: App) -> Path | None:
    """The folder for a workbook each, where ``-o`` names no file.

    Raises:
        LedgerError: ``bad_option`` for another format than workbooks.
    """
    path = app.printer.path
    if path is None or path == "-" or (Path(path).suffix and not Path(path).is_dir()):
        return None
    if Path(path).exists() and not Path(path).is_dir():
        return None
    if app.printer.format not in {None, WORKBOOK}:
        problem = N_("a folder takes workbooks; name a file for another format")
        raise LedgerError("bad_option", option="-o", value=path, problem=problem)
    return Path(path)


def _each(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every slip with what it takes from its sheet."""
    shared = {key: answer[key] for key in _SHARED if answer.get(key) is not None}
    for slip in answer["slips"]:
        yield {**shared, **slip}


def _write_each(app: App, answer: Mapping[str, Any], folder: Path, *, private: bool) -> None:
    """Write a workbook for each worker, named by its claim.

    Raises:
        LedgerError: ``output_unwritable``.
    """
    from cli.sheets import about, sheets_of  # noqa: PLC0415 - only where it is written
    from cli.workbook import write_sheets  # noqa: PLC0415 - as above

    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
    count, digits = len(answer["slips"]), len(str(answer["count"]))
    with Progress(count, quiet=app.printer.quiet) as bar:
        for slip in _each(answer):
            path = folder / f"{slip['sheet']}-{slip['line']:0{digits}}.xlsx"
            lists, facts = list(sheets_of(slip, _SLIP)), about(slip, _SLIP, app.printer.origin)
            with bytes_aside(path, private=private) as stream:
                write_sheets(lists, facts, stream, _("Payslip"))
            bar.advance(1, 1)
    app.printer.say(
        ngettext("{n} payslip in {folder}", "{n} payslips in {folder}", count, folder=folder)
    )


def _write_strips(app: App, answer: dict[str, Any], *, private: bool) -> None:
    """Write the list, the payments, and the strips to cut apart."""
    from cli.sheets import about, sheets_of  # noqa: PLC0415 - as above
    from cli.workbook import Sheet, write_sheets  # noqa: PLC0415 - as above

    view = SCREENS["payroll slips"]
    strips = Sheet(_("To cut apart"), list(_each(answer)), _STRIP, strips=True)
    sheets = [*sheets_of(answer, view), strips]
    with app.printer.opened_bytes(private=private) as stream:
        write_sheets(sheets, about(answer, view, app.printer.origin), stream)
    if answer.get("next") is not None:
        app.printer.more(f"--after {answer['next']}")
