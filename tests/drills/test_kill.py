"""A bulk post that is killed again and again loses nothing and records nothing twice."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest

from ledger.service import Ledger, LedgerConfig
from tests import counts
from tests.drills import victims
from tests.drills.bulk_post import GROUP_POSTINGS, INSIDE
from tests.drills.comparing import assert_equal, assert_whole, contents, posted_once
from tests.drills.town import (
    CREW,
    Posting,
    approved,
    assigned,
    card,
    founding,
    instructed,
    line,
    post,
    sheet,
    transferred,
    worker,
)

KILLS: Final = counts.runs(50)
WANTED_INSIDE: Final = counts.runs(10)
GROUPS_A_KILL: Final = 3
"""A program is killed at the latest in the third group that is new to it."""

STAGES: Final = ("v", "L", "C", "B", "V")
"""Where a program stops and is killed: first of all between the vault's commit and the log's."""


def _round(number: int) -> list[Posting]:
    """Ten postings about a new worker: registered, assigned, paid; one refused, one invalid."""
    who, name, batch = f"W{number}", f"S{number}", f"B{number}"
    wages = line(f"{name}/1", 300_000)
    return [
        worker(number),
        card(number),
        assigned(number),
        transferred(1_000_000, f"L-{number}"),
        sheet(name, {who: 400_000}),
        approved(name),
        instructed(batch, wages),
        post("PayoutSettled", project="P1", batch=batch, claims="all"),
        instructed(f"{batch}-again", line(f"{name}/1", 100_001)),
        post("SubcontractorPaid", project="P1", subcontractor=CREW, amount_fen=0),
    ]


@pytest.fixture(scope="module")
def postings() -> list[Posting]:
    """Enough postings for every kill, with a few groups to spare."""
    rounds = (KILLS * GROUPS_A_KILL + 5) * GROUP_POSTINGS // 10
    return [*founding(), *(each for number in range(100, 100 + rounds) for each in _round(number))]


@pytest.fixture
def file(postings: list[Posting], tmp_path: Path) -> Path:
    path = tmp_path / "postings.jsonl"
    path.write_text("".join(json.dumps(posting) + "\n" for posting in postings), "utf-8")
    return path


@pytest.fixture
def ledgers(ledger_url: str, tmp_path: Path) -> Iterator[tuple[LedgerConfig, Ledger]]:
    """The ledger of the killed programs, and one in the same store that nobody disturbs."""
    configs = [
        LedgerConfig(ledger_url, tenant=tenant, key_file=tmp_path / "key")
        for tenant in ("killed", "calm")
    ]
    killed, calm = map(Ledger.create, configs)
    killed.close()
    yield configs[0], calm
    calm.close()


class Toll(NamedTuple):
    """What the killed programs were doing."""

    kills: int
    inside: int
    proven: int
    at_commit: int
    groups: int


def _kill_one(config: LedgerConfig, file: Path, number: int, done: int, rng: Random) -> str:
    """Start, kill; the marks of the program, with a ``!`` where the database saw it inside."""
    group = done + rng.randint(1, GROUPS_A_KILL)
    held = number % 2 == 0
    stage = STAGES[number // 2 % len(STAGES)]
    victim = victims.start(config, file, *((stage, group) if held else ()))
    if held:
        assert victim.watch(lambda marks: marks.endswith(stage) and marks.count("B") >= group)
        proven = "!" if victims.open_transactions(config.url) else ""
    else:
        assert victim.watch(lambda marks: marks.count("B") >= group)
        # At any moment of this group or the next, most often while something is written.
        enough = len(victim.marks) + rng.randint(0, 6)
        assert victim.watch(lambda marks: len(marks) >= enough)
        proven = ""
    victim.kill()
    assert victim.process.returncode == -9
    return victim.marks + proven


def _kill_all(config: LedgerConfig, file: Path, rng: Random) -> Toll:
    inside = proven = at_commit = done = 0
    for number in range(KILLS):
        marks = _kill_one(config, file, number, done, rng)
        done = marks.count(".")
        proven += marks.endswith("!")
        last = marks.rstrip("!")[-1]
        inside += last in INSIDE
        at_commit += last == "C"
    return Toll(KILLS, inside, proven, at_commit, done)


@pytest.mark.drill
def test_a_file_posted_through_many_kills_is_recorded_once_and_whole(
    ledgers: tuple[LedgerConfig, Ledger],
    postings: list[Posting],
    file: Path,
    record_property: Callable[[str, object], None],
) -> None:
    config, calm = ledgers
    toll = _kill_all(config, file, Random(counts.SEED))  # noqa: S311 -- nothing secret
    last = victims.start(config, file)
    last.end()
    again = [json.loads(text) for text in file.with_suffix(".out").read_text("utf-8").splitlines()]
    undisturbed = [(a.status, a.code, a.position) for a in calm.post(postings)]
    database = config.url.partition(":")[0]
    record_property(
        "drill",
        f"{toll.kills} kill -9 of a bulk post on {database}: {toll.inside} inside an open"
        f" transaction by the program's last mark ({toll.proven} seen open by the database),"
        f" {toll.at_commit} at the COMMIT",
    )

    assert last.process.returncode == 0
    assert toll.inside >= WANTED_INSIDE
    assert toll.proven >= WANTED_INSIDE
    assert [(code, position) for _, code, position in again] == [
        (code, position) for _, code, position in undisturbed
    ]
    assert {status for status, _, _ in again} == {"duplicate", "recorded", "refused", "invalid"}
    ledger = Ledger.open(config)
    recorded = [position for status, _, position in undisturbed if status == "recorded"]
    assert sorted(posted_once(postings, ledger).values()) == recorded
    assert_equal(contents(ledger), contents(calm))
    assert_whole(ledger)
    ledger.close()
