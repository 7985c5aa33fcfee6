"""A line to the database that can be cut at the worst moment: around a COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from sqlalchemy import make_url

Moment = Literal["before", "after"]

_CHUNK: Final = 65_536


class CutLine:
    """Passes bytes on, until told to cut: before the server hears COMMIT, or right after.

    ``before``: the COMMIT is lost on its way. ``after``: the server gets it, and its answer is
    lost. Either way the client only sees that its connection is gone.
    """

    def __init__(self, url: str) -> None:
        """Stand between a client and the server behind ``url``."""
        parsed = make_url(url)
        host = parsed.query.get("host", parsed.host or "127.0.0.1")
        self._server = str(host), parsed.port or 5432
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        plain = parsed.set(host="127.0.0.1", port=port, query={})
        self.url = plain.render_as_string()
        self._moment: Moment | None = None
        self.cuts = 0

    def cut(self, moment: Moment) -> None:
        """Cut at the next COMMIT; afterwards the line holds again."""
        self._moment = moment

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._connect()
            for pump in (self._to_server, self._to_client):
                threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _connect(self) -> socket.socket:
        host, port = self._server
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port))

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        while data := _receive(client):
            moment = self._moment if b"COMMIT\0" in data else None
            if moment is not None:
                self._moment = None
                self.cuts += 1
            if moment == "before":
                break
            if moment == "after":
                _hang_up(client)
                server.sendall(data)
                return  # the server's answer will find nobody there, and that line ends too
            server.sendall(data)
        _hang_up(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        while data := _receive(server):
            try:
                client.sendall(data)
            except OSError:
                break
        _hang_up(client, server)


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(_CHUNK)
    except OSError:
        return b""


def _hang_up(*lines: socket.socket) -> None:
    for line in lines:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        line.close()


@contextmanager
def cut_line(url: str) -> Iterator[CutLine]:
    """Serve a line to the server behind a URL."""
    line = CutLine(url)
    serving = threading.Thread(target=line.serve, daemon=True)
    serving.start()
    try:
        yield line
    finally:
        line.close()
        serving.join()
