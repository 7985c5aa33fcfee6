"""From the options of a command to one posting, sent through the same door as a file.

The options of a kind are made from the forms of its fields (``ledger.domain.base.KINDS``), so
that no kind is without a door. Amounts are given in yuan and become whole fen here; everything
else goes to the ledger as it was typed, so that a file and a command get the same answer.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from cli import completing
from cli.field_help import FIELDS, INLINE_LINES
from cli.intake import STDIN, BadRowsError, Rows, read_rows
from cli.messages import N_, _
from cli.program import Option, PostingOption, Word
from cli.streams import is_terminal
from ledger.domain.base import KINDS, FieldForm, Kind
from ledger.domain.form import line_forms
from ledger.domain.policy import PARAMETERS
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import MoneyError, parse_yuan

AMOUNTS: Final = frozenset({"amount", "amount0", "signed", "signed0"})
_NUMBERS: Final = frozenset({"count", "position", "year"})
_METAVARS: Final = {
    "amount": "YUAN", "amount0": "YUAN", "signed": "YUAN", "signed0": "YUAN", "date": "DATE",
    "period": "MONTH", "party": "CODE", "claim": "CLAIM", "claims": "CLAIM[,CLAIM...]",
    "claims_or_all": "all|CLAIM[,CLAIM...]", "lines": "FILE", "position": "POSITION",
    "region": "REGION", "region_or_cn": "REGION|CN", "count": "N", "year": "YEAR",
}  # fmt: skip
_SHA256_CHARACTERS: Final = 64
_CARD_DIGITS_SHOWN: Final = 4


def kind_of(name: str) -> Kind:
    """The kind of posting with a name."""
    import ledger.domain.kinds  # noqa: F401, PLC0415 - importing it fills the register

    return KINDS[name]


# -- options ------------------------------------------------------------------


def option_name(field: str) -> str:
    """The option of a field: ``amount_fen`` is given in yuan as ``--amount``."""
    return "--" + field.removesuffix("_fen").replace("_", "-")


def field_options(
    kind: Kind, *, words: Sequence[str] = (), follows: Sequence[str] = ()
) -> list[click.Parameter]:
    """The options of a kind's own fields.

    Args:
        kind: The kind.
        words: Fields that are words of the command; help does not name them twice.
        follows: Fields that follow from the others when they are left out.
    """
    options: list[click.Parameter] = []
    names = {form.name for form in kind.fields}
    for form in kind.fields:
        needed = form.required and form.name not in follows and form.shape.step != "lines"
        options.append(_option(form, needed=needed, hidden=form.name in words))
        if form.shape.step == "lines" and form.name == "lines" and "line" not in names:
            options.append(
                Option(
                    ["--line", _INLINE], multiple=True, metavar=line_metavar(form),
                    help=INLINE_LINES,
                )
            )  # fmt: skip
    return options


_INLINE: Final = "inline_lines"


def line_metavar(form: FieldForm) -> str:
    """How the fields of a line stand in ``--line``."""
    parts = [
        each.name.removesuffix("_fen").upper() if each.required
        else f"[{each.name.removesuffix('_fen').upper()}]"
        for each in line_forms(form.shape.line or tuple)
    ]  # fmt: skip
    return ":".join(parts)


def _option(form: FieldForm, *, needed: bool, hidden: bool) -> click.Parameter:
    shape = form.shape
    names = [option_name(form.name), form.name]
    text = FIELDS[form.name]
    if shape.step == "flag":
        return Option([*names], is_flag=True, help=text, hidden=hidden)
    metavar = "|".join(shape.choices) if shape.choices else _METAVARS.get(shape.step, "TEXT")
    many = shape.step in {"claims", "claims_or_all", "names"} or (
        shape.step == "lines" and form.name != "lines"
    )
    if shape.step == "lines" and form.name != "lines":
        metavar = line_metavar(form)
    return Option(
        names, metavar=metavar, multiple=many, help=text, needed=needed, hidden=hidden,
        shell_complete=completing.completer(shape.refers or "", shape.choices),
    )  # fmt: skip


def common_options() -> list[click.Parameter]:
    """The options of every posting."""
    return [
        PostingOption(["--on"], metavar="DATE", help=N_("Business date; today, if left out")),
        PostingOption(
            ["--key"],
            metavar="KEY",
            help=N_("Idempotency key; made from the content, if left out"),
        ),
        PostingOption(["--by"], metavar="CODE", help=N_("Credit code of the posting party")),
        PostingOption(
            ["--document"], metavar="TYPE:NUMBER[:SHA256]",
            help=N_("The paper behind the posting"),
        ),
        PostingOption(["--note"], metavar="TEXT", help=N_("Note, without any identity")),
        PostingOption(
            ["--dry-run"], is_flag=True,
            help=N_("Record nothing; show what would be recorded and the balances after it"),
        ),
        PostingOption(["--yes"], is_flag=True, help=N_("Do not ask")),
    ]  # fmt: skip


COMMON: Final = ("on", "key", "by", "document", "note")


class Words(Word):
    """The words of a command that stand for fields, in order; each may be an option instead."""

    def __init__(self, fields: Sequence[str], kind: Kind) -> None:
        names = [word_of(field) for field in fields]
        super().__init__(["words"], nargs=-1, metavar=" ".join(names))
        self._rows = list(zip(names, (FIELDS[field] for field in fields), strict=True))
        refers = {form.name: form.shape.refers or "" for form in kind.fields}
        self._refers = [refers.get(field, "") for field in fields]

    def rows(self) -> list[tuple[str, str]]:
        """Each word and its meaning, for help."""
        return [(name, _(text)) for name, text in self._rows]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete the next word by what it refers to."""
        given = len(ctx.params.get("words") or ())
        if given >= len(self._refers):
            return []
        return completing.completer(self._refers[given], ())(ctx, self, incomplete)


def word_of(field: str) -> str:
    """How a field is called as a word of a command."""
    return "FILE" if field == "lines" else option_name(field)[2:].upper()


def place_words(words: Sequence[str], fields: Sequence[str], values: dict[str, Any]) -> None:
    """Put the words of a command into the fields that no option gave, in order.

    Raises:
        LedgerError: ``bad_option`` for a word too many.
    """
    empty = [field for field in fields if values.get(field) in (None, ())]
    values.update(zip(empty, words, strict=False))
    if len(words) > len(empty):
        problem = N_("there is one word too many")
        raise LedgerError("bad_option", value=words[len(empty)], problem=problem)


# -- values -------------------------------------------------------------------


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
    known = {form.name for form in kind.fields} | set(COMMON) | {_INLINE, "dry_run", "yes"}
    for name, value in values.items():
        if value not in (None, (), False) and name not in known:
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
        inline = values.get(_INLINE) if form.name == "lines" else raw
        return _lines(form, raw if form.name == "lines" else None, inline, entered)
    if form.shape.vault:
        return _identity(form, raw)
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
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else text  # noqa: PLR2004 - 64 bits
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
    return int(text) if digits.isascii() and digits.isdigit() else text


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
