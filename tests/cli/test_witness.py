"""An inspector runs a witness: at a desk with a stick, and as a server."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from ledger.proof.note import VerifierKey, parse_note, parse_signatures
from ledger.witnessing.protocol import encode_proof
from tests.cli.conftest import Run
from tests.drills.witnesses import serving
from tests.ledger.witnessing.logs import ORIGIN, Log
from tests.ledger.witnessing.serving import asked
from tests.ledger.witnessing.test_server import body

NAME = "inspector.example.org"


@pytest.fixture
def log() -> Log:
    return Log.of(5)


@pytest.fixture
def store(run: Run, tmp_path: Path, log: Log) -> Path:
    """The folder of a witness that trusts the log."""
    folder = tmp_path / "witness"
    assert run("witness", "init", NAME, "--store", folder).status == 0
    assert run("witness", "trust", log.key.verifier.encode(), "--store", folder).status == 0
    return folder


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_an_inspector_cosigns_from_a_stick(run: Run, store: Path, tmp_path: Path, log: Log) -> None:
    stick = log.export(tmp_path)
    line = tmp_path / "cosigned"
    first = run("witness", "cosign", stick / "checkpoint", "--store", store, "-o", line)
    assert (first.status, first.out) == (0, "")
    assert f"{ORIGIN}, size 5" in first.err
    key = VerifierKey.parse(
        run("witness", "keys", "--store", store, "--format", "json").json["vkey"]
    )
    (signature,) = parse_signatures(line.read_text("utf-8"))
    assert key.is_valid(parse_note(log.checkpoint()).text, signature)

    grown = log.grown(300)
    checkpoint = written(tmp_path / "checkpoint.new", grown.checkpoint())
    without = run("witness", "cosign", checkpoint, "--store", store)
    assert (without.status, without.err.split(":")[0]) == (3, "comparison_open")
    grown.export(stick)
    with_files = run("witness", "cosign", checkpoint, "--log", stick, "--store", store)
    assert with_files.status == 0
    again = run("witness", "cosign", checkpoint, "--store", store)
    assert (again.status, again.out) == (0, with_files.out)
    longer = grown.grown(4)
    proof = written(tmp_path / "proof", encode_proof(longer.proof(305)).encode())
    newest = written(tmp_path / "newest", longer.checkpoint())
    assert run("witness", "cosign", newest, "--proof", proof, "--store", store).status == 0
    older = run("witness", "cosign", checkpoint, "--store", store)
    assert (older.status, older.err.split(":")[0]) == (6, "other_size_seen")
    shown = run("witness", "show", ORIGIN, "--store", store)
    assert parse_note(shown.out.encode()).text == parse_note(longer.checkpoint()).text
    listed = run("witness", "keys", "--store", store, "--format", "json").json
    assert [(each["origin"], each["size"], each["forked"]) for each in listed["logs"]] == [
        (ORIGIN, 309, False)
    ]


def test_a_stick_with_another_history_is_an_alarm(
    run: Run, store: Path, tmp_path: Path, log: Log
) -> None:
    first = written(tmp_path / "first", log.checkpoint())
    assert run("witness", "cosign", first, "--store", store).status == 0
    other = Log.of(4, log.key).grown(8, "other ")
    stick = other.export(tmp_path)
    ran = run("witness", "cosign", stick / "checkpoint", "--log", stick, "--store", store)
    assert (ran.status, ran.err.split(":")[0]) == (8, "two_histories")
    same = written(tmp_path / "same", other.checkpoint(5))
    assert run("witness", "cosign", same, "--store", store).status == 8
    kept = run("witness", "show", ORIGIN, "--fork", "--store", store)
    assert kept.out.encode() == other.checkpoint(5)
    proven = run("witness", "compare", first, same, "--store", store, "--format", "json")
    assert (proven.status, proven.json["forked"]) == (8, True)
    key = log.key.verifier.encode()
    longer = run("witness", "compare", first, stick / "checkpoint", "--key", key, "--log", stick)
    assert longer.status == 8
    assert "two histories" in longer.out
    honest = written(tmp_path / "honest", other.checkpoint(7))
    one = run("witness", "compare", honest, stick / "checkpoint", "--key", key, "--log", stick)
    assert (one.status, "one history" in one.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["keys", "--store", "none"], 5, "no_witness"),
        (["init", "a b", "--store", "new"], 3, "bad_key"),
        (["init", "a", "--algorithm", "rsa", "--store", "new"], 2, "bad_option"),
        (["trust", "hello", "--store", "witness"], 3, "bad_key"),
        (["show", "nobody", "--store", "witness"], 5, "unknown_log"),
        (["show", ORIGIN, "--store", "witness"], 5, "nothing_seen"),
        (["cosign", "none", "--store", "witness"], 5, "no_file"),
        (["cosign", ".", "--store", "witness"], 4, "file_unreadable"),
        (["cosign", "witness/key", "--store", "witness"], 3, "bad_note"),
        (["compare", "a", "b", "--proof", "p", "--log", "l", "--store", "witness"], 5, "no_file"),
        (["serve", "--port", "99999", "--store", "witness"], 2, "bad_option"),
        (["serve", "--host", "no such host", "--store", "witness"], 9, "witness_busy"),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_is_wrong_has_a_code(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    status: int,
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("witness", *words)
    assert (ran.status, ran.err.split(":")[0], ran.out) == (status, code, "")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_serving_witness_signs_and_ends_when_it_is_told(
    store: Path, log: Log, end: signal.Signals
) -> None:
    with serving(store) as served:
        server, url = served.process, served.url
        assert url.startswith("http://127.0.0.1:")
        assert asked(url, body(log, 0)).status == 200
        assert asked(url, body(log, 0)).status == 409
        server.send_signal(end)
        _out, err = server.communicate(timeout=20)
        assert server.returncode == 0
    assert "Traceback" not in err
    assert err.splitlines()[-2:] == ["200", "409 other_size_seen"]


def test_a_port_that_is_taken_is_said(run: Run, store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("witness", "serve", "--port", port, "--store", store)
    assert (ran.status, ran.err.split(":")[0], ran.out) == (9, "witness_busy", "")
    assert str(port) in ran.err


def test_two_servers_on_one_store_sign_one_history(store: Path, log: Log) -> None:
    other = Log.of(4, log.key).grown(1, "other ")
    with serving(store) as first, serving(store) as second:
        one, two = first.url, second.url
        assert asked(one, body(log, 0)).status == 200
        assert asked(two, body(other, 5)).status == 422
        assert asked(two, body(log.grown(1), 5)).status == 200
        assert asked(one, body(log.grown(1), 6)).status == 200


def test_a_server_with_lost_state_does_not_start(run: Run, store: Path, log: Log) -> None:
    with serving(store) as served:
        asked(served.url, body(log, 0))
    os.truncate(store / "state", 0)
    ran = run("witness", "serve", "--port", "0", "--store", store)
    assert (ran.status, ran.err.split(":")[0]) == (7, "witness_state_lost")


def test_a_witness_signs_for_quantum_computers_too(run: Run, tmp_path: Path, log: Log) -> None:
    store = tmp_path / "w"
    words = ["--algorithm", "ml-dsa-44", "--store", store, "--format", "json"]
    made = run("witness", "init", NAME, *words).json
    assert made["algorithm"] == "ml-dsa-44-cosignature"
    run("witness", "trust", log.key.verifier.encode(), "--store", store)
    checkpoint = written(tmp_path / "checkpoint", log.checkpoint())
    answer = run("witness", "cosign", checkpoint, "--store", store, "--format", "json").json
    (signature,) = parse_signatures(answer["line"])
    key = VerifierKey.parse(made["vkey"])
    assert key.is_valid(parse_note(log.checkpoint()).text, signature)
    assert json.dumps(answer)
