"""The one door to the log: every posting is judged, recorded and answered here.

A group of postings is judged in one transaction under the tenant's writer lock, each alone
and after those before it, and committed at once. Whatever the door (command line, file,
server), it comes through ``Ledger.post``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Self

from sqlalchemy import Connection

from ledger.claims.books import Finding
from ledger.claims.bulk import fetch
from ledger.claims.flushing import flush
from ledger.claims.rebuild import Difference
from ledger.claims.reconciling import Accounts
from ledger.claims.world import World
from ledger.domain.authority import INSPECTOR, OPERATOR, Poster
from ledger.domain.form import BadForm, parse_json, parse_posting
from ledger.erasing import Erased, Eraser, Erasure
from ledger.eventlog.appending import committed, head_of, lock_head
from ledger.eventlog.engine import begin_reading, begin_writing
from ledger.eventlog.findings import Report
from ledger.judging import Answer, Group, Item, text_of
from ledger.kernel.collector import collector_paused
from ledger.kernel.dates import Clock, SystemClock, business_date
from ledger.kernel.errors import LedgerError
from ledger.people import People
from ledger.recording import Prepared, content_digest
from ledger.revealing import Reveal, Revealer, require_purpose
from ledger.store import LedgerConfig, Store
from ledger.vault import Vault, VaultSession

GROUP_POSTINGS: Final = 1_000
GROUP_BYTES: Final = 4 * 1024 * 1024
_LINE_BYTES: Final = 100

Given = bytes | str | Mapping[str, Any]
"""A posting as it is given: JSON text, or the object itself."""


class _DryRun(Exception):  # noqa: N818 - rolls the transaction back, nobody sees it
    pass


class Ledger:
    """One tenant's ledger."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self.store = store
        self.engine = store.engine
        self.tenant = store.tenant
        self.vault = vault
        self._clock = clock
        self._world = World(store.tenant)

    @classmethod
    def create(cls, config: LedgerConfig, *, clock: Clock | None = None) -> Self:
        """Create the ledger, its vault and its key, or upgrade them; safe to repeat.

        Raises:
            LedgerError: ``schema_newer``, ``no_vault`` (the log knows people and the vault
                is gone), or what storage and vault say.
        """
        store = Store.create(config)
        try:
            if _has_workers(store):
                Vault.open(config.vault, config.key, tenant=config.tenant).close()
            vault = Vault.create(config.vault, config.key, tenant=config.tenant)
        except BaseException:
            store.close()
            raise
        return cls(store, vault, clock or SystemClock())

    @classmethod
    def open(cls, config: LedgerConfig, *, clock: Clock | None = None) -> Self:
        """Open an existing ledger; nothing is created.

        Raises:
            LedgerError: ``no_ledger``, ``schema_older``, ``schema_newer``, or what storage
                and vault say.
        """
        store = Store.open(config)
        try:
            vault = Vault.open(config.vault, config.key, tenant=config.tenant)
        except BaseException:
            store.close()
            raise
        return cls(store, vault, clock or SystemClock())

    def close(self) -> None:
        """Give up all connections."""
        self.store.close()
        self.vault.close()

    def position(self) -> int:
        """Position of the latest posting, 0 in an empty ledger."""
        return self.store.position()

    def check(self, rules: Sequence[str] = ()) -> list[Finding]:
        """Check the invariants over the whole log; empty when all hold."""
        return self.store.check(rules)

    def verify(self, from_position: int = 1) -> Report:
        """Verify order, bytes, lines and streams of the log from a position on."""
        return self.store.verify(from_position)

    def rebuild_claims(self, *, repair: bool = True) -> list[Difference]:
        """Rebuild the write side from the log, compare, and put right what differs."""
        self._world.forget()
        return self.store.rebuild_claims(repair=repair)

    def masked_identity(self, worker: str) -> Mapping[str, str]:
        """A worker's identity as it may be shown: masked; empty for an unknown worker."""
        return self.people.masked([worker]).get(worker, {})

    @property
    def people(self) -> People:
        """Workers: who those of a file are, and what may be shown of them."""
        return People(self.engine, self.tenant, self.vault)

    def reveal(
        self,
        workers: Iterable[str],
        fields: Sequence[str],
        *,
        purpose: str,
        subject: Mapping[str, str] | None = None,
        poster: Poster | None = None,
        known_at: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """Read identities in the clear, after the ledger's own event says so in the log.

        Args:
            workers: Whose; none asks for nothing and records nothing.
            fields: Which, out of ``ledger.revealing.FIELDS``.
            purpose: What for, for example ``payout:B-1``; never an identity.
            subject: What it is about, such as ``{"project": "P-1", "batch": "B-1"}``.
            poster: Who reads, where the ledger knows it.
            known_at: Values in force at this position; now where it is None.

        Returns:
            Values by worker and field; a field that a worker does not have is left out.

        Raises:
            LedgerError: ``bad_purpose``; of an inspector ``case_needed``, ``unknown_case`` or
                ``case_closed``; ``unknown_worker``, ``person_erased``, or what the storage says.
                Where it cannot be recorded nothing is read.
        """
        whose = list(dict.fromkeys(workers))
        if not whose:
            return {}
        require_purpose(purpose)
        revealer = Revealer(self.engine, self.tenant, self.vault)
        by = poster.party if poster is not None else None
        about = subject or {}
        if poster is not None and poster.role == INSPECTOR:
            revealer.require_case(about.get("case"))
        asked = Reveal(workers=whose, fields=fields, purpose=purpose, subject=about, by=by)
        return revealer.reveal(asked, self._clock.now(), known_at)

    def erase(
        self, asked: Erasure, *, poster: Poster | None = None, dry_run: bool = False
    ) -> Erased:
        """Erase a person's identity for ever, as ``Eraser.erase`` does; its keeper alone may."""
        if poster is not None and poster.role not in {"", OPERATOR}:
            raise LedgerError("not_authorised", role=poster.role)
        eraser = Eraser(self.engine, self.tenant, self.vault)
        return eraser.erase(asked, self._clock.now(), dry_run=dry_run)

    def erased_at(self, worker: str) -> int | None:
        """Position of a worker's erasure; None where there was none."""
        return Eraser(self.engine, self.tenant, self.vault).erased_at(worker)

    def judge(self, posting: Mapping[str, Any], *, poster: Poster | None = None) -> Answer:
        """Judge a posting as ``post`` does, and make nothing of it: no event, no balances.

        It takes no lock: what it says may have changed when the posting comes.
        """
        item = self._read(1, posting, self._today())
        with begin_reading(self.engine) as connection:
            head = head_of(connection, self.tenant)
            world = World(self.tenant)
            with self.vault.session(world.recorded_identity) as vault:
                now = self._clock.now()
                world.begin(connection, vault, business_date(now).isoformat(), head.last_position)
                judged = Group(world, vault, head, now, poster or Poster(), dry_run=True)
                if item.posting is not None:
                    judged.look_ahead(connection, [item.posting])
                return judged.judge(item, record=False)

    @property
    def accounts(self) -> Accounts:
        """Bank accounts: what is known of them, and what of them is not matched."""
        return Accounts(self.engine, self.tenant)

    def post(
        self,
        lines: Iterable[Given],
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

    def _groups(self, lines: Iterable[Given]) -> Iterator[list[Item]]:
        given: list[tuple[int, Given]] = []
        size = 0
        for number, line in enumerate(lines, 1):
            given.append((number, line))
            size += _weight(line)
            if len(given) >= GROUP_POSTINGS or size >= GROUP_BYTES:
                yield self._read_group(given)
                given, size = [], 0
        if given:
            yield self._read_group(given)

    @collector_paused()
    def _read_group(self, given: Sequence[tuple[int, Given]]) -> list[Item]:
        today = self._today()
        return [self._read(number, line, today) for number, line in given]

    @staticmethod
    def _read(number: int, line: Given, today: str) -> Item:
        """Step 1: everything that can be judged without the ledger and without its lock."""
        item = Item(number, {})
        try:
            item.raw = line if isinstance(line, Mapping) else parse_json(line)
            item.posting = parse_posting(item.raw, today)
            item.digest = content_digest(item.posting)
        except BadForm as error:
            first = error.problems[0]
            item.answer = Answer(
                line=number, key=text_of(item.raw, "key"), kind=text_of(item.raw, "kind"),
                status="invalid", code=error.code,
                facts=first.facts,
                problems=tuple(error.problems),
            )  # fmt: skip
        return item

    def _today(self) -> str:
        return business_date(self._clock.now()).isoformat()

    @collector_paused()
    def _post_group(self, group: list[Item], poster: Poster) -> list[Answer]:
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
            return _taken_back(answers, recorded, "outcome_unknown")
        if not known:
            raise error
        return answers

    def _post_whole(
        self, groups: Iterator[list[Item]], poster: Poster, *, atomic: bool, dry_run: bool
    ) -> Iterator[Answer]:
        answers: list[Answer] = []
        recorded: list[Prepared] = []
        committing: list[Prepared] = []
        try:
            with begin_writing(self.engine) as connection, self._session() as vault:
                for group in groups:
                    with collector_paused():
                        judged, prepared = self._judge_group(
                            connection, vault, group, poster, dry_run=dry_run
                        )
                    answers.extend(judged)
                    recorded.extend(prepared)
                failed = any(answer.status in {"refused", "invalid"} for answer in answers)
                _require_lasting(lasts=not (dry_run or (atomic and failed)))
                vault.flush()
                committing = recorded
        except _DryRun:
            self._world.forget()
            code = "rolled_back" if atomic and failed else None
            answers = _taken_back(answers, recorded, code)
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
        group: list[Item],
        poster: Poster,
        *,
        dry_run: bool = False,
    ) -> tuple[list[Answer], list[Prepared]]:
        head = lock_head(connection, self.tenant)
        now = self._clock.now()
        self._world.begin(connection, vault, business_date(now).isoformat(), head.last_position)
        writer = Group(self._world, vault, head, now, poster, dry_run=dry_run)
        postings = [item.posting for item in group if item.posting is not None]
        writer.look_ahead(connection, postings)
        answers = [writer.judge(item) for item in group]
        flush(self._world, connection)
        writer.write(connection, self.tenant)
        self._world.written()
        return answers, writer.prepared


def _weight(line: Given) -> int:
    """About how many bytes a posting is."""
    if isinstance(line, bytes | str):
        return len(line)
    return _LINE_BYTES * sum(len(given) for given in line.values() if isinstance(given, list))


def _require_lasting(*, lasts: bool) -> None:
    if not lasts:
        raise _DryRun


def _taken_back(
    answers: Sequence[Answer], recorded: Sequence[Prepared], code: str | None
) -> list[Answer]:
    """Name no position that does not exist, or that nobody knows of now.

    Args:
        answers: Of one transaction, which was rolled back or may have been.
        recorded: What it would have recorded; a posting that repeats one of these shares its
            fate.
        code: What to answer in place of "recorded"; None keeps what a dry run found.
    """
    positions = {prepared.row.position for prepared in recorded}
    made = []
    for answer in answers:
        new = answer.status == "recorded" or answer.position in positions
        if new and code is not None:
            made.append(replace(answer, status="refused", code=code, position=None, event=None))
        else:
            made.append(replace(answer, position=None) if new else answer)
    return made


def _has_workers(store: Store) -> bool:
    with begin_reading(store.engine) as connection:
        found = fetch(connection, "SELECT 1 FROM worker WHERE tenant = ? LIMIT 1", (store.tenant,))
    return bool(found)


__all__ = ["Answer", "Erasure", "Ledger", "LedgerConfig", "LedgerError", "Poster"]
