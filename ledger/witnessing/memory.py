"""What a witness remembers: the logs it trusts, and of each the last checkpoint that it signed.

Two files. ``state`` holds everything, after its own digest. ``memory`` holds one line: how often
the state was changed, and the digest it had then. A change is written to the state, then to the
memory, and both are on the disk before anybody is answered. A state with fewer changes than the
memory counts was taken from an older copy, and a witness that forgot signs a second history: it
refuses to go on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import EMPTY_ROOT
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.note import VerifierKey
from ledger.witnessing.files import read_private, write_private

_STATE: Final = "state"
_MEMORY: Final = "memory"
_HEADING: Final = "wageledger-witness-memory"
_FORMAT: Final = 1
_WORDS: Final = 4


@dataclass(frozen=True)
class TrustedLog:
    """A log that the witness watches.

    Attributes:
        origin: Its name.
        keys: Its keys, with the older ones while they overlap.
        size: Leaves of the last checkpoint that was cosigned; 0 before the first.
        root: Its root.
        note: That checkpoint as its log signed it, with the witness's line; empty before.
        fork: A checkpoint of the same size as one that was cosigned, with another root, signed
            by the log: with that one it proves that the log lies. Empty while it does not.
        forked_from: The one it contradicts.
    """

    origin: str
    keys: tuple[VerifierKey, ...]
    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""
    fork: str = ""
    forked_from: str = ""

    @property
    def head(self) -> Checkpoint:
        """Size and root that were seen last."""
        return Checkpoint(self.origin, self.size, self.root)

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "origin": self.origin,
            "keys": [key.encode() for key in self.keys],
            "size": self.size,
            "root": self.root.hex(),
            "note": self.note,
            "fork": self.fork,
            "forked_from": self.forked_from,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``document`` returned."""
        return cls(
            document["origin"],
            tuple(map(VerifierKey.parse, document["keys"])),
            document["size"],
            bytes.fromhex(document["root"]),
            document["note"],
            document["fork"],
            document["forked_from"],
        )


@dataclass(frozen=True)
class State:
    """All that a witness remembers.

    Attributes:
        witness: Its public key: the state of another witness is not taken for its own.
        changes: How often the state was changed.
        logs: By origin.
    """

    witness: str
    changes: int
    logs: Mapping[str, TrustedLog]

    def with_log(self, log: TrustedLog) -> Self:
        """Return the next state, in which this is what is known of a log."""
        return replace(self, changes=self.changes + 1, logs={**self.logs, log.origin: log})

    def encode(self) -> tuple[bytes, str]:
        """Return the file, and the digest that it begins with."""
        body = canonical_bytes(
            {
                "format": _FORMAT,
                "witness": self.witness,
                "changes": self.changes,
                "logs": [log.document() for log in self.logs.values()],
            }
        )
        digest = sha256(body).hexdigest()
        return f"sha256 {digest}\n".encode() + body + b"\n", digest


class Memory:
    """The two files in the folder of a witness; whoever uses them holds its lock."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / _STATE
        self._memory = folder / _MEMORY

    @property
    def is_begun(self) -> bool:
        """Whether any of it is there."""
        return self._state.exists() or self._memory.exists()

    def read(self, witness: str) -> State:
        """Return the state, if it is the last one.

        Args:
            witness: The public key of the witness.

        Raises:
            LedgerError: ``witness_state_lost``, ``witness_state_old``, ``witness_state_damaged``
                or ``witness_file_mode``.
        """
        state, digest = self._read_state()
        changes, remembered = self._read_memory()
        if state.witness != witness or (state.changes == changes and digest != remembered):
            raise LedgerError("witness_state_damaged", path=str(self._state))
        if state.changes < changes:
            raise LedgerError("witness_state_old", path=str(self._state))
        if state.changes > changes + 1:
            raise LedgerError("witness_state_old", path=str(self._memory))
        if state.changes > changes:  # it was killed between the two files, before any answer
            self._remember(state.changes, digest)
        return state

    def write(self, state: State) -> None:
        """Keep a state; it is on the disk when this returns.

        Raises:
            LedgerError: what storage answers.
        """
        content, digest = state.encode()
        write_private(self._state, content)
        self._remember(state.changes, digest)

    def _remember(self, changes: int, digest: str) -> None:
        write_private(self._memory, f"{_HEADING} {_FORMAT} {changes} {digest}\n".encode())

    def _read_state(self) -> tuple[State, str]:
        head, _, body = _read(self._state).partition(b"\n")
        digest = sha256(body.removesuffix(b"\n")).hexdigest()
        damaged = LedgerError("witness_state_damaged", path=str(self._state))
        if head.decode("ascii", "replace") != f"sha256 {digest}":
            raise damaged
        try:
            document = json.loads(body)
            logs = [TrustedLog.of(log) for log in document["logs"]]
            state = State(
                document["witness"], document["changes"], {log.origin: log for log in logs}
            )
        except (ValueError, KeyError, TypeError, LedgerError):
            raise damaged from None
        return state, digest

    def _read_memory(self) -> tuple[int, str]:
        words = _read(self._memory).decode("ascii", "replace").split()
        if len(words) != _WORDS or words[:2] != [_HEADING, str(_FORMAT)] or not words[2].isdigit():
            raise LedgerError("witness_state_damaged", path=str(self._memory))
        return int(words[2]), words[3]


def _read(path: Path) -> bytes:
    try:
        content = read_private(path)
    except FileNotFoundError:
        raise LedgerError("witness_state_lost", path=str(path)) from None
    if not content:
        raise LedgerError("witness_state_lost", path=str(path))
    return content
