"""Tables for people: yuan, columns that stand right, and nothing that steers the terminal."""

from collections.abc import Iterator
from typing import Any

import pytest

from cli.messages import use_language
from cli.tables import fields, records, shown, table
from cli.widths import cells

ROWS: list[dict[str, Any]] = [
    {"party": "91220200900000110G", "name": "示例开发有限公司", "own_arrears_fen": 123456789},
    {"party": "91220200900000225N", "name": "Contractor", "own_arrears_fen": -5},
]
COLUMNS = ("party", "name", "own_arrears_fen")


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


def test_amounts_are_shown_in_yuan_with_thousands_separators() -> None:
    assert shown("own_arrears_fen", 123456789) == "1,234,567.89"
    assert shown("own_arrears_fen", -5) == "-0.05"
    assert shown("position", 1234567) == "1234567"


def test_every_line_of_a_table_ends_its_columns_at_the_same_cell() -> None:
    head, rule, *rows = table(ROWS, COLUMNS)

    assert rule.startswith("-" * 18)
    ends = {cells(line) for line in [rule, *rows]}
    assert len(ends) == 1, "figures stand to the right, under each other"
    assert head.split() == ["Party", "Name", "Own", "arrears"]


def test_a_column_without_a_value_is_left_out() -> None:
    rows: list[dict[str, Any]] = [{"party": "A", "region": None}, {"party": "B", "region": ""}]
    assert table(rows, ("party", "region"))[0] == "Party"


def test_a_pipe_gets_every_name_whole() -> None:
    long = [{"name": "名" * 200, "amount_fen": 1}]
    assert "名" * 200 in table(long, ("name", "amount_fen"))[2]


def test_a_terminal_gets_shortened_names_and_whole_figures() -> None:
    rows = [{"party": "91220200900000110G", "name": "名" * 60, "amount_fen": 10**15}]

    lines = table(rows, ("party", "name", "amount_fen"), width=80)

    assert all(cells(line) <= 80 for line in lines)
    assert "…" in lines[2]
    assert "91220200900000110G" in lines[2]
    assert "10,000,000,000,000.00" in lines[2]


def test_long_headings_stand_on_two_lines_before_anything_is_left_out() -> None:
    rows = [{"region": "220200", "deposit_shortfall_fen": 1, "recourse_payable_fen": 0}]
    columns = ("region", "deposit_shortfall_fen", "recourse_payable_fen")
    assert table(rows, columns, width=30)[:2] == [
        "          Deposit  Recourse", "Region  shortfall   payable",
    ]  # fmt: skip


def test_a_narrow_screen_shows_ends_of_codes_and_no_columns_of_zeros() -> None:
    rows = [
        {"claim": f"S-1/{line}", "employer": "91220200900000110G", "net_fen": 5, "paid_fen": 0}
        for line in (1, 2)
    ]
    columns = ("claim", "employer", "net_fen", "paid_fen")
    assert table(rows, columns, width=24) == [
        "Claim  Employer    Net", "-----  ---------  ----", "S-1/1  …0000110G  0.05",
        "S-1/2  …0000110G  0.05",
    ]  # fmt: skip


def test_what_is_the_same_in_all_rows_stands_above_them_where_there_is_no_room() -> None:
    rows = [
        {"project": "P-2026-001", "claim": f"S-1/{line}", "net_fen": 10**line} for line in (1, 9)
    ]
    lines = table(rows, ("project", "claim", "net_fen"), width=22)
    assert lines[:3] == ["Project  P-2026-001", "", "Claim            Net"]
    assert all(cells(line) <= 22 for line in lines)


def test_a_table_that_cannot_fit_is_written_one_field_a_line() -> None:
    columns = ("claim", *(f"{name}_fen" for name in ("cash", "available", "receivable", "paid")))
    rows: list[dict[str, Any]] = [dict.fromkeys(columns, 10**14) | {"claim": "S-2026-03/1"}]

    lines = table(rows, columns, width=60)

    assert len(lines) == len(columns)
    assert all(cells(line) <= 60 for line in lines)


def test_a_long_text_in_a_field_goes_on_below_itself() -> None:
    lines = fields({"party": "A", "reason": "one two three four"}, width=18)
    assert lines == ["Party   A", "Reason  one two", "        three four"]


def test_rows_written_one_field_a_line_are_apart() -> None:
    assert records([{"party": "A"}, {"party": "B"}], ("party",)) == ["Party  A", "", "Party  B"]


def test_fields_of_one_row_leave_out_what_is_unknown() -> None:
    assert fields({"party": "A", "region": None, "amount_fen": 5}) == ["Party   A", "Amount  0.05"]


def test_states_and_kinds_are_shown_in_the_language_of_the_reader() -> None:
    assert shown("state", "in_transit") == "in transit"
    use_language("zh")
    assert shown("state", "in_transit") != "in transit"
    assert shown("kind", "PayrollApproved") not in {"PayrollApproved", "payroll approved"}
    assert shown("name", "paid") == "paid", "a name is not a word of the ledger"


def test_control_characters_out_of_a_file_never_reach_the_terminal() -> None:
    assert shown("name", "a\x1b[2Jb\x07\u202ec") == "a\\x1b[2Jb\\x07\\x202ec"


def test_lists_and_objects_are_shown_on_one_line() -> None:
    assert shown("workers", ["W-1", "W-2"]) == "W-1, W-2"
    assert shown("document", {"type": "decision", "number": "7"}) == "decision 7"
    assert shown("valid", value=True) == "yes"
    assert shown("region", None) == ""
