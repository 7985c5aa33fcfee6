"""Amounts of any currency, exactly: decimal text to whole minor units.

How many decimals a currency has: ISO 4217. CNY 1.00 is 100 minor units, JPY 1 is one, KWD 1.000 is
a thousand. A code that ISO 4217 does not know counts two decimals and is flagged by the readers;
old currencies of the euro are known, since old MT940 files carry them.
"""

import re
from typing import Final, NamedTuple

MOST_DIGITS: Final = 18
"""Digits of an amount, as ISO 20022 limits them; so sums fit where they must."""

_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ITL ESP BEF LUF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"
_TWO: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWL ZWG
DEM FRF NLG ATS FIM IEP PTE GRD EEK LVL LTL SIT SKK CYP MTL
"""
MINOR_DIGITS: Final = {
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Decimals of the minor unit by currency."""

UNKNOWN_DIGITS: Final = 2
_CODE: Final = re.compile(r"[A-Z]{3}")


class Amount(NamedTuple):
    """An amount as it was read.

    Attributes:
        minor: Whole minor units, never negative; what is finer is cut off.
        exact: Whether nothing was cut off.
    """

    minor: int
    exact: bool = True


def is_code(text: str) -> bool:
    """Whether a text has the form of a currency code."""
    return _CODE.fullmatch(text) is not None


def read_amount(text: str, currency: str, mark: str = ".") -> Amount | None:
    """Read an unsigned amount: ``1234.5`` of EUR is 123,450; None for what is no amount.

    Digits with at most one decimal mark; zeros behind the smallest unit are harmless.

    Args:
        text: Digits, with the decimal mark of the format.
        currency: ISO 4217 code.
        mark: The decimal mark: a full stop in XML, a comma in MT940.
    """
    whole, _mark, decimals = text.partition(mark)
    both = whole + decimals
    if not (both.isascii() and both.isdigit()) or len(both.lstrip("0")) > MOST_DIGITS:
        return None
    digits = MINOR_DIGITS.get(currency, UNKNOWN_DIGITS)
    if len(decimals) <= digits:
        return Amount(int(both) * 10 ** (digits - len(decimals)))
    kept, cut = both[: len(whole) + digits], decimals[digits:]
    return Amount(int(kept or "0"), not cut.strip("0"))


def minor_text(amount_minor: int, currency: str) -> str:
    """Write minor units with the currency's decimals: ``-1,234.56``."""
    digits = MINOR_DIGITS.get(currency, UNKNOWN_DIGITS)
    sign = "-" if amount_minor < 0 else ""
    whole, decimals = divmod(abs(amount_minor), 10**digits)
    return f"{sign}{whole:,}.{decimals:0{digits}}" if digits else f"{sign}{whole:,}"


def format_minor(amount_minor: int, currency: str) -> str:
    """Write minor units with their currency: ``-1,234.56 EUR``."""
    return f"{minor_text(amount_minor, currency)} {currency}".rstrip()
