"""``wageledger worker show``: one worker from registration to payment, the identity masked."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from cli.app import App
from cli.field_help import FIELDS
from cli.messages import N_, _
from cli.output import PEOPLES
from cli.program import Command, Word
from cli.reading import as_of, dated, require_text
from cli.screens import SCREENS
from ledger.kernel.errors import LedgerError

_STEPS: Final = {
    "registered": "registered", "updated": "updated", "cards": "card_bound",
    "assigned": "assigned", "attended": "attended", "on_sheet": "on_sheet",
    "asserted": "asserted", "instructed": "instructed", "settled": "settled",
    "returned": "returned", "paid_otherwise": "paid_otherwise", "reduced": "reduced",
}  # fmt: skip
_WITHOUT_VAULT: Final = ("no_vault", "vault_")


def worker_show_command() -> Command:
    """Make ``worker show``."""
    return Command(
        "show",
        worker_show,
        summary=N_("One worker from registration to payment; the identity masked"),
        params=[
            Word(["worker"], FIELDS["worker"], metavar="WORKER"),
            *dated(),
        ],
    )


def worker_show(worker: str, **values: Any) -> None:  # noqa: ANN401 - as typed
    """Ask the books what is recorded and the vault who it is."""
    app = App.of(click.get_current_context())
    require_text({"worker": worker})
    on = as_of(app, values.get("as_of"))
    with app.books() as books:
        known_at = books.known_at(values.get("known_at"))
        answer = books.ask("worker:worker_show", worker=worker, as_of=on, known_at=known_at)
    answer["identity"] = _identity(app, worker)
    answer["erased_position"] = None if answer["identity"] else _erased_at(app, worker)
    if app.printer.chosen in PEOPLES:
        steps = sorted(_steps(answer), key=lambda step: step["position"])
        told = {key: value for key, value in answer.items() if key not in _STEPS}
        answer = {**told, **(answer["identity"] or {}), "steps": steps}
    app.printer.show(answer, SCREENS["worker show"])
    if answer["erased_position"] is not None:
        app.printer.say(_("The identity was erased; what is recorded stays."))


def _identity(app: App, worker: str) -> Mapping[str, str] | None:
    """The masked identity; None where this machine has no key to the vault."""
    try:
        with app.ledger() as ledger:
            return dict(ledger.masked_identity(worker))
    except LedgerError as error:
        if error.code.startswith(_WITHOUT_VAULT):
            return None
        raise


def _erased_at(app: App, worker: str) -> int | None:
    """Where the log says that the identity was erased."""
    try:
        with app.ledger() as ledger:
            return ledger.erased_at(worker)
    except LedgerError as error:
        if error.code.startswith(_WITHOUT_VAULT):
            return None
        raise


def _steps(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything recorded of the worker, as rows of one table."""
    for name, step in _STEPS.items():
        for each in answer.get(name, ()):
            amount = each.get("amount_fen", each.get("net_fen"))
            yield {**each, "step": step, "amount_fen": amount}
            if each.get("exited_on"):
                yield {
                    "position": each["exited_position"], "on": each["exited_on"],
                    "step": "exited", "project": each["project"], "employer": each["employer"],
                }  # fmt: skip
