"""A server that shows two people two histories: two witnesses catch it, and the notes prove it."""

import shutil
from pathlib import Path
from typing import Final

import pytest

from ledger.kernel.errors import LedgerError
from ledger.proof.note import VerifierKey
from ledger.proof.receipt import LogProof
from tests.cli.conftest import CONTRACTOR, DEVELOPER, SUBCONTRACTOR, Run
from tests.cli.conftest import run as _run
from tests.drills.witnesses import serving

run = _run

QUORUM: Final = 2
NAMES: Final = ("first", "second")


@pytest.fixture
def honest(run: Run, tmp_path: Path) -> Path:
    """The folder of a ledger with one posting, and of two witnesses that trust its key."""
    folder = tmp_path / "honest"
    folder.mkdir()
    url = f"sqlite:///{folder / 'ledger.db'}"
    run("--ledger", url, "init")
    (key,) = run("--ledger", url, "log", "keys", "--format", "json").json["keys"]
    for name in NAMES:
        run("witness", "init", name, "--store", tmp_path / name)
        run("witness", "trust", key["vkey"], "--store", tmp_path / name)
    assert run("--ledger", url, "party", "add", DEVELOPER, "开发公司").status == 0
    return folder


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


def _vkey(run: Run, store: Path) -> str:
    return str(run("witness", "keys", "--store", store, "--format", "json").json["vkey"])


def _is_believed(run: Run, ledger: str, log_key: str, witness_keys: list[str]) -> bool:
    """Whether somebody who wants both witnesses believes the first posting."""
    proof = LogProof.parse(run("--ledger", ledger, "log", "proof", 1).out.encode())
    keys = [VerifierKey.parse(key) for key in witness_keys]
    entry = next(iter(run("--ledger", ledger, "events", "--format", "jsonl").lines))
    assert entry["position"] == 1
    try:
        proof.verify(_bytes_of_first(ledger), [VerifierKey.parse(log_key)], keys, QUORUM)
    except LedgerError as error:
        assert error.code == "too_few_witnesses", error  # noqa: PT017 - one of two answers
        return False
    return True


def _bytes_of_first(ledger: str) -> bytes:
    from ledger.store import LedgerConfig, Store  # noqa: PLC0415 - only here

    store = Store.open(LedgerConfig(ledger))
    try:
        return next(iter(store.evidence.entries(1, 1)))
    finally:
        store.close()


@pytest.mark.drill
@pytest.mark.parametrize("more", [0, 1], ids=["same size", "different sizes"])
def test_a_lying_server_is_caught_by_two_witnesses(
    run: Run, honest: Path, tmp_path: Path, more: int
) -> None:
    forked = tmp_path / "forked"
    shutil.copytree(honest, forked)  # the same key, the same past
    (key,) = run("--ledger", _url(honest), "log", "keys", "--format", "json").json["keys"]
    log_key, origin = key["vkey"], key["vkey"].partition("+")[0]
    witness_keys = [_vkey(run, tmp_path / name) for name in NAMES]
    with serving(tmp_path / "first") as first, serving(tmp_path / "second") as second:
        # The server shows one history to the first witness, the other to the second one.
        for folder, server, at in ((honest, first, 0), (forked, second, 1)):
            ledger = _url(folder)
            run("--ledger", ledger, "log", "witnesses", "add", server.url, witness_keys[at])
            party = (CONTRACTOR, SUBCONTRACTOR)[at]
            assert run("--ledger", ledger, "party", "add", party, "公司").status == 0
        for _ in range(more):
            added = run("--ledger", _url(forked), "party", "add", CONTRACTOR, "公司二")
            assert added.status == 0
        # To be believed, each view needs the other witness too, which has seen the other one.
        for folder, server, at in ((honest, second, 1), (forked, first, 0)):
            ledger = _url(folder)
            run("--ledger", ledger, "log", "witnesses", "add", server.url, witness_keys[at])
            asked = run("--ledger", ledger, "log", "cosign")
            assert asked.status == 8
            assert asked.err.split(":")[0] in {"two_histories", "seen_longer"}
            assert not _is_believed(run, ledger, log_key, witness_keys)
    notes = []
    for name in NAMES:
        notes.append(tmp_path / f"{name}.note")
        run("witness", "show", origin, "--store", tmp_path / name, "-o", notes[-1])
    words = ["witness", "compare", *notes, "--key", log_key]
    if more:
        assert run("--ledger", _url(forked), "export", "log", "-o", tmp_path / "files").status == 0
        words += ["--log", tmp_path / "files"]
    for witness_key in witness_keys:
        words += ["--witness", witness_key]
    proven = run(*words, "--format", "json")
    assert (proven.status, proven.json["forked"]) == (8, True)
    sides = proven.json["checkpoints"]
    assert {side["signed_by"] for side in sides} == {log_key}
    assert sorted(side["cosigned_by"] for side in sides) == sorted(NAMES)


@pytest.mark.drill
def test_an_honest_server_is_believed_by_who_asks_for_both(
    run: Run, honest: Path, tmp_path: Path
) -> None:
    ledger = _url(honest)
    (key,) = run("--ledger", ledger, "log", "keys", "--format", "json").json["keys"]
    witness_keys = [_vkey(run, tmp_path / name) for name in NAMES]
    with serving(tmp_path / "first") as first, serving(tmp_path / "second") as second:
        for server, witness_key in zip((first, second), witness_keys, strict=True):
            run("--ledger", ledger, "log", "witnesses", "add", server.url, witness_key)
        assert run("--ledger", ledger, "log", "cosign").status == 0
        assert _is_believed(run, ledger, key["vkey"], witness_keys)
