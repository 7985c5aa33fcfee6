"""A witness as a server: one path, small bodies, little time, no words about its inside."""

import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from ledger.kernel.errors import LedgerError
from ledger.witnessing.protocol import ADD_CHECKPOINT, MAX_BODY, SIZE_TYPE, STATUSES, Request
from ledger.witnessing.witness import Witness

_SECONDS: Final = 10.0
"""How long a request may take from its connection to its answer."""
_CONNECTIONS: Final = 32
"""How many are served at once; more are turned away."""
_TEXT: Final = "text/plain; charset=utf-8"

Told = Callable[[int, str], None]


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness until ``shutdown``.

    Answers that are being made when it ends are finished first.
    """

    daemon_threads = False
    block_on_close = True

    def __init__(self, address: tuple[str, int], witness: Witness, told: Told) -> None:
        """Listen.

        Args:
            address: Host and port; port 0 for any that is free.
            witness: Who signs.
            told: Called with the status of each answer and the code of what was refused.

        Raises:
            OSError: nothing can listen there.
        """
        self.witness = witness
        self.told = told
        self._free = threading.BoundedSemaphore(_CONNECTIONS)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base
        """Serve in a thread of its own, if there are not too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base
        """Serve one connection, for a limited time."""
        limit = threading.Timer(_SECONDS, _cut, (request,))
        limit.daemon = True
        limit.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            limit.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base
        """A connection that broke is the other side's matter."""


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    server_version = "wageledger-witness"
    sys_version = ""
    timeout = _SECONDS

    def do_POST(self) -> None:
        """Answer ``/add-checkpoint``."""
        if self.path != f"/{ADD_CHECKPOINT}":
            self._answer(HTTPStatus.NOT_FOUND, "not found\n", said="not found")
            return
        body = self._body()
        if body is None:
            return
        try:
            signature = self.server.witness.cosign(*_asked(body))
        except LedgerError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001 - nothing of the inside goes out
            said = type(error).__name__
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected\n", said=said)
        else:
            self._answer(HTTPStatus.OK, signature.encode())

    def _body(self) -> bytes | None:
        """Read the body; None where it was refused."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self._answer(HTTPStatus.LENGTH_REQUIRED, "no length\n", said="no length")
            return None
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large\n", said="too large")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self._answer(HTTPStatus.BAD_REQUEST, "cut off\n", said="cut off")
            return None
        return body

    def _refuse(self, error: LedgerError) -> None:
        status = STATUSES.get(error.code, HTTPStatus.INTERNAL_SERVER_ERROR)
        if status == HTTPStatus.CONFLICT:
            self._answer(status, f"{error.facts['count']}\n", SIZE_TYPE, said=error.code)
        else:
            self._answer(status, f"{error.code}\n", said=error.code)

    def _answer(self, status: int, text: str, kind: str = _TEXT, said: str = "") -> None:
        self.server.told(int(status), said)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base
        """Say nothing: ``told`` does, and what a stranger sends does not reach a terminal."""


def _asked(body: bytes) -> tuple[bytes, int, tuple[bytes, ...]]:
    request = Request.parse(body)
    return request.checkpoint, request.old, request.proof
