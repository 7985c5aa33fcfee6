"""Clerks' commands: one posting each, through the same door as a file."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import CONTRACTOR, DEVELOPER, SUBCONTRACTOR, Run

PROJECT = "P-2026-001"


@pytest.fixture
def done(run: Run, example: str) -> Run:
    """Run a command on the worked example, answering in JSON."""

    def on_the_example(*words: object) -> object:
        return run("--ledger", example, *words, "--format", "json")

    return on_the_example  # type: ignore[return-value]


def test_a_small_project_can_be_kept_by_commands_alone(
    run: Run, books: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text('{"worker": "W-1", "net_fen": 900000}\n')
    days = tmp_path / "days.jsonl"
    days.write_text('{"worker": "W-1", "days": 21.5}\n')
    commands: list[list[object]] = [
        ["party", "add", DEVELOPER, "示例开发有限公司", "--on", "2026-01-05"],
        ["party", "add", CONTRACTOR, "示例建筑总承包有限公司", "--on", "2026-01-05"],
        ["party", "add", "--party", SUBCONTRACTOR, "示例劳务", "--on", "2026-01-05"],
        ["party", "rename", SUBCONTRACTOR, "示例劳务分包有限公司", "--on", "2026-01-06"],
        ["project", "open", "P-1", "示例项目", "--region", "220200", "--industry", "building",
         "--developer", DEVELOPER, "--general-contractor", CONTRACTOR, "--contract-price",
         "8,000,000", "--starts-on", "2026-02-01", "--planned-end-on", "2026-12-31",
         "--on", "2026-01-10"],
        ["subcontract", "add", "P-1", SUBCONTRACTOR, "--on", "2026-01-11"],
        ["worker", "add", "W-1", "--name", "示例工人", "--id-number", "220202190601010007",
         "--on", "2026-02-01"],
        ["card", "bind", "W-1", "--card-number", "6200000000000000018", "--on", "2026-02-01"],
        ["worker", "assign", "P-1", SUBCONTRACTOR, "W-1", "--on", "2026-02-01"],
        ["attendance", "import", days, "--project", "P-1", "--employer", SUBCONTRACTOR,
         "--period", "2026-03", "--on", "2026-04-01"],
        ["deposit", "assess", "P-1", "--required", "80,000", "--on", "2026-02-01"],
        ["deposit", "lodge", "P-1", "--amount", "80000.00", "--bank-ref", "D-1", "--on",
         "2026-02-03"],
        ["record", "WageAccountOpened", "--project", "P-1", "--on", "2026-02-03"],
        ["progress", "certify", "P-1", "--period", "2026-03", "--progress", "100000",
         "--labour-cost", "30000", "--due-on", "2026-04-05", "--on", "2026-04-01"],
        ["labour-cost", "transfer", "P-1", "--amount", "30000", "--bank-ref", "L-1", "--on",
         "2026-04-02"],
        ["payroll", "submit", sheet, "--project", "P-1", "--employer", SUBCONTRACTOR, "--sheet",
         "S-1", "--period", "2026-03", "--due-on", "2026-04-15", "--on", "2026-04-03"],
        ["payroll", "approve", "P-1", "S-1", "--on", "2026-04-04"],
        ["payout", "instruct", "P-1", "B-1", "--line", "S-1/1:9000", "--on", "2026-04-05"],
        ["payout", "return", "P-1", "B-1", "--line", "S-1/1:account_frozen", "--on",
         "2026-04-06"],
        ["payout", "instruct", "P-1", "B-2", "--line", "S-1/1:9000", "--on", "2026-04-07"],
        ["payout", "settle", "P-1", "B-2", "--on", "2026-04-08"],
        ["worker", "exit", "P-1", SUBCONTRACTOR, "W-1", "--on", "2026-04-30"],
        ["policy", "set", "220200", "fund.cap_p", "25", "--valid-from", "2026-01-01", "--source",
         "a notice", "--on", "2026-04-30"],
        ["project", "complete", "P-1", "--on", "2026-05-01"],
    ]  # fmt: skip
    for position, words in enumerate(commands, 1):
        ran = run("--ledger", books, *words, "--format", "json")
        assert (ran.status, ran.json["status"], ran.json["position"]) == (
            0, "recorded", position,
        ), (words, ran.err)  # fmt: skip
    (claim,) = run("--ledger", books, "claim", "list", "--format", "json").json["claims"]
    assert (claim["paid_fen"], claim["state"]) == (900_000, "paid")
    assert run("--ledger", books, "check").status == 0


def test_the_same_command_again_answers_with_its_first_position(done: Run) -> None:
    words = ("fund", "appropriate", "220200", "--amount", "1", "--on", "2026-07-01")
    first, second = done(*words), done(*words)
    assert (first.json["status"], second.json["status"]) == ("recorded", "duplicate")
    assert first.json["position"] == second.json["position"] == 213
    assert first.json["key"] == second.json["key"]
    third = done(*words, "--key", "another")
    assert (third.json["status"], third.json["position"]) == ("recorded", 214)


def test_a_derived_key_is_printed_and_a_duplicate_says_how_to_give_one(
    run: Run, example: str
) -> None:
    words = ("--ledger", example, "fund", "appropriate", "220200", "--amount", "1")
    first, second = run(*words), run(*words)
    assert "cli-" in first.out
    assert "--key" not in first.out
    assert "--key" in second.out
    assert second.status == 0


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["fund", "appropriate", "220200", "--amount", "1.234"], 3, "bad_amount"),
        (["fund", "appropriate", "220200", "--amount", "0"], 3, "bad_amount"),
        (["fund", "appropriate", "22020", "--amount", "1"], 3, "bad_id"),
        (["fund", "appropriate", "220200"], 2, "missing_option"),
        (["fund", "appropriate", "220200", "x", "--amount", "1"], 2, "bad_option"),
        (["fund", "appropriate", "999999", "--amount", "1"], 5, "unknown_fund"),
        (["fund", "appropriate", "220200", "--amount", "1", "--on", "2999-01-01"], 7,
         "future_date"),
        (["fund", "appropriate", "220200", "--amount", "1", "--on", "yesterday"], 3, "bad_date"),
        (["fund", "establish", "220200", "--floor", "1"], 6, "fund_exists"),
        (["party", "add", "912202009000001100", "X"], 3, "bad_credit_code"),
        (["party", "add", DEVELOPER, "X"], 6, "party_exists"),
        (["payroll", "approve", PROJECT, "S-2026-03"], 6, "sheet_closed"),
        (["payout", "instruct", PROJECT, "B-9", "--line", "S-2026-03/1:1"], 7, "over_claim"),
        (["payout", "settle", PROJECT, "B-01"], 6, "not_pending"),
        (["reverse", "1", "--reason", "wrong"], 7, "not_reversible"),
        (["reverse", "999", "--reason", "wrong"], 5, "unknown_position"),
        (["claim", "reduce", "S-2026-04/1", "--project", PROJECT, "--amount", "1", "--reason",
          "card 6200000000000000018"], 3, "bad_field"),
        (["worker", "add", "W-9", "--name", "甲", "--id-number", "220202190601010008"], 3,
         "bad_id_number"),
        (["deposit", "release", PROJECT, "--amount", "1", "--notice-posted-on", "2026-01-01"], 2,
         "bad_option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)  # fmt: skip
def test_a_posting_that_does_not_stand_ends_with_its_code_and_status(
    run: Run, example: str, words: list[str], status: int, code: str
) -> None:
    ran = run("--ledger", example, *words)
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith(f"{code}: ")
    assert "6200000000000000018" not in ran.err
    assert "220202190601010008" not in ran.err
    assert run("--ledger", example, "init", "--format", "json").json["position"] == 212


def test_a_refusal_is_also_a_result_for_programs(done: Run) -> None:
    ran = done("payroll", "approve", PROJECT, "S-2026-03")
    assert (ran.status, ran.json["status"], ran.json["code"]) == (6, "refused", "sheet_closed")


def test_a_verb_with_two_kinds_posts_the_one_that_its_options_mean(done: Run) -> None:
    ran = done("deposit", "release", PROJECT, "--notice-posted-on", "2026-05-01")
    assert (ran.json["kind"], ran.json["code"]) == ("DepositReleaseConfirmed", "not_completed")
    ran = done("deposit", "release", PROJECT, "--amount", "1")
    assert (ran.json["kind"], ran.json["code"]) == ("DepositReleased", "no_release_confirmation")


def test_a_dry_run_shows_the_event_and_the_balances_and_records_nothing(
    run: Run, example: str
) -> None:
    words = ("--ledger", example, "fund", "recover", "220200", SUBCONTRACTOR, "--amount", "500")
    shown = run(*words, "--dry-run")
    assert shown.status == 0
    assert "500.00" in shown.out
    assert "7,500.00" in shown.out, "what the debtor still owes the fund"
    told = run(*words, "--dry-run", "--format", "json").json
    assert (told["position"], told["event"]["kind"]) == (None, "AdvanceRecovered")
    assert run("--ledger", example, "init", "--format", "json").json["position"] == 212


def test_identity_can_come_from_standard_input_and_stays_off_the_screen(
    run: Run, books: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("220202190601010007\n"))
    words = ("worker", "add", "W-1", "--name", "示例工人", "--id-number", "-")
    ran = run("--ledger", books, *words, "--dry-run")
    assert ran.status == 0
    assert "220202190601010007" not in ran.out + ran.err
    assert "示例工人" not in ran.out + ran.err


def test_a_document_belongs_to_the_posting(done: Run) -> None:
    ran = done(
        "record", "AdvanceWrittenOff", "--region", "220200", "--debtor", SUBCONTRACTOR, "--amount",
        "1", "--document", f"decision:7-2026:{'ab' * 32}", "--dry-run",
    )  # fmt: skip
    assert ran.json["event"]["document"] == {
        "type": "decision", "number": "7-2026", "sha256": "ab" * 32,
    }  # fmt: skip


def test_nobody_is_asked_where_nobody_sits(run: Run, example: str) -> None:
    ran = run(
        "--ledger", example, "policy", "set", "220200", "fund.cap_p", "25", "--valid-from",
        "2026-01-01", "--source", "a notice",
    )  # fmt: skip
    assert (ran.status, "[y/N]" in ran.err) == (0, False)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_who_sits_at_a_terminal_is_asked_before_a_posting_that_cannot_be_taken_back(
    run: Run, example: str, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    words = ("--ledger", example, "reverse", "212", "--reason", "typing error")
    ran = run(*words)
    assert ran.status == status
    if status:
        assert "not_confirmed: " in ran.err
    assert run("--ledger", example, "init", "--format", "json").json["position"] == (
        212 if status else 213
    )
    if status:
        assert run(*words, "--yes").status == 0


# -- who posts ----------------------------------------------------------------


def test_a_profile_says_who_posts_and_where(
    run: Run, example: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for words in (
        ("profile", "set", "site", "--party", CONTRACTOR, "--role", "G", "--ledger", example),
        ("profile", "set", "city", "--role", "inspector", "--ledger", example),
        ("profile", "use", "city"),
    ):
        assert run(*words).status == 0
    rows = run("profile", "list", "--format", "json").json["profiles"]
    assert [(row["profile"], row["role"], row["default"]) for row in rows] == [
        ("site", "G", False), ("city", "I", True),
    ]  # fmt: skip
    refused = run("fund", "appropriate", "220200", "--amount", "1")
    assert (refused.status, refused.err.partition(":")[0]) == (4, "not_authorised")
    assert run("liability", "--format", "json").json["contractors"]
    other = run("--profile", "site", "party", "add", DEVELOPER, "X")
    assert other.status == 4
    assert run("profile", "remove", "city").status == 0
    assert run("profile", "use", "city").status == 5


@pytest.mark.parametrize(
    "text",
    ["[profiles.a]\nrole = 7\n", "[profiles.a]\nrole = 'chief'\n", "nonsense", "default = 3\n",
     "[profiles.a]\nparty = '91220200900000110X'\n", "[profiles.a]\nsecret = 'x'\n"],
)  # fmt: skip
def test_settings_that_are_not_right_are_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "wageledger").mkdir()
    (tmp_path / "wageledger" / "profiles.toml").write_text(text)
    ran = run("liability", "--profile", "a")
    assert (ran.status, ran.err.partition(":")[0]) == (2, "bad_profile")


def test_a_profile_keeps_no_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ran = run("profile", "set", "a", "--ledger", "postgresql://a:s3cret@host/db")
    assert (ran.status, ran.err.partition(":")[0]) == (2, "password_in_url")
    assert not list(tmp_path.rglob("*.toml"))


def test_the_ledger_is_chosen_by_option_then_environment_then_profile_then_data_folder(
    run: Run, example: str, books: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def position(*options: str) -> int:
        return int(run(*options, "init", "--format", "json").json["position"])

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert position() == 0
    assert (tmp_path / "data" / "wageledger" / "ledger.db").is_file()
    assert run("profile", "set", "a", "--ledger", example).status == 0
    assert position() == 212
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    monkeypatch.setenv("WAGELEDGER_URL", empty)
    assert position() == 0
    assert position("--ledger", example) == 212
    assert books


# -- payroll ------------------------------------------------------------------


def test_a_sheet_is_checked_before_it_is_posted_row_by_row(
    run: Run, example: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    lines = [
        {"worker": "S001", "net_fen": 900000},
        {"worker": "S002", "net_fen": 900000},
        {"worker": "S-unknown", "net_fen": 5},
        {"worker": "G001", "net_fen": 5},
    ]
    sheet.write_text("\n".join(json.dumps(line) for line in lines))
    words = ("payroll", "check", sheet, "--project", PROJECT, "--employer", SUBCONTRACTOR,
             "--period", "2026-05", "--format", "json")  # fmt: skip
    ran = run("--ledger", example, *words)
    assert ran.status == 3
    assert (ran.json["rows"], ran.json["net_sum_fen"]) == (4, 1_800_010)
    told = [(p["row"], p["column"], p["code"], p["severity"]) for p in ran.json["problems"]]
    assert told == [
        (3, "worker", "unknown_worker", "error"), (4, "worker", "not_assigned", "error"),
        (None, "", "attendance_missing", "warning"),
    ]  # fmt: skip
    sheet.write_text("\n".join(json.dumps(line) for line in lines[:2]))
    ran = run("--ledger", example, *words)
    assert (ran.status, [p["code"] for p in ran.json["problems"]]) == (0, ["attendance_missing"])
    assert run("--ledger", example, "init", "--format", "json").json["position"] == 212


def test_without_a_project_only_the_form_of_a_sheet_is_checked(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text(
        '{"worker": "W-1", "net_fen": 100}\n'
        '{"worker": "W-1", "net_fen": 100}\n'
        '{"worker": "W 2", "net_fen": 1.5, "extra": 1}\n'
        '{"worker": "W-3", "net_fen": 90, "gross_fen": 100, "deductions_fen": 5}\n'
        "{\n"
    )
    ran = run("payroll", "check", sheet, "--format", "json")
    assert ran.status == 3
    told = {(p["row"], p["column"], p["code"]) for p in ran.json["problems"]}
    assert told == {
        (2, "worker", "duplicate_worker"), (3, "worker", "bad_id"), (3, "net_fen", "bad_amount"),
        (3, "extra", "bad_field"), (4, "net_fen", "line_arithmetic"), (5, "", "bad_json"),
    }  # fmt: skip


def test_a_sheet_with_bad_rows_lists_them_all_and_is_not_submitted(
    run: Run, example: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text('{"worker": "S001"}\n{"worker": "S002", "net_fen": "5"}\n')
    words = ("payroll", "submit", sheet, "--project", PROJECT, "--employer", SUBCONTRACTOR,
             "--sheet", "S-9", "--period", "2026-05", "--due-on", "2026-06-15")  # fmt: skip
    ran = run("--ledger", example, *words)
    assert ran.status == 3
    assert f"{sheet}:1: bad_field: " in ran.err
    assert f"{sheet}:2: bad_amount: " in ran.err
    sheet.write_text('{"worker": "S001"\n[]\n')
    ran = run("--ledger", example, *words)
    assert ran.status == 3
    assert f"{sheet}:1:18: bad_json: " in ran.err
    assert f"{sheet}:2: bad_json: " in ran.err


def test_a_batch_can_be_made_of_what_is_free_on_a_sheet(
    run: Run, example: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text('{"worker": "G001", "net_fen": 100}\n{"worker": "G002", "net_fen": 250}\n')
    asked = ("--ledger", example, "--format", "json")
    month = ("--project", PROJECT, "--employer", CONTRACTOR, "--period", "2026-05")
    assert run(*asked, "payroll", "submit", sheet, *month, "--sheet", "G-9", "--due-on",
               "2026-06-30", "--on", "2026-06-16").status == 0  # fmt: skip
    assert run(*asked, "payroll", "approve", PROJECT, "G-9", "--on", "2026-06-16").status == 0
    words = (*asked, "payout", "instruct", PROJECT, "B-9", "--sheet", "G-9", "--on", "2026-06-17")
    told = run(*words, "--dry-run").json
    assert told["event"]["fields"] | {"project": PROJECT} == {
        "project": PROJECT, "batch": "B-9", "total_fen": 350, "count": 2,
    }  # fmt: skip
    assert run(*words).status == 0
    again = run(*asked, "payout", "instruct", PROJECT, "B-10", "--sheet", "G-9")
    assert (again.status, again.err.partition(":")[0]) == (3, "empty_lines")


def test_options_may_be_written_as_the_fields_are(done: Run) -> None:
    ran = done(
        "record", "FundAppropriated", "--region", "220200", "--amount_fen", "100", "--dry_run"
    )
    assert ran.json["event"]["fields"]["amount_fen"] == 100
    ran = done("labour_cost", "transfer", PROJECT, "--amount", "1", "--bank_ref", "X-1")
    assert (ran.status, ran.json["status"]) == (0, "recorded")
