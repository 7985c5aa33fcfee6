"""``wageledger export``: the log, and what is made of it, as files for others."""

import click

from cli.commands.export_evidence import bundle_command, receipt_command
from cli.commands.export_journal import journal_command
from cli.commands.export_log import log_command
from cli.messages import N_
from cli.program import Group


def command(_name: str) -> click.Command:
    """Make ``export``."""
    return Group(
        "export",
        summary=N_("Take the log out as files that prove themselves"),
        commands=[bundle_command(), receipt_command(), journal_command(), log_command()],
    )
