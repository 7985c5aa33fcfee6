"""`wageledger demo` shows a newcomer a whole city, the same one to everybody who asks the same."""

import io
import json
import tempfile
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.app import App
from cli.demo.playing import own_ledger
from cli.demo.showing import page
from cli.demo.story import DUPLICATE, RECORDED, Step
from cli.demo.telling import tell
from cli.messages import Language, use_language
from cli.output import Printer
from cli.program import Choices
from cli.widths import cells
from ledger.kernel.identifiers import birth_date_of, credit_code_ok, luhn_ok, resident_id_problem
from tests.cli.conftest import CONTRACTOR, Ran, Run
from tests.model.plain_model import PlainModel

AS_OF = "2026-03-17"
STORY_ENDS = "2026-02-28"


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return list(tell(1, date.fromisoformat(AS_OF)).steps())


def of_kind(steps: list[Step], kind: str) -> list[dict[str, Any]]:
    return [
        step.posting for step in steps if step.posting["kind"] == kind and step.expected == RECORDED
    ]


def shown(folder: Path, *options: str) -> Ran:
    """Show a city whose own folder is made below a folder."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(tempfile, "tempdir", str(folder))
        status = main.run(list(options))
    return Ran(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What the command answers to a program."""
    answer = shown(tmp_path_factory.mktemp("city"), "demo", "--as-of", AS_OF, "--format", "json")
    assert answer.status == 0, answer.err
    return answer


def told(answer: Ran) -> dict[str, Any]:
    """An answer without the place and the time of its recording."""
    document: dict[str, Any] = answer.json
    del document["ledger"]
    for event in document["events"]:
        del event["recorded_at"]
    return document


# -- the page -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What they owe", "emergency fund", "History of", "Refused, as it should be"]),
        ("zh", ["各方所欠", "应急周转金", "的经过", "应当拒绝"]),
    ],
)
def test_the_page_fits_a_screen_of_80_columns(
    city: Ran, language: Language, words: list[str]
) -> None:
    use_language(language)
    lines = list(page(city.json, Printer(), io.StringIO()))
    use_language("en")
    assert all(any(word in line for line in lines) for word in words)
    assert max(cells(line) for line in lines) <= 80


def test_liabilities_fund_history_and_check_are_shown(city: Ran) -> None:
    answer = city.json
    assert answer["as_of"] == STORY_ENDS
    assert answer["differences"] == []
    owed = {row["name"]: row for row in answer["contractors"]}
    assert owed["示例土方"]["own_arrears_fen"] == answer["system_arrears_fen"] > 0
    assert owed["示例二建"]["joint_arrears_fen"] == owed["示例土方"]["own_arrears_fen"]
    crew = owed["示例架子"]
    assert crew["due_to_fund_fen"] > 0
    assert crew["recourse_payable_fen"] == owed["示例路桥"]["recourse_receivable_fen"] > 0
    assert crew["hard_debt_fen"] == crew["due_to_fund_fen"] + crew["recourse_payable_fen"]
    (fund,) = answer["funds"]
    assert fund["receivable_fen"] == crew["due_to_fund_fen"]
    assert fund["committed_fen"] > 0


def test_the_history_leads_from_the_order_to_the_recovery(city: Ran) -> None:
    chain = [
        "CorrectionOrdered", "DecisionIssued", "AdvanceClearingPaid", "PaymentNoticeIssued",
        "DepositPaidOut", "AdvancePaid", "CaseClosed", "AdvanceRecovered", "RecourseRepaid",
    ]  # fmt: skip
    history = [event["kind"] for event in city.json["events"] if event["kind"] in chain]
    assert history == [*chain[:6], "AdvanceClearingPaid", *chain[6:]]


def test_the_reader_is_told_where_the_city_is_and_can_look_around(city: Ran, run: Run) -> None:
    url = city.json["ledger"]
    assert f"export WAGELEDGER_URL={url}\n" in city.err
    said = [line.split()[1:] for line in city.err.splitlines() if "  wageledger " in line]
    assert len(said) == 3
    for words in said:
        assert run("--ledger", url, *words).status == 0


def test_what_is_refused_is_shown_with_its_reason(city: Ran) -> None:
    assert {row["code"] for row in city.json["refused"]} == {
        "card_shared", "insufficient_funds", "period_paid_twice", "over_claim", "over_cap",
    }  # fmt: skip
    assert all(row["message"] and row["on"] for row in city.json["refused"])
    assert city.json["duplicate"] == 1


# -- which ledger ---------------------------------------------------------------


def test_a_ledger_that_is_named_gets_the_same_city_on_both_databases(
    city: Ran, run: Run, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    named = ("--ledger", ledger_url)
    answer = shown(tmp_path, *named, "demo", "--as-of", AS_OF, "--format", "json")
    assert answer.status == 0, answer.err
    assert told(answer) == told(city)
    assert run(*named, "check").status == 0
    assert run(*named, "verify").status == 0
    again = run(*named, "demo", "--as-of", AS_OF)
    assert again.status == 2
    assert "bad_option" in again.err


def test_books_with_a_posting_are_never_mixed_with_an_invented_city(run: Run, books: str) -> None:
    named = ("--ledger", books)
    assert run(*named, "party", "add", CONTRACTOR, "示例总包").status == 0
    refused = run(*named, "demo", "--as-of", AS_OF)
    assert refused.status == 2
    assert "bad_option" in refused.err
    assert len(run(*named, "events", "--format", "jsonl").lines) == 1


def test_the_real_books_of_the_environment_are_left_alone(
    books: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAGELEDGER_URL", books)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert own_ledger(App(Choices())).url != books


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2020-12-31", "9999-01-01"])
def test_a_day_of_which_no_story_can_be_told_is_refused(tmp_path: Path, day: str) -> None:
    refused = shown(tmp_path, "demo", "--as-of", day)
    assert refused.status == 2
    assert "--as-of" in refused.err
    assert not list(tmp_path.glob("wageledger-demo-*"))


# -- the same city for the same question ------------------------------------------


def test_any_day_of_a_month_tells_the_same_story() -> None:
    first, last = (
        [step.posting for step in tell(1, date(2026, 3, day)).steps()] for day in (1, 31)
    )
    assert first == last


def test_another_seed_is_another_city() -> None:
    wages = {
        sum(
            line["net_fen"]
            for posting in of_kind(list(tell(seed, date(2026, 3, 1)).steps()), "PayrollSubmitted")
            for line in posting["lines"]
        )
        for seed in range(4)
    }
    assert len(wages) == 4


@pytest.mark.parametrize(("seed", "day"), [(2, "2024-03-01"), (-7, "2021-01-01")])
def test_every_posting_is_answered_as_the_story_expects(
    tmp_path: Path, seed: int, day: str
) -> None:
    answer = shown(tmp_path, "demo", "--as-of", day, "--seed", str(seed), "--format", "json")
    assert answer.status == 0, answer.err
    assert answer.json["differences"] == []


def test_the_city_is_judged_and_summed_as_by_the_plain_model(city: Ran, steps: list[Step]) -> None:
    model = PlainModel(date.fromisoformat(AS_OF))
    for step in steps:
        status, code, position = model.post(json.dumps(step.posting))
        assert (code or status) == step.expected, step.posting
        assert step.expected != RECORDED or position == step.position
    expected = model.liability(STORY_ENDS)
    assert city.json["system_arrears_fen"] == expected["system_arrears_fen"]
    for row in city.json["contractors"]:
        figures = {name: row[name] for name in expected["contractors"][row["party"]]}
        assert figures == expected["contractors"][row["party"]]


# -- who lives there ----------------------------------------------------------------


def test_the_city_has_the_size_that_was_promised(steps: list[Step]) -> None:
    projects = of_kind(steps, "ProjectRegistered")
    assert len(projects) == 6
    assert len({posting["general_contractor"] for posting in projects}) == 3
    crews = {posting["subcontractor"] for posting in of_kind(steps, "SubcontractRegistered")}
    assert len(crews) == 8
    assert len(of_kind(steps, "WorkerRegistered")) == 300
    months = {posting["period"] for posting in of_kind(steps, "PayrollSubmitted")}
    assert months == {"2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01"}


def test_transfers_come_back_at_once_and_late(steps: list[Step]) -> None:
    codes = Counter(
        line["code"] for posting in of_kind(steps, "PayoutReturned") for line in posting["lines"]
    )
    assert codes["late_return"]
    assert codes.keys() - {"late_return"}


def test_everybody_is_invented(steps: list[Step]) -> None:
    for posting in of_kind(steps, "PartyRegistered"):
        assert posting["name"].startswith("示例")
        assert credit_code_ok(posting["party"])
    workers = of_kind(steps, "WorkerRegistered")
    for posting in workers:
        assert posting["name"].startswith("示例")
        assert resident_id_problem(posting["id_number"]) is None
        assert 1901 <= birth_date_of(posting["id_number"]).year <= 1910
    cards = [posting["card_number"] for posting in of_kind(steps, "CardBound")]
    assert all(luhn_ok(card) and card.startswith("62") for card in cards)
    assert {len(card) for card in cards} == {16, 17, 18, 19}
    assert len(set(cards)) == len(cards)
    assert len({posting["id_number"] for posting in workers}) == len(workers)


def test_the_story_ends_before_the_month_of_the_reader(steps: list[Step]) -> None:
    days = [step.posting["on"] for step in steps]
    assert days == sorted(days)
    assert days[-1] <= STORY_ENDS
    assert [step.position for step in steps if step.expected == RECORDED] == list(
        range(1, sum(step.expected == RECORDED for step in steps) + 1)
    )
    assert sum(step.expected == DUPLICATE for step in steps) == 1
