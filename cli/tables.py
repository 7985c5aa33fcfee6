"""Tables for people: yuan with thousands separators, East Asian widths right.

A terminal gets a table that fits, a pipe or a file gets everything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Self

from cli.headings import heading, value_name
from cli.messages import _
from cli.names import unit_name, word_name
from cli.widths import ELLIPSIS, cells, cut, pad, wrap
from ledger.kernel.money import format_yuan

Row = Mapping[str, Any]

_GAP: Final = "  "
_SHORTEST: Final = 10
"""Columns of text are shortened to this many cells before the table is given up."""

_HEAD_LINES: Final = 2
_SHORT_HEAD: Final = 6
"""A heading of so many cells stays on one line."""

_CODE_END: Final = 8
"""Characters of a credit code that are left where the screen is narrow."""

_CODES: Final = frozenset(
    {
        "employer", "developer", "general_contractor", "subcontractor", "counterparty", "debtor",
        "book", "by", "from", "to", "party",
    }
)  # fmt: skip
"""Columns of credit codes, of which the end is enough where there is no room."""

_KEPT: Final = frozenset({"claim", "on", "project", "code", "region", "worker", "parameter"})
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
    if key == "summary" and isinstance(row.get("kind"), str):
        from cli.summaries import summary  # noqa: PLC0415 - loads the kinds, not for --help

        return plain(summary(str(row["kind"]), str(row.get(key) or "")))
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
        width: Cells of the screen; None for a pipe, which has no edge.
        of: What has the states in it, for their names.
    """
    return laid_out(rows, columns, width=width, of=of).lines


class Laid(NamedTuple):
    """A table as lines.

    Attributes:
        caption: What is the same in all rows, where the screen has no room for it in each.
        head: Headings, one line or two.
        body: The rule and the rows.
    """

    caption: list[str]
    head: list[str]
    body: list[str]

    @property
    def lines(self) -> list[str]:
        """All of it."""
        return [*self.caption, *([""] if self.caption else []), *self.head, *self.body]


def laid_out(
    rows: Sequence[Row], columns: Sequence[str], *, width: int | None = None, of: str = ""
) -> Laid:
    """Lay rows out in columns, and fit them to a screen step by step.

    First everything on one line each; then headings on two lines and names cut; then columns of
    zeros go and codes are cut to their ends; then what is the same in all rows goes above the
    table; at last one field a line.
    """
    columns = [key for key in columns if any(row.get(key) not in (None, "") for row in rows)]
    whole = _Columns.of(rows, columns, of)
    if width is None or whole.width <= width:
        return Laid([], *whole.lines())
    fitted = whole.folded(width)
    if fitted is not None:
        return Laid([], *fitted.lines())
    telling = [key for key in columns if not _only_zeros(key, rows)]
    same = [
        key for key in telling
        if len(rows) > 1 and not is_figure(key, rows)
        and all(row.get(key) == rows[0].get(key) for row in rows)
    ]  # fmt: skip
    for count in range(len(same) + 1):
        rest = [key for key in telling if key not in same[:count]]
        fitted = _Columns.of(rows, rest, of, short_codes=True).folded(width)
        if fitted is not None:
            told = {key: rows[0].get(key) for key in same[:count]}
            return Laid(fields(told, width=width, of=of), *fitted.lines())
    return Laid([], [], records(rows, columns, width=width, of=of))


def _only_zeros(key: str, rows: Sequence[Row]) -> bool:
    return all(row.get(key) in (0, None) for row in rows)


@dataclass(frozen=True)
class _Columns:
    """Columns of texts on their way to a table."""

    keys: Sequence[str]
    heads: Sequence[Sequence[str]]
    texts: Sequence[Sequence[str]]
    figures: Sequence[bool]
    widths: Sequence[int]

    @classmethod
    def of(
        cls, rows: Sequence[Row], keys: Sequence[str], of: str, *, short_codes: bool = False
    ) -> Self:
        """The columns of rows, each as wide as it needs."""
        heads = [[heading(key, of)] for key in keys]
        texts = [
            [
                _short_code(cell(key, row, of)) if short_codes and key in _CODES
                else cell(key, row, of)
                for key in keys
            ]
            for row in rows
        ]  # fmt: skip
        widths = [
            max([cells(head), *(cells(text[at]) for text in texts)])
            for at, (head,) in enumerate(heads)
        ]
        return cls(keys, heads, texts, [is_figure(key, rows) for key in keys], widths)

    @property
    def width(self) -> int:
        """Cells of a line."""
        return sum(self.widths) + len(_GAP) * max(0, len(self.widths) - 1)

    def folded(self, width: int) -> Self | None:
        """Headings on two lines and names cut, until it fits; None when it does not."""
        heads, widths = [], []
        for at, (head, *_rest) in enumerate(self.heads):
            needed = max((cells(text[at]) for text in self.texts), default=0)
            lines = _two_lines(head, needed)
            heads.append(lines)
            widths.append(max(needed, *(cells(line) for line in lines)))
        least = [
            size if figure or key in _KEPT or key in _CODES else min(size, _SHORTEST)
            for size, figure, key in zip(widths, self.figures, self.keys, strict=True)
        ]
        excess = sum(widths) + len(_GAP) * max(0, len(widths) - 1) - width
        while excess > 0:
            slack = [size - low for size, low in zip(widths, least, strict=True)]
            widest = max(range(len(widths)), key=lambda at: (slack[at] > 0, widths[at]), default=0)
            if not widths or slack[widest] <= 0:
                return None
            widths[widest] -= 1
            excess -= 1
        return replace(self, heads=heads, widths=widths)

    def lines(self) -> tuple[list[str], list[str]]:
        """The headings, and the rule with the rows."""
        height = max((len(head) for head in self.heads), default=0)
        tops = [[""] * (height - len(head)) + list(head) for head in self.heads]
        heads = [self._line([top[at] for top in tops]) for at in range(height)]
        rule = _GAP.join("-" * size for size in self.widths)
        return heads, [rule, *(self._line(text) for text in self.texts)]

    def _line(self, texts: Sequence[str]) -> str:
        return _GAP.join(
            pad(cut(text, size), size, right=right)
            for text, size, right in zip(texts, self.widths, self.figures, strict=True)
        ).rstrip()


def _two_lines(head: str, needed: int) -> list[str]:
    """Break a heading once, where that makes its column narrower."""
    size = cells(head)
    if size <= max(needed, _SHORT_HEAD):
        return [head]
    for limit in range((size + 1) // 2, size):
        lines = wrap(head, limit)
        if len(lines) <= _HEAD_LINES and all(cells(line) <= limit for line in lines):
            return lines
    return [head]


def _short_code(code: str) -> str:
    """The end of a credit code, which tells two parties apart."""
    return f"{ELLIPSIS}{code[-_CODE_END:]}" if len(code) > _CODE_END + 1 else code


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
        heading(key, of): (shown(key, value, of), key.endswith("_fen"))
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
