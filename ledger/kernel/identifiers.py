"""Identifiers: their form, their check characters, and how they look on a screen.

Credit codes (统一社会信用代码), resident ID numbers, bank cards, regions and the ids that posting
parties choose. Masks show what a clerk needs to tell two people apart and no more.

Sources: GB 32100-2015 (credit code), GB 11714-1997 (organisation code inside it), GB 11643-1999
(resident ID, ISO 7064 MOD 11-2), GB/T 2260 (regions), ISO/IEC 7812-1 (Luhn).
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

# -- credit codes -------------------------------------------------------------

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_FORM: Final = re.compile(f"[{_CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}")
_CREDIT_CHARACTERS: Final = 18
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS: Final = "0123456789X"
_ORGANISATION: Final = slice(8, 16)
_ORGANISATION_CHECK: Final = 16


@lru_cache(maxsize=4096)
def credit_code_problem(text: str) -> str | None:
    """Say what is wrong with a unified social credit code, None when both checks are right.

    Remembered, because the postings of a file name few parties many times.

    Returns:
        ``length`` (18 characters), ``characters`` (digits and capitals without I O S V Z, the
        region in digits), ``organisation_check`` (character 17) or ``check`` (character 18).
    """
    if len(text) != _CREDIT_CHARACTERS:
        return "length"
    if _CREDIT_FORM.fullmatch(text) is None:
        return "characters"
    weighed = sum(
        weight * int(character, 36)
        for weight, character in zip(_ORGANISATION_WEIGHTS, text[_ORGANISATION], strict=True)
    )
    if text[_ORGANISATION_CHECK] != _ORGANISATION_CHECKS[-weighed % 11]:
        return "organisation_check"
    weighed = sum(
        weight * _CREDIT_VALUES[character]
        for weight, character in zip(_CREDIT_WEIGHTS, text[:-1], strict=True)
    )
    return None if text[-1] == _CREDIT_ALPHABET[-weighed % 31] else "check"


def credit_code_ok(text: str) -> bool:
    """Tell whether a credit code has its form and both check characters."""
    return credit_code_problem(text) is None


# -- resident ID numbers ------------------------------------------------------

_ID_FORM: Final = re.compile(r"[0-9]{17}[0-9X]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_FIRST_BIRTH_YEAR: Final = 1800
"""A bound for sense only: nobody who was given a number was born before."""


def resident_id_problem(text: str, today: date | None = None) -> str | None:
    """Say what is wrong with a resident ID number, None when it is right.

    The first six digits are a county code of the day it was given; codes change over the years,
    so an unknown one is never a problem. ``today``, if given, is the last possible birth date.

    Returns:
        ``form`` (17 digits and a digit or capital X), ``birth_date`` (no such day),
        ``future_birth`` or ``check``.
    """
    if _ID_FORM.fullmatch(text) is None:
        return "form"
    birth = _birth_date(text)
    if birth is None:
        return "birth_date"
    if today is not None and birth > today:
        return "future_birth"
    weighed = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text[:-1], strict=True))
    return None if text[-1] == _ID_CHECKS[weighed % 11] else "check"


def resident_id_ok(text: str) -> bool:
    """Tell whether a resident ID number has its form, a real birth date and its check."""
    return resident_id_problem(text) is None


def birth_date_of(id_number: str) -> date:
    """Return the birth date that a resident ID number carries.

    Raises:
        ValueError: when it carries none; the message does not repeat the number.
    """
    birth = _birth_date(id_number) if _ID_FORM.fullmatch(id_number) else None
    if birth is None:
        message = "no birth date in this ID number"
        raise ValueError(message)
    return birth


def _birth_date(id_number: str) -> date | None:
    year, month, day = int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14])
    if year < _FIRST_BIRTH_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


# -- bank cards ---------------------------------------------------------------

CARD_DIGITS: Final = range(16, 20)
_CARD_FORM: Final = re.compile(r"[0-9]{16,19}")
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_card_number(text: str) -> bool:
    """Tell whether a text is 16 to 19 digits; the Luhn digit is another question."""
    return _CARD_FORM.fullmatch(text) is not None


def luhn_ok(text: str) -> bool:
    """Tell whether a card number has its Luhn digit. Not every UnionPay card has one."""
    if not is_card_number(text):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0


# -- regions and chosen ids ---------------------------------------------------

MAX_REF: Final = 64
MAX_LINES: Final = 200_000
_REGION: Final = re.compile(r"[0-9]{6}")
_ASCII_REF: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CLAIM_LINE: Final = re.compile(r"[1-9][0-9]{0,5}")
_REF_SIGNS: Final = frozenset("0123456789-_.")


def is_region(text: str) -> bool:
    """Tell whether a text is a region of GB/T 2260 by form: 6 digits."""
    return _REGION.fullmatch(text) is not None


def is_ref(text: str) -> bool:
    """Tell whether a text is an id: 1 to 64 letters of any script, digits, ``-``, ``_``, ``.``.

    Digits are 0 to 9 only: two ids that look alike would be two sheets.
    """
    if _ASCII_REF.fullmatch(text) is not None:
        return True
    return 1 <= len(text) <= MAX_REF and all(
        character.isalpha() or character in _REF_SIGNS for character in text
    )


def are_refs(texts: Sequence[str]) -> bool:
    """Tell whether each of many texts is an id; none is not."""
    if not texts or not all(texts) or max(map(len, texts)) > MAX_REF:
        return False
    joined = "".join(texts)
    return all(sign.isalpha() or sign in _REF_SIGNS for sign in set(joined))


def is_claim(text: str) -> bool:
    """Tell whether a text names a claim: an asserted claim's id, or ``<sheet>/<line from 1>``."""
    sheet, slash, line = text.partition("/")
    if not _is_sheet(sheet):
        return False
    return not slash or (_CLAIM_LINE.fullmatch(line) is not None and int(line) <= MAX_LINES)


_is_sheet: Final = lru_cache(maxsize=256)(is_ref)
"""A document names the claims of few sheets, again and again."""


# -- masks --------------------------------------------------------------------

_STAR: Final = "*"


def mask_card(card_number: str) -> str:
    """Show the first 6 digits (the issuing bank) and the last 4, as on a bank's own slips."""
    return _mask(card_number, first=6, last=4)


def mask_id_number(id_number: str) -> str:
    """Show the first 3 characters (province and part of the city) and the last 2.

    Neither the birth date nor the county stays readable, and what is left does not lead back to
    one person; together with the first character of the name a clerk still tells two apart.
    """
    return _mask(id_number, first=3, last=2)


def mask_phone(phone: str) -> str:
    """Show the first 3 and the last 4 digits of a mobile number, nothing of a short one."""
    return _mask(phone, first=3, last=4)


def mask_name(name: str) -> str:
    """Show the first character, which is the family name of most, and at most 3 stars."""
    return name[:1] + _STAR * min(len(name) - 1, 3) if len(name) > 1 else _STAR * len(name)


def _mask(text: str, *, first: int, last: int) -> str:
    """Hide the middle; nothing is shown of a text too short to hide a third of it."""
    hidden = len(text) - first - last
    if 2 * hidden < first + last:
        return _STAR * len(text)
    return text[:first] + _STAR * hidden + text[-last:]
