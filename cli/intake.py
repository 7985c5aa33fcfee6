"""Files of postings and of lines, read as a stream of bytes, one JSON object a line.

The file is never held whole. A byte order mark, CRLF, empty lines and a last line without its end
are accepted; what is wrong with a line is found where the line is judged, under its number in the
file. Line numbers count from 1.
"""

import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from cli.messages import N_
from ledger.kernel.errors import LedgerError

STDIN: Final = "-"
MAX_LINE: Final = 64 * 1024 * 1024
"""Longest line in bytes; the form of postings allows no longer one."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BLANK: Final = b" \t\r\n"


@dataclass
class Source:
    """An open file of lines.

    Attributes:
        name: As the user named it, for messages.
        stream: Where the bytes come from.
        size: Bytes of a regular file, None for a pipe.
        read: Bytes read so far.
        line: Number of the last line read.
        stopped: Set from outside: give out no further line.
        waiting: Whether it waits for input now.
        ended: Whether its end was reached.
    """

    name: str
    stream: IO[bytes]
    size: int | None = None
    read: int = 0
    line: int = 0
    stopped: bool = False
    waiting: bool = False
    ended: bool = False
    numbers: deque[int] = field(default_factory=deque)

    def lines(self) -> Iterator[bytes]:
        """Give out the lines that hold something, without their ends.

        The number of each goes into ``numbers``, for whoever takes the answers in turn.

        Raises:
            LedgerError: ``file_unreadable`` or ``bad_encoding``.
        """
        while not self.stopped:
            line = self._next()
            if not line:
                self.ended = True
                return
            self.line += 1
            self.read += len(line)
            if self.line == 1:
                if line.startswith(_UTF16):
                    raise LedgerError("bad_encoding", file=self.name, problem="UTF-16")
                line = line.removeprefix(_BOM)
            line = line.strip(_BLANK)
            if line:
                self.numbers.append(self.line)
                yield line

    def _next(self) -> bytes:
        """Read one line. Of one that is too long only so much that its form is refused."""
        self.waiting = True
        try:
            line = self.stream.readline(MAX_LINE + 2)
            if len(line) > MAX_LINE + 1 and not line.endswith(b"\n"):
                while rest := self.stream.readline(MAX_LINE):
                    self.read += len(rest)
                    if rest.endswith(b"\n"):
                        break
        except OSError as error:
            problem = os.strerror(error.errno) if error.errno else ""
            raise LedgerError("file_unreadable", file=self.name, problem=problem) from error
        finally:
            self.waiting = False
        return line


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """Open a file of lines, or stdin for ``-``.

    Raises:
        LedgerError: ``no_file`` or ``file_unreadable``; ``empty_file`` for one without a byte.
    """
    if name == STDIN:
        yield Source("<stdin>", sys.stdin.buffer)
        return
    path = Path(name)
    try:
        stream = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise LedgerError("no_file", file=name) from None
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        problem = os.strerror(number) if number else N_("it is not the name of a file")
        raise LedgerError("file_unreadable", file=name, problem=problem) from error
    with stream:
        size = None
        with suppress(OSError):
            size = os.fstat(stream.fileno()).st_size if path.is_file() else None
        if size == 0:
            raise LedgerError("empty_file", file=name)
        yield Source(name, stream, size)


@dataclass(frozen=True)
class BadRow:
    """Something wrong with a row of a file that people or programs filled in.

    Attributes:
        row: Number of the line in the file.
        column: Name of the field, or empty.
        code: What is wrong, a code of the catalogue.
        facts: What the message may show.
    """

    row: int
    column: str
    code: str
    facts: dict[str, Any]


class BadRowsError(LedgerError):
    """A file of lines with rows that are not well formed; nothing of it was posted."""

    def __init__(self, name: str, rows: list[BadRow]) -> None:
        super().__init__(rows[0].code, file=name, **rows[0].facts)
        self.name = name
        self.rows = rows


@dataclass
class Rows:
    """The lines of a document as they stand in a file.

    Attributes:
        objects: The JSON object of each line.
        numbers: Its number in the file.
    """

    objects: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def read_rows(name: str) -> tuple[Rows, list[BadRow]]:
    """Read the lines of a document: the rows, and those that are no JSON object.

    Raises:
        LedgerError: as ``opened``.
    """
    from ledger.domain.form import BadForm, parse_json  # noqa: PLC0415 - not for --help

    rows, bad = Rows(), []
    with opened(name) as source:
        for text in source.lines():
            number = source.numbers.popleft()
            try:
                rows.objects.append(parse_json(text))
                rows.numbers.append(number)
            except BadForm as error:
                first = error.problems[0]
                facts = {"field": first.field, "problem": first.problem}
                bad.append(BadRow(number, "", first.code, facts))
    if not rows.objects and not bad:
        raise LedgerError("empty_file", file=name)
    return rows, bad


def read_whole(name: str, longest: int = MAX_LINE) -> bytes:
    """Read a small file, or stdin for ``-``; of a longer one only so much that it is refused.

    Raises:
        LedgerError: as ``opened``.
    """
    with opened(name) as source:
        return source.stream.read(longest + 1)
