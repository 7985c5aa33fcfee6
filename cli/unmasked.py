"""Identities on papers: masked unless somebody asks for them and says what for.

An unmasked read is recorded before it takes place (``Ledger.reveal``); where that fails nothing is
read and nothing is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import click

from cli.app import App
from cli.completing import completer
from cli.messages import N_
from cli.program import Option
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import is_ref
from ledger.kernel.text import holds_identity, text_problem

_KEYS: Final = {"name": "worker_name"}
"""Keys of identity fields in a row, where parties have names too."""

SHOWN: Final = ("name", "id_number", "card_number", "bank_name")
"""What of an identity stands on a paper, masked or not."""

_WITHOUT_VAULT: Final = ("no_vault", "vault_")


class Purpose(NamedTuple):
    """What identities are asked for in the clear: in words, and for an inspector a case."""

    text: str
    case: str | None = None

    def about(self, subject: Mapping[str, str]) -> dict[str, str]:
        """What the read is about, its case included."""
        return {**subject, **({"case": self.case} if self.case else {})}


def unmasking(*, case: bool = True) -> list[click.Parameter]:
    """The options of a paper that can name people.

    Args:
        case: With ``--case``; a command that has one of its own leaves it out.
    """
    options: list[click.Parameter] = [
        Option(
            ["--unmasked"], is_flag=True,
            help=N_("Names, ID and card numbers in the clear; recorded with the purpose first"),
        ),
        Option(["--purpose"], metavar="TEXT", help=N_("What they are needed for, with --unmasked")),
    ]  # fmt: skip
    if case:
        options.append(
            Option(
                ["--case"], metavar="CASE", shell_complete=completer("case"),
                help=N_("The open case that an inspector needs them for, with --unmasked"),
            )
        )  # fmt: skip
    return options


def purpose_of(values: Mapping[str, Any]) -> Purpose | None:
    """What identities are asked for; None where they stay masked.

    Raises:
        LedgerError: ``missing_option``, ``bad_option``.
    """
    purpose: str | None = values.get("purpose")
    case: str | None = values.get("case")
    if not values.get("unmasked"):
        for option, given in (("--purpose", purpose), ("--case", case)):
            if given is not None:
                problem = N_("it belongs to --unmasked")
                raise LedgerError("bad_option", option=option, problem=problem)
        return None
    if purpose is None or not purpose.strip():
        raise LedgerError("missing_option", option="--purpose")
    wrong = text_problem(purpose) or ("holds_identity" if holds_identity(purpose) else None)
    if wrong is not None:
        raise LedgerError("bad_option", option="--purpose", problem=wrong)
    if case is not None and not is_ref(case):
        raise LedgerError("bad_option", option="--case")
    return Purpose(purpose.strip(), case)


def identities(
    app: App, workers: Sequence[str], purpose: Purpose | None, subject: Mapping[str, str]
) -> Mapping[str, Mapping[str, str]]:
    """Identities of workers by worker and field: masked, or in the clear once that is recorded.

    Whose identity was erased is left out. Masked ones are left out, too, where this machine has
    no key to the vault.

    Args:
        app: This run.
        workers: Whose.
        purpose: What they are needed for in the clear, None for masked ones.
        subject: What the paper is about.

    Raises:
        LedgerError: The vault or the log could not be read or written.
    """
    try:
        with app.ledger() as ledger:
            masked = ledger.people.masked(workers)
            if purpose is None:
                return masked
            shown = ledger.reveal(
                masked, SHOWN, purpose=purpose.text, subject=purpose.about(subject),
                poster=app.poster,
            )  # fmt: skip
            app.catch_up(ledger)
            return shown
    except LedgerError as error:
        if purpose is None and error.code.startswith(_WITHOUT_VAULT):
            return {}
        raise


def named(
    rows: Sequence[Mapping[str, Any]], found: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Rows with the identity of their worker beside its reference."""
    result = []
    for row in rows:
        own = found.get(row["worker"], {})
        told: dict[str, Any] = {}
        for key, value in row.items():
            told[key] = value
            if key == "worker":
                told |= {_KEYS.get(field, field): own.get(field) for field in SHOWN}
        result.append(told)
    return result
