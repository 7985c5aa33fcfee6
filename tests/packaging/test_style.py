"""The tree keeps its shape: what a stranger opens is short, named for its subject, and explained.

Lengths are counted in lines.  A longer file or function may stay when it stands below with its
reason; one that became shorter must leave the list.
"""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests import REPOSITORY

_FILE_LINES: Final = 400
_FUNCTION_LINES: Final = 70
_LONGER_FILES: Final[dict[str, str]] = {}
_LONGER_FUNCTIONS: Final[dict[str, str]] = {}

_EMPTY_WORDS: Final = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "data"}

_MODULES: Final = sorted(
    path
    for folder in ("ledger", "projections", "cli", "scripts", "tests")
    for path in (REPOSITORY / folder).rglob("*.py")
)


def _name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def _functions(module: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(module.read_text("utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("module", _MODULES, ids=_name)
def test_a_module_says_what_it_means(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8")))
    assert docstring
    assert docstring.strip()


@pytest.mark.parametrize("module", _MODULES, ids=_name)
def test_a_module_is_named_for_its_subject(module: Path) -> None:
    for part in module.relative_to(REPOSITORY).with_suffix("").parts:
        assert not _EMPTY_WORDS & set(part.lower().split("_"))


def test_only_the_listed_files_are_long() -> None:
    lines = {_name(module): len(module.read_text("utf-8").splitlines()) for module in _MODULES}
    assert {name for name, count in lines.items() if count > _FILE_LINES} == set(_LONGER_FILES)


def test_only_the_listed_functions_are_long() -> None:
    long = {
        f"{_name(module)}:{function.name}"
        for module in _MODULES
        for function in _functions(module)
        if (function.end_lineno or 0) - function.lineno + 1 > _FUNCTION_LINES
    }
    assert long == set(_LONGER_FUNCTIONS)
