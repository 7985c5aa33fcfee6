"""The keeper of a ledger has its log seen by others, and hears of it when they know better."""

import socket
import time
from pathlib import Path

import pytest

from ledger.proof.checkpoint import OpenedCheckpoint, open_checkpoint
from ledger.proof.note import VerifierKey
from tests.cli.conftest import CONTRACTOR, DEVELOPER, SUBCONTRACTOR, Run
from tests.drills.witnesses import serving

PARTIES = (DEVELOPER, CONTRACTOR, SUBCONTRACTOR)


@pytest.fixture
def books(run: Run, ledger_url: str) -> str:
    """The URL of an empty ledger, on both databases."""
    assert run("--ledger", ledger_url, "init").status == 0
    return ledger_url


def witness_of(run: Run, books: str, folder: Path) -> str:
    """Make a witness that trusts the log; returns its public key."""
    made = run("witness", "init", folder.name, "--store", folder, "--format", "json").json
    for key in run("--ledger", books, "log", "keys", "--format", "json").json["keys"]:
        assert run("witness", "trust", key["vkey"], "--store", folder).status == 0
    return str(made["vkey"])


def add_party(run: Run, books: str, number: int) -> str:
    """Write something; returns what was said beside it."""
    ran = run("--ledger", books, "party", "add", PARTIES[number], f"公司{number}")
    assert ran.status == 0, ran.err
    return ran.err


def listed(run: Run, books: str) -> list[tuple[str, int, int, str | None]]:
    answer = run("--ledger", books, "log", "witnesses", "list", "--format", "json").json
    return [
        (row["witness"], row["size"], row["behind"], row["code"]) for row in answer["witnesses"]
    ]


def checked(run: Run, books: str, *witnesses: str) -> OpenedCheckpoint:
    """The latest checkpoint as somebody sees it who knows the keys."""
    keys = run("--ledger", books, "log", "keys", "--format", "json").json["keys"]
    note = run("--ledger", books, "log", "checkpoint").out.encode()
    return open_checkpoint(
        note,
        [VerifierKey.parse(key["vkey"]) for key in keys],
        [VerifierKey.parse(key) for key in witnesses],
    )


def doctored(run: Run, books: str) -> str:
    checks = run("--ledger", books, "doctor", "--format", "json").json["checks"]
    (row,) = (row for row in checks if row["check"] == "witnesses")
    return f"{row['state']}: {row['detail']}"


def test_after_every_write_the_witnesses_have_seen_it(run: Run, books: str, tmp_path: Path) -> None:
    assert doctored(run, books).startswith("warning: none configured")
    one, two = (witness_of(run, books, tmp_path / name) for name in ("one", "two"))
    with serving(tmp_path / "one") as first, serving(tmp_path / "two") as second:
        for server, key in ((first, one), (second, two)):
            run("--ledger", books, "log", "witnesses", "add", server.url, key)
        assert add_party(run, books, 0) == ""
        assert {each.key.encode() for each in checked(run, books, one, two).cosigned} == {one, two}
        assert listed(run, books) == [("one", 1, 0, None), ("two", 1, 0, None)]
        assert doctored(run, books).startswith("ok: 2 of 2")
        second.process.kill()
        second.process.wait()
        assert add_party(run, books, 1) == "", "it is no alarm that a witness is away"
        assert listed(run, books) == [("one", 2, 0, None), ("two", 1, 1, "witness_unreachable")]
        assert doctored(run, books).startswith("warning: 1 of 2")
        away = run("--ledger", books, "log", "cosign")
        assert (away.status, away.err.split(":")[0]) == (9, "witness_unreachable")
    with serving(tmp_path / "one") as first, serving(tmp_path / "two") as second:
        for server, key in ((first, one), (second, two)):
            run("--ledger", books, "log", "witnesses", "add", server.url, key)
        assert run("--ledger", books, "log", "cosign").status == 0
        assert listed(run, books) == [("one", 2, 0, None), ("two", 2, 0, None)]
        assert {each.key.encode() for each in checked(run, books, one, two).cosigned} == {one, two}
    assert run("--ledger", books, "log", "witnesses", "remove", "one").status == 0
    assert [row[0] for row in listed(run, books)] == ["two"]


def test_a_silent_witness_delays_a_write_by_two_seconds_at_most(
    run: Run, books: str, tmp_path: Path
) -> None:
    keys = [witness_of(run, books, tmp_path / name) for name in ("one", "two", "three")]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for key in keys:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            run("--ledger", books, "log", "witnesses", "add", url, key)
        begin = time.monotonic()
        add_party(run, books, 0)
        assert time.monotonic() - begin < 8, "the write itself takes its time on a busy machine"
    assert {row[3] for row in listed(run, books)} == {"witness_unreachable"}


def test_a_signature_from_a_stick_is_kept_under_its_checkpoint(
    run: Run, books: str, tmp_path: Path
) -> None:
    key = witness_of(run, books, tmp_path / "one")
    add_party(run, books, 0)
    checkpoint, line = tmp_path / "checkpoint", tmp_path / "line"
    run("--ledger", books, "log", "checkpoint", "-o", checkpoint)
    run("witness", "cosign", checkpoint, "--store", tmp_path / "one", "-o", line)
    strange = run("--ledger", books, "log", "add-cosignature", line)
    assert (strange.status, strange.err.split(":")[0]) == (5, "unknown_witness")
    run("--ledger", books, "log", "witnesses", "add", "-", key)
    assert add_party(run, books, 1) == "", "who has no address is not asked"
    assert run("--ledger", books, "log", "cosign").status == 0
    assert run("--ledger", books, "log", "add-cosignature", line).status == 0
    assert run("--ledger", books, "log", "add-cosignature", line).status == 0
    assert listed(run, books) == [("one", 1, 1, None)]
    assert checked(run, books, key).cosigned == (), "it signed the one before"
    forged = tmp_path / "forged"
    forged.write_text(line.read_text("utf-8")[:-12] + "AAAAAAAAAA=\n", "utf-8")
    ran = run("--ledger", books, "log", "add-cosignature", forged)
    assert ran.status in {3, 8}
    assert ran.err.split(":")[0] in {"bad_note", "bad_signature"}
    other = witness_of(run, books, tmp_path / "other")
    assert other != key
    run("witness", "cosign", checkpoint, "--store", tmp_path / "other", "-o", line)
    assert run("--ledger", books, "log", "add-cosignature", line).status == 5


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["add", "ftp://x/", "KEY"], 2, "bad_option"),
        (["add", "http://a:b@x/", "KEY"], 2, "bad_option"),
        (["add", "x", "KEY"], 2, "bad_option"),
        (["add", "http://[/", "KEY"], 2, "bad_option"),
        (["add", "http://127.0.0.1:1/", "hello"], 3, "bad_key"),
        (["add", "http://127.0.0.1:1/", "LOG"], 3, "bad_key"),
        (["remove", "nobody"], 5, "unknown_witness"),
    ],
)
def test_what_is_no_witness_is_refused(
    run: Run, books: str, tmp_path: Path, words: list[str], status: int, code: str
) -> None:
    key = witness_of(run, books, tmp_path / "one")
    own = run("--ledger", books, "log", "keys", "--format", "json").json["keys"][0]["vkey"]
    given = [{"KEY": key, "LOG": own}.get(word, word) for word in words]
    ran = run("--ledger", books, "log", "witnesses", *given)
    assert (ran.status, ran.err.split(":")[0]) == (status, code)
    assert "a:b" not in ran.err
    assert listed(run, books) == []


def test_a_damaged_list_of_witnesses_fails_no_write(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    run("--ledger", sqlite_url, "init")
    key = witness_of(run, sqlite_url, tmp_path / "one")
    run("--ledger", sqlite_url, "log", "witnesses", "add", "http://127.0.0.1:1/", key)
    (path,) = Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("*.witnesses")
    path.write_text("hello\n", "utf-8")
    add_party(run, sqlite_url, 0)
    ran = run("--ledger", sqlite_url, "log", "witnesses", "list")
    assert (ran.status, ran.err.split(":")[0]) == (4, "file_unreadable")


def test_a_restored_backup_is_noticed_by_a_witness_even_when_all_of_it_is_restored(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    run("--ledger", sqlite_url, "init")
    key = witness_of(run, sqlite_url, tmp_path / "one")
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    names = [path for path in folder.iterdir() if path.is_file()]
    with serving(tmp_path / "one") as server:
        run("--ledger", sqlite_url, "log", "witnesses", "add", server.url, key)
        add_party(run, sqlite_url, 0)
        names = [path for path in folder.iterdir() if path.is_file()]
        backup = {path: path.read_bytes() for path in names}
        add_party(run, sqlite_url, 1)
        add_party(run, sqlite_url, 2)
        for path in [path for path in folder.iterdir() if path.is_file()]:
            path.unlink()
        for path, content in backup.items():
            path.write_bytes(content)
            path.chmod(0o600)
        said = add_party(run, sqlite_url, 1)
        assert said.startswith("seen_longer"), said
        assert doctored(run, sqlite_url).startswith("warning: 0 of 1")
        add_party(run, sqlite_url, 2)
        again = run("--ledger", sqlite_url, "log", "cosign")
        assert (again.status, again.err.split(":")[0]) == (8, "two_histories")
