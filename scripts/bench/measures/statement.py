"""A bank's statement booked and matched, against parsing it and joining its rows alone.

Measured: ``bank import`` and ``bank match`` of a camt.053 in which every entry pays one line of the
payout batches before it: read, named, checked, judged, hashed, written as an event with its lines
and as the write side's rows, read back, matched by reference, and recorded as matches that can be
taken back one by one. Both run as the commands run them, on a ledger that is open.

Raw limit: lxml's iterparse over the same file, which makes a row of each entry (day, signed amount,
the bank's reference, ours) and clears it, and a hash join in the database of these rows, put into a
temporary table, with as many payout lines that are there already. At most 3 times as long for
100,000 entries. ``bare`` is the harder comparison, with an iterparse that only counts the entries
and a join of rows that are there already.

Memory is the peak of a process of its own that imports and matches: at most 500 MB. Time is
processor time of this process and wall time of the database's work together where the database is a
server; ``--wall`` measures wall time alone. Several sizes show whether the time grows with them:
the last line compares seconds an entry, which may differ by 20 %.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, text

from cli.commands.bank_import import Import
from cli.commands.bank_match import Run
from ledger.banking.references import end_to_end, payment_information
from ledger.eventlog.engine import begin_writing
from ledger.service import Ledger
from measures import invented
from measures.peak import peak_memory_mb, said_peak
from measures.places import Place, on_each, options
from measures.timing import Limit, interleaved, report, say
from tests.reconciliation.camt import NAMESPACE, Entry, written

EMPLOYER: Final = invented.subcontractor(0)
TIMES: Final = Limit(bound=3.0)
BARE: Final = Limit(bound=6.0)
MEMORY_MB: Final = Limit(bound=500.0)
GROWTH: Final = Limit(bound=1.2)
WORKERS: Final = 10_000
BATCH_LINES: Final = 100_000
DAYS: Final = 20


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure every size on accounts of their own, one a repetition."""
    within = True
    seconds: dict[int, float] = {}
    with place.ledger() as ledger:
        prepare(ledger)
    for size in given.entries:
        rounds = given.repetitions + 1
        with place.ledger() as ledger:
            paths = [paid_month(ledger, place, size, number) for number in range(rounds + 1)]

        def product(number: int, paths: list[Path] = paths) -> float:
            with place.ledger() as ledger:
                return timed(given, lambda: import_and_match(ledger, paths[number]))

        bare: list[float] = []

        def raw(
            number: int, paths: list[Path] = paths, size: int = size, bare: list[float] = bare
        ) -> float:
            with place.ledger() as ledger, begin_writing(ledger.engine) as connection:
                load(connection, size)
                bare.append(timed(given, lambda: count_and_join(connection, paths[number], size)))
                return timed(given, lambda: parse_and_join(connection, paths[number], size))

        pair = interleaved(product, raw, repetitions=given.repetitions)
        figures = {"bare": (median(pair.product) / median(bare), BARE)}
        seconds[size] = min(pair.product) / size
        peak = peak_memory_mb("measures.statement", place, paths[-1])
        within &= report(
            "statement", place.database, pair, TIMES,
            also={**figures, "peak_mb": (peak, MEMORY_MB)},
            entries=size, file_bytes=paths[0].stat().st_size,
            clock="wall" if given.wall else "processor",
        )  # fmt: skip
    if len(seconds) > 1:
        growth = seconds[max(seconds)] / seconds[min(seconds)]
        sys.stdout.write(json.dumps({
            "bench": "statement-growth", "database": place.database, "ratio": round(growth, 3),
            "limit": str(GROWTH), "within": GROWTH.holds(growth),
        }) + "\n")  # fmt: skip
        within &= GROWTH.holds(growth)
    return within


def timed(given: argparse.Namespace, run: Any) -> float:  # noqa: ANN401 - any call
    """Seconds of one call."""
    clock = time.perf_counter if given.wall else time.process_time
    began = clock()
    run()
    return clock() - began


# -- the month beforehand -----------------------------------------------------------


def prepare(ledger: Ledger) -> None:
    """Register the workers; the projects come with their months."""
    say(f"registering {WORKERS} workers")
    invented.post_all(ledger, invented.parties())
    invented.post_all(ledger, invented.registered(range(WORKERS), cards=True))


def paid_month(ledger: Ledger, place: Place, size: int, number: int) -> Path:
    """A project with so many payments instructed, and the statement that shows them all."""
    name = f"P{size}-{number}"
    say(f"instructing {size} payments of {name}")
    invented.post_all(ledger, invented.project(name, EMPLOYER))
    invented.post_all(ledger, invented.assigned(range(min(WORKERS, size)), name, EMPLOYER))
    claims: list[tuple[str, int]] = []
    while len(claims) < size:
        sheet = f"{name}-S{len(claims)}"
        workers = range(min(WORKERS, size - len(claims)))
        posting = invented.sheet(sheet, name, EMPLOYER, "2020-01", workers) | {"back_pay": True}
        claims += [(f"{sheet}/{at}", line["net_fen"])
                   for at, line in enumerate(posting["lines"], 1)]  # fmt: skip
        invented.post_all(ledger, [posting, invented.approved(sheet, name, "2020-01")])
    total = sum(fen for _, fen in claims)
    invented.post_all(ledger, [{
        "kind": "LabourCostTransferred", "on": "2020-02-01", "key": f"lc-{name}", "project": name,
        "amount_fen": total, "bank_ref": "LC",
    }])  # fmt: skip
    entries = [Entry("2020-02-01", total, "LC")]
    for low in range(0, size, BATCH_LINES):
        lines = claims[low : low + BATCH_LINES]
        invented.post_all(ledger, [{
            "kind": "PayoutInstructed", "on": "2020-02-01", "key": f"b-{name}-{low}",
            "project": name, "batch": f"{name}-B{low}", "count": len(lines),
            "total_fen": sum(fen for _, fen in lines),
            "lines": [{"claim": claim, "amount_fen": fen} for claim, fen in lines],
        }])  # fmt: skip
        entries += paying(ledger.position(), lines, low)
    entries.sort(key=lambda entry: entry.on)
    return written(
        place.folder / f"{name}.xml", entries, opening_fen=0, closing_fen=0, first="2020-02-01",
        last="2020-02-28",
    )  # fmt: skip


def paying(position: int, lines: list[tuple[str, int]], low: int) -> Iterator[Entry]:
    """An entry for each line of a batch, spread over the month."""
    for at, (_, fen) in enumerate(lines, 1):
        on = f"2020-02-{2 + (at * DAYS) // (len(lines) + 1):02}"
        yield Entry(on, -fen, f"BK{low + at:09}", end_to_end(position, at),
                    payment_information(position))  # fmt: skip


# -- what is measured -----------------------------------------------------------------


def import_and_match(ledger: Ledger, path: Path) -> None:
    """What ``bank import`` and ``bank match`` do."""
    account = f"wage:{path.stem}"
    booking = Import(str(path), account, ledger.accounts.known(account))
    booking.take(ledger.post(booking.postings(None), atomic=True))
    matching = Run(ledger, None, "2020-03-01")
    matching.match(account)
    left = matching.open[0]
    if booking.tally.exit_status or matching.tally.exit_status or left["lines"]:
        message = f"not all was matched: {matching.result()} {list(booking.said())}"
        raise RuntimeError(message)


def load(connection: Connection, size: int) -> None:
    """Put as many lines and payout lines into temporary tables."""
    rows = [{"reference": end_to_end(1, at), "fen": at} for at in range(1, size + 1)]
    for name in ("raw_line", "raw_payment"):
        connection.execute(text(f"CREATE TEMPORARY TABLE {name} (reference TEXT, fen BIGINT)"))
        connection.execute(text(f"INSERT INTO {name} VALUES (:reference, :fen)"), rows)  # noqa: S608
    connection.execute(
        text("CREATE TEMPORARY TABLE raw_read (day TEXT, fen BIGINT, bank TEXT, reference TEXT)")
    )


def count_and_join(connection: Connection, path: Path, size: int) -> None:
    """The parser alone, then the join alone."""
    count = sum(1 for _entry in entries_of(path))
    joined = connection.execute(
        text("SELECT count(*) FROM raw_line l JOIN raw_payment p"
             " ON p.reference = l.reference AND p.fen = l.fen")
    ).scalar_one()  # fmt: skip
    require(count == size + 1 and joined == size)


def parse_and_join(connection: Connection, path: Path, size: int) -> None:
    """A row of every entry, and the join of these rows."""
    rows = []
    for entry in entries_of(path):
        amount = entry.findtext(_AMOUNT).replace(".", "")
        rows.append({
            "day": entry.findtext(_DAY), "bank": entry.findtext(_BANK),
            "fen": -int(amount) if entry.findtext(_SIDE) == "DBIT" else int(amount),
            "reference": entry.findtext(_REFERENCE),
        })  # fmt: skip
    connection.execute(text("INSERT INTO raw_read VALUES (:day, :fen, :bank, :reference)"), rows)
    joined = connection.execute(
        text("SELECT count(*) FROM raw_read l LEFT JOIN raw_payment p"
             " ON p.reference = l.reference AND p.fen = l.fen")
    ).scalar_one()  # fmt: skip
    require(joined == size + 1)


def entries_of(path: Path) -> Iterator[Any]:
    """The entries of a camt.053, one after the other."""
    from lxml import etree  # noqa: PLC0415 - as the product loads it

    for _event, element in etree.iterparse(str(path), tag=f"{_IN}Ntry"):
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


_IN: Final = f"{{{NAMESPACE}}}"
_AMOUNT: Final = f"{_IN}Amt"
_SIDE: Final = f"{_IN}CdtDbtInd"
_DAY: Final = f"{_IN}BookgDt/{_IN}Dt"
_BANK: Final = f"{_IN}AcctSvcrRef"
_REFERENCE: Final = f"{_IN}NtryDtls/{_IN}TxDtls/{_IN}Refs/{_IN}EndToEndId"


def require(held: bool) -> None:  # noqa: FBT001 - a condition
    """Stop where the raw limit did not do its work."""
    if not held:
        message = "the raw limit did not read or join every row"
        raise RuntimeError(message)


def main() -> int:
    """Run from the command line."""
    if said_peak(sys.argv[1:], import_and_match):
        return 0
    parser = options(__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--wall", action="store_true", help="wall time, on a quiet machine")
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
