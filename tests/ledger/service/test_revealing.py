"""An identity is read in the clear only after the log says by whom and what for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Connection, event, text

from ledger.eventlog.engine import begin_reading
from ledger.kernel.errors import LedgerError
from ledger.recording import MAX_EVENT_BYTES
from ledger.service import Ledger, Poster
from tests.drills.town import (
    CONTRACTOR,
    CREW,
    REGION,
    SetClock,
    assigned,
    card,
    card_number,
    post,
    resident_id,
    worker,
)
from tests.ledger.service.conftest import Open, everything, told

NAMES = ("name", "card_number")


def last_event(ledger: Ledger) -> dict[str, Any]:
    with begin_reading(ledger.engine) as connection:
        body = connection.execute(
            text("SELECT body FROM event WHERE tenant = :tenant ORDER BY position DESC LIMIT 1"),
            {"tenant": ledger.tenant},
        ).scalar_one()
    said: dict[str, Any] = json.loads(bytes(body))
    return said


def lines_at(ledger: Ledger, position: int) -> list[dict[str, Any]]:
    with begin_reading(ledger.engine) as connection:
        bodies = connection.execute(
            text("SELECT body FROM event_line WHERE tenant = :t AND position = :p ORDER BY line"),
            {"t": ledger.tenant, "p": position},
        ).scalars()
        return [json.loads(bytes(body)) for body in bodies]


def test_a_worker_is_read_in_the_clear_and_the_log_says_what_for(town: Ledger) -> None:
    before = town.position()

    shown = town.reveal(
        ["W1"], NAMES, purpose="payslip:W1", subject={"project": "P1"},
        poster=Poster(CONTRACTOR, "G"),
    )  # fmt: skip

    assert shown == {"W1": {"name": "示例工1", "card_number": card_number(1)}}
    found = last_event(town)
    assert town.position() == found["position"] == before + 1
    assert (found["kind"], found["on"], found["by"]) == (
        "IdentityRevealed", "2026-06-30", CONTRACTOR,
    )  # fmt: skip
    assert found["fields"] == {
        "fields": ["card_number", "name"], "project": "P1", "purpose": "payslip:W1",
        "worker": "W1",
    }  # fmt: skip
    assert "journal" not in found
    assert "key" not in found


def test_many_workers_stand_on_lines_that_the_event_binds(town: Ledger) -> None:
    shown = town.reveal(["W2", "W1", "W2"], ["name"], purpose="payout:B1", subject={"batch": "B1"})

    assert shown == {"W2": {"name": "示例工2"}, "W1": {"name": "示例工1"}}
    found = last_event(town)
    assert found["lines"]["count"] == 2
    assert "worker" not in found["fields"]
    said = lines_at(town, found["position"])
    assert [line["worker"] for line in said] == ["W2", "W1"]
    assert all(line.keys() == {"effect", "line", "salt", "worker"} for line in said)


def test_a_log_with_reveals_verifies_checks_and_goes_on(town: Ledger) -> None:
    town.reveal(["W1", "W2"], NAMES, purpose="payout:B1")
    town.reveal(["W3"], NAMES, purpose="payout:B1")
    (answer,) = town.post([worker(7)])

    assert (answer.status, answer.position) == ("recorded", town.position())
    assert town.verify().findings == []
    assert town.check() == []
    assert town.rebuild_claims() == []


def test_neither_names_nor_cards_enter_the_log(town: Ledger) -> None:
    town.reveal(["W1", "W2"], ["name", "id_number", "card_number"], purpose="payout:B1")

    spelled = repr({name: rows for name, rows in everything(town).items() if "event" in name})
    for canary in ("示例工1", "示例工2", card_number(1), resident_id(1)):
        assert canary not in spelled


def test_nobody_can_post_a_reveal(town: Ledger) -> None:
    mine = post("IdentityRevealed", worker="W1", fields=["name"], purpose="curiosity")

    assert told(list(town.post([mine]))) == [("invalid", "bad_kind", None)]


def test_a_reveal_can_be_neither_reversed_nor_returned(town: Ledger) -> None:
    town.reveal(["W1", "W2"], NAMES, purpose="payout:B1", subject={"project": "P1"})
    position = town.position()

    codes = [
        answer.code
        for answer in town.post(
            [
                post("Reversed", reverses=position, reason="mistake", on="2026-06-30"),
                post("TransferReturned", project="P1", position=position, on="2026-06-30",
                     lines=[{"claim": "S1/1", "code": "other"}]),
            ]
        )
    ]  # fmt: skip

    assert codes == ["not_reversible", "not_returnable"]


def test_somebody_whom_the_log_does_not_know_is_an_error_and_nothing_is_recorded(
    town: Ledger,
) -> None:
    before = everything(town)

    with pytest.raises(LedgerError) as caught:
        town.reveal(["W1", "W99"], NAMES, purpose="payout:B1")

    assert (caught.value.code, caught.value.facts) == ("unknown_worker", {"worker": "W99"})
    assert everything(town) == before


def test_who_was_erased_is_an_error_and_nothing_is_recorded(town: Ledger) -> None:
    town.vault.destroy("W2")
    before = everything(town)

    with pytest.raises(LedgerError) as caught:
        town.reveal(["W1", "W2"], NAMES, purpose="payout:B1")

    assert (caught.value.code, caught.value.facts) == ("person_erased", {"worker": "W2"})
    assert everything(town) == before


def test_nobody_asked_for_is_nothing_recorded(town: Ledger) -> None:
    before = town.position()
    assert town.reveal([], NAMES, purpose="payout:B1") == {}
    assert town.position() == before


def test_a_field_that_a_worker_does_not_have_is_left_out(town: Ledger) -> None:
    assert town.reveal(["W5"], NAMES, purpose="roster:P1") == {"W5": {"name": "示例工5"}}


@pytest.mark.parametrize(
    "asked", [{"fields": ["salary"]}, {"fields": []}, {"purpose": ""}, {"subject": {"x": "y"}}]
)
def test_our_own_mistakes_are_refused_before_anything_is_recorded(
    town: Ledger, asked: dict[str, Any]
) -> None:
    before = town.position()
    whole = {"fields": ["name"], "purpose": "payout:B1", **asked}
    with pytest.raises(ValueError, match=r"read|belong"):
        town.reveal(["W1"], **whole)
    assert town.position() == before


def test_a_card_is_read_as_it_was_known_at_a_position(town: Ledger) -> None:
    instructed_at = town.position()
    corrected = {"worker": "W2", "name": "示例工二", "id_number": resident_id(2)}
    new_card = post("CardBound", worker="W1", card_number=card_number(41))
    changes = [new_card, post("WorkerUpdated", **corrected)]
    assert {answer.status for answer in town.post(changes)} == {"recorded"}

    now = town.reveal(["W1", "W2", "W3"], NAMES, purpose="payout:B1")
    then = town.reveal(["W1", "W2", "W3"], NAMES, purpose="payout:B1", known_at=instructed_at)

    assert now["W1"]["card_number"] == card_number(41)
    assert now["W2"]["name"] == "示例工二"
    assert then["W1"] == {"name": "示例工1", "card_number": card_number(1)}
    assert then["W2"] == {"name": "示例工2", "card_number": card_number(2)}
    assert then["W3"] == now["W3"]


def test_a_clock_that_was_set_back_does_not_turn_recorded_time_back(
    town: Ledger, clock: SetClock
) -> None:
    before = town.position()
    clock.turn(days=-3)
    town.reveal(["W1"], NAMES, purpose="payout:B1")

    assert town.position() == before + 1
    assert town.verify().findings == []


def test_a_reveal_of_thousands_is_one_small_event(open_ledger: Open) -> None:
    ledger = open_ledger()
    numbers = range(1, 3_001)
    assert {answer.status for answer in ledger.post(worker(number) for number in numbers)} == {
        "recorded"
    }

    shown = ledger.reveal([f"W{number}" for number in numbers], ["name"], purpose="payout:B1")

    assert len(shown) == 3_000
    assert shown["W2999"] == {"name": "示例工2999"}
    found = last_event(ledger)
    assert found["lines"]["count"] == 3_000
    assert len(json.dumps(found)) < MAX_EVENT_BYTES
    assert ledger.verify().findings == []


def test_what_cannot_be_recorded_is_not_read(town: Ledger, ledger_url: str) -> None:
    before = town.position()
    read = []
    with unwritable(town, ledger_url), pytest.raises(LedgerError) as caught:
        read.append(town.reveal(["W1"], ["name"], purpose="payout:B1"))

    assert caught.value.code == "storage_read_only"
    assert read == []
    assert town.position() == before


@contextmanager
def unwritable(ledger: Ledger, url: str) -> Iterator[None]:
    """The log of a ledger can be read and not be written."""
    if url.startswith("sqlite"):

        def only_read(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")

        event.listen(ledger.engine, "begin", only_read)
        yield
        event.remove(ledger.engine, "begin", only_read)
        ledger.engine.dispose()
        return
    administrator = psycopg2.connect(url)
    administrator.autocommit = True
    with administrator.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON event FROM current_user")
        yield
        cursor.execute("GRANT INSERT ON event TO current_user")
    administrator.close()


def test_posting_goes_on_after_a_reveal_in_the_same_session(town: Ledger) -> None:
    list(town.post([assigned(6)]))
    town.reveal(["W6"], ["name"], purpose="payslip:W6")
    surrendered = post("FundSurrendered", region=REGION, amount_fen=1)

    assert [answer.status for answer in town.post([surrendered, card(5)])] == ["recorded"] * 2


# -- what for, and for which case ----------------------------------------------


INSPECTOR = Poster("11220000MB0000008B", "I")


def opened_case() -> dict[str, Any]:
    return post("CaseOpened", on="2025-02-12", case="C7", project="P1", employer=CREW,
                source="complaint")  # fmt: skip


@pytest.mark.parametrize(
    "purpose", ["   ", f"payslip of {resident_id(1)}", "card 6222020000000001230", "a\u202eb"]
)
def test_a_purpose_that_is_an_identity_or_nothing_is_refused(town: Ledger, purpose: str) -> None:
    before = town.position()

    with pytest.raises(LedgerError) as caught:
        town.reveal(["W1"], NAMES, purpose=purpose)

    assert (caught.value.code, town.position()) == ("bad_purpose", before)
    assert resident_id(1) not in str(caught.value)


def test_an_inspector_reads_identities_for_an_open_case_only(town: Ledger) -> None:
    before = town.position()
    for subject, code in (
        ({}, "case_needed"),
        ({"project": "P1"}, "case_needed"),
        ({"case": "C9"}, "unknown_case"),
    ):
        with pytest.raises(LedgerError) as caught:
            town.reveal(["W1"], NAMES, purpose="inquiry", subject=subject, poster=INSPECTOR)
        assert (caught.value.code, town.position()) == (code, before)

    (answer,) = town.post([opened_case()])
    assert answer.status == "recorded", answer
    shown = town.reveal(["W1"], NAMES, purpose="inquiry", subject={"case": "C7"}, poster=INSPECTOR)

    assert shown["W1"]["name"] == "示例工1"
    fields = last_event(town)["fields"]
    assert (fields["case"], fields["purpose"]) == ("C7", "inquiry")
