"""Answers of commands: a table or a workbook for people; JSON, JSON Lines or CSV for programs.

JSON and CSV carry whole fen under names that end in ``_fen`` and keys that are never translated;
tables and workbooks (``cli.sheets``) carry yuan and words of the reader. A file named with
``-o`` is written aside and renamed, so that nobody ever finds half of it.
"""

import csv
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

from cli import tables
from cli.aside import bytes_aside, written_aside
from cli.messages import N_, _
from cli.neutral import csv_cell
from cli.streams import is_terminal, is_unicode
from ledger.kernel.errors import LedgerError

FORMATS: Final = ("table", "json", "jsonl", "csv", "xlsx")
WORKBOOK: Final = "xlsx"
PEOPLES: Final = frozenset({"table", WORKBOOK})
"""Formats for people: yuan, headings and states in their language."""

_ENDINGS: Final = {
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".xlsx": WORKBOOK,
}  # fmt: skip
_OTHER_SHEETS: Final = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".et"})
_STDOUT: Final = "-"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list in an answer, as a table shows it.

    Attributes:
        rows: Key of the list in the document.
        columns: Keys of the columns that people need, in order.
        title: English msgid above the table, where an answer has several.
        empty: English msgid to say when there is none.
        of: What has the states in it, for their names.
        inside: Key of a list in each of those rows, whose rows are meant instead; they stand
            with the ids of the row that has them.
    """

    rows: str
    columns: tuple[str, ...]
    title: str = ""
    empty: str = ""
    of: str = ""
    inside: str = ""

    def of_document(self, document: Document) -> list[Document]:
        """The rows of an answer that the table shows."""
        rows = list(document.get(self.rows) or ())
        if not self.inside:
            return rows
        return [{**_ids(row), **each} for row in rows for each in row.get(self.inside) or ()]


def _ids(row: Document) -> Document:
    return {key: value for key, value in row.items() if isinstance(value, str)}


@dataclass(frozen=True)
class View:
    """How an answer is shown to people.

    Attributes:
        listings: Its lists; the first is what JSON Lines and CSV write row by row.
        facts: Keys of single values, shown one a line above the tables; ``parties.developer``
            is a value of an object.
        totals: Keys of single values, shown below them.
        of: What has the state among the facts.
        rows: Key of the list that JSON Lines and CSV write where it is not the first one.
    """

    listings: tuple[Listing, ...] = ()
    facts: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    of: str = ""
    rows: str = ""


@dataclass
class Printer:
    """Where answers go and in which format.

    Attributes:
        format: As given with ``--format``, or None.
        path: As given with ``-o``, or None for stdout.
        color: Whether the user allows colours.
        quiet: Whether words for people are unwanted.
        origin: Where the figures come from, said in a workbook, which travels far from its
            ledger: address and tenant.
    """

    format: str | None = None
    path: str | None = None
    color: bool = True
    quiet: bool = False
    origin: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def chosen(self) -> str:
        """The format of the answer: the one asked for, else the file's ending, else a table."""
        ending = Path(self.path).suffix.lower() if self.path else ""
        return self.format or _ENDINGS.get(ending, "table")

    def require_format(self) -> None:
        """Refuse what no answer can be written in, before any work is done.

        Raises:
            LedgerError: ``bad_option`` for a format, or the ending of a file, that there is not.
        """
        if self.chosen not in FORMATS:
            raise LedgerError("bad_option", option="--format", value=self.chosen)
        if self.format is None and Path(self.path or "").suffix.lower() in _OTHER_SHEETS:
            problem = N_("workbooks are written as .xlsx")
            raise LedgerError("bad_option", option="-o", value=self.path, problem=problem)

    def require_place(self) -> None:
        """Refuse a workbook for the eyes: it is a file, or goes to another program.

        Raises:
            LedgerError: ``bad_option``.
        """
        if self.chosen == WORKBOOK and self.path in {None, _STDOUT} and is_terminal(sys.stdout):
            problem = N_("a workbook needs a file: add -o FILE.xlsx")
            raise LedgerError("bad_option", option="--format", value=WORKBOOK, problem=problem)

    def require_words(self) -> None:
        """Refuse a workbook where postings are answered, before anything is recorded.

        Raises:
            LedgerError: ``bad_option``.
        """
        if self.chosen == WORKBOOK:
            problem = N_("what became of a posting is no workbook; choose json, jsonl or csv")
            raise LedgerError("bad_option", option="--format", value=WORKBOOK, problem=problem)

    @contextmanager
    def opened(self, *, private: bool = False) -> Iterator[TextIO]:
        """Open the place where the answer goes.

        Args:
            private: It names people: only its owner may read the file.

        Raises:
            LedgerError: ``output_unwritable``; a file that was there before is unchanged.
        """
        if self.path in {None, _STDOUT}:
            yield sys.stdout
            return
        with written_aside(Path(str(self.path)), private=private) as stream:
            yield stream

    @contextmanager
    def opened_bytes(self, *, private: bool = False) -> Iterator[BinaryIO]:
        """Open the place where an answer in bytes goes.

        Args:
            private: It names people: only its owner may read the file.

        Raises:
            LedgerError: ``bad_option`` for a terminal, ``output_unwritable``.
        """
        self.require_place()
        if self.path in {None, _STDOUT}:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        with bytes_aside(Path(str(self.path)), private=private) as stream:
            yield stream

    def show(self, document: Document, view: View, *, private: bool = False) -> None:
        """Write one answer in the chosen format; a private one for its owner's eyes alone."""
        chosen = self.chosen
        if chosen == WORKBOOK:
            from cli.sheets import write_answer  # noqa: PLC0415 - loads XlsxWriter

            with self.opened_bytes(private=private) as raw:
                write_answer(document, view, raw, self.origin)
        else:
            self._show_text(document, view, private=private)
        following = document.get("next")
        if following is not None and chosen != "json":
            self.more(f"--after {following}")

    def _show_text(self, document: Document, view: View, *, private: bool) -> None:
        chosen = self.chosen
        with self.opened(private=private) as stream:
            if chosen == "json":
                self._json(document, stream)
            elif chosen == "jsonl":
                for row in rows_of(document, view):
                    stream.write(as_json(row, stream) + "\n")
            elif chosen == "csv":
                write_csv(rows_of(document, view), stream)
            else:
                stream.writelines(f"{line}\n" for line in self.lines(document, view, stream))

    def _json(self, document: Document, stream: TextIO) -> None:
        stream.write(as_json(document, stream, indent=2 if is_terminal(stream) else None) + "\n")

    def lines(self, document: Document, view: View, stream: TextIO) -> Iterator[str]:
        """Lay an answer out for people."""
        width = shutil.get_terminal_size().columns if is_terminal(stream) else None
        facts = {path.rpartition(".")[2]: value_at(document, path) for path in view.facts}
        if facts:
            yield from tables.fields(facts, width=width, of=view.of)
        for at, listing in enumerate(view.listings):
            rows = listing.of_document(document)
            if at or facts:
                if not rows:
                    continue
                yield ""
            if listing.title:
                yield self.bold(_(listing.title), stream)
            if rows:
                laid = tables.laid_out(rows, listing.columns, width=width, of=listing.of)
                yield from (*laid.caption, *([""] if laid.caption else []))
                yield from (self.bold(head, stream) for head in laid.head)
                yield from laid.body
            elif listing.empty:
                self.say(_(listing.empty))
        totals = {key: document.get(key) for key in view.totals if document.get(key) is not None}
        if totals:
            yield ""
            yield from tables.fields(totals, width=width)

    def bold(self, text: str, stream: TextIO) -> str:
        """Make a heading stand out on a terminal with colours."""
        colored = (
            self.color
            and "NO_COLOR" not in os.environ
            and os.environ.get("TERM") != "dumb"
            and is_terminal(stream)
        )
        return f"\x1b[1m{text}\x1b[0m" if colored else text

    def more(self, option: str) -> None:
        """Say how to see the next page."""
        self.say(_("There are more: {option}", option=option))

    def say(self, words: str) -> None:
        """Say something to the person, beside the answer."""
        if not self.quiet:
            sys.stderr.write(f"{words}\n")


def value_at(document: Document, path: str) -> object:
    """A single value of an answer, by the path of its keys."""
    value: object = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def as_json(value: object, stream: TextIO, *, indent: int | None = None) -> str:
    """Write JSON that the stream can carry: escapes where it is not Unicode."""
    return json.dumps(value, ensure_ascii=not is_unicode(stream), indent=indent)


def rows_of(document: Document, view: View) -> Iterator[Document]:
    """The rows of an answer, each with the ids of the whole; the whole, where it has no list."""
    if not view.listings:
        yield document
        return
    first = view.rows or view.listings[0].rows
    shared = {
        key: value
        for key, value in document.items()
        if isinstance(value, str | int)
        and key != "next"
        and not key.endswith("_fen")
        and not isinstance(value, bool)
    }
    for row in document.get(first) or ():
        yield {**{key: value for key, value in shared.items() if key not in row}, **row}


def write_csv(rows: Iterable[Document], stream: TextIO) -> None:
    """Write rows as CSV with one heading; lists and objects become JSON in their cell."""
    writer = csv.writer(stream, lineterminator="\n")
    columns: Sequence[str] = ()
    for row in rows:
        if not columns:
            columns = list(row)
            writer.writerow(columns)
        writer.writerow(csv_row(row, columns))


def csv_row(row: Document, columns: Sequence[str]) -> list[object]:
    """The cells of one row; a text never begins as a formula would."""
    return [csv_cell(row.get(column)) for column in columns]
