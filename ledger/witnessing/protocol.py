"""What a log sends to a witness, and what it is answered.

``POST /add-checkpoint``: the size from which the proof leads, the proof, a blank line, the signed
checkpoint. The answer is the cosignature, or a status that says why there is none.

Source: C2SP tlog-witness.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import HASH_BYTES

ADD_CHECKPOINT: Final = "add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
MAX_BODY: Final = 256 * 1024
"""A request of more is not read: a proof has 63 hashes, a checkpoint some signatures."""

STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "bad_note": 400,
        "bad_checkpoint": 400,
        "bad_proof": 400,
        "bad_signature": 403,
        "checkpoint_unsigned": 403,
        "unknown_log": 404,
        "other_size_seen": 409,
        "two_histories": 422,
        "proof_fails": 422,
    }
)
"""Status of an answer by the code of the refusal; any other is 500."""

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LONGEST_PROOF: Final = 63


class Request(NamedTuple):
    """One question: is this checkpoint the continuation of what was seen at ``old``?"""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """Return the body."""
        return f"old {self.old}\n{encode_proof(self.proof)}\n".encode() + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Request":
        """Read a body.

        Raises:
            LedgerError: ``bad_proof``.
        """
        head, separator, checkpoint = body.partition(b"\n\n")
        if not separator:
            raise _bad()
        first, _, rest = head.partition(b"\n")
        old = _OLD.fullmatch(first.decode("ascii", "replace"))
        if old is None:
            raise _bad()
        return cls(int(old[1]), parse_proof(rest), checkpoint)


def encode_proof(proof: Sequence[bytes]) -> str:
    """Return the hashes of a proof, one a line."""
    return "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)


def parse_proof(lines: bytes) -> tuple[bytes, ...]:
    """Read the hashes of a proof, one a line.

    Raises:
        LedgerError: ``bad_proof``.
    """
    found = lines.removesuffix(b"\n").split(b"\n") if lines.strip() else []
    if len(found) > _LONGEST_PROOF:
        raise _bad()
    return tuple(map(_hash, found))


def parse_size(body: bytes) -> int | None:
    """Read the size that a witness tells with status 409; None where it is none."""
    text = body.decode("ascii", "replace").removesuffix("\n")
    return int(text) if _SIZE.fullmatch(text) else None


def _hash(line: bytes) -> bytes:
    try:
        node = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise _bad() from None
    if len(node) != HASH_BYTES or base64.b64encode(node) != line:
        raise _bad()
    return node


def _bad() -> LedgerError:
    return LedgerError("bad_proof", problem=N_("it is no list of SHA-256 hashes, one a line"))
