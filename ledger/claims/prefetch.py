"""Reading ahead: what a group of postings names, in one query a table.

Only speed depends on this; whatever it misses is read when it is asked for.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from ledger.claims.world import World
from ledger.domain.bank_state import BankAccount, LineKey
from ledger.domain.base import KINDS, Posting
from ledger.domain.kinds.arrears import AdvanceClearingPaid
from ledger.domain.kinds.funds import bank_ref_id, certified_id
from ledger.domain.kinds.matching import StatementLineMatched, StatementLineUnmatched
from ledger.domain.kinds.payout import PayoutInstructed, PayoutSettled
from ledger.domain.kinds.statements import dated
from ledger.domain.kinds.workers import assignment_id, month_id
from ledger.domain.state import (
    Advance,
    Assignment,
    Batch,
    CaseFile,
    Claim,
    Counter,
    Fund,
    Guarantee,
    Month,
    Notice,
    Party,
    Project,
    Record,
    Worker,
)  # fmt: skip

_RECORDS: Final[dict[str, type[Record]]] = {
    "project": Project, "worker": Worker, "advance": Advance, "notice": Notice,
    "guarantee": Guarantee, "case": CaseFile, "batch": Batch, "party": Party,
    "employer": Party, "subcontractor": Party, "developer": Party, "general_contractor": Party,
    "debtor": Party, "region": Fund, "account": BankAccount,
}  # fmt: skip
_STREAMS: Final = {"project": "project", "worker": "worker", "party": "party", "case": "case",
                   "region": "fund", "account": "account"}  # fmt: skip
_MANY: Final = 2_000


def prefetch(world: World, postings: Sequence[Posting]) -> None:
    """Load the records that postings name by their own fields."""
    names: dict[type[Record], dict[str, None]] = {}
    sheets: dict[str, None] = {}
    streams: dict[str, None] = {}
    for posting in postings:
        for attribute, record, stream in _named(type(posting).__name__):
            value = getattr(posting, attribute)
            if value is not None:
                names.setdefault(record, {})[value] = None
                if stream:
                    streams[f"{stream}:{value}"] = None
        sheet = getattr(posting, "sheet", None)
        if sheet is not None:
            sheets[sheet] = None
        for record, name in (*_compound(posting), *_of_lines(posting)):
            names.setdefault(record, {})[name] = None
    for record, wanted in names.items():
        world.load(record, wanted)
    world.load_origins(sheets, asserted=False)
    world.load_versions(streams)
    _claims(world, postings)
    _batches(world, postings)
    _balances(world, postings)
    _matches(world, postings)


@cache
def _named(kind: str) -> tuple[tuple[str, type[Record], str], ...]:
    """Fields of a kind that name a record: attribute, type of record, the stream's first word."""
    return tuple(
        (form.attribute, _RECORDS[form.name], _STREAMS.get(form.name, ""))
        for form in KINDS[kind].fields
        if form.name in _RECORDS
    )


def _compound(posting: Posting) -> Iterable[tuple[type[Record], str]]:
    project = getattr(posting, "project", None)
    if project is None:
        return
    period = getattr(posting, "period", None)
    employer = getattr(posting, "employer", None)
    bank_ref = getattr(posting, "bank_ref", None)
    worker = getattr(posting, "worker", None)
    if period is not None and employer is not None:
        yield Month, month_id(project, employer, period)
    elif period is not None:
        yield Counter, certified_id(project, period)
    if bank_ref is not None:
        pot = "deposit" if type(posting).__name__.startswith("Deposit") else "wage"
        yield Counter, bank_ref_id(pot, project, bank_ref)
    if worker is not None and employer is not None:
        yield Assignment, assignment_id(project, employer, worker)


def _of_lines(posting: Posting) -> Iterable[tuple[type[Record], str]]:
    lines = getattr(posting, "lines", ())
    if not lines or not hasattr(lines[0], "worker") or len(lines) > _MANY:
        return
    project, employer = getattr(posting, "project", None), getattr(posting, "employer", None)
    for line in lines:
        yield Worker, line.worker
        if project is not None and employer is not None:
            yield Assignment, assignment_id(project, employer, line.worker)


def _batches(world: World, postings: Sequence[Posting]) -> None:
    """Lines of the batches that are settled or returned, and the claims of those settled whole."""
    named = [posting for posting in postings if hasattr(posting, "batch")]
    kept = {posting.batch: world.get(Batch, posting.batch) for posting in named}
    positions = {name: batch.position for name, batch in kept.items() if batch is not None}
    world.load_payout_lines(positions.values())
    settled = [p.batch for p in named if getattr(p, "claims", ()) == "all" and p.batch in positions]
    lines = [line for name in settled for line in world.payout_lines(positions[name]).values()]
    world.claims_by_key([line.claim for line in lines if line.state == "pending"])


def _balances(world: World, postings: Sequence[Posting]) -> None:
    """What payouts are instructed out of, and what is owed to employers whose wages are paid."""
    cells: list[tuple[str, str, str, str]] = []
    for posting in postings:
        if not isinstance(posting, PayoutInstructed | PayoutSettled | AdvanceClearingPaid):
            continue
        project = world.get(Project, posting.project)
        if project is None:
            continue
        contractor = project.general_contractor
        if isinstance(posting, PayoutInstructed):
            cells.append((contractor, "wage_account", posting.project, ""))
            cells.append((contractor, "suspense", posting.project, ""))
        else:
            cells.extend(
                (contractor, "subcontractor_payable", posting.project, claim.employer)
                for claim in _paid(world, posting)
                if claim.employer != contractor
            )
    world.load_cells(cells)


def _paid(world: World, posting: PayoutSettled | AdvanceClearingPaid) -> Iterable[Claim]:
    if isinstance(posting, AdvanceClearingPaid):
        return world.claims(line.claim for line in posting.lines[:_MANY]).values()
    batch = world.get(Batch, posting.batch)
    keys = world.payout_lines(batch.position) if batch is not None else ()
    return world.claims_by_key(list(keys)[:_MANY]).values()


def _claims(world: World, postings: Sequence[Posting]) -> None:
    wanted: dict[str, None] = {}
    for posting in postings:
        lines = getattr(posting, "lines", ())
        if lines and hasattr(lines[0], "claim") and len(lines) <= _MANY:
            wanted.update((line.claim, None) for line in lines if line.claim is not None)
    if wanted:
        world.claims(wanted)


def _matches(world: World, postings: Sequence[Posting]) -> None:
    """Booked lines that are named with their day, and the entries that they are matched with."""
    lines: dict[str, dict[LineKey, None]] = {}
    entries: dict[str, dict[int, None]] = {}
    for posting in postings:
        if not isinstance(posting, StatementLineMatched | StatementLineUnmatched):
            continue
        if len(posting.lines) <= _MANY:
            keys = [key for name in posting.lines if (key := dated(name)) is not None]
            lines.setdefault(posting.account, {}).update(dict.fromkeys(keys))
            positions = [item.position for item in posting.matched]
            entries.setdefault(posting.account, {}).update(dict.fromkeys(positions))
    for account, wanted in lines.items():
        world.booked_lines(account, wanted)
    for account, positions_of in entries.items():
        world.entries(account, positions_of)
