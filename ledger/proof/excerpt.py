"""Excerpts of a hash tree: some leaves as they are, of the others nothing but hashes.

A document of a thousand lines can be shown with one of them, and its root still be computed: each
run of lines that is withheld gives the hash of its subtree. As text, one row a piece, in order::

    1-2 9f86d081884c7d65...      lines 1 and 2 are withheld; the root of the two
    3 {"amount_fen":480000,...}  line 3 as it was recorded, byte for byte

Numbers count from 1 and leave no gap. A withheld run is always a whole subtree of RFC 6962.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from ledger.kernel.merkle import leaf_hash, node_hash, root

MOST_LEAVES: Final = 10_000_000
"""A tree of more leaves is no document's."""

_ROW: Final = re.compile(rb"([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))? (.+)", re.DOTALL)
_HASH: Final = re.compile(rb"[0-9a-f]{64}")


class Piece(NamedTuple):
    """A row: a leaf that is shown, or a run of leaves of which there is only the hash.

    Attributes:
        first: Number of its first leaf, from 1.
        last: Number of its last.
        body: The leaf's bytes, None where it is withheld.
        digest: Hash of the leaf or of the subtree.
    """

    first: int
    last: int
    body: bytes | None
    digest: bytes

    def encode(self) -> bytes:
        """Return the row, with its end."""
        if self.body is not None:
            return b"%d %b\n" % (self.first, self.body)
        return f"{self.first}-{self.last} {self.digest.hex()}\n".encode()


class BadExcerptError(ValueError):
    """Rows are no excerpt; ``row`` says which one, from 1."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def excerpt(bodies: Sequence[bytes], shown: Collection[int]) -> bytes:
    """Show some leaves of a tree and hide the others.

    Args:
        bodies: All leaves.
        shown: Numbers of those that are shown, from 1.
    """
    hashes = list(map(leaf_hash, bodies))
    wanted = frozenset(shown)

    def pieces(first: int, count: int) -> Iterator[Piece]:
        last = first + count - 1
        if wanted.isdisjoint(range(first, last + 1)):
            yield Piece(first, last, None, root(hashes[first - 1 : last]))
        elif count == 1:
            yield Piece(first, first, bodies[first - 1], hashes[first - 1])
        else:
            half = _split(count)
            yield from pieces(first, half)
            yield from pieces(first + half, count - half)

    if not bodies:
        return b""
    return b"".join(piece.encode() for piece in pieces(1, len(bodies)))


def parse_excerpt(raw: bytes) -> list[Piece]:
    """Read an excerpt; that it gives a root is not yet said.

    Raises:
        BadExcerptError: A row cannot be read, or rows leave a gap.
    """
    if not raw:
        return []
    rows = raw.split(b"\n")
    if rows.pop():
        raise BadExcerptError(len(rows) + 1)
    pieces: list[Piece] = []
    expected = 1
    for number, row in enumerate(rows, 1):
        found = _ROW.fullmatch(row)
        if found is None:
            raise BadExcerptError(number)
        first, last, rest = int(found[1]), int(found[2] or found[1]), found[3]
        if first != expected or last < first or last > MOST_LEAVES:
            raise BadExcerptError(number)
        if found[2] is None:
            pieces.append(Piece(first, first, rest, leaf_hash(rest)))
        elif _HASH.fullmatch(rest):
            pieces.append(Piece(first, last, None, bytes.fromhex(rest.decode())))
        else:
            raise BadExcerptError(number)
        expected = last + 1
    return pieces


def root_of(pieces: Sequence[Piece]) -> bytes | None:
    """Return the root of the whole tree; None where a withheld run is no subtree of it."""
    if not pieces:
        return root([])
    at = {(piece.first, piece.last): piece.digest for piece in pieces}
    starts = {piece.first: piece.last for piece in pieces}

    def of(first: int, count: int) -> bytes | None:
        last = first + count - 1
        digest = at.get((first, last))
        if digest is not None:
            return digest
        if count == 1 or starts.get(first, last) > last:
            return None
        half = _split(count)
        left = of(first, half)
        right = of(first + half, count - half) if left is not None else None
        return node_hash(left, right) if left is not None and right is not None else None

    return of(1, pieces[-1].last)


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)
