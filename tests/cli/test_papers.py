"""Payslips and payout proofs: masked unless somebody says what for, and that is recorded first."""

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.conftest import CONTRACTOR, EXAMPLE, SUBCONTRACTOR, Run
from tests.ledger.vault.test_secrets import spellings

SLIPS = ("payroll", "slips", "S-2026-04")
PROOF = ("payout", "proof", "B-01", "--party", SUBCONTRACTOR)
IN_THE_CLEAR = ("--unmasked", "--purpose", "发放工资条")


def secrets() -> set[str]:
    """Every name, ID and card number of the workers of the example."""
    found: set[str] = set()
    for line in EXAMPLE.read_text("utf-8").splitlines():
        posting = json.loads(line)
        if posting["kind"] in {"WorkerRegistered", "WorkerUpdated", "CardBound"}:
            fields = ("name", "id_number", "phone", "card_number", "holder_name")
            found |= {posting[field] for field in fields if posting.get(field)}
    return found


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def reveals(run: Run, ledger: str) -> list[dict[str, Any]]:
    """What the log says of unmasked reads."""
    events = run("--ledger", ledger, "events", "--format", "jsonl").lines
    return [event for event in events if event["kind"] == "IdentityRevealed"]


@pytest.mark.parametrize("command", [SLIPS, PROOF], ids=["slips", "proof"])
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "xlsx"])
def test_no_identity_is_in_a_paper_that_nobody_asked_to_unmask(
    run: Run, example: str, tmp_path: Path, command: tuple[str, ...], form: str
) -> None:
    path = tmp_path / "paper"
    ran = run("--ledger", example, *command, "--format", form, "-o", f"{path}.{form}")
    assert ran.status == 0, ran.err
    data = Path(f"{path}.{form}").read_bytes()
    if form == "xlsx":
        data = repr(sheets(Path(f"{path}.{form}"))).encode()
    assert len(secrets()) > 100
    assert not [one for one in secrets() for spelled in spellings(one) if spelled in data]
    assert reveals(run, example) == []


def test_an_unmasked_paper_is_recorded_with_its_purpose_and_is_its_owners_alone(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "slips.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o644)
    assert run("--ledger", example, *SLIPS, *IN_THE_CLEAR, "-o", path).status == 0

    (event,) = reveals(run, example)
    assert event["fields"]["purpose"] == "发放工资条"
    assert (event["fields"]["sheet"], event["lines"]["count"]) == ("S-2026-04", 40)
    assert path.stat().st_mode & 0o777 == 0o600
    rows = sheets(path)["Payslips"]
    at = {name: rows[0].index(name) for name in ("Worker's name", "ID number", "Card number")}
    cards = {row[at["Card number"]] for row in rows[1:]}
    assert cards <= secrets()
    assert {row[at["ID number"]] for row in rows[1:]} <= secrets()
    assert all(isinstance(card, str) and len(card) == 19 for card in cards), "a text, whole"
    assert ["Purpose", "发放工资条"] in sheets(path)["About this workbook"]
    told = run("--ledger", example, "history", SUBCONTRACTOR, "--kind", "IdentityRevealed")
    assert (told.status, told.out.count("identity revealed")) == (0, 1)


def test_where_the_reveal_cannot_be_recorded_nothing_is_read_or_written(
    run: Run, example: str, tmp_path: Path
) -> None:
    with sqlite3.connect(example.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    path = tmp_path / "slips.csv"
    ran = run("--ledger", example, *SLIPS, *IN_THE_CLEAR, "-o", path)
    assert ran.status != 0
    assert not path.exists()
    assert "Traceback" not in ran.err
    assert not [one for one in secrets() if one in ran.out + ran.err]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--unmasked"], "missing_option"),
        (["--unmasked", "--purpose", "  "], "missing_option"),
        (["--purpose", "x"], "bad_option"),
        (["--unmasked", "--purpose", "a" * 501], "bad_option"),
        (["--unmasked", "--purpose", "a\u202eb"], "bad_option"),
        (["--unmasked", "--purpose", "220202190602040005"], "bad_option"),
    ],
)
def test_an_unmasked_paper_needs_a_purpose_that_the_log_may_keep(
    run: Run, example: str, options: list[str], code: str
) -> None:
    ran = run("--ledger", example, *SLIPS, *options)
    assert (ran.status, ran.err.partition(":")[0], ran.out) == (2, code, "")
    assert "220202190602040005" not in ran.err
    assert reveals(run, example) == []


def test_every_worker_gets_a_workbook_in_a_folder(run: Run, example: str, tmp_path: Path) -> None:
    folder = tmp_path / "工资条"
    for _again in range(2):
        ran = run("--ledger", example, *SLIPS, "-o", folder)
        assert (ran.status, ran.out) == (0, "")
    answer = run("--ledger", example, *SLIPS, "--format", "json").json
    assert {file.name for file in folder.iterdir()} == {
        f"S-2026-04-{number:02}.xlsx" for number in range(1, 41)
    }
    for slip in answer["slips"]:
        paper = sheets(folder / f"S-2026-04-{slip['line']:02}.xlsx")
        facts = {row[0]: row[1] for row in paper["Payslip"]}
        assert facts["Worker"] == slip["worker"]
        for heading, key in (("Net", "net_fen"), ("Paid", "paid_fen"), ("Open", "open_fen")):
            assert facts[heading] == slip[key] / 100
        amounts = [row[4] for row in paper["Payments"][1:]]
        assert amounts == [one["amount_fen"] / 100 for one in slip["payments"]]


def test_a_folder_takes_no_other_format(run: Run, example: str, tmp_path: Path) -> None:
    ran = run("--ledger", example, *SLIPS, "-o", tmp_path, "--format", "csv")
    assert (ran.status, ran.err.partition(":")[0]) == (2, "bad_option")


def test_strips_to_cut_apart_hold_every_slip_with_its_own_headings(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "slips.xlsx"
    assert run("--ledger", example, "--lang", "zh", *SLIPS, "-o", path).status == 0
    answer = run("--ledger", example, "--lang", "en", *SLIPS, "--format", "json").json
    strips = sheets(path)["裁剪用工资条"]
    net, worker = strips[0].index("实发"), strips[0].index("工人")
    assert strips[0::3] == [strips[0]] * 40
    assert [(row[worker], row[net]) for row in strips[1::3]] == [
        (slip["worker"], slip["net_fen"] / 100) for slip in answer["slips"]
    ]


def test_papers_are_read_without_the_key_to_the_vault_and_name_nobody(
    run: Run, example: str
) -> None:
    for file in Path(example.removeprefix("sqlite:///")).parent.iterdir():
        if "key" in file.name or "vault" in file.name:
            shutil.move(file, f"{file}.away")
    shown = run("--ledger", example, *SLIPS, "--format", "json")
    assert shown.status == 0, shown.err
    assert {slip["worker_name"] for slip in shown.json["slips"]} == {None}
    refused = run("--ledger", example, *SLIPS, *IN_THE_CLEAR)
    assert refused.status not in {0, 1}
    assert refused.out == ""


def test_a_proof_needs_the_party_that_it_is_for(run: Run, example: str) -> None:
    ran = run("--ledger", example, "payout", "proof", "B-01")
    assert (ran.status, ran.err.partition(":")[0]) == (2, "missing_option")


def test_a_proof_as_a_workbook_says_what_the_json_says(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "proof.xlsx"
    assert run("--ledger", example, *PROOF, "-o", path).status == 0
    answer = run("--ledger", example, *PROOF, "--format", "json").json
    details = sheets(path)["Details"]
    at = details[0].index("Amount")
    assert [row[at] for row in details[1:]] == [
        line["amount_fen"] / 100 for line in answer["lines"]
    ]
    facts = {row[0]: row[1] for row in sheets(path)["About this workbook"]}
    assert (facts["Settled"], facts["Returned"]) == (342_000.0, 18_000.0)


def test_a_month_statement_as_csv_and_workbook_says_what_the_json_says(
    run: Run, example: str, tmp_path: Path
) -> None:
    words = ("--ledger", example, "project", "statement", "P-2026-001", "--month", "2026-05")
    answer = run(*words, "--format", "json").json
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)))
    assert [(row["account"], row["item"], row["kind"], int(row["amount_fen"])) for row in rows] == [
        (line["account"], line["item"], line["kind"] or "", line["amount_fen"])
        for line in answer["lines"]
    ]
    path = tmp_path / "month.xlsx"
    assert run(*words, "-o", path).status == 0
    book = sheets(path)
    for name, key in (("Accounts", "accounts"), ("Owed to workers", "contractors")):
        for side in ("Opening balance", "Closing balance"):
            at = book[name][0].index(side)
            field = f"{side.split()[0].lower()}_fen"
            assert [row[at] for row in book[name][1:]] == [row[field] / 100 for row in answer[key]]
    amounts = [row[book["Movements"][0].index("Amount")] for row in book["Movements"][1:]]
    assert amounts == [row["amount_fen"] / 100 for row in answer["movements"]]


# -- formulas -------------------------------------------------------------------

EVIL = "=cmd|'/c calc'!A1"


@pytest.fixture
def evil(run: Run, books: str, tmp_path: Path) -> str:
    """A ledger with a party, a note and a worker that spreadsheets would take for formulas."""
    postings: list[dict[str, Any]] = [
        {"kind": "PartyRegistered", "party": CONTRACTOR, "name": EVIL, "note": "+1+1"},
        {"kind": "PartyRegistered", "party": "91220200900000110G", "name": "＝1+1"},
        {"kind": "ProjectRegistered", "project": "-P", "name": "@SUM(A1)", "region": "220200",
         "developer": "91220200900000110G", "general_contractor": CONTRACTOR,
         "contract_price_fen": 1_000_000, "contract_on": "2026-01-10", "starts_on": "2026-01-10",
         "planned_end_on": "2026-12-31", "industry": "building"},
        {"kind": "WageAccountOpened", "project": "-P"},
        {"kind": "WorkerRegistered", "worker": "-7", "name": "示例工", "id_number":
         "220202190602040005"},
        {"kind": "WorkerAssigned", "worker": "-7", "project": "-P", "employer": CONTRACTOR},
        {"kind": "PayrollSubmitted", "project": "-P", "employer": CONTRACTOR, "sheet": "-S",
         "period": "2026-01", "due_on": "2026-02-15", "lines": [{"worker": "-7", "net_fen": 1}]},
        {"kind": "PayrollApproved", "project": "-P", "sheet": "-S"},
    ]  # fmt: skip
    file = tmp_path / "evil.jsonl"
    file.write_text(
        "".join(
            json.dumps({"on": "2026-01-20", "key": f"k{at}", **posting}, ensure_ascii=False) + "\n"
            for at, posting in enumerate(postings)
        ),
        "utf-8",
    )
    ran = run("--ledger", books, "post", file)
    assert ran.status == 0, ran.out + ran.err
    return books


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["party", "list"], [EVIL, "＝1+1"]),
        (["project", "list"], ["-P", "@SUM(A1)"]),
        (["claim", "list"], ["-7", "-P", "-S/1"]),
        (["payroll", "slips", "--", "-S"], ["-7", EVIL, "@SUM(A1)"]),
        (["history", CONTRACTOR], ["-P"]),
        (["events"], []),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_no_name_note_or_reference_becomes_a_formula(
    run: Run, evil: str, tmp_path: Path, words: list[str], texts: list[str]
) -> None:
    shown = run("--ledger", evil, "--format", "csv", *words)
    assert shown.status == 0, shown.err
    rows = list(csv.reader(io.StringIO(shown.out)))
    written = [cell for row in rows for cell in row]
    for cell in written:
        assert cell[:1] not in set("=+-@\t\r＝＋－＠"), cell
    for text in texts:
        assert f"'{text}" in written
    path = tmp_path / "a.xlsx"
    assert run("--ledger", evil, "-o", path, *words).status == 0
    cells = [cell for grid in sheets(path).values() for row in grid for cell in row]
    for text in texts:
        assert text in cells, "its own characters, as a text"


def test_an_inspector_names_the_case_that_a_paper_is_for(
    run: Run, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    made = run("profile", "set", "case-officer", "--role", "inspector")
    assert made.status == 0, made.err
    words = ("--ledger", example, "--profile", "case-officer", *SLIPS, *IN_THE_CLEAR)
    without = run(*words)
    assert (without.status, "case_needed" in without.err) == (4, True)
    unknown = run(*words, "--case", "C-99")
    assert (unknown.status, "unknown_case" in unknown.err) == (5, True)
    shown = run(*words, "--case", "C-01", "--format", "json")
    assert shown.status == 0, shown.err
    assert reveals(run, example)[-1]["fields"]["case"] == "C-01"
    masked = run("--ledger", example, *SLIPS, "--case", "C-01")
    assert (masked.status, "bad_option" in masked.err) == (2, True)
