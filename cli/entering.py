"""From the options of a command to one posting, sent through the same door as a file.

Amounts are given in yuan and become whole fen here; everything else goes to the ledger as it was
typed, so that a file and a command get the same answer.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from cli.field_help import FIELDS
from cli.intake import STDIN, BadRowsError, Rows, read_rows
from cli.messages import N_, _
from cli.options import AMOUNTS, COMMON, GIVEN, INLINE, in_fen, option_name
from cli.streams import is_terminal
from ledger.domain.base import FieldForm, Kind
from ledger.domain.form import line_forms
from ledger.domain.policy import PARAMETERS
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import MoneyError, parse_yuan

_NUMBERS: Final = frozenset({"count", "position", "year"})
_SHA256_CHARACTERS: Final = 64
_CARD_DIGITS_SHOWN: Final = 4
_LONGEST_NUMBER: Final = 18
"""Digits that always fit 64 bits."""


@dataclass
class Entered:
    """A posting made from options.

    Attributes:
        posting: Its JSON object.
        rows: The file of its lines, where they came from one.
        file: Name of that file.
        key_derived: Whether the key comes from the content.
    """

    posting: dict[str, Any]
    rows: Rows | None = None
    file: str = ""
    key_derived: bool = False


Completion = Callable[[dict[str, Any]], None]


def enter(
    kind: Kind, values: Mapping[str, Any], *, today: str, complete: Completion | None = None
) -> Entered:
    """Make the posting of a command.

    Args:
        kind: What is posted.
        values: The command's options by name of field, as they were typed.
        today: The business date, unless another is given.
        complete: Fills in fields that follow from the others.

    Raises:
        LedgerError: ``missing_option``, ``bad_option``, ``bad_amount``, or what a file of lines
            answers.
    """
    _require_own(kind, values)
    posting: dict[str, Any] = {"kind": kind.name, "on": values.get("on") or today}
    entered = Entered(posting)
    for form in kind.fields:
        value = _value(form, values, entered)
        if value is not None:
            posting[form.name] = value
    if complete is not None:
        complete(posting)
    _require_fields(kind, posting)
    for name in ("by", "note"):
        if values.get(name) is not None:
            posting[name] = values[name]
    if values.get("document") is not None:
        posting["document"] = document_of(values["document"])
    key = values.get("key")
    entered.key_derived = key is None
    posting["key"] = derived_key(kind, posting) if key is None else key
    return entered


def _require_own(kind: Kind, values: Mapping[str, Any]) -> None:
    """Refuse an option of the verb's other kind: nothing that is typed is passed over."""
    known = {form.name for form in kind.fields} | set(COMMON) | {INLINE, GIVEN, "dry_run", "yes"}
    known |= {in_fen(form.name) for form in kind.fields if form.shape.step in AMOUNTS}
    for name, value in values.items():
        if value not in (None, (), [], False) and name not in known:
            problem = N_("it does not go with the other options")
            raise LedgerError("bad_option", option=option_name(name), problem=problem)


def _require_fields(kind: Kind, posting: Mapping[str, Any]) -> None:
    """Name every required option that is missing, in one go."""
    missing = [
        option_name(form.name) for form in kind.fields if form.required and form.name not in posting
    ]
    if missing:
        raise LedgerError("missing_option", option=", ".join(missing))


def _value(  # noqa: PLR0911 - one for each shape
    form: FieldForm, values: Mapping[str, Any], entered: Entered
) -> Any:  # noqa: ANN401 - JSON
    raw, step = values.get(form.name), form.shape.step
    if step == "lines":
        inline = values.get(INLINE) if form.name == "lines" else raw
        lines = _lines(form, raw if form.name == "lines" else None, inline, entered)
        given = values.get(GIVEN) if form.name == "lines" else None
        return [*(lines or ()), *given] if given else lines
    if form.shape.vault:
        return _identity(form, raw)
    if step in AMOUNTS and values.get(in_fen(form.name)) is not None:
        return _fen(form, values)
    if raw is None or raw == ():
        return None
    if step == "flag":
        return True if raw else None
    if step in {"claims", "claims_or_all"}:
        named = [claim for text in raw for claim in text.split(",") if claim]
        return "all" if named == ["all"] and step == "claims_or_all" else named
    if step == "names":
        return list(raw)
    if step == "value":
        return policy_value(str(values.get("parameter")), raw)
    return scalar(form, raw, option_name(form.name))


def _fen(form: FieldForm, values: Mapping[str, Any]) -> int | str:
    """An amount given in fen; what is no whole number goes to the ledger, which says so."""
    if values.get(form.name) is not None:
        problem = N_("give the amount in yuan or in fen, not in both")
        raise LedgerError("bad_option", option=option_name(form.name), problem=problem)
    text = str(values[in_fen(form.name)])
    digits = text.removeprefix("-")
    whole = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return int(text) if whole else text


def scalar(form: FieldForm, text: str, where: str) -> Any:  # noqa: ANN401 - JSON
    """Read a single value: yuan become fen, whole numbers become numbers.

    Raises:
        LedgerError: ``bad_amount`` for what is no amount in yuan.
    """
    if form.shape.step in AMOUNTS:
        try:
            return int(parse_yuan(text))
        except MoneyError as error:
            raise LedgerError("bad_amount", field=where, value=text, **error.facts) from None
    if form.shape.step in _NUMBERS:
        whole = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        return int(text) if whole else text
    if form.shape.step in {"days", "score"}:
        return number(text)
    return text


def number(text: str) -> Any:  # noqa: ANN401 - a number, or the text that is none
    """Read a number that may have a fraction, exactly."""
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415 - not for --help

    try:
        return int(text) if text.isascii() and text.isdigit() else Decimal(text)
    except (InvalidOperation, ValueError):
        return text


def policy_value(parameter: str, text: str) -> int | str:
    """Read the value of a policy parameter: an amount in yuan, another number as it is.

    Raises:
        LedgerError: ``bad_amount`` for what is no amount in yuan.
    """
    known = PARAMETERS.get(parameter)
    if known is not None and known.unit == "fen":
        try:
            return int(parse_yuan(text))
        except MoneyError as error:
            raise LedgerError("bad_amount", field="--value", value=text, **error.facts) from None
    digits = text.removeprefix("-")
    whole = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return int(text) if whole else text


def _identity(form: FieldForm, raw: str | None) -> str | None:
    """A field of somebody's identity: read from stdin, or asked for where a person sits there."""
    if raw == STDIN:
        return sys.stdin.readline().strip()
    if raw is None and form.required and is_terminal(sys.stdin):
        return str(click.prompt(_(FIELDS[form.name]), err=True)).strip()
    return raw


def _lines(
    form: FieldForm, file: str | None, inline: Iterable[str] | None, entered: Entered
) -> list[Any] | None:
    """The lines of a document: out of a file, and those written in place."""
    lines: list[Any] = []
    if file is not None:
        rows, bad = read_rows(file)
        if bad:
            raise BadRowsError(file, bad)
        entered.rows, entered.file = rows, file
        lines += rows.objects
    lines += [inline_line(form, text) for text in inline or ()]
    return lines or None


def inline_line(form: FieldForm, text: str) -> dict[str, Any]:
    """Read ``CLAIM:AMOUNT``: the fields of a line in order, amounts in yuan.

    Raises:
        LedgerError: ``bad_option`` for a part too many, ``bad_amount``.
    """
    forms = line_forms(form.shape.line or tuple)
    parts = text.split(":")
    if len(parts) > len(forms):
        problem = N_("there is one part too many")
        raise LedgerError("bad_option", option="--line", value=text, problem=problem)
    return {
        each.name: scalar(each, part, "--line")
        for each, part in zip(forms, parts, strict=False)
        if part
    }


def document_of(text: str) -> dict[str, str]:
    """Read ``TYPE:NUMBER[:SHA256]``; without a colon it is the number alone."""
    kind, colon, rest = text.partition(":")
    if not colon:
        return {"number": text}
    rest, _colon, digest = rest.rpartition(":") if _ends_in_digest(rest) else (rest, "", "")
    parts = {"type": kind, "number": rest, "sha256": digest.lower()}
    return {name: part for name, part in parts.items() if part}


def _ends_in_digest(text: str) -> bool:
    last = text.rpartition(":")[2]
    return len(last) == _SHA256_CHARACTERS and all(c in "0123456789abcdefABCDEF" for c in last)


def derived_key(kind: Kind, posting: Mapping[str, Any]) -> str:
    """Make the key of a posting from its content, the same for the same content.

    Identity is left out: a key stays in the log for ever, and a hash of an ID number could be
    guessed. Of a card the last 4 digits count, which its event shows anyway.
    """
    hidden = {form.name for form in kind.fields if form.shape.vault}
    content = {
        name: value
        for name, value in posting.items()
        if name not in hidden and name not in {"key", "by"}
    }
    if "card_number" in posting:
        content["card_last4"] = str(posting["card_number"])[-_CARD_DIGITS_SHOWN:]
    # Escapes make any text hashable: arguments may hold bytes that are no UTF-8.
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return f"cli-{hashlib.sha256(text.encode('ascii')).hexdigest()[:40]}"
