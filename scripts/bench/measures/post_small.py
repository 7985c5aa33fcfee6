"""Posting a file of 20,000 small postings, against the library's own way to save events.

Measured: ``Ledger.post`` on a file of JSON Lines with a mix of small postings (``measures.week``):
each is read, judged alone and after those before it, recorded with its lines, its claims and its
identities in the vault; groups of postings are committed together.

Raw limit: the default recorder of the library eventsourcing (``eventsourcing.sqlite``,
``eventsourcing.postgres`` on psycopg 3) saves events with the same bodies and streams one at a
time, ready-made: no posting is read or judged, nothing is mapped, no line and no claim is kept.
The ratio is of the rates: at least 4 on PostgreSQL, 2 on SQLite.
"""

import argparse
import os
import sys
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment
from sqlalchemy import make_url, select

from ledger.eventlog.engine import begin_reading
from ledger.eventlog.tables import event
from ledger.service import Ledger
from measures import invented
from measures.places import Place, on_each, options
from measures.timing import REPETITIONS, Limit, interleaved, report, say, stopwatch
from measures.week import SUBCONTRACTORS, Week

POSTGRES_RATE: Final = Limit(bound=4.0, at_least=True)
SQLITE_RATE: Final = Limit(bound=2.0, at_least=True)


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Post one file after the other into one ledger, the library's events in between."""
    count: int = given.postings
    recorder = library_recorder(place)
    sizes: list[int] = []
    with place.ledger() as ledger:
        invented.post_all(ledger, invented.parties(SUBCONTRACTORS))

        def product(number: int) -> float:
            week = Week(number, count)
            invented.post_all(ledger, week.projects())
            path = invented.written(place.folder / "week.jsonl", week.small_postings())
            return stopwatch(lambda: invented.post_file(ledger, path))

        def raw(_number: int) -> float:
            events = recorded_events(ledger, count)
            sizes.append(sum(len(each.state) for each in events) // count)

            def save() -> None:
                for each in events:
                    recorder.insert_events([each])

            return stopwatch(save)

        pair = interleaved(product, raw, repetitions=given.repetitions)
    low, high = pair.spread
    return report(
        "post-small", place.database, pair, POSTGRES_RATE if place.postgres else SQLITE_RATE,
        ratio=1 / pair.times_as_long, spread=(1 / high, 1 / low),
        postings=count, event_bytes=sizes[-1],
        postings_per_s=round(count / sorted(pair.product)[len(pair.product) // 2]),
    )  # fmt: skip


def library_recorder(place: Place) -> ApplicationRecorder:
    """The library's default recorder for this kind of database, in the same place."""
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
            "SQLITE_DBNAME": str(place.folder / "library.db"),
        }
    factory = InfrastructureFactory.construct(Environment("bench", settings))
    say(f"the library's {settings['PERSISTENCE_MODULE']}")
    return factory.application_recorder()


def recorded_events(ledger: Ledger, count: int) -> list[StoredEvent]:
    """The latest events of the ledger, as the library would have them."""
    columns = event.c
    statement = (
        select(columns.stream, columns.version, columns.topic, columns.body)
        .where(columns.tenant == ledger.tenant, columns.position > ledger.position() - count)
        .order_by(columns.position)
    )
    with begin_reading(ledger.engine) as connection:
        return [
            StoredEvent(uuid5(NAMESPACE_URL, row.stream), row.version, row.topic, bytes(row.body))
            for row in connection.execute(statement)
        ]


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--postings", type=int, default=20_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
