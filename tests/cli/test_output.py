"""Answers for programs and people, on stdout or in a file that is whole or not there."""

import csv
import io
import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.aside import written_aside
from cli.output import Listing, Printer, View, as_json, rows_of, write_csv
from ledger.kernel.errors import LedgerError

VIEW = View((Listing("claims", ("claim", "open_fen"), empty="none"),), totals=("total_fen",))
ANSWER = {
    "as_of": "2026-05-01",
    "claims": [
        {"claim": "S-1/1", "open_fen": 123456, "name": "示例", "tags": ["a"]},
        {"claim": "S-1/2", "open_fen": -1, "name": "=1+1", "tags": []},
    ],
    "total_fen": 123455,
    "next": None,
}


def test_json_is_the_answer_itself(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(format="json").show(ANSWER, VIEW)
    assert json.loads(capsys.readouterr().out) == ANSWER


def test_json_lines_repeat_the_ids_of_the_answer_on_every_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Printer(format="jsonl").show(ANSWER, VIEW)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["claim"] for row in rows] == ["S-1/1", "S-1/2"]
    assert {row["as_of"] for row in rows} == {"2026-05-01"}
    assert all("total_fen" not in row for row in rows), "a sum does not belong to a row"


def test_an_answer_without_a_list_is_one_line() -> None:
    assert list(rows_of({"valid": True}, View())) == [{"valid": True}]


def test_csv_keeps_fen_and_keys_and_disarms_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(format="csv").show(ANSWER, VIEW)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == {
        "as_of": "2026-05-01", "claim": "S-1/1", "open_fen": "123456", "name": "示例",
        "tags": '["a"]',
    }  # fmt: skip
    assert rows[1]["name"] == "'=1+1"
    assert rows[1]["open_fen"] == "-1", "a number is no formula"


def test_an_amount_below_zero_is_a_number_and_gets_no_apostrophe() -> None:
    stream = io.StringIO()
    write_csv([{"amount": Decimal("-5.00"), "text": "-5.00"}], stream)
    assert stream.getvalue().splitlines()[1] == "-5.00,'-5.00"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1", "＠a"]
)
def test_no_cell_of_a_csv_begins_as_a_formula(text: str) -> None:
    stream = io.StringIO()
    write_csv([{"name": text}], stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue(), newline=""))
    assert row["name"].startswith("'")
    assert row["name"].endswith(text[-1])


def test_a_table_shows_yuan_and_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().show(ANSWER, VIEW)
    shown = capsys.readouterr().out
    assert "1,234.56" in shown
    assert "123456" not in shown
    assert shown.rstrip().endswith("1,234.55")


def test_an_empty_answer_says_so_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().show({"claims": []}, VIEW)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "none\n")


def test_more_pages_are_announced_on_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(format="jsonl").show({**ANSWER, "next": "c42"}, VIEW)
    shown = capsys.readouterr()
    assert "c42" in shown.err
    assert "c42" not in shown.out


def test_a_pipe_has_no_colours_and_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Printer().show(ANSWER, VIEW)
    assert "\x1b" not in capsys.readouterr().out


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "options", "bold"),
    [({}, {}, "\x1b[1mHead\x1b[0m"), ({"NO_COLOR": "1"}, {}, "Head"),
     ({}, {"color": False}, "Head"), ({"TERM": "dumb"}, {}, "Head")],
)  # fmt: skip
def test_a_terminal_has_colours_unless_the_user_wants_none(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: dict[str, Any],
    bold: str,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Printer(**options).bold("Head", _Terminal()) == bold


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("a.json", "json"),
        ("a.jsonl", "jsonl"),
        ("a.csv", "csv"),
        ("a.txt", "table"),
        ("a", "table"),
    ],
)
def test_the_ending_of_a_file_gives_the_format(name: str, chosen: str) -> None:
    assert Printer(path=name).chosen == chosen
    assert Printer(path=name, format="csv").chosen == "csv"


@pytest.mark.parametrize("printer", [Printer(format="xlsx"), Printer(format="xlsx", path="-")])
def test_a_workbook_for_the_eyes_is_refused_with_what_to_do(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal())
    with pytest.raises(LedgerError) as caught:
        printer.require_place()
    assert caught.value.code == "bad_option"
    assert "-o FILE.xlsx" in str(caught.value.facts["problem"])


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text("old")
    path.chmod(0o640)

    Printer(path=str(path)).show(ANSWER, VIEW)

    assert json.loads(path.read_text("utf-8")) == ANSWER
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["claims.json"]


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    path.write_text("old")

    def fail_half_way() -> None:
        with written_aside(path) as stream:
            stream.write("half")
            message = "in the middle"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="in the middle"):
        fail_half_way()

    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["claims.json"]


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")

    Printer(path=str(tmp_path / "link.json")).show(ANSWER, VIEW)

    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text("utf-8")) == ANSWER


@pytest.mark.parametrize("folder", ["none", "a_file"])
def test_a_folder_that_does_not_exist_is_said_with_its_file(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a_file").touch()
    path = str(tmp_path / folder / "a.json")
    with pytest.raises(LedgerError) as caught:
        Printer(path=path).show(ANSWER, VIEW)
    assert (caught.value.code, caught.value.facts) == ("no_folder", {"file": path})


def test_a_device_is_written_in_place() -> None:
    Printer(path=os.devnull).show(ANSWER, VIEW)
    assert Path(os.devnull).is_char_device()


def test_json_for_a_terminal_that_is_not_unicode_is_still_json() -> None:
    gbk = io.TextIOWrapper(io.BytesIO(), encoding="gbk")
    text = as_json({"name": "示例😀"}, gbk)
    assert text.isascii()
    assert json.loads(text) == {"name": "示例😀"}
    assert as_json({"name": "示例"}, sys.__stdout__ or sys.stdout) in {
        '{"name": "示例"}', '{"name": "\\u793a\\u4f8b"}',
    }  # fmt: skip
