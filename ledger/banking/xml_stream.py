"""Bank XML as a stream: safe, bounded, and faster than events for every element.

A parser builds the tree piece by piece. After each piece the *containers* (a statement, a payment
information, ...) give out those of their children that are whole, and then let go of them; so
nothing is held but what one piece brought. What could make a parser do more than read is refused
before it starts: a document type declaration (and with it every entity), an unknown encoding, more
levels or longer texts than any bank sends.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from ledger.banking.problems import BankFileError

if TYPE_CHECKING:
    from lxml.etree import _Element

Held = TypeVar("Held")

PIECE: Final = 64 * 1024
"""Bytes that the parser gets at a time."""

MOST_BYTES: Final = 8 * 1024**3
"""Largest file: ten times a camt.053 of a million entries."""

MOST_UNTAKEN: Final = 4 * 1024**2
"""So many bytes may pass before a child is whole; more would only fill the memory."""

_HEAD: Final = 64 * 1024
"""The root element and its message begin within so many bytes."""

_DEEPEST_MESSAGE: Final = 4
"""Envelopes around a message: its element is at most so far down."""

_ENCODINGS: Final = re.compile(
    r"(?:utf-?8|us-ascii|ascii|utf-?16(?:le|be)?|gb18030|gbk|gb2312|big5"
    r"|iso-8859-[0-9]{1,2}|latin-?1|windows-125[0-9])",
    re.IGNORECASE,
)
_DECLARED: Final = re.compile(r"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']{1,40})["']""")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_VERSION: Final = re.compile(r"V[0-9]{2}$")
_BESIDE: Final = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""How every parser is made: it loads nothing and replaces nothing."""

_LIMITS: Final = ("depth", "huge", "too long", "too big", "xml_max", "limit")


class Root(NamedTuple):
    """What an XML file says it is.

    Attributes:
        namespace: Of the message, or empty.
        message: Local name of the message's element: BkToCstmrStmt, ...; the root's where the file
            has no message of ISO 20022.
    """

    namespace: str
    message: str

    @property
    def base(self) -> str:
        """Name of the message's element without the version that .01 puts behind it."""
        return _VERSION.sub("", self.message)

    @property
    def shown(self) -> str:
        """A short name for people; never what the file may hide in it."""
        name = self.namespace.rpartition(":")[2] or self.message
        return name if _NAME.fullmatch(name) else "XML"


class Round(NamedTuple):
    """The children of one container that became whole.

    Attributes:
        container: The element, still growing unless ``ended``.
        name: Its local name.
        children: Whole children, in order, each given once.
        opened: A last child that is still growing, or None.
        ended: Whether these were the last.
        relieve: Called by whoever took parts out of the child that is still growing.
    """

    container: "_Element"
    name: str
    children: "Sequence[_Element]"
    opened: "_Element | None"
    ended: bool
    relieve: Callable[[], None]


def begins_as_xml(head: bytes) -> bool:
    """Whether the first bytes are those of an XML file."""
    text = _text_of(head[:_HEAD])
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def _text_of(head: bytes) -> str:
    """The beginning of the file as text, well enough to find markup in it."""
    if head.startswith((b"\xff\xfe", b"<\x00")):
        return head.decode("utf-16-le", "replace")
    if head.startswith((b"\xfe\xff", b"\x00<")):
        return head.decode("utf-16-be", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def require_harmless(head: bytes) -> None:
    """Refuse what stands before the root element and should not.

    Raises:
        BankFileError: ``bank_xml_dtd`` or ``bank_encoding``.
    """
    text = _text_of(head[:_HEAD]).lstrip("\ufeff")
    declared = _DECLARED.match(text.lstrip())
    if declared is not None and _ENCODINGS.fullmatch(declared[1]) is None:
        raise BankFileError("bank_encoding", value=declared[1])
    at = 0
    while (beside := _BESIDE.match(text, at)) is not None:
        at = beside.end()
    if text.startswith("<!", at):
        raise BankFileError("bank_xml_dtd")


def local_name(tag: object) -> str:
    """The name of an element without its namespace."""
    return str(tag).rpartition("}")[2]


def line_of(element: Any) -> int:  # noqa: ANN401 - lxml's stubs do not know the type
    """Number of the line on which an element begins, 0 where it is not known."""
    line: int = element.sourceline or 0
    return line


def started(parser: Any) -> "Iterator[_Element]":  # noqa: ANN401 - one class of lxml
    """The elements that a parser has met since it was last asked."""
    for _event, element in parser.read_events():
        yield element


def root_of(path: Path) -> Root:
    """Tell what an XML file is from its first elements.

    Raises:
        BankFileError: ``bank_xml_dtd``, ``bank_encoding``, ``bank_xml_broken``.
    """
    from lxml import etree  # noqa: PLC0415 - not for --help

    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    require_harmless(head)
    parser = etree.XMLPullParser(events=("start",), **OPTIONS)
    failed: BankFileError | None = None
    try:
        parser.feed(head)
    except etree.XMLSyntaxError as error:
        failed = broken(error)
    names: list[str] = []
    for element in started(parser):
        if element.getroottree().docinfo.internalDTD is not None:
            raise BankFileError("bank_xml_dtd")
        names.append(element.tag)
        if len(names) > 1 and local_name(names[-2]) == "Document":
            return Root(names[-1].rpartition("}")[0].removeprefix("{"), local_name(names[-1]))
        if len(names) > 64 * _DEEPEST_MESSAGE:
            break
    if failed is not None:
        raise failed
    if not names:
        raise BankFileError("bank_xml_broken", problem="")
    return Root(names[0].rpartition("}")[0].removeprefix("{"), local_name(names[0]))


def broken(error: Exception) -> BankFileError:
    """Say with a code of ours what the parser refused; its own words may quote the file."""
    place = getattr(error, "position", None) or (0, 0)
    words = str(error).lower()
    code = "bank_xml_limit" if any(word in words for word in _LIMITS) else "bank_xml_broken"
    return BankFileError(code, line=int(place[0]), column=int(place[1]))


def is_utf8(path: Path) -> bool:
    """Whether an XML file is UTF-8 by its own words and first bytes."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        return False
    declared = _DECLARED.match(_text_of(head).lstrip())
    return declared is None or declared[1].lower() in {"utf-8", "utf8", "us-ascii", "ascii"}


class Containers:
    """Feeds a parser and gives out the children of containers as they become whole.

    Attributes:
        behind_item: Whether the parser stands just behind an item, inside a container.
    """

    def __init__(self, root: Root, names: Sequence[str], item: str | None = None) -> None:
        """Make the parser.

        Args:
            root: What the file is.
            names: Local names of the containers, children of the message.
            item: Local name of the children behind which ``behind_item`` is wanted.
        """
        from lxml import etree  # noqa: PLC0415 - not for --help

        prefix = f"{{{root.namespace}}}" if root.namespace else ""
        self.message = f"{prefix}{root.message}"
        self.item = None if item is None else f"{prefix}{item}"
        tags = [f"{prefix}{name}" for name in names]
        self.parser: Any
        if self.item is None:
            self.parser = etree.XMLPullParser(events=("start",), tag=tags, **OPTIONS)
        else:
            tags.append(self.item)
            self.parser = etree.XMLPullParser(events=("start", "end"), tag=tags, **OPTIONS)
        self.failure = etree.XMLSyntaxError
        self.container: _Element | None = None
        self.behind_item = False
        self.untaken = 0

    def relieve(self) -> None:
        """Note that the tree has become smaller."""
        self.untaken = 0

    def fed(self, piece: bytes | None) -> Iterator[Round]:
        """Feed a piece, None at the end.

        Raises:
            BankFileError: ``bank_xml_broken``, ``bank_xml_limit``.
        """
        self.behind_item = False
        try:
            if piece is None:
                self.parser.close()
            else:
                self.untaken += len(piece)
                self.parser.feed(piece)
        except self.failure as error:
            raise broken(error) from None
        for event, element in self.parser.read_events():
            if event == "end":
                self.behind_item = (
                    element.tag == self.item and element.getparent() is self.container
                )
                continue
            self.behind_item = False
            parent = element.getparent()
            if element.tag == self.item or parent is None or parent.tag != self.message:
                continue  # an item, or the same name further down
            yield from self._given(ended=True)
            _forget_before(element)
            self.container = element
        yield from self._given(ended=piece is None)
        if self.untaken > MOST_UNTAKEN:
            raise BankFileError("bank_xml_limit")

    def _given(self, *, ended: bool) -> Iterator[Round]:
        """Give out the whole children; they are let go of when the next round is asked for."""
        container = self.container
        if container is None:
            return
        children = list(container)
        opened = None
        if children and not ended and not self.behind_item:
            opened = children.pop()
        name = local_name(container.tag)
        yield Round(container, name, children, opened, ended, self.relieve)
        if children:
            del container[: len(children)]
            self.relieve()


def pieces(stream: IO[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The bytes of a file, piece by piece.

    Raises:
        BankFileError: ``bank_xml_limit`` for a file that is too large.
    """
    if os.fstat(stream.fileno()).st_size > MOST_BYTES:
        raise BankFileError("bank_xml_limit", line=0, column=0)
    while piece := stream.read(size):
        yield piece


def rounds(path: Path, root: Root, names: Sequence[str]) -> Iterator[Round]:
    """Read the containers with these names, children of the message, in the order of the file.

    Raises:
        BankFileError: ``bank_xml_broken``, ``bank_xml_limit``, ``bank_xml_dtd``.
    """
    containers = Containers(root, names)
    with path.open("rb") as stream:
        for piece in pieces(stream):
            yield from containers.fed(piece)
    yield from containers.fed(None)


def held_by(
    turns: Iterable[Round], name: str, begin: Callable[[], Held]
) -> Iterator[tuple[Held | None, Round]]:
    """Turns with what their container is read into, begun anew with each container of a name.

    Args:
        turns: Of ``rounds``.
        name: Local name of the containers.
        begin: Makes what one of them is read into.
    """
    held: Held | None = None
    for turn in turns:
        if turn.name != name:
            yield None, turn
            continue
        if held is None:
            held = begin()
        yield held, turn
        if turn.ended:
            held = None


def _forget_before(element: "_Element") -> None:
    """Let go of the containers before this one; their texts too."""
    parent = element.getparent()
    if parent is not None:
        del parent[: parent.index(element)]
