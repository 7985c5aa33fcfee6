"""Pages of a list: a limit, and a cursor that says after which row the next page begins.

A cursor is what the previous answer gave as ``next``; it stays right while rows are added.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

T = TypeVar("T")

_NOT_OURS = N_("it is not a cursor of this list")


def page(
    rows: Sequence[T], limit: int | None, cursor: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """Cut a list that may hold a row more than the limit, and name the next page's cursor."""
    if limit is None or len(rows) <= limit:
        return list(rows), None
    shown = list(rows[:limit])
    return shown, cursor(shown[-1]) if shown else None


def after_position(cursor: str | None) -> int:
    """Read a cursor that is a position; the beginning where there is none."""
    return 0 if cursor is None else _numbers(cursor, 1)[0]


def after_line(cursor: str | None) -> tuple[int, int]:
    """Read a cursor that is a position and a line, ``12/3``."""
    if cursor is None:
        return 0, 0
    first, second = _numbers(cursor, 2)
    return first, second


def after_name(cursor: str | None) -> str:
    """Read a cursor that is a name."""
    return cursor or ""


def _numbers(cursor: str, count: int) -> list[int]:
    parts = cursor.split("/")
    if len(parts) != count or not all(part.isascii() and part.isdigit() for part in parts):
        raise LedgerError("bad_option", option="--after", value=cursor, problem=_NOT_OURS)
    return [int(part) for part in parts]


def listed(value: str | None) -> frozenset[str]:
    """Values of an option that takes several, separated by commas."""
    return frozenset(part.strip() for part in (value or "").split(",") if part.strip())


Answer = dict[str, Any]
"""What a query returns: plain values under untranslated keys."""
