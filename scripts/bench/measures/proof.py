"""A proof in a log of a million events.

Measured: the receipt of an event somewhere in the log under its latest checkpoint (path of the
tree, checkpoint, cosignatures), and the consistency of a random earlier size with today's, each on
an open engine; the milliseconds of the slower one's median are at most 50.

Raw limit, for comparison: reading the event's own bytes by its position in the same round.
"""

import argparse
import random
import sys
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from ledger.eventlog.appending import EventRow, Head, append_events, lock_head
from ledger.eventlog.engine import begin_writing
from ledger.evidence import Evidence
from ledger.kernel.dates import iso_instant
from ledger.kernel.merkle import leaf_hash
from measures.places import Place, on_each, options
from measures.timing import Limit, Timed, interleaved, report, say, stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MILLISECONDS: Final = Limit(bound=50.0)
ROUNDS: Final = 50
_AT_ONCE: Final = 50_000
_BODY: Final = b'{"kind":"LabourCostTransferred","fields":{"amount_fen":%d,"project":"P1"}}'


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Prove this and that in one long log."""
    leaves: int = given.leaves
    chosen = random.Random(leaves)  # noqa: S311 - any positions will do
    positions = [chosen.randrange(1, leaves) for _ in range(given.rounds + 1)]
    within = True
    with place.ledger() as ledger:
        fill(ledger.engine, ledger.tenant, leaves)
        ledger.store.signer.sign(datetime.now(UTC))
        evidence = ledger.store.evidence
        asked: dict[str, Callable[[int], object]] = {
            "receipt": evidence.receipt,
            "consistency": lambda size: evidence.consistency_proof(size, leaves),
        }
        for name, prove in asked.items():
            pair = interleaved(
                _timed(prove, positions),
                _timed(evidence.entry, positions),
                repetitions=given.rounds,
                quiet=True,
            )
            within &= report(
                "proof", place.database, pair, MILLISECONDS, ratio=1_000 * median(pair.product),
                spread=(1_000 * min(pair.product), 1_000 * max(pair.product)),
                proof=name, leaves=leaves, first_ms=round(first(place, positions[0]), 3),
            )  # fmt: skip
    return within


def _timed(ask: "Callable[[int], object]", positions: "Sequence[int]") -> "Timed":
    return lambda number: stopwatch(lambda: ask(positions[number]))


def fill(engine: Engine, tenant: str, leaves: int) -> None:
    """Append so many small events; only the log is filled, no claim and no read model."""
    for begun in range(0, leaves, _AT_ONCE):
        instant = iso_instant(datetime.now(UTC))
        bodies = [_BODY % number for number in range(begun, min(begun + _AT_ONCE, leaves))]
        rows = [
            EventRow(at, "project:P1", at, "labour_cost.transferred.v1", "LabourCostTransferred",
                     "2026-11-28", instant, body, leaf_hash(body))
            for at, body in enumerate(bodies, begun + 1)
        ]  # fmt: skip
        with begin_writing(engine) as connection:
            lock_head(connection, tenant)
            append_events(connection, tenant, rows, (), Head(rows[-1].position, instant))
        say(f"{begun + len(rows)} of {leaves} events")


def first(place: Place, position: int) -> float:
    """Milliseconds of the first proof that a program makes, its connection included."""
    with place.ledger() as ledger:
        evidence = Evidence(ledger.engine, ledger.tenant)
        return 1_000 * stopwatch(lambda: evidence.receipt(position))


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
