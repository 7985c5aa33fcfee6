"""Long documents are read column by column, to the same lines and the same refusals."""

from decimal import Decimal
from typing import Any

import pytest

from ledger.domain.form import BadForm, line_forms, parse_posting, quick_check
from ledger.domain.kinds.matching import MatchedItem
from ledger.domain.kinds.payout import ReturnLine
from ledger.domain.kinds.payroll import PayrollLine
from ledger.domain.kinds.statements import StatementLine
from ledger.domain.kinds.workers import AttendanceLine
from ledger.domain.line_columns import FEW, lines_at_once

TODAY = "2026-03-31"
EMPLOYER = "91220202000000107U"


def documents() -> dict[type[Any], list[dict[str, Any]]]:
    many = range(FEW + 10)
    return {
        PayrollLine: [
            {"worker": f"工人-{at}", "net_fen": at + 1, "days": at % 31}
            | ({"gross_fen": at + 3, "deductions_fen": 2} if at % 2 else {"gross_fen": None})
            for at in many
        ],
        AttendanceLine: [
            {"worker": f"W{at}", "days": Decimal("21.5") if at % 2 else 7} for at in many
        ],
        ReturnLine: [{"claim": f"S-1/{at + 1}", "code": "account_frozen"} for at in many],
        StatementLine: [
            {"line": at + 1 if at % 3 else f"流水{at}", "amount_fen": -at - 1, "on": TODAY}
            for at in many
        ],
        MatchedItem: [
            {"position": at + 1} | ({"claim": f"S-1/{at + 1}"} if at % 2 else {}) for at in many
        ],
    }


@pytest.mark.parametrize("line_type", documents())
def test_lines_are_the_same_read_at_once_or_one_by_one(line_type: type[Any]) -> None:
    items = documents()[line_type]
    quick = quick_check(line_type)
    alone = [quick({k: v for k, v in item.items() if v is not None}, TODAY) for item in items]

    made = lines_at_once(line_type, line_forms(line_type), items, TODAY)

    if alone[0] is None:  # this kind of line has other fields than the sample: say so loudly
        pytest.fail(f"{line_type.__name__} does not take {items[0]}")
    assert made == alone
    assert [list(map(type, line)) for line in made or ()] == [
        list(map(type, line)) for line in alone
    ]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"worker": "A B"}, "bad_id", "lines[31].worker"),
        ({"worker": "W" * 65}, "bad_id", "lines[31].worker"),
        ({"worker": ""}, "bad_id", "lines[31].worker"),
        ({"worker": None}, "bad_field", "lines[31].worker"),
        ({"worker": 7}, "bad_id", "lines[31].worker"),
        ({"net_fen": 0}, "bad_amount", "lines[31].net_fen"),
        ({"net_fen": True}, "bad_amount", "lines[31].net_fen"),
        ({"net_fen": 10**15 + 1}, "bad_amount", "lines[31].net_fen"),
        ({"net_fen": Decimal("1.5")}, "bad_amount", "lines[31].net_fen"),
        ({"net_fen": [1]}, "bad_amount", "lines[31].net_fen"),
        ({"days": Decimal("21.3")}, "bad_field", "lines[31].days"),
        ({"days": True}, "bad_field", "lines[31].days"),
        ({"days": "21"}, "bad_field", "lines[31].days"),
        ({"wage": 5}, "bad_field", "lines[31].wage"),
        ({"gross_fen": 5}, "line_arithmetic", "lines[31].net_fen"),
        ({"worker": "W1"}, "duplicate_worker", "lines"),
    ],
)
def test_one_wrong_line_of_many_is_named_by_its_number(
    wrong: dict[str, Any], code: str, field: str
) -> None:
    lines: list[dict[str, Any]] = [
        {"worker": f"W{at}", "net_fen": 100, "gross_fen": 120, "deductions_fen": 20, "days": 21}
        for at in range(FEW * 2)
    ]
    posting = {
        "kind": "PayrollSubmitted", "on": TODAY, "key": "k", "project": "P", "sheet": "S",
        "employer": EMPLOYER, "period": "2026-03", "due_on": TODAY, "lines": lines,
    }  # fmt: skip
    assert len(parse_posting(posting, TODAY).lines) == len(lines)  # type: ignore[attr-defined]

    lines[30] = {**lines[30], **wrong}

    with pytest.raises(BadForm) as refused:
        parse_posting(posting, TODAY)
    assert (refused.value.code, refused.value.problems[0].field) == (code, field)
