"""Completion in the shell: ids of parties, projects, cases and others, out of the ledger itself.

Whatever goes wrong, completion offers nothing and says nothing: the user is in the middle of a
line.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

MOST: Final = 50


def completer(refers: str, choices: Sequence[str] = ()) -> Completer:
    """Make the completion of a field: its choices, or ids of the register it refers to."""

    def complete(
        context: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        if choices:
            return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]
        with contextlib.suppress(Exception):
            return _ids(context, refers, incomplete)
        return []

    return complete


def _ids(context: click.Context, refers: str, begin: str) -> list[CompletionItem]:
    from cli.app import App  # noqa: PLC0415 - loads storage
    from cli.books import COMPLETABLE  # noqa: PLC0415 - loads storage

    if refers not in COMPLETABLE:
        return []
    with App.of(context).books() as books:
        return [
            CompletionItem(each, help=name) for each, name in books.ids(refers, begin, limit=MOST)
        ]
