"""`payout import`: what the bank says, booked whole and once; what it does not know, said."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CONTRACTOR, EXAMPLE, SUBCONTRACTOR, Ran, Run
from tests.ledger.banking.reports import Line, report

AT = 182
"""Position of batch B-01: line 1 to 10 pay 8,000, line 11 to 50 pay 9,000 yuan."""

ACCEPTED: list[Line] = [
    *[(line, "ACSC") for line in range(1, 40)],
    (40, "RJCT", "AC04", "9000.00"), (41, "RJCT", "BE01"), (42, "PDNG"), (43, "ACSP"),
]  # fmt: skip


def instructed(run: Run, url: str) -> str:
    """A ledger that holds the worked example up to the instruction of B-01."""
    assert run("--ledger", url, "init").status == 0
    part = Path.cwd() / "first.jsonl"
    part.write_text("\n".join(EXAMPLE.read_text("utf-8").splitlines()[:AT]), "utf-8")
    assert run("--ledger", url, "post", part, "--quiet").status == 0
    return url


@pytest.fixture
def waiting(run: Run, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger in which B-01 waits for the bank, once on each database."""
    monkeypatch.chdir(tmp_path)
    return instructed(run, ledger_url)


@pytest.fixture
def small(run: Run, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same on SQLite alone."""
    monkeypatch.chdir(tmp_path)
    return instructed(run, sqlite_url)


def take(run: Run, url: str, raw: bytes, *words: object) -> Ran:
    file = Path.cwd() / "answer.xml"
    file.write_bytes(raw)
    return run("--ledger", url, "payout", "import", file, *words, "--format", "json")


def position(run: Run, url: str) -> int:
    return int(run("--ledger", url, "payout", "show", "B-01", "--format", "json").json["position"])


def lines(run: Run, url: str) -> dict[int, tuple[str, str | None, bool]]:
    shown = run("--ledger", url, "payout", "show", "B-01", "--format", "json").json
    return {one["line"]: (one["state"], one["bank_code"], one["late"]) for one in shown["lines"]}


def test_a_month_of_answers_is_booked_line_by_line_and_each_once(run: Run, waiting: str) -> None:
    first = take(run, waiting, report(AT, ACCEPTED))

    assert first.status == 0, first.err
    assert first.json["settled_count"] == 39
    assert first.json["returned_count"] == first.json["pending_count"] == 2
    assert [(one["kind"], one["status"], one["amount_fen"]) for one in first.json["postings"]] == [
        ("PayoutSettled", "recorded", 34_100_000), ("PayoutReturned", "recorded", 1_800_000),
    ]  # fmt: skip
    after = position(run, waiting)

    again = take(run, waiting, report(AT, ACCEPTED))

    assert again.status == 0
    assert [(one["status"], one["position"], one["count"]) for one in again.json["postings"]] == [
        ("duplicate", 183, 39), ("duplicate", 184, 2),
    ]  # fmt: skip
    assert position(run, waiting) == after

    late = report(
        AT, [(1, "RJCT", "AC06"), (2, "RJCT"), (42, "ACCC")], created="2026-04-13T09:00:00+08:00"
    )
    third = take(run, waiting, late)

    assert (third.status, third.json["late_count"]) == (0, 2)
    shown = lines(run, waiting)
    assert shown[1] == ("returned", "AC06", True)
    assert shown[2] == ("returned", None, True)
    assert shown[3] == shown[42] == ("settled", None, False)
    assert shown[40] == ("returned", "AC04", False)
    assert shown[43] == ("pending", None, False)
    assert take(run, waiting, report(AT, ACCEPTED)).json["repeated_count"] == 41
    assert take(run, waiting, late).json["repeated_count"] == 3
    for guard in ("check", "verify"):
        assert run("--ledger", waiting, guard).status == 0


def test_one_wrong_amount_refuses_the_whole_file(run: Run, waiting: str) -> None:
    before = position(run, waiting)
    wrong = [*ACCEPTED, (44, "ACSC", None, "8999.99"), (45, "ACSC", None, "9000.01")]

    ran = take(run, waiting, report(AT, wrong))

    assert (ran.status, ran.out) == (3, "")
    named = [line.split(": ")[:2] for line in ran.err.splitlines() if "answer.xml" in line]
    assert [(place.rpartition(":")[2], code) for place, code in named] == [
        ("44", "answer_amount_differs"), ("45", "answer_amount_differs"),
    ]  # fmt: skip
    assert position(run, waiting) == before


def test_what_is_not_of_this_ledger_is_listed_and_the_rest_is_booked(run: Run, small: str) -> None:
    ran = take(run, small, report(AT, [("NOTPROVIDED", "ACSC"), (1, "ACSC"), ("X-9", "RJCT")]))

    assert ran.status == 5
    assert ran.json["settled_count"] == 1
    assert ran.json["unknown"] == [
        {"row": 1, "reference": "NOTPROVIDED"}, {"row": 3, "reference": "X-9"},
    ]  # fmt: skip
    assert ran.err.count("unknown_reference") == 2
    assert lines(run, small)[1][0] == "settled"


def test_a_dry_run_shows_and_records_nothing(run: Run, small: str) -> None:
    before = position(run, small)
    ran = take(run, small, report(AT, ACCEPTED), "--dry-run")
    assert (ran.status, ran.json["settled_count"]) == (0, 39)
    assert [one["position"] for one in ran.json["postings"]] == [None, None]
    assert position(run, small) == before


def test_a_line_that_came_back_is_not_settled_by_a_later_file(run: Run, small: str) -> None:
    assert take(run, small, report(AT, [(1, "RJCT", "AC04")])).status == 0
    before = position(run, small)

    ran = take(run, small, report(AT, [(2, "ACSC"), (1, "ACSC")]))

    assert ran.status == 6
    assert ran.err.startswith(f"{Path.cwd()}/answer.xml:2: not_pending")
    assert position(run, small) == before


def test_an_answer_from_before_the_instruction_is_refused_whole(run: Run, small: str) -> None:
    raw = report(AT, ACCEPTED, created="2026-04-01T10:00:00+08:00")
    before = position(run, small)

    ran = take(run, small, raw)

    assert ran.status == 7
    assert "before_cause" in ran.err
    assert position(run, small) == before
    assert take(run, small, raw, "--on", "2026-04-12").status == 0


@pytest.mark.parametrize(
    ("role", "party", "status"),
    [("bank", SUBCONTRACTOR, 0), ("general_contractor", CONTRACTOR, 4)],
)
def test_only_the_bank_says_that_money_arrived(
    run: Run, small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    role: str, party: str, status: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    assert run("profile", "set", "me", "--party", party, "--role", role).status == 0
    ran = take(run, small, report(AT, ACCEPTED), "--profile", "me")
    assert ran.status == status
    assert lines(run, small)[1][0] == ("pending" if status else "settled")


def test_the_batch_that_is_named_is_the_only_one_expected(
    run: Run, example: str, tmp_path: Path
) -> None:
    raw = report(AT, [(1, "ACSC")])
    file = tmp_path / "answer.xml"
    file.write_bytes(raw)
    words = ("--ledger", example, "payout", "import", file, "--format", "json")

    other = run(*words, "--batch", "B-02")
    unknown = run(*words, "--batch", "B-99")

    assert (other.status, other.json["unknown"]) == (
        5, [{"row": 1, "reference": "WL19B182L1"}]
    )  # fmt: skip
    assert unknown.status == 5
    assert unknown.err.startswith("unknown_batch")


def test_results_of_a_layout_are_recognised_and_booked(
    run: Run, small: str, tmp_path: Path
) -> None:
    text = (
        "TRXSEQ,ACCNAM,TRSAMT,STSCOD,ERRCOD,TRSDSP\r\n"
        "1,示例工人01,8000.00,S,,WL19B182L1\r\n2,示例工人02,8000.00,F,AC04,WL89B182L2\r\n"
    )
    file = tmp_path / "回盘.csv"
    file.write_bytes(text.encode("gb18030"))
    words = ("--ledger", small, "payout", "import", file, "--on", "2026-04-12", "--format", "json")

    ran = run(*words)
    again = run(*words, "--layout", "csv:cmb-n03010")

    assert (ran.status, ran.json["settled_count"], ran.json["returned_count"]) == (0, 1, 1)
    assert (again.status, again.json["repeated_count"]) == (0, 2)
    assert "示例工人" not in ran.out + ran.err
    shown = run("--ledger", small, "events", "--format", "jsonl").lines
    assert shown[-1]["document"]["type"] == "csv:cmb-n03010"
    assert "示例工人" not in json.dumps(shown[-2:], ensure_ascii=False)


CAMT = (
    b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
    b"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-04-11T10:00:00</CreDtTm></GrpHdr>"
    b"</BkToCstmrStmt></Document>"
)


@pytest.mark.parametrize(
    ("raw", "words", "status", "code"),
    [
        (b"", (), 3, "bank_file_empty"),
        (b"  \n", (), 3, "bank_file_empty"),
        (CAMT, (), 3, "bad_answer_file"),
        (b"<html><body>login</body></html>", (), 3, "bad_answer_file"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", (), 3, ""),
        (report(AT, [(1, "ACSC")])[:-40], (), 3, ""),
        (b"a,b\n1,2\n", (), 3, "bad_answer_file"),
        (b"a,b\n1,2\n", ("--layout", "csv:cmb-n03010"), 3, "bad_answer_file"),
        (b"a,b\n1,2\n", ("--layout", "csv:uae-wps-sif"), 2, "bad_option"),
        (b"a,b\n1,2\n", ("--layout", "csv:nobank"), 5, "unknown_layout"),
        (report(AT, [(1, "ACSC")]), ("--on", "11.4.2026"), 2, "bad_option"),
        (report(AT, [(1, "ACSC")]), ("--on", "2099-01-01"), 7, "future_date"),
    ],
)
def test_a_wrong_file_is_told_as_such_and_books_nothing(
    run: Run, small: str, raw: bytes, words: tuple[str, ...], status: int, code: str
) -> None:
    before = position(run, small)
    ran = take(run, small, raw, *words)
    assert ran.status == status, ran
    assert code in ran.err
    assert "Traceback" not in ran.err
    assert position(run, small) == before


def test_the_screens_speak_both_languages(run: Run, small: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(report(AT, ACCEPTED))
    chinese = run("--ledger", small, "payout", "import", file, "--dry-run", "--lang", "zh")
    english = run("--ledger", small, "payout", "import", file, "--dry-run")
    assert "代发成功" in chinese.out
    assert "settled_count" not in english.out + chinese.out
    assert "341,000.00" in english.out
