"""Sending postings through the one door, for the bulk file and for single commands alike.

Ctrl-C stops handing out lines: the group at work is finished or, for an atomic file, rolled back,
and what was recorded is said. A second Ctrl-C breaks off at once; the database rolls back.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from cli.intake import Source

if TYPE_CHECKING:
    from ledger.service import Answer, Ledger, Poster


class Interrupt:
    """What Ctrl-C does while postings are recorded.

    Attributes:
        came: Whether the user asked to stop.
    """

    def __init__(self, source: Source, *, whole: bool) -> None:
        self.came = False
        self._source = source
        self._whole = whole

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """Stop at the next line; at once when asked again, or while waiting for input."""
        if self.came or self._whole or self._source.waiting:
            self.came = True
            raise KeyboardInterrupt
        self.came = True
        self._source.stopped = True


@contextmanager
def stopping(source: Source, *, whole: bool) -> Iterator[Interrupt]:
    """Let Ctrl-C stop a source.

    Args:
        source: Where the postings come from.
        whole: All or none: nothing may be recorded of a part.
    """
    interrupt = Interrupt(source, whole=whole)
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def ending_at_interrupt(source: Source, *, whole: bool) -> Iterator[bytes]:
    """The lines of a source; an interrupt while it waits for input is its end."""
    try:
        yield from source.lines()
    except KeyboardInterrupt:
        if whole:
            raise


def post_one(
    ledger: "Ledger", posting: dict[str, Any], *, poster: "Poster | None", dry_run: bool
) -> "Answer":
    """Post a single posting."""
    (answer,) = ledger.post([posting], poster=poster, dry_run=dry_run)
    return answer
