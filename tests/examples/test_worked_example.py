"""The worked example, through the command line: every figure on its nine dates, to the fen."""

import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from tests import REPOSITORY

_SCRIPT = REPOSITORY / "scripts/compare_example.py"


@pytest.fixture
def comparison() -> ModuleType:
    """The program that compares, as a module."""
    spec = importlib.util.spec_from_file_location("compare_example", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_newcomer_gets_every_expected_figure_of_the_worked_example(ledger_url: str) -> None:
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), ledger_url],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("as expected") == 9 + 1  # the nine dates and the sum of it


def test_a_wrong_figure_is_named(comparison: ModuleType) -> None:
    found = list(comparison.differences("2026-05-16 S", {"a_fen": 1, "b_fen": 2}, {"a_fen": 1}))
    assert found == ["2026-05-16 S b_fen: expected 2, found None"]


def test_a_party_without_a_row_owes_nothing(comparison: ModuleType) -> None:
    assert not list(comparison.differences("2026-05-16 D", {"a_fen": 0}, None))
    assert list(comparison.differences("2026-05-16 D", {"a_fen": 5}, None)) == [
        "2026-05-16 D a_fen: expected 5, found 0"
    ]
