"""Money: whole fen everywhere in the program, yuan only where people read and write.

CNY 1.00 = 100 fen. Yuan on screens and in files have at most two decimals; a third one is an
error and is never rounded.
"""

import re
from typing import Final, NewType

from ledger.kernel.errors import LedgerError

Fen = NewType("Fen", int)
"""An amount in fen. May be negative: a credit, a bank's debit."""

ZERO: Final = Fen(0)
MAX_FEN: Final = Fen(10**15)
"""The largest amount of one field, 10 trillion yuan: sums of 9,000 of them still fit 64 bits."""

MAX_SUM_FEN: Final = Fen(2**60)
"""The largest sum: of a sheet, of a balance. What databases keep exactly has room for several."""

_FEN_PER_YUAN: Final = 100
_YUAN: Final = re.compile(
    r"(?P<sign>-?)(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]{1,2}))?"
)
_TOO_MANY_DECIMALS: Final = re.compile(r"-?[0-9,]+\.[0-9]{3,}")
_LONGEST: Final = 40


class MoneyError(LedgerError):
    """A text is no amount in yuan; ``reason`` is not_a_number, decimals or too_large."""

    def __init__(self, reason: str) -> None:
        super().__init__("bad_amount", reason=reason)


def format_yuan(amount_fen: int) -> str:
    """Write an amount in fen as yuan, ``1,234.56``; a credit as ``-1,234.56``."""
    yuan, fen = divmod(abs(amount_fen), _FEN_PER_YUAN)
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{yuan:,}.{fen:02}"


def parse_yuan(text: str) -> Fen:
    """Read an amount in yuan, exactly: ``1234.5`` and ``1,234.50`` are 123,450 fen.

    Blanks around it are ignored. Thousands separators stand before every three digits or
    nowhere, so that a decimal comma is never taken for one.

    Raises:
        MoneyError: not_a_number, decimals (more than two), too_large (beyond 10^15 fen).
    """
    stripped = text.strip()
    match = _YUAN.fullmatch(stripped) if len(stripped) <= _LONGEST else None
    if match is None:
        reason = "decimals" if _TOO_MANY_DECIMALS.fullmatch(stripped) else "not_a_number"
        raise MoneyError(reason)
    whole = int(match["whole"].replace(",", ""))
    fen = int((match["decimals"] or "").ljust(2, "0"))
    amount = whole * _FEN_PER_YUAN + fen
    if amount > MAX_FEN:
        reason = "too_large"
        raise MoneyError(reason)
    return Fen(-amount if match["sign"] else amount)
