"""A reader of the documents meets no dead link, and finds the reasons of every decision."""

import re
from pathlib import Path

import pytest

from tests import REPOSITORY

_DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
_DECISIONS = sorted(REPOSITORY.glob("docs/decisions/*.md"))
_DECISION_PARTS = ["Context", "Decision", "Consequences", "Rejected"]
_DECISION_LINES = range(20, 61)
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")


def _name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_name)
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text("utf-8"))
    dead = [link for link in links if not (document.parent / link).exists()]
    assert not dead


def test_the_index_lists_every_document() -> None:
    index = (REPOSITORY / "docs/index.md").read_text("utf-8")
    listed = set(_LINK.findall(index))
    there = {
        path.relative_to(REPOSITORY / "docs").as_posix()
        for path in REPOSITORY.glob("docs/**/*.md")
        if path.name != "index.md"
    }
    assert there <= listed


@pytest.mark.parametrize("decision", _DECISIONS, ids=_name)
def test_a_decision_says_why_and_what_was_rejected(decision: Path) -> None:
    lines = decision.read_text("utf-8").splitlines()
    number = decision.name.partition("-")[0]
    assert lines[0].startswith(f"# {number}: ")
    assert any(line.startswith("Status: ") for line in lines)
    assert [line[3:] for line in lines if line.startswith("## ")] == _DECISION_PARTS
    assert len(lines) in _DECISION_LINES


def test_decisions_are_numbered_without_gap_or_double() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in _DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_two_commands_of_the_readme_can_be_run() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    for command in ("scripts/demo", "scripts/test"):
        assert f"./{command}" in readme
        assert (REPOSITORY / command).stat().st_mode & 0o111 == 0o111
