"""Invented people, parties and cards: right check digits, births 1901 to 1910, nobody living."""

from datetime import date, timedelta
from random import Random
from typing import Final

from tests.model.identifiers import (
    credit_check,
    is_credit_code,
    luhn_ok,
    organisation_check,
    resident_check,
)

REGIONS: Final = ("220200", "220202", "220281", "220300")
"""Jilin City with a district and a county town (one city's four digits), and Siping."""

_COUNTIES: Final = ("220202", "220203", "220281", "220302")
_FAMILIES: Final = "赵钱孙李周吴郑王冯陈"
_GIVEN: Final = "一二三四五六七八九十"


def credit_code(rng: Random) -> str:
    """A unified social credit code with both check characters right."""
    while True:
        organisation = "".join(rng.choice("0123456789ABCDEFGH") for _ in range(8))
        body = f"91{rng.choice(_COUNTIES)}{organisation}{organisation_check(organisation)}"
        code = body + credit_check(body)
        if is_credit_code(code):
            return code


def resident_id(rng: Random) -> str:
    """A resident ID number of somebody born between 1901 and 1910."""
    born = date(1901, 1, 1) + timedelta(days=rng.randrange(3_600))
    body = f"{rng.choice(_COUNTIES)}{born:%Y%m%d}{rng.randrange(1_000):03}"
    return body + resident_check(body)


def card_number(rng: Random) -> str:
    """16 to 19 digits, Luhn right (a failure would only warn)."""
    length = rng.choice((16, 17, 18, 19))
    body = "62" + "".join(rng.choice("0123456789") for _ in range(length - 3))
    return next(body + last for last in "0123456789" if luhn_ok(body + last))


def person_name(rng: Random) -> str:
    return "示例" + rng.choice(_FAMILIES) + rng.choice(_GIVEN) + rng.choice(_GIVEN)


def company_name(rng: Random) -> str:
    return f"示例企业{rng.randrange(10_000)}有限公司"


def phone(rng: Random) -> str:
    return f"1390000{rng.randrange(10_000):04}"
