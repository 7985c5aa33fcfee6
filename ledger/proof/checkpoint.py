"""Checkpoints: a log says how long it is and what its root hash is, and signs that.

Source: C2SP tlog-checkpoint; cosignatures as in C2SP tlog-cosignature.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import HASH_BYTES
from ledger.proof.note import Note, Signed, VerifierKey, check_note, parse_note

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES: Final = 3


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log's tree.

    Attributes:
        origin: The log's name, the same for ever and different from every other log's.
        size: Number of its leaves: the position of its last event.
        root: SHA-256 root of the RFC 6962 tree over them, 32 bytes.
        extension: Further lines, which this project does not write.
    """

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        head = (self.origin, str(self.size), base64.b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*head, *self.extension))


def parse_text(text: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        LedgerError: ``bad_checkpoint``.
    """
    lines = text.split("\n")
    if lines.pop() or len(lines) < _LINES or not all(lines):
        raise LedgerError("bad_checkpoint", problem=N_("it has other lines than a checkpoint"))
    origin, size, encoded, *extension = lines
    if _SIZE.fullmatch(size) is None:
        raise LedgerError("bad_checkpoint", problem=N_("its size is no number"))
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != encoded:
        raise LedgerError("bad_checkpoint", problem=N_("its root is no SHA-256 hash"))
    return Checkpoint(origin, int(size), root, tuple(extension))


@dataclass(frozen=True)
class OpenedCheckpoint:
    """A checkpoint whose log signed it, with the witnesses that did.

    Attributes:
        checkpoint: Origin, size and root.
        note: As it was read.
        signed: The log's keys that signed, at least one.
        cosigned: The witnesses' keys that did, each with its time.
    """

    checkpoint: Checkpoint
    note: Note
    signed: tuple[Signed, ...]
    cosigned: tuple[Signed, ...]


def open_checkpoint(
    raw: bytes, log_keys: Sequence[VerifierKey], witness_keys: Sequence[VerifierKey] = ()
) -> OpenedCheckpoint:
    """Read a signed checkpoint, and believe it only as far as known keys signed it.

    Args:
        raw: The signed note.
        log_keys: Keys of logs that are trusted; one named as the origin must have signed.
        witness_keys: Keys of the witnesses that are known.

    Raises:
        LedgerError: ``bad_note``, ``bad_checkpoint``, ``bad_signature`` or
            ``checkpoint_unsigned``.
    """
    note = parse_note(raw)
    checkpoint = parse_text(note.text)
    of_log = [key for key in log_keys if key.name == checkpoint.origin]
    signed = check_note(note, of_log)
    if not signed:
        raise LedgerError("checkpoint_unsigned", value=checkpoint.origin)
    cosigned = check_note(note, witness_keys)
    return OpenedCheckpoint(checkpoint, note, tuple(signed), tuple(cosigned))
