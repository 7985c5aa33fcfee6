"""A camt file as turns: what the parser made whole, and runs of entries that needed no parser.

The parser is fed entry by entry until it stands just behind one, inside its statement. From there
on entries that are like an earlier one are taken by pattern, and only what does not fit is fed
again, with as many line ends as were left out, so that lines keep their numbers. A file that is not
UTF-8, or whose entries are seldom alike, goes through the parser as a whole.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from ledger.banking.alike import MOST_SHAPES, Model, model_of
from ledger.banking.camt_entry import Raw
from ledger.banking.problems import BankFileError
from ledger.banking.xml_stream import Containers, Root, Round, is_utf8, pieces, rounds

PIECE: Final = 256 * 1024
"""Characters that are looked at together."""

_PATIENCE: Final = 64
"""After so many entries that fitted no pattern in vain, no pattern is tried any more."""

_ENTRY: Final = "Ntry"
_CLOSED: Final = re.compile(r"</(?:[^\s<>/:]+:)?Ntry\s*>")
_OPENED: Final = re.compile(r"<(?:[^\s<>/:!?]+:)?Ntry[\s>]")

Turn = Round | list[Raw]


def turns(path: Path, root: Root, names: tuple[str, ...], *, parties: bool) -> Iterator[Turn]:
    """Read a camt file in order: rounds of the parser, and runs of alike entries.

    Raises:
        BankFileError: as ``rounds``.
    """
    if not is_utf8(path):
        yield from rounds(path, root, names)
        return
    with path.open("rb") as stream:
        yield from _Stream(stream, root, names, parties=parties).turns()


class _Stream:
    """Reads one file."""

    def __init__(
        self, stream: IO[bytes], root: Root, names: tuple[str, ...], *, parties: bool
    ) -> None:
        self.source = pieces(stream, PIECE)
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.containers = Containers(root, names, _ENTRY)
        self.parties = parties
        self.models: list[Model] = []
        self.text = ""
        self.at = 0
        self.line = 1
        self.owed = 0
        self.ended = False
        self.in_vain = 0

    def turns(self) -> Iterator[Turn]:
        """Feed and match by turns."""
        while self._more():
            while self.at < len(self.text):
                begin = self.at
                yield from self._fed()
                if not self.containers.behind_item or self.in_vain > _PATIENCE:
                    continue
                self._learn(begin)
                yield from self._alike()
        yield from self.containers.fed(None)

    def _more(self) -> bool:
        """Read on behind what is left; False at the end."""
        if self.ended:
            return False
        piece = next(self.source, b"")
        self.ended = not piece
        try:
            read = self.decoder.decode(piece, final=self.ended)
        except UnicodeDecodeError:
            code = "bank_xml_broken" if self.ended else "bank_encoding"
            raise BankFileError(code, line=self.line) from None
        self.text = self.text[self.at :] + read
        self.at = 0
        return bool(self.text) or not self.ended

    def _fed(self) -> Iterator[Round]:
        """Feed the parser up to the next end of an entry, or all there is."""
        close = _CLOSED.search(self.text, self.at)
        end = len(self.text) if close is None or self.in_vain > _PATIENCE else close.end()
        fed = self.text[self.at : end]
        self.at = end
        owed, self.owed = "\n" * self.owed, 0
        self.line += fed.count("\n")
        yield from self.containers.fed((owed + fed).encode())

    def _learn(self, begin: int) -> None:
        """Make a model of the entry that was just fed, if it is whole here."""
        if len(self.models) >= MOST_SHAPES:
            self.in_vain += 1
            return
        opened = list(_OPENED.finditer(self.text, begin, self.at))
        model = None
        if opened:
            model = model_of(self.text[opened[-1].start() : self.at], parties=self.parties)
        if model is None or any(model.pattern == known.pattern for known in self.models):
            self.in_vain += 1
        else:
            self.models.insert(0, model)

    def _alike(self) -> Iterator[list[Raw]]:
        """Take all entries from here on that are like an earlier one."""
        while True:
            run = self._run()
            if run:
                self.in_vain = 0
                yield run
            if self.ended or _CLOSED.search(self.text, self.at) is not None:
                return
            if len(self.text) - self.at > PIECE:
                return
            if not self._more():
                return

    def _run(self) -> list[Raw]:
        """Take what fits in the text at hand."""
        run: list[Raw] = []
        text, at, line = self.text, self.at, self.line
        models = self.models
        position = 0
        while position < len(models):
            model = models[position]
            match = model.pattern.match(text, at)
            if match is None:
                position += 1
                continue
            if position:
                models.insert(0, models.pop(position))
                position = 0
            begin, end = match.start(1), match.end()
            line += text.count("\n", at, begin)
            run.append(model.raw(match, line))
            line += text.count("\n", begin, end)
            at = end
        self.owed += line - self.line
        self.at, self.line = at, line
        return run
