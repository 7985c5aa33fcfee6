"""What decisions may ask of one tenant's log, read when it is asked for and then kept.

Implements the port ``ledger.domain.facts.Facts``. What was read stays in memory as long as
nobody else writes (the head has not moved), so that a file of postings on one project
reads the project once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from ledger.claims import loading
from ledger.claims.bank_reading import BankReader
from ledger.claims.changes import Account, Changes, Key, move_of, pending
from ledger.claims.flushing import flush
from ledger.domain.base import Recorded
from ledger.domain.kinds.workers import assignment_id
from ledger.domain.state import (
    Assignment,
    CaseFile,
    Claim,
    PayoutLine,
    Record,
    Sheet,
    Worker,
)  # fmt: skip
from ledger.domain.timeline import Timeline, last_open_day
from ledger.vault import VaultSession

R = TypeVar("R", bound=Record)

MAX_CACHED = 20_000
"""Records kept in memory between groups; more are read again, a group's at once.

What lives long costs Python's collector more than reading it again costs."""

LARGE = 2_000
"""Up to so many workers a question is answered from records, beyond by the tables."""


class Reader(BankReader):
    """Everything that decisions may ask of one tenant's log, and what they changed."""

    def __init__(self, tenant: str) -> None:
        super().__init__()
        self.tenant = tenant
        self.today = ""
        self.last_position = 0
        self.forget()

    def forget(self) -> None:
        """Drop everything read and everything unwritten."""
        self._records: dict[type[Record], dict[str, Record | None]] = defaultdict(dict)
        self._sheets: dict[tuple[str, bool], Sheet | None] = {}
        self._origins: dict[int, Sheet] = {}
        self._claims: dict[Key, Claim] = {}
        self._payout_lines: dict[int, dict[Key, PayoutLine]] = {}
        self._cells: dict[tuple[str, ...], Timeline] = {}
        self._recent: dict[int, Recorded] = {}
        self.versions: dict[str, int] = {}
        self.changes = Changes()
        self.forget_accounts()

    def begin(
        self, connection: Connection, vault: VaultSession, today: str, last_position: int
    ) -> None:
        """Start a group under the writer's lock; what another writer changed is read anew."""
        cached = len(self._claims) + sum(map(len, self._records.values()))
        cached += self.count_account_rows()
        if last_position != self.last_position or cached > MAX_CACHED:
            self.forget()
        self._connection = connection
        self._vault = vault
        self.today = today
        self.last_position = last_position

    def read(self, connection: Connection, *, today: str) -> None:
        """Start reading without the lock and without a vault: nothing is decided."""
        self.forget()
        self._connection = connection
        self.today = today

    def written(self) -> None:
        """The group's changes are in the database's transaction."""
        self.changes = Changes()
        self._recent.clear()

    # -- facts ----------------------------------------------------------------

    def get(self, record: type[R], name: str) -> R | None:
        """One record by its id, or None."""
        kept = self._records[record]
        if name not in kept:
            self.load(record, [name])
        return kept[name]  # type: ignore[return-value]

    def load(self, record: type[R], names: Iterable[str]) -> None:
        """Read several records at once."""
        kept = self._records[record]
        wanted = [name for name in dict.fromkeys(names) if name not in kept]
        if not wanted:
            return
        found = loading.records(self._connection, self.tenant, record, wanted)
        for name in wanted:
            kept[name] = found.get(name)

    def folded_records(self) -> list[tuple[tuple[type[Record], str], Record]]:
        """All records in memory, by type and id."""
        return [
            ((kind, name), record)
            for kind, kept in self._records.items()
            for name, record in kept.items()
            if record is not None
        ]

    def scan(self, record: type[R], prefix: str) -> Mapping[str, R]:
        """All records whose id begins with a prefix, by id."""
        stored = loading.records_with_prefix(self._connection, self.tenant, record, prefix)
        kept = self._records[record]
        for name, found in stored.items():
            kept.setdefault(name, found)
        return {
            name: found  # type: ignore[misc]
            for name, found in sorted(kept.items())
            if found is not None and name.startswith(prefix)
        }

    def sheet(self, name: str) -> Sheet | None:
        """A payroll sheet by its id."""
        return self._origin(name, asserted=False)

    def asserted(self, claim: str) -> Sheet | None:
        """The origin of an asserted claim by the claim's id."""
        return self._origin(claim, asserted=True)

    def _origin(self, name: str, *, asserted: bool) -> Sheet | None:
        key = (name, asserted)
        if key not in self._sheets:
            self.load_origins([name], asserted=asserted)
        return self._sheets[key]

    def load_origins(self, names: Iterable[str], *, asserted: bool) -> None:
        """Read several sheets, or origins of asserted claims, at once."""
        wanted = [name for name in dict.fromkeys(names) if (name, asserted) not in self._sheets]
        if wanted:
            for sheet in loading.sheets(self._connection, self.tenant, wanted, asserted=asserted):
                self._take_origin(sheet)
            for name in wanted:
                self._sheets.setdefault((name, asserted), None)

    def _take_origin(self, sheet: Sheet) -> None:
        self._sheets[sheet.name, sheet.asserted] = self._origins[sheet.position] = sheet

    def claims(self, names: Iterable[str]) -> Mapping[str, Claim]:
        """Claims that exist, by their name; the others are left out."""
        keys = self.claim_keys(names)
        found = self.claims_by_key(keys.values())
        return {name: found[key] for name, key in keys.items() if key in found}

    def claim_keys(self, names: Iterable[str]) -> dict[str, Key]:
        """Keys of claims that exist, by their name; the claims themselves are not read."""
        parsed = [(name, *_parse(name)) for name in names]
        self.load_origins((of for _, of, line in parsed if line), asserted=False)
        self.load_origins((of for _, of, line in parsed if not line), asserted=True)
        keys: dict[str, Key] = {}
        for name, of, line in parsed:
            origin = self._sheets[of, not line]
            if origin is not None and origin.state == "approved" and line <= origin.count:
                keys[name] = (origin.position, line or 1)
        return keys

    def claims_by_key(self, keys: Iterable[Key]) -> Mapping[Key, Claim]:
        """Claims by the position and line of their origin."""
        keys = list(keys)
        missing = [key for key in keys if key not in self._claims]
        if missing:
            self._load_claims(missing)
        return {key: self._claims[key] for key in keys if key in self._claims}

    def _load_claims(self, keys: Sequence[Key]) -> None:
        unknown = {position for position, _ in keys if position not in self._origins}
        if unknown:
            for sheet in loading.sheets_at(self._connection, self.tenant, unknown):
                self._take_origin(sheet)
        approved = [key for key in keys if self._is_approved(key[0])]
        unwritten = self.changes.new_claims
        for position, line in approved:
            if position in unwritten:
                new = unwritten[position][line - 1]
                written = (line, new.worker, None, new.amount_fen, 0, 0, "", "", False)
                self._take_claim(loading.claim_at(self._origins[position], written))
        stored = [key for key in approved if key[0] not in unwritten]
        if stored:
            for position, *row in loading.claims(self._connection, self.tenant, stored):
                self._take_claim(loading.claim_at(self._origins[position], row))

    def _is_approved(self, position: int) -> bool:
        return position in self._origins and self._origins[position].state == "approved"

    def _take_claim(self, claim: Claim) -> None:
        claim.disputed = claim.disputed or claim.key in self.changes.disputed
        self._claims[claim.key] = claim

    def write_down(self) -> None:
        """Write what is gathered, so that questions to the tables see this group's postings."""
        flush(self, self._connection)

    def _write_down_changed(self, record: type[Record]) -> None:
        """The same where records of a type changed, whose table is about to be asked."""
        if any(kind is record for kind, _ in self.changes.records):
            self.write_down()

    def moves(self, claim: Claim) -> Sequence[tuple[str, int, int, int]]:
        """Changes of a claim after it came into being."""
        if claim.moves is None:
            claim.moves = loading.moves(self._connection, self.tenant, claim.key)
            claim.moves.extend(
                move_of(on, line) for key, _, _, on, line in self.changes.moves if key == claim.key
            )
        return claim.moves

    def sheet_workers(self, sheet: Sheet) -> frozenset[str]:
        """Workers named on a sheet."""
        new = self.changes.new_claims.get(sheet.position)
        if new is not None:
            return frozenset(line.worker for line in new if line.worker is not None)
        return loading.sheet_workers(self._connection, self.tenant, sheet.position)

    def sheet_line(self, sheet: Sheet, worker: str) -> int | None:
        """Line of a worker on a sheet."""
        new = self.changes.new_claims.get(sheet.position)
        if new is not None:
            return next((at for at, line in enumerate(new, 1) if line.worker == worker), None)
        return loading.sheet_line(self._connection, self.tenant, sheet.position, worker)

    def touched_claims(self, sheet: Sheet) -> set[str]:
        """Claims of a sheet ever reduced or attributed, or now paid or in transit."""
        self.write_down()
        return loading.touched_claims(self._connection, self.tenant, sheet)

    def in_case(self, project: str, claim: str) -> bool:
        """Whether a claim belongs to any case of its project, open or closed."""
        cases = self.scan(CaseFile, "").values()
        return any(case.project == project and claim in case.claims for case in cases)

    def known_workers(self, workers: Iterable[str]) -> frozenset[str]:
        """Those of the workers that are registered."""
        names = list(workers)
        if len(names) <= LARGE:
            self.load(Worker, names)
            return frozenset(name for name in names if self.get(Worker, name) is not None)
        self._write_down_changed(Worker)
        missing = loading.unknown_workers(self._connection, self.tenant, names)
        return frozenset(names) - missing

    def without_card(self, workers: Iterable[str]) -> frozenset[str]:
        """Those of the workers to whom no card is bound now."""
        names = list(workers)
        if len(names) <= LARGE:
            self.load(Worker, names)
            kept = ((name, self.get(Worker, name)) for name in names)
            return frozenset(name for name, found in kept if found is None or not found.has_card)
        self._write_down_changed(Worker)
        return frozenset(loading.workers_without_card(self._connection, self.tenant, names))

    def assigned(
        self, project: str, employer: str, workers: Iterable[str], first: str, last: str
    ) -> frozenset[str]:
        """Those of the workers assigned there on at least one of the days."""
        names = list(workers)
        if len(names) <= LARGE:
            ids = [assignment_id(project, employer, name) for name in names]
            self.load(Assignment, ids)
            kept = zip(names, (self.get(Assignment, each) for each in ids), strict=True)
            return frozenset(name for name, a in kept if a is not None and a.covers(first, last))
        self._write_down_changed(Assignment)
        missing = loading.not_assigned(
            self._connection, self.tenant, project, employer, names, first, last
        )
        return frozenset(names) - missing

    def payout_lines(self, batch: int) -> Mapping[Key, PayoutLine]:
        """Lines of a batch by their claim's key, in the order of the batch."""
        new = self.changes.new_payout_lines.get(batch)
        if batch not in self._payout_lines and new is not None:
            made = [pending(batch, number, line) for number, line in enumerate(new, 1)]
            self._payout_lines[batch] = {line.claim: line for line in made}
        self.load_payout_lines([batch])
        return self._payout_lines[batch]

    def load_payout_lines(self, batches: Iterable[int]) -> None:
        """Read the lines of several batches at once."""
        wanted = [batch for batch in batches if batch not in self._payout_lines]
        if wanted:
            self._payout_lines.update({batch: {} for batch in wanted})
            for line in loading.payout_lines(self._connection, self.tenant, wanted):
                self._payout_lines[line.batch][line.claim] = line

    def cell(self, book: str, account: str, project: str, counterparty: str) -> Timeline:
        """Balance of a cell by day, over all due dates."""
        return self._timeline(book, account, project, counterparty, None)

    def due_cell(self, book: str, project: str, due_on: str) -> Timeline:
        """An employer's wages_payable on a project for one due date, by day."""
        return self._timeline(book, "wages_payable", project, "", due_on)

    def fund_total(self, region: str, account: str) -> Timeline:
        """Balance of a fund's account by day, over all counterparties."""
        return self._timeline(f"fund:{region}", account, "", None, None)

    def _timeline(
        self, book: str, account: str, project: str, counterparty: str | None, due_on: str | None
    ) -> Timeline:
        key = (book, account, project, counterparty or ("*" if counterparty is None else ""),
               "*" if due_on is None else due_on)  # fmt: skip
        if key not in self._cells:
            self._cells[key] = loading.cell(
                self._connection, self.tenant, book, account, project, counterparty, due_on
            )
            self._add_unwritten(self._cells[key], (book, account, project), counterparty, due_on)
        return self._cells[key]

    def _add_unwritten(
        self, timeline: Timeline, account: Account, counterparty: str | None, due_on: str | None
    ) -> None:
        for part, days in self.changes.accounts.get(account, {}).items():
            if counterparty in {None, part[0]} and due_on in {None, part[1]}:
                for day, amount in days.items():
                    timeline.add(day, amount)

    def load_cells(self, cells: Iterable[tuple[str, str, str, str]]) -> None:
        """Read the balances of several cells at once: book, account, project, counterparty."""
        wanted = [cell for cell in dict.fromkeys(cells) if (*cell, "*") not in self._cells]
        if not wanted:
            return
        found = loading.cells(self._connection, self.tenant, wanted)
        for cell in wanted:
            self._cells[*cell, "*"] = timeline = Timeline(found.get(cell, ()))
            self._add_unwritten(timeline, cell[:3], cell[3], None)

    def last_overdue(self, party: str, projects: Sequence[str], on: str) -> str:
        """Latest day up to ``on`` with overdue open wages of a party or on projects."""
        self.write_down()
        rows = loading.overdue_cells(self._connection, self.tenant, party, projects)
        timelines: dict[tuple[str, str, str], Timeline] = defaultdict(Timeline)
        for book, project, due_on, day, amount in rows:
            timelines[book, project, due_on].add(day, amount)
        return max((last_open_day(due, t, on) for (_, _, due), t in timelines.items()), default="")

    def posting(self, position: int) -> Recorded:
        """A recorded posting with its journal and document lines."""
        if position in self._recent:
            return self._recent[position]
        return loading.posting(self._connection, self.tenant, position)

    def person_holding(self, field: str, value: str) -> str | None:
        """Worker whose ID number or bound card this is."""
        if field == "id_number":
            return self._vault.person_by_id_number(value)
        return self._vault.card_owner(value)

    def name_of(self, worker: str) -> str | None:
        """The worker's name, for comparison only."""
        return self._vault.name_of(worker)

    def recorded_identity(self, worker: str) -> Mapping[str, str] | None:
        """What the log holds of a worker: field to commitment; None for an unknown one."""
        kept = self.get(Worker, worker)
        return kept.commitments if kept is not None else None

    def version_of(self, stream: str) -> int:
        """Latest version of a stream, 0 for a new one."""
        if stream not in self.versions:
            self.load_versions([stream])
        return self.versions[stream]

    def load_versions(self, streams: Iterable[str]) -> None:
        """Read the versions of several streams at once."""
        wanted = [stream for stream in dict.fromkeys(streams) if stream not in self.versions]
        if wanted:
            found = loading.stream_versions(self._connection, self.tenant, wanted)
            for stream in wanted:
                self.versions[stream] = found.get(stream, 0)


def _parse(name: str) -> tuple[str, int]:
    """Origin and line of a claim's name; line 0 for an asserted claim."""
    of, slash, line = name.rpartition("/")
    return (of, int(line)) if slash else (name, 0)
