"""Free text: what may stand in a name, a reason or a note, and what must never.

Two dangers. Characters that a reader cannot see change what he believes he reads: controls,
characters that turn the direction of writing around, characters of no width. And an ID or card
number in a field that goes into the log could never be erased again.
"""

import re
import unicodedata
from typing import Final

from ledger.kernel.identifiers import CARD_DIGITS, luhn_ok, resident_id_ok

MAX_TEXT: Final = 500
"""Longest free text, in characters."""

_NUL: Final = "\x00"
_ONE_LINE_CONTROLS: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_MANY_LINE_CONTROLS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NO_WIDTH: Final = (
    r"\u00ad\u115f\u1160\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e007f"
)
_SURROGATES: Final = r"\ud800-\udfff"
_NONCHARACTERS: Final = r"\ufdd0-\ufdef" + "".join(
    rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(0x11)
)
_OTHERS: Final = _BIDI + _NO_WIDTH + _SURROGATES + _NONCHARACTERS
_ONE_LINE: Final = re.compile(f"[{_ONE_LINE_CONTROLS}{_OTHERS}]")
_MANY_LINES: Final = re.compile(f"[{_MANY_LINE_CONTROLS}{_OTHERS}]")
_CLASSES: Final = (
    ("control_character", re.compile(f"[{_ONE_LINE_CONTROLS}]")),
    ("direction_control", re.compile(f"[{_BIDI}]")),
    ("invisible_character", re.compile(f"[{_NO_WIDTH}]")),
    ("lone_surrogate", re.compile(f"[{_SURROGATES}]")),
)

_BETWEEN: Final = r"[\s\-‐-―−_]*"
_DIGIT_RUN: Final = re.compile(rf"[0-9](?:{_BETWEEN}[0-9Xx])*")
_DIGIT_GROUP: Final = re.compile(r"[0-9]+")
_ID_CHARACTERS: Final = 18
_CENTURIES_OF_BIRTH: Final = frozenset({"18", "19", "20"})
_FIRST_DIGITS_OF_CARDS: Final = frozenset("3456789")


def text_problem(text: str, limit: int = MAX_TEXT, *, many_lines: bool = False) -> str | None:
    r"""Say why a text may not be stored, None when it may.

    Letters of any script, emoji, private characters (rare names in old bank files) and variation
    selectors are all right. A carriage return never is; a newline and a tab only with
    ``many_lines``, which is for notes and reasons: names, numbers and ids are one line.

    Returns:
        ``too_long`` (above ``limit`` characters), ``nul``, ``control_character``,
        ``direction_control``, ``invisible_character``, ``lone_surrogate`` or ``noncharacter``.
    """
    if len(text) > limit:
        return "too_long"
    if text.isascii() and text.isprintable():
        return None  # as nearly all references of banks are
    found = (_MANY_LINES if many_lines else _ONE_LINE).search(text)
    if found is None:
        return None
    character = found[0]
    if character == _NUL:
        return "nul"
    return next((name for name, kind in _CLASSES if kind.match(character)), "noncharacter")


def holds_identity(text: str) -> bool:
    """Tell whether a free text holds a resident ID or a bank card number.

    Digits of any script count, full-width ones too, and blanks, hyphens and underscores between
    them do not help. A resident ID is sought at every place of a row of digits: its date and
    check character leave next to no room for chance. A card has only a Luhn digit, which one row
    in ten has by chance, so it must be 16 to 19 digits standing alone, or whole groups of digits
    that add up to that and begin like a card (not with 0 to 2, as dates do).
    """
    if len(text) < min(CARD_DIGITS):
        return False
    plain = text if text.isascii() else _plain_digits(text)
    return any(
        _holds_resident_id(run[0]) or _holds_card(run[0]) for run in _DIGIT_RUN.finditer(plain)
    )


def _plain_digits(text: str) -> str:
    """Turn full-width letters and the digits of all scripts into ASCII."""
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in unicodedata.normalize("NFKC", text)
    )


def _holds_resident_id(run: str) -> bool:
    characters = re.sub("[^0-9X]", "", run.upper())
    return any(
        characters[start + 6 : start + 8] in _CENTURIES_OF_BIRTH
        and resident_id_ok(characters[start : start + _ID_CHARACTERS])
        for start in range(len(characters) - _ID_CHARACTERS + 1)
    )


def workbook_text(text: str) -> str:
    """A text as XlsxWriter keeps it a text.

    It takes what stands between ``<r>`` and ``</r>`` for markup of its own and writes it as it is;
    with a blank behind it is a text again.
    """
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _holds_card(run: str) -> bool:
    groups = _DIGIT_GROUP.findall(run)
    if any(len(group) in CARD_DIGITS and luhn_ok(group) for group in groups):
        return True
    for start, first in enumerate(groups):
        if first[0] not in _FIRST_DIGITS_OF_CARDS:
            continue
        joined = first
        for group in groups[start + 1 :]:
            joined += group
            if len(joined) > max(CARD_DIGITS):
                break
            if len(joined) in CARD_DIGITS and luhn_ok(joined):
                return True
    return False
