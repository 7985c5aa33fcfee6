"""What evidence is made of: the log under its newest checkpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from cli.app import App
    from ledger.evidence import Evidence
    from ledger.proof.checkpoint import Checkpoint
    from ledger.store import Store


@dataclass(frozen=True)
class Source:
    """A log as it was signed last.

    Attributes:
        store: Where it lies.
        signed: The checkpoint with its signatures and cosignatures.
        head: What it says.
        keys: Keys of the log that signed it, as text.
    """

    store: "Store"
    signed: bytes
    head: "Checkpoint"
    keys: tuple[str, ...]

    @property
    def log(self) -> "Evidence":
        """Events, lines and proofs."""
        return self.store.evidence

    def lines(self, position: int, part: int = 0) -> list[bytes]:
        """All lines of an event."""
        return list(self.log.lines(position, part))

    def require(self, position: int) -> None:
        """Refuse what the checkpoint does not cover yet.

        Raises:
            LedgerError: ``no_checkpoint``.
        """
        if position > self.head.size:
            raise LedgerError("no_checkpoint")


@contextmanager
def opened_source(app: "App") -> Iterator[Source]:
    """Open the log under its newest checkpoint.

    Raises:
        LedgerError: ``no_checkpoint`` where none was signed yet; what its signatures say.
    """
    from ledger.proof.checkpoint import open_checkpoint  # noqa: PLC0415 - loads cryptography

    with app.store() as store:
        signed = store.evidence.latest_checkpoint()
        if signed is None:
            raise LedgerError("no_checkpoint")
        opened = open_checkpoint(signed, store.evidence.verifiers())
        keys = tuple(each.key.encode() for each in opened.signed)
        yield Source(store, signed, opened.checkpoint, keys)
