"""``wageledger payout export``: the file that tells a batch to a bank.

It holds names and cards, so the ledger first records who reads them and for which batch. The same
batch gives the same bytes and the same file id, however often it is exported and whatever the
bank answered meanwhile: the bank can tell a repetition from a second payment.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.completing import completer
from cli.messages import N_, _, ngettext, render
from cli.output import as_json
from cli.private_files import STDOUT, written_privately
from cli.program import Command, GlobalOption, Option, Word
from cli.tables import fields as laid_fields
from ledger.kernel.codes import exit_status_of
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.banking.payout_order import Layout, PayoutOrder, UnfitLinesError
    from ledger.domain.authority import Poster

_CSV: Final = "csv:"
_OWN_OPTIONS: Final = frozenset({"format", "output"})


class ExportCommand(Command):
    """A command whose ``--format`` and ``-o`` are about its file, not about its answer."""

    def __init__(self, *given: Any, **rest: Any) -> None:  # noqa: ANN401 - as its base
        super().__init__(*given, **rest)
        self.params = [
            each
            for each in self.params
            if not (isinstance(each, GlobalOption) and each.name in _OWN_OPTIONS)
        ]


def export_command() -> Command:
    """Make ``payout export``."""
    return ExportCommand(
        "export",
        export,
        summary=N_("Write a batch as the file that a bank takes"),
        params=[
            Word(["batch"], N_("Id of a payout batch"), metavar="BATCH",
                 shell_complete=completer("batch")),
            Option(
                ["--format", "file_format"], metavar="FORMAT", needed=True,
                help=N_("pain.001.001.09, pain.001.001.03, csv:LAYOUT or csv:FILE.toml"),
            ),
            Option(["-o", "--output", "output"], metavar="FILE", needed=True,
                   help=N_("Where to; readable for you alone, never half")),
            Option(
                ["--set", "given"], multiple=True, metavar="NAME=VALUE",
                help=N_("What the ledger does not hold, such as payer_account; may be repeated"),
            ),
            Option(["--encoding"], metavar="utf-8|gb18030",
                   help=N_("Encoding of pain.001; utf-8, if left out")),
        ],
        more=_more,
    )  # fmt: skip


def _more() -> str:
    from ledger.banking.layout_reader import shipped_layouts  # noqa: PLC0415 - only for its page

    return _(
        "The file holds names and cards: the log first says who reads them and for which batch."
        " The same batch always gives the same file under the same id. Layouts: {layouts}.",
        layouts=", ".join(shipped_layouts()),
    )


def export(
    batch: str,
    *,
    file_format: str | None,
    output: str | None,
    given: Sequence[str],
    encoding: str | None,
) -> None:
    """Write the file of a batch; ends with status 3 where a line does not fit the layout."""
    from ledger.banking.payout_order import UnfitLinesError  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    output = output or app.printer.path
    missing = [name for name, value in (("--format", file_format), ("-o", output)) if value is None]
    if file_format is None or output is None:
        raise LedgerError("missing_option", option=", ".join(missing))
    layout = layout_of(file_format, facts_of(given), encoding)
    order = _order(app, batch)
    require_exporter(app.poster, order)
    try:
        _require(layout, order)
        _write(app, layout, order, output)
    except UnfitLinesError as error:
        sys.stderr.writelines(f"{line}\n" for line in unfit_lines(order, error))
        raise Ended(exit_status_of(error.code)) from None
    _tell(app, layout, order, output)


def _require(layout: "Layout", order: "PayoutOrder") -> None:
    """Refuse what can be known to be wrong before identities are read.

    Facts that are missing are named one a line, as they are to be said.
    """
    from ledger.banking.layout_writer import MissingFactsError  # noqa: PLC0415 - not for --help

    try:
        layout.require(order)
    except MissingFactsError as error:
        sys.stderr.writelines(f"  --set {fact.name}=...  {fact.about}\n" for fact in error.missing)
        raise


def layout_of(file_format: str, facts: Mapping[str, str], encoding: str | None) -> "Layout":
    """Find the format that a file is written in.

    Raises:
        LedgerError: ``bad_option``, ``unknown_layout``, ``bad_layout``, or why its file cannot
            be read.
    """
    from ledger.banking.credit_transfer import (  # noqa: PLC0415 - not for --help
        ENCODINGS,
        VERSIONS,
        CreditTransfer,
    )
    from ledger.banking.layout_reader import load_layout  # noqa: PLC0415 - not for --help
    from ledger.banking.layout_writer import LayoutWriter  # noqa: PLC0415 - not for --help

    if file_format in VERSIONS:
        chosen = (encoding or "utf-8").lower()
        if chosen not in ENCODINGS:
            known = ", ".join(ENCODINGS)
            raise LedgerError("bad_option", option="--encoding", value=encoding, problem=known)
        return CreditTransfer(file_format, facts, chosen)
    if file_format.startswith(_CSV):
        if encoding is not None:
            raise LedgerError("bad_option", option="--encoding", problem=_LAYOUT_SAYS)
        return LayoutWriter(load_layout(file_format.removeprefix(_CSV)), facts)
    known = ", ".join((*VERSIONS, "csv:LAYOUT"))
    raise LedgerError("bad_option", option="--format", value=file_format, problem=known)


def facts_of(given: Sequence[str]) -> dict[str, str]:
    """Read ``--set NAME=VALUE``.

    Raises:
        LedgerError: ``bad_option``; the value is not shown, it may be an account.
    """
    facts: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name.isidentifier() or name in facts:
            raise LedgerError("bad_option", option="--set", problem=_NAME_VALUE)
        facts[name] = value.strip()
    return facts


def _order(app: App, batch: str) -> "PayoutOrder":
    from ledger.banking.payout_order import OrderLine, PayoutOrder  # noqa: PLC0415 - as above

    with app.books() as books:
        found = books.ask("payout_order:payout_order", batch=batch)
    lines = [OrderLine(**line) for line in found.pop("lines")]
    return PayoutOrder(tenant=app.tenant, lines=lines, **found)


def require_exporter(poster: "Poster | None", order: "PayoutOrder") -> None:
    """Refuse who is neither the contractor that instructed the batch nor its bank.

    Raises:
        LedgerError: ``not_authorised``.
    """
    from ledger.domain.authority import require_payout_file  # noqa: PLC0415 - loads the domain

    if poster is not None:
        require_payout_file(poster, order.contractor)


def _write(app: App, layout: "Layout", order: "PayoutOrder", output: str) -> None:
    """Open the place, record the read, read, write: in this order, or nothing is there."""
    from dataclasses import replace  # noqa: PLC0415 - not for --help

    with app.ledger() as ledger:
        with written_privately(output) as stream:
            people = ledger.reveal(
                (line.worker for line in order.lines), layout.identity,
                purpose=f"payout:{order.batch}", poster=app.poster, known_at=order.position,
                subject={"project": order.project, "batch": order.batch},
            ) if layout.identity else {}  # fmt: skip
            for piece in layout.write(replace(order, people=people)):
                stream.write(piece)
        app.catch_up(ledger)


def unfit_lines(order: "PayoutOrder", error: "UnfitLinesError") -> list[str]:
    """Every value that the layout cannot carry, with its line of the batch, and what to do."""
    told = []
    for each in error.unfit:
        place = order.batch if each.line is None else f"{order.batch}:{each.line}"
        facts = {"field": each.field, "value": each.value, "problem": each.problem}
        told.append(f"{place}: {render(error.code, facts).splitlines()[0]}")
    return [*told, *render(error.code, error.facts).splitlines()[1:]]


def _tell(app: App, layout: "Layout", order: "PayoutOrder", output: str) -> None:
    """Say what the file is called, what is in it, and what is still missing from it."""
    file_id = order.file_id(layout.name)
    facts: dict[str, Any] = {
        "batch": order.batch, "file_id": file_id, "count": order.count,
        "total_fen": order.total_fen, "file": output,
    }  # fmt: skip
    if output != STDOUT:
        if app.printer.chosen in {"json", "jsonl"}:
            sys.stdout.write(as_json(facts, sys.stdout) + "\n")
        else:
            sys.stdout.writelines(f"{line}\n" for line in laid_fields(facts, width=None))
    app.printer.say(
        ngettext(
            "The log says that {n} worker's name and card were read for this file.",
            "The log says that names and cards of {n} workers were read for this file.",
            len({line.worker for line in order.lines}),
        )
    )
    named = getattr(layout, "called", None)
    if named is not None and (name := named(order)):
        app.printer.say(_("The bank wants the file to be called {file}.", file=name))
    if layout.name.startswith("pain.") and "payer_account" not in getattr(layout, "facts", {}):
        app.printer.say(
            _(
                "The paying account is not in the ledger and stands as NOTPROVIDED: name it with"
                " --set payer_account=ACCOUNT, and its bank with --set payer_bank or payer_bic."
            )
        )


_LAYOUT_SAYS: Final = N_("the layout says the encoding")
_NAME_VALUE: Final = N_("write NAME=VALUE, each name once")
