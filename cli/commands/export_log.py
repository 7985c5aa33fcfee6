"""``wageledger export log``: the signed log as static files, for any web server and verifier."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from cli.app import App
from cli.messages import N_, _
from cli.output import View
from cli.program import Command
from cli.progress import Progress
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError

_VIEW: Final = View(facts=("origin", "size", "files"))


def log_command() -> Command:
    """Make ``export log``."""
    return Command(
        "log",
        export,
        summary=N_("The signed log as tiles and entries (C2SP tlog-tiles)"),
        more=lambda: _(
            "-o names a folder. One of an earlier export of the same log gets what is new."
        ),
    )


def export() -> None:
    """Sign what is not signed yet, where the key is here, and write the log into a folder.

    Raises:
        LedgerError: ``bad_option``, ``no_checkpoint``, ``log_forked``, ``output_unwritable``.
    """
    from ledger.evidence.exporting import export_log  # noqa: PLC0415 - loads storage

    app = App.of(click.get_current_context())
    folder = app.printer.path
    if not folder or folder == "-":
        raise LedgerError("bad_option", option="-o")
    with app.store() as store:
        now = SystemClock().now()
        if store.signer.is_able(now):
            store.signer.sign(now)
        with Progress(store.position(), quiet=app.printer.quiet) as bar:
            done = export_log(
                store.evidence, Path(folder), lambda at: bar.reach(at, store.position())
            )
    answer = {"origin": done.origin, "size": done.size, "files": done.files}
    replace(app.printer, path=None).show(answer, _VIEW)
