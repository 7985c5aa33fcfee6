"""The plain model gives the answers and figures of the shared examples."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.model.plain_model import PlainModel

TODAY = date(2026, 11, 23)


def posted(folder: Path, name: str) -> tuple[PlainModel, list[str], dict[str, Any]]:
    """A model with an example posted, the answer to every line, and what is expected."""
    model = PlainModel(TODAY)
    answers = []
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        status, code, _ = model.post(line)
        answers.append(code or status)
    expected = json.loads((folder / f"{name}.expected.json").read_text(encoding="utf-8"))
    return model, answers, expected


def assert_figures(model: PlainModel, expected: dict[str, Any]) -> None:
    for day, figures in expected["at"].items():
        got = model.liability(day)
        assert got["system_arrears_fen"] == figures["liability"]["system_arrears_fen"], day
        assert got["contractors"] == figures["liability"]["contractors"], day
        for fund in figures["funds"]:
            ours = model.fund(fund["region"], day)
            assert {**ours, "region": fund["region"], "as_of": day} | fund == {
                **ours, "region": fund["region"], "as_of": day
            }  # fmt: skip
        if "project" in figures:
            (project,) = {r.f["project"] for r in model.log.of("ProjectRegistered")}
            ours = model.project(project, day)
            assert {**ours, **figures["project"]} == ours, day


EXAMPLES = ("worked-example", "history-with-mistakes")


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_answered_line_by_line_as_expected(name: str, shared_dir: Path) -> None:
    _, answers, expected = posted(shared_dir / "examples", name)

    assert answers == expected.get("codes", ["recorded"] * len(answers))


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_has_its_figures_on_every_expected_date(name: str, shared_dir: Path) -> None:
    model, _, expected = posted(shared_dir / "examples", name)

    assert_figures(model, expected)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_invariants_hold_on_every_day_of_an_example(name: str, shared_dir: Path) -> None:
    model, _, _ = posted(shared_dir / "examples", name)

    model.check_invariants()


def test_a_file_posted_a_second_time_answers_duplicate_with_the_first_positions(
    shared_dir: Path,
) -> None:
    model, answers, _ = posted(shared_dir / "examples", "history-with-mistakes")
    text = (shared_dir / "examples" / "history-with-mistakes.jsonl").read_text(encoding="utf-8")
    recorded = len(model.log.records)

    second = [model.post(line) for line in text.splitlines()]

    was_recorded = [
        answer for answer, first in zip(second, answers, strict=True) if first == "recorded"
    ]
    assert was_recorded == [("duplicate", None, n) for n in range(1, recorded + 1)]
