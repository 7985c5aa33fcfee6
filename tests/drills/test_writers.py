"""Several programs that write at once: no overdraft, no lost or double position, no wrong no."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from sqlalchemy import text

from ledger.domain.journal import CREDIT_ONLY, DEBIT_ONLY
from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger, LedgerConfig
from tests import REPOSITORY, counts
from tests.drills.comparing import assert_whole, posted_once
from tests.drills.town import FOUNDED, TODAY, Posting, founding
from tests.drills.writer import LEGAL, WRITERS, plan
from tests.model.plain_model import PlainModel

POSTINGS: Final = max(200, counts.runs(1_000))
LONGEST_SECONDS: Final = 300


class Told(NamedTuple):
    """What a posting answered one of the writers."""

    writer: int
    key: str
    status: str
    code: str | None
    position: int | None


def write_at_once(config: LedgerConfig) -> list[Told]:
    """Start all writers, let them begin together, wait for them."""
    where = config.url, config.tenant, str(config.key_file)
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.drills.writer", *where, str(number),
             str(POSTINGS // WRITERS)],
            cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write(b"!")
        program.stdin.flush()
    told = []
    for number, program in enumerate(programs):
        output, _ = program.communicate(timeout=LONGEST_SECONDS)
        assert program.returncode == 0
        told += [Told(number, *json.loads(answer)) for answer in output.splitlines()]
    return told


def journal(ledger: Ledger) -> dict[tuple[str, ...], dict[str, int]]:
    """Changes of every balance by day, read from the log itself."""
    changes: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with begin_reading(ledger.engine) as connection:
        for (body,) in connection.execute(text("SELECT body FROM event")):
            event = json.loads(bytes(body))
            for *cell, amount in event["journal"]:
                changes[tuple(cell)][event["on"]] += amount
    return changes


def lowest(changes: dict[str, int], sign: int = 1) -> int:
    """The lowest balance on any day."""
    return min(accumulate(sign * amount for _, amount in sorted(changes.items())))


@pytest.mark.drill
def test_writers_at_once_lose_nothing_and_overdraw_nothing(
    ledger_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    ledger = Ledger.create(config)
    base = founding()
    assert {answer.status for answer in ledger.post(base)} == {"recorded"}

    told = write_at_once(config)

    plans = [plan(number, POSTINGS // WRITERS) for number in range(WRITERS)]
    planned = {(n, posting["key"]): posting for n, each in enumerate(plans) for posting in each}
    codes = {(planned[each.writer, each.key]["kind"], each.code) for each in told}
    recorded = {each.position: each for each in told if each.status == "recorded"}
    record_property("drill", _summary(config, told))
    assert len(told) == sum(map(len, plans))
    assert [(kind, code) for kind, code in codes if code not in LEGAL[kind]] == []
    assert {"over_claim", "insufficient_funds", "over_payable"} <= {code for _, code in codes}
    # No position lost, none twice, and none that only the log knows.
    start = len(FOUNDED)
    assert sorted(filter(None, recorded)) == list(range(start + 1, ledger.position() + 1))
    assert sum(each.status == "recorded" for each in told) == len(recorded)
    in_log = posted_once([*base, *planned.values()], ledger)
    for each in told:
        if each.status in {"recorded", "duplicate"}:
            assert in_log["", each.key] == each.position
    for (_, account, *_), changes in journal(ledger).items():
        if account in DEBIT_ONLY:
            assert lowest(changes) >= 0
        if account in CREDIT_ONLY and account != "wages_payable":
            assert lowest(changes, -1) >= 0
    assert_whole(ledger)
    _assert_each_stood(base, [planned[e.writer, e.key] for _, e in sorted(recorded.items())])
    ledger.close()


def _assert_each_stood(base: list[Posting], in_order: list[Posting]) -> None:
    """Every posting stood after those before it, as the plain model sees the contract."""
    model = PlainModel(date.fromisoformat(TODAY))
    for posting in [*base, *in_order]:
        assert model.post(posting)[:2] == ("recorded", None)
    model.check_invariants()


def _summary(config: LedgerConfig, told: list[Told]) -> str:
    order = [e.writer for e in sorted(told, key=lambda e: e.position or 0) if e.position]
    turns = sum(one != other for one, other in pairwise(order))
    statuses = [each.status for each in told]
    return (
        f"{WRITERS} writers at once on {config.url.partition(':')[0]}: {len(told)} postings,"
        f" {statuses.count('recorded')} recorded, {statuses.count('refused')} refused,"
        f" {statuses.count('duplicate')} duplicates, {turns} changes of the writer"
    )
