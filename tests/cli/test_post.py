"""Posting files: what comes in broken is said line by line, and nothing is half-written."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONTRACTOR, DEVELOPER, EXAMPLE, Run

RESULT = ["line", "key", "kind", "status", "position", "code", "message", "warnings"]


def party(key: str, code: str = DEVELOPER, name: str = "示例开发有限公司") -> dict[str, Any]:
    return {"kind": "PartyRegistered", "on": "2026-01-10", "key": key, "party": code, "name": name}


def text_of(*postings: object) -> str:
    return "".join(
        f"{posting if isinstance(posting, str) else json.dumps(posting)}\n" for posting in postings
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "postings.jsonl"


def test_every_posting_of_a_file_has_its_result(run: Run, books: str, file: Path) -> None:
    other = party("k1", name="另一个名字")
    file.write_text(text_of(party("k1"), party("k1"), other, {**party("k2"), "party": "X"}))

    ran = run("--ledger", books, "post", file, "--format", "jsonl")

    assert [list(result) for result in ran.lines] == [RESULT] * 4
    told = [(r["line"], r["key"], r["status"], r["position"], r["code"]) for r in ran.lines]
    assert told == [
        (1, "k1", "recorded", 1, None),
        (2, "k1", "duplicate", 1, None),
        (3, "k1", "refused", None, "key_reused"),
        (4, "k2", "invalid", None, "bad_credit_code"),
    ]
    assert ran.status == 3, "the lowest status of what failed"
    assert "4 postings: 1 recorded, 1 duplicate, 1 refused, 1 invalid" in ran.err


def test_a_table_lists_only_what_a_clerk_must_look_at(run: Run, books: str, file: Path) -> None:
    file.write_text(text_of(party("k1"), '{"kind":', party("k2", "X")))

    ran = run("--ledger", books, "post", file)

    assert ran.status == 3
    assert f"{file}:2:9: bad_json: " in ran.out
    assert f"{file}:3: bad_credit_code: " in ran.out
    assert f"{file}:1" not in ran.out


def test_a_clean_file_ends_with_status_0_and_posted_again_in_duplicates(
    run: Run, books: str
) -> None:
    ran = run("--ledger", books, "post", EXAMPLE)
    assert ran.status == 0
    assert f"{EXAMPLE}:201: warning no_local_value: " in ran.out
    assert len(ran.out.splitlines()) == 2, "a warning and what to do; nothing of the rest"
    assert "212 postings: 212 recorded" in ran.err
    again = run("--ledger", books, "post", EXAMPLE)
    assert (again.status, again.out) == (0, "")
    assert "212 duplicate" in again.err


def test_lines_keep_their_numbers_when_others_are_empty(run: Run, books: str, file: Path) -> None:
    file.write_bytes(
        b"\xef\xbb\xbf" + json.dumps(party("k1")).encode() + b"\r\n\r\n\n"
        + json.dumps(party("k2", CONTRACTOR, "B")).encode()
    )  # fmt: skip
    ran = run("--ledger", books, "post", file, "--format", "jsonl")
    assert [(r["line"], r["status"]) for r in ran.lines] == [(1, "recorded"), (4, "recorded")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"kind": "PartyRegistered", "on": "2026-01', "bad_json"),
        ("[]", "bad_json"),
        ("\x00", "bad_json"),
        ('{"kind": "PartyRegistered", "kind": "PartyRegistered"}', "bad_json"),
        ('{"kind": "Nothing"}', "bad_kind"),
        ('{"kind": NaN}', "bad_json"),
        ("[" * 100_000, "bad_json"),
        ('{"a": ' * 100_000, "bad_json"),
        ('{"kind": "PartyRegistered", "x": ' + "9" * 100_000 + "}", "bad_json"),
        (text_of({**party("k"), "name": "a\u202eb"}), "bad_field"),
        (text_of({**party("k"), "name": "a\x00b"}), "bad_field"),
        (text_of({**party("k"), "note": "x" * 1_000_000}), "bad_field"),
        (text_of({**party("k"), "extra": 1}), "bad_field"),
        (text_of({**party("k"), "name": 5}), "bad_field"),
        (text_of({"kind": "FundAppropriated", "on": "2026-01-10", "key": "k",
                  "region": "220200", "amount_fen": 1.5}), "bad_amount"),
        (text_of({"kind": "FundAppropriated", "on": "2026-01-10", "key": "k",
                  "region": "220200", "amount_fen": "15"}), "bad_amount"),
        (text_of({"kind": "FundAppropriated", "on": "2026-01-10", "key": "k",
                  "region": "220200", "amount_fen": 10**18}), "bad_amount"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_broken_line_is_invalid_and_the_others_are_recorded(
    run: Run, books: str, file: Path, line: str, code: str
) -> None:
    file.write_text(text_of(party("before"), line.strip("\n"), party("after", CONTRACTOR, "B")))

    ran = run("--ledger", books, "post", file, "--format", "jsonl")

    assert [result["status"] for result in ran.lines] == ["recorded", "invalid", "recorded"]
    assert ran.lines[1]["code"] == code
    assert len(ran.lines[1]["message"]) < 1000
    assert ran.status == 3


def test_with_atomic_one_bad_line_leaves_nothing_behind(run: Run, books: str, file: Path) -> None:
    file.write_text(text_of(party("k1"), "{}", party("k2", CONTRACTOR, "B")))

    ran = run("--ledger", books, "post", "--atomic", file, "--format", "jsonl")

    assert [result["code"] for result in ran.lines] == ["rolled_back", "bad_kind", "rolled_back"]
    assert ran.status == 3
    assert run("--ledger", books, "init", "--format", "json").json["position"] == 0


def test_a_dry_run_shows_what_would_be_recorded_and_records_nothing(
    run: Run, example: str, file: Path
) -> None:
    file.write_text(
        text_of({"kind": "FundAppropriated", "on": "2026-07-01", "key": "dry",
                 "region": "220200", "amount_fen": 100})
    )  # fmt: skip

    (result,) = run("--ledger", example, "post", "--dry-run", file, "--format", "jsonl").lines

    assert (result["status"], result["position"]) == ("recorded", None)
    assert result["event"]["fields"]["amount_fen"] == 100
    cash = [one for one in result["balances"] if one["account"] == "cash"]
    assert [one["balance_fen"] for one in cash] == [99_200_100]
    assert run("--ledger", example, "init", "--format", "json").json["position"] == 212


def test_a_report_holds_every_result_whatever_is_shown(
    run: Run, books: str, file: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    file.write_text(text_of(party("k1"), "{}"))

    ran = run("--ledger", books, "post", file, "--report", report, "--quiet")

    results = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert [result["status"] for result in results] == ["recorded", "invalid"]
    assert "postings" not in ran.err


@pytest.mark.parametrize("chosen", ["json", "csv"])
def test_results_are_one_document_in_the_other_formats(
    run: Run, books: str, file: Path, chosen: str
) -> None:
    file.write_text(text_of(party("k1"), party("k2", CONTRACTOR, "B")))
    ran = run("--ledger", books, "post", file, "--format", chosen)
    if chosen == "json":
        assert [result["position"] for result in ran.json] == [1, 2]
    else:
        assert [line.split(",")[:4] for line in ran.out.splitlines()] == [
            RESULT[:4], ["1", "k1", "PartyRegistered", "recorded"],
            ["2", "k2", "PartyRegistered", "recorded"],
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 3, "empty_file"), (b"\n\n", 3, "empty_file"),
     ('{"a":1}'.encode("utf-16"), 3, "bad_encoding")],
)  # fmt: skip
def test_a_file_without_a_posting_is_said(
    run: Run, books: str, file: Path, content: bytes, status: int, code: str
) -> None:
    file.write_bytes(content)
    ran = run("--ledger", books, "post", file)
    assert (ran.status, ran.err.partition(":")[0]) == (status, code)


def test_a_missing_ledger_is_named_with_its_command_and_not_created(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    ran = run("--ledger", sqlite_url, "post", EXAMPLE)
    assert ran.status == 5
    assert "no_ledger" in ran.err
    assert sorted(tmp_path.iterdir()) == before


def test_the_summary_counts_in_the_language_of_the_reader(run: Run, books: str, file: Path) -> None:
    file.write_text(text_of(party("k1"), "{}"))
    ran = run("--lang", "zh", "--ledger", books, "post", file)
    assert "bad_kind" in ran.out, "codes are never translated"
    assert "postings" not in ran.err


# -- as its users run it ------------------------------------------------------


def test_postings_can_come_from_standard_input(console: Run) -> None:
    url = "sqlite:///t.db"
    assert console("--ledger", url, "init").status == 0
    ran = console(
        "--ledger", url, "post", "-", "--format", "jsonl", given=text_of(party("k1")).encode()
    )
    assert (ran.status, ran.lines[0]["status"]) == (0, "recorded")
    atomic = console(
        "--ledger", url, "post", "-", "--atomic", given=text_of(party("k1"), "{}").encode()
    )
    assert atomic.status == 3
    assert "<stdin>:2: bad_kind" in atomic.out


def test_a_reader_that_goes_away_is_not_an_error_of_the_program(
    console: Run, tmp_path: Path
) -> None:
    del console
    import subprocess  # noqa: PLC0415 - a pipe between two programs

    from tests.cli.conftest import CONSOLE, clean_environment  # noqa: PLC0415

    subprocess.run(
        [str(CONSOLE), "--ledger", "sqlite:///t.db", "init"], cwd=tmp_path, check=True,
        capture_output=True, env=clean_environment(),
    )  # fmt: skip
    done = subprocess.run(
        ["/bin/sh", "-c",
         f"{CONSOLE} --ledger sqlite:///t.db post {EXAMPLE} --format jsonl | head -n 1"],
        cwd=tmp_path, capture_output=True, check=False, env=clean_environment(),
    )  # fmt: skip
    assert json.loads(done.stdout)["line"] == 1
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr
