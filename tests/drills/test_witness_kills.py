"""A witness that is killed again and again between storing and answering signs one history."""

import os
import signal
from pathlib import Path
from random import Random
from typing import Final

import pytest

from ledger.kernel.errors import LedgerError
from ledger.proof.schemes import ED25519_COSIGNATURE
from ledger.witnessing import memory
from ledger.witnessing.files import write_private
from ledger.witnessing.witness import Witness
from tests import counts
from tests.ledger.witnessing.logs import ORIGIN, Log

KILLS: Final = counts.runs(100)
POINTS: Final = ("before", "state aside", "state", "memory aside", "memory")


def _killed(folder: Path, log: Log, old: int, point: str) -> bool:
    """Cosign in a process that kills itself at a point; returns whether it answered."""
    pid = os.fork()
    if pid == 0:  # pragma: no cover - it is another process
        try:
            _die_at(point)
            Witness.open(folder).cosign(log.checkpoint(), old, log.proof(old))
        finally:
            os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    return not os.WIFSIGNALED(status)


def _die_at(point: str) -> None:
    """Arrange that this process dies at a point of writing."""
    write = write_private
    replace = Path.replace

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def writing(path: Path, content: bytes) -> None:
        if point == "before" and path.name == "state":
            die()
        write(path, content)
        if point == path.name:
            die()

    def replacing(self: Path, target: Path) -> Path:
        if point == f"{target.name} aside":
            die()
        return replace(self, target)

    vars(memory)["write_private"] = writing
    Path.replace = replacing  # type: ignore[method-assign,assignment]


@pytest.mark.drill
def test_a_killed_witness_never_signs_a_second_history(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    random = Random(counts.SEED)  # noqa: S311 - a drill
    log = Log()
    made, _is_new = Witness.create(folder, "witness", ED25519_COSIGNATURE)
    made.trust(log.key.verifier)
    log = log.grown(3)
    made.cosign(log.checkpoint(), 0, ())
    died = 0
    for number in range(KILLS):
        grown = log.grown(random.randint(1, 300))
        point = POINTS[number % len(POINTS)]
        assert not _killed(folder, grown, log.size, point)
        died += 1
        again = Witness.open(folder)
        seen = again.log(ORIGIN)
        was_stored = point in {"state", "memory aside", "memory"}
        assert (seen.size, seen.root) == (
            (grown.size, grown.root()) if was_stored else (log.size, log.root())
        )
        if was_stored:  # a log that heard no answer and shows another history gets none
            other = log.grown(grown.size - log.size, "other ")
            with pytest.raises(LedgerError) as caught:
                again.cosign(other.checkpoint(), other.size, ())
            assert caught.value.code == "two_histories"
        first = again.cosign(grown.checkpoint(), seen.size, grown.proof(seen.size))
        assert again.key.is_valid(_text(grown), first)
        assert Witness.open(folder).cosign(grown.checkpoint(), grown.size, ()) == first
        log = grown
    assert died == KILLS


def _text(log: Log) -> str:
    return log.checkpoint().decode().split("\n\n")[0] + "\n"
