"""A line to PostgreSQL on which a COMMIT is lost, answered in vain, or arrives too late."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Final, Literal

from sqlalchemy import make_url

Fate = Literal["lost", "answer lost", "late", "given up late", "no way back"]

LATE_SECONDS: Final = 0.6
_COMMIT: Final = b"COMMIT\0"
_CHUNK: Final = 65_536


class LateLine:
    """Passes bytes on; cuts the client off at the next COMMIT once it has a fate for it.

    ``lost``: it never arrives. ``answer lost``: it arrives, its answer does not come back.
    ``late``: the server gets it when the client has long been asking. ``given up late``: the
    server waits as long, and is then left alone. ``no way back``: it arrives, and no new
    connection is taken any more.

    Attributes:
        fate: What becomes of the next COMMIT; None once it has happened.
        cuts: How many clients were cut off.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        host = str(parsed.query.get("host", parsed.host or "127.0.0.1"))
        self._server = host, parsed.port or 5432
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = parsed.set(host="127.0.0.1", port=port, query={}).render_as_string()
        self.fate: Fate | None = None
        self.cuts = 0
        self._sockets = [self._listener]
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Begin to take connections."""
        self._start(self._take)

    def refuse(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        self.refuse()
        _hang_up(*self._sockets)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, task: object, *given: socket.socket) -> None:
        thread = threading.Thread(target=task, args=given, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _take(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._connect()
            self._sockets += [client, server]
            self._start(self._to_server, client, server)
            self._start(self._to_client, client, server)

    def _connect(self) -> socket.socket:
        host, port = self._server
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(client):
            fate = self.fate if _COMMIT in data else None
            if fate is None:
                if not _sent(server, data):
                    break
                continue
            self.fate = None
            self.cuts += 1
            if fate == "no way back":
                self.refuse()
            if fate in {"answer lost", "no way back"}:
                _sent(server, data)
            _hang_up(client)
            if fate in {"late", "given up late"}:
                threading.Event().wait(LATE_SECONDS)
            if fate == "late":
                _sent(server, data)
            if fate in {"lost", "given up late"}:
                break
            return  # the other direction ends this line when the server has answered
        _hang_up(client, server)

    @staticmethod
    def _to_client(client: socket.socket, server: socket.socket) -> None:
        while data := _received(server):
            if not _sent(client, data):
                break
        _hang_up(client, server)


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(_CHUNK)
    except OSError:
        return b""


def _sent(line: socket.socket, data: bytes) -> bool:
    try:
        line.sendall(data)
    except OSError:
        return False
    return True


def _hang_up(*lines: socket.socket) -> None:
    for line in lines:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def late_line(url: str) -> Iterator[LateLine]:
    """Serve a line to the server behind a URL."""
    line = LateLine(url)
    line.open()
    try:
        yield line
    finally:
        line.close()
