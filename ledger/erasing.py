"""Erasing a person: the keys go, the references, the claims and every proof stay.

``PersonErased`` is one of the ledger's own events. It is committed first, and the vault's rows are
destroyed afterwards: where the program dies between the two, the log says so and a second run
finishes the work without recording it again. An identity is kept as long as the law wants its
records kept, and as long as a case, a claim or an advance of the fund needs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from ledger.claims import loading
from ledger.claims.bulk import fetch
from ledger.domain.context import published_records
from ledger.domain.policy import PolicyBook
from ledger.domain.state import Advance, CaseFile, Parameters, Project, Worker
from ledger.eventlog.appending import EventRow, Head, append_events, lock_head, next_instant
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.topics import TOPICS
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.dates import add_months, business_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.merkle import leaf_hash
from ledger.vault import Vault

KIND: Final = "PersonErased"
KEEP: Final = "records.employment.keep_years"
_MONTHS: Final = 12
_PENDING: Final = frozenset({"requested", "approved"})


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What is asked for.

    Attributes:
        worker: Whose identity.
        reason: Why, without any identity in it.
        case: Number of the request or decision behind it.
        by: Credit code of who erases, None for the owner of an embedded ledger.
    """

    worker: str
    reason: str
    case: str | None = None
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was done.

    Attributes:
        position: Of the event that was recorded now or earlier; None in a dry run.
        recorded: Whether this run recorded it.
        destroyed: Whether this run destroyed keys.
        wiped: Whether the freed pages are overwritten; not while others read the vault.
    """

    position: int | None
    recorded: bool = False
    destroyed: bool = False
    wiped: bool = False


@dataclass(frozen=True)
class Eraser:
    """Whose identity lies where, and where erasing it is recorded."""

    engine: Engine
    tenant: str
    vault: Vault

    def erase(self, asked: Erasure, now: datetime, *, dry_run: bool = False) -> Erased:
        """Record that a person is erased, then destroy keys, salt, values and digests.

        Raises:
            LedgerError: ``unknown_worker``, ``retention_not_over``, ``legal_hold``, or what
                storage and vault say.
        """
        if dry_run:
            with begin_reading(self.engine) as connection:
                position = self._erased_at(connection, asked.worker)
                if position is None:
                    self._require(connection, asked.worker, business_date(now))
            return Erased(position=position)
        with begin_writing(self.engine) as connection:
            head = lock_head(connection, self.tenant)
            position = self._erased_at(connection, asked.worker)
            recorded = position is None
            if position is None:
                self._require(connection, asked.worker, business_date(now))
                position = self._record(connection, head, asked, now)
        destroyed = self.vault.destroy(asked.worker)
        wiped = self.vault.wipe()
        return Erased(position=position, recorded=recorded, destroyed=destroyed, wiped=wiped)

    def erased_at(self, worker: str) -> int | None:
        """Position at which a worker's identity was erased; None where it was not."""
        with begin_reading(self.engine) as connection:
            return self._erased_at(connection, worker)

    def _erased_at(self, connection: Connection, worker: str) -> int | None:
        found = fetch(
            connection,
            "SELECT position FROM event WHERE tenant = ? AND stream = ? ORDER BY position",
            (self.tenant, _stream(worker)),
        )
        return found[0][0] if found else None

    # -- what keeps an identity -----------------------------------------------

    def _require(self, connection: Connection, worker: str, today: date) -> None:
        if not loading.records(connection, self.tenant, Worker, [worker]):
            raise LedgerError("unknown_worker", worker=worker)
        work = self._work_of(connection, worker)
        self._require_no_hold(connection, worker, work)
        projects = loading.records(
            connection, self.tenant, Project, sorted({project for project, _employer, _on in work})
        )
        kept = loading.records(connection, self.tenant, Parameters, [KEEP]).get(KEEP)
        book = PolicyBook(published_records(KEEP, kept) if kept is not None else ())
        for name, project in projects.items():
            self._require_over(
                connection, name, project, book, today,
                max(on for worked, _employer, on in work if worked == name),
            )  # fmt: skip

    def _work_of(self, connection: Connection, worker: str) -> list[tuple[str, str, str]]:
        """Project, employer and last known day of everything the worker did."""
        found = fetch(
            connection,
            "SELECT project, employer, CASE WHEN to_on = '' THEN from_on ELSE to_on END"
            " FROM assignment WHERE tenant = ? AND worker = ?"
            " UNION ALL SELECT o.project, COALESCE(c.employer, o.employer), c.changed_on"
            " FROM claim c JOIN origin o ON o.tenant = c.tenant AND o.position = c.position"
            " WHERE c.tenant = ? AND c.worker = ?",
            (self.tenant, worker, self.tenant, worker),
        )
        return [(row[0], row[1], row[2]) for row in found]

    def _require_no_hold(
        self, connection: Connection, worker: str, work: Iterable[tuple[str, str, str]]
    ) -> None:
        own = {(project, employer) for project, employer, _on in work}
        touched = {project for project, _employer in own} | {employer for _project, employer in own}
        cases = loading.records_with_prefix(connection, self.tenant, CaseFile, "")
        for name, case in cases.items():
            if not case.closed and touched & {case.project, case.employer}:
                raise LedgerError("legal_hold", worker=worker, case=name)
        owed = fetch(
            connection,
            "SELECT o.name, o.asserted, c.line FROM claim c"
            " JOIN origin o ON o.tenant = c.tenant AND o.position = c.position"
            " WHERE c.tenant = ? AND c.worker = ? AND c.net_fen > c.paid_fen"
            " AND o.state <> 'reversed' AND o.state <> 'returned'"
            " ORDER BY c.position, c.line LIMIT 1",
            (self.tenant, worker),
        )
        for name, asserted, line in owed:
            claim = name if asserted else f"{name}/{line}"
            raise LedgerError("legal_hold", worker=worker, claim=claim)
        advances = loading.records_with_prefix(connection, self.tenant, Advance, "")
        for name, advance in advances.items():
            if advance.state in _PENDING and worker in {
                who for _fen, who in advance.lines.values()
            }:
                raise LedgerError("legal_hold", worker=worker, advance=name)

    def _require_over(
        self, connection: Connection, name: str, project: Project, book: PolicyBook,
        today: date, last_on: str,
    ) -> None:  # fmt: skip
        """Refuse before the years after completion and full settlement are over."""
        if not project.completed_on or project.open_fen or project.in_transit_fen:
            raise LedgerError("retention_not_over", project=name)
        settled = fetch(
            connection,
            "SELECT MAX(c.changed_on) FROM claim c"
            " JOIN origin o ON o.tenant = c.tenant AND o.position = c.position"
            " WHERE c.tenant = ? AND o.project = ?",
            (self.tenant, name),
        )[0][0]
        begins = max(project.completed_on, settled or "", last_on)
        years, _record = book.number(KEEP, project.region, begins)
        until = add_months(date.fromisoformat(begins), _MONTHS * years)
        if today <= until:
            raise LedgerError("retention_not_over", project=name, valid_to=until.isoformat())

    def _record(self, connection: Connection, head: Head, asked: Erasure, now: datetime) -> int:
        position, recorded_at = head.last_position + 1, next_instant(head.recorded_at, now)
        on = business_date(now).isoformat()
        said: dict[str, Any] = {"worker": asked.worker, "ground": asked.reason}
        if asked.case is not None:
            said["case"] = asked.case
        body: dict[str, Any] = {
            "tenant": self.tenant, "position": position, "recorded_at": recorded_at,
            "kind": KIND, "on": on, "fields": said,
        }  # fmt: skip
        if asked.by is not None:
            body["by"] = asked.by
        encoded = canonical_bytes(body)
        row = EventRow(
            position, _stream(asked.worker), 1, TOPICS.topic_of(KIND), KIND, on, recorded_at,
            encoded, leaf_hash(encoded),
        )  # fmt: skip
        append_events(connection, self.tenant, [row], [], Head(position, recorded_at))
        return position


def _stream(worker: str) -> str:
    return f"erasure:{worker}"
