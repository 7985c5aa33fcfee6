"""Small logs for witnesses: honest ones, and two histories under one key."""

from dataclasses import dataclass, field
from pathlib import Path

from ledger.kernel import merkle
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.note import Note, SignerKey
from ledger.proof.schemes import ED25519
from ledger.proof.tiles import CHECKPOINT, Tile, pack_hashes, tiles_of
from ledger.proof.tree import TILE_HEIGHT, TILE_WIDTH

ORIGIN = "ledger.example.org/main"


def key_of(origin: str = ORIGIN) -> SignerKey:
    return SignerKey.random(origin, ED25519)


@dataclass
class Log:
    """A log by its leaves, with the key of its owner."""

    key: SignerKey = field(default_factory=key_of)
    leaves: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, count: int, key: SignerKey | None = None) -> "Log":
        log = cls(key or key_of())
        return log.grown(count)

    def grown(self, count: int, salt: str = "") -> "Log":
        """A log with further leaves; another salt is another history from there."""
        begin = len(self.leaves)
        more = [merkle.leaf_hash(f"{salt}{at}".encode()) for at in range(begin, begin + count)]
        return Log(self.key, [*self.leaves, *more])

    @property
    def size(self) -> int:
        return len(self.leaves)

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.leaves[: self.size if size is None else size])

    def checkpoint(self, size: int | None = None, extension: tuple[str, ...] = ()) -> bytes:
        at = self.size if size is None else size
        text = Checkpoint(self.key.name, at, self.root(at), extension).text
        return Note(text, (self.key.sign(text),)).encode()

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        at = self.size if size is None else size
        return merkle.consistency_proof(self.leaves[:at], old) if 0 < old < at else []

    def export(self, folder: Path) -> Path:
        """Write the files of the log, as a stick holds them."""
        for tile in tiles_of(self.size):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pack_hashes(self.tile(tile)))
        (folder / CHECKPOINT).write_bytes(self.checkpoint())
        return folder

    def tile(self, tile: Tile) -> list[bytes]:
        run = 1 << (tile.level * TILE_HEIGHT)
        first = tile.index * TILE_WIDTH
        return [
            merkle.root(self.leaves[at * run : (at + 1) * run])
            for at in range(first, first + tile.width)
        ]
