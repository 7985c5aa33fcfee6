"""The unmasked read: who sees whose identity, and what for, stands in the log before it is seen.

``IdentityRevealed`` is one of the ledger's own events: nobody can post it, it has no journal
lines and holds references only. It is committed first and the values are read afterwards, so
that a read which cannot be recorded does not take place. What was recorded and then not read,
because the program died between the two, says too much and never too little.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from ledger.claims import identities, loading
from ledger.domain import effects
from ledger.domain.base import DocumentLine
from ledger.domain.state import CaseFile, Worker
from ledger.eventlog.appending import EventRow, Head, append_events, lock_head, next_instant
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.topics import TOPICS
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.dates import business_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash
from ledger.kernel.text import holds_identity, text_problem
from ledger.recording import ALGORITHM, line_block
from ledger.vault import Vault

KIND: Final = "IdentityRevealed"
STREAM: Final = "identity"
"""All reveals of a tenant, in a stream of their own: no project waits for them."""

FIELDS: Final = ("name", "id_number", "phone", "card_number", "bank_name", "holder_name")
"""What may be asked for."""

SUBJECTS: Final = frozenset({"project", "batch", "sheet", "case", "employer", "party", "period"})
"""What a read may be about, beside its purpose; histories of parties find it by these."""

AT_ONCE: Final = 2_000
"""So many workers' keys are open at a time."""

Values = dict[str, dict[str, str]]
"""Values in the clear by worker and field."""


@dataclass(frozen=True, kw_only=True)
class Reveal:
    """One unmasked read, as it will stand in the log.

    Attributes:
        workers: Whose identity, each once.
        fields: Which fields of it.
        purpose: What for, for example ``payout:B-1``.
        subject: What it is about, out of ``SUBJECTS``.
        by: Credit code of who reads, None for the owner of an embedded ledger.
    """

    workers: Sequence[str]
    fields: Sequence[str]
    purpose: str
    subject: Mapping[str, str]
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what only a mistake of ours can ask for."""
        if not self.workers or not self.fields or not self.purpose:
            message = "an unmasked read names workers, fields and a purpose"
            raise ValueError(message)
        if set(self.fields).difference(FIELDS) or self.subject.keys() - SUBJECTS:
            message = f"fields or subjects that do not belong here: {self.fields}, {self.subject}"
            raise ValueError(message)


def require_purpose(purpose: str) -> None:
    """Refuse a purpose that would itself stand in the log as somebody's identity, or says nothing.

    Raises:
        LedgerError: ``bad_purpose``.
    """
    wrong = text_problem(purpose) or ("holds_identity" if holds_identity(purpose) else None)
    if wrong is None and purpose.isspace():
        wrong = "empty"
    if wrong is not None:
        raise LedgerError("bad_purpose", problem=wrong)


@dataclass(frozen=True)
class Revealer:
    """Whose identities lie where, and where reading them is recorded."""

    engine: Engine
    tenant: str
    vault: Vault

    def reveal(self, asked: Reveal, now: datetime, known_at: int | None = None) -> Values:
        """Record an unmasked read, then read.

        Args:
            asked: Whose identity, which fields, what for.
            now: When.
            known_at: Values in force at this position; now where it is None.

        Returns:
            Values by worker and field; a field that a worker does not have is left out.

        Raises:
            LedgerError: ``unknown_worker``, ``person_erased``, or what storage and vault say.
                Then nothing was read.
        """
        known = self._recorded(asked.workers, known_at)
        for worker in asked.workers:
            if worker not in known:
                raise LedgerError("unknown_worker", worker=worker)
        self._require_people(asked.workers)
        with begin_writing(self.engine) as connection:
            self._record(connection, lock_head(connection, self.tenant), asked, now)
        shown: Values = {}
        for at in range(0, len(asked.workers), AT_ONCE):
            with self.vault.session(known.get) as session:  # opened keys take room
                shown.update(session.revealed(asked.workers[at : at + AT_ONCE], asked.fields))
        self._require_people(worker for worker in asked.workers if worker not in shown)
        return shown

    def require_case(self, case: str | None) -> None:
        """Refuse an inspector's read that no open case asks for.

        Raises:
            LedgerError: ``case_needed``, ``unknown_case`` or ``case_closed``.
        """
        if not case:
            raise LedgerError("case_needed")
        with begin_reading(self.engine) as connection:
            found = loading.records(connection, self.tenant, CaseFile, [case]).get(case)
        if found is None:
            raise LedgerError("unknown_case", case=case)
        if found.closed:
            raise LedgerError("case_closed", case=case)

    def _require_people(self, workers: Iterable[str]) -> None:
        asked = list(workers)
        known = self.vault.known(asked)
        for worker in asked:
            if worker not in known:
                raise LedgerError("person_erased", worker=worker)

    def _recorded(
        self, workers: Collection[str], known_at: int | None
    ) -> dict[str, Mapping[str, str]]:
        """What the log holds of workers, now or at a position: field to commitment."""
        with begin_reading(self.engine) as connection:
            known = loading.records(connection, self.tenant, Worker, list(workers))
            now = {worker: record.commitments for worker, record in known.items()}
            if known_at is None:
                return dict(now)
            return {**now, **self._earlier(connection, now, known_at)}

    def _earlier(
        self, connection: Connection, now: Mapping[str, object], known_at: int
    ) -> dict[str, Mapping[str, str]]:
        """The same at a position, of those of whom something was recorded after it."""
        changed = identities.changed_after(connection, self.tenant, known_at) & now.keys()
        return dict(identities.held_at(connection, self.tenant, changed, known_at))

    def _record(self, connection: Connection, head: Head, asked: Reveal, now: datetime) -> None:
        position, recorded_at = head.last_position + 1, next_instant(head.recorded_at, now)
        on = business_date(now).isoformat()
        said: dict[str, Any] = {"fields": sorted(set(asked.fields)), "purpose": asked.purpose}
        body: dict[str, Any] = {
            "tenant": self.tenant, "position": position, "recorded_at": recorded_at,
            "kind": KIND, "on": on, "fields": said | dict(asked.subject),
        }  # fmt: skip
        if asked.by is not None:
            body["by"] = asked.by
        blocks = []
        if len(asked.workers) == 1:
            body["fields"]["worker"] = asked.workers[0]
        else:
            lines = [DocumentLine(effects.NONE, None, worker, None, {}) for worker in asked.workers]
            block, root = line_block(position, lines, "")
            body["lines"] = {"alg": ALGORITHM, "count": len(lines), "root": root}
            blocks.append(block)
        encoded = canonical_bytes(body)
        version = loading.stream_versions(connection, self.tenant, [STREAM]).get(STREAM, 0) + 1
        row = EventRow(
            position, STREAM, version, TOPICS.topic_of(KIND), KIND, on, recorded_at, encoded,
            leaf_hash(encoded),
        )  # fmt: skip
        append_events(connection, self.tenant, [row], blocks, Head(position, recorded_at))
