"""One large payroll sheet, from a line of JSON in a file to the commit.

Measured: ``Ledger.post`` reads the line, checks its form, judges it (every worker registered,
assigned, not paid twice), journals it, makes and hashes the canonical lines (``lines_root``),
writes event, lines and claims, and commits. Workers are registered and assigned beforehand.

Raw limit: the rows that this posting left (event, event_line, claim), ready-made, written once
more into tables of the same shape with the same keys, in one transaction that waits for the disk:
binary COPY on PostgreSQL, ``executemany`` on SQLite. At most 3 times as long, for 100,000 lines
and for 10,000. Every repetition posts the sheet of another month.

Peak memory is that of a process of its own which opens the ledger and posts one such sheet: at
most 600 MB.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from ledger.service import Ledger
from measures import invented
from measures.peak import peak_memory_mb, said_peak
from measures.places import Place, on_each, options
from measures.raw import raw_tables
from measures.timing import REPETITIONS, Limit, interleaved, report, say, stopwatch

PROJECT: Final = "BENCH"
EMPLOYER: Final = invented.subcontractor(0)
TIMES: Final = Limit(bound=3.0)
MEMORY_MB: Final = Limit(bound=600.0)


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure every size on one ledger, the largest first."""
    sizes: list[int] = given.lines
    within = True
    months = iter(range(1_000))
    with place.ledger() as ledger:
        prepare(ledger, max(sizes))
    with place.ledger() as ledger, raw_tables(place) as raw:  # as a clerk's program begins
        for size in sizes:

            def product(_number: int, size: int = size) -> float:
                path = written_sheet(place, next(months), size, all_fields=given.all_fields)
                return stopwatch(lambda: invented.post_file(ledger, path))

            pair = interleaved(
                product,
                lambda _number: raw.write_again(ledger.position(), ledger.position()),
                repetitions=given.repetitions,
            )
            path = written_sheet(place, next(months), size, all_fields=given.all_fields)
            peak = peak_memory_mb("measures.sheet", place, path)
            within &= report(
                "sheet", place.database, pair, TIMES,
                also={"peak_mb": (peak, MEMORY_MB)},
                lines=size, all_fields=given.all_fields, file_bytes=path.stat().st_size,
            )  # fmt: skip
    return within


def prepare(ledger: Ledger, workers: int) -> None:
    """Register the project and its workers, who are assigned from the first day on."""
    say(f"registering and assigning {workers} workers")
    numbers = range(workers)
    invented.post_all(ledger, invented.parties())
    invented.post_all(ledger, invented.project(PROJECT, EMPLOYER))
    invented.post_all(ledger, invented.registered(numbers))
    invented.post_all(ledger, invented.assigned(numbers, PROJECT, EMPLOYER))


def written_sheet(place: Place, month: int, size: int, *, all_fields: bool) -> Path:
    """A file with the sheet of one month: one line of JSON."""
    sheet = invented.sheet(
        f"SHEET-{month:03}", PROJECT, EMPLOYER, invented.period(month), range(size),
        all_fields=all_fields,
    )  # fmt: skip
    return invented.written(place.folder / "sheet.jsonl", [sheet])


def main() -> int:
    """Run from the command line."""
    if said_peak(sys.argv[1:], invented.post_file):
        return 0
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[100_000, 10_000])
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument(
        "--all-fields", action="store_true", help="lines also say gross, deductions and days"
    )
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
