"""Identities on papers: masked unless somebody asks for them and says what for.

An unmasked read is recorded before it takes place (``Ledger.reveal``); where that fails nothing is
read and nothing is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from cli.app import App
from cli.messages import N_
from cli.program import Option
from ledger.kernel.errors import LedgerError
from ledger.kernel.text import holds_identity, text_problem

_KEYS: Final = {"name": "worker_name"}
"""Keys of identity fields in a row, where parties have names too."""

SHOWN: Final = ("name", "id_number", "card_number", "bank_name")
"""What of an identity stands on a paper, masked or not."""

_WITHOUT_VAULT: Final = ("no_vault", "vault_")


def unmasking() -> list[click.Parameter]:
    """The options of a paper that can name people."""
    return [
        Option(
            ["--unmasked"], is_flag=True,
            help=N_("Names, ID and card numbers in the clear; recorded with the purpose first"),
        ),
        Option(["--purpose"], metavar="TEXT", help=N_("What they are needed for, with --unmasked")),
    ]  # fmt: skip


def purpose_of(values: Mapping[str, Any]) -> str | None:
    """What identities are asked for; None where they stay masked.

    Raises:
        LedgerError: ``missing_option``, ``bad_option``.
    """
    purpose: str | None = values.get("purpose")
    if not values.get("unmasked"):
        if purpose is not None:
            problem = N_("it belongs to --unmasked")
            raise LedgerError("bad_option", option="--purpose", problem=problem)
        return None
    if purpose is None or not purpose.strip():
        raise LedgerError("missing_option", option="--purpose")
    wrong = text_problem(purpose) or ("holds_identity" if holds_identity(purpose) else None)
    if wrong is not None:
        raise LedgerError("bad_option", option="--purpose", problem=wrong)
    return purpose.strip()


def identities(
    app: App, workers: Sequence[str], purpose: str | None, subject: Mapping[str, str]
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
                masked, SHOWN, purpose=purpose, subject=subject, poster=app.poster
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
