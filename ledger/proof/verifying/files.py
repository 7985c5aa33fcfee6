"""What is to be verified, as named bytes: a folder, a zip file, a receipt or a PDF with one in it.

Whoever made it may wish us harm. Names that leave the folder, links, devices, files that unpack to
more than is sensible and damaged archives are refused before anything is believed.
"""

import json
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

MOST_FILES: Final = 100_000
MOST_BYTES: Final = 1 << 30
"""All files of a bundle together, unpacked."""
MOST_PACKED: Final = 200
"""So many times smaller may a file be packed; our own text packs 5 to 20 times."""
SMALL: Final = 1 << 20
"""Files that may be packed as tightly as they like."""
_LONGEST_NAME: Final = 200
_ENCRYPTED: Final = 1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

RECEIPT_HEAD: Final = b"wageledger-receipt/1\n"
"""First line of a receipt, by which it is also found inside a PDF."""


class UnreadableError(Exception):
    """It is no bundle or receipt, or not one that may be opened.

    Attributes:
        problem: What is wrong, a text of ``ledger.proof.verifying.words``.
        file: In which file, or what the whole is called.
    """

    def __init__(self, problem: str, file: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file


@dataclass
class Files:
    """Named bytes, read when they are asked for.

    Attributes:
        sizes: Length of every file by its path.
    """

    sizes: Mapping[str, int]
    _read: Callable[[str], bytes] = field(repr=False)
    close: Callable[[], None] = field(default=lambda: None, repr=False)
    """Gives up what is open."""

    def read(self, path: str) -> bytes:
        """Return a file.

        Raises:
            UnreadableError: It is not there or damaged.
        """
        if path not in self.sizes:
            raise UnreadableError("a file is missing", path)
        return self._read(path)


def opened(path: Path) -> Files | bytes:
    """Open a folder or zip file as files, a receipt as its bytes.

    Raises:
        UnreadableError: It is neither.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if not path.is_file():
            raise UnreadableError("there is no such file or folder", path.name)
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableError("it is too large", path.name)
        stream = path.open("rb")
    except OSError:
        raise UnreadableError("it cannot be read", path.name) from None
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(b"PK"):
        try:
            return _zip(stream, path.name)
        except BaseException:
            stream.close()
            raise
    with stream:
        return stream.read()


def _folder(folder: Path) -> Files:
    sizes: dict[str, int] = {}
    for entry in sorted(folder.rglob("*")):
        name = entry.relative_to(folder).as_posix()
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            raise UnreadableError("links and devices do not belong into a bundle", name)
        if entry.is_file():
            sizes[name] = entry.stat().st_size
        _require_room(sizes, name)

    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError:
            raise UnreadableError("it cannot be read", name) from None

    return Files(sizes, read)


def _zip(stream: BinaryIO, name: str) -> Files:
    try:
        archive = zipfile.ZipFile(stream)
        members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        count = sum(not info.is_dir() for info in archive.infolist())
    except _DAMAGED:
        raise UnreadableError("it is no whole zip file", name) from None
    if count > len(members):
        raise UnreadableError("the zip file holds a name twice", name)
    sizes: dict[str, int] = {}
    for path, info in members.items():
        _require_harmless(path, info)
        sizes[path] = info.file_size
        _require_room(sizes, path)

    def read(path: str) -> bytes:
        try:
            with archive.open(members[path]) as member:
                raw = member.read(sizes[path] + 1)
        except _DAMAGED:
            raise UnreadableError("the file is damaged", path) from None
        if len(raw) != sizes[path]:
            raise UnreadableError("the file is damaged", path)
        return raw

    def close() -> None:
        archive.close()
        stream.close()

    return Files(sizes, read, close)


_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, MemoryError,
    NotImplementedError, IndexError, KeyError, OverflowError, TypeError,
)  # fmt: skip
"""What ``zipfile`` raises for archives that are no archives."""


def _require_harmless(path: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        raise UnreadableError("it is packed in a way that is not read here", path[:_LONGEST_NAME])
    parts = path.split("/")
    odd = "\\" in path or ":" in path or any(sign < " " for sign in path)
    if odd or len(path) > _LONGEST_NAME or {"", ".", ".."}.intersection(parts):
        raise UnreadableError("its name leads out of the bundle", repr(path[:_LONGEST_NAME]))
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise UnreadableError("links and devices do not belong into a bundle", path)
    if info.file_size > max(SMALL, info.compress_size * MOST_PACKED):
        raise UnreadableError("it unpacks to too much", path)


def _require_room(sizes: Mapping[str, int], name: str) -> None:
    if len(sizes) > MOST_FILES or sizes.get(name, 0) > MOST_BYTES:
        raise UnreadableError("it is too large", name)
    if len(sizes) % 100 == 0 and sum(sizes.values()) > MOST_BYTES:
        raise UnreadableError("it is too large", name)


def require_size(files: Files) -> None:
    """Refuse a bundle that is too large as a whole.

    Raises:
        UnreadableError: All its files together are.
    """
    if sum(files.sizes.values()) > MOST_BYTES:
        raise UnreadableError("it is too large")


def receipt_in(raw: bytes, name: str) -> dict[str, Any]:
    """Return what a receipt says, which stands alone or inside a PDF.

    Raises:
        UnreadableError: There is none.
    """
    at = raw.find(RECEIPT_HEAD)
    if at < 0 or (at and not raw.startswith(b"%PDF-")):
        raise UnreadableError("it is neither a bundle nor a receipt", name)
    text = raw[at + len(RECEIPT_HEAD) :].decode("utf-8", "replace")
    said, end = parsed(text, name)
    if at == 0 and text[end:].strip():
        raise UnreadableError("something follows the receipt", name)
    if not isinstance(said, dict):
        raise UnreadableError("it is neither a bundle nor a receipt", name)
    return said


def parsed(text: str, name: str) -> tuple[Any, int]:
    """Parse JSON without floats; whatever stands behind it is left.

    Raises:
        UnreadableError: It is no JSON, or nested too deep.
    """
    try:
        return _parse(text)
    except (ValueError, RecursionError):
        raise UnreadableError("it is no JSON", name) from None


def parsed_whole(raw: bytes, name: str) -> Any:  # noqa: ANN401 - whatever it says
    """Parse JSON without floats, and nothing behind it.

    Raises:
        UnreadableError: It is no JSON, or nested too deep.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError("it is no JSON", name) from None
    said, end = parsed(text, name)
    if text[end:].strip():
        raise UnreadableError("it is no JSON", name)
    return said


def _refuse(spelled: str) -> object:
    raise ValueError(spelled)


_parse: Final = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).raw_decode
