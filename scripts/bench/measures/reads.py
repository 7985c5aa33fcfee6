"""One contractor's liability and the first page of its history, in a small and a large ledger.

Measured: the query on an open connection, less ``SELECT 1`` on the same connection in the same
round, in milliseconds: under 1 at 1,000,000 lines, and no growth from 10,000.
"""

import argparse
import sys
from collections.abc import Callable
from statistics import median

from sqlalchemy import text

from ledger.service import Ledger
from measures import seeding
from measures.places import Place, on_each, options
from measures.timing import Limit, Pair, interleaved, report, stopwatch
from projections.queries.history import history
from projections.queries.liability import liability
from projections.runner import reading
from projections.view import View

ROUNDS = 100
MILLISECONDS = Limit(bound=1.0)
GROWTH = Limit(bound=1.5)
TODAY = "2026-11-23"
QUERIES: dict[str, Callable[[View], object]] = {
    "liability": lambda view: liability(view, as_of=TODAY, party=seeding.EMPLOYER),
    "history": lambda view: history(view, seeding.EMPLOYER, as_of=TODAY, limit=50),
}


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure both queries at both sizes, in one ledger that grows."""
    sheets = seeding.months()
    small: dict[str, Pair] = {}
    within = True
    with place.ledger() as ledger:
        seeding.begin(ledger, given.per_sheet)
        seeding.fill(ledger, sheets, given.small, given.per_sheet)
        small = {name: _timed(ledger, name) for name in QUERIES}
        seeding.fill(ledger, sheets, given.lines - given.small, given.per_sheet)
        for name in QUERIES:
            pair = _timed(ledger, name)
            now, before = _milliseconds(pair), _milliseconds(small[name])
            within &= report(
                name, place.database, pair, MILLISECONDS, ratio=now,
                spread=(1_000 * (min(pair.product) - median(pair.raw)),
                        1_000 * (max(pair.product) - median(pair.raw))),
                also={"growth": (median(pair.product) / median(small[name].product), GROWTH)},
                lines=given.lines, small_lines=given.small, small_ms=round(before, 3),
            )  # fmt: skip
    return within


def _timed(ledger: Ledger, name: str) -> Pair:
    with reading(ledger.engine, ledger.tenant) as view:
        one = text("SELECT 1")
        return interleaved(
            lambda _: stopwatch(lambda: QUERIES[name](view)),
            lambda _: stopwatch(lambda: view.connection.execute(one).scalar_one()),
            repetitions=ROUNDS,
            quiet=True,
        )


def _milliseconds(pair: Pair) -> float:
    return 1_000 * (median(pair.product) - median(pair.raw))


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--per-sheet", type=int, default=10_000)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
