"""Files that hold names and cards: for their owner alone, whole or not at all.

Written beside their place with mode 600 and renamed there (``cli.aside``); a file that was there
before stays as it was until then, and afterwards is no longer readable for others either.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from cli.aside import bytes_aside
from cli.messages import N_
from cli.streams import is_terminal
from ledger.kernel.errors import LedgerError

STDOUT: Final = "-"

_NO_TERMINAL: Final = N_("names and cards are not shown on a terminal; name a file")
_NO_FILE: Final = N_("it is no file")


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
    if path.exists() and not path.is_file():  # a device keeps nothing private
        raise LedgerError("output_unwritable", file=name, problem=_NO_FILE)
    with bytes_aside(path, private=True) as stream:
        yield stream
