"""Wage sheets as contractors send them: read exactly, or refused with every row that is wrong."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.domain.form import MAX_LINES
from ledger.intake.cells import BadCell, fen_of_yuan
from ledger.intake.headings import with_aliases
from ledger.intake.limits import MAX_COLUMNS, MAX_FIELD, MAX_FILE_BYTES
from ledger.intake.payroll import read_attendance, read_payroll
from ledger.intake.people import PeopleFile, require_digits
from ledger.intake.problems import BadFileError
from tests.drills.town import resident_id
from tests.ledger.intake.books import HEADINGS, card_number, person, text, workbook

TODAY = "2026-06-30"
PLAIN = [HEADINGS, person(1, "4305.00"), person(2, "5902"), person(3, "6375.5")]


def read(content: bytes, aliases: dict[str, list[str]] | None = None) -> PeopleFile:
    sheet = read_payroll(content, aliases or {}, TODAY)
    require_digits(sheet, date(2026, 6, 30))
    return sheet


def told(sheet: PeopleFile) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in sheet.problems]


def net_of(cell: object) -> object:
    """What a cell of the net column becomes: the amount, or the code of its problem."""
    row: list[object] = [*person(1, "1")]
    row[5], row[6], row[7] = "", "", cell
    sheet = read(workbook([HEADINGS, row]))
    return sheet.problems[0].facts["problem"] if sheet.problems else sheet.lines[0]["net_fen"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_of_any_encoding_that_a_spreadsheet_writes_gives_the_same_rows(
    encoding: str, end: str, delimiter: str
) -> None:
    sheet = read(text(PLAIN, delimiter=delimiter, end=end).encode(encoding))
    assert told(sheet) == []
    assert sheet.net_sum_fen == 1_658_250
    assert sheet.numbers == [2, 3, 4]
    assert sheet.names == ["示例工1", "示例工2", "示例工3"]


def test_gb18030_is_a_wage_sheet_with_a_rare_name() -> None:
    sheet = read(text([HEADINGS, person(1, "1", name="㐂𠮷")]).encode("gb18030"))
    assert sheet.names == ["㐂𠮷"]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (5000.1, 500_010), (4305, 430_500), (0.07, 7), (1.15, 115), (8_888.88, 888_888),
        (4_500.005, "decimals"), (-5, "negative"), (1e17, "too_large"),
        ("4,305.00", 430_500), ("￥４３０５．５０", 430_550), ("¥4305元", 430_500),
        ("4500,00", "comma_decimal"), ("NaN", "not_a_number"), ("1e5", "not_a_number"),
        ("4500.005", "decimals"), ("(100.00)", "not_a_number"), ("0.00", "out_of_range"),
        ("-", "missing"), ("张三", "not_a_number"), ("9" * 30, "too_large"),
    ],
)  # fmt: skip
def test_an_amount_is_read_by_its_decimal_text_or_refused(cell: object, amount: object) -> None:
    assert net_of(cell) == amount


def test_what_a_sum_of_binary_fractions_leaves_behind_is_refused_as_too_fine() -> None:
    with pytest.raises(BadCell) as caught:
        fen_of_yuan(0.1 + 0.2)
    assert (caught.value.problem, caught.value.shown) == ("decimals", "0.30000000000000004")
    with pytest.raises(BadCell, match="bad_amount"):
        fen_of_yuan(float("nan"))


def test_every_two_decimals_that_a_spreadsheet_can_hold_come_back_exactly() -> None:
    fens = [*range(1, 3_000), *range(99_999_900, 99_999_999), 10**13 + 1, 10**13 + 99]
    rows = [[resident_id(at), fen / 100] for at, fen in enumerate(fens)]
    sheet = read(workbook([["身份证号", "实发金额"], *rows]))
    assert [line["net_fen"] for line in sheet.lines] == fens


def test_numbers_that_a_spreadsheet_rounded_are_refused_with_the_remedy() -> None:
    by_id: list[object] = [*person(1, "1")]
    by_id[2] = float(resident_id(1)[:17] + "0")
    by_card: list[object] = [*person(2, "1")]
    by_card[8] = float(card_number(2))
    sheet = read(workbook([HEADINGS, by_id, by_card]))
    assert told(sheet) == [(2, "身份证号", "number_rounded"), (3, "银行卡号", "number_rounded")]
    row = person(1, "1")
    row[8] = "6.22848E+18"
    assert told(read(text([HEADINGS, row]).encode())) == [(2, "银行卡号", "number_rounded")]


def test_every_bad_row_is_listed_and_not_only_the_first() -> None:
    rows = [person(number, "100.00") for number in range(1, 8)]
    rows[0][7], rows[1][2], rows[2][4], rows[3][5] = "1.005", "22020219010101000X", "40", "90"
    rows[4][2], rows[5][8], rows[6][1] = "", "12", "甲\u202e乙"
    assert sorted(told(read(text([HEADINGS, *rows]).encode()))) == [
        (2, "实发工资(元)", "bad_amount"), (3, "身份证号", "bad_id_number"),
        (4, "出勤天数", "bad_field"), (5, "实发工资(元)", "line_arithmetic"),
        (6, "身份证号", "bad_field"), (7, "银行卡号", "bad_card_number"), (8, "姓名", "bad_field"),
    ]  # fmt: skip


def test_titles_totals_and_signatures_are_no_people() -> None:
    rows = [
        ["某某项目 2026 年 5 月工资表"], [], HEADINGS, person(1, "100"), person(2, "200"), [],
        ["合 计", "", "", "", "", "300.00", "", "300", ""], ["制表人：某人", "", "审核：某人"],
    ]  # fmt: skip
    for content in (text(rows).encode(), workbook(rows)):
        sheet = read(content)
        assert (told(sheet), sheet.net_sum_fen, sheet.numbers) == ([], 30_000, [4, 5])


def test_a_total_that_is_not_the_sum_is_refused_and_subtotals_are_compared_part_by_part() -> None:
    total = ["合计", "", "", "", "", "", "", "301", ""]
    sheet = read(workbook([HEADINGS, person(1, "100"), person(2, "200"), total]))
    assert told(sheet) == [(4, "实发工资(元)", "total_differs")]
    assert sheet.problems[0].facts["actual_fen"] == 30_000
    parts = [
        HEADINGS, person(1, "100"), ["小计", "", "", "", "", "", "", "100"], person(2, "200"),
        ["小计", "", "", "", "", "", "", "200"], ["总计", "", "", "", "", "", "", "300"],
    ]  # fmt: skip
    assert told(read(workbook(parts))) == []


def test_columns_of_the_national_platform_are_known() -> None:
    rows = [
        ["IDCardNumber", "workerName", "TotalPayAmount", "ActualAmount", "Days"],
        [resident_id(1), "示例工1", "100.00", "100.00", "21.5"],
    ]
    sheet = read(text(rows).encode())
    assert sheet.lines[0]["days"] == Decimal("21.5")
    assert sheet.net_sum_fen == 10_000


def test_a_contractor_names_columns_of_his_own() -> None:
    rows = [["身份证", "姓名", "到手"], [resident_id(1), "示例工1", "88.80"]]
    assert told(read(text(rows).encode())) == [(1, "实发工资", "missing_column")]
    aliases = with_aliases({"headings": {"net": ["到手"]}})
    assert read_payroll(text(rows).encode(), aliases, TODAY).net_sum_fen == 8_880
    for wrong in ({"headings": {"wage": ["x"]}}, {"headings": {"net": [1]}}, {"headings": 3}):
        with pytest.raises(BadFileError, match="bad_aliases"):
            with_aliases(wrong)


def test_columns_in_fen_are_whole_fen_and_in_ten_thousands_no_column() -> None:
    rows = [["worker", "net_fen"], ["W-1", "12345"], ["W-2", "1.5"]]
    sheet = read(text(rows).encode())
    assert (sheet.net_sum_fen, told(sheet)) == (12_345, [(3, "net_fen", "bad_amount")])
    rows = [["身份证号", "姓名", "实发工资(万元)"], [resident_id(1), "甲", "1"]]
    assert told(read(text(rows).encode())) == [(1, "实发工资", "missing_column")]


def test_a_worker_stands_once_and_a_card_shared_by_two_is_worth_a_look() -> None:
    again = [HEADINGS, person(1, "1"), person(2, "1"), person(1, "1")]
    assert (4, "身份证号", "duplicate_worker") in told(read(text(again).encode()))
    shared = [HEADINGS, person(1, "1"), person(2, "1")]
    shared[2] = [*person(2, "1")[:8], card_number(1)]
    sheet = read(text(shared).encode())
    (problem,) = [each for each in sheet.problems if each.code == "card_twice"]
    assert (problem.row, problem.severity, problem.facts["line"]) == (3, "warning", 2)
    assert card_number(1) not in str(problem.facts)


def test_headings_that_are_missing_or_twice_are_named() -> None:
    twice = [["身份证号", "实发工资", "实发金额"], [resident_id(1), "1", "2"]]
    sheet = read(text(twice).encode())
    assert told(sheet) == [(1, "实发金额", "duplicate_column")]
    with pytest.raises(BadFileError, match="no_headings"):
        read(text([["甲", "乙"], ["1", "2"]]).encode())
    with pytest.raises(BadFileError, match="empty_table"):
        read(b"\xef\xbb\xbf \r\n")


def test_a_row_longer_than_the_headings_is_refused_in_text_and_noted_in_a_workbook() -> None:
    rows = [HEADINGS, [*person(1, "1"), "x"]]
    sheet = read(text(rows).encode())
    assert told(sheet) == [(2, "", "long_row")]
    assert sheet.failed
    sheet = read(workbook(rows))
    assert told(sheet) == [(2, "", "long_row")]
    assert not sheet.failed


def test_hidden_rows_and_sheets_are_flagged_and_the_sheet_taken_is_named() -> None:
    content = workbook(
        [["说明"], ["请看下一页"]], sheet="说明", hidden=3,
        more={
            "五月": [HEADINGS, person(1, "1"), person(2, "2")], "旧": [HEADINGS], "底稿": [["x"]],
        },
        concealed=("底稿",),
    )  # fmt: skip
    sheet = read(content)
    assert {code for _row, _column, code in told(sheet)} == {
        "hidden_sheet", "other_sheets", "hidden_row",
    }  # fmt: skip
    assert not sheet.failed
    assert sheet.grid is not None
    assert sheet.grid.sheet == "五月"
    assert sheet.net_sum_fen == 300


def test_a_formula_counts_by_its_stored_value_and_without_one_is_refused() -> None:
    row: list[object] = [*person(1, "1")]
    row[5], row[6], row[7] = 100, 0.5, ("=F2-G2", 99.5)
    assert read(workbook([HEADINGS, row])).net_sum_fen == 9_950
    row[7] = ("=F2-G2", "")
    sheet = read(workbook([HEADINGS, row]))
    assert (2, "实发工资(元)", "formula_without_value") in told(sheet)


def test_a_text_that_looks_like_a_formula_is_kept_as_text_and_flagged() -> None:
    sheet = read(text([HEADINGS, person(1, "1", name="+cmd|'/c calc'!A0")]).encode())
    assert told(sheet) == [(2, "姓名", "formula_text")]
    assert not sheet.failed


def test_limits_hold_at_the_limit_and_not_one_beyond() -> None:
    wide = [*HEADINGS, *(f"备注{at}" for at in range(MAX_COLUMNS - len(HEADINGS)))]
    assert told(read(text([wide, person(1, "1")]).encode())) == []
    with pytest.raises(BadFileError) as caught:
        read(text([[*wide, "备注"], person(1, "1")]).encode())
    assert caught.value.facts["problem"] == "columns"
    assert told(read(text([HEADINGS, person(1, "1", name="长" * MAX_FIELD)]).encode())) == [
        (2, "姓名", "bad_field")
    ]
    with pytest.raises(BadFileError) as caught:
        read(text([HEADINGS, person(1, "1", name="长" * (MAX_FIELD + 1))]).encode())
    assert caught.value.facts["problem"] == "field"
    with pytest.raises(BadFileError) as caught:
        read(b"x" * (MAX_FILE_BYTES + 1))
    assert caught.value.facts["problem"] == "file_bytes"


def test_masked_values_of_a_template_stand_beside_the_reference_that_counts() -> None:
    rows = [
        ["工人编号", "姓名", "身份证号", "实发工资"],
        ["W-1", "示**", "220*************01", "5"],
    ]
    sheet = read(text(rows).encode())
    assert (told(sheet), sheet.workers) == ([], ["W-1"])
    rows[1][0] = ""
    assert told(read(text(rows).encode())) == [(2, "身份证号", "masked_value")]


def test_attendance_is_read_from_its_own_column_or_from_the_sum_of_a_daily_list() -> None:
    daily = [["姓名", "身份证号", "1", "2", "3", "合计"], ["甲", resident_id(1), "√", "", "√", "2"]]
    sheet = read_attendance(text(daily).encode("gb18030"), {}, TODAY)
    assert [line["days"] for line in sheet.lines] == [2]
    missing = [["身份证号", "出勤天数"], [resident_id(1), ""]]
    assert told(read_attendance(text(missing).encode(), {}, TODAY)) == [
        (2, "出勤天数", "bad_field")
    ]


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_sheet_with_more_workers_than_a_posting_takes_is_refused_as_a_whole(beyond: int) -> None:
    count = MAX_LINES + beyond
    rows = "".join(f"W{number},5\n" for number in range(count))
    content = f"工人编号,实发工资\n{rows}".encode()
    if not beyond:
        assert len(read_payroll(content, {}, TODAY).lines) == count
        return
    with pytest.raises(BadFileError) as refused:
        read_payroll(content, {}, TODAY)
    assert refused.value.code == "over_limit"
    assert refused.value.facts == {"problem": "rows", "limit": MAX_LINES}


def parts_of(headings: list[list[object]], *rows: list[object]) -> PeopleFile:
    return read(workbook([["三月工资表"], *headings, *rows]))


def test_deductions_that_stand_in_several_columns_are_added() -> None:
    head: list[object] = [
        "姓名",
        "身份证号",
        "应发工资",
        "社保(元)",
        "个税",
        "借支",
        "备注",
        "实发工资",
    ]
    first: list[object] = ["示例工", resident_id(1), 6000, 300.5, "", 200, "x", 5499.5]
    none: list[object] = ["示例工", resident_id(2), 6000, "", "", "", "", 6000]
    wrong: list[object] = ["示例工", resident_id(3), 6000, "三百", 10, "", "", 5990]
    total: list[object] = ["合计", "", 18000, 300.5, 11, 200, "", 17489.5]
    sheet = parts_of([head], first, none, wrong, total)

    assert [line.get("deductions_fen") for line in sheet.lines] == [50_050, None, 1_000]
    assert told(sheet) == [(5, "社保(元)", "bad_amount"), (6, "个税", "total_differs")]


def test_a_sum_of_the_deductions_is_read_and_its_parts_are_not() -> None:
    head: list[object] = ["身份证号", "应发工资", "社保", "个税", "扣款合计", "实发工资"]
    sheet = parts_of([head], [resident_id(1), 6000, 1, 2, 100, 5900])
    assert (sheet.lines[0]["deductions_fen"], told(sheet)) == (10_000, [])


def test_parts_of_deductions_without_gross_pay_are_passed_over_as_before() -> None:
    head: list[object] = ["身份证号", "社保", "实发工资"]
    sheet = parts_of([head], [resident_id(1), 100, 5900])
    assert (sheet.lines, told(sheet)) == ([{"worker": None, "net_fen": 590_000}], [])


@pytest.mark.parametrize("last", ["工具费", "小计"])
def test_headings_in_two_rows_are_read_as_one(last: str) -> None:
    over: list[object] = ["序号", "姓名", "身份证号", "应发", "扣款", "", "", "实发", "签字"]
    under: list[object] = ["", "", "", "", "社保", "个税", last, "", ""]
    row: list[object] = [1, "示例工", resident_id(1), 6000, 100, 50, 150, 5850, ""]
    if last == "工具费":
        row[7] = 5700
    sheet = parts_of([over, under], row, ["合计", "", "", 6000, "", "", "", row[7], ""])

    assert told(sheet) == []
    assert sheet.numbers == [4]
    assert sheet.lines[0]["deductions_fen"] == (30_000 if last == "工具费" else 15_000)


def test_the_first_worker_is_not_taken_for_a_second_row_of_headings() -> None:
    rows: list[list[object]] = [
        ["姓名", "身份证号", "", "实发工资"],
        ["示例甲", resident_id(1), "", 5900],
        ["示例乙", resident_id(2), "", 5900],
    ]
    assert len(parts_of(rows[:1], *rows[1:]).lines) == 2
    blank = parts_of(
        [["姓名", "", "工人编号", "实发工资"]], ["示例", "甲", "W一", 5], ["", "", "W2", 5]
    )
    assert [line["worker"] for line in blank.lines] == ["W一", "W2"]
