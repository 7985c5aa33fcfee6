"""The port through which decisions see the past.

``Facts`` answers with records as they stand now, after everything recorded before.
The write side implements it on SQL (``ledger.claims``); tests implement it in memory.
Deciders only read; ``evolve`` changes records and says so with ``keep``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from ledger.domain.bank_state import AccountEntry, BookedLine, LineKey, Pair
from ledger.domain.base import DocumentLine, Recorded
from ledger.domain.state import Claim, PayoutLine, Record, Sheet
from ledger.domain.timeline import Timeline

R = TypeVar("R", bound=Record)
Key = tuple[int, int]
"""A claim's key: position and line of its origin."""


class BankFacts(Protocol):
    """What is known of bank accounts, many rows at a time."""

    def booked_between(self, account: str, first: str, last: str) -> Mapping[LineKey, int]:
        """Amounts of the lines booked on some days, both inclusive."""

    def booked_lines(self, account: str, keys: Iterable[LineKey]) -> Mapping[LineKey, BookedLine]:
        """Booked lines by their key; those that do not exist are left out."""

    def booked_named(
        self, account: str, first: str, last: str, names: Collection[str]
    ) -> Sequence[LineKey]:
        """Lines of some days that bear one of these names, by day."""

    def entries(self, account: str, positions: Iterable[int]) -> Mapping[int, AccountEntry]:
        """What postings moved on an account; those that moved nothing are left out."""

    def amounts_by_claim(self, position: int) -> Mapping[Key, int]:
        """Amounts of the document lines of a posting, by their claim."""

    def matched_claims(self, account: str, position: int, keys: Collection[Key]) -> frozenset[Key]:
        """Those of some claims of a posting that are matched one by one."""

    def pairs(
        self, account: str, lines: Iterable[LineKey], items: Iterable[tuple[int, Key]]
    ) -> Sequence[Pair]:
        """Pairs that stand of these booked lines, or of these postings and their claims."""

    def count_open_breaks(self, account: str, to: str) -> int:
        """How many breaks of an account up to a day nobody has explained."""

    def claim_keys(self, names: Iterable[str]) -> Mapping[str, Key]:
        """Keys of claims that exist, by their name; the claims themselves are not read."""

    def latest_beginning(self, keys: Collection[Key]) -> str:
        """Latest day on which one of these claims began or was attributed, empty for none."""


class Facts(BankFacts, Protocol):
    """What the log says now, as far as decisions ask for it."""

    @property
    def today(self) -> str:
        """The business date of the recording."""

    @property
    def last_position(self) -> int:
        """Position of the latest posting recorded."""

    def get(self, record: type[R], name: str) -> R | None:
        """One record by its id, or None."""

    def scan(self, record: type[R], prefix: str) -> Mapping[str, R]:
        """All records whose id begins with a prefix, by id."""

    def sheet(self, name: str) -> Sheet | None:
        """A payroll sheet by its id."""

    def claims(self, names: Iterable[str]) -> Mapping[str, Claim]:
        """Claims that exist, by their name; the others are left out."""

    def moves(self, claim: Claim) -> Sequence[tuple[str, int, int, int]]:
        """Changes ``(on, net, paid, transit)`` of a claim after it came into being."""

    def sheet_workers(self, sheet: Sheet) -> frozenset[str]:
        """Workers named on a sheet."""

    def assigned(
        self, project: str, employer: str, workers: Iterable[str], first: str, last: str
    ) -> frozenset[str]:
        """Those of the workers assigned there on at least one of the days."""

    def known_workers(self, workers: Iterable[str]) -> frozenset[str]:
        """Those of the workers that are registered."""

    def without_card(self, workers: Iterable[str]) -> frozenset[str]:
        """Those of the workers to whom no card is bound now."""

    def payout_lines(self, batch: int) -> Mapping[tuple[int, int], PayoutLine]:
        """Lines of a batch by their claim's key, in the order of the batch."""

    def asserted(self, claim: str) -> Sheet | None:
        """The origin of an asserted claim by the claim's id."""

    def claims_by_key(self, keys: Iterable[tuple[int, int]]) -> Mapping[tuple[int, int], Claim]:
        """Claims by the position and line of their origin."""

    def sheet_line(self, sheet: Sheet, worker: str) -> int | None:
        """Line of a worker on a sheet."""

    def in_case(self, project: str, claim: str) -> bool:
        """Whether a claim belongs to any case of its project, open or closed."""

    def fund_total(self, region: str, account: str) -> Timeline:
        """Balance of a fund's account by day, over all counterparties."""

    def cell(self, book: str, account: str, project: str, counterparty: str) -> Timeline:
        """Balance of a cell by day, over all due dates."""

    def last_overdue(self, party: str, projects: Sequence[str], on: str) -> str:
        """Latest day up to ``on`` with overdue open wages of a party or on projects."""

    def due_cell(self, book: str, project: str, due_on: str) -> Timeline:
        """An employer's wages_payable on a project for one due date, by day."""

    def touched_claims(self, sheet: Sheet) -> set[str]:
        """Claims of a sheet ever reduced or attributed, or now paid or in transit."""

    def posting(self, position: int) -> Recorded:
        """A recorded posting with its journal and document lines."""

    def person_holding(self, field: str, value: str) -> str | None:
        """Worker whose ID number (``id_number``) or bound card (``card``) this is."""

    def name_of(self, worker: str) -> str | None:
        """The worker's name, for comparison only; it never leaves the decision."""


class Keeper(Facts, Protocol):
    """Facts that also take what ``evolve`` changed."""

    def keep(self, name: str, record: Record) -> None:
        """Store a new or changed record under its id."""

    def drop(self, record: type[Record], name: str) -> None:
        """Forget a record."""

    def keep_sheet(self, sheet: Sheet) -> None:
        """Store a new or changed sheet."""

    def add_memo(
        self, account: str, counterparty: str, on: str, amount_fen: int, project: str = ""
    ) -> None:
        """Change an off-balance amount by day; ``cell("memo", ...)`` reads it."""

    def book(self, account: str, statement_id: str, lines: Iterable[DocumentLine]) -> None:
        """Store new booked lines of an account."""

    def match(self, account: str, pairs: Sequence[Pair]) -> None:
        """Store pairs of a match."""

    def unmatch(self, account: str, pairs: Sequence[Pair]) -> None:
        """Forget pairs of a match."""

    def explain(self, account: str, explained: LineKey | int) -> None:
        """Mark a booked line, or the entry of a posting, whose break is resolved."""


def free_from(claim: Claim, on: str, facts: Facts) -> int:
    """Lowest free amount of a claim from a day onwards, in fen."""
    if on >= claim.changed_on:
        return claim.free_fen
    timeline = Timeline()
    timeline.add(claim.exists_on, _first_net(claim, facts))
    for day, net, paid, transit in facts.moves(claim):
        timeline.add(day, net - paid - transit)
    return timeline.lowest(on)


def lowest_paid_from(claim: Claim, on: str, facts: Facts) -> int:
    """Lowest total paid on a claim from a day onwards, in fen."""
    timeline = Timeline()
    for day, _, paid, _ in facts.moves(claim):
        timeline.add(day, paid)
    return timeline.lowest(on)


def _first_net(claim: Claim, facts: Facts) -> int:
    return claim.net_fen - sum(net for _, net, _, _ in facts.moves(claim))
