"""Roots and proofs of a long log without reading it whole.

Hashes are kept by tile level: level 0 holds the leaf hashes, level 1 the roots of every complete
run of 256 leaves, level 2 the roots of 256 of those, and so on. A proof in a tree of a million
leaves then reads a handful of runs.

Source: RFC 6962 section 2.1; the levels are those of C2SP tlog-tiles.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from ledger.kernel.merkle import EMPTY_ROOT, node_hash, root

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT


class Hashes(Protocol):
    """Where a tree's hashes are."""

    def tile(self, level: int, index: int, width: int) -> Sequence[bytes]:
        """Return the first ``width`` (1 to 256) hashes of a tile."""


class Tree:
    """A tree of ``size`` leaves; reads each tile once."""

    def __init__(self, hashes: Hashes, size: int) -> None:
        self._hashes = hashes
        self.size = size
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self, size: int | None = None) -> bytes:
        """Return the root over all leaves, or over the first ``size``."""
        count = self.size if size is None else size
        self._require(0 <= count <= self.size, count)
        return self._subtree(0, count) if count else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the neighbours on the way from a leaf to the root, lowest first.

        Raises:
            IndexError: there is no such leaf.
        """
        count = self.size if size is None else size
        self._require(0 <= index < count <= self.size, index)
        first, proof = 0, []
        while count > 1:
            half = _split(count)
            if index - first < half:
                proof.append(self._subtree(first + half, count - half))
                count = half
            else:
                proof.append(self._subtree(first, half))
                first, count = first + half, count - half
        proof.reverse()
        return proof

    def consistency_proof(self, size1: int, size2: int | None = None) -> list[bytes]:
        """Return the nodes that show that the first ``size1`` leaves are a prefix.

        Raises:
            IndexError: nothing can be proved about an empty or a longer tree.
        """
        count = self.size if size2 is None else size2
        self._require(1 <= size1 <= count <= self.size, size1)
        first, left, proof = 0, size1, []
        whole = True  # the prefix is a node of the tree on the way, whose root is known
        while left < count:
            half = _split(count)
            if left <= half:
                proof.append(self._subtree(first + half, count - half))
                count = half
            else:
                proof.append(self._subtree(first, half))
                first, left, count = first + half, left - half, count - half
                whole = False
        if not whole:
            proof.append(self._subtree(first, count))
        proof.reverse()
        return proof

    def _subtree(self, first: int, count: int) -> bytes:
        """Root over ``count`` leaves from ``first``, which a complete subtree of them begins."""
        half = _split(count)
        if count > 1 and half * 2 != count:
            return node_hash(self._subtree(first, half), self._subtree(first + half, count - half))
        level, height = divmod(count.bit_length() - 1, TILE_HEIGHT)
        at = first >> (level * TILE_HEIGHT)
        tile, offset = divmod(at, TILE_WIDTH)
        return root(self._tile(level, tile)[offset : offset + (1 << height)])

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        key = (level, index)
        if key not in self._tiles:
            kept = (self.size >> (level * TILE_HEIGHT)) - index * TILE_WIDTH
            self._tiles[key] = self._hashes.tile(level, index, min(kept, TILE_WIDTH))
        return self._tiles[key]

    def _require(self, holds: bool, asked: int) -> None:  # noqa: FBT001 - one check for three
        if not holds:
            message = f"nothing at {asked} in a tree of {self.size}"
            raise IndexError(message)


def _split(count: int) -> int:
    """Return the largest power of two below ``count``, 1 for 1."""
    return 1 << max((count - 1).bit_length() - 1, 0)


class Frontier:
    """The tree of leaves that come one after another, without keeping them.

    Attributes:
        size: How many leaves came.
    """

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []
        """Roots of the complete subtrees that the leaves fall into, the largest first."""

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take a leaf hash in; return the complete runs that it ends, as level, number, root.

        Only runs that tiles have are told: of 256 leaves (level 1), of 256 of those, and so on.
        """
        ended: list[tuple[int, int, bytes]] = []
        node, height, index = leaf, 0, self.size
        while index & 1:
            node = node_hash(self._complete.pop(), node)
            height, index = height + 1, index >> 1
            if height % TILE_HEIGHT == 0:
                ended.append((height // TILE_HEIGHT, index, node))
        self._complete.append(node)
        self.size += 1
        return ended

    def root(self) -> bytes:
        """Return the root over the leaves that came."""
        if not self._complete:
            return EMPTY_ROOT
        *larger, node = self._complete
        for left in reversed(larger):
            node = node_hash(left, node)
        return node
