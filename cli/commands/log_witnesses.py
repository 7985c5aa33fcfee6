"""``wageledger log witnesses|cosign|add-cosignature``: who outside has seen how much of the log."""

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.intake import read_whole
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Command, Group, Word
from cli.rendering import message_of
from ledger.kernel.codes import EXIT_DIFFERENCE, exit_status_of
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.witnesses import Known
    from ledger.evidence import Evidence
    from ledger.evidence.log import Signed
    from ledger.proof.note import Signature, VerifierKey
    from ledger.store import Store

PATIENCE: Final = 10.0
"""Seconds for all witnesses, when somebody asks for them and waits."""
_LOOKED_THROUGH: Final = 10_000
"""How many checkpoints back a signature from a stick is looked for."""

_VIEW: Final = View(
    (
        Listing(
            "witnesses",
            ("witness", "size", "behind", "url", "problem"),
            empty=N_("No witness is configured: nobody outside has seen this log."),
        ),
    ),
    facts=("origin", "position"),
)


def witness_commands() -> list[click.Command]:
    """Make the verbs of ``log`` that deal with witnesses."""
    name = Word(["name"], N_("Name of the witness, or its address"), metavar="NAME")
    return [
        Group(
            "witnesses",
            summary=N_("Who cosigns this log, and how far each has seen it"),
            commands=[
                Command("list", show, summary=N_("List the witnesses, with what is not seen yet")),
                Command(
                    "add",
                    add,
                    summary=N_("Ask a witness after every write from now on"),
                    params=[
                        Word(
                            ["url"],
                            N_("Where it serves; - if it signs from files only"),
                            metavar="URL",
                        ),
                        Word(["key"], N_("Its public key, from its owner"), metavar="KEY"),
                    ],
                ),
                Command("remove", remove, summary=N_("Ask a witness no more"), params=[name]),
            ],
        ),
        Command("cosign", cosign, summary=N_("Ask the witnesses now, and wait for them")),
        Command(
            "add-cosignature",
            add_cosignature,
            summary=N_("Keep a witness's signature from a file"),
            params=[Word(["file"], N_("The line that it wrote"), metavar="FILE")],
        ),
    ]


def add(url: str, key: str) -> None:
    """Add a witness, and show all."""
    from cli.witnesses import Witnesses  # noqa: PLC0415 - not for --help
    from ledger.proof.note import VerifierKey  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    with app.store() as store:
        Witnesses(store).add(url, VerifierKey.parse(key))
        _show(app, store)


def remove(name: str) -> None:
    """Remove a witness, and show the others."""
    from cli.witnesses import Witnesses  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    with app.store() as store:
        Witnesses(store).remove(name)
        _show(app, store)


def show() -> None:
    """Show all witnesses."""
    app = App.of(click.get_current_context())
    with app.store() as store:
        _show(app, store)


def cosign() -> None:
    """Ask all witnesses; ends with the status of what is worst."""
    from cli.witnesses import ask_witnesses  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    with app.store() as store:
        if store.evidence.latest() is None:
            raise LedgerError("no_checkpoint")
        asked = ask_witnesses(store, PATIENCE)
        _show(app, store)
    refusals = [each.refusal for each in asked if each.refusal is not None]
    app.tell_alarms(refusals)
    if refusals:
        statuses = {exit_status_of(refusal.code) for refusal in refusals}
        raise Ended(EXIT_DIFFERENCE if EXIT_DIFFERENCE in statuses else min(statuses))


def add_cosignature(file: str) -> None:
    """Keep a signature that came on a stick, under the checkpoint that it signs."""
    from cli.witnesses import Witnesses  # noqa: PLC0415 - not for --help
    from ledger.witnessing.asking import Asked, own_signature  # noqa: PLC0415 - not for --help

    lines = read_whole(file)
    app = App.of(click.get_current_context())
    with app.store() as store:
        witnesses = Witnesses(store)
        known = [each.at for each in witnesses.of_log()]
        if not known:
            raise LedgerError("unknown_witness")
        signed, key, signature = _found(store.evidence, lines, [each.key for each in known])
        own_signature(lines, _text(signed), key)
        now = SystemClock().now()
        store.evidence.add_cosignatures(signed.size, signed.root, [signature], now)
        (at,) = (each for each in known if each.key == key)
        witnesses.note([Asked(at, signature)], signed.size)
        _show(app, store)


def _found(
    evidence: "Evidence", lines: bytes, keys: "list[VerifierKey]"
) -> "tuple[Signed, VerifierKey, Signature]":
    """Find which checkpoint a line signs, and by whose key.

    Raises:
        LedgerError: ``bad_note``; ``unknown_witness`` for another's; ``bad_signature``.
    """
    from ledger.proof.note import parse_signatures  # noqa: PLC0415 - not for --help

    signatures = parse_signatures(lines.decode("utf-8", "replace"))
    claimed = [(key, line) for key in keys for line in signatures if key.made(line)]
    if not claimed:
        raise LedgerError("unknown_witness", value=signatures[0].name)
    for signed in reversed(deque(evidence.checkpoints(), _LOOKED_THROUGH)):
        for key, line in claimed:
            if key.is_valid(_text(signed), line):
                return signed, key, line
    raise LedgerError("bad_signature", value=claimed[0][0].name)


def _text(signed: "Signed") -> str:
    from ledger.proof.note import parse_note  # noqa: PLC0415 - not for --help

    return parse_note(signed.note).text


def _show(app: App, store: "Store") -> None:
    position = store.position()
    rows = list(rows_of(store, position))
    document = {"origin": store.evidence.origin(), "position": position, "witnesses": rows}
    app.printer.show(document, _VIEW)


def rows_of(store: "Store", position: int) -> "Iterator[dict[str, Any]]":
    """What is known of each witness, for people and programs."""
    from cli.witnesses import Witnesses  # noqa: PLC0415 - not for --help

    for known in Witnesses(store).of_log():
        yield {
            "witness": known.at.key.name,
            "url": known.at.url,
            "vkey": known.at.key.encode(),
            "size": known.at.size,
            "behind": max(0, position - known.at.size),
            "code": known.refusal or None,
            "problem": _problem(known),
        }


def _problem(known: "Known") -> str | None:
    return message_of(known.refusal, dict(known.facts)) if known.refusal else None


def summary_of(store: "Store", position: int) -> tuple[str, bool]:
    """One line for ``doctor``: how much of the log nobody outside has seen; whether all is well.

    A witness that gave no signature is named.
    """
    rows = list(rows_of(store, position))
    if not rows:
        return _("none configured: nobody outside has seen this log"), False
    worst = next((row for row in rows if row["code"] is not None), None)
    seen = max(row["size"] for row in rows)
    said = _(
        "{n} of {all} have cosigned all; {behind} postings seen by none of them",
        n=sum(row["behind"] == 0 for row in rows),
        all=len(rows),
        behind=f"{max(0, position - seen):,}",
    )
    if worst is not None:
        said = f"{said}; {worst['witness']}: {worst['code']}: {worst['problem']}"
    return said, worst is None and all(row["behind"] == 0 for row in rows)
