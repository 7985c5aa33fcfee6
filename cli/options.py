"""The options of postings, made from the forms of their fields.

Every kind of posting has them (``ledger.domain.base.KINDS``), so that no kind is without a door.
Amounts are given in yuan.
"""

from collections.abc import Sequence
from typing import Any, Final

import click

from cli import completing
from cli.field_help import FIELDS, INLINE_LINES
from cli.messages import N_, _
from cli.program import Option, PostingOption, Word
from ledger.domain.base import KINDS, FieldForm, Kind
from ledger.domain.form import line_forms
from ledger.kernel.errors import LedgerError

_METAVARS: Final = {
    "amount": "YUAN", "amount0": "YUAN", "signed": "YUAN", "signed0": "YUAN", "date": "DATE",
    "period": "MONTH", "party": "CODE", "claim": "CLAIM", "claims": "CLAIM[,CLAIM...]",
    "claims_or_all": "all|CLAIM[,CLAIM...]", "lines": "FILE", "position": "POSITION",
    "region": "REGION", "region_or_cn": "REGION|CN", "count": "N", "year": "YEAR",
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """The kind of posting with a name."""
    import ledger.domain.kinds  # noqa: F401, PLC0415 - importing it fills the register

    return KINDS[name]


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
                    ["--line", INLINE], multiple=True, metavar=line_metavar(form),
                    help=INLINE_LINES,
                )
            )  # fmt: skip
        if form.shape.step in AMOUNTS:  # for programs that have the field's own name and value
            options.append(
                Option([f"--{form.name}", in_fen(form.name)], metavar="FEN", hidden=True)
            )
    return options


AMOUNTS: Final = frozenset({"amount", "amount0", "signed", "signed0"})
"""Shapes of amounts: an option named as the field without ``_fen`` takes yuan, exactly."""

INLINE: Final = "inline_lines"
GIVEN: Final = "given_lines"
"""Lines that the command itself made, out of the books."""


def line_metavar(form: FieldForm) -> str:
    """How the fields of a line stand in ``--line``."""
    parts = [
        each.name.removesuffix("_fen").upper() if each.required
        else f"[{each.name.removesuffix('_fen').upper()}]"
        for each in line_forms(form.shape.line or tuple)
    ]  # fmt: skip
    return ":".join(parts)


def in_fen(field: str) -> str:
    """Under which name the value of ``--amount-fen`` comes, which is in fen as its name says."""
    return f"{field}_in_fen"


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
