"""How a payout is called towards the bank, and how a bank's answer finds it again.

Every name begins with ``WL`` and two check digits (ISO 7064, MOD 97-10, as in an IBAN), then the
position of the batch's instruction in the tenant's log, then what it is: ``WL51B182L7`` is line 7
of the batch instructed at position 182. Letters and digits only, at most 35 of them, which every
bank format carries. A name that somebody mistyped is no name at all, rather than another line's.
"""

import hashlib
import re
from string import ascii_uppercase
from typing import Final, NamedTuple

MOST: Final = 35
"""Longest reference that ISO 20022 carries."""

_MODULUS: Final = 97
_DIGEST: Final = 12
_PREFIX: Final = "WL"
_NAME: Final = re.compile(r"WL([0-9]{2})(B([1-9][0-9]{0,17})(?:L([1-9][0-9]{0,5})|F[0-9A-F]{12})?)")


class PayoutReference(NamedTuple):
    """What a reference names.

    Attributes:
        position: Position of the batch's PayoutInstructed.
        line: Line of the batch, from 1; None where the whole batch is meant.
    """

    position: int
    line: int | None


def end_to_end(position: int, line: int) -> str:
    """Name of one line of a batch: EndToEndId, and the reference of every other format.

    Args:
        position: Position of the batch's PayoutInstructed in the tenant's log.
        line: Line of the batch, from 1.
    """
    return _named(f"B{position}L{line}")


def payment_information(position: int) -> str:
    """Name of a whole batch: PmtInfId, which a batch booking of the bank repeats."""
    return _named(f"B{position}")


def message_id(tenant: str, batch: str, position: int, file_format: str) -> str:
    """Name of the file of a batch in one format: the same file has the same name for ever."""
    said = "\n".join((tenant, batch, str(position), file_format))
    digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGEST].upper()
    return _named(f"B{position}F{digest}")


def parse_reference(text: str) -> PayoutReference | None:
    """What a reference names, or None where it is none of ours or its check digits are wrong."""
    found = _NAME.fullmatch(text.strip().upper())
    if found is None or found[1] != _check(found[2]):
        return None
    return PayoutReference(int(found[3]), int(found[4]) if found[4] else None)


def _named(body: str) -> str:
    return f"{_PREFIX}{_check(body)}{body}"


_AS_DIGITS: Final = {ord(letter): str(int(letter, 36)) for letter in ascii_uppercase}


def _check(body: str) -> str:
    """Two check digits over everything else, letters counted as 10 to 35."""
    digits = f"{body}{_PREFIX}00".translate(_AS_DIGITS)
    return f"{_MODULUS + 1 - int(digits) % _MODULUS:02}"
