"""The reads that stand without a noun (``cli.reading``), and ``events``, the log itself."""

import sys

import click

from cli.app import App
from cli.differences import history_command
from cli.messages import N_
from cli.output import Listing, View
from cli.program import Command, Option
from cli.reading import READS, limit_of, reading_command
from cli.streams import is_terminal
from ledger.kernel.errors import LedgerError

_EVENTS = View(
    (
        Listing(
            "events",
            ("position", "on", "kind", "stream", "key", "by", "recorded_at"),
            empty=N_("There is no event from there on."),
        ),
    )
)


def command(name: str) -> click.Command:
    """Make a read."""
    if name == "events":
        return _events_command()
    (read,) = (read for read in READS if not read.noun and read.verb == name)
    return history_command(read) if name == "history" else reading_command(read)


def _events_command() -> Command:
    return Command(
        "events",
        events,
        summary=N_("The log itself, one event a line"),
        params=[
            Option(
                ["--from", "from_position"],
                metavar="POSITION",
                default="1",
                help=N_("Where to begin; the first position, if left out"),
            ),
            Option(["--limit"], metavar="N", help=N_("At most so many rows")),
        ],
    )


def events(from_position: str, limit: str | None) -> None:
    """Show the log from a position on; JSON Lines are written as they are read, and to a pipe.

    Raises:
        LedgerError: ``bad_option``.
    """
    app = App.of(click.get_current_context())
    if not (from_position.isascii() and from_position.isdigit() and int(from_position[:18]) > 0):
        problem = N_("it is not a whole number above 0")
        raise LedgerError("bad_option", option="--from", value=from_position, problem=problem)
    if app.printer.format is None and app.printer.path is None and not is_terminal(sys.stdout):
        app.printer.format = "jsonl"  # a pipe wants the log itself, not a table about it
    first, most = int(from_position[:18]), limit_of(app, limit)
    with app.books() as books:
        found = books.stream("journal:events", from_position=first, limit=most)
        document = {"events": list(found) if app.printer.chosen == "json" else found}
        app.printer.show(document, _EVENTS)
        last = books.view.last_position
    if most is not None and first + most <= last:
        app.printer.more(f"--from {first + most}")
