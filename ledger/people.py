"""What the ledger knows of the people of a file, asked for all of them at once.

A posting is refused with the first line that is wrong; a clerk needs every one. These questions
answer for a whole sheet what its judgement would ask line by line, and what a warning needs.
Nothing is recorded, and no identity leaves: names, ID numbers and cards of the file are compared
by their commitments, inside the vault; what is told of the register is masked.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import contains
from typing import Final

from sqlalchemy import Connection, Engine

from ledger.claims import identities, loading
from ledger.claims.bulk import fetch
from ledger.claims.world import World
from ledger.domain.base import Posting
from ledger.domain.context import Context
from ledger.domain.kinds.workers import assignment_id, month_id
from ledger.domain.state import Assignment, Month, Project, Worker
from ledger.eventlog.engine import begin_reading
from ledger.eventlog.topics import decode
from ledger.kernel.dates import period_bounds
from ledger.kernel.identifiers import mask_card, mask_name, mask_phone
from ledger.vault import Claim, Matching, Vault

MINIMUM: Final = "minimum_wage.month"
_MASKS: Final = {"name": mask_name, "card_number": mask_card, "phone": mask_phone}

Values = Sequence[str | None]


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What a file says of people, row by row; None where it says nothing.

    Attributes:
        workers: References.
        id_numbers: ID numbers.
        compared: Further values by field: ``name``, ``card_number``, ``phone``.
    """

    workers: Values
    id_numbers: Values
    compared: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Differing:
    """A value of a file that is not the registered one.

    Attributes:
        at: Row, from 0.
        field: ``name``, ``card_number`` or ``phone``.
        worker: Whose.
        given: What the file says, masked.
        registered: What is registered, masked; empty where nothing is.
    """

    at: int
    field: str
    worker: str
    given: str
    registered: str


@dataclass
class Matched:
    """Who the people of a file are.

    Attributes:
        workers: Reference by row; None for who is not registered.
        contradicted: Rows whose reference and ID number are two people's.
        differing: Names, cards and phones that are not the registered ones.
        absent: Rows and fields of which the ledger knows nothing: no card is bound.
        vouched: Rows whose ID number is a registered one.
    """

    workers: list[str | None] = field(default_factory=list)
    contradicted: list[int] = field(default_factory=list)
    differing: list[Differing] = field(default_factory=list)
    absent: list[tuple[int, str]] = field(default_factory=list)
    vouched: set[int] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a sheet of one employer for one month meets.

    Attributes:
        unassigned: Workers without a day there in the month.
        paid: Workers who have pay for the month already.
        attended: Half days attended by worker; None where no attendance is posted.
        minimum_fen: Minimum wage of a month in the region on the last day, None if not known.
    """

    unassigned: frozenset[str]
    paid: frozenset[str]
    attended: Mapping[str, int] | None
    minimum_fen: int | None


class People:
    """The workers of one tenant, as a file or a paper may ask about them."""

    def __init__(self, engine: Engine, tenant: str, vault: Vault) -> None:
        self._engine = engine
        self._tenant = tenant
        self._vault = vault

    def masked(self, workers: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """Identities as they may be shown; who is unknown or erased is left out."""
        whose = list(dict.fromkeys(workers))
        with begin_reading(self._engine) as connection:
            known = loading.records(connection, self._tenant, Worker, whose)
        recorded = {worker: record.commitments for worker, record in known.items()}
        return self._vault.masked_many(recorded, recorded.get)

    def match(self, claimed: Claimed) -> Matched:
        """Find who the people of a file are, and what of them differs from the register."""
        with begin_reading(self._engine) as connection, self._vault.matching() as matching:
            numbers = {number for number in claimed.id_numbers if number is not None}
            claims = matching.claims("id_number", numbers)
            refs = {ref for _value, ref, _only in claims}
            refs.update(worker for worker in claimed.workers if worker is not None)
            register = _Register(matching, identities.commitments(connection, self._tenant, refs))
            of_number = register.owners("id_number", claims)
            matched = _matched(claimed, of_number, register.recorded)
            found = list(register.differing(claimed.compared, matched))
        if found:
            whose = [worker for _, _, worker, _ in found]
            shown = self._vault.masked_many(whose, register.commitments)
            matched.differing = [
                Differing(at, of, worker, _MASKS[of](value), shown.get(worker, {}).get(of, ""))
                for at, of, worker, value in found
            ]
        return matched

    def card_holders(self, cards: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Whose cards these are or were, by card; cards of nobody are left out."""
        holders: dict[str, set[str]] = {}
        with self._vault.matching() as matching:
            for card, worker, _only in matching.claims("card_number", set(cards)):
                holders.setdefault(card, set()).add(worker)
        return {card: frozenset(workers) for card, workers in holders.items()}

    def standing(
        self, *, project: str, employer: str, period: str, workers: Collection[str]
    ) -> Standing:
        """What a sheet of an employer for a month meets, for all its workers at once.

        Args:
            project: Project of the sheet.
            employer: Its employer.
            period: Its month.
            workers: The registered workers on it; none where only the month is asked about.
        """
        first, last = (day.isoformat() for day in period_bounds(period))
        world = World(self._tenant)
        with begin_reading(self._engine) as connection:
            world.read(connection, today=last)
            assigned = world.assigned(project, employer, workers, first, last)
            month = month_id(project, employer, period)
            kept = world.get(Month, month)
            attended = None
            if kept is not None and kept.attendance:
                attended = _attended(connection, self._tenant, project, employer, period)
            asks_paid = bool(workers) or attended is not None
            return Standing(
                unassigned=frozenset(workers) - assigned,
                paid=_paid(world, month) if asks_paid else frozenset(),
                attended=attended,
                minimum_fen=_minimum(world, project, last),
            )

    def assigned_in(self, *, project: str, employer: str, period: str) -> list[str]:
        """Workers assigned to an employer on a project on a day of a month, in order."""
        first, last = (day.isoformat() for day in period_bounds(period))
        with begin_reading(self._engine) as connection:
            rows = fetch(
                connection,
                "SELECT DISTINCT worker FROM assignment WHERE tenant = ? AND project = ?"
                " AND employer = ? AND from_on <= ? AND (to_on = '' OR to_on >= ?) ORDER BY worker",
                (self._tenant, project, employer, last, first),
            )
        return [worker for (worker,) in rows]

    def assignments(
        self, *, project: str, employer: str, workers: Sequence[str]
    ) -> Mapping[str, Sequence[Sequence[str]]]:
        """Spans ``(from, to)`` of workers' assignments; ISO days, an open one ends with ''."""
        with begin_reading(self._engine) as connection:
            ids = [assignment_id(project, employer, worker) for worker in workers]
            found = loading.records(connection, self._tenant, Assignment, ids)
            return {name.rpartition("|")[2]: record.spans for name, record in found.items()}


def _matched(
    claimed: Claimed, of_number: Mapping[str, str], recorded: Mapping[str, str]
) -> Matched:
    if set(claimed.workers) <= {None}:  # as most sheets are: named by ID number alone
        holders = [of_number.get(number or "") for number in claimed.id_numbers]
        return Matched(holders, vouched={at for at, one in enumerate(holders) if one is not None})
    matched = Matched()
    for at, (worker, number) in enumerate(zip(claimed.workers, claimed.id_numbers, strict=True)):
        holder = of_number.get(number) if number is not None else None
        if holder is not None:
            matched.vouched.add(at)
        if worker is None:
            matched.workers.append(holder)
            continue
        if number is not None and holder != worker:
            matched.contradicted.append(at)
        matched.workers.append(worker if worker in recorded else None)
    return matched


class _Register:
    """What the log holds of the people who may be meant, beside the vault's look-ups.

    Attributes:
        recorded: Commitments of each worker as they are stored. A commitment names its field
            under the worker's own salt, so that finding it in there is enough.
    """

    def __init__(self, matching: Matching, recorded: Mapping[str, str]) -> None:
        self._matching = matching
        self.recorded = recorded

    def commitments(self, worker: str) -> Mapping[str, str] | None:
        """What the log holds of a worker: field to commitment; None for an unknown one."""
        text = self.recorded.get(worker)
        made: dict[str, str] | None = None if text is None else json.loads(text)
        return made

    def owners(self, of: str, claims: Sequence[Claim]) -> dict[str, str]:
        """Whose each value is now."""
        known = self.recorded
        owners = {value: ref for value, ref, only in claims if only and ref in known}
        doubtful = [(ref, value) for value, ref, only in claims if not only]
        made = self._matching.salts(ref for ref, _value in doubtful).commitments(
            of, [value for _ref, value in doubtful]
        )
        return owners | {
            value: ref
            for (ref, value), commitment in zip(doubtful, made, strict=True)
            if commitment is not None and commitment in known.get(ref, "")
        }

    def differing(
        self, compared: Mapping[str, Values], matched: Matched
    ) -> Iterator[tuple[int, str, str, str]]:
        """Yield row, field, worker and value where a file and the register disagree."""
        workers, known = matched.workers, self.recorded.get
        salts = self._matching.salts(workers)
        texts = ["" if worker is None else known(worker, "") for worker in workers]
        for of, column in compared.items():
            made = salts.commitments(of, column)
            if None not in made and all(map(contains, texts, made)):
                continue
            rows = zip(workers, column, made, texts, strict=True)
            for at, (worker, value, commitment, text) in enumerate(rows):
                if worker is None or value is None:
                    continue
                if commitment is not None and commitment in text:
                    continue
                if f'"{of}"' in text:
                    yield at, of, worker, value
                else:
                    matched.absent.append((at, of))


def _paid(world: World, month_name: str) -> frozenset[str]:
    """Workers on a standing sheet of the month, or in an asserted claim for it."""
    month = world.get(Month, month_name)
    if month is None:
        return frozenset()
    paid: set[str] = set()
    for name in month.sheets:
        sheet = world.sheet(name)
        if sheet is not None:
            paid |= world.sheet_workers(sheet)
    claims = world.claims(month.asserted).values()
    return frozenset(paid | {claim.worker for claim in claims if claim.net_fen > 0})


def _attended(
    connection: Connection, tenant: str, project: str, employer: str, period: str
) -> dict[str, int] | None:
    """Half days by worker of the latest attendance of a month."""
    rows = fetch(
        connection,
        "SELECT position, topic, body FROM event WHERE tenant = ? AND stream = ?"
        " AND kind = 'AttendancePosted' ORDER BY position DESC",
        (tenant, f"project:{project}"),
    )
    for position, topic, body in rows:
        fields = decode(topic, bytes(body))["fields"]
        if (fields["employer"], fields["period"]) == (employer, period):
            lines = fetch(
                connection,
                "SELECT worker, body FROM event_line WHERE tenant = ? AND position = ?"
                " AND part = 0",
                (tenant, position),
            )
            return {worker: json.loads(bytes(line))["half_days"] for worker, line in lines}
    return None


def _minimum(world: World, project: str, on: str) -> int | None:
    """The minimum wage of a month where a project lies."""
    record = world.get(Project, project)
    if record is None:
        return None
    book = Context(Posting(on=on, key=""), world).book((MINIMUM,))
    value = book.value(MINIMUM, record.region, on)
    return int(value.value) if value is not None else None
