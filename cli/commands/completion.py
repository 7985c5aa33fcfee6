"""``wageledger completion``: the script that lets a shell complete commands and ids."""

import click
from click.shell_completion import get_completion_class

from cli.messages import N_, _
from cli.program import Command, Program, Word
from ledger.kernel.errors import LedgerError

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_WAGELEDGER_COMPLETE"


def command(_name: str) -> click.Command:
    """Make ``completion``."""
    return Command(
        "completion",
        completion,
        summary=N_("Print the script that completes commands and ids in your shell"),
        params=[Word(["shell"], N_("Your shell"), metavar="|".join(SHELLS))],
        more=lambda: _(
            'bash, in ~/.bashrc: eval "$(wageledger completion bash)". zsh, in ~/.zshrc:'
            ' eval "$(wageledger completion zsh)". fish: wageledger completion fish >'
            " ~/.config/fish/completions/wageledger.fish"
        ),
    )


def completion(shell: str) -> None:
    """Print the script of a shell."""
    made = get_completion_class(shell) if shell in SHELLS else None
    if made is None:
        raise LedgerError("bad_option", option="|".join(SHELLS), value=shell)
    script = made(Program(), {}, "wageledger", _VARIABLE)
    click.echo(made.source_template % script.source_vars())
