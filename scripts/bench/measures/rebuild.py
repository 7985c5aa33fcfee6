"""Rebuilding claims and all read models from a log of 1,000,000 lines.

Raw limit: ``CREATE TABLE AS SELECT`` plus the primary key, for every table that the rebuild makes,
with the same rows, in the same run: at most 3 times as long. Totals alone (what every contractor
owes) are held against one ``SELECT sum(...) GROUP BY`` over the lines: at most 4 times as long.
"""

import argparse
import sys

from sqlalchemy import Connection, inspect

from ledger.claims.rebuild import REBUILT
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.service import Ledger
from measures import seeding
from measures.places import Place, on_each, options
from measures.timing import Limit, interleaved, report, stopwatch
from projections.rebuilding import rebuild
from projections.runner import catch_up

TIMES = Limit(bound=3.0)
TOTALS = Limit(bound=4.0)
REPETITIONS = 5
SUM = (
    "SELECT position, effect, sum(amount_fen) FROM event_line WHERE part = 0"
    " GROUP BY position, effect"
)


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure on one kind of database."""
    with place.ledger() as ledger:
        seeding.begin(ledger, given.per_sheet)
        seeding.fill(ledger, seeding.months(), given.lines, given.per_sheet)
        catch_up(ledger.engine, ledger.tenant)
        pair = interleaved(
            lambda _: stopwatch(lambda: _rebuild_all(ledger)),
            lambda _: stopwatch(lambda: _copy_all(ledger)),
            repetitions=given.repetitions,
        )
        within = report(
            "rebuild", place.database, pair, TIMES, lines=given.lines, per_sheet=given.per_sheet
        )
        totals = interleaved(
            lambda _: stopwatch(lambda: rebuild(ledger.engine, ledger.tenant, ["liability"])),
            lambda _: stopwatch(lambda: _sum(ledger)),
            repetitions=given.repetitions,
        )
        return (
            report("rebuild-totals", place.database, totals, TOTALS, lines=given.lines) and within
        )


def _rebuild_all(ledger: Ledger) -> None:
    if ledger.rebuild_claims():
        message = "the claims differ from the log"
        raise RuntimeError(message)
    rebuild(ledger.engine, ledger.tenant)


def _output_tables(connection: Connection) -> list[str]:
    """Tables that a rebuild fills: claims and the read models' live slots."""
    log = {"event", "event_line", "ledger_head", "schema_version", "tracking"}
    names = [name for name in inspect(connection).get_table_names() if name not in log]
    return [name for name in names if not name.startswith("projection_")]


def _copy_all(ledger: Ledger) -> None:
    with begin_writing(ledger.engine) as connection:
        keys = {table.name: [c.name for c in table.primary_key.columns] for table in REBUILT}
        inspector = inspect(connection)
        for name in _output_tables(connection):
            key = keys.get(name) or inspector.get_pk_constraint(name)["constrained_columns"]
            connection.exec_driver_sql(
                f"CREATE TABLE raw_{name} AS SELECT * FROM {name}"  # noqa: S608 - our own names
            )
            connection.exec_driver_sql(
                f"CREATE UNIQUE INDEX raw_{name}_key ON raw_{name} ({', '.join(key)})"
            )
        for name in _output_tables(connection):
            if name.startswith("raw_"):
                connection.exec_driver_sql(f"DROP TABLE {name}")


def _sum(ledger: Ledger) -> None:
    with begin_reading(ledger.engine) as connection:
        connection.exec_driver_sql(SUM).all()


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--per-sheet", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
