"""Many lines matched at once and taken back singly, days in parts, names given twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.service import Answer, Ledger, LedgerConfig
from tests.drills.town import (
    FOUNDED,
    Posting,
    SetClock,
    approved,
    founding,
    instructed,
    line,
    post,
    sheet,
    transferred,
)

WAGES: Final = {"W1": 100_000, "W2": 100_000, "W3": 250_000}
BATCH: Final = len(FOUNDED) + 4


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """A town whose batch of three lines is on its way to the bank."""
    config = LedgerConfig(ledger_url, key_file=tmp_path / "key")
    made = Ledger.create(config, clock=SetClock())
    story = [
        *founding(),
        transferred(2_000_000, "L-2"),
        sheet("G1", WAGES, period="2025-02"),
        approved("G1"),
        instructed("B1", *(line(f"G1/{n}", fen) for n, fen in enumerate(WAGES.values(), 1))),
    ]
    assert {answer.status for answer in made.post(story)} == {"recorded"}
    yield made
    assert made.check() == []
    assert made.rebuild_claims(repair=False) == []
    assert not made.verify().findings
    made.close()


def end(ledger: Ledger, *postings: Posting) -> str:
    """Post a story, all but whose end is recorded, and return how that was answered."""
    answers: list[Answer] = list(ledger.post(postings))
    assert [answer.code for answer in answers[:-1]] == [None] * (len(answers) - 1)
    return answers[-1].code or answers[-1].status


def statement(
    *lines: tuple[str, int], name: str = "K1", on: str = "2025-03-05", opening: int = 0,
    first: str = "", last: str = "",
) -> Posting:  # fmt: skip
    """A statement of the wage account whose lines are all booked on one day."""
    return post(
        "StatementImported", account="wage:P1", statement_id=name, from_=first or on,
        to=last or on, on="2025-04-01", opening_fen=opening,
        closing_fen=opening + sum(fen for _, fen in lines),
        lines=[{"line": ref, "on": on, "amount_fen": fen} for ref, fen in lines],
    )  # fmt: skip


def matching(
    lines: list[str], items: list[dict[str, Any]], kind: str = "StatementLineMatched"
) -> Posting:
    extra = {"rule": "payout-line", "score": 1} if kind == "StatementLineMatched" else {}
    return post(
        kind, on="2025-04-02", account="wage:P1", statement_id="K1", lines=lines, matched=items,
        **extra,
    )  # fmt: skip


def claim(number: int) -> dict[str, Any]:
    return {"position": BATCH, "claim": f"G1/{number}"}


PAID: Final = (("a", -100_000), ("b", -100_000), ("c", -250_000))
WHOLE: Final = matching(["a", "b", "c"], [claim(1), claim(2), claim(3)])
UNMATCHED: Final = "StatementLineUnmatched"


def test_lines_matched_in_one_posting_are_taken_back_one_by_one(ledger: Ledger) -> None:
    one = matching(["b"], [claim(2)], UNMATCHED)
    assert end(ledger, statement(*PAID), WHOLE, one) == "recorded"
    assert end(ledger, matching(["b"], [claim(2)], UNMATCHED)) == "not_matched"
    assert end(ledger, matching(["a", "b", "c"], [claim(n) for n in (1, 2, 3)], UNMATCHED)) == (
        "not_matched"
    )
    assert end(ledger, matching(["b"], [claim(2)])) == "recorded"
    assert end(ledger, matching(["a", "c"], [claim(3), claim(1)], UNMATCHED)) == "recorded"


def test_a_pair_is_not_taken_back_with_the_other_side_of_another(ledger: Ledger) -> None:
    wrong = matching(["a"], [claim(2)], UNMATCHED)
    assert end(ledger, statement(*PAID), WHOLE, wrong) == "not_matched"


def test_a_batch_booked_in_one_line_is_matched_and_taken_back_whole(ledger: Ledger) -> None:
    total = statement(("t", -450_000))
    whole = matching(["t"], [claim(1), claim(2), claim(3)])
    assert end(ledger, total, whole, matching(["t"], [claim(1)], UNMATCHED)) == "not_matched"
    items = [claim(1), claim(2), claim(3)]
    assert end(ledger, matching(["t"], items, UNMATCHED)) == "recorded"
    assert end(ledger, matching(["t"], [{"position": BATCH}])) == "recorded"


def test_a_claim_is_not_matched_twice(ledger: Ledger) -> None:
    assert end(ledger, statement(*PAID), matching(["a"], [claim(1)])) == "recorded"
    assert end(ledger, matching(["b"], [claim(1)])) == "over_match"
    assert end(ledger, matching(["b", "c"], [claim(2), claim(2)])) == "over_match"
    assert end(ledger, matching(["b"], [{"position": BATCH}])) == "over_match"


def test_a_line_named_twice_has_no_more_room_for_it(ledger: Ledger) -> None:
    both = matching(["a", "2025-03-05|a"], [claim(1), claim(2)])
    assert end(ledger, statement(*PAID), both) == "over_match"


def test_lines_of_both_directions_are_matched_only_as_a_whole(ledger: Ledger) -> None:
    lines = statement(("net", 200_000), ("fee", -50_000))
    assert end(ledger, lines, matching(["fee", "net"], [{"position": len(FOUNDED) + 1}])) == (
        "over_match"
    )


def test_a_name_that_a_bank_gives_on_two_days_is_told_by_its_day(ledger: Ledger) -> None:
    two = post(
        "StatementImported", account="wage:P1", statement_id="K1", from_="2025-03-01",
        to="2025-03-31", on="2025-04-01", opening_fen=0, closing_fen=-200_000,
        lines=[{"line": "a", "on": "2025-03-06", "amount_fen": -100_000},
               {"line": "a", "on": "2025-03-05", "amount_fen": -100_000}],
    )  # fmt: skip
    assert end(ledger, two, matching(["2025-03-06|a"], [claim(1)])) == "recorded"
    assert end(ledger, matching(["a"], [claim(2)])) == "recorded"
    assert end(ledger, matching(["2025-03-05|a"], [claim(1)], UNMATCHED)) == "not_matched"
    assert end(ledger, matching(["2025-03-05|a"], [claim(2)], UNMATCHED)) == "recorded"
    unknown = matching(["2025-03-07|a"], [claim(2)])
    assert end(ledger, unknown) == "unknown_statement"


def test_a_day_of_more_lines_than_a_posting_may_have_comes_in_parts(ledger: Ledger) -> None:
    second = statement(("b", -100_000), ("c", -250_000), opening=-100_000)
    assert end(ledger, statement(("a", -100_000)), second, WHOLE) == "recorded"


@pytest.mark.parametrize(
    "other",
    [
        statement(("b", -100_000), opening=-5),
        statement(("b", -100_000), opening=-100_000, name="K2"),
        statement(("a", -100_000), opening=-100_000),
        statement(("b", -100_000), opening=-100_000, last="2025-03-06"),
    ],
    ids=["another balance", "another statement", "a line again", "other days"],
)
def test_what_does_not_go_on_where_the_part_before_ended_contradicts_it(
    ledger: Ledger, other: Posting
) -> None:
    assert end(ledger, statement(("a", -100_000)), other) == "statement_overlap"


def test_an_overlap_adds_only_the_days_that_are_new(ledger: Ledger) -> None:
    first = statement(("a", -100_000), first="2025-03-01", last="2025-03-10")
    both = post(
        "StatementImported", account="wage:P1", statement_id="K2", from_="2025-03-05",
        to="2025-03-20", on="2025-04-01", opening_fen=0, closing_fen=-200_000,
        lines=[{"line": "a", "on": "2025-03-05", "amount_fen": -100_000},
               {"line": "z", "on": "2025-03-12", "amount_fen": -100_000}],
    )  # fmt: skip
    assert end(ledger, first, both, matching(["a"], [claim(1)])) == "recorded"
    to = post("StatementReconciled", account="wage:P1", on="2025-04-02", to="2025-03-20")
    assert end(ledger, to) == "open_breaks"


def test_a_period_is_signed_off_once_every_break_is_matched_or_explained(ledger: Ledger) -> None:
    to = post("StatementReconciled", account="wage:P1", on="2025-04-02", to="2025-03-31")
    story = [
        statement(*PAID, ("fee", -50), first="2025-01-01", last="2025-03-31"),
        WHOLE,
        to,
    ]
    assert end(ledger, *story) == "open_breaks"
    reason = {"account": "wage:P1", "on": "2025-04-02", "reason": "银行手续费"}
    explained = post("BreakResolved", statement_id="K1", line="fee", **reason)
    received = [
        post("BreakResolved", position=position, **reason)
        for position in (FOUNDED.index("LabourCostTransferred") + 1, len(FOUNDED) + 1)
    ]
    assert end(ledger, explained, received[0], explained) == "duplicate"
    again = post("BreakResolved", statement_id="K1", line="fee", key="again", **reason)
    assert end(ledger, again) == "not_a_break"
    assert end(ledger, received[1], to) == "recorded"
