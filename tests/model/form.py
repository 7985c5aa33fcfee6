"""Step 1 of the order of judgement: is this a posting at all?

The answer is the posting with nulls dropped and defaults filled in, or the first form code in the
order in which the contract writes them.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from tests.model.fields import CHOICES, FIELDS
from tests.model.identifiers import (
    holds_identity,
    is_card_number,
    is_credit_code,
    is_resident_id,
)

MAX_FEN: Final = 10**15
MAX_LINES: Final = 200_000
MAX_TEXT: Final = 500

ORDER: Final = (
    "bad_field",
    "bad_id",
    "bad_date",
    "bad_amount",
    "bad_credit_code",
    "bad_id_number",
    "bad_card_number",
)
"""The form codes of single fields, in the order in which the contract writes them."""


class FormError(Exception):
    """The posting is invalid; `code` is the form code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def fail_if(failed: object, code: str) -> None:
    """The first form code is the answer."""
    if failed:
        raise FormError(code)


# -- one value ----------------------------------------------------------------


def is_ref(value: object) -> bool:
    """1 to 64 letters of any script, digits, `-`, `_`, `.`."""
    return (
        isinstance(value, str)
        and 1 <= len(value) <= 64
        and all(c in "-_." or unicodedata.category(c)[0] == "L" or c.isdecimal() for c in value)
    )


def _is_claim(value: object) -> bool:
    if not isinstance(value, str):
        return False
    name, slash, line = value.partition("/")
    return is_ref(name) and (not slash or re.fullmatch("[1-9][0-9]{0,5}", line) is not None)


def is_date(value: object) -> bool:
    """A real day, written YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_clean(value: object, limit: int | None = MAX_TEXT) -> bool:
    """Text without control, format (bidi, zero-width) or surrogate characters."""
    return (
        isinstance(value, str)
        and value.strip() != ""
        and (limit is None or len(value) <= limit)
        and not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in value)
    )


def _is_document(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {"type", "number", "sha256"}:
        return False
    digest = value.get("sha256", "0" * 64)
    return (
        all(_is_clean(value[name], None) for name in ("type", "number") if name in value)
        and isinstance(digest, str)
        and re.fullmatch("[0-9a-f]{64}", digest) is not None
    )


def _is_days(value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and 0 <= value <= 31
        and (value * 2) % 1 == 0
    )


def _is_account(value: object) -> bool:
    if not isinstance(value, str):
        return False
    pot, _, owner = value.partition(":")
    if pot == "fund":
        return re.fullmatch("[0-9]{6}", owner) is not None
    return pot in {"wage", "deposit"} and is_ref(owner)


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


_PERIOD: Final = "[0-9]{4}-(0[1-9]|1[0-2])"
_TYPES: Final[dict[str, tuple[str, Callable[[object], bool]]]] = {
    "ref": ("bad_id", is_ref),
    "claim": ("bad_id", _is_claim),
    "region": ("bad_id", _matches("[0-9]{6}")),
    "policy_region": ("bad_id", _matches("[0-9]{6}|CN")),
    "date": ("bad_date", is_date),
    "period": ("bad_date", _matches(_PERIOD)),
    "amount": ("bad_amount", lambda v: _is_int(v, 1, MAX_FEN)),
    "amount0": ("bad_amount", lambda v: _is_int(v, 0, MAX_FEN)),
    "signed": ("bad_amount", lambda v: _is_int(v, -MAX_FEN, MAX_FEN)),
    "signed1": ("bad_amount", lambda v: v != 0 and _is_int(v, -MAX_FEN, MAX_FEN)),
    "party": ("bad_credit_code", is_credit_code),
    "card": ("bad_card_number", is_card_number),
    "text": ("bad_field", _is_clean),
    "free": ("bad_field", lambda v: _is_clean(v, None)),
    "flag": ("bad_field", lambda v: isinstance(v, bool)),
    "number": ("bad_field", lambda v: _is_int(v, 1, MAX_FEN)),
    "score": ("bad_field", lambda v: _is_int(v, 0, 100)),
    "days": ("bad_field", _is_days),
    "last4": ("bad_field", _matches("[0-9]{4}")),
    "account": ("bad_field", _is_account),
    "value": ("bad_field", lambda v: isinstance(v, (str, int))),
    "document": ("bad_field", _is_document),
}

_COMMON: Final = "kind:text on:date key:text by?:party document?:document note?:free"


def _field(kind_of: str, value: object, today: date) -> str | None:
    """The code of a value of that type, None when it is right."""
    if kind_of == "id_number":
        return None if is_resident_id(value, today) else "bad_id_number"
    if kind_of in CHOICES:
        return None if value in CHOICES[kind_of] else "bad_field"
    if kind_of == "claims_or_all" and value == "all":
        return None
    if kind_of in {"claims", "claims_or_all"}:
        if not isinstance(value, list):
            return "bad_field"
        return None if all(_is_claim(claim) for claim in value) else "bad_id"
    code, right = _TYPES[kind_of]
    return None if right(value) else code


# -- one posting --------------------------------------------------------------


def _parse(spec: str) -> list[tuple[str, str]]:
    """`a:x lines[b:y c:z]` as [("a", "x"), ("lines", "[b:y c:z]")]."""
    found = re.findall(r"(\w+\??)(?::(\w+)|(\[[^\]]*\]))", spec)
    return [(name, kind_of or nested) for name, kind_of, nested in found]


def _problems(spec: str, given: dict[str, Any], today: date) -> set[str]:
    """Every form code that a document or one of its lines earns."""
    found: set[str] = set()
    known = {name.rstrip("?"): kind_of for name, kind_of in _parse(spec)}
    if given.keys() - known.keys():
        found.add("bad_field")
    for name, kind_of in _parse(spec):
        value = given.get(name.rstrip("?"))
        if value is None:
            if not name.endswith("?"):
                found.add("bad_field")
        elif not kind_of.startswith("["):
            code = _field(kind_of, value, today)
            found |= {code} if code else set()
        elif not isinstance(value, list):
            found.add("bad_field")
        elif kind_of == "[*text]":
            found |= {"bad_field" for reference in value if not _is_clean(reference)}
        else:
            for line in value:
                found |= (
                    _problems(kind_of[1:-1], line, today)
                    if isinstance(line, dict)
                    else {"bad_field"}
                )
    return found


def _without_nulls(value: object) -> Any:  # noqa: ANN401 -- any JSON
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError(pairs)
    return dict(pairs)


def read(line: str) -> object:
    """One line of JSON; duplicate names, NaN and bottomless nesting are no JSON here."""
    try:
        return json.loads(line, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None  # which is no object, and so bad_json


def judge(given: object, today: date) -> dict[str, Any]:
    """The posting in its normal form, or FormError with the first code in the order."""
    fail_if(not isinstance(given, dict), "bad_json")
    posting = _without_nulls(given)
    kind = posting.get("kind")
    fail_if(not isinstance(kind, str) or kind not in FIELDS, "bad_kind")
    found = _problems(f"{_COMMON} {FIELDS[kind]}", posting, today)
    if kind == "BreakResolved" and (
        ("position" in posting) == ("line" in posting)
        or ("line" in posting) != ("statement_id" in posting)
    ):
        found.add("bad_field")
    if kind == "StatementImported" and not found:
        inside = [posting["from"], *(x["on"] for x in posting["lines"]), posting["to"]]
        if any(not inside[0] <= day <= inside[-1] for day in inside):
            found.add("bad_date")
    for code in ORDER:
        fail_if(code in found, code)
    _judge_document(posting, today)
    _fill_defaults(posting)
    return posting  # type: ignore[no-any-return]


def _judge_document(f: dict[str, Any], today: date) -> None:
    """What the parts of a posting must be together."""
    kind = f["kind"]
    lists = [f[name] for name in ("lines", "claims", "matched") if isinstance(f.get(name), list)]
    empty = any(not items for items in lists) and kind != "StatementImported"
    fail_if(empty, "empty_lines")
    fail_if(any(len(items) > MAX_LINES for items in lists), "too_many_lines")
    free = [f.get("note"), f.get("reason"), f.get("document", {}).get("number")]
    for text in filter(None, free):
        fail_if(len(text) > MAX_TEXT or holds_identity(text, today), "bad_field")
    lines = [line for line in f.get("lines", []) if isinstance(line, dict)]
    claims = f["claims"] if isinstance(f.get("claims"), list) else []
    named = claims + [line["claim"] for line in lines if "claim" in line]
    fail_if(len(set(named)) != len(named), "duplicate_claim")
    amounts = [line.get("amount_fen", 0) for line in lines]
    if kind == "PayrollSubmitted":
        _judge_sheet(lines)
    elif kind == "PayoutInstructed":
        right = (sum(amounts), len(lines)) == (f["total_fen"], f["count"])
        fail_if(not right, "control_total")
    elif kind == "ProgressCertified":
        fail_if(f["labour_cost_fen"] > f["progress_fen"], "bad_split")
    elif "deadline_on" in f:
        fail_if(f["deadline_on"] < f["on"], "bad_deadline")
    elif kind == "StatementImported":
        right = f["opening_fen"] + sum(amounts) == f["closing_fen"]
        fail_if(not right, "statement_arithmetic")


def _judge_sheet(lines: list[dict[str, Any]]) -> None:
    workers = [line["worker"] for line in lines]
    fail_if(len(set(workers)) != len(workers), "duplicate_worker")
    for line in lines:
        if {"gross_fen", "deductions_fen"} & line.keys():
            net = line.get("gross_fen", 0) - line.get("deductions_fen", 0)
            fail_if(net != line["net_fen"], "line_arithmetic")


def _fill_defaults(f: dict[str, Any]) -> None:
    for kind, name in (
        ("PayrollSubmitted", "back_pay"),
        ("ProgressCertified", "supplement"),
        ("AttendancePosted", "replaces"),
    ):
        if f["kind"] == kind:
            f.setdefault(name, False)
    if f["kind"] in {"AdvanceRequested", "AdvanceApproved"}:
        f.setdefault("level", "bureau")
    if f["kind"] == "ProjectRegistered":
        f.setdefault("contract_on", f["starts_on"])
