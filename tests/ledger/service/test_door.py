"""What becomes of postings at the one door: recorded, refused, rolled back, only tried."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger import service
from ledger.eventlog.appending import append_events
from ledger.eventlog.engine import begin_reading
from ledger.kernel.dates import parse_instant
from ledger.kernel.errors import LedgerError
from ledger.service import Ledger, LedgerConfig, Poster
from tests.drills.town import (
    CONTRACTOR,
    CREW,
    FOUNDED,
    REGION,
    Posting,
    SetClock,
    card,
    founding,
    instructed,
    line,
    post,
    worker,
)
from tests.ledger.service.conftest import Open, everything, told


def _interest(amount_fen: int, **fields: object) -> Posting:
    return post("InterestCredited", region=REGION, amount_fen=amount_fen, **fields)


# -- alone --------------------------------------------------------------------


def test_each_posting_stands_alone(town: Ledger) -> None:
    start = len(FOUNDED)
    closed = post("PayrollApproved", project="P1", sheet="S1")
    mixed: list[Posting | str] = [_interest(1), _interest(0), closed, '{"kind"', _interest(2)]

    answers = list(town.post(mixed))

    assert told(answers) == [
        ("recorded", None, start + 1),
        ("invalid", "bad_amount", None),
        ("refused", "sheet_closed", None),
        ("invalid", "bad_json", None),
        ("recorded", None, start + 2),
    ]
    assert [answer.line for answer in answers] == [1, 2, 3, 4, 5]
    assert town.position() == start + 2


def test_later_postings_of_a_group_see_the_earlier_ones(town: Ledger) -> None:
    batch = instructed("B1", line("S1/1", 500_000))
    settled = post("PayoutSettled", project="P1", batch="B1", claims="all")
    again = instructed("B2", line("S1/1", 1))

    assert [answer.code for answer in town.post([batch, settled, again])] == [
        None, None, "over_claim",
    ]  # fmt: skip


def test_an_answer_tells_everything_that_is_wrong_with_a_form(town: Ledger) -> None:
    (answer,) = town.post([post("LabourCostTransferred", project="P 1", amount_fen="5")])
    assert [(p.code, p.field) for p in answer.problems] == [
        ("bad_field", "bank_ref"), ("bad_id", "project"), ("bad_amount", "amount_fen"),
    ]  # fmt: skip


def test_a_refused_posting_uses_up_no_key_and_leaves_nothing(town: Ledger) -> None:
    before = everything(town)
    too_much = post("FundSurrendered", region=REGION, amount_fen=5_000_001)

    assert [answer.code for answer in town.post([too_much])] == ["insufficient_funds"]
    assert everything(town) == before
    (answer,) = town.post([too_much | {"amount_fen": 5_000_000}])
    assert answer.status == "recorded"


def test_an_unexpected_failure_takes_only_its_own_group(
    town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", 2)
    calls = iter((False, True, False, False))

    def failing(*given: Any, **named: Any) -> None:  # noqa: ANN401 -- passed on
        if next(calls):
            message = "not foreseen"
            raise RuntimeError(message)
        append_events(*given, **named)

    monkeypatch.setattr("ledger.judging.append_events", failing)
    postings = [_interest(number) for number in range(1, 7)]
    answers = town.post(postings)

    assert [next(answers).status, next(answers).status] == ["recorded", "recorded"]
    with pytest.raises(RuntimeError, match="not foreseen"):
        next(answers)
    assert town.position() == len(FOUNDED) + 2
    again = list(town.post(postings))
    assert [answer.status for answer in again] == ["duplicate"] * 2 + ["recorded"] * 4
    assert again[-1].position == len(FOUNDED) + 6


# -- all or none --------------------------------------------------------------


def test_an_atomic_file_is_recorded_whole(town: Ledger) -> None:
    answers = list(town.post([_interest(1), worker(7), card(7), _interest(2)], atomic=True))
    start = len(FOUNDED)
    assert told(answers) == [("recorded", None, start + n) for n in range(1, 5)]
    assert town.masked_identity("W7")["card_number"]


def test_an_atomic_file_with_a_bad_posting_leaves_nothing_and_lists_all_that_is_bad(
    town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", 2)
    before = everything(town)
    closed = post("PayrollApproved", project="P1", sheet="S1")
    mixed: list[Posting | str] = [
        worker(7), _interest(0), card(7), closed, _interest(5), "[]",
    ]  # fmt: skip

    answers = list(town.post(mixed, atomic=True))

    assert told(answers) == [
        ("refused", "rolled_back", None),
        ("invalid", "bad_amount", None),
        ("refused", "rolled_back", None),
        ("refused", "sheet_closed", None),
        ("refused", "rolled_back", None),
        ("invalid", "bad_json", None),
    ]
    assert everything(town) == before
    assert town.vault.refs() == [f"W{number}" for number in range(1, 7)]


def test_a_repetition_inside_an_atomic_file_that_fails_claims_no_position(town: Ledger) -> None:
    known, new = _interest(7), _interest(1)
    (first,) = town.post([known])

    answers = list(town.post([known, new, new, _interest(0)], atomic=True))

    assert told(answers) == [
        ("duplicate", None, first.position),
        ("refused", "rolled_back", None),
        ("refused", "rolled_back", None),
        ("invalid", "bad_amount", None),
    ]


def test_a_ledger_goes_on_after_an_atomic_file_that_failed(town: Ledger) -> None:
    batch = instructed("B1", line("S1/1", 500_000))
    list(town.post([batch, _interest(0)], atomic=True))

    assert [answer.status for answer in town.post([batch])] == ["recorded"]
    assert town.position() == len(FOUNDED) + 1


# -- only tried ---------------------------------------------------------------


def test_a_dry_run_records_nothing_at_all(town: Ledger) -> None:
    before = everything(town)
    tried = [worker(7), card(7), instructed("B1", line("S1/1", 500_000)), _interest(9)]

    answers = list(town.post(tried, dry_run=True))

    assert told(answers) == [("recorded", None, None)] * 4
    assert everything(town) == before
    assert [answer.status for answer in town.post(tried)] == ["recorded"] * 4


def test_a_dry_run_of_a_new_tenant_leaves_no_trace_of_it(open_ledger: Open) -> None:
    ledger = open_ledger()
    before = everything(ledger)
    assert {answer.status for answer in ledger.post(founding(), dry_run=True)} == {"recorded"}
    assert everything(ledger) == before


def test_a_dry_run_shows_the_event_and_the_balances_after_it(town: Ledger) -> None:
    (answer,) = town.post([instructed("B1", line("S1/1", 500_000))], dry_run=True)

    assert answer.event is not None
    assert answer.event["kind"] == "PayoutInstructed"
    balances = {balance["account"]: balance["balance_fen"] for balance in answer.balances}
    assert balances == {"in_transit": 500_000, "wage_account": 1_500_000}


def test_a_dry_run_judges_each_posting_after_those_before_it(town: Ledger) -> None:
    batch, again = instructed("B1", line("S1/1", 500_000)), instructed("B2", line("S1/1", 1))
    assert [answer.code for answer in town.post([batch, again], dry_run=True)] == [
        None, "over_claim",
    ]  # fmt: skip


def test_a_repetition_inside_a_dry_run_names_no_position_that_does_not_exist(town: Ledger) -> None:
    new = _interest(1)
    assert told(list(town.post([new, new], dry_run=True))) == [
        ("recorded", None, None),
        ("duplicate", None, None),
    ]


# -- time ---------------------------------------------------------------------


def _instants(ledger: Ledger) -> list[str]:
    with begin_reading(ledger.engine) as connection:
        rows = connection.execute(
            text("SELECT recorded_at FROM event WHERE tenant = :tenant ORDER BY position"),
            {"tenant": ledger.tenant},
        )
        return [row[0] for row in rows]


def test_recorded_time_goes_on_when_the_clock_is_set_back(town: Ledger, clock: SetClock) -> None:
    list(town.post([_interest(1)]))
    clock.turn(hours=-3)
    list(town.post([_interest(2), _interest(3)]))
    clock.turn(hours=6)
    list(town.post([_interest(4)]))

    instants = _instants(town)

    assert instants == sorted(set(instants))
    first, second, third, fourth = (parse_instant(instant) for instant in instants[-4:])
    assert first is not None
    assert second is not None
    assert third is not None
    assert fourth == clock.instant
    assert (second - first).microseconds == (third - second).microseconds == 1


def test_two_programs_with_different_clocks_keep_one_order(
    open_ledger: Open, clock: SetClock
) -> None:
    one, other = open_ledger(), open_ledger()
    for number in range(4):
        clock.turn(minutes=-7)
        ledger = one if number % 2 else other
        funds = post("FundEstablished", region=f"22020{number}", floor_fen=0)
        assert [answer.position for answer in ledger.post([funds])] == [number + 1]
    assert _instants(one) == sorted(set(_instants(one)))


# -- whose --------------------------------------------------------------------


def test_tenants_of_one_database_know_nothing_of_each_other(open_ledger: Open) -> None:
    jilin, siping = open_ledger("jilin"), open_ledger("siping")
    story = founding()

    assert [answer.position for answer in jilin.post(story)] == list(range(1, len(story) + 1))
    assert siping.position() == 0
    batch = instructed("B1", line("S1/1", 1))
    assert [answer.code for answer in siping.post([batch])] == ["unknown_project"]
    assert [answer.position for answer in siping.post(story)] == list(range(1, len(story) + 1))
    assert [answer.status for answer in jilin.post([batch])] == ["recorded"]
    assert (jilin.position(), siping.position()) == (len(story) + 1, len(story))
    assert siping.masked_identity("W1") == jilin.masked_identity("W1")


def test_another_program_sees_what_this_one_recorded_and_the_other_way_round(
    open_ledger: Open, town: Ledger
) -> None:
    other = open_ledger()
    batch = instructed("B1", line("S1/1", 500_000))
    list(town.post([batch]))
    settled = post("PayoutSettled", project="P1", batch="B1", claims="all")
    assert [answer.status for answer in other.post([settled])] == ["recorded"]
    late = post("PayoutReturned", project="P1", batch="B1",
                lines=[{"claim": "S1/1", "code": "late_return"}])  # fmt: skip
    assert [answer.status for answer in town.post([late])] == ["recorded"]
    assert [answer.code for answer in other.post([late | {"key": "x"}])] == ["not_pending"]


def test_an_answer_carries_the_event_as_it_lies_in_the_log(town: Ledger) -> None:
    (answer,) = town.post([_interest(1, by=CREW, note="第一季度", document={"number": "7"})])
    event = answer.event
    assert event is not None
    assert (event["by"], event["note"], event["document"]) == (CREW, "第一季度", {"number": "7"})
    assert event["journal"] == [
        [f"fund:{REGION}", "cash", "", "", "", 1], [f"fund:{REGION}", "interest", "", "", "", -1],
    ]  # fmt: skip


def test_a_profile_posts_in_its_own_name(town: Ledger) -> None:
    paid = post("SubcontractorPaid", project="P1", subcontractor=CREW, amount_fen=1)
    (by_profile,) = town.post([paid], poster=Poster(CONTRACTOR, "G"))
    (by_name,) = town.post([paid | {"by": CONTRACTOR}])
    (by_owner,) = town.post([paid])

    assert by_profile.status == by_owner.status == "recorded"
    assert (by_name.status, by_name.position) == ("duplicate", by_profile.position)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_ledger_that_is_not_there_is_not_made_by_opening_it(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[database]
    with pytest.raises(LedgerError) as caught:
        Ledger.open(LedgerConfig(request.getfixturevalue(name), key_file=tmp_path / "key"))
    assert caught.value.code == "no_ledger"
    assert not list(tmp_path.iterdir())
