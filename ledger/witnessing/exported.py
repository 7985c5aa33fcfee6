"""A log as its files: in a folder, on a stick, or behind any web server.

Source: C2SP tlog-tiles.
"""

import urllib.error
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import HASH_BYTES, verify_consistency
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.tiles import CHECKPOINT, Tile, unpack_hashes
from ledger.proof.tree import TILE_WIDTH, Tree
from ledger.witnessing.opening import OPENER, SCHEMES

_SECONDS: Final = 10.0
_MAX_BYTES: Final = 1_000_000


class Exported:
    """The files of a log; nothing in them is believed before it leads to a signed root."""

    def __init__(self, place: str) -> None:
        self._place = place.rstrip("/") or "/"

    def checkpoint(self) -> bytes:
        """Return the checkpoint that lies with the files.

        Raises:
            LedgerError: ``file_unreadable`` or ``bad_checkpoint``.
        """
        found = self._read(CHECKPOINT)
        if found is None:
            raise self._missing(CHECKPOINT)
        return found

    def tile(self, level: int, index: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile, from it or from one that has more of them.

        Raises:
            LedgerError: ``bad_tile``, also where there is none.
        """
        for path in self._paths(Tile(level, index, width)):
            content = self._read(path)
            if content is None:
                continue
            if len(content) % HASH_BYTES or not width <= len(content) // HASH_BYTES <= TILE_WIDTH:
                raise LedgerError("bad_tile", path=path, problem=N_("it has another length"))
            return unpack_hashes(content[: width * HASH_BYTES], width)
        raise self._missing(Tile(level, index, width).path)

    def _paths(self, tile: Tile) -> list[str]:
        """Where such a tile may be: its own path, larger parts of it, and the whole."""
        whole = Tile(tile.level, tile.index, TILE_WIDTH)
        if self._place.startswith(SCHEMES):
            return list(dict.fromkeys((tile.path, whole.path)))
        folder = Path(self._place) / f"{whole.path}.p"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        widths = sorted(int(name) for name in names if name.isascii() and name.isdigit())
        larger = (Tile(tile.level, tile.index, width) for width in widths if width > tile.width)
        paths = (tile.path, whole.path, *(each.path for each in larger))
        return list(dict.fromkeys(paths))

    def _read(self, path: str) -> bytes | None:
        where = f"{self._place}/{path}"
        if not where.startswith(SCHEMES):
            try:
                with Path(where).open("rb") as file:
                    return file.read(_MAX_BYTES)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise LedgerError("file_unreadable", file=where) from error
        try:
            with OPENER.open(where, timeout=_SECONDS) as answer:
                content: bytes = answer.read(_MAX_BYTES)
                return content
        except urllib.error.HTTPError as error:
            error.close()
            return None
        except (OSError, HTTPException, ValueError) as error:
            raise LedgerError("file_unreadable", file=where) from error

    def _missing(self, path: str) -> LedgerError:
        return LedgerError("bad_tile", path=f"{self._place}/{path}", problem=N_("it is missing"))


def proof_between(exported: Exported, older: Checkpoint, newer: Checkpoint) -> list[bytes]:
    """Return the consistency proof between two checkpoints, from files that lead to the newer one.

    Args:
        exported: The log's files.
        older: Size and root that are known; of size 0 nothing is proved.
        newer: A checkpoint that the log signed.

    Raises:
        LedgerError: ``two_histories`` where the files lead to the newer checkpoint and contradict
            the older one; ``bad_tile`` where they do not lead to it.
    """
    tree = Tree(exported, newer.size)
    if tree.root() != newer.root:
        raise LedgerError("bad_tile", problem=N_("the files do not lead to the checkpoint"))
    if older.size == 0:
        return []
    proof = tree.consistency_proof(older.size)
    prefix = tree.root(older.size)
    if not verify_consistency(older.size, newer.size, proof, prefix, newer.root):
        raise LedgerError("bad_tile", problem=N_("the files contradict themselves"))
    if prefix != older.root:
        raise LedgerError("two_histories", value=newer.origin, position=older.size)
    return proof
