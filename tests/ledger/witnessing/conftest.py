"""A witness of one's own, and a log that it trusts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ledger.proof.schemes import ED25519_COSIGNATURE
from ledger.witnessing.witness import Witness
from tests.ledger.witnessing.logs import Log
from tests.ledger.witnessing.serving import served


@pytest.fixture
def log() -> Log:
    return Log.of(5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def witness(folder: Path, log: Log) -> Witness:
    made, _is_new = Witness.create(folder, "witness.example.org/one", ED25519_COSIGNATURE)
    made.trust(log.key.verifier)
    return made


@pytest.fixture
def serving() -> Iterator[Callable[[Witness], str]]:
    """Serve witnesses in this process, and end with the test."""
    with ExitStack() as stack:
        yield lambda witness: stack.enter_context(served(witness))
