"""The nouns: their verbs that post (``cli.nouns``) and their verbs that read (``cli.reading``)."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import click

from cli.app import App
from cli.completing import completer
from cli.field_help import FIELDS
from cli.kind_help import KIND_HELP
from cli.messages import N_, _
from cli.nouns import COMPLETIONS, FOLLOWING, NOUNS, VERBS, Verb
from cli.options import (
    Words,
    common_options,
    field_options,
    kind_of,
    option_name,
    place_words,
)
from cli.overview import ENTRIES
from cli.people_files import aliases_option, files_of_people
from cli.people_posting import record_people
from cli.program import Command, Group, Option
from cli.recording import record
from ledger.kernel.errors import LedgerError


def command(name: str) -> click.Command:
    """Make a noun with all its verbs, or the verb that stands without a noun."""
    for verb in VERBS:
        if not verb.noun and verb.verb == name:
            return posting_command(verb)
    return _group(name, ENTRIES[name].summary)


BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "payroll": ("cli.commands.payroll:payroll_commands", "cli.commands.papers:slips_command"),
    "payout": (
        "cli.commands.payout_export:export_command", "cli.commands.payout_import:import_command",
        "cli.commands.papers:proof_command",
    ),
    "worker": ("cli.roster:roster_command", "cli.commands.worker_show:worker_show_command",
               "cli.commands.worker_erase:worker_erase_command"),
}  # fmt: skip
"""Verbs that neither post one posting nor read one answer: who makes them, by noun."""


def _group(noun: str, summary: str) -> Group:
    from cli.reading import reading_commands  # noqa: PLC0415 - not for --help

    commands: list[click.Command] = [posting_command(verb) for verb in VERBS if verb.noun == noun]
    for under, text in NOUNS.items():
        if under.startswith(f"{noun} "):
            commands.append(_group(under, text))
    for maker in BESIDE.get(noun, ()):
        module, _colon, name = maker.partition(":")
        made = getattr(import_module(module), name)()
        commands += made if isinstance(made, list) else [made]
    commands += reading_commands(noun)
    return Group(noun.rpartition(" ")[2], summary=summary, commands=commands)


def posting_command(verb: Verb) -> Command:
    """Make a verb that posts."""
    kind = kind_of(verb.kind)
    options = field_options(kind, words=verb.words, follows=FOLLOWING.get(kind.name, ()))
    other = kind_of(verb.instead[1]) if verb.instead else None
    if other is not None:
        known = {option.name for option in options}
        options += [
            option
            for option in field_options(other, words=verb.words, follows=list(FIELDS))
            if option.name not in known
        ]

    def run(words: tuple[str, ...] = (), **values: Any) -> None:  # noqa: ANN401 - as typed
        chosen = kind
        if verb.instead is not None and other is not None and values.get(verb.instead[0]):
            chosen = other
        place_words(words, verb.words, values)
        if verb.sheets:
            values["given_lines"] = free_on_sheets(values.pop("sheets"))
        if verb.people:
            record_people(chosen, values)
            return
        record(chosen, values, complete=COMPLETIONS.get(chosen.name), asks=verb.asks)

    return Command(
        verb.verb,
        run,
        summary=KIND_HELP[verb.kind],
        params=[
            Words(verb.words, kind),
            *options,
            *_sheet_options(verb),
            *([aliases_option()] if verb.people else []),
            *common_options(),
        ],
        more=lambda: files_of_people() if verb.people else _variant(verb),
    )


def _sheet_options(verb: Verb) -> list[click.Parameter]:
    if not verb.sheets:
        return []
    return [
        Option(
            ["--sheet", "sheets"],
            multiple=True,
            metavar="SHEET",
            help=N_("Lines for all that is free on the claims of a sheet; may be repeated"),
            shell_complete=completer("sheet"),
        )
    ]


def free_on_sheets(sheets: Sequence[str]) -> list[dict[str, Any]]:
    """Lines for what is free on the claims of sheets now: open and not in transit.

    Raises:
        LedgerError: ``unknown_sheet``, or ``empty_lines`` where nothing is free.
    """
    if not sheets:
        return []
    app = App.of(click.get_current_context())
    with app.books() as books:
        shown = [
            line
            for sheet in sheets
            for line in books.ask("payroll:payroll_show", sheet=sheet, as_of=app.today)["lines"]
        ]
    lines = [
        {"claim": line["claim"], "amount_fen": free}
        for line in shown
        if (free := line["open_fen"] - line["in_transit_fen"]) > 0
    ]
    if not lines:
        raise LedgerError("empty_lines", field="--sheet")
    return lines


def _variant(verb: Verb) -> str:
    """What the verb posts when the option of its other kind is given."""
    if verb.instead is None:
        return ""
    field, other = verb.instead
    return _("With {option}: {meaning}", option=option_name(field), meaning=_(KIND_HELP[other]))
