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
        params=[
            Option(["--seed"], type=int, metavar="N", help=N_("Another city")),
            Option(["--as-of"], metavar="DATE", help=N_("The day on which it ends; today")),
        ],
        more=lambda: _("Without --ledger it makes a ledger in a temporary folder and says where."),
    )


def demo(seed: int | None, as_of: str | None) -> None:
    """Build the city and show its figures."""
    from cli.demo import showing  # noqa: PLC0415 - loads storage

    showing.run(App.of(click.get_current_context()), seed, as_of)
