"""``wageledger demo``: a small invented city, posted through the same door as any other."""

import click

from cli.app import App
from cli.messages import N_, _
from cli.program import Command, Option


def command(_name: str) -> click.Command:
    """Make ``demo``."""
    return Command(
        "demo",
        demo,
        summary=N_("Show a small invented city"),
        params=[Option(["--seed"], type=int, default=None, metavar="N", help=N_("Another city"))],
        more=lambda: _(
            "Without --ledger it lives in a folder of its own that is removed afterwards."
        ),
    )


def demo(seed: int | None) -> None:
    """Build the city and show its figures."""
    from cli import demo_city  # noqa: PLC0415 - not for --help

    demo_city.run(App.of(click.get_current_context()), seed)
