"""Summaries of events in the reader's language.

A read gives the summary of an event as pairs ``name value`` in one text that never changes; here
its names and words are told as the headings and values of a table are. Which fields a summary can
hold is known by the event's kind, so that a word in a reason is not taken for a field.
"""

import re
from functools import cache
from typing import Final

from cli.headings import heading, value_name

_BETWEEN: Final = ", "
_FREE: Final = frozenset({"text", "name", "bank_ref"})
"""Shapes whose values may hold blanks."""

SUBJECTS: Final = ("batch", "case", "employer", "party", "period", "project", "sheet", "worker")
_SAID: Final = ("purpose", "reason")
"""What the ledger's own events hold."""


def summary(kind: str, text: str) -> str:
    """A summary for people; as it is where it does not look like one of its kind.

    Args:
        kind: Kind of the event.
        text: As the read gives it: ``period 2026-03 sheet S-1``.
    """
    found = _pattern(kind).fullmatch(text)
    if found is None:
        return text
    told = {name: value for name, value in found.groupdict().items() if value is not None}
    return _BETWEEN.join(f"{heading(name)} {value_name(name, told[name])}" for name in told)


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """What a summary of a kind looks like: its fields in the order of their names."""
    import ledger.domain.kinds  # noqa: F401, PLC0415 - importing it fills the register
    from ledger.domain.base import KINDS  # noqa: PLC0415 - not for --help

    if kind in KINDS:
        forms = [form for form in KINDS[kind].fields if not form.shape.vault]
        free = {form.name: form.shape.step in _FREE for form in forms}
    else:
        free = dict.fromkeys(SUBJECTS, False) | dict.fromkeys(_SAID, True)
    return re.compile(
        "".join(
            rf"(?:(?:^| ){name} (?P<{name}>{'.*?' if free[name] else '[^ ]+'}))?"
            for name in sorted(free)
        ),
        re.DOTALL,
    )
