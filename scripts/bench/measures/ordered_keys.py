"""Whether appending slows down as the ledger grows: keys that keep order do not.

Two ledgers of the same shape, one with 1,000,000 lines and one that begins empty, get the same
sheets in turn. The rate of the full one must be at least 0.85 of the empty one's.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg2

from ledger.service import Ledger
from measures import invented, seeding
from measures.places import Place, on_each, options
from measures.timing import REPETITIONS, Limit, interleaved, report, stopwatch

RATE = Limit(bound=0.85, at_least=True)


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure on one kind of database."""
    full_sheets, empty_sheets = seeding.months(), seeding.months()
    with place.ledger() as full, _second(place) as other, other.ledger() as empty:
        for ledger in (full, empty):
            seeding.begin(ledger, given.per_sheet)
        seeding.fill(full, full_sheets, given.lines, given.per_sheet)

        def post(ledger: Ledger, sheets: Iterator[tuple[int, str]]) -> float:
            number, month = next(sheets)
            sheet = invented.sheet(
                f"MORE-{number:05}", seeding.PROJECT, seeding.EMPLOYER, month,
                range(given.per_sheet),
            )  # fmt: skip
            path = invented.written(place.folder / "sheet.jsonl", [{**sheet, "back_pay": True}])
            return stopwatch(lambda: invented.post_file(ledger, path))

        pair = interleaved(
            lambda _: post(full, full_sheets),
            lambda _: post(empty, empty_sheets),
            repetitions=given.repetitions,
        )
    low, high = pair.spread
    return report(
        "ordered-keys", place.database, pair, RATE, ratio=1 / pair.times_as_long,
        spread=(1 / high, 1 / low), lines=given.lines, per_sheet=given.per_sheet,
    )  # fmt: skip


@contextmanager
def _second(place: Place) -> Iterator[Place]:
    """Another empty database of the same kind."""
    folder = place.folder / "second"
    folder.mkdir()
    if not place.postgres:
        yield replace(place, url=f"sqlite:///{folder / 'ledger.db'}", folder=folder)
        return
    before, mark, options_ = place.url.partition("?")
    name = f"{before.rpartition('/')[2]}_second"
    _run(place.url, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield replace(
            place, url=f"{before.rpartition('/')[0]}/{name}{mark}{options_}", folder=folder
        )
    finally:
        _run(place.url, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--per-sheet", type=int, default=20_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
