"""What ``:86:`` says about a statement line: structured by ``?20`` or by ``/EREF/``, or free text.

No two banks write it alike; what is not recognised stays text. Names and accounts in it are
identities.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_SUBFIELD: Final = re.compile(r"\?([0-9]{2})")
_CODED: Final = re.compile(r"[0-9]{3}\?")
_PLUS: Final = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+")
_SLASHED: Final = re.compile(
    r"/(EREF|REMI|NAME|IBAN|RTRN|BENM|ORDP|PREF|TRTP|MARF|CSID|BIC|SVCL|PURP|TRCD|ISDT|CNTP)/"
)
_RETURN: Final = re.compile(r"[A-Z]{2}[0-9]{2}")
_TEXTS: Final = frozenset(f"{number:02}" for number in (*range(20, 30), *range(60, 64)))
_NOT_PROVIDED: Final = "NOTPROVIDED"


class Information(NamedTuple):
    """What was recognised.

    Attributes:
        end_to_end: The payer's reference, or None.
        batch: Reference of the batch, or None.
        return_code: ISO reason of a return; empty for a return without one; None for no return.
        name: Name of the other side, or None. Identity.
        account: Account of the other side, or None. Identity.
        text: The rest, or None. May hold identity.
    """

    end_to_end: str | None = None
    batch: str | None = None
    return_code: str | None = None
    name: str | None = None
    account: str | None = None
    text: str | None = None


def information_of(lines: Sequence[str]) -> Information:
    """Read the lines of ``:86:``."""
    joined = "".join(lines)
    if _CODED.match(joined) is not None:
        return _by_question_marks(joined)
    if _SLASHED.search(joined) is not None:
        return _by_slashes(joined)
    return Information(text=" ".join(line.strip() for line in lines).strip() or None)


def _by_question_marks(joined: str) -> Information:
    """German banks' way: a code of three digits, then ``?00`` to ``?63``."""
    parts = _SUBFIELD.split(joined)
    found: dict[str, str] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        found[name] = found.get(name, "") + text
    text = "".join(value for name, value in sorted(found.items()) if name in _TEXTS)
    named = _pieces(_PLUS, text)
    return Information(
        end_to_end=_provided(named.get("EREF")),
        batch=_provided(named.get("KREF")),
        return_code=_return_code(joined) if parts[0].strip() in {"108", "109", "159"} else None,
        name=(found.get("32", "") + found.get("33", "")).strip() or None,
        account=found.get("31", "").strip() or None,
        text=(named.get("SVWZ") or text).strip() or None,
    )


def _by_slashes(joined: str) -> Information:
    """The way of Dutch banks and others: ``/EREF/.../REMI/...``."""
    named = _pieces(_SLASHED, joined)
    returned = named.get("RTRN")
    return Information(
        end_to_end=_provided(named.get("EREF")),
        batch=_provided(named.get("PREF")),
        return_code=None if returned is None else _return_code(returned),
        name=named.get("NAME") or None,
        account=named.get("IBAN") or None,
        text=named.get("REMI") or None,
    )


def _pieces(marks: re.Pattern[str], text: str) -> dict[str, str]:
    """The text behind each mark, up to the next."""
    parts = marks.split(text)
    found: dict[str, str] = {}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(name, value.strip().strip("/").strip())
    return found


def _provided(text: str | None) -> str | None:
    return None if text in {None, "", _NOT_PROVIDED} else text


def _return_code(text: str) -> str:
    match = _RETURN.search(text)
    return "" if match is None else match[0]
