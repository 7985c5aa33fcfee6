"""Single cells: what people type and what spreadsheets make of it, read exactly or refused.

A converter returns the value, None for an empty cell, or raises ``BadCell`` with what is wrong, in
a word. Amounts never pass through binary fractions: a number of a spreadsheet is taken by its
shortest decimal text, which is what a person sees, so that 5000.1 is 500,010 fen and
0.30000000000000004 is refused.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from ledger.kernel.dates import parse_date
from ledger.kernel.identifiers import is_ref
from ledger.kernel.money import MAX_FEN, MoneyError, parse_yuan
from ledger.kernel.text import MAX_TEXT, text_problem

Cell = Any


class BadCell(Exception):  # noqa: N818 - one cell of many, collected and never shown as it is
    """A cell that is not what its column should hold.

    Attributes:
        code: A code of the catalogue.
        problem: What is wrong, in a word.
        shown: The text of the cell, where it can be no identity; else empty.
    """

    def __init__(self, code: str, problem: str = "", shown: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.problem = problem
        self.shown = shown


_WIDE: Final = {0x3000: " ", 0xFFE5: "¥", 0xA0: " ", 0x2212: "-"} | {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
}
"""Full-width characters as input methods write them, and their plain forms."""

_NO_AMOUNT: Final = frozenset({"-", "--", "—", "——", "/", "无"})
"""What accountants write where there is nothing."""

_CURRENCY: Final = re.compile(r"^(?:[¥$]|RMB|CNY)\s*|\s*(?:元|RMB|CNY)$", re.IGNORECASE)
_COMMA_DECIMAL: Final = re.compile(r"-?[0-9]+,[0-9]{1,2}")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_HARMLESS: Final = re.compile(r"[-+0-9.,eE%¥() ]{1,24}")
_MANY_DIGITS: Final = re.compile(r"[0-9]{11}")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=[0-9])[ \-](?=[0-9Xx])")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_MOST_HALF_DAYS: Final = 62
_LARGEST_INTEGER: Final = 10**15
_LARGEST_YUAN: Final = 10**13


def text_of(cell: Cell) -> str:
    """A cell as text, without blanks around it; whole numbers without their point."""
    if type(cell) is str:
        return cell.strip(" \t\r\n\u3000\xa0").removeprefix("'")
    if type(cell) is float and cell.is_integer() and abs(cell) < _LARGEST_INTEGER:
        return str(int(cell))
    return str(cell)


def plain_text(cell: Cell) -> str:
    """A cell as text, with plain digits and signs in place of full-width ones."""
    text = text_of(cell)
    return text if text.isascii() else text.translate(_WIDE).strip()


def shown(text: str) -> str:
    """The text of a cell that should hold a number, where it is one or nearly so; else empty.

    A name or a card that slid into the wrong column must not be repeated.
    """
    harmless = _HARMLESS.fullmatch(text) is not None and _MANY_DIGITS.search(text) is None
    return text if harmless else ""


# -- amounts and days ---------------------------------------------------------


def fen_of_yuan(cell: Cell) -> int | None:
    """An amount in yuan as whole fen, not negative.

    Raises:
        BadCell: ``bad_amount``.
    """
    if type(cell) is float:
        yuan, _point, decimals = repr(cell).partition(".")
        if len(decimals) <= 2 and decimals.isdigit() and yuan.isdigit():  # noqa: PLR2004 - fen
            return _in_range(int(yuan + decimals.ljust(2, "0")), repr(cell))
        return _odd_number(cell)
    if type(cell) is not str:
        raise BadCell("bad_amount", "not_a_number")
    return _fen_of_text(cell)


def _in_range(amount: int, text: str) -> int:
    if amount > MAX_FEN:
        raise BadCell("bad_amount", "too_large", shown(text))
    return amount


def _odd_number(number: float) -> int:
    """A number of a spreadsheet that is no plain amount: say why."""
    text = repr(number)
    if number < 0:
        raise BadCell("bad_amount", "negative", shown(text))
    if "e+" in text or number > MAX_FEN:
        raise BadCell("bad_amount", "too_large", shown(text))
    if number != number:  # noqa: PLR0124 - only NaN differs from itself
        raise BadCell("bad_amount", "not_a_number")
    raise BadCell("bad_amount", "decimals", text)  # it has a point: neither ID number nor card


def _fen_of_text(cell: str) -> int | None:
    text = plain_text(cell)
    if not text or text in _NO_AMOUNT:
        return None
    bare = _CURRENCY.sub("", text)
    if _COMMA_DECIMAL.fullmatch(bare):
        raise BadCell("bad_amount", "comma_decimal", shown(text))
    try:
        amount = int(parse_yuan(bare))
    except MoneyError as error:
        raise BadCell("bad_amount", str(error.facts["reason"]), shown(text)) from None
    if amount < 0:
        raise BadCell("bad_amount", "negative", shown(text))
    return amount


def whole_fen(cell: Cell) -> int | None:
    """An amount that is in fen already.

    Raises:
        BadCell: ``bad_amount``.
    """
    text = plain_text(cell)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadCell("bad_amount", "not_a_whole_number", shown(text))
    if len(text) > len(str(MAX_FEN)):
        raise BadCell("bad_amount", "too_large", shown(text))
    return _in_range(int(text), text)


def days_of(cell: Cell) -> int | Decimal | None:
    """Days attended, in steps of a half, to 31.

    Raises:
        BadCell: ``bad_field``.
    """
    if type(cell) is float:
        halves = cell * 2
        if 0 <= halves <= _MOST_HALF_DAYS and halves.is_integer():  # exact: a power of two
            return int(cell) if cell.is_integer() else Decimal(repr(cell))
        raise BadCell("bad_field", "out_of_range", shown(repr(cell)))
    text = plain_text(cell).removesuffix("天")
    if not text or text in _NO_AMOUNT:
        return None
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,4})?", text) is None:
        raise BadCell("bad_field", "not_a_number", shown(text))
    days = Decimal(text)
    if days * 2 > _MOST_HALF_DAYS or days * 2 % 1:
        raise BadCell("bad_field", "out_of_range", shown(text))
    return days if days % 1 else int(days)


# -- people -------------------------------------------------------------------


def id_number_of(cell: Cell) -> str | None:
    """A resident ID number as text; its check digit is another question.

    Raises:
        BadCell: ``number_rounded``, ``masked_value`` or ``bad_id_number``.
    """
    text = _digits(cell, "bad_id_number")
    return text.upper() if text else None


def card_number_of(cell: Cell) -> str | None:
    """A card number as text.

    Raises:
        BadCell: ``number_rounded``, ``masked_value`` or ``bad_card_number``.
    """
    return _digits(cell, "bad_card_number") or None


def _digits(cell: Cell, code: str) -> str:
    if type(cell) is not str:
        raise BadCell("number_rounded" if type(cell) is float else code, "form")
    text = plain_text(cell)
    problem = text_problem(text)
    if problem is not None:
        raise BadCell(code, problem)
    if "*" in text:
        raise BadCell("masked_value")
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell("number_rounded", "form")
    return _BETWEEN_DIGITS.sub("", text)


def name_of(cell: Cell) -> str | None:
    """A name or another single line of text.

    Raises:
        BadCell: ``bad_field``.
    """
    text = text_of(cell)
    if not text:
        return None
    problem = text_problem(text)
    if problem is not None:
        raise BadCell("bad_field", problem)
    return text


def worker_of(cell: Cell) -> str | None:
    """The reference of a worker.

    Raises:
        BadCell: ``bad_id``.
    """
    text = plain_text(cell)
    if not text:
        return None
    if not is_ref(text):
        raise BadCell("bad_id", "form")
    return text


def phone_of(cell: Cell) -> str | None:
    """A phone number as text.

    Raises:
        BadCell: ``bad_field``.
    """
    text = plain_text(cell)
    if not text:
        return None
    if re.fullmatch(r"\+?[0-9][0-9 -]{4,18}[0-9]", text) is None:
        raise BadCell("bad_field", "form")
    return text


def date_of(cell: Cell) -> str | None:
    """A date as ISO text, from a date of the spreadsheet or as people write it.

    Raises:
        BadCell: ``bad_date``.
    """
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    text = plain_text(cell)
    if not text:
        return None
    if re.fullmatch("[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    match = _DATE.fullmatch(text)
    made = "-".join(part.zfill(2) for part in match.groups()) if match else ""
    if parse_date(made) is None:
        raise BadCell("bad_date", "form", shown(text))
    return made


# -- whole columns --------------------------------------------------------------
#
# A column that is plain from top to bottom is read at once; any other cell by cell, by the
# converters above, with the same values.

Column = list[Any]


def amounts_at_once(column: Column) -> Column | None:
    """Numbers of a spreadsheet as whole fen, where each of them is an amount; else None.

    An amount is the very number that its fen over 100 is: then two decimals are the shortest text
    of it, and exact.
    """
    if set(map(type, column)) != {float} or min(column) < 0 or max(column) > _LARGEST_YUAN:
        return None
    try:
        made = [round(yuan * 100) for yuan in column]
    except ValueError:  # not a number at all
        return None
    return made if [fen / 100 for fen in made] == column else None


def digits_at_once(column: Column) -> Column | None:
    """ID or card numbers as they stand, where nothing but digits and X stands there; else None."""
    joined = _joined(column)
    if joined is None or not (joined.isascii() and joined.isalnum()):
        return None
    if any(letter in joined for letter in "exE"):
        return None
    return column if all(column) else [cell or None for cell in column]


def texts_at_once(column: Column) -> Column | None:
    """Lines of text as they stand, where none has blanks or what nobody sees; else None."""
    joined = _joined(column)
    if joined is None or joined.split(maxsplit=1)[:1] != [joined] or "'" in joined:
        return None
    if text_problem(joined, len(joined)) is not None or max(map(len, column)) > MAX_TEXT:
        return None
    return column if all(column) else [cell or None for cell in column]


def _joined(column: Column) -> str | None:
    return "".join(column) if set(map(type, column)) == {str} else None
