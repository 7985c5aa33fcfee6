"""One group of postings under the writer's lock: judged in order, recorded together.

Each posting is judged alone and after those before it. The group's events, lines, keys and
changed state go into one transaction, which the service commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from ledger.claims import loading, tables
from ledger.claims.prefetch import prefetch
from ledger.claims.world import World
from ledger.domain.authority import (
    Poster,
    require_authority,
    require_own_name,
    require_role,
)  # fmt: skip
from ledger.domain.base import Posting
from ledger.domain.form import Problem
from ledger.domain.judgement import decide
from ledger.eventlog.appending import (
    Head,
    append_events,
)  # fmt: skip
from ledger.eventlog.copying import copy_rows
from ledger.kernel.dates import (
    iso_instants,
    parse_instant,
)  # fmt: skip
from ledger.kernel.errors import Refusal
from ledger.recording import Place, Prepared, identity_fields, prepare
from ledger.vault import VaultSession

Status = Literal["recorded", "duplicate", "refused", "invalid"]


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
class Item:
    """A posting on its way: read, and checked for its form."""

    line: int
    raw: Mapping[str, Any]
    posting: Posting | None = None
    answer: Answer | None = None
    digest: str = ""


class Group:
    """One group under the writer's lock: what was decided so far and what follows."""

    def __init__(
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
        self._instants = iso_instants(earliest)

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

    def judge(self, item: Item, *, record: bool = True) -> Answer:
        """Judge one posting by all steps, and record it when it stands.

        Args:
            item: The posting.
            record: Whether it is recorded; else nothing is made of it but the answer.
        """
        posting = item.posting
        try:
            require_role(text_of(item.raw, "kind"), self.poster)
            require_own_name(text_of(item.raw, "by"), self.poster)
            if posting is None:
                assert item.answer is not None
                return item.answer
            require_authority(posting, self.poster, self.world)
            first = self._keys.get((self._party(posting), posting.key))
            if first is not None:
                return self._seen_before(item, posting, first)
            decision, _ = decide(posting, self.world, role=self.poster.role)
            self._require_person(posting)
        except Refusal as refusal:
            return Answer(
                line=item.line, key=text_of(item.raw, "key"), kind=text_of(item.raw, "kind"),
                status="refused", code=refusal.code, facts=refusal.facts,
            )  # fmt: skip
        if not record:
            return Answer(
                line=item.line, key=posting.key, kind=type(posting).__name__, status="recorded",
                warnings=tuple(decision.warnings),
            )  # fmt: skip
        prepared = self._record(item, posting, decision)
        return Answer(
            line=item.line, key=posting.key, kind=prepared.recorded.kind, status="recorded",
            position=None if self.dry_run else prepared.recorded.position,
            warnings=tuple(decision.warnings), event=prepared.body,
            balances=self._balances(prepared) if self.dry_run else (),
        )  # fmt: skip

    def _seen_before(self, item: Item, posting: Posting, first: tuple[int, str]) -> Answer:
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
        if not given:  # every kind that takes identity needs some of it
            return True
        stored = {
            name.removesuffix("_commitment"): value
            for name, value in self.world.posting(position).fields.items()
            if name.endswith("_commitment")
        }
        worker = posting.worker  # type: ignore[attr-defined]
        commitments = self.vault.commitments(worker, given)
        return commitments is None or commitments == stored

    def _record(self, item: Item, posting: Posting, decision: Any) -> Prepared:  # noqa: ANN401
        position = self.head.last_position + len(self.prepared) + 1
        version = self.world.version_of(decision.stream) + 1
        place = Place(
            self.world.tenant, position, version, next(self._instants),
            posting.by or self.poster.party, item.digest,
        )  # fmt: skip
        prepared = prepare(posting, decision, place, self._commit(posting))
        self.prepared.append(prepared)
        self.world.versions[decision.stream] = version
        self.world.apply(prepared.recorded)
        party = self._party(posting)
        self._keys[party, posting.key] = (position, item.digest)
        self._new_keys.append((party, posting.key, position, item.digest))
        return prepared

    def _require_person(self, posting: Posting) -> None:
        """Refuse identity of somebody who is erased: there is no key left to commit with."""
        if type(posting).__name__ in {"WorkerUpdated", "CardBound"}:
            worker = posting.worker  # type: ignore[attr-defined]
            if self.vault.commitments(worker, {}) is None:
                raise Refusal("unknown_worker", worker=worker)

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
        copy_rows(
            connection, tables.used_key, ("party", "key", "position", "digest"), self._new_keys,
            constants={"tenant": tenant},
        )  # fmt: skip
        for prepared in self.prepared:  # written: what is told of them later needs no lines
            prepared.blocks.clear()
            prepared.recorded.lines = ()


def text_of(raw: Mapping[str, Any], name: str) -> str | None:
    """A field of a posting that may not even be well formed, if it is text."""
    value = raw.get(name)
    return value if isinstance(value, str) else None
