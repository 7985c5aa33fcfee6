"""Two checkpoints of one log beside each other: one history, or proof that the log lies."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import verify_consistency
from ledger.proof.checkpoint import Checkpoint, OpenedCheckpoint, open_checkpoint
from ledger.proof.note import VerifierKey
from ledger.witnessing.exported import Exported, proof_between


@dataclass(frozen=True)
class Comparison:
    """What two checkpoints say of each other.

    Attributes:
        older: The smaller of them; both are signed by the log's key.
        newer: The other.
        is_fork: They cannot belong to one history, and whoever holds the log's public key can
            see that: with what is in the notes alone at the same size, else with the files.
    """

    older: OpenedCheckpoint
    newer: OpenedCheckpoint
    is_fork: bool


def compare(
    first: bytes,
    second: bytes,
    keys: Sequence[VerifierKey],
    witnesses: Sequence[VerifierKey] = (),
    proof: Sequence[bytes] | None = None,
    exported: Exported | None = None,
) -> Comparison:
    """Compare two checkpoints.

    Args:
        first: A signed note.
        second: Another.
        keys: The log's keys; without its signature under both there is nothing to prove.
        witnesses: Keys of witnesses that are known.
        proof: A consistency proof between the two.
        exported: Files of the log, from which to make one.

    Raises:
        LedgerError: ``other_log``; ``comparison_open`` for different sizes with neither proof nor
            files; ``proof_fails``; or what ``open_checkpoint`` and ``proof_between`` raise.
    """
    opened = [open_checkpoint(raw, keys, witnesses) for raw in (first, second)]
    older, newer = sorted(opened, key=lambda each: each.checkpoint.size)
    before, after = older.checkpoint, newer.checkpoint
    if before.origin != after.origin:
        raise LedgerError("other_log", value=f"{before.origin}, {after.origin}")
    if before.size == after.size:
        return Comparison(older, newer, before.root != after.root)
    if before.size == 0:
        return Comparison(older, newer, is_fork=False)
    if exported is not None:
        return Comparison(older, newer, _contradicted(exported, before, after))
    if proof is None:
        raise LedgerError("comparison_open")
    if not verify_consistency(before.size, after.size, proof, before.root, after.root):
        raise LedgerError("proof_fails", position=before.size)
    return Comparison(older, newer, is_fork=False)


def _contradicted(exported: Exported, before: Checkpoint, after: Checkpoint) -> bool:
    try:
        proof_between(exported, before, after)
    except LedgerError as error:
        if error.code != "two_histories":
            raise
        return True
    return False
