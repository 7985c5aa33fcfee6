"""What is signed of the log, shown, proved and exported; other programs verify it."""

import json
import shutil
import subprocess
import sys
from base64 import b64decode as plain
from pathlib import Path

import pytest

from ledger.kernel.merkle import verify_consistency
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import VerifierKey
from ledger.proof.receipt import LogProof
from tests import REPOSITORY
from tests.cli.conftest import Run

EXAMPLE = REPOSITORY / "examples" / "worked-example.jsonl"
SIZE = 212
PEER = "aics-tlog==0.2.1"
"""Another implementation of the formats, by others. It asks for Python 3.12 and runs on 3.11."""

PEER_SCRIPT = """
import json, sys
from aics_tlog import (FileSystemTileReader, audit_tiles, checkpoint, consistency_proof_from_tiles,
    inclusion_proof_from_tiles, note, parse_vkey, read_entry, tree_root_from_tiles,
    verify_checkpoint, verify_consistency, verify_leaf_inclusion)
folder, vkey, proofs = sys.argv[1], sys.argv[2], json.load(sys.stdin)
reader = FileSystemTileReader(folder)
raw = open(folder + "/checkpoint", "rb").read()
seen = verify_checkpoint(note.parse_note(raw), parse_vkey(vkey))
head, _ = checkpoint.checkpoint_from_note(raw)
audit_tiles(reader, head.size, head.root)
b = bytes.fromhex
inclusion = all(
    inclusion_proof_from_tiles(reader, at, head.size) == [b(x) for x in path]
    and verify_leaf_inclusion(read_entry(reader, at, head.size), at, head.size,
                              [b(x) for x in path], head.root)
    for at, path in proofs["inclusion"])
consistency = all(
    verify_consistency(m, head.size, tree_root_from_tiles(reader, m, head.size), head.root,
                       [b(x) for x in path])
    and consistency_proof_from_tiles(reader, m, head.size) == [b(x) for x in path]
    for m, path in proofs["consistency"])
print(json.dumps([bool(seen.ok), head.size, inclusion, consistency]))
"""


@pytest.fixture
def url(run: Run, ledger_url: str) -> str:
    """The worked example, posted from a file."""
    assert run("--ledger", ledger_url, "init").status == 0
    assert run("--ledger", ledger_url, "post", EXAMPLE, "--quiet").status == 0
    return ledger_url


def vkey(run: Run, url: str) -> str:
    (key,) = run("--ledger", url, "log", "keys", "--format", "json").json["keys"]
    return str(key["vkey"])


def test_a_command_that_records_signs_the_log(run: Run, url: str) -> None:
    shown = run("--ledger", url, "log", "checkpoint")
    opened = open_checkpoint(shown.out.encode(), [VerifierKey.parse(vkey(run, url))])
    assert opened.checkpoint.size == SIZE
    run("--ledger", url, "party", "add", "91220200MA0001AB0X", "甲", "--role", "S")
    after = run("--ledger", url, "log", "checkpoint", "--sign")
    grown = open_checkpoint(after.out.encode(), [VerifierKey.parse(vkey(run, url))])
    assert grown.checkpoint.size in {SIZE, SIZE + 1}


def test_proof_and_consistency_are_shown_as_others_read_them(run: Run, url: str) -> None:
    key = VerifierKey.parse(vkey(run, url))
    events = run("--ledger", url, "events", "--from", 17, "--limit", 1, "--format", "jsonl")
    proof = LogProof.parse(run("--ledger", url, "log", "proof", 17).out.encode())
    assert proof.index == 16
    assert events.status == 0
    shown = run("--ledger", url, "log", "consistency", 3, SIZE, "--format", "json").json
    assert verify_consistency(
        3, SIZE, [plain(node["hash"]) for node in shown["proof"]],
        plain(shown["root1"]), plain(shown["root2"]),
    )  # fmt: skip
    assert open_checkpoint(proof.checkpoint, [key]).checkpoint.size == SIZE


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("log", "proof", SIZE + 1), 5, "unknown_position"),
        (("log", "proof", "0"), 2, "bad_option"),
        (("log", "consistency", 1, SIZE + 1), 5, "unknown_position"),
        (("log", "rotate-key", "--overlap", -1), 2, "bad_option"),
        (("export", "log"), 2, "bad_option"),
    ],
)
def test_what_cannot_be_proved_is_said(
    run: Run, sqlite_url: str, words: tuple[object, ...], status: int, code: str
) -> None:
    run("--ledger", sqlite_url, "init")
    run("--ledger", sqlite_url, "post", EXAMPLE, "--quiet")
    done = run("--ledger", sqlite_url, *words)
    assert (done.status, code in done.err) == (status, True)


def test_an_empty_log_has_nothing_signed(run: Run, sqlite_url: str) -> None:
    run("--ledger", sqlite_url, "init")
    for words in (("log", "checkpoint", "--sign"), ("export", "log", "-o", "out")):
        done = run("--ledger", sqlite_url, *words)
        assert (done.status, "no_checkpoint" in done.err) == (5, True)


def test_a_new_key_is_told_and_signs_beside_the_old_one(run: Run, url: str) -> None:
    old = vkey(run, url)
    made = run("--ledger", url, "log", "rotate-key", "--format", "json").json["keys"][0]["vkey"]
    listed = run("--ledger", url, "log", "keys", "--format", "json").json["keys"]
    assert [key["vkey"] for key in listed] == [old, made]
    assert listed[0]["until"] is not None
    assert listed[1]["until"] is None


def test_an_old_backup_is_seen_before_anything_is_signed(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.db"
    run("--ledger", sqlite_url, "init")
    lines = EXAMPLE.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "first.jsonl").write_text("".join(lines[:20]), "utf-8")
    (tmp_path / "rest.jsonl").write_text("".join(lines[20:40]), "utf-8")
    run("--ledger", sqlite_url, "post", tmp_path / "first.jsonl")
    shutil.copy(file, tmp_path / "old.db")
    run("--ledger", sqlite_url, "post", tmp_path / "rest.jsonl")
    for beside in ("-wal", "-shm"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", file)

    doctor = run("--ledger", sqlite_url, "doctor")
    assert doctor.status == 8
    assert "log_shrunk" in doctor.out
    again = run("--ledger", sqlite_url, "post", tmp_path / "rest.jsonl")
    assert again.status == 0  # what is posted is recorded; it is not signed, and that is said
    assert "log_forked" in again.err
    exported = run("--ledger", sqlite_url, "export", "log", "-o", tmp_path / "out")
    assert (exported.status, "log_forked" in exported.err) == (8, True)


def test_the_doctor_shows_what_is_not_signed_and_why(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    run("--ledger", sqlite_url, "init")
    lines = EXAMPLE.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "first.jsonl").write_text("".join(lines[:5]), "utf-8")
    (tmp_path / "rest.jsonl").write_text("".join(lines[5:12]), "utf-8")
    assert run("--ledger", sqlite_url, "post", tmp_path / "first.jsonl").status == 0
    whole = run("--ledger", sqlite_url, "doctor", "--lang", "en")
    assert "up to position 5; 0 postings after it" in whole.out
    assert "cosigned by 0 witnesses" in whole.out
    (tmp_path / "ledger.log.key").rename(tmp_path / "elsewhere")
    assert run("--ledger", sqlite_url, "post", tmp_path / "rest.jsonl").status == 0
    exposed = run("--ledger", sqlite_url, "doctor", "--lang", "en")
    assert "up to position 5; 7 postings after it" in exposed.out
    assert "the key is not on this machine" in exposed.out
    (tmp_path / "ledger.log.key").mkdir()
    (tmp_path / "more.jsonl").write_text("".join(lines[12:15]), "utf-8")
    posted = run("--ledger", sqlite_url, "post", tmp_path / "more.jsonl", "--lang", "en")
    assert (posted.status, "log_key_unsafe" in posted.err) == (0, True)


def test_another_implementation_verifies_checkpoint_tiles_and_proofs(
    run: Run, url: str, tmp_path: Path
) -> None:
    """aics-tlog, another project's implementation, reads what is exported."""
    peer = tmp_path / "peer"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
    got = subprocess.run(
        [*install, "--ignore-requires-python", "--target", str(peer), PEER],
        capture_output=True, check=False,
    )  # fmt: skip
    if got.returncode:
        pytest.skip(f"{PEER} could not be had: {got.stderr.decode()[-200:]}")
    out = tmp_path / "out"
    done = run("--ledger", url, "export", "log", "-o", out, "--format", "json")
    assert done.json["size"] == SIZE
    assert run("--ledger", url, "export", "log", "-o", out, "--format", "json").json["files"] == 0
    proofs: dict[str, list[object]] = {"inclusion": [], "consistency": []}
    for position in (1, 2, 100, SIZE):
        text = run("--ledger", url, "log", "proof", position).out
        path = [node.hex() for node in LogProof.parse(text.encode()).path]
        proofs["inclusion"].append([position - 1, path])
    for size in (1, 64, 199, SIZE):
        rows = run("--ledger", url, "log", "consistency", size, SIZE, "--format", "json").json
        proofs["consistency"].append([size, [plain(row["hash"]).hex() for row in rows["proof"]]])
    command = [sys.executable, "-c", PEER_SCRIPT, str(out), vkey(run, url)]

    def judged() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, input=json.dumps(proofs), text=True, capture_output=True, check=False,
            env={"PYTHONPATH": str(peer)},
        )  # fmt: skip

    verdict = judged()
    assert verdict.returncode == 0, verdict.stderr
    assert json.loads(verdict.stdout) == [True, SIZE, True, True]
    tile = out / "tile" / "0" / "000.p" / str(SIZE)
    changed = bytearray(tile.read_bytes())
    changed[5 * 32] ^= 1
    tile.write_bytes(bytes(changed))
    assert judged().returncode != 0
