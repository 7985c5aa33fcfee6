"""Large postings: journals beside the event, very many lines, long texts."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import text

from ledger.eventlog.engine import begin_reading
from ledger.kernel.money import MAX_FEN, MAX_SUM_FEN
from ledger.service import Ledger
from tests import counts
from tests.drills.comparing import assert_whole
from tests.drills.town import CONTRACTOR, CREW, DAY, Posting, line, post
from tests.ledger.service.conftest import Open

EVENT_BYTES: Final = 60_000
MANY_DAYS: Final = 1_050
"""So many due dates make a journal longer than an event may be."""


def asserted(number: int) -> Posting:
    """A claim of one yuan, due on a day of its own."""
    due_on = date(1950, 1, 1) + timedelta(days=number)
    return post("ClaimAsserted", project="P1", case="C1", claim=f"K{number}", employer=CREW,
                worker="W3", period="2024-12", net_fen=100, due_on=due_on.isoformat())  # fmt: skip


def stored(ledger: Ledger, position: int) -> tuple[dict[str, Any], int, list[Sequence[Any]]]:
    """An event, the bytes of its body, and the journal lines beside it."""
    with begin_reading(ledger.engine) as connection:
        where = {"tenant": ledger.tenant, "position": position}
        event = "SELECT body FROM event WHERE tenant = :tenant AND position = :position"
        body = bytes(connection.execute(text(event), where).scalar_one())
        lines = connection.execute(
            text("SELECT body FROM event_line WHERE tenant = :tenant AND position = :position"
                 " AND part = 1 ORDER BY line"), where,
        )  # fmt: skip
        return json.loads(body), len(body), [json.loads(bytes(each)) for (each,) in lines]


@pytest.fixture
def claims(town: Ledger) -> list[Posting]:
    """Lines for very many claims, each due on a day of its own."""
    answers = list(town.post(asserted(number) for number in range(MANY_DAYS)))
    assert {answer.status for answer in answers} == {"recorded"}
    return [line(f"K{number}", 100) for number in range(MANY_DAYS)]


def test_a_journal_too_long_for_the_event_lies_beside_it(
    town: Ledger, claims: list[Posting], open_ledger: Open
) -> None:
    (paid,) = town.post([post("AdvanceClearingPaid", project="P1", lines=claims)])
    assert paid.position is not None
    event, size, journal = stored(town, paid.position)

    assert size < EVENT_BYTES
    assert "journal" not in event
    assert event["journal_lines"]["count"] == len(journal) == MANY_DAYS + 3
    assert sum(amount for book, *_, amount, _salt in journal if book == CREW) == 0
    assert sum(amount for book, *_, amount, _salt in journal if book == CONTRACTOR) == 0
    # It is read back whole, by another program too: one of its lines bounces.
    returned = post("TransferReturned", project="P1", position=paid.position,
                    lines=[{"claim": "K7", "code": "account_closed"}])  # fmt: skip
    (answer,) = open_ledger().post([returned])
    assert answer.status == "recorded"
    assert_whole(town)


def test_no_event_is_as_long_as_a_log_entry_may_be(town: Ledger, claims: list[Posting]) -> None:
    beside = []
    for length in range(850, MANY_DAYS, 50):
        paid = post("AdvanceClearingPaid", project="P1", note="长" * 500,
                    lines=[line(each["claim"], 1) for each in claims[:length]])  # fmt: skip
        (answer,) = town.post([paid])
        assert answer.position is not None
        event, size, journal = stored(town, answer.position)
        assert size < EVENT_BYTES
        assert ("journal" in event) != bool(journal)
        beside.append(bool(journal))
    assert beside == sorted(beside)
    assert set(beside) == {False, True}


def _statement(count: int) -> Posting:
    lines = [{"line": str(number), "on": DAY, "amount_fen": 1} for number in range(count)]
    return post("StatementImported", account="wage:P2", statement_id="K1", from_=DAY, to=DAY,
                opening_fen=0, closing_fen=count, lines=lines)  # fmt: skip


def test_a_document_holds_up_to_200_000_lines(town: Ledger) -> None:
    most = 200_000 if counts.full() else 5_000
    (answer,) = town.post([json.dumps(_statement(most))])
    assert answer.status == "recorded"
    assert answer.position is not None
    assert stored(town, answer.position)[0]["lines"]["count"] == most
    assert town.verify(answer.position).findings == []


@pytest.mark.parametrize("kind", ["lines", "claims"])
def test_one_line_more_is_too_many(town: Ledger, kind: str) -> None:
    many = _statement(200_001)
    if kind == "claims":
        names = [f"S1/{number}" for number in range(1, 200_002)]
        many = post("CaseClaimsLinked", case="C1", claims=names)
    (answer,) = town.post([many])
    assert (answer.status, answer.code) == ("invalid", "too_many_lines")


@pytest.mark.parametrize("character", ["a", "长", "𠮷"])
def test_a_note_has_up_to_500_characters(town: Ledger, character: str) -> None:
    noted = post("InterestCredited", region="220202", amount_fen=1, note=character * 500)
    (fits,) = town.post([noted])
    (too_long,) = town.post([noted | {"key": "other", "note": character * 501}])

    assert fits.status == "recorded"
    assert fits.event is not None
    assert fits.event["note"] == character * 500
    assert (too_long.status, too_long.code) == ("invalid", "bad_field")
    assert [problem.field for problem in too_long.problems] == ["note"]


def test_a_balance_beyond_what_databases_keep_is_refused_and_the_rest_goes_on(town: Ledger) -> None:
    fits = MAX_SUM_FEN // MAX_FEN
    received = [
        post("WageAccountToppedUp", project="P1", amount_fen=MAX_FEN, bank_ref=f"T{number}")
        for number in range(fits + 2)
    ]

    answers = list(town.post([*received, post("CaseReopened", case="C1")]))

    told = [(answer.status, answer.code) for answer in answers]
    assert told[: fits - 1] == [("recorded", None)] * (fits - 1)
    assert told[fits:-1] == [("refused", "bad_amount")] * 2
    assert told[-1] == ("refused", "not_closed")
    assert answers[-2].facts == {"field": "own_cash", "problem": "no_room"}
    (again,) = town.post([post("WageAccountToppedUp", project="P1", amount_fen=1, bank_ref="T")])
    assert again.status == "recorded"
    assert_whole(town)
