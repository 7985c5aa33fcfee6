"""The file of the keys that sign the log, and the memory of what they signed.

Both lie beside the ledger, outside its database, for their owner alone. The memory is written
before a signature leaves: whoever puts an old database back cannot make these keys sign a second,
different log of the same length.
"""

import base64
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.eventlog.engine import LOCK_WAIT_SECONDS
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint, parse_text
from ledger.proof.note import SignerKey
from ledger.vault.location import beside_ledger
from ledger.vault.private_file import (
    OWNER_ONLY,
    UnsafeFileError,
    create_private,
    read_private,
    replace_private,
)

_HEADING: Final = "wageledger-log-keys 1"
_SIGNED_HEADING: Final = "wageledger-log-signed 1"
_LONGEST: Final = 1_000_000
_PAUSE_SECONDS: Final = 0.01


def default_log_keys(ledger_url: str) -> Path:
    """Return the path of the log's keys that belong to a ledger.

    Raises:
        LedgerError: ``bad_url`` or ``password_in_url``.
    """
    return beside_ledger(ledger_url, "log.key")


@dataclass(frozen=True)
class KeyFile:
    """The keys of a ledger's logs, one line each, and beside them what they signed last."""

    path: Path

    @property
    def signed_path(self) -> Path:
        """Path of the memory of what was signed."""
        return self.path.with_name(f"{self.path.name}.signed")

    def keys(self, origin: str) -> list[SignerKey]:
        """Return the keys of a log, the newest last; none where there is no file.

        Raises:
            LedgerError: ``log_key_unsafe``, ``log_key_damaged``.
        """
        keys = self._parsed(self._lines(self.path, _HEADING))
        return [key for key in keys if key.name == origin]

    def add(self, key: SignerKey) -> None:
        """Keep a new key beside the others.

        Raises:
            LedgerError: as ``keys``, and what the storage says.
        """
        lines = self._lines(self.path, _HEADING)
        content = _file(_HEADING, [*lines, key.encode()])
        if not os.path.lexists(self.path):
            create_private(self.path, content)
            if key not in self.keys(key.name):  # another program was faster
                self.add(key)
            return
        replace_private(self.path, content)

    def signed(self, origin: str) -> Checkpoint | None:
        """Return what was signed last of a log; None where nothing was.

        Raises:
            LedgerError: ``log_key_unsafe``, ``log_key_damaged``.
        """
        return self._all_signed().get(origin)

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep, over a power cut, that a checkpoint is being signed.

        Raises:
            LedgerError: as ``signed``, and what the storage says.
        """
        signed = self._all_signed() | {checkpoint.origin: checkpoint}
        lines = [
            f"{each.origin} {each.size} {base64.b64encode(each.root).decode()}"
            for each in signed.values()
        ]
        replace_private(self.signed_path, _file(_SIGNED_HEADING, lines))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one program at a time sign with these keys, or change them.

        Raises:
            LedgerError: ``busy`` where another program holds them longer than a writer waits,
                ``storage_read_only``.
        """
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        except OSError as error:
            problem = os.strerror(error.errno or 0)
            raise LedgerError("storage_read_only", path=str(lock), problem=problem) from None
        try:
            self._wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > deadline:
                    raise LedgerError("busy", path=str(self.path)) from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _all_signed(self) -> dict[str, Checkpoint]:
        signed = {}
        for line in self._lines(self.signed_path, _SIGNED_HEADING):
            try:
                checkpoint = parse_text(line.replace(" ", "\n") + "\n")
            except LedgerError:
                raise LedgerError("log_key_damaged", path=str(self.signed_path)) from None
            signed[checkpoint.origin] = checkpoint
        return signed

    def _parsed(self, lines: Sequence[str]) -> list[SignerKey]:
        try:
            return [SignerKey.parse(line) for line in lines]
        except LedgerError:
            raise LedgerError("log_key_damaged", path=str(self.path)) from None

    @staticmethod
    def _lines(path: Path, heading: str) -> list[str]:
        try:
            content = read_private(path, _LONGEST)
        except UnsafeFileError as error:
            raise LedgerError("log_key_unsafe", path=str(path), problem=error.reason) from None
        except PermissionError:
            raise LedgerError("log_key_missing", path=str(path)) from None
        if content is None:
            return []
        lines = content.decode("ascii", "replace").split("\n")
        if lines[0] != heading or lines.pop():
            raise LedgerError("log_key_damaged", path=str(path))
        return lines[1:]


def _file(heading: str, lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in (heading, *lines)).encode()
