"""Posting a file of 20,000 small postings, against saving the same events with the library.

Measured: ``Ledger.post`` on a file of JSON Lines with a mix of small postings (``measures.week``):
each is read, judged alone and after those before it, recorded with its lines, its claims and its
identities in the vault; groups of postings are committed together.

Raw limit: an application of the library eventsourcing as it comes, with its default recorder
(``eventsourcing.sqlite``, ``eventsourcing.postgres`` on psycopg 3), saves events that hold the same
bodies, one at a time: ``Application.save`` maps each event to its stored form and inserts it in a
transaction of its own. No posting is read or judged, no line, claim or person is kept, and no
aggregate is loaded: the library has the easier task. The ratio is of the rates: at least 4 on
PostgreSQL, 2 on SQLite.

Beside it, without a limit: ``recorder_alone``, the same ratio against nothing but the recorder's
``insert_events`` on stored events that were mapped beforehand. Saving with the library is more
than that, as posting is more than appending. ``flush_us`` is what the disk takes for one flush: who
commits one event at a time waits for it with each, who commits in groups seldom does, so the ratio
is the lowest on a disk that answers at once.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from sqlalchemy import make_url, select

from ledger.eventlog.engine import begin_reading
from ledger.eventlog.tables import event
from ledger.service import Ledger
from measures import invented
from measures.places import Place, flush_seconds, on_each, options
from measures.timing import REPETITIONS, WARM_UP, Limit, interleaved, report, say, stopwatch
from measures.week import SUBCONTRACTORS, Week

POSTGRES_RATE: Final = Limit(bound=4.0, at_least=True)
SQLITE_RATE: Final = Limit(bound=2.0, at_least=True)


class Posting(Aggregate):
    """What the library would keep of a posting."""

    class Recorded(Aggregate.Event):
        """It was recorded."""

        body: dict[str, Any]


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Post one file after the other into one ledger, the library's events in between."""
    count: int = given.postings
    alone: list[float] = []
    with ExitStack() as stack:
        ledger = stack.enter_context(place.ledger())
        saving, inserting = (
            stack.enter_context(closing(library(place, name))) for name in ("saving", "inserting")
        )
        invented.post_all(ledger, invented.parties(SUBCONTRACTORS))

        def product(number: int) -> float:
            week = Week(number, count)
            invented.post_all(ledger, week.projects())
            path = invented.written(place.folder / "week.jsonl", week.small_postings())
            return stopwatch(lambda: invented.post_file(ledger, path))

        def raw(_number: int) -> float:
            events = list(recorded_events(ledger, count))
            stored = [inserting.mapper.to_stored_event(each) for each in events]

            def save() -> None:
                for each in events:
                    saving.save(each)

            def insert() -> None:
                for each in stored:
                    inserting.recorder.insert_events([each])

            seconds = stopwatch(save)
            alone.append(stopwatch(insert))
            return seconds

        pair = interleaved(product, raw, repetitions=given.repetitions)
    low, high = pair.spread
    posting = median(pair.product)
    return report(
        "post-small", place.database, pair, POSTGRES_RATE if place.postgres else SQLITE_RATE,
        ratio=1 / pair.times_as_long, spread=(1 / high, 1 / low),
        recorder_alone=round(median(alone[WARM_UP:]) / posting, 3),
        flush_us=round(flush_seconds(place.folder) * 1_000_000),
        postings=count, postings_per_s=round(count / posting),
    )  # fmt: skip


def library(place: Place, name: str) -> Application[UUID]:
    """An application of the library in the same place, its events in a table of its own."""
    if place.postgres:
        url = make_url(place.url)
        settings = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": url.database or "",
            "POSTGRES_HOST": url.host or str(url.query.get("host", "")),
            "POSTGRES_PORT": str(url.port or "5432"),
            "POSTGRES_USER": url.username or "",
            "POSTGRES_PASSWORD": os.environ.get("PGPASSWORD", "none"),
        }
    else:
        settings = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(place.folder / f"{name}.db"),
        }
    say(f"the library's {settings['PERSISTENCE_MODULE']}")
    named = type("Library", (Application,), {"name": name})
    made: Application[UUID] = named(env=settings)
    return made


def recorded_events(ledger: Ledger, count: int) -> Iterator[Posting.Recorded]:
    """The latest events of the ledger, as events of the library."""
    columns = event.c
    statement = (
        select(columns.stream, columns.version, columns.body)
        .where(columns.tenant == ledger.tenant, columns.position > ledger.position() - count)
        .order_by(columns.position)
    )
    now = datetime.now(UTC)
    with begin_reading(ledger.engine) as connection:
        for row in connection.execute(statement):
            yield Posting.Recorded(
                originator_id=uuid5(NAMESPACE_URL, row.stream), originator_version=row.version,
                timestamp=now, body=json.loads(row.body),
            )  # type: ignore[call-arg]  # the library makes it a dataclass  # fmt: skip


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--postings", type=int, default=20_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
