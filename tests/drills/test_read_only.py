"""A store that may not be written says so; nothing is half-written."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from ledger.kernel.errors import LedgerError
from ledger.service import Ledger, LedgerConfig
from ledger.store import Store
from tests.drills.small_disks import can_mount, small_disk
from tests.drills.town import FOUNDED, REGION, SetClock, founding, post, worker

MAY_TAKE_AWAY_WRITING = os.geteuid() != 0 or can_mount()
"""Root writes into folders that forbid it, but not on a disk that is mounted read-only."""


@contextmanager
def writable_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder from which writing can be taken away."""
    if os.geteuid() == 0:
        with small_disk(8) as disk:
            yield disk
    else:
        yield tmp_path


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody writes into the folder."""
    if os.geteuid() == 0:
        _remount(folder, "ro")
        yield
        _remount(folder, "rw")
        return
    files = [folder, *folder.iterdir()]
    modes = [file.stat().st_mode for file in files]
    for file, mode in zip(files, modes, strict=True):
        file.chmod(mode & ~0o222)
    yield
    for file, mode in zip(files, modes, strict=True):
        file.chmod(mode)


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["/bin/mount", "-o", f"remount,{how}", str(folder)], check=True)


def _refused(config: LedgerConfig) -> str:
    """The code with which opening or posting fails."""
    with pytest.raises(LedgerError) as caught:
        _post_in(config)
    return caught.value.code


def _post_in(config: LedgerConfig) -> None:
    ledger = Ledger.open(config, clock=SetClock())
    try:
        list(ledger.post([worker(7), post("FundSurrendered", region=REGION, amount_fen=1)]))
    finally:
        ledger.close()


@pytest.mark.skipif(not MAY_TAKE_AWAY_WRITING, reason="root, and mounting is forbidden here")
def test_a_ledger_in_a_read_only_folder_is_told_as_such(tmp_path: Path) -> None:
    with writable_folder(tmp_path) as folder:
        config = LedgerConfig(f"sqlite:///{folder / 'ledger.db'}")
        ledger = Ledger.create(config, clock=SetClock())
        list(ledger.post(founding()))
        ledger.close()
        before = sorted(folder.iterdir())

        with read_only(folder):
            assert _refused(config) == "storage_read_only"
            assert sorted(folder.iterdir()) == before
        again = Ledger.open(config)
        assert again.position() == len(FOUNDED)
        assert again.verify().findings == []
        again.close()


@pytest.mark.skipif(not MAY_TAKE_AWAY_WRITING, reason="root, and mounting is forbidden here")
def test_a_ledger_on_a_read_only_disk_is_checked_in_a_copy(tmp_path: Path) -> None:
    with writable_folder(tmp_path) as folder:
        config = LedgerConfig(f"sqlite:///{folder / 'ledger.db'}")
        ledger = Ledger.create(config, clock=SetClock())
        list(ledger.post(founding()))
        ledger.close()
        with read_only(folder), Store.opened_copy(config) as store:
            assert store.position() == len(FOUNDED)
            assert store.check() == []
            assert store.verify().findings == []
        again = Ledger.open(config)
        assert again.position() == len(FOUNDED)
        again.close()


def test_a_store_that_changes_while_it_is_copied_is_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = LedgerConfig(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger = Ledger.create(config, clock=SetClock())
    list(ledger.post(founding()))
    copyfile = shutil.copyfile
    left = [2]

    def copy_while_somebody_posts(source: str, target: str) -> None:
        copyfile(source, target)
        if left[0]:
            left[0] -= 1
            list(ledger.post([worker(90 + left[0])]))

    monkeypatch.setattr(shutil, "copyfile", copy_while_somebody_posts)
    with Store.opened_copy(config) as store:
        assert store.position() == len(FOUNDED) + 2
        assert store.check() == []
    left[0] = 1_000
    with pytest.raises(LedgerError) as caught, Store.opened_copy(config):
        pass
    assert caught.value.code == "busy"
    ledger.close()


@pytest.mark.skipif(not MAY_TAKE_AWAY_WRITING, reason="root, and mounting is forbidden here")
def test_no_ledger_is_made_in_a_read_only_folder(tmp_path: Path) -> None:
    with writable_folder(tmp_path) as folder, read_only(folder):
        with pytest.raises(LedgerError) as caught:
            Ledger.create(LedgerConfig(f"sqlite:///{folder / 'ledger.db'}"))
        assert caught.value.code == "storage_read_only"
        assert not list(folder.glob("ledger*"))


def test_a_role_that_may_not_write_is_told_so(postgres_url: str, tmp_path: Path) -> None:
    config = LedgerConfig(postgres_url, key_file=tmp_path / "key")
    ledger = Ledger.create(config, clock=SetClock())
    list(ledger.post(founding()))
    ledger.close()
    administrator = psycopg2.connect(postgres_url)
    administrator.autocommit = True
    with administrator.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON event FROM current_user")
        assert _refused(config) == "storage_read_only"
        cursor.execute("GRANT INSERT ON event TO current_user")
    administrator.close()
    again = Ledger.open(config)
    assert again.position() == len(FOUNDED)
    again.close()
