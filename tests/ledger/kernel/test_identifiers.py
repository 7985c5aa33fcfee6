"""A wrong digit is noticed, and a screen shows no more of a number than it must."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel import identifiers
from ledger.kernel.identifiers import (
    birth_date_of,
    credit_code_problem,
    is_card_number,
    is_claim,
    is_ref,
    is_region,
    luhn_ok,
    mask_card,
    mask_id_number,
    mask_name,
    mask_phone,
    resident_id_problem,
)

# Invented: births before 1911; check characters computed by another program.
CREDIT_CODES = ("91220200MA2A99L15M", "91220203MA6K22M02K", "91220282MA7J7FRT54")
ID_NUMBERS = ("220202190211010001", "22028219040923001X", "220221191001070018")
CARDS = ("6228489039558431820", "6225884329547775", "6230522011760755986")
TODAY = date(2026, 4, 1)


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_a_credit_code_with_both_checks_right_is_accepted(code: str) -> None:
    assert credit_code_problem(code) is None


@pytest.mark.parametrize("code", CREDIT_CODES)
@pytest.mark.parametrize("place", range(18))
def test_one_wrong_character_of_a_credit_code_is_noticed(code: str, place: int) -> None:
    for wrong in "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ":
        if wrong != code[place]:
            assert credit_code_problem(code[:place] + wrong + code[place + 1 :]) is not None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "length"),
        ("91220200MA2A99L15", "length"),
        ("91220200MA2A99L15M ", "length"),
        ("91220200ma2a99l15m", "characters"),
        ("9122O200MA2A99L15M", "characters"),
        ("91220200MA2A99L15Z", "characters"),
        ("91220A00MA2A99L15M", "characters"),
        ("９1220200MA2A99L15M", "characters"),
        ("91220200MA2A99L25M", "organisation_check"),
        ("91220201MA2A99L15M", "check"),
    ],
)
def test_what_is_wrong_with_a_credit_code_is_told(code: str, problem: str) -> None:
    assert credit_code_problem(code) == problem


@pytest.mark.parametrize("number", ID_NUMBERS)
def test_an_id_number_with_a_right_check_is_accepted(number: str) -> None:
    assert resident_id_problem(number, TODAY) is None


@pytest.mark.parametrize("number", ID_NUMBERS)
@pytest.mark.parametrize("place", range(18))
def test_one_wrong_digit_of_an_id_number_is_noticed(number: str, place: int) -> None:
    for wrong in "0123456789":
        if wrong != number[place]:
            assert resident_id_problem(number[:place] + wrong + number[place + 1 :]) is not None


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", "form"),
        ("22028219040923001x", "form"),
        ("22028219040923001Y", "form"),
        ("2202821904092300１X", "form"),
        ("T60426190101010078", "form"),
        ("220202190213010015", "birth_date"),
        ("220202190202300017", "birth_date"),
        ("220202190002290019", "birth_date"),  # 1900 was no leap year
        ("220202000001010010", "birth_date"),
        ("220202190211010002", "check"),
    ],
)
def test_what_is_wrong_with_an_id_number_is_told(number: str, problem: str) -> None:
    assert resident_id_problem(number, TODAY) == problem


def test_nobody_is_born_tomorrow() -> None:
    born = date(1904, 9, 23)

    assert resident_id_problem("22028219040923001X", born) is None
    assert resident_id_problem("22028219040923001X", born - timedelta(days=1)) == "future_birth"


def test_a_county_that_no_longer_exists_is_no_problem() -> None:
    assert resident_id_problem("999999190409230011", TODAY) is None


def test_the_birth_date_is_read_from_the_number() -> None:
    assert birth_date_of("22028219040923001X") == date(1904, 9, 23)


def test_a_number_without_a_birth_date_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValueError, match="no birth date") as caught:
        birth_date_of("220202190213010015")
    assert "1902" not in str(caught.value)


@pytest.mark.parametrize("card", CARDS)
def test_one_wrong_digit_of_a_card_is_noticed(card: str) -> None:
    assert luhn_ok(card)
    for place, right in enumerate(card):
        wrong = str((int(right) + 1) % 10)
        assert not luhn_ok(card[:place] + wrong + card[place + 1 :])


@pytest.mark.parametrize(
    ("card", "accepted"),
    [
        ("0" * 15, False),
        ("0" * 16, True),
        ("0" * 19, True),
        ("0" * 20, False),
        ("6228 4890 3955 8431", False),
        ("６228489039558431820", False),
        ("6.22848903955843E+18", False),
    ],
)
def test_a_card_has_16_to_19_digits(card: str, *, accepted: bool) -> None:
    assert is_card_number(card) is accepted
    assert luhn_ok(card) is accepted


@pytest.mark.parametrize("name", ["P-1", "a", "吉林_01.2", "x" * 64, "工地甲", "Ö-3", "."])
def test_an_id_is_letters_of_any_script_digits_and_three_signs(name: str) -> None:
    assert is_ref(name)
    assert is_claim(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        "a b",
        "a/b",
        "a\n",
        "a:b",
        "工地１",
        "²",
        "½",
        "a\u0301",
        "👷",
        "a\u200b",
        "a\x00",
    ],
)
def test_anything_else_is_no_id(name: str) -> None:
    assert not is_ref(name)


@pytest.mark.parametrize(
    ("claim", "accepted"),
    [
        ("S-1/1", True),
        ("工资/200000", True),
        ("S-1/200001", False),
        ("S-1/0", False),
        ("S-1/01", False),
        ("S-1/", False),
        ("/1", False),
        ("S-1/1/1", False),
        ("S-1/x", False),
        ("S-1/-1", False),
    ],
)
def test_a_claim_is_a_line_of_a_sheet_counted_from_one(claim: str, *, accepted: bool) -> None:
    assert is_claim(claim) is accepted


@pytest.mark.parametrize(
    ("region", "accepted"),
    [("220200", True), ("22020", False), ("2202000", False), ("22020A", False), ("２20200", False)],
)
def test_a_region_is_six_digits(region: str, *, accepted: bool) -> None:
    assert is_region(region) is accepted


def test_masks_keep_what_a_clerk_needs() -> None:
    assert mask_card("6228489039558431820") == "622848*********1820"
    assert mask_id_number("22028219040923001X") == "220*************1X"
    assert mask_phone("13800001234") == "138****1234"
    assert mask_name("张三") == "张*"
    assert mask_name("欧阳锋") == "欧**"
    assert mask_name("买买提·吐尔逊") == "买***"


@given(st.text(max_size=40))
def test_a_mask_never_shows_more_than_it_hides(text: str) -> None:
    for mask in (mask_card, mask_id_number, mask_phone):
        shown = mask(text).replace("*", "")
        assert len(shown) <= len(text) * 2 // 3
        assert len(mask(text)) == len(text)
    assert len(mask_name(text).replace("*", "")) <= len(text) // 2 + text.count("*")


def test_the_shared_numbers_are_judged_as_listed(shared_dir: Path) -> None:
    file = shared_dir / "data/own/identifiers.json"
    if not file.is_file():
        pytest.skip("the shared examples are not here: no numbers")
    listed = json.loads(file.read_text())
    checks = {
        "uscc": identifiers.credit_code_ok,
        "resident_id": identifiers.resident_id_ok,
        "unionpay_luhn": identifiers.luhn_ok,
    }
    for kind, check in checks.items():
        for group, values in listed[kind].items():
            for value in values:
                assert check(value) is group.startswith("valid"), (kind, group, value)
