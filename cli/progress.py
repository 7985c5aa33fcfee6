"""A progress bar on stderr for long work: rows, rows a second, time left.

It appears after about a second and only where a person watches: never in a pipe, never with
``--quiet``. The share done is known where a size is known: bytes of a file, positions of a log.
"""

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

from cli.messages import _
from cli.streams import is_terminal
from cli.widths import cut

_DELAY_SECONDS: Final = 1.0
_INTERVAL_SECONDS: Final = 0.1
_BAR: Final = 24
_MINUTE: Final = 60
_HOUR: Final = 3600


class Progress:
    """What was done so far, shown while it goes on.

    Use it as a context manager; the bar is wiped away at the end, so that the screen shows the
    answer alone.
    """

    def __init__(self, total: int | None = None, *, quiet: bool = False) -> None:
        """Begin.

        Args:
            total: The whole of the work, in the unit in which ``advance`` tells what is done;
                None where nobody knows.
            quiet: Never show anything.
        """
        self.total = total
        self.rows = 0
        self.done = 0
        self._shown = not quiet and is_terminal(sys.stderr)
        self._began = time.monotonic()
        self._next = self._began + _DELAY_SECONDS
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.wipe()

    def advance(self, rows: int = 1, done: int = 0) -> None:
        """Count finished rows, and how much of the whole they are."""
        self.rows += rows
        self.done += done
        if self._shown and time.monotonic() >= self._next:
            self._draw()

    def reach(self, done: int, total: int) -> None:
        """Say how much is done of how much, where the work itself counts both."""
        self.total = total
        self.advance(done - self.done, done - self.done)

    def wipe(self) -> None:
        """Take the bar off the screen."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def _draw(self) -> None:
        now = time.monotonic()
        self._next = now + _INTERVAL_SECONDS
        line = self.line(now - self._began)
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{cut(line, room, ellipsis='')}")
        sys.stderr.flush()
        self._drawn = True

    def line(self, seconds: float) -> str:
        """The bar as it looks after some seconds of work."""
        rate = self.rows / seconds if seconds else 0.0
        counted = _("{rows} rows, {rate} a second").format(
            rows=f"{self.rows:,}", rate=f"{rate:,.0f}"
        )
        if not self.total:
            return counted
        share = min(1.0, self.done / self.total)
        bar = f"[{'#' * int(_BAR * share):.<{_BAR}}]"
        left = seconds * (1 - share) / share if share else 0.0
        return _("{bar} {share} {counted}, {left} left").format(
            bar=bar, share=f"{share:4.0%}", counted=counted, left=duration(left)
        )


class Waiting:
    """The time that work takes which cannot say how far it is, where a person watches."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet and is_terminal(sys.stderr)
        self._over = threading.Event()
        self._ticking = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self._shown:
            self._ticking.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._shown:
            self._ticking.join()

    def _tick(self) -> None:
        began = time.monotonic()
        drawn = False
        while not self._over.wait(_DELAY_SECONDS):
            said = _("working, {time}", time=duration(time.monotonic() - began))
            sys.stderr.write(f"\r\x1b[K{said}")
            sys.stderr.flush()
            drawn = True
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def duration(seconds: float) -> str:
    """Write a time for people: ``42 s``, ``3:05``, ``1:02:03``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes}:{rest:02}"
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}"
