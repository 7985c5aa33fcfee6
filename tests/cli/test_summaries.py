"""Summaries and rules in the reader's language; programs get them as they always were."""

import json
from collections.abc import Iterator

import pytest

from cli import messages
from cli.names import RULES
from cli.summaries import summary
from projections.queries import explain
from projections.queries.explaining import Rule
from tests.cli.conftest import CONTRACTOR, Run


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    messages.use_language("zh")
    yield
    messages.use_language("en")


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("PayrollApproved", "sheet S-1", "工资支付表 S-1"),
        ("PayrollReturned", "reason 与 sheet 不符 sheet S-1", "原因 与 sheet 不符, 工资支付表 S-1"),
        ("PayrollReturned", "reason the worker left sheet S-1",
         "原因 the worker left, 工资支付表 S-1"),
        ("PayrollReturned", "reason a\nb sheet S-1", "原因 a\nb, 工资支付表 S-1"),
        ("PartyRegistered", "name 示例 有限 公司", "名称 示例 有限 公司"),
        ("Reversed", "reason 重复 reverses 12", "原因 重复, 冲正序号 12"),
        ("CaseOpened", "case C-1 employer E source complaint",
         "案件 C-1, 用人单位 E, 依据 举报投诉"),
        ("IdentityRevealed", "purpose 发 工资条 sheet S-1", "用途 发 工资条, 工资支付表 S-1"),
        ("PayrollApproved", "", ""),
        ("PayrollApproved", "something else", "something else"),
        ("KindOfTomorrow", "new words", "new words"),
    ],
)  # fmt: skip
def test_a_summary_is_told_with_the_headings_of_a_table(kind: str, text: str, told: str) -> None:
    assert summary(kind, text) == told


def test_no_field_of_a_summary_stays_english_in_chinese(run: Run, example: str) -> None:
    words = ("--ledger", example, "history", CONTRACTOR)
    told = run(*words, "--lang", "zh", "--format", "table").out
    plain = run(*words, "--lang", "zh", "--format", "json").json["events"]
    for field in (
        "due_on",
        "employer",
        "period",
        "sheet",
        "worker",
        "case",
        "batch",
        "deadline_on",
    ):
        assert any(f"{field} " in event["summary"] for event in plain), field
        assert f"{field} " not in told


def test_a_program_gets_the_same_words_in_every_language(run: Run, example: str) -> None:
    for words in (["history", CONTRACTOR], ["explain", CONTRACTOR, "deposit_shortfall"]):
        for form in ("json", "jsonl", "csv"):
            chinese, english = (
                run("--ledger", example, "--lang", language, *words, "--format", form).out
                for language in ("zh", "en")
            )
            assert chinese == english


def test_every_rule_of_explain_has_its_name() -> None:
    assert {rule.value for rule in Rule} == RULES
    assert all(messages.translator("zh").gettext(rule) != rule for rule in RULES)


@pytest.mark.parametrize("component", explain.COMPONENTS)
def test_no_rule_or_account_of_explain_stays_english_in_chinese(
    run: Run, example: str, component: str
) -> None:
    for party in (CONTRACTOR, "9122020090000033XP"):
        words = ("--ledger", example, "explain", party, component, "--as-of", "2026-05-30")
        lines = json.loads(run(*words, "--format", "json").out)["lines"]
        told = run(*words, "--lang", "zh").out
        for line in lines:
            assert line["rule"] not in told
            assert line["account"] not in told
