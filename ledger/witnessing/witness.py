"""A witness: its key, the logs it trusts, and the one act of cosigning.

A folder holds it, for its owner alone: ``key``, ``state`` and ``memory``
(``ledger.witnessing.memory``) and ``lock``. Threads and programs on the same folder act one after
another.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import Clock, SystemClock
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import EMPTY_ROOT, verify_consistency
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.proof.note import Note, Signature, SignerKey, VerifierKey, parse_note
from ledger.proof.schemes import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, Scheme
from ledger.witnessing.files import locked, read_private, require_private, translated, write_private
from ledger.witnessing.memory import Memory, State, TrustedLog

ALGORITHMS: Final[dict[str, Scheme]] = {
    "ed25519": ED25519_COSIGNATURE,
    "ml-dsa-44": ML_DSA_44_COSIGNATURE,
}
"""What a witness may sign with, by the name that its owner types."""

_KEY: Final = "key"
_LOCK: Final = "lock"
_FOLDER: Final = 0o700
_LONGEST_NAME: Final = 255


class Witness:
    """One witness in its folder."""

    def __init__(self, folder: Path, key: SignerKey, clock: Clock) -> None:
        self._folder = folder
        self._key = key
        self._clock = clock
        self._memory = Memory(folder)

    @classmethod
    def create(
        cls, folder: Path, name: str, scheme: Scheme, clock: Clock | None = None
    ) -> tuple[Self, bool]:
        """Make a witness, or find the one that was made so before.

        Returns:
            The witness, and whether it is new.

        Raises:
            LedgerError: ``bad_key`` for a name, ``witness_exists``, or what ``open`` raises.
        """
        _require_short(name)
        key = SignerKey.random(name, scheme)
        with translated(folder):
            folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            if not any(folder.iterdir()):  # somebody made it beforehand, as folders are made
                folder.chmod(_FOLDER)
        require_private(folder, folder.stat())
        with locked(folder / _LOCK):
            is_new = not (folder / _KEY).is_symlink() and not (folder / _KEY).exists()
            if is_new:
                cls._begin(folder, key)
        made = cls.open(folder, clock)
        if (made.key.name, made.key.scheme) != (name, scheme):
            raise LedgerError("witness_exists", path=str(folder), value=made.key.name)
        return made, is_new

    @staticmethod
    def _begin(folder: Path, key: SignerKey) -> None:
        """Write state and key, the key last: with it the witness is there."""
        memory = Memory(folder)
        if memory.is_begun and not _is_blank(folder):
            raise LedgerError("witness_state_lost", path=str(folder / _KEY))
        memory.write(State(key.verifier.encode(), 0, {}))
        write_private(folder / _KEY, f"{key.encode()}\n".encode())

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> Self:
        """Open a witness; its state is looked at before anything else.

        Raises:
            LedgerError: ``no_witness``, ``witness_state_lost``, ``witness_state_old``,
                ``witness_state_damaged`` or ``witness_file_mode``.
        """
        path = folder / _KEY
        try:
            with translated(folder):
                require_private(folder, folder.stat())
            text = read_private(path).decode("utf-8", "replace")
        except (FileNotFoundError, LedgerError) as error:
            if isinstance(error, LedgerError) and folder.exists():
                raise
            if Memory(folder).is_begun and not _is_blank(folder):
                raise LedgerError("witness_state_lost", path=str(path)) from None
            raise LedgerError("no_witness", path=str(folder)) from None
        try:
            key = SignerKey.parse(text)
        except LedgerError:
            raise LedgerError("witness_state_damaged", path=str(path)) from None
        witness = cls(folder, key, clock or SystemClock())
        witness.logs()
        return witness

    @property
    def key(self) -> VerifierKey:
        """Its public key."""
        return self._key.verifier

    def logs(self) -> list[TrustedLog]:
        """Return the logs that it trusts, as it saw them last.

        Raises:
            LedgerError: what ``open`` raises for a state that is not the last one.
        """
        with locked(self._folder / _LOCK):
            return list(self._state().logs.values())

    def log(self, origin: str) -> TrustedLog:
        """Return one of them.

        Raises:
            LedgerError: ``unknown_log``, or what ``logs`` raises.
        """
        for log in self.logs():
            if log.origin == origin:
                return log
        raise LedgerError("unknown_log", value=origin)

    def trust(self, key: VerifierKey) -> TrustedLog:
        """Trust a log's key, beside those of the same log that are trusted already.

        Raises:
            LedgerError: ``bad_key`` for one that signs no checkpoints, or what ``logs`` raises.
        """
        if key.scheme.timestamped:
            raise LedgerError("bad_key", problem=N_("it is a witness's, not a log's"))
        _require_short(key.name)
        with locked(self._folder / _LOCK):
            state = self._state()
            log = state.logs.get(key.name, TrustedLog(key.name, ()))
            if key not in log.keys:
                log = replace(log, keys=(*log.keys, key))
                self._memory.write(state.with_log(log))
            return log

    def cosign(self, raw: bytes, old: int, proof: Sequence[bytes]) -> Signature:
        """Cosign a checkpoint that continues the last one, and keep it before returning.

        The same checkpoint again gets the same signature.

        Args:
            raw: The checkpoint as its log signed it.
            old: Size from which the proof leads.
            proof: Consistency proof from there; empty from 0, or to the same size.

        Raises:
            LedgerError: ``bad_note``, ``bad_checkpoint`` or ``bad_proof`` for what cannot be read;
                ``unknown_log``; ``bad_signature`` or ``checkpoint_unsigned``;
                ``other_size_seen`` with the size that was seen; ``two_histories`` for another root
                at that size; ``proof_fails``; or what ``logs`` raises.
        """
        note = parse_note(raw)
        checkpoint = parse_text(note.text)
        with locked(self._folder / _LOCK):
            state = self._state()
            log = state.logs.get(checkpoint.origin)
            if log is None:
                raise LedgerError("unknown_log", value=checkpoint.origin)
            open_checkpoint(raw, log.keys)
            if old > checkpoint.size:
                raise LedgerError("bad_proof", problem=N_("it leads from beyond the checkpoint"))
            if old != log.size:
                raise LedgerError("other_size_seen", count=log.size)
            self._require_consistent(state, log, checkpoint, note, proof)
            return self._signed(state, log, checkpoint, note)

    def _require_consistent(
        self,
        state: State,
        log: TrustedLog,
        checkpoint: Checkpoint,
        note: Note,
        proof: Sequence[bytes],
    ) -> None:
        if checkpoint.size == log.size and checkpoint.root != log.root:
            if log.note and not log.fork:
                kept = replace(log, fork=note.encode().decode(), forked_from=log.note)
                self._memory.write(state.with_log(kept))
            raise LedgerError("two_histories", value=log.origin, position=log.size)
        if log.size == 0:
            holds = not proof and (checkpoint.size > 0 or checkpoint.root == EMPTY_ROOT)
        else:
            holds = verify_consistency(log.size, checkpoint.size, proof, log.root, checkpoint.root)
        if not holds:
            raise LedgerError("proof_fails", position=checkpoint.size)

    def _signed(
        self, state: State, log: TrustedLog, checkpoint: Checkpoint, note: Note
    ) -> Signature:
        """Sign, keep, and only then return; what was kept already is returned as it is."""
        if log.note:
            last = parse_note(log.note.encode())
            for signature in last.signatures:
                if last.text == note.text and self.key.made(signature):
                    return signature
        of_log = [line for line in note.signatures if any(key.made(line) for key in log.keys)]
        signature = self._key.sign(note.text, int(self._clock.now().timestamp()))
        kept = Note(note.text, (*of_log, signature)).encode().decode()
        self._memory.write(
            state.with_log(replace(log, size=checkpoint.size, root=checkpoint.root, note=kept))
        )
        return signature

    def _state(self) -> State:
        return self._memory.read(self.key.encode())


def _is_blank(folder: Path) -> bool:
    """Whether a state is what a program left that was killed before it made the key."""
    try:
        content = read_private(folder / "state")
    except FileNotFoundError:
        return not (folder / "memory").exists()
    return b'"changes":0,' in content


def _require_short(name: str) -> None:
    """Refuse a name that an ML-DSA-44 cosignature cannot hold."""
    if len(name.encode()) > _LONGEST_NAME:
        raise LedgerError("bad_key", problem=N_("its name is too long"))
