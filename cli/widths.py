"""How wide text stands on a screen: Chinese characters take two cells, combining marks none.

All widths are counted in cells of a fixed-width screen, never in characters.
"""

from typing import Final

ELLIPSIS: Final = "…"
_ASCII_ELLIPSIS: Final = "~"


def cells(text: str) -> int:
    """Return how many cells a text takes; control characters take none."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # noqa: PLC0415 - not for --help

    width = wcswidth(text)
    return width if width >= 0 else sum(max(0, wcswidth(character)) for character in text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text with blanks to a width; ``right`` puts the text to the right."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


def cut(text: str, width: int, *, ellipsis: str = ELLIPSIS) -> str:
    """Shorten a text to a width, with an ellipsis where something is missing."""
    if cells(text) <= width:
        return text
    room = width - cells(ellipsis)
    kept = ""
    for character in text:
        room -= cells(character)
        if room < 0:
            break
        kept += character
    return kept + ellipsis


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most a width.

    Breaks at blanks, and between any two wide characters, where Chinese is broken; never before
    a closing mark. A word longer than a line stands alone on one.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0
        for piece in _pieces(paragraph):
            size = cells(piece.rstrip())
            if line and used + size > width:
                lines.append(line.rstrip())
                line, used = "", 0
                piece = piece.lstrip()  # noqa: PLW2901 - a line does not begin with a blank
            line += piece
            used += cells(piece)
        lines.append(line.rstrip())
    return lines


_CLOSING: Final = frozenset("，。；：、！？）》」』”’】,.;:!?)")


def _pieces(text: str) -> list[str]:
    """Split a text into pieces between which a line may break."""
    pieces: list[str] = []
    for character in text:
        wide = not character.isascii() and cells(character) > 1
        joins = pieces and (
            character in _CLOSING
            or character == " "
            or not (wide or pieces[-1][-1] == " " or _ends_wide(pieces[-1]))
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _ends_wide(piece: str) -> bool:
    last = piece[-1]
    return not last.isascii() and cells(last) > 1
