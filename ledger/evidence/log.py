"""A tenant's log as evidence: its tree, its checkpoints, its proofs. Nothing is signed here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select

from ledger.eventlog.appending import head_of
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.tables import (
    DOCUMENT_LINE,
    event,
    event_line,
    log_checkpoint,
    log_cosignature,
    log_key,
    log_origin,
)
from ledger.eventlog.tree import StoredHashes
from ledger.kernel import merkle
from ledger.kernel.dates import iso_instant
from ledger.kernel.errors import LedgerError
from ledger.proof.note import Signature, VerifierKey, parse_note, parse_signatures
from ledger.proof.receipt import LogProof
from ledger.proof.tree import Tree

ADDED: Final = "added"
RETIRED: Final = "retired"
_AT_ONCE: Final = 500


class LogKey(NamedTuple):
    """A public key of the log: since when it signs, until when (None for no end)."""

    key: VerifierKey
    since: str
    until: str | None

    def signs_at(self, instant: str) -> bool:
        """Tell whether checkpoints of an instant carry its signature."""
        return self.since <= instant and (self.until is None or instant < self.until)


class Signed(NamedTuple):
    """One checkpoint as it was signed: size, root, note, instant."""

    size: int
    root: bytes
    note: bytes
    signed_at: str


class Evidence:
    """One tenant's log, to be proved to others. Positions count from 1, leaves from 0."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self.engine = engine
        self.tenant = tenant

    # -- the tree -------------------------------------------------------------

    @contextmanager
    def tree(self) -> Iterator[Tree]:
        """Open the tree of the whole log in one unchanging view."""
        with begin_reading(self.engine) as connection:
            size = head_of(connection, self.tenant).last_position
            yield Tree(StoredHashes(connection, self.tenant), size)

    def size(self) -> int:
        """How many events the log holds."""
        with begin_reading(self.engine) as connection:
            return head_of(connection, self.tenant).last_position

    def root(self, size: int | None = None) -> bytes:
        """Return the root over all events, or over the first ``size``.

        Raises:
            IndexError: the log is shorter.
        """
        with self.tree() as tree:
            return tree.root(size)

    def inclusion_proof(self, position: int, size: int | None = None) -> list[bytes]:
        """Return the proof that an event stands among the first ``size``.

        Raises:
            LedgerError: ``unknown_position``.
        """
        with self.tree() as tree:
            try:
                return tree.inclusion_proof(position - 1, size)
            except IndexError:
                raise LedgerError("unknown_position", position=position) from None

    def consistency_proof(self, size1: int, size2: int | None = None) -> list[bytes]:
        """Return the proof that the first ``size1`` events begin the first ``size2``.

        Raises:
            LedgerError: ``unknown_position`` for nothing, and for what is beyond the log.
        """
        with self.tree() as tree:
            try:
                return tree.consistency_proof(size1, size2)
            except IndexError:
                raise LedgerError("unknown_position", position=size1) from None

    # -- what is proved -------------------------------------------------------

    def entry(self, position: int) -> bytes:
        """Return an event's bytes as they are hashed.

        Raises:
            LedgerError: ``unknown_position``.
        """
        found = next(self.entries(position, position), None)
        if found is None:
            raise LedgerError("unknown_position", position=position)
        return found

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[bytes]:
        """Return events' bytes in the order of positions, read as they are asked for."""
        table = event.c
        statement = select(table.body).where(table.tenant == self.tenant, table.position >= first)
        if last is not None:
            statement = statement.where(table.position <= last)
        yield from self._stream(statement.order_by(table.position))

    def lines(self, position: int, part: int = DOCUMENT_LINE) -> Iterator[bytes]:
        """Return the lines of an event's document (part 0) or of its journal (1), in order."""
        table = event_line.c
        statement = select(table.body).where(
            table.tenant == self.tenant, table.position == position, table.part == part
        )
        yield from self._stream(statement.order_by(table.line))

    def line_proof(self, position: int, line: int, part: int = DOCUMENT_LINE) -> list[bytes]:
        """Return the proof that a line, counted from 1, stands under its event's root.

        Raises:
            LedgerError: ``unknown_position`` where there is no such line.
        """
        hashes = [merkle.leaf_hash(body) for body in self.lines(position, part)]
        try:
            return merkle.inclusion_proof(hashes, line - 1)
        except IndexError:
            raise LedgerError("unknown_position", position=position, line=line) from None

    def receipt(self, position: int) -> LogProof:
        """Return the proof of an event under the latest checkpoint.

        Raises:
            LedgerError: ``no_checkpoint``, ``unknown_position`` where it is not under one yet.
        """
        latest = self.latest()
        if latest is None:
            raise LedgerError("no_checkpoint")
        path = self.inclusion_proof(position, latest.size)
        return LogProof(position - 1, tuple(path), self.note_of(latest))

    # -- what was signed ------------------------------------------------------

    def origin(self) -> str:
        """Return the log's name; empty in a ledger that has none yet."""
        with begin_reading(self.engine) as connection:
            return origin_of(connection, self.tenant)

    def key_history(self) -> list[LogKey]:
        """Return every key that ever was the log's, in the order in which they came."""
        with begin_reading(self.engine) as connection:
            return keys_of(connection, self.tenant)

    def verifiers(self) -> list[VerifierKey]:
        """Return the public keys alone."""
        return [known.key for known in self.key_history()]

    def latest(self) -> Signed | None:
        """Return the latest checkpoint; None where nothing is signed yet."""
        with begin_reading(self.engine) as connection:
            return latest_signed(connection, self.tenant)

    def latest_checkpoint(self) -> bytes | None:
        """Return the latest signed note with all its cosignatures; None where there is none."""
        latest = self.latest()
        return None if latest is None else self.note_of(latest)

    def checkpoints(self) -> Iterator[Signed]:
        """Return every checkpoint that was signed, in the order of sizes."""
        table = log_checkpoint.c
        statement = (
            select(table.size, table.root, table.note, table.signed_at)
            .where(table.tenant == self.tenant)
            .order_by(table.size)
        )
        with begin_reading(self.engine) as connection:
            for size, root, note, signed_at in connection.execute(statement):
                yield Signed(size, bytes(root), bytes(note), signed_at)

    def note_of(self, signed: Signed) -> bytes:
        """Return a checkpoint's note with the cosignatures that came since."""
        table = log_cosignature.c
        statement = (
            select(table.line)
            .where(table.tenant == self.tenant, table.size == signed.size)
            .order_by(table.witness)
        )
        with begin_reading(self.engine) as connection:
            lines = "".join(connection.execute(statement).scalars())
        note = parse_note(signed.note)
        return note.with_signatures(parse_signatures(lines)).encode() if lines else signed.note

    def add_cosignatures(
        self, size: int, root: bytes, signatures: Sequence[Signature], now: datetime
    ) -> int:
        """Keep signatures of witnesses under a checkpoint; what is kept already counts once.

        Whether they are to be trusted is the reader's business.

        Returns:
            How many were new.

        Raises:
            LedgerError: ``no_checkpoint`` where no checkpoint has this size and root.
        """
        table = log_cosignature.c
        with begin_writing(self.engine) as connection:
            signed = connection.execute(
                select(log_checkpoint.c.root).where(
                    log_checkpoint.c.tenant == self.tenant, log_checkpoint.c.size == size
                )
            ).scalar_one_or_none()
            if signed is None or bytes(signed) != root:
                raise LedgerError("no_checkpoint")
            kept = set(
                connection.execute(
                    select(table.witness).where(table.tenant == self.tenant, table.size == size)
                ).scalars()
            )
            new = {f"{each.name}+{each.key_id.hex()}": each for each in signatures}
            rows = [
                {
                    "tenant": self.tenant, "size": size, "witness": witness,
                    "line": signature.encode(), "received_at": iso_instant(now),
                }
                for witness, signature in new.items() if witness not in kept
            ]  # fmt: skip
            if rows:
                connection.execute(insert(log_cosignature), rows)
        return len(rows)

    def _stream(self, statement: object) -> Iterator[bytes]:
        with begin_reading(self.engine) as connection:
            streaming = connection.execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
            for body in streaming.execute(statement).scalars():  # type: ignore[call-overload]
                yield bytes(body)


def origin_of(connection: Connection, tenant: str) -> str:
    """Return the name of a tenant's log; empty where it has none."""
    statement = select(log_origin.c.origin).where(log_origin.c.tenant == tenant)
    return connection.execute(statement).scalar_one_or_none() or ""


def keys_of(connection: Connection, tenant: str) -> list[LogKey]:
    """Return every key of a tenant's log, in the order in which they came."""
    table = log_key.c
    rows = connection.execute(
        select(table.vkey, table.act, table.at).where(table.tenant == tenant).order_by(table.number)
    )
    known: dict[str, LogKey] = {}
    for vkey, act, at in rows:
        if act == ADDED:
            known[vkey] = LogKey(VerifierKey.parse(vkey), at, None)
        else:
            known[vkey] = known[vkey]._replace(until=at)
    return list(known.values())


def latest_signed(connection: Connection, tenant: str) -> Signed | None:
    """Return a tenant's latest checkpoint."""
    table = log_checkpoint.c
    newest = select(func.max(table.size)).where(table.tenant == tenant).scalar_subquery()
    row = connection.execute(
        select(table.size, table.root, table.note, table.signed_at).where(
            table.tenant == tenant, table.size == newest
        )
    ).one_or_none()
    return None if row is None else Signed(row[0], bytes(row[1]), bytes(row[2]), row[3])
