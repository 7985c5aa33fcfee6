"""Step 1 of judgement: is this a well-formed posting at all?

Everything is checked and every problem is listed; the answer is the first code in the
order of postings.md. Nothing here looks at the ledger: the same posting has the same
form everywhere, except that nobody may be born after today.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, Final

from ledger.domain.agreement import AGREEMENTS
from ledger.domain.base import KINDS, FieldForm, Posting, Shape, field_forms
from ledger.domain.line_columns import lines_at_once
from ledger.domain.values import CHECKS, CONVERSIONS, VALUE_CODES, evident, shown
from ledger.kernel.text import text_problem

MAX_LINES: Final = 200_000
MAX_POSTING_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 8

MAX_KEY: Final = 200

ORDER: Final = (
    "bad_json", "bad_kind", "bad_field", "bad_id", "bad_date", "bad_amount", "bad_credit_code",
    "bad_id_number", "bad_card_number", "empty_lines", "too_many_lines", "free_text",
    "duplicate_claim", "duplicate_worker", "line_arithmetic", "control_total", "bad_split",
    "bad_deadline", "statement_arithmetic",
)  # fmt: skip
"""Codes in the order of the contract; ``free_text`` is where a text is judged by its length and
by what it holds, which is ``bad_field`` as well."""

_FREE_TEXT: Final = frozenset({"too_long", "holds_identity"})


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the form of a posting.

    Attributes:
        field: Where it is: ``lines[3].net_fen`` counts lines from 1.
        problem: What is wrong, for people; never an identity.
        value: What was given, where that can be no identity (``ledger.domain.values.evident``).
    """

    code: str
    field: str = ""
    problem: str = ""
    value: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What a message may say of it."""
        given = {"value": self.value} if self.value else {}
        return {"field": self.field, "problem": self.problem, **given}

    def rank(self) -> int:
        """Where the check that found it stands in the order of the contract."""
        late = self.code == "bad_field" and self.problem in _FREE_TEXT
        return ORDER.index("free_text" if late else self.code)


class BadForm(Exception):  # noqa: N818 - it carries several problems, each with its code
    """A posting that is not well formed, with all its problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=Problem.rank)
        super().__init__(self.problems[0].code)

    @property
    def code(self) -> str:
        """The first code in the order of judgement."""
        return self.problems[0].code


class _DuplicateKeyError(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _DuplicateKeyError
    return made


def _no_constant(_name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=_no_constant
)


def parse_json(text: bytes | str) -> dict[str, Any]:
    """Read one posting of a JSON Lines file.

    Raises:
        BadForm: ``bad_json``: not UTF-8, not JSON, not an object, a key twice, NaN, too
            deep, too long, a number of thousands of digits.
    """
    if len(text) > MAX_POSTING_BYTES:
        raise BadForm([Problem("bad_json", problem="too_long")])
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        found = _DECODER.decode(decoded)
    except _DuplicateKeyError:
        raise BadForm([Problem("bad_json", problem="key_twice")]) from None
    except RecursionError:
        raise BadForm([Problem("bad_json", problem="too_deep")]) from None
    except json.JSONDecodeError as error:
        raise BadForm([Problem("bad_json", f"column {error.colno}", "not_json")]) from None
    except (ValueError, ArithmeticError):
        raise BadForm([Problem("bad_json", problem="not_json")]) from None
    if not isinstance(found, dict):
        raise BadForm([Problem("bad_json", problem="not_an_object")])
    return found


class _Checker:
    """Collects the problems of one posting while its values are converted."""

    def __init__(self, today: str) -> None:
        self.today = today
        self.problems: list[Problem] = []

    def report(self, code: str, field: str, problem: str = "", value: str = "") -> None:
        self.problems.append(Problem(code, field, problem, value))

    def value(self, shape: Shape, value: Any, field: str) -> Any:  # noqa: ANN401 - any JSON
        problem = CHECKS[shape.step](value, shape, self.today)
        if problem is not None:
            code = VALUE_CODES.get(shape.step, "bad_field")
            self.report(code, field, problem, evident(shape.step, value))
            return None
        convert = CONVERSIONS.get(shape.step)
        return value if convert is None else convert(value)

    def fields(
        self, forms: Sequence[FieldForm], given: Mapping[str, Any], known: frozenset[str]
    ) -> dict[str, Any]:
        """Check and convert an object's fields; defaults are filled in."""
        for name, value in given.items():
            if value is not None and name not in known:
                self.report("bad_field", shown(name), "unknown_field")
        made: dict[str, Any] = {}
        for form in forms:
            value = given.get(form.name)
            if value is None:
                if form.required:
                    self.report("bad_field", form.name, "missing")
                made[form.attribute] = form.default
            elif form.shape.step in {"lines", "claims", "claims_or_all", "names"}:
                made[form.attribute] = self.many(form, value)
            else:
                made[form.attribute] = self.value(form.shape, value, form.name)
        return made

    def many(self, form: FieldForm, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Check a list field: lines, claims or names."""
        shape, name = form.shape, form.name
        if shape.step == "claims_or_all" and value == "all":
            return value
        if not isinstance(value, list):
            self.report("bad_field", name, "not_a_list")
            return ()
        if not value and not shape.may_be_empty:
            self.report("empty_lines", name)
        if len(value) > MAX_LINES:
            self.report("too_many_lines", name)
            return ()
        if shape.step == "lines":
            return self.lines(form, value)
        code, check = (
            ("bad_field", CHECKS["booking"])
            if shape.step == "names"
            else ("bad_id", CHECKS["claim"])
        )
        for number, item in enumerate(value, 1):
            if check(item, shape, self.today) is not None:
                self.report(code, f"{name}[{number}]")
        made = tuple(str(item) for item in value)
        if self._twice(made):
            self.report("duplicate_claim" if shape.step != "names" else "bad_field", name, "twice")
        return made

    def lines(self, form: FieldForm, value: list[Any]) -> tuple[Any, ...]:
        """Check and convert the lines of a document."""
        assert form.shape.line is not None
        line_type = form.shape.line
        forms, quick = line_forms(line_type), quick_check(line_type)
        at_once = lines_at_once(line_type, forms, value, self.today)
        if at_once is not None:
            self._unique(form, at_once)
            return tuple(at_once)
        known = frozenset(form.name for form in forms)
        made = []
        for number, item in enumerate(value, 1):
            if type(item) is not dict:
                self.report("bad_field", f"{form.name}[{number}]", "not_an_object")
                continue
            line = quick(item, self.today)
            if line is not None:
                made.append(line)
                continue
            before = len(self.problems)
            fields = self.fields(forms, item, known)
            for at in range(before, len(self.problems)):
                problem = self.problems[at]
                self.problems[at] = replace(problem, field=f"{form.name}[{number}].{problem.field}")
            made.append(line_type(**fields))
        self._unique(form, made)
        return tuple(made)

    def _unique(self, form: FieldForm, made: Sequence[Any]) -> None:
        assert form.shape.line is not None
        names = form.shape.line._fields
        for column, code in (("claim", "duplicate_claim"), ("worker", "duplicate_worker")):
            if column in names and names[0] == column:
                at = names.index(column)
                twice = self._twice([line[at] for line in made if line[at] is not None])
                if twice:
                    self.report(code, form.name, twice)

    @staticmethod
    def _twice(values: Sequence[str]) -> str:
        if len(set(values)) == len(values):
            return ""
        seen: set[str] = set()
        return next(value for value in values if value in seen or seen.add(value))  # type: ignore[func-returns-value]


Quick = Callable[[dict[str, Any], str], Any]

_LINE_FORMS: dict[type[Any], tuple[FieldForm, ...]] = {}
_QUICK: dict[type[Any], Quick] = {}


def line_forms(line_type: type[Any]) -> tuple[FieldForm, ...]:
    """Forms of the fields of a kind of line."""
    if line_type not in _LINE_FORMS:
        _LINE_FORMS[line_type] = field_forms(line_type)
    return _LINE_FORMS[line_type]


def quick_check(line_type: type[Any]) -> Quick:
    """A check for the lines of big documents, nearly all of which are well formed.

    It makes the line, or answers None: then the full check words what is wrong.
    """
    if line_type not in _QUICK:
        _QUICK[line_type] = _made_quick_check(line_type)
    return _QUICK[line_type]


def _made_quick_check(line_type: type[Any]) -> Quick:
    forms = line_forms(line_type)
    places = {
        form.name: (at, form.shape, CHECKS[form.shape.step], CONVERSIONS.get(form.shape.step))
        for at, form in enumerate(forms)
    }
    blank = [form.default for form in forms]
    required = [at for at, form in enumerate(forms) if form.required]

    def check(item: dict[str, Any], today: str) -> Any:  # noqa: ANN401 - a line of the type
        values = blank.copy()
        for name, value in item.items():
            if name not in places:
                return None
            at, shape, problem_of, convert = places[name]
            if problem_of(value, shape, today) is not None:
                return None
            values[at] = value if convert is None else convert(value)
        for at in required:
            if values[at] is None:
                return None
        return line_type(*values)

    return check


_COMMON: Final = frozenset({"kind", "on", "key", "by", "document", "note"})
_ON: Final = Shape("date")
_BY: Final = Shape("party")
_NOTE: Final = Shape("text")
_DOCUMENT_FIELDS: Final = ("type", "number", "sha256")
_SHA256: Final = re.compile("[0-9a-f]{64}")


@cache
def _names(kind: str) -> frozenset[str]:
    return _COMMON.union(form.name for form in KINDS[kind].fields)


def parse_posting(given: Mapping[str, Any], today: str) -> Posting:
    """Check the form of a posting and make it.

    Args:
        given: The posting's JSON object; numbers with a fraction are ``Decimal``.
        today: Business date of the recording.

    Raises:
        BadForm: With every problem found.
    """
    kind = KINDS.get(given["kind"]) if isinstance(given.get("kind"), str) else None
    if kind is None:
        raise BadForm([Problem("bad_kind", "kind", shown(str(given.get("kind", ""))))])
    checker = _Checker(today)
    common = _common_fields(given, checker)
    own = checker.fields(kind.fields, given, _names(kind.name))
    if not checker.problems:
        agreement = AGREEMENTS.get(kind.name)
        if agreement is not None:
            agreement(own, checker.report)
    if checker.problems:
        raise BadForm(checker.problems)
    posting = kind.posting(**common, **own)
    deadline = getattr(posting, "deadline_on", None)
    if deadline is not None and deadline < posting.on:
        raise BadForm([Problem("bad_deadline", "deadline_on")])
    return posting


def _common_fields(given: Mapping[str, Any], checker: _Checker) -> dict[str, Any]:
    common: dict[str, Any] = {"on": given.get("on"), "key": given.get("key")}
    for name in ("on", "key"):
        if common[name] is None:
            checker.report("bad_field", name, "missing")
    if common["on"] is not None:
        checker.value(_ON, common["on"], "on")
    key = common["key"]
    if key is not None and (not isinstance(key, str) or not key or text_problem(key, MAX_KEY)):
        checker.report("bad_field", "key", "form")
    for name, shape in (("by", _BY), ("note", _NOTE)):
        common[name] = given.get(name)
        if common[name] is not None:
            checker.value(shape, common[name], name)
    common["document"] = _document(given.get("document"), checker)
    return common


def _document(given: Any, checker: _Checker) -> dict[str, str] | None:  # noqa: ANN401 - any JSON
    if given is None:
        return None
    if not isinstance(given, dict):
        checker.report("bad_field", "document", "not_an_object")
        return None
    for name, value in given.items():
        if value is None:
            continue
        if name not in _DOCUMENT_FIELDS:
            checker.report("bad_field", f"document.{shown(name)}", "unknown_field")
        elif name == "sha256":
            if not isinstance(value, str) or not _SHA256.fullmatch(value):
                checker.report("bad_field", "document.sha256", "form")
        else:
            checker.value(_NOTE, value, f"document.{name}")
    return {name: value for name, value in given.items() if value is not None} or None
