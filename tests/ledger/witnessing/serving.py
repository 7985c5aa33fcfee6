"""Witnesses that serve: in this process, and what they answer."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ledger.witnessing.server import WitnessServer
from ledger.witnessing.witness import Witness


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    """Serve a witness on a free port of this machine."""
    with WitnessServer(("127.0.0.1", 0), witness, lambda _status, _said: None) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


class Answered(NamedTuple):
    """What a server answered."""

    status: int
    kind: str
    body: bytes


def asked(url: str, body: bytes, path: str = "/add-checkpoint", method: str = "POST") -> Answered:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return Answered(answer.status, answer.getheader("Content-Type", ""), answer.read())


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """Serve the files of a folder as any web server does."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
