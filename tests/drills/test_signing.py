"""Many programs sign one log, and are killed at it: no two signatures ever contradict each other.

Each program appends an event, signs, and says which size and root left. Whatever they said is
compared with the log's own bytes, hashed anew.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from ledger.eventlog.engine import open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import upgrade
from ledger.evidence import Evidence, KeyFile, Signer
from ledger.kernel.merkle import leaf_hash, root
from tests import REPOSITORY, counts

PROGRAMS: Final = 3
SIGNATURES: Final = counts.runs(60)
KILLS: Final = counts.runs(20)
STEPS: Final = ("before", "remember", "keep")
"""Killed before anything is written, after the memory is, and inside the transaction."""

PROGRAM: Final = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ledger.eventlog.engine import open_engine
from ledger.evidence import Evidence, KeyFile, Signer
from tests.ledger.eventlog.conftest import append

url, keys, name, count, step = sys.argv[1:]
engine = open_engine(url)
signer = Signer(Evidence(engine, "main"), KeyFile(Path(keys)))

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def and_killed(function):
    return lambda *given: (function(*given), killed())

for number in range(int(count)):
    append(engine, [f"{name}-{number}".encode()])
    if step and number == int(count) - 1:
        if step == "before":
            KeyFile.remember = killed
        elif step == "remember":
            KeyFile.remember = and_killed(KeyFile.remember)
        else:
            Signer._keep = and_killed(Signer._keep)
    signed = signer.sign(datetime.now(UTC))
    print(signed.size, signed.root.hex(), flush=True)
"""


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """An empty log."""
    opened = open_engine(ledger_url, create=True)
    upgrade(opened, [LOG])
    yield opened
    opened.dispose()


@pytest.fixture
def signer(engine: Engine, tmp_path: Path) -> Signer:
    """Whoever holds the log's key."""
    made = Signer(Evidence(engine, "main"), KeyFile(tmp_path / "city.log.key"))
    made.create(datetime.now(UTC))
    return made


def started(signer: Signer, url: str, name: str, count: int, step: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, url, str(signer.file.path), name, str(count), step]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def said(program: subprocess.Popen[str]) -> list[tuple[int, bytes]]:
    """Sizes and roots whose signatures left a program."""
    out, _ = program.communicate(timeout=300)
    pairs = [line.split() for line in out.splitlines()]
    return [(int(size), bytes.fromhex(node)) for size, node in pairs]


def assert_one_history(signer: Signer, signed: list[tuple[int, bytes]]) -> None:
    """Everything that was signed is a beginning of the log, and is remembered."""
    leaves = [leaf_hash(entry) for entry in signer.evidence.entries()]
    for size, node in signed:
        assert root(leaves[:size]) == node
    kept = {each.size: each.root for each in signer.evidence.checkpoints()}
    assert set(signed) <= set(kept.items())
    assert all(root(leaves[:size]) == node for size, node in kept.items())
    remembered = signer.file.signed(signer.evidence.origin())
    assert remembered is not None
    assert remembered.size >= max(kept, default=0)


@pytest.mark.drill
def test_programs_that_sign_at_once_sign_one_history(signer: Signer, ledger_url: str) -> None:
    with ExitStack() as stack:
        programs = [
            stack.enter_context(started(signer, ledger_url, f"p{number}", SIGNATURES, ""))
            for number in range(PROGRAMS)
        ]
        signed = [pair for program in programs for pair in said(program)]
        assert [program.returncode for program in programs] == [0] * PROGRAMS
    assert len(signed) == PROGRAMS * SIGNATURES
    assert_one_history(signer, signed)
    assert signer.evidence.size() == PROGRAMS * SIGNATURES


@pytest.mark.drill
@pytest.mark.parametrize("step", STEPS)
def test_a_program_killed_while_it_signs_hinders_nobody(
    signer: Signer, ledger_url: str, step: str
) -> None:
    signed: list[tuple[int, bytes]] = []
    for number in range(-(-KILLS // len(STEPS))):
        with started(signer, ledger_url, f"k{number}", 2, step) as program:
            signed += said(program)
        assert program.returncode == -9
        again = signer.sign(datetime.now(UTC))
        assert again is not None
        assert again.size == signer.evidence.size()
        signed.append((again.size, again.root))
    assert_one_history(signer, signed)
