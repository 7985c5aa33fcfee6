"""The language of the program: which one, and the translation of its messages.

Messages are English in the code and are msgids of `gettext`; ``cli/locale`` holds the Chinese
ones. This module is light on purpose, because `--help` loads it: what shows the answers of the
ledger is in ``cli.rendering`` and loaded with the first of them.

The language is the one of `--lang`; else that of the environment's ``LC_ALL``, ``LC_MESSAGES``
or ``LANG``, the first that is set: Chinese for ``zh...``, English for everything else. So it is
English where nothing is set and in the ``C`` locale, as everywhere with `gettext`.
"""

from __future__ import annotations

import gettext as _gettext
from contextvars import ContextVar
from functools import cache
from os.path import dirname  # pathlib takes a quarter of the time of `--help`
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LANGUAGES",
    "N_",
    "Language",
    "_",
    "choose_language",
    "current_language",
    "ngettext",
    "render",
    "translator",
    "use_language",
]

Language = Literal["zh", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
DOMAIN: Final = "wageledger"
LOCALE: Final = f"{dirname(__file__)}/locale"  # noqa: PTH120

_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_current: Final[ContextVar[Language]] = ContextVar("language", default="en")


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message for translation without translating it."""
    return msgid


def choose_language(option: str | None, environment: Mapping[str, str]) -> Language:
    """Choose the language: the option if it is one of ours, else by the environment."""
    for language in LANGUAGES:
        if option == language:
            return language
    named = next((value for name in _VARIABLES if (value := environment.get(name))), "")
    return "zh" if named.lower().startswith("zh") else "en"


def use_language(language: Language) -> None:
    """Make a language the one of this run."""
    _current.set(language)


def current_language() -> Language:
    """The language of this run."""
    return _current.get()


@cache
def translator(language: Language) -> _gettext.NullTranslations:
    """Translations into a language; a checkout that was never built speaks English."""
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(DOMAIN, LOCALE, [language], fallback=True)


def _(msgid: str, **facts: object) -> str:
    """Translate a message; with facts, put them into its ``{name}`` places."""
    text = translator(_current.get()).gettext(msgid) if msgid else msgid
    return text.format(**facts) if facts else text


def ngettext(singular: str, plural: str, n: int, **facts: object) -> str:
    """Translate a message that counts ``{n}`` things, and put the facts into it."""
    text = translator(_current.get()).ngettext(singular, plural, n)
    return text.format(n=f"{n:,}", **facts)


def render(code: str, facts: Mapping[str, object], language: Language | None = None) -> str:
    """Show a code for people: what happened on one line, what to do on the next."""
    from cli.rendering import render_code  # noqa: PLC0415 - the catalogue is not for --help

    return render_code(code, facts, language)
