"""Invented identifiers with right check digits: credit codes, ID numbers, bank cards.

Nobody is meant. Workers were born from 1901 to 1910, and the cards were never given out. A check
digit is the one that the program itself accepts.
"""

from datetime import date, timedelta
from typing import Final

from ledger.kernel.identifiers import credit_code_problem, luhn_ok, resident_id_problem

_CREDIT_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_CHECKS: Final = "0123456789X"
_FIRST_BIRTH: Final = date(1901, 1, 1)
_BIRTHS: Final = 3_600
"""Days on which somebody may be born: the last lies in November 1910."""

ENTERPRISE: Final = "91"
AUTHORITY: Final = "11"
"""First two characters of a credit code: who registered the party, and what it is."""


def credit_code(number: int, region: str, *, registered: str = ENTERPRISE) -> str:
    """The credit code of an invented party."""
    body = f"{registered}{region}{number:08}"
    for organisation in _ID_CHECKS:
        if credit_code_problem(f"{body}{organisation}0") != "organisation_check":
            body += organisation
            break
    return next(
        body + check for check in _CREDIT_CHARACTERS if credit_code_problem(body + check) is None
    )


def id_number(number: int, county: str) -> str:
    """The ID number of an invented person."""
    born = _FIRST_BIRTH + timedelta(days=number * 11 % _BIRTHS)
    body = f"{county}{born:%Y%m%d}{1 + number // _BIRTHS:03}"
    return next(body + check for check in _ID_CHECKS if resident_id_problem(body + check) is None)


def card_number(number: int, digits: int) -> str:
    """An invented bank card of 16 to 19 digits that begins with 62."""
    body = f"629999{number:0{digits - 7}}"
    return next(body + check for check in "0123456789" if luhn_ok(body + check))
