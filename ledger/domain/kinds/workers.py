"""Workers: registered by real name, paid by their own card, assigned, attending.

None of this moves money; the identity goes to the vault. Legal source: Decree 724 arts. 6,
28 and 31 (real-name management, own account).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from ledger.domain import effects
from ledger.domain.base import Decision, DocumentLine, Posting, Recorded, Shape, kind
from ledger.domain.context import Context
from ledger.domain.facts import Keeper
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import (
    CardNumber,
    Days,
    Flag,
    IdNumber,
    NewRef,
    Party,
    Period,
    PersonName,
    Phone,
    Project,
    Worker,
)  # fmt: skip
from ledger.domain.state import Assignment, Month
from ledger.domain.state import Worker as WorkerRecord
from ledger.kernel.dates import add_months, period_bounds
from ledger.kernel.errors import Refusal
from ledger.kernel.identifiers import birth_date_of, luhn_ok

ADULT_MONTHS = 16 * 12


PERSON_FIELDS = frozenset({"name", "id_number", "phone"})


CARD_FIELDS = frozenset({"card_number", "bank_name", "holder_name"})

IDENTITY_KINDS = ("WorkerRegistered", "WorkerUpdated", "CardBound")
"""Postings that bring identity: to the vault in the clear, to the log as commitments."""


@kind("SG", "register")
class WorkerRegistered(Posting):
    """A worker is registered by real name; the identity goes to the vault."""

    worker: NewRef
    name: PersonName
    id_number: IdNumber
    phone: Phone | None = None


@kind("SG", "register")
class WorkerUpdated(Posting):
    """A worker's identity is corrected."""

    worker: Worker
    name: PersonName
    id_number: IdNumber
    phone: Phone | None = None


@kind("SGB", "register")
class CardBound(Posting):
    """A worker's own bank card, to which wages are paid."""

    worker: Worker
    card_number: CardNumber
    bank_name: PersonName | None = None
    holder_name: PersonName | None = None


@kind("SG", "register")
class WorkerAssigned(Posting):
    """A worker works for an employer on a project from this day."""

    project: Project
    employer: Party
    worker: Worker


@kind("SG", "register")
class WorkerExited(Posting):
    """A worker leaves; the exit day still counts."""

    project: Project
    employer: Party
    worker: Worker


class AttendanceLine(NamedTuple):
    """Days that one worker attended, in half days."""

    worker: Worker
    days: Days


@kind("SG", "register")
class AttendancePosted(Posting):
    """Attendance of one employer's workers for a month."""

    project: Project
    employer: Party
    period: Period
    lines: Annotated[Sequence[AttendanceLine], Shape("lines", line=AttendanceLine)]
    replaces: Flag = False


@kind("SG", "register")
class NoWorkReported(Posting):
    """Nobody worked for this employer in the month."""

    project: Project
    employer: Party
    period: Period


def month_id(project: str, employer: str, period: str) -> str:
    """Id of the record of one employer's month on a project."""
    return f"{project}|{employer}|{period}"


def assignment_id(project: str, employer: str, worker: str) -> str:
    """Id of the record of a worker's assignment."""
    return f"{project}|{employer}|{worker}"


def require_employer(at: Context, employer: str) -> None:
    """Refuse an employer that has no subcontract on the project and is not its GC."""
    if not at.the_project().employs(employer):
        raise Refusal("not_on_project", party=employer, project=at.project_id)


def require_assigned(at: Context, employer: str, period: str, workers: Sequence[str]) -> None:
    """Refuse workers not assigned there on at least one day of the period."""
    first, last = period_bounds(period)
    assigned = at.facts.assigned(
        at.project_id, employer, workers, first.isoformat(), last.isoformat()
    )
    for worker in workers:
        if worker not in assigned:
            raise Refusal(
                "not_assigned", worker=worker, project=at.project_id, party=employer, period=period
            )


@decides("WorkerAssigned")
def decide_assigned(posting: WorkerAssigned, at: Context) -> Decision:
    """To the general contractor or one of the project's subcontractors."""
    require_employer(at, posting.employer)
    return Decision(f"project:{at.project_id}")


@decides("WorkerRegistered", "WorkerUpdated")
def decide_worker(posting: WorkerRegistered | WorkerUpdated, at: Context) -> Decision:
    """One person, one reference, at least 16 years old on the day."""
    of_age = add_months(birth_date_of(posting.id_number), ADULT_MONTHS).isoformat()
    if posting.on < of_age:
        raise Refusal("under_age", worker=posting.worker, on=posting.on)
    new = isinstance(posting, WorkerRegistered)
    holder = at.facts.person_holding("id_number", posting.id_number)
    taken = new and at.facts.get(WorkerRecord, posting.worker) is not None
    if taken or (holder is not None and (new or holder != posting.worker)):
        raise Refusal("worker_exists", worker=posting.worker)
    return Decision(f"worker:{posting.worker}")


@evolves(*IDENTITY_KINDS)
def evolve_worker(event: Recorded, keeper: Keeper) -> None:
    """Keep what the event commits to: whose identity and card the worker's are now."""
    worker = keeper.get(WorkerRecord, event.fields["worker"]) or WorkerRecord()
    commitments = committed_after(worker.commitments, event.kind, event.fields)
    keeper.keep(event.fields["worker"], WorkerRecord(commitments))


def committed_after(
    before: Mapping[str, str], event_kind: str, fields: Mapping[str, Any]
) -> dict[str, str]:
    """What is committed of a worker, by field, after an event of ``IDENTITY_KINDS``."""
    replaced = CARD_FIELDS if event_kind == "CardBound" else PERSON_FIELDS
    kept = {name: value for name, value in before.items() if name not in replaced}
    given = {
        name.removesuffix("_commitment"): value
        for name, value in fields.items()
        if name.endswith("_commitment")
    }
    return kept | given


@evolves("NoWorkReported")
def evolve_nothing(event: Recorded, keeper: Keeper) -> None:
    """Nothing that later decisions read."""


@decides("CardBound")
def decide_card(posting: CardBound, at: Context) -> Decision:
    """The card is the worker's own: same holder, nobody else's card."""
    if posting.holder_name is not None:
        name = at.facts.name_of(posting.worker)
        if name is not None and posting.holder_name != name:
            raise Refusal("holder_mismatch", worker=posting.worker)
    owner = at.facts.person_holding("card_number", posting.card_number)
    if owner is not None and owner != posting.worker:
        raise Refusal("card_shared", worker=posting.worker)
    if not luhn_ok(posting.card_number):
        at.warn("card_luhn")
    return Decision(f"worker:{posting.worker}", outcome={"card_last4": posting.card_number[-4:]})


@evolves("WorkerAssigned")
def evolve_assigned(event: Recorded, keeper: Keeper) -> None:
    """Open a span of its own: a worker may leave and come back before the leaving is told."""
    name = assignment_id(**{f: event.fields[f] for f in ("project", "employer", "worker")})
    assignment = keeper.get(Assignment, name) or Assignment()
    if [event.on, ""] not in assignment.spans:
        assignment.spans.append([event.on, ""])
    keeper.keep(name, assignment)


@decides("WorkerExited")
def decide_exit(posting: WorkerExited, at: Context) -> Decision:
    """Only who is assigned can leave."""
    require_employer(at, posting.employer)
    name = assignment_id(posting.project, posting.employer, posting.worker)
    assignment = at.facts.get(Assignment, name)
    spans = assignment.spans if assignment is not None else []
    if not any(not end and start <= posting.on for start, end in spans):
        raise Refusal(
            "not_assigned", worker=posting.worker, project=at.project_id, party=posting.employer
        )
    return Decision(f"project:{at.project_id}")


@evolves("WorkerExited")
def evolve_exit(event: Recorded, keeper: Keeper) -> None:
    """Close what was open on that day; it still counts. What began later goes on."""
    name = assignment_id(**{f: event.fields[f] for f in ("project", "employer", "worker")})
    assignment = keeper.get(Assignment, name)
    assert assignment is not None
    for span in assignment.spans:
        if not span[1] and span[0] <= event.on:
            span[1] = event.on
    keeper.keep(name, assignment)


@decides("AttendancePosted")
def decide_attendance(posting: AttendancePosted, at: Context) -> Decision:
    """Attendance of assigned workers, once a month unless it replaces an earlier one."""
    workers = [line.worker for line in posting.lines]
    require_assigned(at, posting.employer, posting.period, workers)
    month = at.facts.get(Month, month_id(posting.project, posting.employer, posting.period))
    if month is not None and month.attendance and not posting.replaces:
        raise Refusal("attendance_exists", party=posting.employer, period=posting.period)
    lines = [
        DocumentLine(effects.ATTENDANCE, None, line.worker, None, {"half_days": line.days})
        for line in posting.lines
    ]
    return Decision(f"project:{at.project_id}", lines=lines)


@evolves("AttendancePosted")
def evolve_attendance(event: Recorded, keeper: Keeper) -> None:
    """Remember that the month has attendance."""
    name = month_id(*(event.fields[f] for f in ("project", "employer", "period")))
    month = keeper.get(Month, name) or Month()
    month.attendance = True
    keeper.keep(name, month)


@decides("NoWorkReported")
def decide_no_work(posting: NoWorkReported, at: Context) -> Decision:
    """Not where attendance or a standing sheet says otherwise."""
    month = at.facts.get(Month, month_id(posting.project, posting.employer, posting.period))
    if month is not None and (month.attendance or month.sheets):
        raise Refusal("work_exists", party=posting.employer, period=posting.period)
    return Decision(f"project:{at.project_id}")
