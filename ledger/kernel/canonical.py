"""Canonical bytes: the one spelling of a fact that is stored, hashed and signed.

JSON in UTF-8 with keys sorted by code point, no blanks, and only null, booleans, integers,
strings, lists and objects. Amounts are integer fen; a float has more than one spelling and loses
fen, so it is refused wherever it stands. What is stored is hashed as it is and never
re-serialised.
"""

import json
from types import NoneType
from typing import Final, cast

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True,
    separators=(",", ":"),
).encode  # fmt: skip
"""A value in itself never comes here: looking at its types never ends before."""
_PLAIN: Final = frozenset({str, int, bool, NoneType})


class NotCanonicalError(TypeError):
    """A value has no canonical spelling: a bug of the caller, who judges form first.

    The message names what stands in the way, never the value itself.
    """


def canonical_bytes(value: object) -> bytes:
    """Return the canonical spelling of a value made of plain JSON types.

    Raises:
        NotCanonicalError: for a float (NaN too), a decimal, a date or any other type, a key that
            is no string, a lone surrogate, an integer of thousands of digits, a value nested too
            deep or in itself.
    """
    try:
        _require_plain(value)
        return _encode(value).encode()
    except UnicodeEncodeError:
        reason = "lone surrogate"
    except RecursionError:
        reason = "nested too deep"
    except ValueError:
        reason = "integer too long"
    raise NotCanonicalError(reason)


def _require_plain(value: object) -> None:
    """Refuse every type that JSON would spell in more than one way, or silently change.

    The encoder itself turns 1.0 and the key 1 into text without a word. Exact types, because a
    subclass may spell itself differently. Costs half of the encoding; asking the decoder to read
    the result back for floats would cost as much again and would still miss the keys.
    """
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is dict:
        for key, item in cast("dict[object, object]", value).items():
            if type(key) is not str:
                reason = "key that is no string"
                raise NotCanonicalError(reason)
            if type(item) not in _PLAIN:  # asked here too: a call for each costs more than it does
                _require_plain(item)
    elif kind is list or kind is tuple:
        for item in cast("list[object]", value):
            if type(item) not in _PLAIN:
                _require_plain(item)
    else:
        raise NotCanonicalError(kind.__name__)
