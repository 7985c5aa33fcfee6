"""``wageledger witness``: a program beside the ledger that remembers what it was shown, and signs.

It has a folder of its own and knows no ledger. An inspector runs it on a laptop with the files of
the log on a stick; an authority runs it as a server.
"""

import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.boundary import Ended
from cli.intake import read_whole
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Command, Group, Option, Word
from cli.witness_files import export_at, folder_of, head_of, opened, read_proof, trusted
from ledger.kernel.codes import EXIT_DIFFERENCE
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.proof.checkpoint import OpenedCheckpoint
    from ledger.witnessing.server import WitnessServer
    from ledger.witnessing.witness import Witness

HOST: Final = "127.0.0.1"
PORT: Final = 8650

_WITNESS: Final = View(
    (Listing("logs", ("origin", "size", "root", "vkey", "forked"), title=N_("Trusted logs")),),
    facts=("witness", "vkey", "algorithm", "folder"),
)
_COMPARED: Final = View(
    (Listing("checkpoints", ("size", "root", "signed_by", "cosigned_by")),),
    facts=("origin", "verdict"),
)


def command(_name: str) -> click.Command:
    """Make ``witness``."""
    return Group(
        "witness",
        summary=N_("A witness: remember what a log said, and sign that"),
        commands=[*_own(), *_acts()],
    )


def _store() -> Option:
    return Option(
        ["--store", "folder"],
        metavar="FOLDER",
        help=N_("Where the witness keeps its key and what it has seen"),
    )


def _proof() -> Option:
    return Option(
        ["--proof"], metavar="FILE", help=N_("The proof between the checkpoints, a hash a line")
    )


def _log() -> Option:
    return Option(
        ["--log", "place"],
        metavar="FOLDER|URL",
        help=N_("The exported files of the log, to make the proof from"),
    )


def _own() -> "Sequence[click.Command]":
    origin = Word(["origin"], N_("Name of the log"), metavar="ORIGIN")
    return [
        Command(
            "init",
            init,
            summary=N_("Make a witness: its key and its empty memory"),
            params=[
                Word(["name"], N_("Its name, like witness.example.org/one"), metavar="NAME"),
                _store(),
                Option(
                    ["--algorithm"],
                    metavar="ed25519|ml-dsa-44",
                    default="ed25519",
                    help=N_("What it signs with"),
                ),
            ],
        ),
        Command(
            "trust",
            trust,
            summary=N_("Trust a log by its public key"),
            params=[Word(["key"], N_("The log's key, name+id+key"), metavar="KEY"), _store()],
        ),
        Command(
            "keys",
            keys,
            summary=N_("Show the witness's public key, and what it trusts and has seen"),
            params=[_store()],
        ),
        Command(
            "show",
            show,
            summary=N_("Show the last checkpoint that was cosigned"),
            params=[
                origin,
                _store(),
                Option(
                    ["--fork"],
                    is_flag=True,
                    help=N_("The one that contradicts it instead, if the log showed one"),
                ),
            ],
        ),
    ]


def _acts() -> "Sequence[click.Command]":
    return [
        Command(
            "cosign",
            cosign,
            summary=N_("Cosign a checkpoint from a file"),
            params=[
                Word(["checkpoint"], N_("The signed checkpoint"), metavar="CHECKPOINT"),
                _proof(),
                _log(),
                _store(),
            ],
        ),
        Command(
            "serve",
            serve,
            summary=N_("Cosign for logs that ask over HTTP"),
            params=[
                Option(["--host"], metavar="HOST", default=HOST, help=N_("Where it listens")),
                Option(
                    ["--port"],
                    metavar="PORT",
                    type=click.IntRange(0, 65535),
                    default=PORT,
                    help=N_("Its port; 0 for any that is free"),
                ),
                _store(),
            ],
        ),
        Command(
            "compare",
            compare,
            summary=N_("Compare two checkpoints: one history, or proof of two"),
            params=[
                Word(["first"], N_("A signed checkpoint"), metavar="FILE"),
                Word(["second"], N_("Another of the same log"), metavar="FILE"),
                Option(
                    ["--key", "keys"],
                    multiple=True,
                    metavar="KEY",
                    help=N_("The log's key; else those that the witness trusts"),
                ),
                Option(
                    ["--witness", "witnesses"],
                    multiple=True,
                    metavar="KEY",
                    help=N_("A witness's key, to name who cosigned"),
                ),
                _proof(),
                _log(),
                _store(),
            ],
        ),
    ]


# -- its own ------------------------------------------------------------------


def init(name: str, folder: str | None, algorithm: str) -> None:
    """Make a witness, or find the one that was made so."""
    from ledger.witnessing.witness import ALGORITHMS, Witness  # noqa: PLC0415 - not for --help

    scheme = ALGORITHMS.get(algorithm)
    if scheme is None:
        raise LedgerError("bad_option", option="--algorithm", value=algorithm)
    witness, is_new = Witness.create(folder_of(folder), name, scheme)
    app = App.of(click.get_current_context())
    _show_witness(app, witness, folder)
    if is_new:
        app.printer.say(_("Give the verifier key to whoever keeps the log; never the key file."))
    else:
        app.printer.say(_("It was there already; nothing was changed."))


def trust(key: str, folder: str | None) -> None:
    """Trust a log's key."""
    from ledger.proof.note import VerifierKey  # noqa: PLC0415 - not for --help

    witness = opened(folder)
    witness.trust(VerifierKey.parse(key))
    _show_witness(App.of(click.get_current_context()), witness, folder)


def keys(folder: str | None) -> None:
    """Show the witness."""
    _show_witness(App.of(click.get_current_context()), opened(folder), folder)


def show(origin: str, folder: str | None, fork: bool) -> None:
    """Show the last checkpoint of a log, with the witness's signature under it."""
    log = opened(folder).log(origin)
    note = log.fork if fork else log.note
    if not note:
        raise LedgerError("nothing_seen", value=origin)
    _write(App.of(click.get_current_context()), note.encode(), {"origin": origin, "note": note})


def _show_witness(app: App, witness: "Witness", folder: str | None) -> None:
    document: dict[str, Any] = {
        "witness": witness.key.name,
        "vkey": witness.key.encode(),
        "algorithm": witness.key.scheme.label,
        "folder": str(folder_of(folder)),
        "logs": [
            {
                "origin": log.origin,
                "size": log.size,
                "root": log.root.hex() if log.note else None,
                "vkey": " ".join(key.encode() for key in log.keys),
                "forked": bool(log.fork),
            }
            for log in witness.logs()
        ],
    }
    app.printer.show(document, _WITNESS)


# -- its acts -----------------------------------------------------------------


def cosign(checkpoint: str, proof: str | None, place: str | None, folder: str | None) -> None:
    """Cosign a checkpoint that lies in a file; the line goes to stdout or the named file."""
    from ledger.proof.checkpoint import open_checkpoint  # noqa: PLC0415 - not for --help
    from ledger.witnessing.exported import proof_between  # noqa: PLC0415 - not for --help

    witness = opened(folder)
    raw = read_whole(checkpoint)
    head = head_of(raw)
    log = witness.log(head.origin)
    open_checkpoint(raw, log.keys)
    if head.size < log.size:
        raise LedgerError("other_size_seen", count=log.size)
    nodes: Sequence[bytes] = ()
    exported = export_at(proof, place)
    if exported is not None and head.size > log.size:
        nodes = proof_between(exported, log.head, head)
    elif proof is not None:
        nodes = read_proof(proof)
    elif 0 < log.size < head.size:
        raise LedgerError("comparison_open")
    line = witness.cosign(raw, log.size, nodes).encode()
    document = {"witness": witness.key.name, "origin": head.origin, "size": head.size, "line": line}
    app = App.of(click.get_current_context())
    _write(app, line.encode(), document)
    app.printer.say(_("Cosigned: {origin}, size {size}.", origin=head.origin, size=head.size))


def serve(host: str, port: int, folder: str | None) -> None:
    """Serve until the program is told to end."""
    from ledger.witnessing.server import WitnessServer  # noqa: PLC0415 - not for --help

    witness = opened(folder)
    app = App.of(click.get_current_context())

    def told(status: int, said: str) -> None:
        app.printer.say(f"{status} {said}".rstrip())

    try:
        server = WitnessServer((host, port), witness, told)
    except (OSError, OverflowError) as error:
        problem = getattr(error, "strerror", None) or N_("it is no address of this machine")
        url = f"http://{host}:{port}/"
        raise LedgerError("witness_busy", url=url, problem=problem) from None
    with server:
        listening = f"http://{_shown(host)}:{server.server_address[1]}/"
        sys.stdout.write(f"{listening}\n")
        sys.stdout.flush()
        app.printer.say(_("{name} waits for checkpoints.", name=witness.key.name))
        _until_told(server)


def _until_told(server: "WitnessServer") -> None:
    """Serve until SIGTERM or Ctrl-C; what is being answered is answered."""

    def end(_signal: int, _frame: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def compare(
    first: str,
    second: str,
    keys: tuple[str, ...],
    witnesses: tuple[str, ...],
    proof: str | None,
    place: str | None,
    folder: str | None,
) -> None:
    """Compare two checkpoints; ends with status 8 where the log shows two histories."""
    from ledger.proof.note import VerifierKey  # noqa: PLC0415 - not for --help
    from ledger.witnessing.comparing import compare as compared  # noqa: PLC0415 - not for --help

    notes = [read_whole(first), read_whole(second)]
    known = list(map(VerifierKey.parse, keys)) or trusted(folder)
    exported = export_at(proof, place)
    nodes = None if proof is None else read_proof(proof)
    known_witnesses = list(map(VerifierKey.parse, witnesses))
    found = compared(notes[0], notes[1], known, known_witnesses, nodes, exported)
    app = App.of(click.get_current_context())
    document = {
        "origin": found.older.checkpoint.origin,
        "verdict": _("two histories") if found.is_fork else _("one history"),
        "forked": found.is_fork,
        "checkpoints": [_compared(each) for each in (found.older, found.newer)],
    }
    app.printer.show(document, _COMPARED)
    if found.is_fork:
        app.printer.say(
            _(
                "Both are signed by the log's own key, and no log can hold both: keep the two"
                " files, they prove it to anybody who has that key."
            )
        )
        raise Ended(EXIT_DIFFERENCE)


def _compared(opened: "OpenedCheckpoint") -> dict[str, Any]:
    return {
        "size": opened.checkpoint.size,
        "root": opened.checkpoint.root.hex(),
        "signed_by": " ".join(signed.key.encode() for signed in opened.signed),
        "cosigned_by": " ".join(signed.key.name for signed in opened.cosigned),
    }


def _write(app: App, content: bytes, document: dict[str, Any]) -> None:
    """Write what other programs read, as it is; for JSON around it."""
    if app.printer.chosen == "table":
        with app.printer.opened_bytes() as raw:
            raw.write(content)
    else:
        app.printer.show(document, View(facts=tuple(document)))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
