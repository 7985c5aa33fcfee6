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
from ledger.banking.matching import Matcher, Matches
from ledger.claims import reconciling
from ledger.eventlog.engine import begin_reading
from ledger.service import Ledger, LedgerConfig
from tests import counts
from tests.drills.town import SetClock
from tests.reconciliation.bank_month import (
    ACCOUNT,
    BankMonth,
    Item,
    LineKey,
    Verdict,
    invented,
    judged,
)

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
    run = Import(str(path), ACCOUNT, ledger.accounts.known(ACCOUNT))
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


def test_batches_matched_a_few_at_a_time_give_the_matches_of_all_at_once(
    ledger: Ledger, month: BankMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert month.truth.shows
    assert ledger.accounts.spans(ACCOUNT) == []
    rows = ledger.accounts.unmatched(ACCOUNT)
    at_once = Matcher(rows.lines, rows.items, rows.refused).run()
    monkeypatch.setattr(reconciling, "MOST_LINES", LINES // 10)
    spans = ledger.accounts.spans(ACCOUNT)
    assert len(spans) > 2
    some = ledger.accounts.unmatched(ACCOUNT, spans[1])
    assert 0 < len(some.items) < len(rows.items) // 2
    assert 0 < len(some.lines) < len(rows.lines) // 2

    run = Run(ledger, None, ON)
    run.match(ACCOUNT)

    assert run.tally.exit_status == 0, list(run.said())
    assert [row["rule"] for row in run.matched] == [found.rule.name for found in at_once]
    pairs, groups = standing(ledger)
    assert Counter(pairs) == Counter(
        ((line.on, line.name), (item.position, item.claim))
        for found in at_once
        for line, item in found.pairs
    )
    assert Counter(groups) == Counter(
        (
            frozenset((line.on, line.name) for line in lines),
            frozenset((item.position, item.claim) for item in items),
        )
        for found in at_once
        for lines, items in found.groups
    )
    assert ledger.check() == []


class FirstOfTheAmount(Matcher):
    """A matcher with a broken rule: it takes the first of an amount, whoever else has it."""

    def amounts_and_days(self, matches: Matches) -> None:
        items = self._by_amount(self.free_items)
        for at in sorted(self.free_lines):
            candidates = [it for it in items[self.lines[at].amount_fen] if it in self.free_items]
            if candidates:
                self._pair(matches, at, candidates[0])


class WhateverTheAmount(Matcher):
    """A matcher with a broken rule: a reference decides even against the amount."""

    def payout_lines(self, matches: Matches) -> None:
        items = {
            (item.batch_position, item.batch_line, item.amount_fen > 0): at
            for at, item in enumerate(self.items)
            if item.batch_line
        }
        for at, (line, named) in enumerate(zip(self.lines, self.named, strict=True)):
            if named is not None and named.line is not None:
                it = items.get((named.position, named.line, line.amount_fen > 0))
                if it in self.free_items:
                    self._pair(matches, at, it)


@pytest.mark.parametrize("broken", [FirstOfTheAmount, WhateverTheAmount])
def test_a_planted_broken_rule_is_caught(
    ledger: Ledger, month: BankMonth, broken: type[Matcher]
) -> None:
    """The same rows, a matcher with one rule broken: the check against the truth goes red."""
    rows = ledger.accounts.unmatched(ACCOUNT)

    def verdict(matcher: type[Matcher]) -> Verdict:
        found = matcher(rows.lines, rows.items, rows.refused).run()
        pairs = [
            ((line.on, line.name), (item.position, item.claim))
            for matches in found
            for line, item in matches.pairs
        ]
        groups = [
            (
                frozenset((line.on, line.name) for line in lines),
                frozenset((item.position, item.claim) for item in items),
            )
            for matches in found
            for lines, items in matches.groups
        ]
        return judged(month.truth, pairs, groups)

    assert verdict(Matcher).false == []
    assert verdict(broken).false != []


def test_what_came_back_late_is_proposed_and_posted_when_the_bank_confirms(
    ledger: Ledger, month: BankMonth
) -> None:
    late = {
        (entry.on, entry.reference)
        for entry in month.entries
        if entry.return_code and (entry.on, entry.reference) not in month.truth.shows
    }
    first = Run(ledger, None, ON)
    first.match(ACCOUNT)
    proposed = [row for row in first.proposed if row["kind"] == "PayoutReturned"]
    assert {row["status"] for row in first.proposed} == {"proposed"}
    assert sum(row["lines"] for row in proposed) == len(late) > 0

    confirmed = Run(ledger, None, ON, confirm=True)
    confirmed.match(ACCOUNT)
    assert {row["status"] for row in confirmed.proposed} == {"recorded"}
    matched = {line for line, _ in standing(ledger)[0]}
    assert late <= matched

    again = Run(ledger, None, ON, confirm=True)
    again.match(ACCOUNT)
    assert (again.matched, again.proposed) == ([], [])
    assert ledger.check() == []
    assert ledger.rebuild_claims(repair=False) == []
