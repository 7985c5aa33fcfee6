"""What the hash tree and a signed checkpoint add to a posting.

Measured: a file of small postings (``measures.week``), posted in groups as the program does, with
the nodes of the tree written beside the events and one checkpoint signed at the end; and a whole
run of ``wageledger post`` with one posting, which signs one checkpoint too.

Raw limit: the same without tree and without checkpoint, in a second ledger of the same kind that
holds the same. The ratio is at most 1.15.
"""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from ledger.service import Ledger
from measures import invented
from measures.places import Place, on_each, options, second_place
from measures.timing import REPETITIONS, Limit, interleaved, report, stopwatch
from measures.week import SUBCONTRACTORS, Week

TIMES: Final = Limit(bound=1.15)
COMMANDS: Final = 20

_GROW: Final = "ledger.eventlog.appending.grow"
_LOADED: Final = "import sys, cli.app, ledger.eventlog.appending as appending\n"
_WITHOUT: Final = "cli.app.App._sign = appending.grow = lambda *_: None\n"
_RUN: Final = "from cli.main import main\nsys.exit(main())"


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Post the same into two ledgers in turn, first files, then one posting a program."""
    with second_place(place) as other, place.ledger() as ledger, other.ledger() as bare:
        for each in (ledger, bare):
            invented.post_all(each, invented.parties(SUBCONTRACTORS))
        within = _files(place, given, ledger, bare)
        return _commands(place, other, given) and within


def _files(place: Place, given: argparse.Namespace, ledger: Ledger, bare: Ledger) -> bool:
    count: int = given.postings

    def product(number: int) -> float:
        path = _week(place, ledger, number, count)

        def post_and_sign() -> None:
            invented.post_file(ledger, path)
            ledger.store.signer.sign(datetime.now(UTC))

        return stopwatch(post_and_sign)

    def raw(number: int) -> float:
        path = _week(place, bare, number, count)
        with patch(_GROW, new=lambda *_: None):
            return stopwatch(lambda: invented.post_file(bare, path))

    pair = interleaved(product, raw, repetitions=given.repetitions)
    return report("append-tree", place.database, pair, TIMES, case="file", postings=count)


def _commands(place: Place, other: Place, given: argparse.Namespace) -> bool:
    for each in (place, other):
        _run(each, "", "init")
    pair = interleaved(
        lambda number: _post_one(place, number, ""),
        lambda number: _post_one(other, number, _WITHOUT),
        repetitions=given.commands,
    )
    return report("append-tree", place.database, pair, TIMES, case="command", postings=1)


def _week(place: Place, ledger: Ledger, number: int, count: int) -> Path:
    week = Week(number, count)
    invented.post_all(ledger, week.projects())
    return invented.written(place.folder / "week.jsonl", week.small_postings())


def _post_one(place: Place, number: int, change: str) -> float:
    posting: dict[str, Any] = invented.party_registered(invented.party(50_000 + number))
    path = invented.written(place.folder / "one.jsonl", [posting])
    return stopwatch(lambda: _run(place, change, "post", str(path)))


def _run(place: Place, change: str, *words: str) -> None:
    """Run the program as its user does, with the vault and the keys where it looks for them."""
    where = ("--ledger", place.url, "--tenant", "commands")
    command = [sys.executable, "-c", _LOADED + change + _RUN, *where, *words]
    environment = os.environ | {"XDG_DATA_HOME": str(place.data)}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--postings", type=int, default=5_000)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
