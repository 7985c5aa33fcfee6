"""Which lines a statement leads to: what is booked, under which names, in how many postings."""

from collections.abc import Iterable
from typing import Any

import pytest

from ledger.banking import booking as module
from ledger.banking.booking import Booking
from ledger.banking.problems import BankFileError
from ledger.banking.statement import PENDING, Detail, Entry, Statement
from tests.drills.town import resident_id

ACCOUNT = "wage:P1"


def entry(number: int, amount: int, on: str = "2025-03-03", **more: Any) -> Entry:  # noqa: ANN401
    given = {"currency": "CNY", "booked_on": on, "value_on": on, **more}
    return Entry(number, amount, **given)


def statement(entries: Iterable[Entry], **more: Any) -> Statement:  # noqa: ANN401
    entries = list(entries)
    moved = sum(e.amount_minor for e in entries if e.status == "booked")
    given = {
        "kind": "statement", "id": "ST-1", "from_on": "2025-03-01", "to_on": "2025-03-31",
        "opening_minor": 1_000, "closing_minor": 1_000 + moved, **more,
    }  # fmt: skip
    return Statement(entries=iter(entries), **given)


def booked(*entries: Entry, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return list(Booking(statement(entries, **more), ACCOUNT).postings())


def refusal(*entries: Entry, **more: Any) -> str:  # noqa: ANN401
    with pytest.raises(BankFileError) as caught:
        booked(*entries, **more)
    return caught.value.code


def names(posting: dict[str, Any]) -> list[str]:
    return [line["line"] for line in posting["lines"]]


def test_a_statement_becomes_one_posting_dated_by_its_last_day() -> None:
    (posting,) = booked(entry(1, -500, reference="BK1", end_to_end="E1", return_code="AC04"))

    assert posting["on"] == posting["to"] == "2025-03-31"
    assert (posting["from"], posting["opening_fen"], posting["closing_fen"]) == (
        "2025-03-01", 1_000, 500,
    )  # fmt: skip
    assert posting["lines"] == [
        {"line": "BK1", "on": "2025-03-03", "amount_fen": -500, "end_to_end": "E1",
         "return_code": "account_closed"}
    ]  # fmt: skip


def test_twins_without_a_reference_are_kept_apart_by_their_number_on_the_day() -> None:
    (posting,) = booked(entry(1, -500), entry(2, -500), entry(3, -500, "2025-03-04"), entry(4, 500))

    assert names(posting) == ["-5.00/1", "-5.00/2", "5.00/1", "-5.00/1"]
    assert len({(line["on"], line["line"]) for line in posting["lines"]}) == 4


def test_a_reference_that_the_bank_gives_twice_on_a_day_names_two_lines() -> None:
    (posting,) = booked(entry(1, -500, reference="BK"), entry(2, -500, reference="BK"))

    assert names(posting) == ["BK", "BK/2"]


def test_details_that_add_up_are_booked_one_by_one_and_others_as_one_line() -> None:
    details = (Detail(-200, end_to_end="A"), Detail(-300, end_to_end="B", reference="T9"))
    (posting,) = booked(
        entry(1, -500, reference="BK1", details=details, batch="P"),
        entry(2, -501, reference="BK2", details=details, batch="P"),
    )

    shown = [
        (line["line"], line["amount_fen"], line.get("end_to_end")) for line in posting["lines"]
    ]
    assert shown == [("BK1", -200, "A"), ("T9", -300, "B"), ("BK2", -501, None)]
    assert {line["batch"] for line in posting["lines"]} == {"P"}


def test_what_is_not_booked_yet_is_left_out_and_counted() -> None:
    made = Booking(statement([entry(1, -500), entry(2, -7, status=PENDING)]), ACCOUNT)

    (posting,) = made.postings()
    assert (len(posting["lines"]), made.left_out) == (1, 1)


def test_a_statement_without_entries_covers_its_days() -> None:
    (posting,) = booked()

    assert (posting["from"], posting["to"], posting["lines"]) == ("2025-03-01", "2025-03-31", [])


def test_an_id_number_in_a_reference_never_reaches_the_log() -> None:
    hidden = f"NO{resident_id(7)}X"
    (posting,) = booked(entry(1, -500, reference=hidden, end_to_end=hidden, batch=hidden))

    assert posting["lines"] == [{"line": "-5.00/1", "on": "2025-03-03", "amount_fen": -500}]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "report"}, "bank_not_a_statement"),
        ({"kind": "notification"}, "bank_not_a_statement"),
        ({"closing_minor": 7}, "bank_balance_gap"),
        ({"opening_minor": None, "closing_minor": None}, "bank_no_balances"),
    ],
)
def test_what_cannot_be_booked_is_refused(more: dict[str, Any], code: str) -> None:
    assert refusal(entry(1, -500), **more) == code


def test_another_currency_is_refused_and_so_is_an_entry_without_a_day() -> None:
    assert refusal(entry(1, -500, currency="USD")) == "bank_not_cny"
    assert refusal(entry(1, -500, booked_on=None, value_on=None)) == "bank_no_date"


def test_the_same_statement_has_the_same_key_and_another_has_its_own() -> None:
    keys = [booked(entry(1, -amount))[0]["key"] for amount in (500, 500, 501)]

    assert keys[0] == keys[1] != keys[2]


# -- many lines -----------------------------------------------------------------


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SOME_LINES", 5)
    monkeypatch.setattr(module, "MOST_LINES", 5)


def spans(postings: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(p["from"][8:], p["to"][8:], len(p["lines"])) for p in postings]


def tied(postings: list[dict[str, Any]]) -> bool:
    ends = [1_000, *(p["closing_fen"] for p in postings)]
    return [p["opening_fen"] for p in postings] == ends[:-1] and all(
        p["opening_fen"] + sum(line["amount_fen"] for line in p["lines"]) == p["closing_fen"]
        for p in postings
    )


@pytest.mark.usefixtures("five")
def test_a_long_statement_is_cut_between_days() -> None:
    days = [3] * 3 + [4] * 2 + [6] * 4 + [7] * 2
    postings = booked(*(entry(n, -n, f"2025-03-{day:02}") for n, day in enumerate(days, 1)))

    assert spans(postings) == [("01", "05", 5), ("06", "06", 4), ("07", "31", 2)]
    assert tied(postings)
    assert len({p["key"] for p in postings}) == 3


@pytest.mark.usefixtures("five")
def test_a_day_that_alone_is_too_long_comes_in_parts_of_that_day_alone() -> None:
    days = [3] + [5] * 12 + [6] * 2
    postings = booked(*(entry(n, -n, f"2025-03-{day:02}") for n, day in enumerate(days, 1)))

    assert spans(postings) == [
        ("01", "04", 1), ("05", "05", 5), ("05", "05", 5), ("05", "05", 2), ("06", "31", 2),
    ]  # fmt: skip
    assert tied(postings)


@pytest.mark.usefixtures("five")
def test_a_day_in_parts_at_the_beginning_and_at_the_end_covers_the_days_around_it() -> None:
    postings = booked(*(entry(n, -n, "2025-03-05") for n in range(1, 8)))

    assert spans(postings) == [("01", "04", 0), ("05", "05", 5), ("05", "05", 2), ("06", "31", 0)]
    assert tied(postings)


@pytest.mark.usefixtures("five")
def test_a_long_file_that_runs_from_the_latest_day_back_is_booked_by_day() -> None:
    days = [7] * 2 + [6] * 4 + [4] * 2 + [3] * 5
    postings = booked(*(entry(n, -n, f"2025-03-{day:02}") for n, day in enumerate(days, 1)))

    assert spans(postings) == [("01", "03", 5), ("04", "05", 2), ("06", "06", 4), ("07", "31", 2)]


@pytest.mark.usefixtures("five")
def test_a_late_entry_in_a_file_too_long_to_hold_is_refused() -> None:
    days = [3] * 5 + [4] * 5 + [5] * 5 + [3]

    assert refusal(*(entry(n, -n, f"2025-03-{day:02}") for n, day in enumerate(days, 1))) == (
        "bank_day_order"
    )
