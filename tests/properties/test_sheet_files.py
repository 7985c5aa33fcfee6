"""A wage sheet is the same sheet in whatever file it comes: rows, amounts and sum."""

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.intake.payroll import read_payroll
from tests import counts
from tests.drills.town import resident_id
from tests.ledger.intake.books import card_number, text, workbook

_NAMES = st.text(st.sampled_from("示例甲乙丙丁㐂𠮷·"), min_size=1, max_size=6)
_PEOPLE = st.lists(
    st.tuples(
        st.integers(1, 3_000_000), _NAMES, st.integers(1, 10**10), st.integers(0, 10**6),
        st.integers(0, 62),
    ),
    min_size=1, max_size=20, unique_by=lambda person: person[0],
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")
_HEADINGS = ("姓名", "身份证号", "出勤天数", "应发工资（元）", "扣款", "实发工资（元）", "银行卡号")


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


@settings(max_examples=counts.runs(300), deadline=None)
@given(_PEOPLE)
def test_every_kind_of_file_gives_the_same_rows_and_the_same_sum(
    people: list[tuple[int, str, int, int, int]],
) -> None:
    rows, objects = [], []
    for number, name, net, deductions, halves in people:
        days = Decimal(halves) / 2
        rows.append([
            name, resident_id(number), str(days), yuan(net + deductions), yuan(deductions),
            yuan(net), card_number(number),
        ])  # fmt: skip
        objects.append({
            "id_number": resident_id(number), "name": name, "net_fen": net,
            "gross_fen": net + deductions, "deductions_fen": deductions, "days": float(days),
            "card_number": card_number(number),
        })  # fmt: skip
    numbers = [[*row[:2], *map(float, row[2:6]), row[6]] for row in rows]
    files = [text([_HEADINGS, *rows]).encode(encoding) for encoding in _ENCODINGS]
    files += [workbook([_HEADINGS, *rows]), workbook([["工资表"], [], _HEADINGS, *numbers])]
    files.append("".join(json.dumps(each) + "\n" for each in objects).encode())
    net_sum = sum(net for _number, _name, net, _deductions, _halves in people)
    for content in files:
        sheet = read_payroll(content, {}, "2026-06-30")
        assert [problem for problem in sheet.problems if problem.severity == "error"] == []
        assert sheet.net_sum_fen == net_sum
        assert list(sheet.id_numbers) == [resident_id(person[0]) for person in people]
        assert list(sheet.names) == [person[1] for person in people]
        assert [
            (line["net_fen"], line["gross_fen"], line["deductions_fen"], line["days"])
            for line in sheet.lines
        ] == [(net, net + less, less, Decimal(half) / 2) for _, _, net, less, half in people]
