"""``wageledger bank``: files of banks and what is done with them."""

import click

from cli.commands.bank_import import import_command
from cli.commands.bank_inspect import inspect_command
from cli.commands.bank_match import match_command
from cli.messages import N_
from cli.program import Group


def command(_name: str) -> click.Command:
    """Make ``bank``."""
    return Group(
        "bank",
        summary=N_("Files of banks: look into them, import and match statements"),
        commands=[inspect_command(), import_command(), match_command()],
    )
