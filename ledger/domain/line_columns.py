"""Lines of long documents, column by column: made at once where all of them are well formed.

What is wrong with a line is worded line by line (``ledger.domain.form``); here a document is either
taken whole, with the same values, or not at all.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from ledger.domain.base import FieldForm, Shape
from ledger.domain.values import CHECKS, CONVERSIONS, HALF_DAYS, WHOLE
from ledger.kernel.identifiers import are_refs

FEW: Final = 50
"""So few lines are checked one by one."""

Column = list[Any]


def lines_at_once(
    line_type: type[Any], forms: Sequence[FieldForm], items: Sequence[Any], today: str
) -> list[Any] | None:
    """Make the lines of a document; None where there are few, or where any is not well formed.

    Args:
        line_type: Their type, whose fields are those of the forms, in order.
        forms: Forms of their fields.
        items: The lines as they were given.
        today: Business date of the recording.
    """
    if len(items) < FEW or set(map(type, items)) != {dict}:
        return None
    if not {form.name for form in forms}.issuperset(chain.from_iterable(items)):
        return None
    columns = []
    for form in forms:
        name = form.name
        made = _converted(form, [item.get(name) for item in items], today)
        if made is None:
            return None
        columns.append(made)
    return list(map(line_type._make, zip(*columns, strict=True)))


def _converted(form: FieldForm, column: Column, today: str) -> Column | None:
    """Check and convert a column; None where a value is wrong."""
    given = column if None not in column else [value for value in column if value is not None]
    partly = len(given) < len(column)
    if partly and form.required:
        return None
    step = form.shape.step
    fits = AT_ONCE.get(step)
    if given and not (fits(given) if fits is not None else _each(form.shape, given, today)):
        return None
    convert = CONVERSIONS.get(step)
    if convert is None:
        if partly and form.default is not None:
            return [form.default if value is None else value for value in column]
        return column
    known = {value: convert(value) for value in set(given)}
    known[None] = form.default
    return [known[value] for value in column]


def _each(shape: Shape, given: Column, today: str) -> bool:
    check = CHECKS[shape.step]
    return all(check(value, shape, today) is None for value in given)


def _whole(low: int, high: int) -> Callable[[Column], bool]:
    def fit(given: Column) -> bool:
        return set(map(type, given)) == {int} and low <= min(given) and max(given) <= high

    return fit


def _refs(given: Column) -> bool:
    return set(map(type, given)) == {str} and are_refs(given)


def _days(given: Column) -> bool:
    return {int, Decimal}.issuperset(map(type, given)) and HALF_DAYS.issuperset(given)


AT_ONCE: Final[Mapping[str, Callable[[Column], bool]]] = {
    "ref": _refs,
    "days": _days,
    **{step: _whole(*bounds) for step, bounds in WHOLE.items()},
}
"""How a whole column is checked, where that is not value by value."""
