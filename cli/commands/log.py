"""``wageledger log``: what is signed of the log, with which keys, and proofs of what is in it."""

import base64
from typing import Any, Final

import click

from cli.app import App
from cli.commands.log_witnesses import witness_commands
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Command, Group, Option, Word
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError

_KEYS: Final = View((Listing("keys", ("vkey", "algorithm", "since", "until", "here")),),
                    facts=("origin",))  # fmt: skip
_CONSISTENCY: Final = View(
    (Listing("proof", ("hash",)),), facts=("origin", "size1", "root1", "size2", "root2")
)
_POSITION: Final = "POSITION"


def command(_name: str) -> click.Command:
    """Make ``log``."""
    return Group(
        "log",
        summary=N_("Sign the log, prove what stands in it"),
        commands=[
            Command(
                "checkpoint",
                checkpoint,
                summary=N_("Show the latest signed checkpoint"),
                params=[
                    Option(
                        ["--sign"], is_flag=True, help=N_("Sign the log as it stands now, before")
                    )
                ],
            ),
            Command("keys", keys, summary=N_("Public keys of the log, for those who verify it")),
            Command(
                "rotate-key",
                rotate_key,
                summary=N_("Sign with a new key from now on"),
                params=[
                    Option(
                        ["--overlap", "overlap_days"],
                        type=int, default=90, metavar="DAYS",
                        help=N_("How long the old key signs too; 0 if others may have it"),
                    )
                ],
            ),
            Command(
                "proof",
                proof,
                summary=N_("Prove that a posting stands in the signed log"),
                params=[Word(["position"], N_("Position of the posting"), metavar=_POSITION)],
            ),
            Command(
                "consistency",
                consistency,
                summary=N_("Prove that the log only grew between two sizes"),
                params=[
                    Word(["size1"], N_("Size of the earlier checkpoint"), metavar="SIZE1"),
                    Word(["size2"], N_("Size of the later checkpoint"), metavar="SIZE2"),
                ],
            ),
            *witness_commands(),
        ],
    )  # fmt: skip


def checkpoint(*, sign: bool) -> None:
    """Show the signed note, with the signatures of witnesses that came.

    Raises:
        LedgerError: ``no_checkpoint``, and why it cannot be signed.
    """
    app = App.of(click.get_current_context())
    with app.store() as store:
        if sign:
            store.signer.sign(SystemClock().now())
        note = store.evidence.latest_checkpoint()
    if note is None:
        raise LedgerError("no_checkpoint")
    _write(app, note)


def keys() -> None:
    """Show every key that ever was the log's, as it is given to those who verify."""
    app = App.of(click.get_current_context())
    with app.store() as store:
        origin = store.evidence.origin()
        here = {key.verifier.encode() for key in store.signer.file.keys(origin)}
        rows = [
            {
                "vkey": known.key.encode(), "algorithm": known.key.scheme.label,
                "since": known.since, "until": known.until, "here": known.key.encode() in here,
            }
            for known in store.evidence.key_history()
        ]  # fmt: skip
    app.printer.show({"origin": origin, "keys": rows}, _KEYS)


def rotate_key(overlap_days: int) -> None:
    """Make a new key beside the old one and tell its public half.

    Raises:
        LedgerError: ``bad_option``, and what the key file answers.
    """
    if overlap_days < 0:
        raise LedgerError("bad_option", option="--overlap", value=overlap_days)
    app = App.of(click.get_current_context())
    with app.store() as store:
        made = store.signer.rotate(SystemClock().now(), overlap_days)
    app.printer.say(_("Give the new key to everybody who verifies this log."))
    answer: dict[str, Any] = {
        "origin": made.key.name,
        "keys": [
            {
                "vkey": made.key.encode(), "algorithm": made.key.scheme.label,
                "since": made.since, "until": None, "here": True,
            }
        ],
    }  # fmt: skip
    app.printer.show(answer, _KEYS)


def proof(position: str) -> None:
    """Write the proof of a posting under the latest checkpoint (tlog-proof).

    Raises:
        LedgerError: ``unknown_position``, ``no_checkpoint``.
    """
    app = App.of(click.get_current_context())
    with app.store() as store:
        made = store.evidence.receipt(_number(_POSITION, position))
    _write(app, made.encode())


def consistency(size1: str, size2: str) -> None:
    """Show the hashes that lead from one size of the log to another.

    Raises:
        LedgerError: ``unknown_position`` for what is beyond the log.
    """
    app = App.of(click.get_current_context())
    first, second = _number("SIZE1", size1), _number("SIZE2", size2)
    with app.store() as store:
        evidence = store.evidence
        found = evidence.consistency_proof(first, second)
        answer = {
            "origin": evidence.origin(),
            "size1": first,
            "root1": base64.b64encode(evidence.root(first)).decode(),
            "size2": second,
            "root2": base64.b64encode(evidence.root(second)).decode(),
            "proof": [{"hash": base64.b64encode(node).decode()} for node in found],
        }
    app.printer.show(answer, _CONSISTENCY)


def _write(app: App, text: bytes) -> None:
    """Write a text of a published format as it is, whatever ``--format`` says."""
    with app.printer.opened() as stream:
        stream.write(text.decode())


def _number(option: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 18 and int(value)):  # noqa: PLR2004 - what a position can be
        raise LedgerError("bad_option", option=option, value=value)
    return int(value)
