"""Yuan on paper and fen in the books are the same money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.money import MAX_FEN, MoneyError, format_yuan, parse_yuan


@pytest.mark.parametrize(
    ("fen", "yuan"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (-1, "-0.01"),
        (100, "1.00"),
        (123_456, "1,234.56"),
        (-123_456_789, "-1,234,567.89"),
        (MAX_FEN, "10,000,000,000,000.00"),
    ],
)
def test_fen_are_shown_in_yuan_with_thousands_apart(fen: int, yuan: str) -> None:
    assert format_yuan(fen) == yuan
    assert parse_yuan(yuan) == fen


@given(st.integers(-MAX_FEN, MAX_FEN))
def test_what_is_shown_is_read_back_to_the_fen(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(format_yuan(fen).replace(",", "")) == fen


@pytest.mark.parametrize(
    ("typed", "fen"), [("12", 1200), ("12.3", 1230), (" 1,234.5 ", 123_450), ("007", 700)]
)
def test_an_amount_may_be_typed_the_short_way(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize("typed", ["1.234", "0.001", "1,234.500", "-1.000"])
def test_a_third_decimal_is_an_error_and_is_never_rounded(typed: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_yuan(typed)
    assert caught.value.code == "bad_amount"
    assert caught.value.facts == {"reason": "decimals"}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-",
        ".5",
        "5.",
        "1,23",
        "1234,56",
        "12,345,6",
        ",123",
        "1 234",
        "+1",
        "--1",
        "1e3",
        "nan",
        "inf",
        "0x10",
        "１２",
        "١٢",
        "1\n2",
        "¥12",
        "12元",
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_not_guessed_at(typed: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_yuan(typed)
    assert caught.value.facts == {"reason": "not_a_number"}


def test_an_amount_above_the_largest_is_refused_and_the_largest_is_not() -> None:
    assert parse_yuan("10000000000000") == MAX_FEN
    with pytest.raises(MoneyError) as caught:
        parse_yuan("10000000000000.01")
    assert caught.value.facts == {"reason": "too_large"}


def test_a_megabyte_of_digits_is_refused_at_once() -> None:
    with pytest.raises(MoneyError):
        parse_yuan("9" * 1_000_000)
