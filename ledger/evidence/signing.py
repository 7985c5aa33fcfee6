"""Signing checkpoints: one log, one history, never two.

A signature that has left cannot be taken back. Before one leaves, the tree of today is compared
with what was signed before, as the database and as the keys' own memory know it, and the memory is
written. A database that was put back from an old backup, cut off or rewritten gets none.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, insert, select

from ledger.eventlog.appending import head_of, lock_head
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.tables import log_checkpoint, log_key, log_origin
from ledger.eventlog.tree import StoredHashes
from ledger.evidence.keys import KeyFile
from ledger.evidence.log import (
    ADDED,
    RETIRED,
    Evidence,
    LogKey,
    Signed,
    keys_of,
    latest_signed,
    origin_of,
)
from ledger.kernel.dates import iso_instant
from ledger.kernel.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.note import Note, SignerKey, VerifierKey
from ledger.proof.schemes import ED25519
from ledger.proof.tree import Tree

OVERLAP_DAYS: Final = 90
"""How long an old key signs beside the new one, when nobody says otherwise."""

_RANDOM_BYTES: Final = 6


@dataclass(frozen=True)
class Signer:
    """Who signs the checkpoints of a tenant's log, and with which keys."""

    evidence: Evidence
    file: KeyFile

    # -- keys -----------------------------------------------------------------

    def create(self, now: datetime) -> None:
        """Give a log its name and its first key; safe to repeat.

        A log whose key is on another machine keeps that one: a second is not made by accident.
        """
        with self.file.exclusive():
            origin = self._origin(iso_instant(now))
            if not self.evidence.key_history():
                kept = self.file.keys(origin)
                key = kept[-1] if kept else SignerKey.random(origin, ED25519)
                if not kept:
                    self.file.add(key)
                self._note_keys([(key.verifier, ADDED, iso_instant(now))])

    def rotate(self, now: datetime, overlap_days: int = OVERLAP_DAYS) -> LogKey:
        """Begin a new key; those before it sign beside it until the overlap ends.

        Args:
            now: When the new key begins.
            overlap_days: How long the old keys go on; 0 for a key that others may have.
        """
        at, end = iso_instant(now), iso_instant(now + timedelta(days=overlap_days))
        with self.file.exclusive():
            origin = self._origin(at)
            key = SignerKey.random(origin, ED25519)
            self.file.add(key)
            ending = [
                (known.key, RETIRED, end)
                for known in self.evidence.key_history()
                if known.until is None or known.until > end
            ]
            self._note_keys([(key.verifier, ADDED, at), *ending])
        return LogKey(key.verifier, at, None)

    def is_able(self, now: datetime) -> bool:
        """Tell whether a key that signs the log at an instant is on this machine."""
        at, known = iso_instant(now), self.evidence.key_history()
        return bool(_active(self.file.keys(self.evidence.origin()), known, at))

    # -- checkpoints ----------------------------------------------------------

    def require_growth(self) -> None:
        """Refuse a log that is not what was signed before, grown.

        Raises:
            LedgerError: ``log_shrunk``, ``log_forked``, ``log_key_damaged``.
        """
        tenant = self.evidence.tenant
        with begin_reading(self.evidence.engine) as connection:
            size = head_of(connection, tenant).last_position
            tree = Tree(StoredHashes(connection, tenant), size)
            origin, latest = origin_of(connection, tenant), latest_signed(connection, tenant)
            self._require_growth(tree, origin, latest)

    def sign(self, now: datetime) -> Signed | None:
        """Sign the log as it stands; what is signed already is answered again.

        Returns:
            The checkpoint; None of an empty log.

        Raises:
            LedgerError: ``log_key_missing``, ``log_key_unsafe``, ``log_key_damaged``,
                ``log_shrunk``, ``log_forked``, or what the storage says.
        """
        with self.file.exclusive():
            tenant = self.evidence.tenant
            with begin_reading(self.evidence.engine) as connection:
                origin = origin_of(connection, tenant)
                keys = self._signing(origin, keys_of(connection, tenant), iso_instant(now))
                latest = latest_signed(connection, tenant)
                size = head_of(connection, tenant).last_position
                tree = Tree(StoredHashes(connection, tenant), size)
                root = tree.root()
                self._require_growth(tree, origin, latest)
            if size == 0:
                return None
            if latest is not None and latest.size == size:
                return latest
            checkpoint = Checkpoint(origin, size, root)
            self.file.remember(checkpoint)
            note = Note(checkpoint.text, tuple(key.sign(checkpoint.text) for key in keys))
            signed = Signed(size, root, note.encode(), iso_instant(now))
            with begin_writing(self.evidence.engine) as connection:
                self._keep(connection, signed)
            return signed

    def _signing(self, origin: str, known: list[LogKey], at: str) -> list[SignerKey]:
        """The keys of this machine that sign at an instant."""
        keys = _active(self.file.keys(origin), known, at)
        if not keys:
            raise LedgerError("log_key_missing", path=str(self.file.path))
        return keys

    def _require_growth(self, tree: Tree, origin: str, latest: Signed | None) -> None:
        """Refuse to sign what is not a longer log than everything signed before."""
        remembered = self.file.signed(origin)
        before = [(each.size, each.root) for each in (remembered, latest) if each is not None]
        for size, root in before:
            if size > tree.size:
                raise LedgerError("log_shrunk", position=tree.size, limit=size)
            if tree.root(size) != root:
                raise LedgerError("log_forked", position=size)

    def _keep(self, connection: Connection, signed: Signed) -> None:
        tenant = self.evidence.tenant
        lock_head(connection, tenant)  # another machine may hold a copy of the keys
        kept = connection.execute(
            select(log_checkpoint.c.size).where(
                log_checkpoint.c.tenant == tenant, log_checkpoint.c.size == signed.size
            )
        ).one_or_none()
        if kept is None:
            connection.execute(insert(log_checkpoint).values(tenant=tenant, **signed._asdict()))

    def _origin(self, at: str) -> str:
        """The log's name, made where it has none."""
        tenant = self.evidence.tenant
        with begin_writing(self.evidence.engine) as connection:
            found = origin_of(connection, tenant)
            if not found:
                found = f"wageledger/{os.urandom(_RANDOM_BYTES).hex()}/{quote(tenant, safe='')}"
                row = {"tenant": tenant, "origin": found, "made_at": at}
                connection.execute(insert(log_origin).values(row))
        return found

    def _note_keys(self, acts: Sequence[tuple[VerifierKey, str, str]]) -> None:
        tenant = self.evidence.tenant
        with begin_writing(self.evidence.engine) as connection:
            numbers = connection.execute(
                select(log_key.c.number).where(log_key.c.tenant == tenant)
            ).scalars()
            first = max(numbers, default=0) + 1
            for number, (key, act, at) in enumerate(acts, first):
                row = {
                    "tenant": tenant, "number": number, "vkey": key.encode(), "act": act, "at": at
                }  # fmt: skip
                connection.execute(insert(log_key).values(row))


def _active(keys: Sequence[SignerKey], known: Sequence[LogKey], at: str) -> list[SignerKey]:
    """Those of some keys that sign at an instant."""
    active = {each.key.key_id for each in known if each.signs_at(at)}
    return [key for key in keys if key.verifier.key_id in active]
