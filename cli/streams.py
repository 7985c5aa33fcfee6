r"""Standard streams that never fail on a character that the terminal cannot show.

A GBK terminal knows most Chinese characters but not all, a C locale may know none. What cannot be
shown is written as an escape (``\u8d26``), so that nothing is lost and nothing stops.
"""

import io
import os
import sys
from typing import Final, TextIO

ESCAPES: Final = "backslashreplace"
_CHINESE: Final = "账"


def prepare() -> None:
    """Let the standard streams escape what they cannot write."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPES)


def is_unicode(stream: TextIO) -> bool:
    """Tell whether a stream can write every character."""
    return (stream.encoding or "").replace("-", "").replace("_", "").lower() in {
        "utf8",
        "utf8sig",
        "utf16",
        "utf32",
    }


def shows_chinese(stream: TextIO) -> bool:
    """Tell whether a stream can write Chinese at all."""
    try:
        _CHINESE.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person sits before a stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def discard_output() -> None:
    """Point stdout to nowhere: its reader is gone, and flushing it at exit would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    finally:
        os.close(nowhere)
