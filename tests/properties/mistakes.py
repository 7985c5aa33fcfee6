"""Deliberate mistakes: a plausible posting spoiled in one way, for every form and key code."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, Final

from tests.model.fields import FIELDS
from tests.model.plain_model import PlainModel
from tests.properties import inventions
from tests.properties.world import Posting

Spoiler = Callable[[Posting, Random], bool]
"""Spoils a posting in place; False where it has nothing to spoil."""

SPOILERS: Final[list[Spoiler]] = []

MANY_PARTS: Final = (
    "PayoutInstructed",
    "PayrollSubmitted",
    "ProgressCertified",
    "DecisionIssued",
    "StatementImported",
)
"""Kinds whose parts must agree with each other, see `wrong_sums`."""


def _spoiler(function: Spoiler) -> Spoiler:
    SPOILERS.append(function)
    return function


def _fields(posting: Posting, *types: str) -> list[str]:
    """The fields of the posting whose type is one of these."""
    words = FIELDS[posting["kind"]].split()
    pairs = [word.split(":") for word in words if word.count(":") == 1 and "[" not in word]
    named = [name.rstrip("?") for name, kind_of in pairs if kind_of.rstrip("]") in types]
    return [name for name in named if name in posting]


def _lines(posting: Posting, *fields: str) -> list[Posting]:
    """The lines that have one of these fields."""
    lines = [line for line in posting.get("lines", []) if isinstance(line, dict)]
    return [line for line in lines if line.keys() & set(fields)]


def _set_one(posting: Posting, rng: Random, types: tuple[str, ...], bad: tuple[Any, ...]) -> bool:
    names = _fields(posting, *types)
    if not names:
        return False
    posting[rng.choice(names)] = rng.choice(bad)
    return True


# -- single fields ------------------------------------------------------------


@_spoiler
def unknown_kind(posting: Posting, rng: Random) -> bool:
    posting["kind"] = rng.choice(("PartyDeleted", "", "PersonErased", 7))
    return True


@_spoiler
def unknown_field(posting: Posting, rng: Random) -> bool:
    posting[rng.choice(("colour", "amount", "Note"))] = rng.choice(("red", 1, [], {"a": 1}))
    return True


@_spoiler
def missing_field(posting: Posting, rng: Random) -> bool:
    required = [
        word.split(":")[0].split("[")[0]
        for word in FIELDS[posting["kind"]].split("lines[")[0].split()
        if "?" not in word and "[" not in word
    ]
    name = rng.choice([*required, "on", "key"])
    if name not in posting:
        return False
    posting[name] = None
    if rng.random() < 0.5:
        del posting[name]
    return True


@_spoiler
def bad_text(posting: Posting, rng: Random) -> bool:
    bad = ("", 5, ["x"], "a\u0000b", "a\u202eb", "zero\u200bwidth")
    return _set_one(posting, rng, ("text", "free"), bad)


@_spoiler
def bad_id(posting: Posting, rng: Random) -> bool:
    bad = ("", "a b", "x" * 65, "a/b/c", "项目#1", 12, None, ["P"])
    return _set_one(posting, rng, ("ref",), tuple(b for b in bad if b is not None))


@_spoiler
def bad_region(posting: Posting, rng: Random) -> bool:
    return _set_one(posting, rng, ("region", "policy_region"), ("22020", "22020a", "", 220200))


@_spoiler
def bad_day(posting: Posting, rng: Random) -> bool:
    bad = ("2025-02-30", "2025-2-3", "20250203", "", 20250203, "2025-02-03T00:00")
    if rng.random() < 0.5:
        posting["on"] = rng.choice(bad)
        return True
    return _set_one(posting, rng, ("date",), bad)


@_spoiler
def bad_period(posting: Posting, rng: Random) -> bool:
    return _set_one(posting, rng, ("period",), ("2025-13", "2025", "2025-1", 202501, "2025-00"))


@_spoiler
def bad_amount(posting: Posting, rng: Random) -> bool:
    bad = (0, -1, 10**15 + 1, 1.5, 100.0, "100", True, 10**18)
    lines = _lines(posting, "amount_fen")
    if lines and rng.random() < 0.7:
        rng.choice(lines)["amount_fen"] = rng.choice(bad)
        return True
    return _set_one(posting, rng, ("amount",), bad)


@_spoiler
def bad_credit_code(posting: Posting, rng: Random) -> bool:
    bad = ("9122020090000033XQ", "91220200900000110", "", 9, "912202009000001100")
    if rng.random() < 0.3:
        posting["by"] = rng.choice(bad)
        return True
    return _set_one(posting, rng, ("party",), bad)


@_spoiler
def bad_identity(posting: Posting, rng: Random) -> bool:
    bad = ("220202190211010002", "22020219021301001X", "2202021902", "", 220202190211010001)
    if _set_one(posting, rng, ("id_number",), bad):
        return True
    return _set_one(posting, rng, ("card",), ("123", "6" * 20, "62284890395584318X", ""))


@_spoiler
def text_with_an_identity(posting: Posting, rng: Random) -> bool:
    person = inventions.resident_id(rng)
    card = inventions.card_number(rng)
    name = rng.choice(("note", "reason", "document"))
    text = rng.choice((f"工人{person}", f"card {card}.", "很" * 501))
    if name == "reason" and "reason" not in posting:
        return False
    posting[name] = {"number": text} if name == "document" else text
    return True


# -- lines --------------------------------------------------------------------


@_spoiler
def no_lines(posting: Posting, rng: Random) -> bool:
    names = [n for n in ("lines", "claims") if isinstance(posting.get(n), list)]
    if not names or posting["kind"] == "StatementImported":
        return False
    posting[rng.choice(names)] = []
    return True


@_spoiler
def line_twice(posting: Posting, rng: Random) -> bool:
    names = [n for n in ("lines", "claims") if isinstance(posting.get(n), list)]
    kinds = ("AttendancePosted", "StatementImported")
    if not names or posting["kind"] in kinds or posting["kind"].startswith("StatementLine"):
        return False
    items = posting[rng.choice(names)]
    items.append(deepcopy(rng.choice(items)))
    return True


@_spoiler
def line_that_is_none(posting: Posting, rng: Random) -> bool:
    if not posting.get("lines") or posting["kind"].startswith("StatementLine"):
        return False
    lines = posting["lines"]
    lines[rng.randrange(len(lines))] = rng.choice((7, "x", {"surprise": 1}, []))
    return True


@_spoiler
def wrong_sums(posting: Posting, rng: Random) -> bool:
    """control_total, line_arithmetic, bad_split, bad_deadline, statement_arithmetic."""
    kind = posting["kind"]
    if kind == "PayoutInstructed":
        posting[rng.choice(("total_fen", "count"))] += 1
    elif kind == "PayrollSubmitted":
        line = rng.choice(posting["lines"])
        line["gross_fen"] = line["net_fen"] + line.get("deductions_fen", 0) + 1
    elif kind == "ProgressCertified":
        posting["labour_cost_fen"] = posting["progress_fen"] + 1
    elif "deadline_on" in posting:
        posting["deadline_on"] = "2001-01-01"
    elif kind == "StatementImported":
        posting["closing_fen"] += 1
    else:
        return False
    return True


# -- what is named ------------------------------------------------------------


@_spoiler
def strangers(posting: Posting, rng: Random) -> bool:
    """unknown_*: something that is named is not in the log."""
    lines = _lines(posting, "claim", "worker")
    if lines and rng.random() < 0.4:
        line = rng.choice(lines)
        name = "claim" if "claim" in line else "worker"
        line[name] = "nobody" if name == "worker" else rng.choice(("nowhere/1", "X-nowhere"))
        return True
    if isinstance(posting.get("claims"), list) and rng.random() < 0.6:
        posting["claims"][-1] = "nowhere/1"
        return True
    named = [(n, "nowhere-1") for n in _fields(posting, "ref", "claim")]
    named += [(n, inventions.credit_code(rng)) for n in _fields(posting, "party")]
    named += [(n, "220400") for n in _fields(posting, "region")]
    if not named:
        return _set_one(posting, rng, ("number",), (10**6,))
    name, stranger = rng.choice(named)
    posting[name] = stranger
    return True


@_spoiler
def tomorrow(posting: Posting, rng: Random) -> bool:
    """future_date, future_period."""
    name = rng.choice([name for name in ("on", "on", "period") if name in posting])
    posting[name] = {"on": "2999-01-01", "period": "2999-01"}[name]
    return True


@_spoiler
def far_too_early(posting: Posting, rng: Random) -> bool:
    """before_cause, account_not_open."""
    if posting["kind"] == "StatementReconciled":
        return False  # would sign off the future
    posting["on"] = rng.choice(("2025-01-01", "2024-12-31", "2025-01-20"))
    return True


@_spoiler
def elsewhere(posting: Posting, rng: Random) -> bool:
    """other_project, other_case, other_region, not_on_project and the like."""
    bad = (("project", ("P0", "P1", "P2")), ("region", ("220200", "220202", "220300")))
    named = [(name, values) for name, values in bad if name in posting]
    if not named:
        return False
    name, values = rng.choice(named)
    posting[name] = rng.choice(values)
    return True


@_spoiler
def far_too_much(posting: Posting, rng: Random) -> bool:
    """over_claim, over_payable, insufficient_funds, over_unsettled_price ..."""
    lines = _lines(posting, "amount_fen")
    if posting["kind"] == "StatementImported":
        return False
    if lines:
        rng.choice(lines)["amount_fen"] += 10**9
        if "total_fen" in posting:
            posting["total_fen"] += 10**9
        return True
    if "amount_fen" not in posting:
        return False
    posting["amount_fen"] += 10**10
    return True


# -- keys ---------------------------------------------------------------------


def posted_before(model: PlainModel, rng: Random) -> Posting | None:
    """A recorded posting again: as it was, with other content, or by another party."""
    known = sorted(model.keys())
    if not known:
        return None
    by, key = rng.choice(known)
    posting: Posting = deepcopy(model.keys()[by, key])
    if by:
        posting["by"] = by
    choice = rng.random()
    if choice < 0.5:
        if rng.random() < 0.3:
            posting["note"] = posting.get("note")  # null or what it was: the same content
        return posting
    if choice < 0.9:
        posting["note"] = f"changed {rng.randrange(1_000)}"
        return posting
    posting["by"] = inventions.credit_code(rng)
    return posting


BESIDE: Final = (
    text_with_an_identity, text_with_an_identity, unknown_field, bad_id, bad_day, bad_amount,
    bad_credit_code,
)  # fmt: skip
"""What may be wrong beside another mistake: which of two codes answers is the contract's order."""


def spoiled(posting: Posting, rng: Random) -> Posting | None:
    """The posting spoiled in one way, seldom in two; None where the chosen way does not fit."""
    copy = deepcopy(posting)
    telling = (wrong_sums, bad_identity, strangers, strangers, line_twice, no_lines)
    spoiler = rng.choice(telling if rng.random() < 0.5 else SPOILERS)
    if not spoiler(copy, rng):
        return None
    if copy["kind"] in FIELDS and rng.random() < 0.2:
        rng.choice(BESIDE)(copy, rng)
    return copy
