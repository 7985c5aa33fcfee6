"""``verify`` of a whole log against hashing the same bytes.

Measured: order, bytes, lines, roots, balances, streams, tree and signatures of a city's log, read
from its database. The product's rate is at least 0.3 of the raw limit's: it takes at most 3.34
times as long.

Raw limit: one loop of ``hashlib.sha256`` over the bodies of the same events and lines, which lie in
memory already. What it costs to read them from the database is printed beside it (``read``).
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from ledger.eventlog.engine import begin_reading
from measures import stock
from measures.places import Place, on_each, options
from measures.timing import Limit, interleaved, report, stopwatch

AS_LONG: Final = Limit(bound=1 / 0.3)


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Verify a city's log, and hash what it holds."""
    with place.ledger() as ledger:
        stock.fill(ledger, given.lines)
        ledger.store.signer.sign(datetime.now(UTC))
        bodies = list(read(place))
        reading = stopwatch(lambda: read(place))
        pair = interleaved(
            lambda _: stopwatch(lambda: clean(ledger.verify().clean)),
            lambda _: stopwatch(lambda: hashed(bodies)),
            repetitions=given.rounds,
        )
    return report(
        "verify", place.database, pair, AS_LONG, lines=given.lines, bodies=len(bodies),
        rate=round(1 / pair.times_as_long, 3), read_seconds=round(reading, 3),
    )  # fmt: skip


def read(place: Place) -> Sequence[bytes]:
    """Every body of the log, as it is hashed."""
    with place.ledger() as ledger, begin_reading(ledger.engine) as connection:
        bodies: list[bytes] = []
        for table in ("event", "event_line"):
            rows = connection.execute(text(f"SELECT body FROM {table}"))  # noqa: S608 - ours
            bodies += (bytes(body) for body in rows.scalars())
    return bodies


def hashed(bodies: Sequence[bytes]) -> None:
    """Hash each body by itself."""
    sha256 = hashlib.sha256
    for body in bodies:
        sha256(body).digest()


def clean(found: bool) -> None:  # noqa: FBT001 - what verification answered
    """Stop a measurement of a log that is not right."""
    if not found:
        message = "the log of the measurement does not verify"
        raise RuntimeError(message)


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
