"""Witnesses as programs of their own, on this machine."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.conftest import CONSOLE, clean_environment


@dataclass(frozen=True)
class Serving:
    """A witness that serves: its process and its address."""

    process: "subprocess.Popen[str]"
    url: str


@contextmanager
def serving(store: Path) -> Iterator[Serving]:
    """Start a witness; whatever becomes of the test, it ends."""
    words = [str(CONSOLE), "witness", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=clean_environment(),
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            yield Serving(server, server.stdout.readline().strip())
        finally:
            server.kill()
