"""Which codes the own rules of a kind can answer with, read from the source of its decider.

A decider refuses with ``Refusal("code", ...)``, itself or in a function that it calls. Both are
read as syntax, in the order in which they stand, which is the order of judgement; a test of the
posting's class (``isinstance(posting, ...)``) is decided for each kind by itself. Nothing is run,
so nothing is missed; that nothing is listed in vain is what the tests of every refusal show.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any, Final

import ledger.domain.kinds  # noqa: F401 - fills the registers
from ledger.domain.base import KINDS
from ledger.domain.registry import DECIDERS
from ledger.kernel.codes import CODES

_PRODUCT: Final = "ledger.domain."


def codes_of(kind: str) -> list[str]:
    """Codes of a kind's own rules, in the order of judgement, each once."""
    reader = _Reader(KINDS[kind].posting)
    return list(dict.fromkeys(reader.of_function(DECIDERS[kind])))


class _Reader:
    """Reads the functions that judge one class of posting."""

    def __init__(self, posting: type[Any]) -> None:
        self._posting = posting
        self._reading: list[Callable[..., Any]] = []

    def of_function(self, function: Callable[..., Any]) -> Iterator[str]:
        """Codes in a function and in what it calls."""
        if function in self._reading:
            return
        self._reading.append(function)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        names: Mapping[str, Any] = inspect.unwrap(function).__globals__
        for definition in tree.body:
            if isinstance(definition, ast.FunctionDef):
                yield from self._of_statements(definition.body, definition, names)
        self._reading.pop()

    def _of_statements(
        self, statements: list[ast.stmt], function: ast.FunctionDef, names: Mapping[str, Any]
    ) -> Iterator[str]:
        for statement in statements:
            if not isinstance(statement, ast.If):
                yield from self._of_node(statement, function, names)
                continue
            yield from self._of_node(statement.test, function, names)
            known = self._decided(statement.test, names)
            branches = [statement.body] if known is not False else []
            branches += [statement.orelse] if known is not True else []
            for branch in branches:
                yield from self._of_statements(branch, function, names)
            if len(branches) == 1 and branches[0] and _ends(branches[0][-1]):
                return

    def _of_node(
        self, node: ast.AST, function: ast.FunctionDef, names: Mapping[str, Any]
    ) -> Iterator[str]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = names.get(node.func.id)
            if node.func.id == "Refusal":
                yield from _named(node.args[0], function)
            elif isinstance(called, FunctionType) and called.__module__.startswith(_PRODUCT):
                yield from self.of_function(called)
        for field in ast.iter_fields(node):
            children = field[1] if isinstance(field[1], list) else [field[1]]
            if children and isinstance(children[0], ast.stmt):
                yield from self._of_statements(children, function, names)
                continue
            for child in children:
                if isinstance(child, ast.AST):
                    yield from self._of_node(child, function, names)

    def _decided(self, test: ast.expr, names: Mapping[str, Any]) -> bool | None:
        """What `isinstance(posting, Kind)` is for this class; None for any other test."""
        match test:
            case ast.Call(
                func=ast.Name(id="isinstance"), args=[ast.Name(id="posting"), ast.Name(id=name)]
            ):
                return issubclass(self._posting, names[name])
        return None


def _named(argument: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The code of a refusal; where a variable holds it, the codes spelled in the function."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and node.value in CODES:
            yield str(node.value)


def _ends(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return | ast.Raise)
