"""Events and lines that are shown: their bytes read, their shape checked, their sums made.

Nothing here asks where they are from; that they stand in the log is proven beside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.kernel.canonical import NotCanonicalError, canonical_bytes
from ledger.proof.excerpt import BadExcerptError, Piece, parse_excerpt, root_of
from ledger.proof.verifying.files import UnreadableError, parsed_whole
from ledger.proof.verifying.report import COMPLETENESS, Report

DOCUMENT_LINE: Final = 0
JOURNAL_LINE: Final = 1
PARTS: Final = {DOCUMENT_LINE: "lines", JOURNAL_LINE: "journal_lines"}
"""What an event calls the tree of each part of its lines."""

ALGORITHM: Final = "rfc6962-sha256"

_TEXTS: Final = ("kind", "on", "recorded_at", "tenant")
_CELL: Final = 5
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Event:
    """An event that is shown.

    Attributes:
        position: Where it stands in the log, from 1.
        said: What its bytes say.
        lines: Its document lines that are shown, by number.
        journal: Its journal lines: book, account, project, counterparty, due date, fen.
        whole_journal: None of the journal lines is withheld.
    """

    position: int
    said: dict[str, Any]
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    journal: list[list[Any]] = field(default_factory=list)
    whole_journal: bool = True

    @property
    def on(self) -> str:
        """Its business date."""
        return str(self.said["on"])

    @property
    def fields(self) -> dict[str, Any]:
        """The posting's own fields."""
        fields: dict[str, Any] = self.said["fields"]
        return fields


def read_event(report: Report, position: int, raw: bytes, file: str) -> Event | None:
    """Read an event's bytes; None where nothing can be said about it."""
    try:
        said = parsed_whole(raw, file)
    except UnreadableError as error:
        report.add(error.problem, file=file, position=position)
        return None
    if not _is_event(said):
        report.add("the event has not the shape of an event", file=file, position=position)
        return None
    if said["position"] != position:
        report.add(
            "the event says another position", file=file, position=position, found=said["position"]
        )
    try:
        canonical = canonical_bytes(said) == raw
    except NotCanonicalError:
        canonical = False
    if not canonical:
        report.add("the event is not spelled canonically", file=file, position=position)
    return Event(position, said, journal=list(said.get("journal", ())))


def _is_event(said: object) -> bool:
    return (
        isinstance(said, dict)
        and all(isinstance(said.get(name), str) for name in _TEXTS)
        and _DAY.fullmatch(said["on"]) is not None
        and type(said.get("position")) is int
        and isinstance(said.get("fields"), dict)
        and isinstance(said.get("journal", []), list)
        and all(map(is_journal_line, said.get("journal", ())))
        and all(_is_tree(said[name]) for name in PARTS.values() if name in said)
    )


def is_journal_line(line: object) -> bool:
    """Tell whether a value is book, account, project, counterparty, due date, amount in fen."""
    return (
        isinstance(line, list)
        and len(line) == _CELL + 1
        and all(isinstance(value, str) for value in line[:_CELL])
        and type(line[_CELL]) is int
    )


def _is_tree(tree: object) -> bool:
    return (
        isinstance(tree, dict)
        and isinstance(tree.get("alg"), str)
        and type(tree.get("count")) is int
        and isinstance(tree.get("root"), str)
    )


def read_lines(report: Report, event: Event, part: int, raw: bytes, file: str) -> None:
    """Read the excerpt of an event's lines and compare its root with what the event states."""
    position = event.position
    stated = event.said.get(PARTS[part])
    if stated is None:
        report.add("the event states no such lines", file=file, position=position)
        return
    if stated["alg"] != ALGORITHM:
        report.add("the algorithm is not known", file=file, position=position, found=stated["alg"])
        return
    try:
        pieces = parse_excerpt(raw)
    except BadExcerptError as error:
        report.add("a row cannot be read", file=file, position=position, line=error.row)
        return
    count = pieces[-1].last if pieces else 0
    if count != stated["count"]:
        report.add(
            "the event states another number of lines", file=file, position=position, found=count
        )
        return
    _take(report, event, part, pieces, file)
    found = root_of(pieces)
    if found is None:
        report.add("a withheld run is no part of the tree", file=file, position=position)
    elif found.hex() != stated["root"]:
        report.add("the lines do not give the root in the event", file=file, position=position)


def _take(report: Report, event: Event, part: int, pieces: Sequence[Piece], file: str) -> None:
    """Read the lines that are shown."""
    position = event.position
    for piece in pieces:
        if piece.body is None:
            event.whole_journal = event.whole_journal and part != JOURNAL_LINE
            continue
        try:
            said = parsed_whole(piece.body, file)
        except UnreadableError as error:
            report.add(error.problem, file=file, position=position, line=piece.first)
            continue
        if part == JOURNAL_LINE:
            if not isinstance(said, list) or not is_journal_line(said[:-1]):
                report.add("it is no journal line", file=file, position=position, line=piece.first)
            else:
                event.journal.append(said[:-1])
            continue
        if not isinstance(said, dict) or said.get("line") != piece.first:
            report.add("the line says another number", file=file, position=position,
                       line=piece.first)  # fmt: skip
        if isinstance(said, dict):
            event.lines[piece.first] = said


def check_balance(report: Report, event: Event, file: str) -> None:
    """See that journal lines sum to zero in each book."""
    if not event.whole_journal:
        report.add("journal lines are withheld", verdict=COMPLETENESS, file=file,
                   position=event.position)  # fmt: skip
        return
    sums: dict[str, int] = {}
    for line in event.journal:
        sums[line[0]] = sums.get(line[0], 0) + line[_CELL]
    for book, amount in sums.items():
        if amount:
            report.add("a book does not sum to zero", file=file, position=event.position,
                       found=book)  # fmt: skip
