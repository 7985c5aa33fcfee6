"""A disk that is full: a clear error, the open group gone, the groups before it kept."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import Engine, event, make_url

from ledger import service
from ledger.kernel.codes import CODES, EXIT_RUN_AGAIN
from ledger.kernel.errors import LedgerError
from ledger.service import Answer, Ledger, LedgerConfig
from tests import postgres_server
from tests.drills.comparing import assert_whole
from tests.drills.small_disks import can_mount, small_disk
from tests.drills.town import FOUNDED, REGION, Posting, SetClock, founding, post, worker

POSTINGS: Final = 400
GROUP: Final = 20


def _postings() -> list[Posting]:
    """Each with a note as long as a note may be."""
    return [
        post("InterestCredited", region=REGION, amount_fen=1, note="长" * 500)
        for _ in range(POSTINGS)
    ]


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", GROUP)


def founded(config: LedgerConfig) -> Ledger:
    """A ledger in which the town stands."""
    ledger = Ledger.create(config, clock=SetClock())
    assert {answer.status for answer in ledger.post(founding())} == {"recorded"}
    return ledger


def fails_and_goes_on(ledger: Ledger, full: AbstractContextManager[None]) -> None:
    """Post until the disk is full; then make room and post the same file again."""
    postings = _postings()
    answered: list[Answer] = []
    with full:
        with pytest.raises(LedgerError) as caught:
            answered.extend(answer for answer in ledger.post(postings))
        assert caught.value.code == "storage_full"
        assert CODES["storage_full"].exit_status == EXIT_RUN_AGAIN
        assert 0 < len(answered) < POSTINGS
        assert len(answered) % GROUP == 0
        assert ledger.position() == len(FOUNDED) + len(answered)
    again = list(ledger.post(postings))
    statuses = ["duplicate"] * len(answered) + ["recorded"] * (POSTINGS - len(answered))
    assert [answer.status for answer in again] == statuses
    assert_whole(ledger)


# -- SQLite -------------------------------------------------------------------


@contextmanager
def few_pages(engine: Engine, more: int) -> Iterator[None]:
    """No file of this engine grows by more than so many pages."""

    def limit(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's own
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + more}")

    event.listen(engine, "connect", limit)
    engine.dispose()
    yield
    event.remove(engine, "connect", limit)
    engine.dispose()


@pytest.mark.drill
@pytest.mark.usefixtures("small_groups")
def test_an_sqlite_file_that_cannot_grow_keeps_what_was_answered(
    sqlite_url: str, tmp_path: Path
) -> None:
    ledger = founded(LedgerConfig(sqlite_url, key_file=tmp_path / "key"))
    fails_and_goes_on(ledger, few_pages(ledger.engine, 100))
    ledger.close()


@pytest.mark.drill
def test_a_vault_that_cannot_grow_keeps_its_group_out_of_the_log(
    sqlite_url: str, tmp_path: Path
) -> None:
    ledger = founded(LedgerConfig(sqlite_url, key_file=tmp_path / "key"))
    crowd = [worker(number, on="2025-03-01") for number in range(100, 300)]
    with few_pages(ledger.vault.engine, 0):
        with pytest.raises(LedgerError) as caught:
            list(ledger.post(crowd))
        assert caught.value.code == "storage_full"
        assert ledger.position() == len(FOUNDED)
    assert {answer.status for answer in ledger.post(crowd)} == {"recorded"}
    assert_whole(ledger)
    ledger.close()


@contextmanager
def ballast(disk: Path, left_bytes: int) -> Iterator[None]:
    """Fill the disk but for a little; afterwards there is room again."""
    weight = disk / "ballast"
    found = os.statvfs(disk)
    with weight.open("wb", buffering=0) as file:
        file.write(b"\0" * (found.f_bavail * found.f_frsize - left_bytes))
    yield
    weight.unlink()


@contextmanager
def tables_on(disk: Path, url: str) -> Iterator[str]:
    """A database whose tables lie on a disk of their own, beside that of a URL; its URL."""
    parsed = make_url(url)
    host = str(parsed.query["host"])
    folder = disk / "tables"
    folder.mkdir()
    os.chown(folder, Path(host).stat().st_uid, -1)
    administrator = psycopg2.connect(host=host, port=parsed.port, user="postgres")
    administrator.autocommit = True
    names = {"name": sql.Identifier(f"{parsed.database}_small"),
             "owner": sql.Identifier(parsed.username or ""),
             "space": sql.Identifier(f"{parsed.database}_space")}  # fmt: skip

    def run(statement: str) -> None:
        with administrator.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(**names, folder=sql.Literal(str(folder))))

    run("CREATE TABLESPACE {space} LOCATION {folder}")
    run("CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 TABLESPACE {space}")
    try:
        yield parsed.set(database=f"{parsed.database}_small").render_as_string()
    finally:
        run("DROP DATABASE {name} WITH (FORCE)")
        run("DROP TABLESPACE {space}")
        administrator.close()


if can_mount():

    @pytest.mark.drill
    @pytest.mark.usefixtures("small_groups")
    def test_a_full_disk_under_sqlite_keeps_what_was_answered(tmp_path: Path) -> None:
        with small_disk(12) as disk:
            config = LedgerConfig(f"sqlite:///{disk / 'ledger.db'}", key_file=tmp_path / "key")
            ledger = founded(config)
            fails_and_goes_on(ledger, ballast(disk, 400_000))
            ledger.close()


if can_mount() and postgres_server.EXTERNAL_VARIABLE not in os.environ:

    @pytest.mark.drill
    @pytest.mark.usefixtures("small_groups")
    def test_a_full_disk_under_postgresql_keeps_what_was_answered(
        postgres_url: str, tmp_path: Path
    ) -> None:
        with small_disk(40) as disk, tables_on(disk, postgres_url) as url:
            ledger = founded(LedgerConfig(url, key_file=tmp_path / "key"))
            fails_and_goes_on(ledger, ballast(disk, 300_000))
            ledger.close()


# -- PostgreSQL, also for those who may not mount -----------------------------


@contextmanager
def refusing(engine: Engine, after: int) -> Iterator[None]:
    """The server says that its disk is full when the log holds more than so many events."""
    raw: Any = engine.raw_connection()
    with raw.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.position > {after} THEN"
            " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF;"
            " RETURN NEW; END $$;"
            " CREATE TRIGGER full_disk BEFORE INSERT ON event"
            " FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        raw.commit()
        yield
        cursor.execute("DROP FUNCTION full_disk CASCADE")
        raw.commit()
    raw.close()


@pytest.mark.drill
@pytest.mark.usefixtures("small_groups")
def test_a_server_that_says_disk_full_keeps_what_was_answered(
    postgres_url: str, tmp_path: Path
) -> None:
    ledger = founded(LedgerConfig(postgres_url, key_file=tmp_path / "key"))
    fails_and_goes_on(ledger, refusing(ledger.engine, len(FOUNDED) + 110))
    ledger.close()
