"""One journal in one spelling: accounts first, then what happened by day, then the balances.

Nothing is held but the lines of one posting in one book and the memoranda, so that a journal of
any length can be written. The same journal gives the same bytes on either database.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from cli.plaintext.accounts import cell_name, contra_name, elsewhere_name, memo_name
from cli.plaintext.dialects import Dialect, Entry

_CELL: Final = ("book", "account", "project", "counterparty", "due_on")
_ABOUT: Final = (*_CELL, "general_contractor")


@dataclass(frozen=True)
class Journal:
    """What is written.

    Attributes:
        remarks: What it is, in a few lines; the first is its title.
        cells: Asked twice: cells in the order of their books, with first day and balance.
        lines: Journal lines in the order of days, positions and books.
        memoranda: What no line carries, in the order of days.
        partial: Whether only the cells of one project count, so that what a posting put
            elsewhere is written as such.
    """

    remarks: Sequence[str]
    cells: Callable[[], Iterable[Any]]
    lines: Iterable[Any]
    memoranda: Sequence[Any] = field(default=())
    partial: bool = False


def written(journal: Journal, dialect: Dialect) -> Iterator[str]:
    """The text of a journal, piece by piece."""
    yield dialect.begin(journal.remarks)
    yield "\n"
    for declared in _accounts(journal):
        yield dialect.declare(*declared[:3])
    last_on = ""
    for entry in _entries(journal):
        last_on = entry.on
        yield dialect.entry(entry)
    yield "\n"
    for name, _first_on, _facts, amount_fen in _accounts(journal):
        yield dialect.balance(name, last_on, amount_fen)


def _accounts(journal: Journal) -> Iterator[tuple[str, str, dict[str, str], int]]:
    """Every account with its first day, what it stands for, and its balance."""
    for book, cells in groupby(journal.cells(), key=attrgetter("book")):
        first_on, sum_fen = "", 0
        for cell in cells:
            facts = {key: value for key in _ABOUT if (value := getattr(cell, key))}
            name = cell_name(*(getattr(cell, key) for key in _CELL))
            yield name, cell.first_on, facts, cell.amount_fen
            first_on = min(first_on or cell.first_on, cell.first_on)
            sum_fen += cell.amount_fen
        if journal.partial:
            yield elsewhere_name(book), first_on, {"book": book}, -sum_fen
    yield from _memo_accounts(journal.memoranda)


def _memo_accounts(memoranda: Sequence[Any]) -> Iterator[tuple[str, str, dict[str, str], int]]:
    found: dict[str, tuple[str, dict[str, str], int]] = {}
    for memo in memoranda:
        facts = {"book": memo.book, "memo": memo.memo, "project": memo.project, "ref": memo.ref}
        for name, about, amount_fen in (
            (memo_name(memo.book, memo.memo, memo.project, memo.ref), facts, memo.amount_fen),
            (contra_name(memo.book), {"book": memo.book}, -memo.amount_fen),
        ):
            first_on, _, sum_fen = found.get(name, (memo.on_date, about, 0))
            about = {key: value for key, value in about.items() if value}  # noqa: PLW2901
            found[name] = (first_on, about, sum_fen + amount_fen)
    for name in sorted(found):
        yield name, *found[name]


def _entries(journal: Journal) -> Iterator[Entry]:
    """Transactions by day; on one day what was booked comes in the order of positions."""
    booked = _booked(journal)
    noted = map(_noted, journal.memoranda)
    return heapq.merge(booked, noted, key=attrgetter("on", "position"))


def _booked(journal: Journal) -> Iterator[Entry]:
    together = attrgetter("on_date", "position", "book")
    for (on, position, book), lines in groupby(journal.lines, key=together):
        amounts, sum_fen = [], 0
        for line in lines:
            name = cell_name(book, line.account, line.project, line.counterparty, line.due_on)
            amounts.append((name, line.amount_fen))
            sum_fen += line.amount_fen
        if journal.partial and sum_fen:
            amounts.append((elsewhere_name(book), -sum_fen))
        facts = {"recorded_at": line.recorded_at, "book": book}
        yield Entry(on, position, line.kind, facts, amounts)


def _noted(memo: Any) -> Entry:  # noqa: ANN401 - as the query gives it
    name = memo_name(memo.book, memo.memo, memo.project, memo.ref)
    amounts = ((name, memo.amount_fen), (contra_name(memo.book), -memo.amount_fen))
    return Entry(memo.on_date, memo.position, "Memorandum", {"book": memo.book}, amounts)
