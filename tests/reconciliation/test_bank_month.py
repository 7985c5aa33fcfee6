"""A month of a bank whose truth is known, imported and matched through the program itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from cli.commands.bank_import import Import
from cli.commands.bank_match import Run
from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger, LedgerConfig
from tests import counts
from tests.drills.town import SetClock
from tests.reconciliation.bank_month import ACCOUNT, BankMonth, Item, LineKey, invented, judged

LINES: Final = counts.runs(20_000)
ON: Final = "2025-04-02"


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    with closing(Ledger.create(config, clock=SetClock())) as made:
        yield made


@pytest.fixture
def month(ledger: Ledger, tmp_path: Path) -> BankMonth:
    """The month, posted, and its statement booked."""
    made = invented(ledger, counts.SEED, LINES)
    path = made.statement(tmp_path / "march.xml")
    run = Import(str(path), ACCOUNT, ledger.known_account(ACCOUNT))
    run.take(ledger.post(run.postings(None), atomic=True))
    assert run.tally.exit_status == 0, list(run.said())
    assert run.result()["statements"][0]["lines"] == len(made.truth.shows.keys() | {
        (entry.on, entry.reference) for entry in made.entries
    })  # fmt: skip
    return made


def standing(
    ledger: Ledger,
) -> tuple[list[tuple[LineKey, Item]], list[tuple[frozenset[LineKey], frozenset[Item]]]]:
    """What stands matched: pairs, and groups that stand only together."""
    pairs = []
    lines, items = defaultdict(set), defaultdict(set)
    with begin_reading(ledger.engine) as connection:
        rows = connection.execute(
            text(
                "SELECT m.match_position, m.booked_on, m.booked, m.position, CASE WHEN o.name IS"
                " NULL THEN '' ELSE o.name || '/' || m.claim_line END AS claim FROM line_match m"
                " LEFT JOIN origin o ON o.tenant = m.tenant AND o.position = m.claim_position"
            )
        )
        for match, on, booked, position, claim in rows:
            if booked and position:
                pairs.append(((on, booked), (position, claim)))
            elif booked:
                lines[match].add((on, booked))
            else:
                items[match].add((position, claim))
    return pairs, [(frozenset(lines[match]), frozenset(items[match])) for match in lines]


def test_a_bank_s_month_is_matched_without_one_false_match(
    ledger: Ledger, month: BankMonth
) -> None:
    run = Run(ledger, None, ON)
    run.match(ACCOUNT)
    assert run.tally.exit_status == 0, list(run.said())
    verdict = judged(month.truth, *standing(ledger))
    assert verdict.false == []
    assert verdict.share_found >= 0.99, Counter(on for on, _ in verdict.missed)
    rules = {row["rule"] for row in run.matched}
    assert {"payout-line", "bank-reference", "batch-total", "batch-net-of-returns"} <= rules
    assert ledger.check() == []
    assert ledger.rebuild_claims(repair=False) == []
