"""The same and overlapping statements, in any order, give the same books."""

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest
from sqlalchemy import text

from ledger.banking.booking import Booking
from ledger.banking.statement import Entry, Statement
from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger, LedgerConfig
from tests import counts
from tests.drills import town
from tests.drills.town import SetClock

ACCOUNT: Final = "wage:P1"
DAYS: Final = [(date(2025, 3, 1) + timedelta(days=at)).isoformat() for at in range(12)]

Booked = dict[str, list[tuple[int, str | None]]]
"""What the bank booked by day: amounts with the bank's reference, None where it gives none."""


def bank(random: Random) -> Booked:
    """Few amounts and few references, so that twins and repeated references are common."""
    return {
        day: [
            (random.choice((-500, -500, 700, 900)), random.choice((None, None, "BK1", f"R{day}")))
            for _ in range(random.randrange(5))
        ]
        for day in DAYS
    }


def statement(booked: Booked, first: int, last: int) -> Statement:
    """The statement of some days, as the bank gives it out on any later day."""
    before = sum(fen for day in DAYS[:first] for fen, _ in booked[day])
    days = DAYS[first : last + 1]
    entries = [
        Entry(1, fen, "CNY", booked_on=day, value_on=day, reference=reference)
        for day in days
        for fen, reference in booked[day]
    ]
    moved = sum(entry.amount_minor for entry in entries)
    return Statement(
        "statement", id=f"{first}-{last}", from_on=days[0], to_on=days[-1],
        opening_minor=before, closing_minor=before + moved, entries=iter(entries),
    )  # fmt: skip


def books(ledger: Ledger) -> list[tuple[str, str, int]]:
    with begin_reading(ledger.engine) as connection:
        rows = connection.execute(
            text("SELECT on_date, name, amount_fen FROM booked_line ORDER BY on_date, name")
        )
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("seed", range(counts.runs(40)))
def test_statements_in_any_order_give_the_same_books(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311 - invented
    booked = bank(random)
    spans = [(0, random.randrange(4, 8)), (random.randrange(3, 7), len(DAYS) - 1)]
    spans += [tuple(sorted(random.sample(range(len(DAYS)), 2))) for _ in range(3)]  # type: ignore[misc]
    results = []
    for attempt in range(2):
        random.shuffle(spans)
        folder = tmp_path / str(attempt)
        folder.mkdir()
        config = LedgerConfig(f"sqlite:///{folder / 'ledger.db'}")
        with closing(Ledger.create(config, clock=SetClock())) as ledger:
            assert {a.status for a in ledger.post([*town.parties(), town.project("P1")])} == {
                "recorded"
            }
            for first, last in (*spans, *random.sample(spans, 2)):
                postings = Booking(statement(booked, first, last), ACCOUNT).postings()
                statuses = {a.status for a in ledger.post(postings, atomic=True)}
                assert statuses <= {"recorded", "duplicate"}
            results.append(books(ledger))
            assert ledger.rebuild_claims(repair=False) == []
            assert ledger.accounts.known(ACCOUNT).spans
    shown = {day for first, last in spans for day in DAYS[first : last + 1]}
    amounts = sorted(fen for day in shown for fen, _ in booked[day])
    assert results[0] == results[1]
    assert sorted(fen for _, _, fen in results[0]) == amounts
