"""Answers as workbooks: what a clerk opens in a spreadsheet is what the ledger says."""

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from cli import messages, workbook
from cli.output import Listing, View
from cli.sheets import write_answer
from cli.workbook import EXACT_FEN, MOST_CHARACTERS, MOST_ROWS, Sheet, write_sheets
from ledger.kernel.errors import LedgerError
from tests.cli.conftest import CONSOLE, CONTRACTOR, SUBCONTRACTOR, Run, clean_environment

VIEW = View(
    (Listing("claims", ("claim", "worker", "due_on", "open_fen", "state")),),
    facts=("project",),
    totals=("total_fen",),
)
ROWS = [
    {"claim": "S-1/1", "worker": "001", "due_on": "2026-04-15", "open_fen": 995, "state": "open"},
    {"claim": "S-1/2", "worker": "-7", "due_on": "", "open_fen": -500, "state": "arrears",
     "note": "=1+1", "days": 21.5, "disputed": True},
]  # fmt: skip
ANSWER = {"project": "P-1", "claims": ROWS, "total_fen": 495, "as_of": "2026-05-01", "next": None}

Grid = list[list[Any]]


def written(document: dict[str, Any], view: View = VIEW) -> bytes:
    """The bytes of an answer as a workbook."""
    stream = io.BytesIO()
    write_answer(document, view, stream, {"ledger": "sqlite:///a.db", "tenant": "main"})
    return stream.getvalue()


def opened(data: bytes) -> dict[str, Grid]:
    """What a program that reads workbooks sees: the rows of each sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def raw_values(data: bytes, sheet: int = 1) -> list[str]:
    """The figures of a sheet as they stand in the file, before any program makes floats of them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = etree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    cells = tree.iter("{*}c")
    return [value.text or "" for cell in cells if cell.get("t") is None
            for value in cell.iter("{*}v")]  # fmt: skip


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    messages.use_language("en")
    yield
    messages.use_language("en")


def test_amounts_are_numbers_in_yuan_and_ids_are_texts() -> None:
    claims = opened(written(ANSWER))["Claims"]
    assert claims[0] == [
        "Claim", "Worker", "Due on", "Open", "State", "Note", "Days", "Disputed",
    ]  # fmt: skip
    assert claims[1][:5] == ["S-1/1", "001", date(2026, 4, 15), 9.95, "open"]
    assert claims[2] == ["S-1/2", "-7", "", -5.0, "in arrears", "=1+1", 21.5, "yes"]


def test_headings_and_states_are_in_the_language_of_the_reader() -> None:
    messages.use_language("zh")
    claims = opened(written(ANSWER))["工资债权"]
    assert claims[0][:5] == ["工资债权", "工人", "应付日期", "未付", "状态"]
    assert claims[2][4] == "拖欠"


@pytest.mark.parametrize(
    "fen", [1, 10, 995, -29, 110, 1_234_567_890_123_45, 99_999_999_999_999_9, 57, 100_000]
)
def test_an_amount_stands_in_the_file_with_the_digits_of_its_fen(fen: int) -> None:
    values = raw_values(written({"claims": [{"open_fen": fen}]}))
    assert [Decimal(value) for value in values] == [Decimal(fen).scaleb(-2)]


def test_an_amount_of_more_digits_than_a_spreadsheet_counts_with_is_an_exact_text() -> None:
    rows = opened(written({"claims": [{"open_fen": EXACT_FEN + 1}, {"open_fen": EXACT_FEN - 1}]}))
    assert [row[3] for row in rows["Claims"][1:]] == ["10,000,000,000,000.01", 9999999999999.99]


def test_the_last_sheet_says_what_the_figures_are_of() -> None:
    about = opened(written({**ANSWER, "position": 7, "next": "c9"}))["About this workbook"]
    assert about == [
        ["Project", "P-1"],
        ["Total", 4.95],
        ["As of", date(2026, 5, 1)],
        ["Position", 7.0],
        ["More after", "c9"],
        ["Ledger", "sqlite:///a.db"],
        ["Tenant", "main"],
    ]


def test_lists_in_rows_get_a_sheet_of_their_own_with_the_id_of_the_row() -> None:
    funds = [{"region": "220200", "cash_fen": 1, "debtors": [{"party": "X", "receivable_fen": 5}]}]
    view = View((Listing("funds", ("region", "cash_fen")),))
    sheets = opened(written({"funds": funds}, view))
    assert sheets["Funds"] == [["Region", "Cash"], ["220200", 0.01]]
    assert sheets["Debtors"] == [["Region", "Party", "Receivable"], ["220200", "X", 0.05]]


def test_the_same_answer_gives_the_same_bytes() -> None:
    assert written(ANSWER) == written(ANSWER)
    many = {"claims": [{**ROWS[0], "worker": f"W{at}"} for at in range(workbook.IN_MEMORY + 1)]}
    assert written(many) == written(many)


def test_a_long_list_reads_as_a_short_one_does() -> None:
    many = [{**ROWS[at % 2], "claim": f"S-1/{at}"} for at in range(workbook.IN_MEMORY + 1)]
    rows = opened(written({"claims": many}))["Claims"]
    assert len(rows) == len(many) + 1
    assert [row[0] for row in rows[1:]] == [row["claim"] for row in many]
    assert rows[2][1:] == ["-7", "", -5.0, "in arrears", "=1+1", 21.5, "yes"]


@pytest.mark.parametrize("count", [2, workbook.IN_MEMORY + 1])
@pytest.mark.parametrize(
    "text",
    ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1", "=1\n=2", "http://a.example/", "<r>x</r>",
     "{=1}", "001", "1E5", "2026-01-01", "TRUE", "＝1", "_x0041_"],
)  # fmt: skip
def test_a_text_is_a_text_cell_with_its_own_characters(text: str, count: int) -> None:
    data = written({"claims": [{"claim": text}] * count})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in archive.namelist(), "a link"
    assert b"<f" not in sheet.replace(b"<fo", b""), "a formula"
    cells = [row[0] for row in opened(data)["Claims"][1:]]
    seen = text.replace("\t", "\\x09")
    if text != "_x0041_":  # what readers make of it is theirs; it is text all the same
        assert [cell.rstrip(" ") for cell in cells] == [seen] * count


@pytest.mark.parametrize("text", ["\x00\x1b[2J", "a\u202eb", "\ud800", "\ufffe"])
def test_what_no_workbook_can_hold_is_written_as_an_escape(text: str) -> None:
    ((shown, *_rest),) = opened(written({"claims": [{"claim": text}]}))["Claims"][1:]
    assert "\\" in shown
    assert text not in shown


def test_headings_stay_in_sight_and_columns_are_wide_enough_for_chinese() -> None:
    name = "示例建筑总承包有限公司"
    data = written({"claims": [{"claim": name}]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    (pane,) = tree.iter("{*}pane")
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    assert float(next(tree.iter("{*}col")).get("width", "0")) >= 2 * len(name)


def test_names_of_sheets_that_no_workbook_takes_are_made_to_fit() -> None:
    stream = io.BytesIO()
    names = ["a/b:c*[d]?", "x" * 40, "X" * 40, "", "'"]
    write_sheets([Sheet(name, [{"claim": "1"}], ["claim"]) for name in names], [], stream)
    sheets = list(opened(stream.getvalue()))
    assert len({sheet.lower() for sheet in sheets}) == len(names) + 1
    assert all(0 < len(sheet) <= 31 for sheet in sheets)


class _Many(Sequence[dict[str, Any]]):
    """Rows that take no room: as many as a test asks for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - as a sequence's
        if at >= self._count:
            raise IndexError
        return {"claim": "1"}


def test_more_rows_than_a_sheet_holds_are_refused_and_csv_is_named() -> None:
    with pytest.raises(LedgerError) as caught:
        write_sheets([Sheet("a", _Many(MOST_ROWS), ["claim"])], [], io.BytesIO())
    assert caught.value.code == "workbook_full"
    assert "--format csv" in messages.render("workbook_full", caught.value.facts)


def test_the_limit_counts_for_rows_that_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 5)
    for count, fits in ((4, True), (5, False)):
        stream = io.BytesIO()
        sheet = Sheet("a", iter([{"claim": "1"}] * count), ["claim"])
        if fits:
            write_sheets([sheet], [], stream)
            assert len(opened(stream.getvalue())["a"]) == count + 1
            continue
        with pytest.raises(LedgerError) as caught:
            write_sheets([sheet], [], stream)
        assert caught.value.code == "workbook_full"
        assert not stream.getvalue(), "a half"


def test_a_text_longer_than_a_cell_is_refused_and_never_cut() -> None:
    fits = "账" * MOST_CHARACTERS
    rows = opened(written({"claims": [{"claim": fits}]}))["Claims"]
    assert rows[1][0] == fits
    with pytest.raises(LedgerError) as caught:
        written({"claims": [{"claim": fits + "账"}]})
    assert caught.value.code == "workbook_full"


# -- the program ----------------------------------------------------------------


READS = {
    "liability": "contractors", "party list": "parties", "project list": "projects",
    "payroll list": "sheets", "payout list": "batches", "claim list": "claims",
    "payroll show S-2026-04": "lines", "payout show B-01": "lines", "fund show": "funds",
    "deposit notices": "notices", "fund advance list": "advances", "journal": "lines",
    "case list": "cases", "policy list": "policies", "inbox": "items",
    "project show P-2026-001": "subcontractors", "claim show S-2026-04/1": "moves",
    f"history {CONTRACTOR}": "events", f"party show {CONTRACTOR}": "projects",
    f"explain {CONTRACTOR} joint_arrears --as-of 2026-05-20": "lines",
    "payroll slips S-2026-04": "slips",
    f"payout proof B-01 --party {SUBCONTRACTOR}": "lines",
    "project statement P-2026-001 --month 2026-05": "contractors",
    f"party statement {SUBCONTRACTOR} --month 2026-05": "contractors",
    "worker show S001": "claims", "subcontract list": "subcontracts",
    "deposit show P-2026-001": "guarantees", "case show C-01": "claims",
    "bank breaks": "breaks", "trace S-2026-04/21": "lines", "trace 177": "lines",
    "explain fund:220200 floor_gap --as-of 2026-02-05": "lines",
    f"history {SUBCONTRACTOR} --diff 2026-05-10..2026-05-28": "changes",
}  # fmt: skip
"""Every read, and one of its lists."""


def test_every_read_is_in_the_table_above() -> None:
    from cli.screens import SCREENS  # noqa: PLC0415 - only asked here

    asked = {" ".join(word for word in command.split() if word.islower()) for command in READS}
    missing = {path for path in SCREENS if not any(one.startswith(path) for one in asked)}
    assert missing <= {"policy show"}, "it asks what policy list asks"


@pytest.mark.parametrize("command", READS)
def test_every_figure_of_a_read_is_in_its_workbook(
    run: Run, example: str, tmp_path: Path, command: str
) -> None:
    words = [*command.split(), "--ledger", example]
    answer = json.loads(run(*words, "--format", "json").out)
    ran = run(*words, "-o", tmp_path / "a.xlsx")
    assert (ran.status, ran.out) == (0, ""), ran.err

    sheets = opened((tmp_path / "a.xlsx").read_bytes())
    told = [cell for grid in sheets.values() for row in grid for cell in row]
    amounts = [fen / 100 for fen in _amounts(answer)]
    for amount in set(amounts):
        assert told.count(amount) >= min(1, amounts.count(amount)), amount
    rows = answer[READS[command]]
    assert len(rows) + 1 in {len(grid) for grid in sheets.values()}
    key = "amount_fen"
    if rows and any(isinstance(row.get(key), int) for row in rows):
        column = next(grid for grid in sheets.values() if len(grid) == len(rows) + 1)
        at = column[0].index("Amount")
        assert [row[at] for row in column[1:]] == [
            row[key] / 100 if row[key] is not None else "" for row in rows
        ]


def _amounts(value: object, key: str = "") -> Iterator[int]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in {"fields", "journal", "lines_root"}:
                yield from _amounts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _amounts(part, key)
    elif type(value) is int and key.endswith("_fen"):
        yield value


def test_a_pipe_gets_the_bytes_of_the_file(example: str, tmp_path: Path) -> None:
    words = [str(CONSOLE), "liability", "--ledger", example]
    done = subprocess.run(
        [*words, "--format", "xlsx"], capture_output=True, check=True, env=clean_environment()
    )
    subprocess.run([*words, "-o", tmp_path / "a.xlsx"], check=True, env=clean_environment())
    assert done.stdout == (tmp_path / "a.xlsx").read_bytes()
    assert opened(done.stdout)["Contractors"][0][0] == "Party"


def test_an_older_workbook_stays_when_the_new_one_fails(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    ran = run("party", "show", "91220200900000000X", "--ledger", example, "-o", path)
    assert ran.status == 5
    assert path.read_bytes() == b"old"
    assert not [file for file in tmp_path.iterdir() if file.name.endswith(".part")]


@pytest.mark.parametrize("name", ["a.xls", "a.ods"])
def test_other_kinds_of_workbooks_are_refused_with_ours(run: Run, example: str, name: str) -> None:
    ran = run("liability", "--ledger", example, "-o", name)
    assert (ran.status, ".xlsx" in ran.err) == (2, True)


def test_a_posting_is_not_answered_with_a_workbook_and_not_recorded(run: Run, books: str) -> None:
    ran = run(
        "party", "add", CONTRACTOR, "示例", "--ledger", books, "--on", "2026-01-10",
        "--format", "xlsx",
    )  # fmt: skip
    assert (ran.status, ran.err.partition(":")[0]) == (2, "bad_option")
    assert run("party", "list", "--ledger", books, "--format", "json").json["parties"] == []
