"""A log asks its witnesses: quickly, believing nobody, and loud when they know better."""

import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import parse_note
from ledger.proof.schemes import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE
from ledger.witnessing.asking import Asked, WitnessAt, ask_all
from ledger.witnessing.witness import Witness
from tests.ledger.witnessing.logs import ORIGIN, Log

Serve = Callable[[Witness], str]


def ask(log: Log, *witnesses: WitnessAt, budget: float = 10.0) -> list[Asked]:
    return ask_all(witnesses, log.checkpoint(), log.proof, budget)


def code(asked: Asked) -> str | None:
    return asked.refusal.code if asked.refusal else None


def test_witnesses_of_both_kinds_cosign_what_the_log_shows(
    tmp_path: Path, log: Log, serving: Serve
) -> None:
    at = []
    for name, scheme in (("one", ED25519_COSIGNATURE), ("two", ML_DSA_44_COSIGNATURE)):
        witness, _is_new = Witness.create(tmp_path / name, name, scheme)
        witness.trust(log.key.verifier)
        at.append(WitnessAt(serving(witness), witness.key))
    for grown in (log, log, log.grown(1), log.grown(400)):
        asked = ask(grown, *at)
        signatures = [each.signature for each in asked if each.signature]
        note = parse_note(grown.checkpoint()).with_signatures(signatures)
        opened = open_checkpoint(note.encode(), [log.key.verifier], [each.key for each in at])
        assert {signed.key.name for signed in opened.cosigned} == {"one", "two"}


def test_a_witness_that_saw_more_or_something_else_raises_the_alarm(
    witness: Witness, log: Log, serving: Serve
) -> None:
    at = WitnessAt(serving(witness), witness.key)
    ask(log.grown(5), at)
    (cut,) = ask(log, at)
    assert (code(cut), cut.told) == ("seen_longer", 10)
    (forked,) = ask(log.grown(5, "other "), at)
    assert code(forked) == "two_histories"
    (grown_fork,) = ask(log.grown(9, "other "), at)
    assert code(grown_fork) == "two_histories"
    assert witness.log(ORIGIN).root == log.grown(5).root()


def test_a_witness_that_does_not_know_the_log_refuses(
    tmp_path: Path, log: Log, serving: Serve
) -> None:
    witness, _is_new = Witness.create(tmp_path / "w", "one", ED25519_COSIGNATURE)
    (asked,) = ask(log, WitnessAt(serving(witness), witness.key))
    assert code(asked) == "witness_refused"


def test_a_signature_by_another_key_is_not_believed(
    witness: Witness, log: Log, serving: Serve, tmp_path: Path
) -> None:
    other, _is_new = Witness.create(tmp_path / "w", witness.key.name, ED25519_COSIGNATURE)
    (asked,) = ask(log, WitnessAt(serving(witness), other.key))
    assert (code(asked), asked.signature) == ("bad_signature", None)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_the_dead_and_the_silent_cost_no_more_than_the_budget(
    witness: Witness, log: Log, serving: Serve, silent: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dead = f"http://127.0.0.1:{listening.getsockname()[1]}"
    others = [WitnessAt(url, witness.key) for url in (dead, silent, silent, "http://x.invalid")]
    begin = time.monotonic()
    asked = ask(log, *others, WitnessAt(serving(witness), witness.key), budget=1.0)
    assert time.monotonic() - begin < 1.5
    assert [code(each) for each in asked] == [*["witness_unreachable"] * 4, None]
    assert asked[-1].signature
    assert ask(log) == []


class _Answering(BaseHTTPRequestHandler):
    """Whatever it is asked, it answers what its server is told to."""

    answer: tuple[int, bytes] = (200, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, content = self.answer
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base
        """Be quiet."""


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, b"", "bad_note"),
        (200, b"\xff", "bad_note"),
        (200, b"hello\n", "bad_note"),
        (302, b"", "witness_refused"),
        (409, b"", "witness_refused"),
        (409, b"many\n", "witness_refused"),
        (409, b"99999\n", "seen_longer"),
        (409, b"2\n", None),
        (500, b"", "witness_refused"),
    ],
)
def test_nonsense_is_no_signature(
    witness: Witness, log: Log, status: int, content: bytes, expected: str | None
) -> None:
    handler = type("_Told", (_Answering,), {"answer": (status, content)})
    with HTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = Thread(target=lambda: listening.serve_forever(poll_interval=0.02))
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.server_address[1]}/"
            (asked,) = ask(log, WitnessAt(url, witness.key))
        finally:
            listening.shutdown()
            thread.join()
    assert (code(asked), asked.signature) == (expected, None)
    if expected is None:
        assert asked.told == 2, "it says so twice: it is not asked for ever"


def test_refusals_are_errors_with_codes(witness: Witness, log: Log) -> None:
    (asked,) = ask(log, WitnessAt("http://127.0.0.1:1", witness.key))
    assert isinstance(asked.refusal, LedgerError)
