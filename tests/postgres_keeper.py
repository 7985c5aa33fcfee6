"""The process that starts a PostgreSQL server for the tests and holds it until they end.

`python -m tests.postgres_keeper FOLDER` makes a cluster in the folder, starts it, writes
`ready.json` (or `failed.txt`) there, waits until its standard input closes, stops the server and
removes the folder.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql

from tests.postgres_server import (
    FAILED,
    FSYNC_VARIABLE,
    READY,
    STARTING_SECONDS,
    Binaries,
    Server,
    ServerUnavailableError,
    find_binaries,
    open_to_all,
)

ROLE: Final = "wageledger"
"""The role of the tests: it may create databases and roles, but no grant is void for it."""

_OWN_ROLES_NEED_A_GRANT: Final = 16_00_00
"""Since PostgreSQL 16 who creates a role may act as it only after a grant."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account that the server runs as; all None means our own."""

    name: str = "this account"
    user: int | None = None
    group: int | None = None
    extra_groups: tuple[int, ...] | None = None


def keep(directory: Path) -> None:
    """Start a server in `directory`, say so there, and hold it until standard input closes."""
    try:
        with _running(directory) as server:
            _write_aside(directory / READY, json.dumps(asdict(server)))
            sys.stdin.buffer.read()
    except (ServerUnavailableError, OSError, subprocess.SubprocessError, psycopg2.Error) as error:
        _write_aside(directory / FAILED, f"PostgreSQL did not start: {error}")
        sys.stdin.buffer.read()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _running(directory: Path) -> Iterator[Server]:
    binaries = find_binaries()
    account = _account()
    if account.user is not None and account.group is not None:
        binaries = _readable_by_all(binaries, directory)
        os.chown(directory, account.user, account.group)
    data, log = directory / "data", directory / "log"
    _call(
        account,
        log,
        str(binaries.folder / "initdb"),
        *("-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
        "--no-sync",
        "--no-instructions",
    )
    fsync = os.environ.get(FSYNC_VARIABLE, "on")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                str(binaries.folder / "postgres"),
                *("-D", str(data), "-k", str(directory)),
                *("-c", "listen_addresses=", "-c", f"fsync={fsync}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=directory,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    try:
        version = _create_role(process, directory, log)
        yield Server(
            url=f"postgresql://{ROLE}@/postgres?host={directory}",
            how=f"PostgreSQL {version}, {binaries.label}, as {account.name}, fsync={fsync}",
        )
    finally:
        _stop(process)


def _create_role(process: "subprocess.Popen[bytes]", directory: Path, log: Path) -> str:
    """Wait until the server answers, create the tests' role, and return the server's version."""
    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            connection = psycopg2.connect(f"postgresql://postgres@/postgres?host={directory}")
            break
        except psycopg2.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerUnavailableError(_tail(log)) from error
            time.sleep(0.05)
    with contextlib.closing(connection):
        connection.autocommit = True
        cursor = connection.cursor()
        role = sql.Identifier(ROLE)
        cursor.execute(sql.SQL("create role {} login createdb createrole").format(role))
        if connection.server_version >= _OWN_ROLES_NEED_A_GRANT:
            grant = "alter role {} set createrole_self_grant to 'set, inherit'"
            cursor.execute(sql.SQL(grant).format(role))
        return str(connection.info.parameter_status("server_version"))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop one server by its process id: politely, then at once."""
    for stop in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(stop)  # does nothing once it has ended
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
        return


def _account() -> Account:
    """Our own account, or for root another one: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    for name in ("nobody", "daemon"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name=name, user=entry.pw_uid, group=entry.pw_gid, extra_groups=())
    message = "PostgreSQL does not run as root, and there is neither nobody nor daemon to run it"
    raise ServerUnavailableError(message)


def _readable_by_all(binaries: Binaries, directory: Path) -> Binaries:
    """The binaries themselves, or a copy where a closed folder (such as /root) hides them."""
    if binaries.home is None or open_to_all(binaries.folder):
        return binaries
    shared_objects = binaries.home.with_name(f"{binaries.home.name}.libs")
    for tree in (binaries.home, shared_objects):  # the binaries look for their libraries beside
        if tree.exists():
            shutil.copytree(tree, directory / tree.name)
    copy = directory / binaries.home.name
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return Binaries(folder=copy / "pginstall/bin", label=binaries.label)


def _call(account: Account, log: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=STARTING_SECONDS,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    log.write_text(done.stdout + done.stderr, "utf-8")
    if done.returncode:
        message = f"{command[0]} exited with {done.returncode}: {_tail(log)}"
        raise ServerUnavailableError(message)


def _tail(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:]


def _write_aside(path: Path, text: str) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text, "utf-8")
    aside.replace(path)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
