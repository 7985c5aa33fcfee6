"""A witness answers over HTTP as the protocol says, and survives whoever calls."""

import base64
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ledger.kernel.errors import LedgerError
from ledger.proof.note import parse_note, parse_signatures
from ledger.witnessing import server
from ledger.witnessing.protocol import MAX_BODY, Request, parse_proof, parse_size
from ledger.witnessing.witness import Witness
from tests.ledger.witnessing.logs import ORIGIN, Log, key_of
from tests.ledger.witnessing.serving import Answered, asked

Serve = Callable[[Witness], str]


def body(log: Log, old: int, size: int | None = None) -> bytes:
    return Request(old, tuple(log.proof(old, size)), log.checkpoint(size)).encode()


def test_a_body_is_size_proof_blank_line_and_checkpoint(log: Log) -> None:
    grown = log.grown(3)
    lines = body(grown, 5).decode().split("\n")
    assert lines[0] == "old 5"
    at = lines.index("")
    assert [base64.b64decode(line) for line in lines[1:at]] == grown.proof(5)
    assert "\n".join(lines[at + 1 :]).encode() == grown.checkpoint()
    assert Request.parse(body(grown, 5)).encode() == body(grown, 5)
    assert body(log, 0).startswith(b"old 0\n\n")


def test_a_log_is_answered_as_the_protocol_says(witness: Witness, log: Log, serving: Serve) -> None:
    url = serving(witness)
    grown = log.grown(3)
    other = Log.of(7, log.key).grown(1, "other ")
    first = asked(url, body(log, 0))
    assert first.status == 200
    (signature,) = parse_signatures(first.body.decode())
    assert witness.key.is_valid(parse_note(log.checkpoint()).text, signature)
    assert asked(url, body(log, 5)) == first
    told = Answered(409, "text/x.tlog.size", b"5\n")
    assert asked(url, body(grown, 0)) == told
    assert asked(url, body(grown, 4)) == told
    assert asked(url, body(log, 3, 3)) == told, "it was cut"
    assert asked(url, body(log, 5, 3)).status == 400
    assert asked(url, body(grown, 5)).status == 200
    assert asked(url, body(other, 8)).status == 422, "another root at the same size"
    assert asked(url, body(other.grown(2), 8)).status == 422, "a proof from elsewhere"
    assert asked(url, body(Log.of(3, key_of("x.example.org")), 0)).status == 404
    assert asked(url, body(Log.of(9, key_of(ORIGIN)), 8)).status == 403
    assert witness.log(ORIGIN).size == 8


@pytest.mark.parametrize("change", [
    lambda _given: b"",
    lambda _given: b"hello",
    lambda _given: b"old 5\n\n",
    lambda _given: b"old 5\n\nhello",
    lambda given: given.replace(b"old 5", b"old 05"),
    lambda given: given.replace(b"old 5", b"old -5"),
    lambda given: given.replace(b"old 5", b"old 9223372036854775808000"),
    lambda given: given.replace(b"old 5\n", b"old 5\nAAAA\n"),
    lambda given: given.replace(b"old 5\n", b"old 5\n!\n"),
    lambda given: given.replace(b"old 5\n", b"old 5\n" + base64.b64encode(bytes(32)) + b"\n" * 1)
    .replace(b"old 5\n", b"old 5\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),
    lambda given: given.replace(b"\n\n", b"\n"),
    lambda given: given[:-1],
    lambda given: given + b"\xff",
])  # fmt: skip
def test_what_cannot_be_read_is_400_and_changes_nothing(
    witness: Witness, log: Log, serving: Serve, change: Callable[[bytes], bytes]
) -> None:
    url = serving(witness)
    asked(url, body(log, 0))
    answer = asked(url, change(body(log.grown(3), 5)))
    assert answer.status == 400
    assert b"Traceback" not in answer.body
    assert witness.log(ORIGIN).size == 5


def test_other_paths_methods_and_large_bodies_are_refused(
    witness: Witness, log: Log, serving: Serve
) -> None:
    url = serving(witness)
    assert asked(url, body(log, 0), "/").status == 404
    assert asked(url, body(log, 0), "/add-checkpoint/../key").status == 404
    assert asked(url, b"", method="GET").status == 501
    with _connected(url) as plain:
        plain.sendall(
            f"POST /add-checkpoint HTTP/1.0\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode()
        )
        assert plain.recv(100).startswith(b"HTTP/1.0 413 ")
    for length in ("x", "-1", ""):
        with _connected(url) as plain:
            plain.sendall(
                f"POST /add-checkpoint HTTP/1.0\r\nContent-Length: {length}\r\n\r\n".encode()
            )
            assert plain.recv(100).startswith(b"HTTP/1.0 411 ")
    assert asked(url, body(log, 0)).status == 200


def test_who_sends_nothing_or_little_holds_nobody_up(
    witness: Witness, log: Log, serving: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_SECONDS", 0.5)
    url = serving(witness)
    with _connected(url) as silent, _connected(url) as slow:
        slow.sendall(_head(100) + b"old")
        assert asked(url, body(log, 0)).status == 200
        assert silent.recv(10) == b""
        assert slow.recv(100)[:12] in {b"", b"HTTP/1.0 400"}


def test_a_witness_that_lost_its_memory_answers_500_and_signs_nothing(
    witness: Witness, log: Log, serving: Serve, folder: Path
) -> None:
    url = serving(witness)
    asked(url, body(log, 0))
    (folder / "state").unlink()
    answer = asked(url, body(log.grown(1), 5))
    assert (answer.status, answer.body) == (500, b"witness_state_lost\n")


def test_sizes_and_proofs_that_others_send_are_read_strictly() -> None:
    assert [parse_size(raw) for raw in (b"5\n", b"0", b"05", b"", b"-1", b"5\n\n", b"\xff")] == [
        5, 0, None, None, None, None, None,
    ]  # fmt: skip
    assert parse_proof(b"") == parse_proof(b"\n") == ()
    with pytest.raises(LedgerError) as caught:
        parse_proof(b"AAAA")
    assert caught.value.code == "bad_proof"


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)


def _head(length: object) -> bytes:
    return f"POST /add-checkpoint HTTP/1.0\r\nContent-Length: {length}\r\n\r\n".encode()
