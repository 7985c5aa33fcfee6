"""The master key: one file, made once, for its owner's eyes alone."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.kernel.errors import LedgerError
from ledger.vault.key_file import load_key, load_or_create_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the key lies."""
    return tmp_path / "keys" / "city.vault.key"


def code_of(path: Path) -> str:
    """The code with which loading is refused; making is refused with the same."""
    codes = []
    for attempt in (load_key, load_or_create_key):
        with pytest.raises(LedgerError) as caught:
            attempt(path)
        codes.append(caught.value.code)
    assert codes[0] == codes[1]
    return codes[0]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_a_new_key_is_its_owners_alone_whatever_the_umask(path: Path, umask: int) -> None:
    path.parent.mkdir()
    before = os.umask(umask)
    try:
        made = load_or_create_key(path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert load_key(path).key_id == made.key_id
    assert load_or_create_key(path).key_id == made.key_id


def test_a_missing_folder_is_made_for_the_owner_alone(path: Path) -> None:
    load_or_create_key(path)

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    keys = {load_or_create_key(tmp_path / str(number)).key_id for number in range(20)}

    assert len(keys) == 20


def test_programs_that_make_the_key_at_once_end_up_with_one(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: load_or_create_key(path).key_id, range(32)))

    assert len(set(keys)) == 1
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_key_is_not_made_by_opening(path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        load_key(path)

    assert caught.value.code == "vault_key_missing"
    assert caught.value.facts["path"] == str(path)
    assert not path.parent.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o777])
def test_a_key_that_others_may_touch_is_refused_with_the_command_to_run(
    path: Path, mode: int
) -> None:
    load_or_create_key(path)
    path.chmod(mode)

    assert code_of(path) == "vault_key_mode"
    with pytest.raises(LedgerError) as caught:
        load_key(path)
    assert caught.value.facts["command"] == f"chmod 600 {path}"
    path.chmod(0o400)
    load_key(path)


def test_a_link_to_a_key_is_refused(path: Path) -> None:
    load_or_create_key(path)
    link = path.with_name("link.key")
    link.symlink_to(path)

    assert code_of(link) == "vault_key_mode"


def test_a_dangling_link_is_refused_and_not_written_through(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.with_name("elsewhere"))

    assert code_of(path) == "vault_key_mode"
    assert not path.with_name("elsewhere").exists()


def test_a_pipe_or_a_folder_is_no_key_and_nobody_waits_for_it(path: Path) -> None:
    path.mkdir(parents=True)
    pipe = path.with_name("pipe.key")
    os.mkfifo(pipe, 0o600)

    assert code_of(path) == "vault_key_mode"
    assert code_of(pipe) == "vault_key_mode"


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[:0],
        lambda line: line.replace("wageledger", "hello"),
        lambda line: line.replace("key 1", "key 2"),
        lambda line: line[:-10],
        lambda line: line.replace(line.split()[3], line.split()[3].swapcase()),
        lambda line: line.replace(line.split()[2], "0" * 32),
        lambda line: line.replace(line.split()[3], "AAAA"),
        lambda line: "\udcff" + line,
    ],
)
def test_a_damaged_key_file_is_no_key_and_is_not_printed(path: Path, damage: object) -> None:
    load_or_create_key(path)
    line = path.read_text()
    assert callable(damage)
    path.write_bytes(damage(line).encode("utf-8", "surrogateescape"))

    assert code_of(path) == "vault_key_wrong"
    with pytest.raises(LedgerError) as caught:
        load_key(path)
    assert line.split()[3] not in str(caught.value)


def test_a_key_that_this_user_may_not_read_is_reported_as_such(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_or_create_key(path)

    def refuse(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(LedgerError) as caught:
        load_key(path)
    assert caught.value.code == "vault_key_missing"
    assert caught.value.facts["reason"] == "not readable for this user"


@pytest.mark.parametrize(
    ("number", "code"),
    [(28, "storage_full"), (30, "storage_read_only"), (5, "storage_unreachable")],
)
def test_a_disk_that_refuses_the_key_is_reported_and_nothing_is_left(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(LedgerError) as caught:
        load_or_create_key(path)

    assert caught.value.code == code
    assert list(path.parent.iterdir()) == []
