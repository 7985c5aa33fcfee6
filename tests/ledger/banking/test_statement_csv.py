"""Statement CSV of Chinese banks: recognised by headings, read by profiles, checked row by row."""

from pathlib import Path

import pytest

from ledger.banking.csv_profile import load, profile_of, shipped
from ledger.banking.opening import read_statements, recognise
from ledger.banking.problems import BankFileError
from ledger.banking.statement import Entry, Statement
from tests.ledger.banking.files import looked_into, read, written

TWO = """账号：,07001,币种：,人民币
交易日期,交易流水号,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要
2024-02-11,F1,,"1,000.00","1,500.00",开发公司,6001,人工费
2024-02-12,F2,300.00,,"1,200.00",赵一,6222000000000001,代发工资
2024/2/13,F3,,300.00,1500.00,赵一,6222000000000001,代发退回
"""
SIGNED = """记账日期,交易金额,账户余额,核心流水号,对方户名,摘要
20240211,+1000.00,1500.00,F1,,人工费
20240212,-300.00,1200.00,F2,,代发工资
20240213,300.00,1500.00,F3,,退汇
"""
MARKED = """交易日,借贷标志,交易金额,余额,流水号
20240211,贷,1000.00,1500.00,F1
20240212,借,300.00,1200.00,F2
20240213,贷,300.00,1500.00,F3
"""


def only(folder: Path, content: str | bytes) -> tuple[Statement, list[Entry], list[str]]:
    """The statement of a file, its entries, and the codes of its problems."""
    ((found, taken),) = read(folder, content)
    return found, taken, [problem.code for problem in found.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    ("content", "profile"),
    [(TWO, "cn-debit-credit"), (SIGNED, "cn-signed"), (MARKED, "cn-marked")],
)
def test_each_layout_is_recognised_by_its_headings_in_each_encoding(
    tmp_path: Path, content: str, profile: str, encoding: str
) -> None:
    path = written(tmp_path, content.encode(encoding))
    recognised = recognise(path).profile
    assert recognised is not None
    assert recognised.name == profile
    found, taken, codes = only(tmp_path, content.encode(encoding))
    assert [each.amount_minor for each in taken] == [100_000, -30_000, 30_000]
    assert [each.booked_on for each in taken] == ["2024-02-11", "2024-02-12", "2024-02-13"]
    assert [each.reference for each in taken] == ["F1", "F2", "F3"]
    assert (found.opening_minor, found.closing_minor, found.balances_tie) == (50_000, 150_000, True)
    assert (found.currency, codes) == ("CNY", [])


def test_a_returned_payout_is_known_by_its_words(tmp_path: Path) -> None:
    _found, taken, _codes = only(tmp_path, TWO)
    assert [each.return_code for each in taken] == [None, None, ""]
    assert taken[1].details[0].counterparty_account == "6222000000000001"


def test_rows_may_stand_newest_first(tmp_path: Path) -> None:
    head, *rows = SIGNED.splitlines()
    found, _taken, codes = only(tmp_path, "\n".join([head, *reversed(rows)]))
    assert (found.opening_minor, found.closing_minor, codes) == (50_000, 150_000, [])


def test_a_row_that_was_taken_out_breaks_the_running_balance(tmp_path: Path) -> None:
    head, first, _second, third = MARKED.splitlines()
    found, codes = looked_into(tmp_path, f"{head}\n{first}\n{third}")
    assert codes == ["bank_running_balance", "bank_balance_gap"]
    assert found.figures["statements"][0]["balance_gap_minor"] == 30_000


def test_labels_and_totals_around_the_table_are_read(tmp_path: Path) -> None:
    content = TWO + "合计,,300.00,1300.00,,,,\n期初余额,500.00,,,,,,\n期末余额,1500.01,,,,,,\n"
    found, taken, codes = only(tmp_path, content)
    assert (found.account, len(taken)) == ("07001", 3)
    assert (found.opening_minor, found.closing_minor) == (50_000, 150_001)
    assert codes == ["bank_balance_gap"]


def test_a_red_amount_takes_back_an_earlier_one(tmp_path: Path) -> None:
    content = "交易日期,借方发生额,贷方发生额,余额\n20240211,-5.00,,5.00\n20240212,,-5.00,0.00\n"
    _found, taken, codes = only(tmp_path, content)
    assert [(each.amount_minor, each.reversal) for each in taken] == [(500, True), (-500, True)]
    assert codes == []


def test_a_statement_without_balances_says_that_it_cannot_be_checked(tmp_path: Path) -> None:
    found, _taken, codes = only(tmp_path, "交易日期,交易金额\n20240211,5.00\n")
    assert (found.balances_tie, codes) == (None, ["bank_no_opening"])


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("20240230,1.00,1.00", "booked_on"),
        (",1.00,1.00", "booked_on"),
        ("20240211,one,1.00", "amount"),
        ('20240211,"1,00",1.00', "amount"),
        ("20240211,,1.00", "amount"),
        ("20240211,1.00,x", "balance"),
        ("20240211,1.00,1.00,more", ""),
        ('20240211,1.00,"1.00', ""),
        ("20240211,1.00,1.\x0000", ""),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_file_with_its_line_and_column(
    tmp_path: Path, row: str, field: str
) -> None:
    content = f"交易日期,交易金额,余额\n20240210,1.00,1.00\n{row}\n"
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, content)
    assert caught.value.code == "bank_row"
    assert (caught.value.facts["line"], caught.value.facts["field"]) == (3, field)


def test_both_amounts_in_one_row_or_none_refuse_the_file(tmp_path: Path) -> None:
    for cells in ("1.00,1.00", ",", "0.00,x"):
        content = f"交易日期,借方发生额,贷方发生额,余额\n20240211,{cells},1.00\n"
        with pytest.raises(BankFileError) as caught:
            read(tmp_path, content)
        assert caught.value.code == "bank_row"


def test_a_heading_that_stands_twice_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(BankFileError) as caught:
        read(tmp_path, "交易日期,交易金额,交易金额\n20240211,1.00,2.00\n")
    assert caught.value.facts["field"] == "amount"


def test_an_amount_finer_than_a_fen_is_flagged(tmp_path: Path) -> None:
    found, _taken, codes = only(tmp_path, "交易日期,交易金额,余额\n20240211,1.005,1.01\n")
    assert (found.balances_tie, codes) == (None, ["bank_amount_fine"])


OWN = """
name = "abroad"
currency = "EUR"
dates = "dmy"
delimiter = ";"
[columns]
booked_on = "Buchungstag"
amount = ["Betrag"]
[words]
totals = ["Summe"]
"""


def test_a_bank_of_ones_own_needs_a_profile_and_nothing_else(tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text(OWN, "utf-8")
    path = written(tmp_path, "Buchungstag;Betrag\n11.02.2024;-5.10\nSumme;-5.10\n")
    (found,) = read_statements(path, profile)
    (taken,) = found.entries
    assert (taken.amount_minor, taken.currency, taken.booked_on) == (-510, "EUR", "2024-02-11")
    with pytest.raises(BankFileError) as caught:
        recognise(path)
    assert caught.value.code == "bank_format"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("dates", "datum"), "datum"),
        (('"EUR"', '"euro"'), "currency"),
        (('"dmy"', '"ydm"'), "dates"),
        (('";"', '"x"'), "delimiter"),
        (("booked_on", "day"), "columns.day"),
        (("booked_on", "value_on"), "columns.booked_on"),
        (("amount", "debit"), "columns.amount"),
        (('"Buchungstag"', "[1]"), "columns.booked_on"),
        (('["Betrag"]', '["Betrag"]\nmark = "S"'), "words.debit"),
        (("[columns]", "[columns"), ""),
        (("[words]\ntotals", "words"), "columns.words"),
        (("[words]", "[labels]"), "labels.totals"),
    ],
)
def test_a_profile_that_is_not_right_says_where(change: tuple[str, str], field: str) -> None:
    with pytest.raises(BankFileError) as caught:
        profile_of(OWN.replace(*change), "own.toml")
    assert (caught.value.code, caught.value.facts["field"]) == ("bank_profile", field)


def test_a_profile_that_is_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    for content in (b"\xff\xfe", b"#" * 70_000):
        with pytest.raises(BankFileError) as caught:
            load(written(tmp_path, content))
        assert caught.value.code == "bank_profile"


def test_the_profiles_of_the_program_are_right_and_differ() -> None:
    names = [profile.name for profile in shipped()]
    assert sorted(names) == ["cn-debit-credit", "cn-marked", "cn-signed"]
    assert {profile.style for profile in shipped()} == {"two", "marked", "signed"}
