"""Tiles and bundles of entries: a log as files that any web server can serve.

Source: C2SP tlog-tiles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import HASH_BYTES
from ledger.proof.tree import TILE_HEIGHT, TILE_WIDTH

ENTRIES: Final = "entries"
CHECKPOINT: Final = "checkpoint"
MAX_ENTRY_BYTES: Final = 0xFFFF
"""An entry's length is two bytes."""

_DIGITS: Final = 1000


@dataclass(frozen=True)
class Tile:
    """One tile: its level (0 for leaf hashes), its index in it, and how many hashes it has."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Where it stands under the log's prefix."""
        return f"tile/{self.level}/{_index_path(self.index)}{_suffix(self.width)}"

    @property
    def entries_path(self) -> str:
        """Where the entries of a tile of level 0 stand."""
        return f"tile/{ENTRIES}/{_index_path(self.index)}{_suffix(self.width)}"


def _index_path(index: int) -> str:
    parts = [f"{index % _DIGITS:03}"]
    while index := index // _DIGITS:
        parts.append(f"x{index % _DIGITS:03}")
    return "/".join(reversed(parts))


def _suffix(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def tiles_of(size: int, from_size: int = 0) -> Iterator[Tile]:
    """Return the tiles of a tree, level by level; those that a smaller tree has whole left out.

    Args:
        size: Leaves of the tree.
        from_size: Leaves of a tree whose full tiles are there already.
    """
    level = 0
    while hashes := size >> (level * TILE_HEIGHT):
        there = from_size >> (level * TILE_HEIGHT)
        full, rest = divmod(hashes, TILE_WIDTH)
        for index in range(there // TILE_WIDTH, full):
            yield Tile(level, index, TILE_WIDTH)
        if rest:
            yield Tile(level, full, rest)
        level += 1


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Put entries one behind another, each after its length.

    Raises:
        ValueError: an entry is longer than a bundle can say.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            message = f"an entry of {len(entry)} bytes"
            raise ValueError(message)
        parts += (len(entry).to_bytes(2), entry)
    return b"".join(parts)


def unpack_entries(packed: bytes) -> list[bytes]:
    """Take entries apart.

    Raises:
        LedgerError: ``bad_tile`` where the last one is cut off.
    """
    entries, at = [], 0
    while at < len(packed):
        end = at + 2 + int.from_bytes(packed[at : at + 2])
        if end > len(packed):
            raise LedgerError("bad_tile", problem=N_("its last entry is cut off"))
        entries.append(packed[at + 2 : end])
        at = end
    return entries


def pack_hashes(hashes: Sequence[bytes]) -> bytes:
    """Put the hashes of a tile one behind another."""
    return b"".join(hashes)


def unpack_hashes(packed: bytes, width: int) -> list[bytes]:
    """Take the hashes of a tile apart.

    Raises:
        LedgerError: ``bad_tile`` where there are not ``width`` of them.
    """
    if len(packed) != width * HASH_BYTES:
        raise LedgerError("bad_tile", problem=N_("it has another length"))
    return [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]
