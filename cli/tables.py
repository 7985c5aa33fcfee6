"""Tables for people: yuan with thousands separators, East Asian widths right.

A terminal gets a table that fits: names are shortened first, and what still does not fit is
written one field a line. A pipe or a file gets everything.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli.headings import heading, value_name
from cli.messages import _
from cli.names import unit_name, word_name
from cli.widths import cells, cut, pad, wrap
from ledger.kernel.money import format_yuan

Row = Mapping[str, Any]

_GAP: Final = "  "
_SHORTEST: Final = 10
"""Columns of text are shortened to this many cells before the table is given up."""

_KEPT: Final = frozenset({"party", "claim", "on", "project", "key", "code", "region", "worker"})
"""Identifiers are never shortened: half of one names nothing."""

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Show control characters as escapes: text out of a file must not steer the terminal."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def shown(key: str, value: object, of: str = "") -> str:  # noqa: PLR0911 - one for each type of JSON
    """Write one value as people read it; ``of`` says what has the state."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return format_yuan(value) if key.endswith("_fen") else str(value)
    if isinstance(value, str):
        return plain(value_name(key, value, of))
    if isinstance(value, Mapping):
        return " ".join(shown(name, part) for name, part in value.items() if part is not None)
    if isinstance(value, Sequence):
        return ", ".join(shown(key, part) for part in value)
    return str(value)


def cell(key: str, row: Row, of: str = "") -> str:
    """Write one value of a row; what a rule counts in fen is money, too."""
    if key == "value" and isinstance(row.get("unit"), str):
        return _measured(row.get(key), str(row["unit"]))
    return shown(key, row.get(key), of)


def _measured(value: object, unit: str) -> str:
    """A value of a rule with what it counts."""
    if unit == "fen":
        return _("{amount} yuan", amount=shown("value_fen", value))
    if unit == "flag":
        return shown("value", bool(value))
    if unit == "word":
        return word_name(str(value))
    return f"{value} {unit_name(unit)}"


def is_figure(key: str, rows: Sequence[Row]) -> bool:
    """Tell whether a column holds figures, which stand to the right."""
    values = [row.get(key) for row in rows]
    return any(type(value) is int for value in values) and all(
        value is None or type(value) is int for value in values
    )


def table(
    rows: Sequence[Row], columns: Sequence[str], *, width: int | None = None, of: str = ""
) -> list[str]:
    """Lay rows out in columns.

    Args:
        rows: JSON-able rows; keys that end in ``_fen`` are shown in yuan.
        columns: Keys, in order. Columns without any value are left out.
        width: Cells of the screen; None for a pipe, which has no edge. Where the table does not
            fit, columns that hold nothing but zeros are left out, too.
        of: What has the states in it, for their names.
    """
    columns = [key for key in columns if any(row.get(key) not in (None, "") for row in rows)]
    figures = [is_figure(key, rows) for key in columns]
    texts = [[cell(key, row, of) for key in columns] for row in rows]
    heads = [heading(key) for key in columns]
    widths = [
        max([cells(head), *(cells(text[at]) for text in texts)]) for at, head in enumerate(heads)
    ]
    if width is not None:
        fitted = _fitted(widths, heads, columns, figures, width)
        if not fitted:
            telling = [key for key in columns if any(row.get(key) for row in rows)]
            smaller = len(telling) < len(columns)
            if smaller:
                return table(rows, telling, width=width, of=of)
            return records(rows, columns, width=width, of=of)
        widths = fitted
    lines = [_line(heads, widths, figures), _GAP.join("-" * size for size in widths)]
    lines += [_line(text, widths, figures) for text in texts]
    return lines


def _line(texts: Sequence[str], widths: Sequence[int], figures: Sequence[bool]) -> str:
    return _GAP.join(
        pad(cut(text, size), size, right=right)
        for text, size, right in zip(texts, widths, figures, strict=True)
    ).rstrip()


def _fitted(
    widths: Sequence[int],
    heads: Sequence[str],
    columns: Sequence[str],
    figures: Sequence[bool],
    width: int,
) -> list[int]:
    """Shorten columns of text, the widest first; nothing when that is not enough."""
    fitted = list(widths)
    least = [
        size if figure or key in _KEPT else min(size, max(_SHORTEST, cells(head)))
        for size, figure, key, head in zip(widths, figures, columns, heads, strict=True)
    ]
    excess = sum(fitted) + len(_GAP) * (len(fitted) - 1) - width
    while excess > 0:
        slack = [size - low for size, low in zip(fitted, least, strict=True)]
        widest = max(range(len(fitted)), key=lambda at: (slack[at] > 0, fitted[at]), default=0)
        if not fitted or slack[widest] <= 0:
            return []
        fitted[widest] -= 1
        excess -= 1
    return fitted


def records(
    rows: Sequence[Row], columns: Sequence[str], *, width: int | None = None, of: str = ""
) -> list[str]:
    """Write rows one field a line, with an empty line between rows."""
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        lines += fields({key: row.get(key) for key in columns}, width=width, of=of)
    return lines


def fields(row: Row, *, width: int | None = None, of: str = "") -> list[str]:
    """Write one row, one field a line; figures stand under each other."""
    texts = {
        heading(key): (shown(key, value, of), key.endswith("_fen"))
        for key, value in row.items()
        if value is not None
    }
    first = max((cells(head) for head in texts), default=0)
    second = max((cells(text) for text, figure in texts.values() if figure), default=0)
    lines: list[str] = []
    for head, (text, figure) in texts.items():
        room = None if width is None else max(_SHORTEST, width - first - len(_GAP))
        parts = [pad(text, second, right=True)] if figure else [text]
        if room is not None and not figure:
            parts = wrap(text, room)
        for at, part in enumerate(parts):
            lines.append(f"{pad('' if at else head, first)}{_GAP}{part}".rstrip())
    return lines
