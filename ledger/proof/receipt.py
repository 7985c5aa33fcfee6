"""A proof as one text: this entry stands in that log, at this place, under this checkpoint.

Source: C2SP tlog-proof.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from ledger.proof.checkpoint import OpenedCheckpoint, open_checkpoint
from ledger.proof.note import MAX_NOTE_BYTES, VerifierKey

HEADING: Final = "c2sp.org/tlog-proof@v1"

_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_EXTRA: Final = "extra "
_DEEPEST: Final = 63


@dataclass(frozen=True)
class LogProof:
    """Where an entry stands in a log, and how its hash leads to the checkpoint's root.

    Attributes:
        index: Index of the leaf: the event's position less one.
        path: Hashes from the leaf's neighbour up, 32 bytes each.
        checkpoint: The signed note, with all its signatures.
        extra: What a reader may need beside; nothing vouches for it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """Return the proof as it is stored and sent."""
        lines = [HEADING]
        if self.extra:
            lines.append(_EXTRA + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += (base64.b64encode(node).decode() for node in self.path)
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a proof; nothing of it is believed yet.

        Raises:
            LedgerError: ``bad_proof``.
        """
        head, blank, checkpoint = raw.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            lines = []
        if not blank or len(raw) > MAX_NOTE_BYTES or lines[:1] != [HEADING]:
            raise _bad_proof()
        rest = lines[1:]
        extra = _decoded(rest.pop(0)[len(_EXTRA) :]) if rest[:1] and _is_extra(rest) else b""
        found = _INDEX.fullmatch(rest[0]) if rest else None
        path = tuple(map(_decoded, rest[1:]))
        if found is None or len(path) > _DEEPEST or any(len(node) != HASH_BYTES for node in path):
            raise _bad_proof()
        return cls(int(found[1]), path, checkpoint, extra)

    def verify(
        self,
        entry: bytes,
        log_keys: Sequence[VerifierKey],
        witness_keys: Sequence[VerifierKey] = (),
        quorum: int = 0,
    ) -> OpenedCheckpoint:
        """Check that the entry stands in the log, and return the checkpoint that says so.

        Args:
            entry: The bytes of the event.
            log_keys: Keys of the log, known from elsewhere than the proof.
            witness_keys: Keys of the witnesses that are trusted.
            quorum: How many of them must have signed.

        Raises:
            LedgerError: ``proof_fails``, ``too_few_witnesses`` or what ``open_checkpoint`` says.
        """
        opened = open_checkpoint(self.checkpoint, log_keys, witness_keys)
        seen = {signed.key.name for signed in opened.cosigned}
        if len(seen) < quorum:
            raise LedgerError("too_few_witnesses", count=len(seen), limit=quorum)
        head = opened.checkpoint
        if not verify_inclusion(leaf_hash(entry), self.index, head.size, self.path, head.root):
            raise LedgerError("proof_fails", position=self.index + 1)
        return opened


def _is_extra(lines: Sequence[str]) -> bool:
    return lines[0].startswith(_EXTRA)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _bad_proof() from None


def _bad_proof() -> LedgerError:
    return LedgerError("bad_proof", problem=N_("it is no proof of a transparency log"))
