"""Verification of a log against what was signed of it, inside the ledger and outside.

The ledger's own checkpoints and the keys' memory catch whoever changes the database without the
key. A checkpoint that somebody else holds catches those too who have both; an export of the log
names the very event.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.eventlog.findings import Report
from ledger.eventlog.verify import verify
from ledger.eventlog.verify_tree import SignedHead
from ledger.evidence.keys import KeyFile
from ledger.evidence.log import Evidence
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import VerifierKey
from ledger.proof.tiles import CHECKPOINT, Tile, tiles_of, unpack_hashes

_NOT_SIGNED: Final = N_("the checkpoint of this size is not signed by the log's key")


@dataclass(frozen=True)
class Held:
    """What somebody outside holds of a log.

    Attributes:
        checkpoints: Signed notes.
        folder: An export of the log.
        log_keys: The log's keys; those that the ledger names, where none are given.
        witness_keys: Keys of witnesses that are trusted.
    """

    checkpoints: Sequence[bytes] = ()
    folder: Path | None = None
    log_keys: Sequence[VerifierKey] = ()
    witness_keys: Sequence[VerifierKey] = ()


def verify_log(
    evidence: Evidence,
    file: KeyFile,
    held: Held,
    from_position: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify a log from a position on, against every signature that can be had.

    Raises:
        LedgerError: What is held cannot be read, or is not signed by the log's key.
    """
    keys = list(held.log_keys) or evidence.verifiers()
    leaves: list[bytes] = []
    outside = [_head(raw, keys, held.witness_keys) for raw in held.checkpoints]
    if held.folder is not None:
        head = _head(_read(held.folder / CHECKPOINT), keys, held.witness_keys)
        leaves = list(_exported_leaves(held.folder, head.size))
        outside.append(head)
    own, unsigned = _own(evidence, keys, held.witness_keys)
    remembered = file.signed(evidence.origin())
    if remembered is not None:
        own.append(SignedHead(remembered.size, remembered.root))
    report = verify(
        evidence.engine,
        evidence.tenant,
        from_position,
        heads=[*own, *outside],
        leaves=leaves,
        progress=progress,
    )
    for size in unsigned:
        report.add(size, "signature", _NOT_SIGNED)
    report.findings.sort(key=lambda finding: finding.position)
    return report


def _head(raw: bytes, keys: Sequence[VerifierKey], witnesses: Sequence[VerifierKey]) -> SignedHead:
    opened = open_checkpoint(raw, keys, witnesses)
    names = {signed.key.name for signed in opened.cosigned}
    return SignedHead(opened.checkpoint.size, opened.checkpoint.root, len(names))


def _own(
    evidence: Evidence, keys: Sequence[VerifierKey], witnesses: Sequence[VerifierKey]
) -> tuple[list[SignedHead], list[int]]:
    """Return the ledger's own checkpoints, and the sizes of those that its keys did not sign."""
    heads, unsigned = [], []
    for signed in evidence.checkpoints():
        try:
            head = _head(evidence.note_of(signed) if witnesses else signed.note, keys, witnesses)
        except LedgerError:
            unsigned.append(signed.size)
            continue
        if (head.size, head.root) != (signed.size, signed.root):
            unsigned.append(signed.size)
        heads.append(head)
    return heads, unsigned


def _exported_leaves(folder: Path, size: int) -> Iterator[bytes]:
    for tile in tiles_of(size):
        if tile.level == 0:
            yield from unpack_hashes(_tile_bytes(folder, tile), tile.width)


def _tile_bytes(folder: Path, tile: Tile) -> bytes:
    return _read(folder / tile.path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise LedgerError("file_unreadable", file=str(path)) from None
