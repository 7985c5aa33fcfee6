"""A clerk looks into a bank file: what is in it, what is wrong, in both languages."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.ledger.banking.files import camt, detail, entry, statement, written

RETURNED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
PARTY = "<RltdPties><Dbtr><Nm>\u8d75\u4e00</Nm></Dbtr><DbtrAcct><Id><Othr><Id>6222020000000000001\
</Id></Othr></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>\u8d75\u4e00 6222020000000000001</Ustrd>\
</RmtInf>"
KEYS = {
    "kind", "statements", "transactions", "by_ccy", "group_status", "tx_statuses", "reasons",
    "problems",
}  # fmt: skip
STATEMENT_KEYS = {
    "id", "account", "entries", "credit_minor", "debit_minor", "opening_minor", "closing_minor",
    "balances_tie", "credits", "debits", "tx_details", "batch_entries", "return_items",
    "return_codes", "reversal_entries", "balance_gap_minor",
}  # fmt: skip


@pytest.fixture
def good(tmp_path: Path) -> Path:
    details = f"<NtryDtls>{detail(more=RETURNED + PARTY)}</NtryDtls>"
    return written(tmp_path, camt(statement([entry(details=details)], closing="1100.00")), "good")


@pytest.fixture
def off(tmp_path: Path) -> Path:
    details = f"<NtryDtls>{detail('99.00', more=PARTY)}</NtryDtls>"
    return written(tmp_path, camt(statement([entry(details=details)], closing="1100.01")), "off")


def test_the_answer_for_programs_has_the_keys_of_the_contract(run: Run, good: Path) -> None:
    ran = run("bank", "inspect", good, "--format", "json")
    assert ran.status == 0
    assert set(ran.json) >= KEYS
    (figures,) = ran.json["statements"]
    assert set(figures) >= STATEMENT_KEYS
    assert (figures["credit_minor"], figures["return_codes"]) == (10_000, ["AC04"])
    assert ran.json["problems"] == []
    assert ran.json["by_ccy"] is None


def test_problems_are_sentences_with_codes_and_the_command_ends_well(run: Run, off: Path) -> None:
    ran = run("bank", "inspect", off, "--format", "json")
    assert ran.status == 0
    first, second = ran.json["problems"]
    assert first.startswith("bank_details_sum: The transactions of an entry")
    assert second == (
        "bank_balance_gap: The balances do not tie: off by -0.01 CNY; entries lead to 1,100.00 CNY,"
        " not 1,100.01 CNY. (statement S1)"
    )


def test_a_clerk_reads_amounts_with_their_decimals_and_what_to_do(run: Run, off: Path) -> None:
    english = run("bank", "inspect", off)
    assert "1,100.01" in english.out
    assert "To look at" in english.out
    assert "ask the bank" in english.out
    chinese = run("--lang", "zh", "bank", "inspect", off)
    assert chinese.status == 0
    assert "\u9700\u8981\u67e5\u770b" in chinese.out
    assert "\u4f59\u989d\u4e0d\u76f8\u7b26" in chinese.out
    assert "To look at" not in chinese.out


def test_nobody_s_name_card_or_text_is_shown(run: Run, good: Path, off: Path) -> None:
    for path in (good, off):
        for form in ("table", "json", "csv", "jsonl"):
            ran = run("bank", "inspect", path, "--format", form)
            assert "6222020000000000001" not in ran.out + ran.err
            assert "\u8d75\u4e00" not in ran.out + ran.err


def test_a_good_file_is_said_to_be_good(run: Run, good: Path) -> None:
    ran = run("bank", "inspect", good)
    assert ran.err == "Nothing is wrong with the file.\n"
    assert "Returned" in ran.out


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rows_are_statements(run: Run, good: Path, form: str) -> None:
    ran = run("bank", "inspect", good, "--format", form)
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(ran.out))
    else:
        (row,) = [json.loads(line) for line in ran.out.splitlines()]
    assert (row["id"], str(row["closing_minor"])) == ("S1", "110000")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 3, "bank_file_empty"),
        (b"words", 3, "bank_format"),
        (b"<Document>", 3, "bank_format"),
        (camt(statement())[:-20].encode(), 3, "bank_xml_broken"),
        (None, 5, "no_file"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_its_code_and_no_answer(
    run: Run, tmp_path: Path, content: bytes | None, status: int, code: str
) -> None:
    path = tmp_path / "none" if content is None else written(tmp_path, content, "given")
    ran = run("bank", "inspect", path, "--format", "json")
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith(f"{code}: ")
    assert path.name in ran.err
    assert len(ran.err.splitlines()) == 2


def test_a_folder_is_no_file(run: Run, tmp_path: Path) -> None:
    ran = run("bank", "inspect", tmp_path)
    assert (ran.status, ran.err.partition(":")[0]) == (4, "file_unreadable")


def test_an_own_profile_and_own_schemas_are_named_on_the_command_line(
    run: Run, tmp_path: Path, good: Path
) -> None:
    profile = written(tmp_path, 'columns.booked_on = "D"\ncolumns.amount = "A"\n', "own.toml")
    path = written(tmp_path, "D,A\n20240211,1.00\n", "own.csv")
    ran = run("bank", "inspect", path, "--csv-profile", profile, "--format", "json")
    assert ran.json["statements"][0]["credit_minor"] == 100
    folder = tmp_path / "schemas"
    folder.mkdir()
    ran = run("bank", "inspect", good, "--xsd", folder, "--format", "json")
    assert ran.json["problems"][0].startswith("bank_no_schema: ")
    ran = run("bank", "inspect", good, "--xsd", tmp_path / "nowhere")
    assert (ran.status, ran.err.partition(":")[0]) == (5, "no_file")
    assert "nowhere" in ran.err


def test_the_installed_command_needs_no_ledger(console: Run, good: Path) -> None:
    ran = console("bank", "inspect", "--format", "json", good)
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out)["statements"][0]["balances_tie"] is True
    ran = console("--lang", "zh", "bank", "inspect", written(good.parent, "\u662f", "no"))
    assert ran.status == 3
    assert "Traceback" not in ran.err


def test_a_file_that_comes_through_a_pipe_is_looked_into(console: Run, good: Path) -> None:
    there = console("bank", "inspect", good, "--format", "json")
    piped = console("bank", "inspect", "-", "--format", "json", given=good.read_bytes())
    nothing = console("bank", "inspect", "-", given=b"")

    assert (piped.status, piped.out) == (0, there.out)
    assert (nothing.status, "<stdin>" in nothing.err) == (3, True)
