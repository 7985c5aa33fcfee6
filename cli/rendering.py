"""Showing a code of the catalogue to a person: its sentence with the facts of the case.

A segment of a message in square brackets is left out when one of its facts is missing
(``ledger.kernel.codes.definition``), so showing never fails. Amounts in fen become yuan. What
came from outside is shown short, without characters that move the cursor or turn the writing
around, and without anybody's ID, card or phone number.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cli.messages import Language, _, current_language, use_language
from cli.names import account_name, kind_name, problem_name, role_name, state_name, word_name
from ledger.kernel.codes import ALIASES, CODES, placeholders
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import credit_code_ok
from ledger.kernel.money import format_yuan
from ledger.kernel.text import holds_identity

__all__ = ["message_of", "problem_line", "remedy_of", "render_code", "shown_text"]

_SEGMENT: Final = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_LONG_NUMBER: Final = re.compile(r"[0-9](?:[ -]?[0-9Xx]){9,}")
_COLUMN: Final = re.compile(r"column ([0-9]+)")
_LONGEST: Final = 160
_MOST: Final = 5
_SHOWN_DIGITS: Final = 4

_IDENTITY_FIELDS: Final = frozenset({"name", "id_number", "phone", "card_number", "holder_name"})
_COUNTS: Final = frozenset({"count", "workers", "days", "months"})
_NAMED: Final[Mapping[str, Callable[[str], str]]] = {
    "account": account_name,
    "kind": kind_name,
    "level": word_name,
    "role": role_name,
    "state": state_name,
    "problem": problem_name,
}


def render_code(code: str, facts: Mapping[str, object], language: Language | None = None) -> str:
    """Show a code: ``code: what happened.`` and, on the next line, what to do now."""
    said = f"{code}: {message_of(code, facts, language)}"
    remedy = remedy_of(code, facts, language)
    return f"{said}\n  {remedy}" if remedy else said


def message_of(code: str, facts: Mapping[str, object], language: Language | None = None) -> str:
    """What happened, one sentence. A code that nobody defined is our own mistake."""
    known = CODES.get(code, CODES["unexpected"])
    return _in_language(known.message, facts, language)


def remedy_of(code: str, facts: Mapping[str, object], language: Language | None = None) -> str:
    """What to do now, one sentence."""
    known = CODES.get(code, CODES["unexpected"])
    return _in_language(known.remedy, facts, language)


def problem_line(error: LedgerError) -> str:
    """What went wrong beside what was asked for, one sentence after its code."""
    return f"{error.code}: {message_of(error.code, error.facts)}"


def _in_language(msgid: str, facts: Mapping[str, object], language: Language | None) -> str:
    before = current_language()
    use_language(language or before)
    try:
        return _fill(_(msgid), facts)
    finally:
        use_language(before)


def _fill(template: str, facts: Mapping[str, object]) -> str:
    def segment(match: re.Match[str]) -> str:
        shown = {name: _shown(name, facts) for name in placeholders(match[1])}
        if any(text is None for text in shown.values()):
            return ""
        return _PLACEHOLDER.sub(lambda place: shown[place[1]] or "", match[1])

    return _SEGMENT.sub(segment, template)


def _shown(name: str, facts: Mapping[str, object]) -> str | None:
    """A fact as it is shown, None where it is missing."""
    value = facts.get(name)
    if value is None:
        value = next((facts.get(alias) for alias, of in ALIASES.items() if of == name), None)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(name, value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _several(name, value)
    return _text(name, str(value), str(facts.get("field", "")))


def _number(name: str, value: int) -> str:
    if name.endswith("_fen"):
        return format_yuan(value)
    return f"{value:,}" if name in _COUNTS else str(value)


def _text(name: str, text: str, field: str) -> str:
    if name == "value":
        return _masked(text, field)
    if name == "field":
        column = _COLUMN.fullmatch(text)
        return _("column {column}", column=column[1]) if column else shown_text(text)
    return shown_text(_NAMED[name](text) if name in _NAMED else text)


def _several(name: str, values: Sequence[object]) -> str | None:
    some = [text for value in values[:_MOST] if (text := _shown(name, {name: value}))]
    return ", ".join(some) + (", ..." if len(values) > _MOST else "") if some else None


def shown_text(text: str) -> str:
    """A text from outside, short and harmless on a terminal."""
    if holds_identity(text) and not credit_code_ok(text):
        text = _LONG_NUMBER.sub(_stars, text)
        if holds_identity(text):
            return "***"
    visible = "".join(
        character if unicodedata.category(character)[0] not in "CZ" or character == " "
        else f"\\u{ord(character):04x}"
        for character in text[:_LONGEST]
    )  # fmt: skip
    return visible + "..." if len(text) > _LONGEST else visible


def _masked(value: str, field: str) -> str:
    """A value that was refused, without what may be a person's."""
    if field.rpartition(".")[2] in _IDENTITY_FIELDS:
        return "***"
    if field.endswith("_fen") or credit_code_ok(value):
        return shown_text(value)
    return shown_text(_LONG_NUMBER.sub(_stars, value))


def _stars(number: re.Match[str]) -> str:
    return "*" * (len(number[0]) - _SHOWN_DIGITS) + number[0][-_SHOWN_DIGITS:]
