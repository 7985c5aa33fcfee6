"""Running a command that makes one posting: enter, show or ask, record, say what became of it."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cli import answers
from cli.app import App
from cli.boundary import Ended
from cli.entering import Completion, Entered, enter
from cli.messages import _
from cli.output import as_json, write_csv
from cli.progress import Waiting
from cli.streams import is_terminal
from ledger.domain.base import Kind
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.service import Answer, Ledger

_COLUMNS = ("line", "key", "kind", "status", "position", "code", "message", "warnings")


def record(
    kind: Kind,
    values: Mapping[str, Any],
    *,
    complete: Completion | None = None,
    asks: bool = False,
) -> None:
    """Make one posting and record it; ends with its exit status.

    Args:
        kind: What is posted.
        values: The command's options by name of field.
        complete: Fills in fields that follow from the others.
        asks: Ask first where a person sits at the terminal, unless ``--yes``.
    """
    app = App.of(click.get_current_context())
    app.printer.require_words()
    entered = enter(kind, values, today=app.today, complete=complete)
    dry_run = bool(values.get("dry_run"))
    with app.ledger() as ledger:
        if asks and not dry_run and not values.get("yes") and is_terminal(sys.stdin):
            _ask(app, ledger, entered)
        answer = posted(app, ledger, entered, dry_run=dry_run)
        show(app, entered, answer, dry_run=dry_run)
        if answer.status == "recorded" and not dry_run:
            app.catch_up(ledger)
    status = answers.status_of(answer)
    if status:
        raise Ended(status)


def posted(app: App, ledger: "Ledger", entered: Entered, *, dry_run: bool) -> "Answer":
    """Send an entered posting through the door."""
    with Waiting(quiet=app.printer.quiet):
        (answer,) = ledger.post([entered.posting], poster=app.poster, dry_run=dry_run)
    return answer


def _ask(app: App, ledger: "Ledger", entered: Entered) -> None:
    """Show what would be recorded and ask; a posting that is refused anyway is not asked about.

    Raises:
        LedgerError: ``not_confirmed``.
    """
    answer = posted(app, ledger, entered, dry_run=True)
    if answer.status != "recorded" or answer.event is None:
        return
    answers.tell(_would_be(answer))
    if not click.confirm(_("Record it?"), err=True):
        raise LedgerError("not_confirmed")


def _would_be(answer: "Answer") -> Iterator[str]:
    yield from answers.success_lines(answer, derived_key=False)
    if answer.event is not None:
        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
        yield from answers.event_lines(answer.event, answer.balances, width)


def show(app: App, entered: Entered, answer: "Answer", *, dry_run: bool) -> None:
    """Show what became of a posting: the result on stdout, words for people beside it."""
    result = answers.result_of(answer, 1, dry_run=dry_run)
    chosen = app.printer.chosen
    if chosen != "table":
        with app.printer.opened() as stream:
            if chosen == "csv":
                write_csv([{name: result[name] for name in _COLUMNS}], stream)
            else:
                stream.write(as_json(result, stream) + "\n")
    if answer.status in answers.FAILED:
        answers.tell(_failure(answer, entered))
        return
    if chosen == "table":
        lines: Callable[[], Iterator[str]] = lambda: (  # noqa: E731 - one of two short texts
            _would_be(answer)
            if dry_run
            else answers.success_lines(answer, derived_key=entered.key_derived)
        )
        with app.printer.opened() as stream:
            stream.writelines(f"{line}\n" for line in lines())
    answers.tell(answers.warning_lines(answer))


def _failure(answer: "Answer", entered: Entered) -> Iterator[str]:
    """Why it was not recorded; lines of a file under their number there."""
    if entered.rows is None or not answer.problems:
        yield from answers.failure_lines(answer)
        return
    for problem in answer.problems:
        row, column = in_file(problem.field, entered)
        facts = {**problem.facts, "field": column or problem.field}
        single = replace(answer, code=problem.code, facts=facts, problems=())
        where = entered.file if row is None else answers.place(entered.file, row)
        yield next(answers.failure_lines(single, where))


def in_file(field: str, entered: Entered) -> tuple[int | None, str]:
    """Where a problem of ``lines[3].net_fen`` stands in the file: its row and its column."""
    place, _bracket, rest = field.partition("[")
    number, _close, column = rest.partition("]")
    if place != "lines" or not number.isdigit() or entered.rows is None:
        return None, ""
    at = int(number) - 1
    rows = entered.rows.numbers
    return (rows[at] if at < len(rows) else None), column.removeprefix(".")
