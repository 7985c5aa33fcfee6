"""``wageledger init``: create a ledger, its vault and its key, or upgrade them."""

from pathlib import Path

import click

from cli.app import App
from cli.messages import N_
from cli.output import View
from cli.program import Command
from ledger.kernel.errors import LedgerError

_VIEW = View(facts=("ledger", "tenant", "position"))


def command(_name: str) -> click.Command:
    """Make ``init``."""
    return Command("init", init, summary=N_("Create a ledger, or upgrade an older one"))


def init() -> None:
    """Create the ledger where the options say; the user's data folder too, if it is to lie there.

    Safe to repeat: what is there already is kept.
    """
    from ledger.service import Ledger  # noqa: PLC0415 - loads storage

    app = App.of(click.get_current_context())
    if app.is_default:
        folder = Path(app.url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError("storage_read_only", path=str(folder)) from error
    with app.naming_init():
        ledger = Ledger.create(app.config)
    try:
        app.catch_up(ledger)
        answer = {"ledger": app.shown_url, "tenant": app.tenant, "position": ledger.position()}
    finally:
        ledger.close()
    app.printer.show(answer, _VIEW)
