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


def test_a_table_that_cannot_fit_is_written_one_field_a_line() -> None:
    columns = ("party", *(f"{name}_fen" for name in ("cash", "available", "receivable", "paid")))
    rows = [dict.fromkeys(columns, 10**14) | {"party": "91220200900000110G"}]

    lines = table(rows, columns, width=60)

    assert len(lines) == len(columns)
    assert all(cells(line) <= 60 for line in lines)


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
