"""`history PARTY --diff FROM..TO`: what changed between two dates, or between two positions.

A side is a date, a position or a time after `@`, or both: `2026-03-31@120`. What a side does not
say is what `--as-of` and `--known-at` say.
"""

from typing import Any, Final

import click

from cli.app import App
from cli.books import Books
from cli.messages import N_
from cli.program import Command, ReadOption
from cli.reading import Read, as_of, ask, page_of, reading_command, require_text
from cli.screens import DIFFERENCE
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

_QUERY: Final = "difference:difference"
_FORM: Final = N_("write 2026-03-31..2026-04-30, or @120..@180 for positions or times")
_ALONE: Final = N_("it does not go with --diff")


def history_command(read: Read) -> Command:
    """Make `history`, which can also compare two moments."""
    listing = reading_command(read)

    def run(diff: str | None, **values: Any) -> None:  # noqa: ANN401 - as typed
        app = App.of(click.get_current_context())
        if diff is None:
            app.printer.show(ask(app, read, values), read.view)
        else:
            app.printer.show(compare(app, diff, values), DIFFERENCE)

    option = ReadOption(
        ["--diff"], metavar="FROM..TO",
        help=N_(
            "What changed between two dates, or between two positions or times: @120..@180"
        ),
    )  # fmt: skip
    return Command(read.verb, run, summary=read.summary, params=[*listing.params, option])


def compare(app: App, diff: str, values: dict[str, Any]) -> dict[str, Any]:
    """Ask what differs between the two moments of ``--diff``.

    Raises:
        LedgerError: ``bad_option``, or what the query answers.
    """
    for name in ("project", "kind"):
        if values.get(name) is not None:
            value = values[name]
            raise LedgerError("bad_option", option=f"--{name}", value=value, problem=_ALONE)
    require_text({"party": values["party"], "--diff": diff})
    first, dots, second = diff.partition("..")
    if not (dots and first and second):
        raise LedgerError("bad_option", option="--diff", value=diff, problem=_FORM)
    on, page = as_of(app, values.get("as_of")), page_of(app, values)
    with app.books() as books:
        moments = [
            _moment(books, side, on, values.get("known_at"), diff) for side in (first, second)
        ]
        return books.ask(_QUERY, party=values["party"], first=moments[0], second=moments[1], **page)


def _moment(books: Books, side: str, on: str, known: str | None, diff: str) -> Any:  # noqa: ANN401
    """A side as the query wants it."""
    from projections.queries.difference import Moment  # noqa: PLC0415 - loads storage

    day, at, later = side.partition("@")
    if not at and "T" in day:
        day, later = "", day
    if (day and parse_date(day) is None) or (at and not later):
        raise LedgerError("bad_option", option="--diff", value=diff, problem=_FORM)
    try:
        return Moment(day or on, books.known_at(later or known))
    except LedgerError as error:
        if not later:
            raise
        raise LedgerError("bad_option", option="--diff", value=diff, problem=_FORM) from error
