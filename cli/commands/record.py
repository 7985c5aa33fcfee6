"""``wageledger record KIND``: a door for every kind of posting."""

from typing import Any

import click

from cli.kind_help import KIND_HELP
from cli.messages import N_, _
from cli.names import role_name
from cli.options import common_options, field_options, kind_of
from cli.program import Command, Group
from cli.recording import record


def command(_name: str) -> click.Command:
    """Make ``record``; the kinds are loaded when one of them is called."""
    return Kinds()


class Kinds(Group):
    """All kinds of postings, by their names in postings.md, however they are capitalised."""

    def __init__(self) -> None:
        super().__init__("record", summary=N_("Record one posting of any kind"), commands=())

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click's
        """The kinds, in the order of the contract."""
        return list(KIND_HELP)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Make the command of a kind."""
        name = {kind.lower(): kind for kind in KIND_HELP}.get(cmd_name.lower())
        return None if name is None else kind_command(name)

    def verbs(self) -> list[tuple[str, str]]:
        """The kinds with their names."""
        return [(name, _(text).rstrip(".。")) for name, text in KIND_HELP.items()]


def kind_command(name: str) -> Command:
    """Make the command that records one kind."""
    kind = kind_of(name)

    def run(**values: Any) -> None:  # noqa: ANN401 - as typed
        record(kind, values)

    return Command(
        name,
        run,
        summary=KIND_HELP[name],
        params=[*field_options(kind), *common_options()],
        more=lambda: _(
            "Who may post it: {roles}.", roles=", ".join(role_name(role) for role in kind.posters)
        ),
    )
