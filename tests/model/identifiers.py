"""Check digits, written from the standards alone: GB 32100, GB 11714, GB 11643, Luhn."""

import re
import unicodedata
from datetime import date
from typing import Final

CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: no I, O, S, V, Z."""

_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"


def organisation_check(eight: str) -> str:
    """The check character of GB 11714 over eight characters (0-9, A-Z as 10-35)."""
    total = sum(w * int(c, 36) for w, c in zip(_ORGANISATION_WEIGHTS, eight, strict=True))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def credit_check(seventeen: str) -> str:
    """The check character of GB 32100 over the first seventeen characters."""
    total = sum(
        pow(3, place, 31) * CREDIT_ALPHABET.index(character)
        for place, character in enumerate(seventeen)
    )
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def is_credit_code(value: object) -> bool:
    """Whether both check characters of a unified social credit code are right."""
    return (
        isinstance(value, str)
        and re.fullmatch(r"[1-9A-HJ-NP-RTUWXY][0-9A-HJ-NP-RTUWXY][0-9]{6}", value[:8]) is not None
        and re.fullmatch(f"[{CREDIT_ALPHABET}]{{18}}", value) is not None
        and organisation_check(value[8:16]) == value[16]
        and credit_check(value[:17]) == value[17]
    )


def resident_check(seventeen: str) -> str:
    """The check character of GB 11643 (MOD 11-2)."""
    total = sum(w * int(d) for w, d in zip(_RESIDENT_WEIGHTS, seventeen, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def birth_of(id_number: str) -> date:
    """The date of birth inside a resident ID number."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def is_resident_id(value: object, today: date) -> bool:
    """Whether form, date of birth and check character are right."""
    if not isinstance(value, str) or re.fullmatch(r"[1-9][0-9]{16}[0-9X]", value) is None:
        return False
    try:
        born = birth_of(value)
    except ValueError:
        return False
    return born <= today and resident_check(value[:17]) == value[17]


def is_card_number(value: object) -> bool:
    """Whether the value is 16 to 19 digits; Luhn is only a warning."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{16,19}", value) is not None


def luhn_ok(digits: str) -> bool:
    """Whether the Luhn sum of the digits is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def holds_identity(text: str, today: date) -> bool:
    """Whether free text holds a valid resident ID or a Luhn-valid card number."""
    plain = unicodedata.normalize("NFKC", text).upper()
    for spelling in (plain, re.sub(r"(?<=[0-9])[ -](?=[0-9X])", "", plain)):
        for run in re.findall(r"[0-9]+X?", spelling):
            if any(is_resident_id(run[at : at + 18], today) for at in range(len(run) - 17)):
                return True
            if re.fullmatch(r"[0-9]{16,19}", run) and luhn_ok(run):
                return True
    return False
