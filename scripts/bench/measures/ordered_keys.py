"""Appending to a ledger of 1,000,000 lines, against appending to one without any.

Keys keep their order: positions and lines grow, so new rows go to the end of every index. With
random ids and scattered keys the rate falls with the size (to 0.38 at 5,000,000 rows, measured).

Measured: a file with one month's sheets of all projects (20 sheets, 5,000 lines) through
``Ledger.post``, into the full ledger and into the empty one, in turn. The ratio is of the rates:
at least 0.85. ``rows_alone`` is the same ratio without the program, which could hide a slower
database: rows of such a month, ready-made, into tables of the same shape and keys that hold what
the full ledger holds, and into empty ones.
"""

import argparse
import sys
from contextlib import ExitStack
from typing import Final

from measures import invented, stock
from measures.places import Place, on_each, options, second_place
from measures.raw import RawTables, raw_tables
from measures.timing import REPETITIONS, Limit, Pair, interleaved, report, say, stopwatch

RATE: Final = Limit(bound=0.85, at_least=True)
SHEETS: Final = stock.CONTRACTORS * stock.PROJECTS_EACH
"""Sheets of a month: one a project."""


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Fill one ledger, prepare an empty one beside it, and append to both."""
    with ExitStack() as stack:
        empty_place = stack.enter_context(second_place(place))
        full, empty = stack.enter_context(place.ledger()), stack.enter_context(empty_place.ledger())
        begun = stock.fill(full, given.lines)
        invented.post_all(empty, stock.foundation())
        ends = full.position(), empty.position()

        def post_to(number: int, *, into_full: bool) -> float:
            ledger, at = (full, place) if into_full else (empty, empty_place)
            path = invented.written(at.folder / "month.jsonl", stock.sheets(begun + number))
            return stopwatch(lambda: invented.post_file(ledger, path))

        pair = interleaved(
            lambda number: post_to(number, into_full=True),
            lambda number: post_to(number, into_full=False),
            repetitions=given.repetitions,
        )
        rows = _rows_alone((place, empty_place), ends, given.repetitions)
    low, high = pair.spread
    return report(
        "ordered-keys", place.database, pair, RATE,
        ratio=1 / pair.times_as_long, spread=(1 / high, 1 / low),
        also={"rows_alone": (1 / rows.times_as_long, RATE)},
        lines=given.lines, appended_lines=SHEETS * stock.WORKERS_EACH,
    )  # fmt: skip


def _rows_alone(places: tuple[Place, Place], ends: tuple[int, int], repetitions: int) -> Pair:
    """Times of the rows of the same months, without the program."""
    say("rows alone")
    with raw_tables(places[0]) as full, raw_tables(places[1]) as empty:
        full.fill(ends[0])

        def copy_to(twins: RawTables, end: int, number: int) -> float:
            first = end + SHEETS * number + 1
            return twins.write_again(first, first + SHEETS - 1)

        return interleaved(
            lambda number: copy_to(full, ends[0], number),
            lambda number: copy_to(empty, ends[1], number),
            repetitions=repetitions,
        )


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
