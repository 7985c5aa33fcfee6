"""Chinese beside English, and text that a Markdown table can hold."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

REPOSITORY: Final = Path(__file__).parent.parent.parent
_MESSAGES: Final = REPOSITORY / "cli/locale/zh/LC_MESSAGES/wageledger.po"
_SEGMENT: Final = re.compile(r"\[[^\[\]]*\]")


@cache
def _chinese() -> dict[str, str]:
    with _MESSAGES.open("rb") as file:
        return {
            message.id: str(message.string)
            for message in read_po(file)
            if isinstance(message.id, str) and message.string
        }


def in_chinese(msgid: str) -> str:
    """The Chinese words of a message.

    Raises:
        KeyError: It is not translated.
    """
    return _chinese()[msgid]


def sentence(message: str) -> str:
    """A message without the facts of a case."""
    return _SEGMENT.sub("", message)


def row(*cells: object) -> str:
    """A row of a table."""
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def table(*heads: str) -> list[str]:
    """The two lines with which a table begins."""
    return [row(*heads), f"|{'---|' * len(heads)}"]


def coded(words: list[str] | tuple[str, ...]) -> str:
    """Words as code, one after the other."""
    return ", ".join(f"`{word}`" for word in words)
