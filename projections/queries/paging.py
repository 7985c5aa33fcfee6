"""Pages of a list: a limit, and a cursor that says after which row the next page begins.

A cursor is what the previous answer gave as ``next``; it stays right while rows are added.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

T = TypeVar("T")

Key = tuple[str | int, ...]
"""What puts the rows of a list in order; the types are the same on every row."""

_NOT_OURS = N_("it is not a cursor of this list")
_LONGEST_NUMBER: Final = 18
"""Digits that a number of a database surely has room for."""


def page(
    rows: Sequence[T], limit: int | None, cursor: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """Cut a list that may hold a row more than the limit, and name the next page's cursor."""
    if limit is None or len(rows) <= limit:
        return list(rows), None
    shown = list(rows[:limit])
    return shown, cursor(shown[-1]) if shown else None


def page_after(
    rows: Sequence[T], key: Callable[[T], Key], limit: int | None, after: str | None
) -> tuple[list[T], str | None]:
    """Cut a page out of a list that is in memory, in the order of a key that each row has alone.

    The cursor is the key of the last row shown, ``120/0/91220100...``, a slash in it as ``%2F``.
    """
    if after is not None and rows:
        begun = _key(after, key(rows[0]))
        rows = [row for row in rows if key(row) > begun]
    return page(rows, limit, lambda row: "/".join(map(_part, key(row))))


def _part(value: str | int) -> str:
    return str(value).replace("%", "%25").replace("/", "%2F")


def _key(cursor: str, like: Key) -> Key:
    parts = [unquote(part) for part in cursor.split("/")]
    numbers = [isinstance(part, int) for part in like]
    if len(parts) != len(like):
        raise _not_ours(cursor)
    made: list[str | int] = []
    for part, is_number in zip(parts, numbers, strict=True):
        number = whole_number(part.removeprefix("-")) if is_number else None
        if is_number and number is None:
            raise _not_ours(cursor)
        made.append(part if number is None else -number if part.startswith("-") else number)
    return tuple(made)


def after_position(cursor: str | None) -> int:
    """Read a cursor that is a position; the beginning where there is none."""
    return 0 if cursor is None else _numbers(cursor, 1, cursor)[0]


def after_line(cursor: str | None) -> tuple[int, int]:
    """Read a cursor that is a position and a line, ``12/3``."""
    if cursor is None:
        return 0, 0
    first, second = _numbers(cursor, 2, cursor)
    return first, second


def after_name(cursor: str | None) -> str:
    """Read a cursor that is a name."""
    return cursor or ""


def after_journal_line(cursor: str | None) -> tuple[str, int, int]:
    """Read a cursor that is a day, a position and a line of the journal, ``2026-03-31/12/3``."""
    if cursor is None:
        return "", 0, 0
    day, _slash, rest = cursor.partition("/")
    if parse_date(day) is None:
        raise _not_ours(cursor)
    first, second = _numbers(rest, 2, cursor)
    return day, first, second


def whole_number(text: str) -> int | None:
    """Read a position or a number of a line; None for anything that can be neither."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        return None
    return int(text)


def _numbers(text: str, count: int, cursor: str) -> list[int]:
    found = [whole_number(part) for part in text.split("/")]
    numbers = [number for number in found if number is not None]
    if len(found) != count or len(numbers) != count:
        raise _not_ours(cursor)
    return numbers


def _not_ours(cursor: str) -> LedgerError:
    return LedgerError("bad_option", option="--after", value=cursor, problem=_NOT_OURS)


def listed(value: str | None) -> frozenset[str]:
    """Values of an option that takes several, separated by commas."""
    return frozenset(part.strip() for part in (value or "").split(",") if part.strip())


Answer = dict[str, Any]
"""What a query returns: plain values under untranslated keys."""
