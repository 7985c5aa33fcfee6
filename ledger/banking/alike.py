"""Entries that are alike: a bank writes the same elements a hundred thousand times.

The first entry of a shape is read as XML. Its text then becomes a pattern: the same tags in the
same order, with other texts between them. The next entries are held against the pattern, and one
that fits needs no parser: it is well-formed because its model was, and its texts stand where the
model's stood. A text that fits holds no markup, no entity and no control character. Whatever does
not fit to the last character goes to the parser as before, so a pattern can only save time.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ledger.banking.camt_entry import Raw
from ledger.banking.camt_parts import CURRENCIES, DETAIL, ENTRY, PARTIES, Texts

MOST_SHAPES: Final = 16
"""So many shapes are learned; banks have a handful."""

LONGEST_MODEL: Final = 20_000
"""Longest entry that becomes a pattern, in characters."""

_TOKEN: Final = re.compile(r"<(/?)([^\s<>/!?]+)((?:\s[^<>]*?)?)(/?)>([^<]*)")
_TEXT: Final = "[^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]*"
_BLANK: Final = "[ \t\r\n]*"
_CURRENCY: Final = re.compile(r"""\sCcy\s*=\s*["']([^"'<>&]*)["']""")
_OF_DETAIL: Final = "NtryDtls/TxDtls/"


class Model(NamedTuple):
    """A shape: how its entries look, and which of their texts mean what.

    Attributes:
        pattern: Matches a whole entry behind blanks; group 1 is empty and stands at its beginning.
        entry: Picks the texts of the entry out of the groups.
        detail: Picks the texts of its transaction; None where it has none.
        elements: Names of all elements in it.
    """

    pattern: re.Pattern[str]
    entry: Callable[[re.Match[str]], Texts]
    detail: Callable[[re.Match[str]], Texts] | None
    elements: frozenset[str]

    def raw(self, match: re.Match[str], line: int) -> Raw:
        """The texts of an entry that fits."""
        details = () if self.detail is None else (self.detail(match),)
        return Raw(self.entry(match), details, line, self.elements.__contains__)


@dataclass
class _Learning:
    """A model while it is made of an entry."""

    prefix: str
    paths: Mapping[str, str]
    detail_paths: Mapping[str, str]
    pieces: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    entry_groups: dict[str, int] = field(default_factory=dict)
    entry_texts: Texts = field(default_factory=dict)
    detail_groups: dict[str, int] = field(default_factory=dict)
    detail_texts: Texts = field(default_factory=dict)
    groups: int = 1
    transactions: int = 0


class _Unlike(Exception):  # noqa: N818 - not an error: this entry is read, but makes no model
    """An entry is no model for others."""


def model_of(text: str, *, parties: bool) -> Model | None:
    """Make a model of the text of one ``Ntry`` that a parser has read; None where it makes none.

    Args:
        text: From ``<Ntry`` to its end, without anything around it.
        parties: Whether texts of the other side are wanted.
    """
    if len(text) > LONGEST_MODEL:
        return None
    paths = {**DETAIL, **PARTIES} if parties else DETAIL
    try:
        learning = _learned(text, paths)
    except _Unlike:
        return None
    return Model(
        re.compile(_BLANK + "()" + "".join(learning.pieces)),
        _picker(learning.entry_groups, learning.entry_texts),
        _picker(learning.detail_groups, learning.detail_texts) if learning.transactions else None,
        frozenset(learning.elements),
    )


def _learned(text: str, detail_paths: Mapping[str, str]) -> _Learning:
    tokens = list(_tokens(text))
    name = tokens[0][2]
    learning = _Learning(name.rpartition(":")[0], ENTRY, detail_paths)
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        _take(learning, token, following)
    if learning.open:
        raise _Unlike
    return learning


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The tags with the text behind each; all of it, or it is no model."""
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() != at:
            raise _Unlike
        at = match.end()
        yield match
    if at != len(text):
        raise _Unlike


def _take(learning: _Learning, token: re.Match[str], following: re.Match[str] | None) -> None:
    """Put one tag and the text behind it into the pattern."""
    closing, name, attributes, empty, text = token.groups()
    prefix, _colon, local = name.rpartition(":")
    if prefix != learning.prefix or "&" in text or "&" in attributes or "xmlns" in attributes:
        raise _Unlike
    tag = token[0][: len(token[0]) - len(text)]
    learning.pieces.append(re.escape(tag))
    if closing:
        if not learning.open or learning.open.pop() != local:
            raise _Unlike
    else:
        learning.elements.add(local)
        learning.open.append(local)
        leaf = bool(empty) or (following is not None and following[1] == "/")
        captured = _name(learning, attributes, captured=leaf and not empty)
        if empty:
            learning.open.pop()
        elif leaf:
            learning.pieces.append(f"({_TEXT})" if captured else _TEXT)
            return
    if text.strip(" \t\r\n"):
        raise _Unlike
    if learning.open:
        learning.pieces.append(_BLANK)


def _name(learning: _Learning, attributes: str, *, captured: bool) -> bool:
    """Give the element that was just opened its meaning; whether its text is wanted."""
    path = "/".join(learning.open[1:])
    if path == _OF_DETAIL.rstrip("/"):
        learning.transactions += 1
        if learning.transactions > 1:
            raise _Unlike
    of_detail = path.startswith(_OF_DETAIL)
    if of_detail:
        name = learning.detail_paths.get(path.removeprefix(_OF_DETAIL))
        groups, texts = learning.detail_groups, learning.detail_texts
    else:
        name = learning.paths.get(path)
        groups, texts = learning.entry_groups, learning.entry_texts
    if name is None:
        return False
    if name in groups or name in texts:
        if name == "remittance":
            raise _Unlike
        return False  # the first counts
    if name in CURRENCIES:
        currency = _CURRENCY.search(attributes)
        texts[CURRENCIES[name]] = "" if currency is None else currency[1]
    if not captured:
        texts[name] = ""
        return False
    learning.groups += 1
    groups[name] = learning.groups
    return True


def _picker(groups: Mapping[str, int], texts: Texts) -> Callable[[re.Match[str]], Texts]:
    """Pick the named texts out of a match; those that never change are there already."""
    names = tuple(groups)
    if len(names) < 2:  # noqa: PLR2004 - itemgetter gives no tuple for one
        return lambda match: {**texts, **{name: match[groups[name]] for name in names}}
    pick: Any = itemgetter(*groups.values())

    def picked(match: re.Match[str]) -> Texts:
        found = dict(zip(names, pick(match), strict=True))
        found.update(texts)
        return found

    return picked
