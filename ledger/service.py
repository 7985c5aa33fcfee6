"""The one door to the log: every posting is judged, recorded and answered here.

A group of postings is judged in one transaction under the tenant's writer lock, each alone
and after those before it, and committed at once. Whatever the door (command line, file,
server), it comes through ``Ledger.post``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, Self

from sqlalchemy import Connection, Engine

from ledger.claims import loading, tables
from ledger.claims.bulk import fetch, run
from ledger.claims.flushing import flush
from ledger.claims.prefetch import prefetch
from ledger.claims.tables import CLAIMS_SCHEMA
from ledger.claims.world import World
from ledger.domain.authority import Poster, require_authority, require_role
from ledger.domain.base import Posting
from ledger.domain.form import BadForm, Problem, parse_json, parse_posting
from ledger.domain.judgement import decide
from ledger.domain.state import Worker as WorkerRecord
from ledger.eventlog.appending import (
    Head, append_events, committed, last_position, lock_head,
)  # fmt: skip
from ledger.eventlog.engine import begin_reading, begin_writing, is_postgres, open_engine
from ledger.eventlog.log_schema import LOG
from ledger.eventlog.migrations import require_current, upgrade
from ledger.kernel.dates import (
    Clock, SystemClock, business_date, iso_instant, parse_instant,
)  # fmt: skip
from ledger.kernel.errors import LedgerError, Refusal
from ledger.recording import Prepared, content_digest, identity_fields, prepare
from ledger.vault import Vault, VaultSession, default_key_file, default_vault_url

GROUP_POSTINGS: Final = 500
GROUP_BYTES: Final = 4 * 1024 * 1024
SCHEMAS: Final = (LOG, CLAIMS_SCHEMA)

Status = Literal["recorded", "duplicate", "refused", "invalid"]


@dataclass(frozen=True)
class LedgerConfig:
    """Where a ledger lies.

    Attributes:
        url: ``sqlite:///path/file.db`` or ``postgresql://user@host/database``.
        tenant: Which authority's ledger in that database.
        vault_url: The identity vault; by default beside the ledger.
        key_file: The vault's master key; by default beside the ledger.
    """

    url: str
    tenant: str = "main"
    vault_url: str | None = None
    key_file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one posting.

    Attributes:
        line: Line of the file, from 1.
        position: Where it is recorded, or was recorded first.
        code: Why it was refused; ``outcome_unknown`` when nobody can tell now.
        facts: What the message may name.
        problems: Everything wrong with the form of an invalid posting.
        event: What was recorded (or, in a dry run, would be): the event's body.
        balances: After a dry run, the balances of the cells that it moves.
    """

    line: int
    key: str | None = None
    kind: str | None = None
    status: Status
    position: int | None = None
    code: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    event: Mapping[str, Any] | None = None
    balances: tuple[Mapping[str, object], ...] = ()


@dataclass(slots=True)
class _Item:
    """A posting on its way: read, and checked for its form."""

    line: int
    raw: Mapping[str, Any]
    posting: Posting | None = None
    answer: Answer | None = None
    digest: str = ""


class _DryRun(Exception):  # noqa: N818 - rolls the transaction back, nobody sees it
    pass


class Ledger:
    """One tenant's ledger."""

    def __init__(self, engine: Engine, vault: Vault, tenant: str, clock: Clock) -> None:
        self.engine = engine
        self.vault = vault
        self.tenant = tenant
        self._clock = clock
        self._world = World(tenant)

    @classmethod
    def create(cls, config: LedgerConfig, *, clock: Clock | None = None) -> Self:
        """Create the ledger, its vault and its key, or upgrade them; safe to repeat.

        Raises:
            LedgerError: ``schema_newer``, ``no_vault`` (the log knows people and the vault
                is gone), or what storage and vault say.
        """
        engine = open_engine(config.url, create=True)
        upgrade(engine, SCHEMAS)
        vault_url = config.vault_url or default_vault_url(config.url)
        key_file = config.key_file or default_key_file(config.url)
        if _has_workers(engine, config.tenant):
            Vault.open(vault_url, key_file, tenant=config.tenant).close()
        vault = Vault.create(vault_url, key_file, tenant=config.tenant)
        return cls(engine, vault, config.tenant, clock or SystemClock())

    @classmethod
    def open(cls, config: LedgerConfig, *, clock: Clock | None = None) -> Self:
        """Open an existing ledger; nothing is created.

        Raises:
            LedgerError: ``no_ledger``, ``schema_older``, ``schema_newer``, or what storage
                and vault say.
        """
        engine = open_engine(config.url)
        require_current(engine, SCHEMAS)
        vault = Vault.open(
            config.vault_url or default_vault_url(config.url),
            config.key_file or default_key_file(config.url),
            tenant=config.tenant,
        )
        return cls(engine, vault, config.tenant, clock or SystemClock())

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()
        self.vault.close()

    def position(self) -> int:
        """Position of the latest posting, 0 in an empty ledger."""
        return last_position(self.engine, self.tenant)

    def masked_identity(self, worker: str) -> Mapping[str, str]:
        """A worker's identity as it may be shown: masked; empty for an unknown worker."""
        with begin_reading(self.engine) as connection:
            known = loading.records(connection, self.tenant, WorkerRecord, [worker])

        def recorded(ref: str) -> Mapping[str, str] | None:
            return known[ref].commitments if ref in known else None

        return self.vault.masked(worker, recorded) if worker in known else {}

    def post(
        self,
        lines: Iterable[bytes | str | Mapping[str, Any]],
        *,
        poster: Poster | None = None,
        atomic: bool = False,
        dry_run: bool = False,
    ) -> Iterator[Answer]:
        """Judge postings in order and record those that stand.

        Args:
            lines: JSON text or objects, one posting each.
            poster: Who posts, where the ledger knows it.
            atomic: All or none: one that fails takes the others with it.
            dry_run: The same judgement; nothing is recorded.

        Yields:
            One answer a posting, in order; those of a group after its commit.

        Raises:
            LedgerError: The storage failed; groups answered before stay recorded.
        """
        who = poster or Poster()
        groups = self._groups(lines)
        if atomic or dry_run:
            yield from self._post_whole(groups, who, atomic=atomic, dry_run=dry_run)
            return
        for group in groups:
            yield from self._post_group(group, who)

    # -- groups ---------------------------------------------------------------

    def _groups(
        self, lines: Iterable[bytes | str | Mapping[str, Any]]
    ) -> Iterator[list[_Item]]:
        group: list[_Item] = []
        size = 0
        for number, line in enumerate(lines, 1):
            group.append(self._read(number, line))
            size += len(line) if isinstance(line, bytes | str) else 0
            if len(group) >= GROUP_POSTINGS or size >= GROUP_BYTES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _read(self, number: int, line: bytes | str | Mapping[str, Any]) -> _Item:
        """Step 1: everything that can be judged without the ledger and without its lock."""
        item = _Item(number, {})
        try:
            item.raw = line if isinstance(line, Mapping) else parse_json(line)
            item.posting = parse_posting(item.raw, self._today())
            item.digest = content_digest(item.posting)
        except BadForm as error:
            first = error.problems[0]
            item.answer = Answer(
                line=number, key=_text(item.raw, "key"), kind=_text(item.raw, "kind"),
                status="invalid", code=error.code,
                facts={"field": first.field, "problem": first.problem},
                problems=tuple(error.problems),
            )  # fmt: skip
        return item

    def _today(self) -> str:
        return business_date(self._clock.now()).isoformat()

    def _post_group(self, group: list[_Item], poster: Poster) -> list[Answer]:
        committing: list[Prepared] = []
        try:
            with begin_writing(self.engine) as connection, self._session() as vault:
                answers, recorded = self._judge_group(connection, vault, group, poster)
                vault.flush()
                committing = recorded
        except BaseException as error:
            self._world.forget()
            if not committing or not isinstance(error, LedgerError):
                raise
            answers = self._after_broken_commit(answers, committing, error)
        return answers

    def _after_broken_commit(
        self, answers: list[Answer], recorded: list[Prepared], error: LedgerError
    ) -> list[Answer]:
        """Tell the truth when the connection broke while committing: ask the log itself."""
        last = recorded[-1].row
        try:
            known = committed(self.engine, self.tenant, last.position, last.leaf_hash)
        except LedgerError:
            return [
                replace(answer, status="refused", code="outcome_unknown", position=None)
                if answer.status == "recorded"
                else answer
                for answer in answers
            ]
        if not known:
            raise error
        return answers

    def _post_whole(
        self, groups: Iterator[list[_Item]], poster: Poster, *, atomic: bool, dry_run: bool
    ) -> Iterator[Answer]:
        answers: list[Answer] = []
        committing: list[Prepared] = []
        try:
            with begin_writing(self.engine) as connection, self._session() as vault:
                for group in groups:
                    judged, recorded = self._judge_group(
                        connection, vault, group, poster, dry_run=dry_run
                    )
                    answers.extend(judged)
                    committing.extend(recorded)
                failed = any(answer.status in {"refused", "invalid"} for answer in answers)
                if dry_run or (atomic and failed):
                    raise _DryRun
                vault.flush()
        except _DryRun:
            self._world.forget()
            if atomic and failed:
                answers = [_rolled_back(answer) for answer in answers]
        except LedgerError as error:
            self._world.forget()
            if not committing:
                raise
            answers = self._after_broken_commit(answers, committing, error)
        except BaseException:
            self._world.forget()
            raise
        yield from answers

    @contextmanager
    def _session(self) -> Iterator[VaultSession]:
        with self.vault.session(self._world.recorded_identity) as session:
            yield session

    # -- judgement ------------------------------------------------------------

    def _judge_group(
        self,
        connection: Connection,
        vault: VaultSession,
        group: list[_Item],
        poster: Poster,
        *,
        dry_run: bool = False,
    ) -> tuple[list[Answer], list[Prepared]]:
        head = lock_head(connection, self.tenant)
        now = self._clock.now()
        self._world.begin(
            connection, vault, business_date(now).isoformat(), head.last_position
        )
        writer = _Group(self._world, vault, head, now, poster, dry_run=dry_run)
        postings = [item.posting for item in group if item.posting is not None]
        writer.look_ahead(connection, postings)
        answers = [writer.judge(item) for item in group]
        flush(self._world, connection)
        writer.write(connection, self.tenant)
        self._world.written()
        return answers, writer.prepared


class _Group:
    """One group under the writer's lock: what was decided so far and what follows."""

    def __init__(  # noqa: PLR0913 - what a group is made of
        self,
        world: World,
        vault: VaultSession,
        head: Head,
        now: datetime,
        poster: Poster,
        *,
        dry_run: bool,
    ) -> None:
        self.world = world
        self.vault = vault
        self.head = head
        self.poster = poster
        self.dry_run = dry_run
        self.prepared: list[Prepared] = []
        self._keys: dict[tuple[str, str], tuple[int, str]] = {}
        self._new_keys: list[tuple[str, str, int, str]] = []
        earliest = now
        if head.recorded_at:
            last = parse_instant(head.recorded_at)
            assert last is not None
            earliest = max(now, last + timedelta(microseconds=1))
        self._next_instant = earliest.astimezone(UTC)

    def look_ahead(self, connection: Connection, postings: Sequence[Posting]) -> None:
        """Read what the group's postings name, a table at a time."""
        prefetch(self.world, postings)
        by_party: dict[str, list[str]] = {}
        for posting in postings:
            by_party.setdefault(self._party(posting), []).append(posting.key)
        for party, keys in by_party.items():
            found = loading.used_keys(connection, self.world.tenant, party, keys)
            self._keys.update({(party, key): hit for key, hit in found.items()})
        identities = [
            (posting.worker, identity_fields(posting))  # type: ignore[attr-defined]
            for posting in postings
            if type(posting).__name__ in {"WorkerRegistered", "WorkerUpdated", "CardBound"}
        ]
        if identities:
            self.vault.prefetch(
                [worker for worker, _ in identities],
                [given["id_number"] for _, given in identities if "id_number" in given],
                [given["card_number"] for _, given in identities if "card_number" in given],
                [worker for worker, given in identities if "holder_name" in given],
            )

    def _party(self, posting: Posting) -> str:
        return posting.by or self.poster.party or ""

    def judge(self, item: _Item) -> Answer:
        """Judge one posting by all steps, and record it when it stands."""
        posting = item.posting
        try:
            require_role(_text(item.raw, "kind"), self.poster)
            if posting is None:
                assert item.answer is not None
                return item.answer
            require_authority(posting, self.poster, self.world)
            first = self._keys.get((self._party(posting), posting.key))
            if first is not None:
                return self._seen_before(item, posting, first)
            decision, _ = decide(posting, self.world, role=self.poster.role)
        except Refusal as refusal:
            return Answer(
                line=item.line, key=_text(item.raw, "key"), kind=_text(item.raw, "kind"),
                status="refused", code=refusal.code, facts=refusal.facts,
            )  # fmt: skip
        prepared = self._record(item, posting, decision)
        return Answer(
            line=item.line, key=posting.key, kind=prepared.recorded.kind, status="recorded",
            position=None if self.dry_run else prepared.recorded.position,
            warnings=tuple(decision.warnings), event=prepared.body,
            balances=self._balances(prepared) if self.dry_run else (),
        )  # fmt: skip

    def _seen_before(self, item: _Item, posting: Posting, first: tuple[int, str]) -> Answer:
        position, digest = first
        answer = Answer(
            line=item.line, key=posting.key, kind=type(posting).__name__, status="duplicate",
            position=position,
        )  # fmt: skip
        if digest == item.digest and self._same_identity(posting, position):
            return answer
        return replace(
            answer, status="refused", code="key_reused", position=None,
            facts={"key": posting.key, "first_position": position},
        )  # fmt: skip

    def _same_identity(self, posting: Posting, position: int) -> bool:
        """Compare identity by its commitments; after an erasure the rest decides."""
        given = identity_fields(posting)
        stored = {
            name.removesuffix("_commitment"): value
            for name, value in self.world.posting(position).fields.items()
            if name.endswith("_commitment")
        }
        if not given and not stored:
            return True
        worker = posting.worker  # type: ignore[attr-defined]
        commitments = self.vault.commitments(worker, given)
        return commitments is None or commitments == stored

    def _record(self, item: _Item, posting: Posting, decision: Any) -> Prepared:  # noqa: ANN401
        position = self.head.last_position + len(self.prepared) + 1
        version = self.world.version_of(decision.stream) + 1
        prepared = prepare(
            posting, decision, tenant=self.world.tenant, position=position, version=version,
            recorded_at=iso_instant(self._next_instant), commitments=self._commit(posting),
        )  # fmt: skip
        self._next_instant += timedelta(microseconds=1)
        self.prepared.append(prepared)
        self.world.versions[decision.stream] = version
        self.world.apply(prepared.recorded)
        party = self._party(posting)
        self._keys[party, posting.key] = (position, item.digest)
        self._new_keys.append((party, posting.key, position, item.digest))
        return prepared

    def _commit(self, posting: Posting) -> Mapping[str, str]:
        """Stage identity in the vault; the event gets commitments."""
        given = identity_fields(posting)
        if not given:
            return {}
        worker, kind = posting.worker, type(posting).__name__  # type: ignore[attr-defined]
        if kind == "WorkerRegistered":
            return self.vault.register(worker, given)
        if kind == "WorkerUpdated":
            return self.vault.update(worker, given)
        return self.vault.bind_card(
            worker, given["card_number"], given.get("bank_name"), given.get("holder_name")
        ).commitments

    def _balances(self, prepared: Prepared) -> tuple[Mapping[str, object], ...]:
        cells = {line[:4]: line for line in prepared.recorded.journal}
        return tuple(
            {
                "book": book, "account": account, "project": project,
                "counterparty": counterparty,
                "balance_fen": self.world.cell(book, account, project, counterparty).total,
            }
            for book, account, project, counterparty in cells
        )  # fmt: skip

    def write(self, connection: Connection, tenant: str) -> None:
        """Write the group's events, lines and keys."""
        if not self.prepared:
            return
        last = self.prepared[-1].row
        append_events(
            connection, tenant, [prepared.row for prepared in self.prepared],
            (block for prepared in self.prepared for block in prepared.blocks),
            Head(last.position, last.recorded_at),
        )  # fmt: skip
        places = "%s" if is_postgres(connection) else "(?, ?, ?, ?, ?)"
        run(
            connection,
            f"INSERT INTO {tables.used_key.name} VALUES {places}",  # noqa: S608 - our own name
            [(tenant, *key) for key in self._new_keys],
        )


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None


def _rolled_back(answer: Answer) -> Answer:
    if answer.status != "recorded":
        return answer
    return replace(answer, status="refused", code="rolled_back", position=None, event=None)


def _has_workers(engine: Engine, tenant: str) -> bool:
    with begin_reading(engine) as connection:
        found = fetch(
            connection, "SELECT 1 FROM worker WHERE tenant = ? LIMIT 1", (tenant,)
        )
    return bool(found)


__all__ = ["Answer", "Ledger", "LedgerConfig", "LedgerError", "Poster"]
