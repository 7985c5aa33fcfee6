"""A refused value is shown where it helps and can be nobody's identity."""

from decimal import Decimal

import pytest

from ledger.domain.form import BadForm, parse_posting
from ledger.domain.values import evident

TODAY = "2026-11-28"
RESIDENT_ID = "220202190601010007"
CARD = "6200000000000000018"


@pytest.mark.parametrize(
    ("step", "value", "told"),
    [
        ("amount", 0, "0"),
        ("amount", -5, "-5"),
        ("amount", Decimal("12.5"), "12.5"),
        ("amount", "12", "12"),
        ("amount", True, ""),
        ("amount", int(CARD), ""),
        ("amount", 10**100, ""),
        ("amount", "about 12", ""),
        ("date", "2026-02-30", "2026-02-30"),
        ("date", RESIDENT_ID, ""),
        ("period", "2026-13", "2026-13"),
        ("region", "2202", "2202"),
        ("party", "9122020090000033XQ", "9122020090000033XQ"),
        ("party", RESIDENT_ID, ""),
        ("party", {"a": 1}, ""),
        ("ref", "某甲 一", ""),
        ("text", "bad\0", ""),
        ("name", "某甲\0", ""),
        ("id_number", "1", ""),
        ("card", "1", ""),
        ("phone", "1", ""),
    ],
)
def test_a_wrong_value_is_told_unless_it_may_be_an_identity(
    step: str, value: object, told: str
) -> None:
    assert evident(step, value) == told


def test_a_problem_in_a_line_tells_its_place_and_its_value() -> None:
    posting = {
        "kind": "PayrollSubmitted", "on": TODAY, "key": "k", "project": "P", "sheet": "S",
        "employer": "91220200900000110G", "period": "2026-11", "due_on": "2026-12-15",
        "lines": [{"worker": "W 1", "net_fen": 0}],
    }  # fmt: skip
    with pytest.raises(BadForm) as caught:
        parse_posting(posting, TODAY)
    told = {problem.field: problem.value for problem in caught.value.problems}
    assert told == {"lines[1].net_fen": "0", "lines[1].worker": ""}
