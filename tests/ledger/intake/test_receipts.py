"""Lists of receipts as banks give them to contractors."""

from ledger.intake.receipts import read_receipts
from tests.ledger.intake.books import card_number, text, workbook

HEADINGS: list[object] = [
    "序号",
    "收款账号",
    "收款户名",
    "金额（元）",
    "交易状态",
    "失败原因",
    "交易流水号",
]


def row(number: int, amount: object) -> list[object]:
    return [number, card_number(number), "示例工", amount, "成功", "", f"L-{number}"]


def test_a_list_of_receipts_is_read_with_its_amounts_results_and_references() -> None:
    rows: list[list[object]] = [
        ["代发回单"],
        HEADINGS,
        row(1, "5,000.10"),
        row(2, "4900"),
        ["合计", "", "", "9900.10"],
    ]
    for content in (text([*rows[:2], row(1, "5000.10"), *rows[3:]]).encode("gb18030"),
                    workbook(rows)):  # fmt: skip
        table = read_receipts(content, {})
        assert table.problems == []
        assert table.column("amount") == [500_010, 490_000]
        assert table.column("card_number") == [card_number(1), card_number(2)]
        assert table.column("result") == ["成功", "成功"]
        assert table.column("bank_ref") == ["L-1", "L-2"]


def test_a_receipt_without_an_amount_is_named_with_its_row() -> None:
    table = read_receipts(workbook([HEADINGS, row(1, ""), row(2, "0")]), {})
    assert [(each.row, each.code, each.facts["problem"]) for each in table.problems] == [
        (2, "bad_amount", "missing"), (3, "bad_amount", "out_of_range"),
    ]  # fmt: skip


def test_the_platforms_paid_amounts_are_receipts_too() -> None:
    rows: list[list[object]] = [
        ["PayRollBankCardNumber", "ActualAmount", "PayStatus"],
        [card_number(1), "88.8", "20"],
    ]
    table = read_receipts(text(rows).encode(), {})
    assert (table.column("amount"), table.column("result")) == ([8_880], ["20"])
