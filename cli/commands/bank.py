"""``wageledger bank``: files of banks and what is done with them."""

import click

from cli.commands.bank_close import sign_off_command, unmatch_command
from cli.commands.bank_import import import_command
from cli.commands.bank_inspect import inspect_command
from cli.commands.bank_match import match_command
from cli.commands.nouns import posting_command
from cli.messages import N_
from cli.nouns import VERBS
from cli.program import Group
from cli.reading import reading_commands


def command(_name: str) -> click.Command:
    """Make ``bank``."""
    return Group(
        "bank",
        summary=N_("Files of banks: look into them, import and match statements"),
        commands=[
            inspect_command(),
            import_command(),
            match_command(),
            unmatch_command(),
            *reading_commands("bank"),
            *(posting_command(verb) for verb in VERBS if verb.noun == "bank"),
            sign_off_command(),
        ],
    )
