"""A bank's list of receipts answers a batch: whom each row is about is found by card."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLE, Ran, Run
from tests.cli.test_payout_import import instructed, lines
from tests.ledger.intake.books import text, workbook

HEADINGS = ["序号", "收款账号", "收款户名", "金额（元）", "交易日期", "交易状态", "失败原因"]
DAY = "2026-04-13"


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


def cards() -> list[str]:
    """The card of every line of B-01, in its order."""
    postings = [json.loads(line) for line in EXAMPLE.read_text("utf-8").splitlines()]
    of_worker = {each["worker"]: each["card_number"] for each in postings
                 if each["kind"] == "CardBound"}  # fmt: skip
    sheets = {each["sheet"]: each["lines"] for each in postings
              if each["kind"] == "PayrollSubmitted"}  # fmt: skip
    batch = next(each for each in postings if each["kind"] == "PayoutInstructed")
    named = [line["claim"].rpartition("/") for line in batch["lines"]]
    return [of_worker[sheets[sheet][int(at) - 1]["worker"]] for sheet, _, at in named]


def row(
    line: int, result: str = "交易成功", reason: str = "", *, yuan: str = "", card: str = ""
) -> list[object]:
    amount = yuan or ("8000" if line <= 10 else "9000.00")
    return [line, card or cards()[line - 1], "示例工", amount, DAY, result, reason]


def take(run: Run, url: str, rows: Sequence[Sequence[object]], *words: object) -> Ran:
    file = Path.cwd() / "receipts.xlsx"
    file.write_bytes(workbook(rows))
    return run(
        "--ledger", url, "payout", "import", file, "--batch", "B-01", *words, "--format", "json"
    )


def test_a_list_of_receipts_is_booked_by_card_and_only_once(run: Run, waiting: str) -> None:
    yuan = str(sum(8000 if line <= 10 else 9000 for line in range(1, 43)))
    rows: list[list[object]] = [
        ["代发工资回单"], [*HEADINGS],
        *[row(line) for line in range(1, 40)],
        row(40, "交易失败", "收款人户名不符"), row(41, "退票", "账户已销户"), row(42, "处理中"),
        ["合计", "", "", yuan, "", "", ""],
    ]  # fmt: skip

    first = take(run, waiting, rows)

    assert first.status == 0, first.err
    assert [first.json[name] for name in ("settled_count", "returned_count", "pending_count")] == [
        39, 2, 1,
    ]  # fmt: skip
    assert {one["on"] for one in first.json["postings"]} == {DAY}
    shown = lines(run, waiting)
    assert {shown[line][0] for line in range(1, 40)} == {"settled"}
    assert [shown[line][0] for line in (40, 41, 42)] == ["returned", "returned", "pending"]
    listed = run("--ledger", waiting, "payout", "show", "B-01", "--format", "json").json["lines"]
    assert [listed[at]["code"] for at in (39, 40)] == ["name_mismatch", "account_closed"]

    again = take(run, waiting, rows)

    assert again.status == 0, again.err
    assert {one["status"] for one in again.json["postings"]} == {"duplicate"}
    assert again.json["repeated_count"] == 41

    late = take(run, waiting, [HEADINGS, row(3, "退汇", "账户冻结")], "--on", "2026-04-15")

    assert (late.status, late.json["late_count"]) == (0, 1)
    assert lines(run, waiting)[3][0] == "returned"
    for said in (first, again, late):
        assert cards()[0] not in said.out + said.err


def test_text_of_another_encoding_and_without_results_is_a_proof_of_payment(
    run: Run, small: str
) -> None:
    file = Path.cwd() / "receipts.csv"
    rows = [["卡号", "金额", "流水号"], [cards()[0], "8000.00", "L1"], [cards()[10], "9000", "L2"]]
    file.write_bytes(text(rows).encode("gb18030"))
    words = ("--ledger", small, "payout", "import", file, "--on", DAY, "--format", "json")

    assert run(*words).status == 2
    assert "--batch" in run(*words).err
    booked = run(*words, "--batch", "B-01")

    assert (booked.status, booked.json["settled_count"]) == (0, 2)


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        (row(12, yuan="8999.99"), 3, "answer_amount_differs"),
        (row(12, "在查询"), 3, "bad_answer_line"),
        (row(12, card="6212345678"), 5, "unknown_reference"),
        ([12, "", "示例工", "9000", DAY, "成功", ""], 3, "bad_answer_line"),
        (row(12, yuan="很多"), 3, "bad_amount"),
        (["合计", "", "", "1", "", "", ""], 3, "total_differs"),
    ],
)
def test_what_does_not_fit_is_named_with_its_row_and_nothing_is_shown_of_a_card(
    run: Run, small: str, wrong: list[object], status: int, code: str
) -> None:
    refused = take(run, small, [HEADINGS, row(11), wrong])

    assert refused.status == status, refused.err
    assert code in refused.err
    assert "receipts.xlsx:3" in refused.err
    assert cards()[11] not in refused.err + refused.out
    settled = lines(run, small)[11][0] == "settled"
    assert settled is (code == "unknown_reference")


def test_a_workbook_that_is_no_list_of_receipts_is_refused_by_name(run: Run, small: str) -> None:
    refused = take(run, small, [["项目", "备注"], ["a", "b"]])
    assert (refused.status, "bad_answer_file" in refused.err) == (3, True)
