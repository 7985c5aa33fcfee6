"""A witness against a plain model: whatever it is shown, all that it signs is one history."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash
from ledger.proof.checkpoint import parse_text
from ledger.proof.note import Note, Signature, parse_note
from ledger.proof.schemes import ED25519_COSIGNATURE
from ledger.witnessing.witness import Witness
from tests import counts
from tests.ledger.witnessing.logs import ORIGIN, Log, key_of

KEY = key_of()
BRANCHES = 3

sizes = st.integers(0, 12)
branches = st.integers(0, BRANCHES - 1)
FIRST = 4
"""Leaves that all histories share: up to there they are one."""


def _history(branch: int) -> Log:
    shared = Log.of(FIRST, KEY)
    return shared.grown(9, f"{branch} ")


HISTORIES = [_history(branch) for branch in range(BRANCHES)]


class Witnessing(RuleBasedStateMachine):
    """Shows a witness checkpoints of three histories under one key, with right and wrong proofs.

    The model knows whole histories, not hashes: it says what may be signed from the leaves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.signed: list[tuple[int, list[bytes]]] = []
        self.copy: bytes | None = None
        self.witness, _is_new = Witness.create(self.folder / "w", "w", ED25519_COSIGNATURE)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize()
    def trusting(self) -> None:
        self.witness.trust(KEY.verifier)

    @property
    def seen(self) -> list[bytes]:
        """Leaves of the history that was signed last."""
        return self.signed[-1][1] if self.signed else []

    def _shown(self, branch: int, size: int, old: int, proof: list[bytes]) -> Signature | None:
        log = HISTORIES[branch]
        leaves = log.leaves[:size]
        continues = leaves[: len(self.seen)] == self.seen
        is_proven = proof == log.proof(len(self.seen), size)
        try:
            signature = self.witness.cosign(log.checkpoint(size), old, proof)
        except LedgerError:
            signature = None
        may = old == len(self.seen) and continues and is_proven
        assert (signature is not None) == may, "it signs what continues what it signed, all of it"
        if signature is not None:
            self.signed.append((size, leaves))
        return signature

    @rule(branch=branches, size=sizes)
    def honest(self, branch: int, size: int) -> None:
        """Show a checkpoint with the proof that its history has for it."""
        old = len(self.seen)
        self._shown(branch, size, old, HISTORIES[branch].proof(old, size) if old <= size else [])

    @rule(branch=branches, size=sizes, old=sizes, proof_of=branches, proof_size=sizes)
    def lying(self, branch: int, size: int, old: int, proof_of: int, proof_size: int) -> None:
        """Show a checkpoint with the proof of something else."""
        self._shown(branch, size, old, HISTORIES[proof_of].proof(old, proof_size))

    @rule(branch=branches, size=sizes, at=st.integers(0, 5))
    def damaged(self, branch: int, size: int, at: int) -> None:
        """Show a checkpoint with a proof of which one hash is another."""
        old = len(self.seen)
        proof = HISTORIES[branch].proof(old, size) if old <= size else []
        if at < len(proof):
            proof[at] = leaf_hash(b"another")
        self._shown(branch, size, old, proof)

    @precondition(lambda self: self.signed)
    @rule()
    def again(self) -> None:
        """Show the last checkpoint again: the answer is the same."""
        size, leaves = self.signed[-1]
        log = next(each for each in HISTORIES if each.leaves[:size] == leaves)
        first = self._shown(HISTORIES.index(log), size, size, [])
        assert first == self._shown(HISTORIES.index(log), size, size, [])

    @rule()
    def restarted(self) -> None:
        """End the program and start it again."""
        self.witness = Witness.open(self.folder / "w")

    @rule()
    def copied(self) -> None:
        """Make a backup of its state."""
        self.copy = (self.folder / "w" / "state").read_bytes()

    @precondition(lambda self: self.copy is not None)
    @rule()
    def restored(self) -> None:
        """Put the backup back: it starts only if nothing was seen since."""
        path = self.folder / "w" / "state"
        now = path.read_bytes()
        assert self.copy is not None
        path.write_bytes(self.copy)
        if self.copy == now:
            self.witness = Witness.open(self.folder / "w")
            return
        with pytest.raises(LedgerError) as caught:
            Witness.open(self.folder / "w")
        assert caught.value.code == "witness_state_old"
        path.write_bytes(now)

    @invariant()
    def one_history(self) -> None:
        """All that was ever signed is a prefix of what was signed last."""
        assert all(self.seen[:size] == leaves for size, leaves in self.signed)

    @invariant()
    def remembers(self) -> None:
        """What it shows as its last is what it signed last."""
        if not self.signed:
            return
        log = self.witness.log(ORIGIN)
        assert log.size == len(self.seen)
        note: Note = parse_note(log.note.encode())
        assert parse_text(note.text).root == log.root
        assert any(self.witness.key.is_valid(note.text, line) for line in note.signatures)


TestWitnessing = Witnessing.TestCase
TestWitnessing.settings = settings(
    max_examples=counts.runs(200), stateful_step_count=30, deadline=None
)
