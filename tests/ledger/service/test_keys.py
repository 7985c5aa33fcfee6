"""The poster's key: the same fact twice is recorded once, another fact under it never."""

from typing import Any, Final

import pytest

from ledger import service
from ledger.service import Ledger, Poster
from tests.drills.town import (
    CONTRACTOR,
    CREW,
    DAY,
    DEVELOPER,
    FOUNDED,
    OTHER_CREW,
    REGION,
    Posting,
    card,
    card_number,
    instructed,
    line,
    post,
    project,
    resident_id,
    sheet,
    transferred,
    worker,
)
from tests.ledger.service.conftest import Open, everything, told

SHEET: Final = sheet("S2", {"W3": 100})
PROGRESS: Final = post("ProgressCertified", project="P1", period="2025-02", progress_fen=100,
                       labour_cost_fen=50, due_on=DAY)  # fmt: skip
ATTENDANCE: Final = post("AttendancePosted", project="P1", employer=CREW, period="2025-02",
                         lines=[{"worker": "W1", "days": 20}])  # fmt: skip
REQUEST: Final = post("AdvanceRequested", region=REGION, advance="A1", project="P1", case="C1",
                      lines=[line("S1/1", 1)])  # fmt: skip
NEW_PROJECT: Final = project("P3")
PRICE: Final = post("ContractPriceChanged", project="P1", contract_price_fen=10**9,
                    document={"number": "补-1"})  # fmt: skip
OPENED: Final = post("WageAccountOpened", project="P3", on=DAY)

SAME: Final[tuple[tuple[Posting, Posting], ...]] = (
    (SHEET, {"back_pay": False}),
    (SHEET, {"lines": [{"worker": "W3", "net_fen": 100, "gross_fen": None, "days": None}]}),
    (PROGRESS, {"supplement": False}),
    (ATTENDANCE, {"replaces": False}),
    (ATTENDANCE, {"lines": [{"days": 20, "worker": "W1"}]}),
    (REQUEST, {"level": "bureau"}),
    (NEW_PROJECT, {"contract_on": NEW_PROJECT["starts_on"]}),
    (PRICE, {"note": None, "by": None, "colour": None}),
    (PRICE, {"document": {"number": "补-1", "type": None}}),
    (PRICE, {"document": {"sha256": None, "number": "补-1"}, "note": None}),
)

OTHER: Final[tuple[tuple[Posting, Posting], ...]] = (
    (SHEET, {"back_pay": True}),
    (SHEET, {"on": DAY}),
    (SHEET, {"lines": [{"worker": "W3", "net_fen": 100, "days": 0}]}),
    (SHEET, {"lines": [{"worker": "W3", "net_fen": 101}]}),
    (PROGRESS, {"supplement": True}),
    (ATTENDANCE, {"lines": [{"worker": "W1", "days": 19}]}),
    (REQUEST, {"level": "government"}),
    (NEW_PROJECT, {"contract_on": "2025-01-04"}),
    (PRICE, {"note": "按合同"}),
    (PRICE, {"document": {"number": "补-2"}}),
    (PRICE, {"document": {"number": "补-1", "type": "contract"}}),
    (PRICE, {"document": None}),
    (PRICE, {"kind": "ProjectFundsPaid", "contract_price_fen": None, "amount_fen": 10**9}),
)


def once(ledger: Ledger, posting: Posting) -> int:
    """Record a posting; its position."""
    (answer,) = ledger.post([posting])
    assert answer.status == "recorded"
    assert answer.position is not None
    return answer.position


def again(ledger: Ledger, posting: Posting) -> tuple[str, str | None, int | None]:
    """What a posting answers now."""
    return told(list(ledger.post([posting])))[0]


@pytest.mark.parametrize(("first", "spelled"), SAME)
def test_the_same_said_in_other_words_is_a_duplicate(
    town: Ledger, first: Posting, spelled: Posting
) -> None:
    position = once(town, first)
    assert again(town, first | spelled) == ("duplicate", None, position)
    assert town.position() == position


@pytest.mark.parametrize(("first", "changed"), OTHER)
def test_anything_else_under_a_used_key_is_refused(
    town: Ledger, first: Posting, changed: Posting
) -> None:
    position = once(town, first)
    (answer,) = town.post([first | changed])
    assert (answer.status, answer.code) == ("refused", "key_reused")
    assert answer.facts["first_position"] == position
    assert town.position() == position


def test_a_number_is_the_same_however_many_zeros_it_has(town: Ledger) -> None:
    text = ('{"kind":"AttendancePosted","on":"2025-03-01","key":"a","project":"P1","employer":"%s",'
            '"period":"2025-02","lines":[{"worker":"W1","days":%s}]}')  # fmt: skip
    spellings = ("20", "20.0", "2e1", "20.00")
    answers = list(town.post([text % (CREW, days) for days in spellings]))
    assert [answer.status for answer in answers] == ["recorded", *["duplicate"] * 3]


def test_a_key_belongs_to_its_poster(town: Ledger) -> None:
    paid = post("SubcontractorPaid", project="P1", subcontractor=CREW, amount_fen=1)
    positions = [once(town, paid | {"by": by}) for by in (None, CONTRACTOR, DEVELOPER)]

    assert positions == sorted(set(positions))
    assert again(town, paid) == ("duplicate", None, positions[0])
    assert again(town, paid | {"by": DEVELOPER}) == ("duplicate", None, positions[2])
    assert again(town, paid | {"by": CONTRACTOR, "amount_fen": 2})[1] == "key_reused"
    assert once(town, paid | {"by": OTHER_CREW, "amount_fen": 2}) == positions[-1] + 1


def test_a_profile_that_names_itself_is_the_same_poster(town: Ledger) -> None:
    paid = post("SubcontractorPaid", project="P1", subcontractor=CREW, amount_fen=1)
    contractor = Poster(CONTRACTOR, "G")
    (first,) = town.post([paid], poster=contractor)
    (named,) = town.post([paid | {"by": CONTRACTOR}], poster=contractor)
    assert (named.status, named.position) == ("duplicate", first.position)


def test_a_key_is_kept_for_ever(town: Ledger, open_ledger: Open) -> None:
    received = transferred(100, "L-2", on=DAY)
    position = once(town, received)
    reversal = post("Reversed", reverses=position, reason="误记")
    once(town, reversal)
    # Everything that would refuse it now comes after the key.
    for closing in (post("CaseClosed", case="C1", result="enforced"),
                    post("StatementReconciled", account="deposit:P2", to=DAY)):  # fmt: skip
        once(town, closing)

    assert again(town, received) == ("duplicate", None, position)
    assert again(open_ledger(), reversal) == ("duplicate", None, position + 1)


def test_a_form_is_judged_before_the_key(town: Ledger) -> None:
    position = once(town, PRICE)
    assert again(town, PRICE | {"contract_price_fen": 0})[:2] == ("invalid", "bad_amount")
    assert again(town, PRICE | {"on": "2027-01-01"})[:2] == ("refused", "key_reused")
    assert town.position() == position


@pytest.mark.parametrize("size", [1, 2, 500])
def test_a_file_that_repeats_itself_is_recorded_once(
    town: Ledger, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "GROUP_POSTINGS", size)
    start = len(FOUNDED)
    batch = instructed("B1", line("S1/1", 500_000))
    file = [PRICE, batch, PRICE, batch, batch | {"note": "x"}, PRICE]

    assert told(list(town.post(file))) == [
        ("recorded", None, start + 1),
        ("recorded", None, start + 2),
        ("duplicate", None, start + 1),
        ("duplicate", None, start + 2),
        ("refused", "key_reused", None),
        ("duplicate", None, start + 1),
    ]


# -- identity -----------------------------------------------------------------

NEWCOMER: Final = worker(7, on=DAY, phone="13800001234")
BOUND: Final = card(7, on=DAY, bank_name="示例银行", holder_name="示例工7")


@pytest.fixture
def newcomer(town: Ledger) -> int:
    """W7 with a card; the position of the registration."""
    position = once(town, NEWCOMER)
    assert once(town, BOUND) == position + 1
    return position


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "别名"},
        {"id_number": resident_id(8)},
        {"phone": "13800001235"},
        {"phone": None},
        {"note": "x"},
    ],
)
def test_identity_under_a_used_key_is_compared_by_its_commitments(
    town: Ledger, newcomer: int, changed: dict[str, Any]
) -> None:
    assert again(town, NEWCOMER) == ("duplicate", None, newcomer)
    assert again(town, NEWCOMER | changed)[1] == "key_reused"


@pytest.mark.parametrize(
    "changed",
    [
        {"card_number": card_number(8)},
        {"bank_name": "另一家银行"},
        {"bank_name": None},
        {"holder_name": None},
    ],
)
def test_a_card_under_a_used_key_is_compared_by_its_commitments(
    town: Ledger, newcomer: int, changed: dict[str, Any]
) -> None:
    assert again(town, BOUND) == ("duplicate", None, newcomer + 1)
    assert again(town, BOUND | changed)[1] == "key_reused"


def test_an_earlier_identity_is_still_compared_after_a_correction(
    town: Ledger, newcomer: int
) -> None:
    corrected = post("WorkerUpdated", worker="W7", name="示例工柒", id_number=resident_id(8))
    once(town, corrected)

    assert again(town, NEWCOMER) == ("duplicate", None, newcomer)
    assert again(town, corrected) == ("duplicate", None, newcomer + 2)
    assert again(town, corrected | {"name": NEWCOMER["name"]})[1] == "key_reused"


def test_after_an_erasure_the_rest_decides(town: Ledger, newcomer: int) -> None:
    town.vault.destroy("W7")

    assert again(town, NEWCOMER) == ("duplicate", None, newcomer)
    assert again(town, NEWCOMER | {"name": "别名"}) == ("duplicate", None, newcomer)
    assert again(town, BOUND) == ("duplicate", None, newcomer + 1)
    assert again(town, NEWCOMER | {"note": "x"})[1] == "key_reused"
    assert again(town, NEWCOMER | {"worker": "W8"})[1] == "key_reused"


def test_an_erased_worker_stays_a_worker_of_the_log(town: Ledger, newcomer: int) -> None:
    town.vault.destroy("W7")
    before = everything(town)

    taken = worker(7, on=DAY) | {"id_number": resident_id(9)}
    assert again(town, taken)[1] == "worker_exists"
    assert everything(town) == before
    assert town.masked_identity("W7") == {}
    somebody_else = worker(8, on=DAY) | {"id_number": NEWCOMER["id_number"]}
    assert once(town, somebody_else) == newcomer + 2


def test_a_card_for_an_erased_worker_is_answered_and_fails_nothing(
    town: Ledger, newcomer: int
) -> None:
    town.vault.destroy("W7")
    interest = post("InterestCredited", region=REGION, amount_fen=1)

    answers = list(town.post([card(7, on=DAY) | {"card_number": card_number(9)}, interest]))

    assert (answers[0].status, answers[0].code) == ("refused", "unknown_worker")
    assert (answers[1].status, answers[1].position) == ("recorded", newcomer + 2)
