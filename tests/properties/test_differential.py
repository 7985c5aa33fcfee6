"""The ledger and the plain model, given the same random history, say the same.

Answers and codes line by line, positions, the journal lines of every event, and every figure on
days spread over the history.  A difference means that one of them misreads the contract: the
model's readings are listed in tests/model/plain_model.py.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.eventlog.engine import begin_reading
from ledger.service import Answer, Ledger, LedgerConfig
from projections.queries.fund import fund_show
from projections.queries.liability import liability
from projections.queries.project import project_show
from projections.runner import catch_up
from projections.view import view_of
from tests import counts
from tests.model.plain_model import PlainModel
from tests.properties.histories import TODAY, random_history
from tests.properties.world import Posting

LENGTH = 450
DAYS = 6
"""Days per history on which the figures are compared."""


Expected = tuple[str, str | None, int | None]
"""Status, code, position."""


class Noon:
    """A clock that stands still at noon of the histories' today, in China."""

    def now(self) -> datetime:
        return datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)


@contextmanager
def ledger_at(url: str) -> Iterator[Ledger]:
    ledger = Ledger.create(LedgerConfig(url=url), clock=Noon())
    try:
        yield ledger
    finally:
        ledger.close()


def post_all(ledger: Ledger, history: list[Posting]) -> list[Answer]:
    return list(ledger.post(json.dumps(posting, ensure_ascii=False) for posting in history))


def brief(answer: Answer) -> Expected:
    return answer.status, answer.code, answer.position


def assert_same_answers(
    history: list[Posting], answers: list[Answer], expected: list[Expected]
) -> None:
    for number, (posting, answer, ours) in enumerate(zip(history, answers, expected, strict=True)):
        assert brief(answer) == ours, (number, posting, dict(answer.facts))


def assert_same_journals(model: PlainModel, answers: list[Answer]) -> None:
    compared = 0
    for answer in answers:
        if answer.status != "recorded" or answer.position is None:
            continue
        assert answer.event is not None
        if "journal" in answer.event:
            theirs = sorted(tuple(line) for line in answer.event["journal"])
            assert theirs == model.journal(answer.position), answer.event
            compared += 1
    assert compared > LENGTH // 3


def assert_same_figures(model: PlainModel, ledger: Ledger) -> None:
    catch_up(ledger.engine, ledger.tenant)
    days = sorted({record.on for record in model.log.records})
    chosen = {*days[:: max(1, len(days) // DAYS)], days[-1], TODAY.isoformat()}
    with begin_reading(ledger.engine) as connection:
        view = view_of(connection, ledger.tenant)
        for day in sorted(chosen):
            assert_liability(model, liability(view, as_of=day), day)
            for fund in fund_show(view, as_of=day)["funds"]:
                ours = model.fund(fund["region"], day)
                debtors = {row["party"]: row["receivable_fen"] for row in fund["debtors"]}
                assert {**fund, "debtors": debtors} == {**fund, **ours}, day
            for record in model.log.of("ProjectRegistered"):
                if record.on <= day:
                    project = record.f["project"]
                    theirs = project_show(view, project, as_of=day)
                    assert theirs == {**theirs, **model.project(project, day)}, (project, day)


def assert_liability(model: PlainModel, theirs: dict[str, Any], day: str) -> None:
    ours = model.liability(day)
    assert theirs["system_arrears_fen"] == ours["system_arrears_fen"], day
    rows = {
        row["party"]: {name: fen for name, fen in row.items() if name.endswith("_fen")}
        for row in theirs["contractors"]
    }
    for party, figures in ours["contractors"].items():
        assert rows.pop(party, dict.fromkeys(figures, 0)) == figures, (party, day)
    assert not rows, day


# -- a history and its answers ------------------------------------------------


def told_by_the_model(seed: int) -> tuple[PlainModel, list[Posting], list[Expected]]:
    """A history and the model's answers to it."""
    model = PlainModel(TODAY)
    history: list[Posting] = []
    expected: list[Expected] = []
    for posting in random_history(seed, LENGTH):
        history.append(posting)
        expected.append(model.post(posting))
    return model, history, expected


# -- the tests ----------------------------------------------------------------


def compare(url: str, seed: int) -> None:
    """Post one history to both and compare everything that is said about it."""
    model, history, expected = told_by_the_model(seed)
    with ledger_at(url) as ledger:
        answers = post_all(ledger, history)

        assert_same_answers(history, answers, expected)
        assert_same_journals(model, answers)
        assert_same_figures(model, ledger)


@pytest.mark.parametrize("seed", range(counts.runs(100)))
def test_a_random_history_is_told_alike_by_the_ledger_and_the_model(
    seed: int, sqlite_url: str
) -> None:
    compare(sqlite_url, counts.SEED + seed)


@pytest.mark.parametrize("seed", range(counts.runs(20)))
def test_a_random_history_is_told_alike_on_postgresql_too(seed: int, postgres_url: str) -> None:
    compare(postgres_url, counts.SEED + 1_000 + seed)


def test_a_history_in_two_runs_ends_like_one_and_a_third_run_records_nothing(
    sqlite_url: str,
) -> None:
    _, history, expected = told_by_the_model(counts.SEED)
    with ledger_at(sqlite_url) as ledger:
        first = post_all(ledger, history[: LENGTH // 2])
    with ledger_at(sqlite_url) as ledger:
        rest = post_all(ledger, history[LENGTH // 2 :])

        again = post_all(ledger, history)

    assert_same_answers(history, first + rest, expected)
    for answer, (status, _, position) in zip(again, expected, strict=True):
        if status == "recorded":
            assert brief(answer) == ("duplicate", None, position)
