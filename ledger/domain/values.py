"""What a single value of a posting must look like, and the code that answers when it does not.

Shapes are those of ``ledger.domain.shapes``. A check returns what is wrong in a word, or
None; it never repeats the value, which may be somebody's identity: ``evident`` says which of
them a message may show.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from ledger.domain.base import Shape
from ledger.kernel.dates import is_period, parse_date
from ledger.kernel.identifiers import (
    credit_code_problem,
    is_card_number,
    is_claim,
    is_ref,
    is_region,
    resident_id_problem,
)  # fmt: skip
from ledger.kernel.money import MAX_FEN
from ledger.kernel.text import MAX_TEXT, holds_identity, text_problem

HALF_DAYS: Final = frozenset(Decimal(halves) / 2 for halves in range(63))
"""What a worker can attend in a month: 0 to 31 days in steps of a half."""

MAX_COUNT: Final = 10**9
SCORE_STEP: Final = Decimal("1e-9")


def shown(name: str) -> str:
    """An unknown field's name as it may be shown: short, and without what it may hide."""
    plain = re.fullmatch(r"[A-Za-z0-9_]{1,40}", name) is not None
    return name if plain and not holds_identity(name) else "?"


Check = Callable[[Any, Shape, str], str | None]


def _matches(test: Callable[[str], bool]) -> Check:
    def check(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
        return None if isinstance(value, str) and test(value) else "form"

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
        if type(value) is not int:
            return "not_a_whole_number"
        return None if low <= value <= high else "out_of_range"

    return check


def _signed(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if type(value) is not int:
        return "not_a_whole_number"
    return None if value and -MAX_FEN <= value <= MAX_FEN else "out_of_range"


def _text(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if not isinstance(value, str) or not value.strip():
        return "empty"
    if len(value) <= MAX_TEXT and value.isascii() and value.isprintable():
        return None  # as nearly all references of banks are
    return text_problem(value)


def _free_text(value: Any, shape: Shape, today: str) -> str | None:  # noqa: ANN401 - any JSON
    return _text(value, shape, today) or ("holds_identity" if holds_identity(value) else None)


def _booking(value: Any, shape: Shape, today: str) -> str | None:  # noqa: ANN401 - any JSON
    """The bank's reference of a line, or its occurrence number."""
    return _OCCURRENCE(value, shape, today) if type(value) is int else _text(value, shape, today)


def _claim(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    return None if isinstance(value, str) and is_claim(value) else "form"


def _party(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    return credit_code_problem(value) if isinstance(value, str) else "form"


def _id_number(value: Any, _shape: Shape, today: str) -> str | None:  # noqa: ANN401 - any JSON
    return resident_id_problem(value, parse_date(today)) if isinstance(value, str) else "form"


def _choice(value: Any, shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    return None if value in shape.choices and isinstance(value, str) else "not_a_choice"


def _flag(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    return None if type(value) is bool else "not_a_flag"


def _days(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if type(value) is not int and not isinstance(value, Decimal):
        return "not_a_number"
    # Compared, never computed with: arithmetic rounds long numbers and fails on huge ones.
    return None if value in HALF_DAYS else "out_of_range"


def _score(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if type(value) is not int and not isinstance(value, Decimal):
        return "not_a_number"
    if not 0 <= value <= MAX_COUNT:
        return "out_of_range"
    return None if value == Decimal(value).quantize(SCORE_STEP) else "out_of_range"


def plain_number(value: Decimal) -> int | str:
    """One way to write a number, however it was given: 0.90 is 0.9 and 1.0 is 1."""
    return int(value) if value == int(value) else format(value.normalize(), "f")


def _policy(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if type(value) is int:
        return None
    return text_problem(value) if isinstance(value, str) and value else "not_a_whole_number"


def _account(value: Any, _shape: Shape, _today: str) -> str | None:  # noqa: ANN401 - any JSON
    if not isinstance(value, str):
        return "form"
    pot, _, of = value.partition(":")
    fits = {"wage": is_ref, "deposit": is_ref, "fund": is_region}.get(pot)
    return None if fits is not None and fits(of) else "form"


WHOLE: Final = {
    "amount": (1, MAX_FEN),
    "amount0": (0, MAX_FEN),
    "signed0": (-MAX_FEN, MAX_FEN),
    "count": (1, MAX_COUNT),
    "position": (1, 2**62),
    "year": (1949, 9999),
}
"""Least and greatest of what is a whole number."""

_OCCURRENCE: Final = _whole(*WHOLE["count"])

CHECKS: Final[Mapping[str, Check]] = {
    **{step: _whole(*bounds) for step, bounds in WHOLE.items()},
    "ref": _matches(is_ref),
    "claim": _claim,
    "party": _party,
    "region": _matches(is_region),
    "region_or_cn": _matches(lambda value: value == "CN" or is_region(value)),
    "date": _matches(lambda value: parse_date(value) is not None),
    "period": _matches(is_period),
    "signed": _signed,
    "text": _free_text,
    "name": _text,
    "flag": _flag,
    "choice": _choice,
    "id_number": _id_number,
    "card": _matches(is_card_number),
    "phone": _matches(lambda value: re.fullmatch(r"\+?[0-9][0-9 -]{4,18}[0-9]", value) is not None),
    # Not free text: one row of 16 digits in ten passes for a card by chance.
    "bank_ref": _text,
    "booking": _booking,
    "digits4": _matches(lambda value: re.fullmatch("[0-9]{4}", value) is not None),
    "days": _days,
    "score": _score,
    "account": _account,
    "value": _policy,
}


CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "days": lambda value: int(value * 2),
    "booking": str,
    "score": lambda value: plain_number(value) if isinstance(value, Decimal) else value,
}
"""How a checked value enters the posting, where not as it is: half days, one spelling."""

VALUE_CODES: Final[Mapping[str, str]] = {
    "ref": "bad_id", "claim": "bad_id", "region": "bad_id", "region_or_cn": "bad_id",
    "account": "bad_id", "date": "bad_date", "period": "bad_date", "amount": "bad_amount",
    "amount0": "bad_amount", "signed": "bad_amount", "signed0": "bad_amount",
    "party": "bad_credit_code", "id_number": "bad_id_number", "card": "bad_card_number",
}  # fmt: skip

_WIDEST: Final = 64
_EVIDENT: Final[Mapping[str, re.Pattern[str]]] = {
    **dict.fromkeys(
        ("amount", "amount0", "signed", "signed0", "count", "position", "year", "days"),
        re.compile(r"[-+]?[0-9][0-9.,]{0,14}([eE][-+]?[0-9]{1,5})?"),
    ),
    **dict.fromkeys(("date", "period"), re.compile(r"[-0-9/.:TZ+]{1,32}")),
    **dict.fromkeys(("region", "region_or_cn"), re.compile("[0-9A-Z]{1,9}")),
    "party": re.compile("[0-9A-Za-z]{17,19}"),
}
"""Shapes whose wrong values can be shown, and what of them is short and plain enough for it."""


def evident(step: str, value: Any) -> str:  # noqa: ANN401 - any JSON
    """A wrong value as a message may show it; empty where it could be or hold an identity.

    Names, ids of workers and free text are never shown: a person's name may have been put there.
    """
    pattern = _EVIDENT.get(step)
    if pattern is None or isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    if isinstance(value, int) and value.bit_length() > _WIDEST:
        return ""
    text = str(value)
    return text if pattern.fullmatch(text) and not holds_identity(text) else ""
