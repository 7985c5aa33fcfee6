"""docs/reference/postings.md: every kind, who posts it, its fields, and how it may be refused."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from catalogue.answers import codes_of
from catalogue.words import coded, in_chinese, row, table
from cli.names import KINDS as KIND_NAMES
from ledger.domain.agreement import AGREEMENTS
from ledger.domain.authority import ROLES
from ledger.domain.base import KINDS, FieldForm, Kind, Shape, field_forms
from ledger.domain.kinds import (
    advances,
    arrears,
    cases,
    corrections,
    deposit,
    emergency_fund,
    enforcement,
    funds,
    matching,
    notices,
    payout,
    payroll,
    register,
    statements,
    workers,
)
from ledger.domain.registry import DECIDERS
from ledger.domain.values import VALUE_CODES
from ledger.eventlog.topics import TOPICS
from ledger.kernel.codes import CODES

NAME: Final = "postings.md"

FORMS: Final[dict[str, str]] = {
    "ref": "id: 1 to 64 letters, digits, `-`, `_`, `.`",
    "claim": "claim: `sheet/line`, or the id of an asserted claim",
    "party": "unified social credit code, both check digits right",
    "region": "6 digits of GB/T 2260",
    "region_or_cn": "6 digits of GB/T 2260, or `CN`",
    "date": "date, `YYYY-MM-DD`",
    "period": "month, `YYYY-MM`",
    "amount": "fen, 1 to 10^15",
    "amount0": "fen, 0 to 10^15",
    "signed": "fen, below or above 0",
    "signed0": "fen, may be negative or 0",
    "text": "text, 1 to 500 characters, without any identity",
    "name": "name, 1 to 500 characters",
    "flag": "`true` or `false`",
    "choice": "one of ",
    "count": "whole number above 0",
    "position": "position in the log",
    "id_number": "resident ID number, its birth date and check digit right",
    "card": "16 to 19 digits",
    "phone": "phone number",
    "bank_ref": "the bank's reference, 1 to 500 characters",
    "booking": "the bank's reference of the line, or the number of its occurrence",
    "digits4": "4 digits",
    "year": "year",
    "days": "days, 0 to 31 in steps of 0.5",
    "score": "number, 0 or above",
    "account": "`wage:PROJECT`, `deposit:PROJECT` or `fund:REGION`",
    "lines": "list of objects",
    "claims": "list of claims",
    "claims_or_all": 'list of claims, or `"all"`',
    "names": "list of texts",
    "value": "whole number, or a word of the parameter",
    "code": "code",
}
"""What each form looks like; a form that is missing here stops the writing."""

CHAPTERS: Final = (
    register, workers, deposit, notices, funds, payroll, payout, cases, arrears, enforcement,
    emergency_fund, advances, corrections, statements, matching,
)  # fmt: skip
"""Where the kinds are defined, in the order in which a reader meets them."""

_HEAD: Final = """# Every posting

Written by `scripts/reference` from the program itself; a test keeps it current.

A posting is one JSON object on one line: `{"kind": ..., "on": ..., "key": ..., the fields below}`.
Every kind takes `by` (credit code of the posting party), `document` (`type`, `number`, `sha256`)
and `note` too. A field that is null counts as left out.

A posting is judged in steps, and the first check that fails is the answer. The codes of a kind's
own rules stand with the kind, in the order in which they are checked; those of the steps before
belong to all kinds and stand here. What they mean: [codes](codes.md).
"""

_STEPS: Final = (
    ("authority", "0. Authority, where the ledger knows who posts"),
    ("form", "1. Form: answered as `invalid`"),
    ("key", "2. Key (the same posting again is a `duplicate`)"),
    ("date", "3. Dates"),
    ("reference", "4. References"),
    ("standing", "5. Standing"),
)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_steps(), *_chapters()]) + "\n"


def _steps() -> Iterator[str]:
    yield from table("step", "codes")
    for group, title in _STEPS:
        yield row(title, coded([code for code, entry in CODES.items() if entry.group == group]))
    yield row("6. The kind's own rules", "with each kind")


def _chapters() -> Iterator[str]:
    for module in CHAPTERS:
        title, *rest = inspect.cleandoc(module.__doc__ or "").split("\n\n")
        yield from ("", f"## {title.rstrip('.')}", "", *rest)
        for kind in KINDS.values():
            if kind.posting.__module__ == module.__name__:
                yield from _kind(kind)


def _kind(kind: Kind) -> Iterator[str]:
    name = kind.name
    yield from ("", f"### {name} · {in_chinese(KIND_NAMES[name])}", "")
    yield from inspect.cleandoc(kind.posting.__doc__ or "").splitlines()
    yield ""
    decided = inspect.getdoc(DECIDERS[name])
    yield f"- Rule: {' '.join((decided or '').split())}"
    yield f"- Posted by: {', '.join(ROLES[letter].replace('_', ' ') for letter in kind.posters)}"
    yield f"- Recorded as: `{TOPICS.topic_of(name)}`"
    own = codes_of(name)
    yield f"- Refused with: {coded(own)}" if own else "- Refused by no rule of its own"
    form = _agreements(name)
    if form:
        yield f"- Its fields must agree: {coded(form)}"
    yield from ("", *table("field", "required", "form", "else"))
    for field in kind.fields:
        yield from _field(field, "")


def _field(field: FieldForm, within: str) -> Iterator[str]:
    shape = field.shape
    line_forms = field_forms(shape.line) if shape.line is not None else ()
    yield row(
        f"`{within}{field.name}`",
        "yes" if field.required else _default(field.default),
        _form(shape),
        coded(tuple(_codes(shape, line_forms))),
    )
    for line_form in line_forms:
        yield from _field(line_form, f"{field.name}[].")


def _default(value: Any) -> str:  # noqa: ANN401 - of any field
    if value is None:
        return "no"
    return f"no: `{str(value).lower()}`"


def _form(shape: Shape) -> str:
    words = FORMS[shape.step] + coded(shape.choices)
    if shape.vault:
        words += "; to the vault, the event holds a commitment"
    return words


def _codes(shape: Shape, line_forms: tuple[FieldForm, ...]) -> Iterator[str]:
    """Codes that answer when the field is not of its form or names nothing."""
    yield VALUE_CODES.get(shape.step, "bad_field")
    if shape.step in {"lines", "claims", "claims_or_all", "names"}:
        if not shape.may_be_empty:
            yield "empty_lines"
        yield "too_many_lines"
    if shape.step in {"claims", "claims_or_all"}:
        yield "bad_id"
        yield "duplicate_claim"
    if line_forms and line_forms[0].name in {"claim", "worker"}:
        yield f"duplicate_{line_forms[0].name}"
    if shape.refers == "account":
        yield from ("unknown_project", "unknown_fund")
    elif shape.refers is not None and not line_forms:
        yield f"unknown_{shape.refers}"


def _agreements(kind: str) -> list[str]:
    """Codes that answer when the fields of a kind do not agree with each other."""
    found = []
    if any(field.name == "deadline_on" for field in KINDS[kind].fields):
        found.append("bad_deadline")
    if kind in AGREEMENTS:
        tree = ast.parse(textwrap.dedent(inspect.getsource(AGREEMENTS[kind])))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="report"), args=[ast.Constant(value=code), *_]):
                    found.append(str(code))
    return list(dict.fromkeys(found))
