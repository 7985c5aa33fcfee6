"""Why a bank sent money back: its own codes, and the few that the ledger knows.

The codes of ISO 20022 (external status and return reasons) are facts of the standard. What is
not listed is ``other``, or ``late_return`` where the line had been settled; the bank's code stays
beside it as it was received.
"""

from collections.abc import Mapping
from typing import Final, get_args

from ledger.domain.base import Shape
from ledger.domain.shapes import ReturnCode

RETURN_CODES: Final[tuple[str, ...]] = next(
    shape.choices for shape in get_args(ReturnCode) if isinstance(shape, Shape)
)
"""The codes of a PayoutReturned line."""

_BY_CODE: Final[Mapping[str, tuple[str, ...]]] = {
    "account_closed": ("AC04", "AC07"),
    "account_frozen": ("AC06", "AM07"),
    "account_not_found": ("AC01", "AC03", "BE06"),
    "name_mismatch": ("BE01", "BE22"),
    "limit": ("AM02", "AM13", "AM14", "AM21", "AM23"),
    "insufficient_balance": ("AM04",),
    "bank_error": (
        "AB05", "AB06", "AB07", "AB08", "AB09", "AB10", "ED05", "RC01", "RC03", "RC04", "TM01",
    ),
    "cancelled": ("CUST", "DS02", "DUPL", "FOCR"),
}  # fmt: skip
_OURS: Final = {iso: code for code, listed in _BY_CODE.items() for iso in listed}

SETTLED: Final = frozenset({"ACSC", "ACCC"})
"""Status codes by which a bank confirms: on the debtor's side, on the creditor's account."""

RETURNED: Final = frozenset({"RJCT", "CANC"})
"""Status codes by which it refuses or takes back."""


def return_code(bank_code: str | None, *, late: bool = False) -> str:
    """The ledger's code for a bank's code.

    Args:
        bank_code: As received, None where the bank gave none.
        late: Whether the line had been settled before.
    """
    unknown = "late_return" if late else "other"
    return unknown if bank_code is None else _OURS.get(bank_code.strip().upper(), unknown)
