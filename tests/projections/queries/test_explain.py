"""Why a figure is what it is: its lines sum to it, each with its position; and the journal."""

import pytest

from ledger.kernel.errors import LedgerError
from projections.queries.explain import COMPONENTS, explain
from projections.queries.journal import events, journal
from projections.queries.liability import liability
from projections.view import View
from tests.projections.conftest import PARTIES, expected_figures

GC, SUB = PARTIES["general_contractor"], PARTIES["subcontractor"]


@pytest.mark.parametrize("day", expected_figures()["at"])
@pytest.mark.parametrize("known_at", [None, 200])
def test_the_lines_of_every_figure_sum_to_it(view: View, day: str, known_at: int | None) -> None:
    for party in PARTIES.values():
        (figures,) = liability(view, as_of=day, known_at=known_at, party=party)["contractors"]
        for component in COMPONENTS:
            told = explain(view, party, component, as_of=day, known_at=known_at)
            assert told["figure_fen"] == figures[f"{component}_fen"], (party, component)
            assert told["figure_fen"] == sum(line["amount_fen"] for line in told["lines"])


def test_arrears_are_explained_by_what_was_approved_and_what_was_paid(view: View) -> None:
    told = explain(view, SUB, "own_arrears_fen", as_of="2026-05-20")
    assert [(line["position"], line["kind"], line["amount_fen"]) for line in told["lines"]] == [
        (192, "PayrollApproved", 36_000_000),
        (194, "PayoutSettled", -23_000_000),
        (197, "AdvanceClearingPaid", -3_000_000),
    ]
    assert {line["due_on"] for line in told["lines"]} == {"2026-05-15"}
    assert {line["rule"] for line in told["lines"]} == {"L1 wages due before the date"}


def test_joint_arrears_are_explained_by_lines_of_the_other_employers_book(view: View) -> None:
    told = explain(view, GC, "joint_arrears", as_of="2026-05-20")
    assert told["figure_fen"] == 10_000_000
    assert {line["book"] for line in told["lines"]} == {SUB}


def test_a_shortfall_is_explained_by_memoranda_of_each_project(view: View) -> None:
    told = explain(view, GC, "deposit_shortfall", as_of="2026-06-15")
    assert [(line["position"], line["account"], line["amount_fen"]) for line in told["lines"]] == [
        (173, "required", 8_000_000),
        (175, "deposit_cash", -8_000_000),
        (200, "deposit_cash", 8_000_000),
        (210, "deposit_cash", -5_000_000),
    ]
    assert {line["project"] for line in told["lines"]} == {"P-2026-001"}
    assert explain(view, GC, "deposit_shortfall", as_of="2026-05-20")["lines"] == []


def test_hard_debt_is_explained_by_its_parts(view: View) -> None:
    told = explain(view, SUB, "hard_debt", as_of="2026-06-15")
    assert {line["account"] for line in told["lines"]} == {"due_to_fund", "recourse_payable"}
    assert told["figure_fen"] == 1_800_000


def test_a_figure_that_there_is_not_is_refused_with_those_that_there_are(view: View) -> None:
    with pytest.raises(LedgerError, match="own_arrears") as caught:
        explain(view, SUB, "karma", as_of="2026-06-15")
    assert caught.value.code == "bad_option"
    with pytest.raises(LedgerError) as caught:
        explain(view, "91220300000740009M", "hard_debt", as_of="2026-06-15")
    assert caught.value.code == "unknown_party"


# -- journal and events -------------------------------------------------------


def test_the_journal_runs_a_balance_that_ends_in_the_accounts_balance(view: View) -> None:
    told = journal(view, as_of="2026-04-11", book=GC, account="wage_account")
    assert [(line["kind"], line["amount_fen"], line["balance_fen"]) for line in told["lines"]] == [
        ("LabourCostTransferred", 60_000_000, 60_000_000),
        ("PayoutInstructed", -44_000_000, 16_000_000),
        ("PayoutReturned", 1_800_000, 17_800_000),
    ]


def test_the_whole_journal_sums_to_nothing(view: View) -> None:
    told = journal(view, as_of="2026-06-30")
    assert told["lines"][-1]["balance_fen"] == 0
    assert journal(view, as_of="2026-06-30", project="P-9")["lines"] == []


def test_a_running_balance_goes_on_over_pages(view: View) -> None:
    whole = journal(view, as_of="2026-06-30", book=SUB)["lines"]
    seen, after = [], None
    while True:
        found = journal(view, as_of="2026-06-30", book=SUB, limit=7, after=after)
        seen += found["lines"]
        after = found["next"]
        if after is None:
            break
    assert seen == whole
    with pytest.raises(LedgerError) as caught:
        journal(view, as_of="2026-06-30", after="yesterday")
    assert caught.value.code == "bad_option"


def test_the_log_is_told_event_by_event_from_a_position_on(view: View) -> None:
    told = list(events(view, from_position=210))
    assert [event["position"] for event in told] == [210, 211, 212]
    assert told[-1]["kind"] == "AdvanceRecovered"
    assert told[-1]["topic"] == "fund.advance_recovered.v1"
    assert len(told[-1]["leaf_hash"]) == 64
    assert len(list(events(view, limit=5))) == 5
    assert list(events(view, from_position=213)) == []
