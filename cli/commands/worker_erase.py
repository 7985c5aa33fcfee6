"""``wageledger worker erase``: destroy the keys to a person's identity, for ever."""

from typing import TYPE_CHECKING, Any

import click

from cli.app import App
from cli.field_help import FIELDS
from cli.messages import N_, _
from cli.output import View
from cli.program import Command, Option, Word
from cli.reading import require_text
from ledger.kernel.errors import LedgerError
from ledger.kernel.text import holds_identity, text_problem

if TYPE_CHECKING:
    from ledger.service import Erasure

_VIEW = View((), facts=("worker", "state", "position"), of="worker")


def worker_erase_command() -> Command:
    """Make ``worker erase``."""
    return Command(
        "erase",
        worker_erase,
        summary=N_("Destroy a person's identity for ever; claims and proofs stay"),
        params=[
            Word(["worker"], FIELDS["worker"], metavar="WORKER"),
            Option(["--reason"], metavar="TEXT", needed=True,
                   help=N_("Why; it stands in the log and names nobody")),
            Option(["--case"], metavar="TEXT", help=N_("Number of the request behind it")),
            Option(["--dry-run"], is_flag=True, help=N_("Erase nothing; say whether it may be")),
        ],
    )  # fmt: skip


def worker_erase(worker: str, **values: Any) -> None:  # noqa: ANN401 - as typed
    """Record it, then destroy the keys."""
    app = App.of(click.get_current_context())
    require_text({"worker": worker})
    asked, dry_run = _asked(app, worker, values), bool(values.get("dry_run"))
    with app.ledger() as ledger:
        done = ledger.erase(asked, poster=app.poster, dry_run=dry_run)
        if done.recorded:
            app.catch_up(ledger)
    state = "recorded" if done.recorded else "unchanged" if done.position else None
    app.printer.show({"worker": worker, "state": state, "position": done.position}, _VIEW)
    if state is None:
        app.printer.say(_("It may be erased; nothing was."))
    if not dry_run and not done.wiped:
        app.printer.say(_("Somebody reads the vault; run this again to clear its file."))


def _asked(app: App, worker: str, values: dict[str, Any]) -> "Erasure":
    from ledger.service import Erasure  # noqa: PLC0415 - loads storage

    if values.get("reason") is None:
        raise LedgerError("missing_option", option="--reason")
    for option in ("reason", "case"):
        told = values.get(option)
        if told is None:
            continue
        wrong = text_problem(told) or ("holds_identity" if holds_identity(told) else None)
        if wrong is not None or not told.strip():
            raise LedgerError(
                "bad_option", option=f"--{option}", problem=wrong or N_("it is empty")
            )
    by = app.poster.party if app.poster is not None else None
    return Erasure(worker=worker, reason=values["reason"].strip(), case=values.get("case"), by=by)
