"""Values on their way into a spreadsheet: no text out of a file ever becomes a formula there.

The one place that neutralises formula characters, for both formats:

- CSV says of no cell what it is, and a spreadsheet that opens it takes a cell that begins with
  one of ``FORMULA_BEGINS`` for a formula. Such a *text* gets an apostrophe before it. A number
  (``int``, ``Decimal``) never does: ``-5.00`` is an amount and stays one.
- XLSX says of every cell what it is. A text is written as a text and is never computed, so it
  keeps its characters as they are; only what a cell cannot hold is written as an escape.
"""

import json
import re
from decimal import Decimal
from typing import Final

from cli.tables import plain
from ledger.kernel.text import workbook_text

FORMULA_BEGINS: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""The wide forms are typed on Chinese keyboards, and some programs compute them too."""

APOSTROPHE: Final = "'"

_UNWRITABLE: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""No XML can hold these."""


def csv_cell(value: object) -> object:
    """A value as a cell of CSV: numbers stay numbers, lists and objects become JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | Decimal):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return csv_text(text).replace("\r\n", "\n").replace("\r", "\n")  # csv quotes its own ends only


def csv_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula, blanks before it or not."""
    begin = text[:1] if text[:1] in FORMULA_BEGINS else text.lstrip()[:1]
    return f"{APOSTROPHE}{text}" if begin in FORMULA_BEGINS else text


def sheet_text(text: str) -> str:
    """A text as a text cell of XLSX holds it: line ends kept, other controls as escapes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    safe = "\n".join(
        _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", plain(line)) for line in lines
    )
    return workbook_text(safe)
