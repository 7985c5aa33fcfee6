"""Files that hold names and cards: for their owner alone, whole or not at all.

Written beside their place with mode 600 and renamed there; a file that was there before stays as
it was until then, and afterwards is no longer readable for others either.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from cli.messages import N_
from cli.streams import is_terminal
from ledger.kernel.errors import LedgerError

STDOUT: Final = "-"


@contextmanager
def written_privately(name: str) -> Iterator[IO[bytes]]:
    """Open a private file to write; it appears under its name when the block ends well.

    Args:
        name: Path, or ``-`` for a pipe on standard output; a terminal is refused, since what it
            shows stays in its history.

    Raises:
        LedgerError: ``output_unwritable`` or ``bad_option``.
    """
    if name == STDOUT:
        if is_terminal(sys.stdout):
            raise LedgerError("bad_option", option="-o", problem=_NO_TERMINAL)
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    with _translated(name):
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise LedgerError("output_unwritable", file=name, problem=_NO_FILE)
        handle, aside_name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=".part"
        )
    aside = Path(aside_name)
    try:
        with _translated(name), os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(handle)
        with _translated(name):
            aside.replace(target)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = os.strerror(error.errno) if error.errno else N_("it cannot be written")
        raise LedgerError("output_unwritable", file=name, problem=problem) from error


_NO_TERMINAL: Final = N_("names and cards are not shown on a terminal; name a file")
_NO_FILE: Final = N_("it is no file")
