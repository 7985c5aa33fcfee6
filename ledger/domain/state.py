"""What decisions need to know: small records folded from the log.

Every record is rebuilt from the log by ``evolve`` and holds only what some rule of
postings.md asks for. Dates are ISO text, amounts fen. Records are JSON-shaped, so
that the write side can store each as one row and read it back unchanged.
"""

from dataclasses import dataclass, field

Moves = list[list[int | str]]
"""Changes of an amount: ``[on, amount_fen]`` pairs in the order of recording."""


class Record:
    """A record that is kept by its type and an id."""

    __slots__ = ()


@dataclass(slots=True)
class Party(Record):
    """A registered party (credit code), with its current name."""

    name: str


@dataclass(slots=True)
class Project(Record):
    """A project: its parties, its price, its wage account and deposit, its lists.

    Attributes:
        contract_price_fen: Price by the ContractPriceChanged of the latest ``on``, then
            position (as a deposit's assessment counts).
        priced_on: That ``on``, empty while the first price stands.
        settled_fen: All labour cost, developer advances and project funds paid, less
            what was reversed, of any date.
        open_fen: Sum of the open claims now, whatever the employer.
        in_transit_fen: Sum in transit now.
        cases: Cases open in the log now.
    """

    name: str
    region: str
    industry: str
    developer: str
    general_contractor: str
    contract_price_fen: int
    contract_on: str
    starts_on: str
    planned_end_on: str
    subcontractors: list[str] = field(default_factory=list)
    priced_on: str = ""
    settled_fen: int = 0
    open_fen: int = 0
    in_transit_fen: int = 0
    completed_on: str = ""
    account_state: str = "none"
    account_opened_on: str = ""
    release_confirmed_on: list[str] = field(default_factory=list)
    released_on: str = ""
    cases: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    guarantees: list[str] = field(default_factory=list)
    advances: list[str] = field(default_factory=list)

    def account_open(self, on: str) -> bool:
        """Whether the wage account takes a posting dated ``on``."""
        return self.account_state == "open" and on >= self.account_opened_on

    def employs(self, party: str) -> bool:
        """Whether a party may employ workers on this project."""
        return party == self.general_contractor or party in self.subcontractors


@dataclass(slots=True)
class Worker(Record):
    """A registered worker; the identity itself stands in the vault.

    Attributes:
        commitments: Commitments that hold now, by field: ``name``, ``id_number``, ...
    """

    commitments: dict[str, str] = field(default_factory=dict)

    @property
    def has_card(self) -> bool:
        """Whether a card is bound now."""
        return "card_number" in self.commitments


@dataclass(slots=True)
class Assignment(Record):
    """Days on which a worker is assigned to an employer on a project.

    Attributes:
        spans: ``[from, to]`` pairs, ``to`` inclusive and empty while it is open.
    """

    spans: list[list[str]] = field(default_factory=list)

    def covers(self, first: str, last: str) -> bool:
        """Whether at least one day from ``first`` to ``last`` is assigned."""
        return any(start <= last and (not end or end >= first) for start, end in self.spans)


@dataclass(slots=True)
class Month(Record):
    """One employer's month on a project.

    Attributes:
        sheets: Sheets neither returned nor reversed.
        asserted: Asserted claims whose current employer this is.
        attendance: Whether attendance was posted.
    """

    sheets: list[str] = field(default_factory=list)
    asserted: list[str] = field(default_factory=list)
    attendance: bool = False


@dataclass(slots=True)
class Sheet:
    """A payroll sheet, or the origin of an asserted claim.

    Attributes:
        position: Position of its submission (or assertion): first half of its claims' keys.
        state: submitted, approved, returned or reversed.
        count: Lines.
        total_fen: Sum of net.
    """

    name: str
    position: int
    asserted: bool
    project: str
    employer: str
    period: str
    due_on: str
    submitted_on: str
    count: int
    total_fen: int
    state: str = "submitted"
    approved_on: str = ""


@dataclass(slots=True)
class Claim:
    """One wage claim: what is owed to one worker for one period.

    Attributes:
        key: Position and line of its origin.
        name: ``<sheet>/<line>`` or the asserted id.
        employer: The current primary debtor.
        exists_on: ``on`` of its approval or assertion.
        changed_on: Latest ``on`` of a change of net, paid or in transit.
    """

    key: tuple[int, int]
    name: str
    worker: str
    project: str
    employer: str
    period: str
    due_on: str
    exists_on: str
    asserted: bool
    net_fen: int
    paid_fen: int = 0
    transit_fen: int = 0
    changed_on: str = ""
    attributed_on: str = ""
    disputed: bool = False
    moves: list[tuple[str, int, int, int]] | None = None
    """``(on, net, paid, transit)`` changes; None until they are asked for."""

    @property
    def open_fen(self) -> int:
        """Net less paid: what the worker is still owed."""
        return self.net_fen - self.paid_fen

    @property
    def free_fen(self) -> int:
        """Open less in transit, now."""
        return self.net_fen - self.paid_fen - self.transit_fen


@dataclass(slots=True)
class Batch(Record):
    """A payout batch: the instruction to pay lines from the wage account."""

    position: int
    project: str
    instructed_on: str


@dataclass(slots=True)
class PayoutLine:
    """One line of a batch and what the bank said of it."""

    batch: int
    line: int
    claim: tuple[int, int]
    amount_fen: int
    state: str = "pending"
    changed_on: str = ""
    changed_position: int = 0


@dataclass(slots=True)
class Notice(Record):
    """A payment notice on the deposit.

    Attributes:
        lines: Claim name to its amount in fen.
        drawn: Claim name to draws (positive) and bounced draws (negative).
    """

    project: str
    case: str
    issued_on: str
    lines: dict[str, int]
    drawn: dict[str, Moves] = field(default_factory=dict)
    withdrawn: bool = False

    def undrawn_fen(self) -> int:
        """What is left on the notice now; nothing once it is withdrawn."""
        if self.withdrawn:
            return 0
        spent = sum(int(amount) for moves in self.drawn.values() for _, amount in moves)
        return sum(self.lines.values()) - spent


@dataclass(slots=True)
class Guarantee(Record):
    """A bank guarantee standing for the deposit."""

    project: str
    accepted_on: str
    face_fen: int
    valid_from: str
    valid_to: str
    released_on: str = ""
    calls: Moves = field(default_factory=list)

    def valid(self, on: str) -> bool:
        """Whether it counts toward the deposit on a day."""
        start = max(self.accepted_on, self.valid_from)
        return start <= on <= self.valid_to and not (self.released_on and on >= self.released_on)


@dataclass(slots=True)
class Fund(Record):
    """A region's emergency turnover fund."""

    floor_fen: int
    established_on: str


@dataclass(slots=True)
class Advance(Record):
    """A request to the fund and what became of it.

    Attributes:
        lines: Claim name to ``[amount_fen, worker]``.
        state: requested, approved, rejected or paid.
        paid: Claims paid, with whether they came back.
    """

    region: str
    project: str
    case: str
    level: str
    requested_on: str
    lines: dict[str, list[int | str]]
    state: str = "requested"
    approved_on: str = ""
    paid_on: str = ""
    paid: dict[str, bool] = field(default_factory=dict)

    def counted(self) -> dict[str, tuple[int, str]]:
        """Lines that count toward the cap: of a paid one only those paid and kept."""
        if self.state == "rejected":
            return {}
        names = (
            [name for name, returned in self.paid.items() if not returned]
            if self.state == "paid"
            else self.lines
        )
        return {name: (int(self.lines[name][0]), str(self.lines[name][1])) for name in names}


@dataclass(slots=True)
class CaseFile(Record):
    """An arrears case.

    Attributes:
        claims: Claims asserted in it, linked to it, or named in its notices and advances.
        asserted: Those asserted in it.
        decisions: Deadlines of its decisions.
        deadlines: Deadlines of its orders and decisions.
    """

    project: str
    employer: str
    opened_on: str
    closed: bool = False
    claims: list[str] = field(default_factory=list)
    asserted: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    deadlines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Counter(Record):
    """A number under a name: live certifications of a period, the use of a reference."""

    value: int = 0


@dataclass(slots=True)
class LatestOn(Record):
    """The latest business date of something, for example of a debtor's write-off."""

    on: str = ""


@dataclass(slots=True)
class Marks(Record):
    """What later happened to a posting.

    Attributes:
        reversed_by: Position of its reversal, 0 while it stands.
        returned: Claims of it that bounced.
    """

    reversed_by: int = 0
    returned: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Parameters(Record):
    """Published records of one policy parameter, in the order of publication.

    Attributes:
        records: ``[region, value, valid_from, valid_to, source, position]`` each.
    """

    records: list[list[int | str | None]] = field(default_factory=list)


@dataclass(slots=True)
class AdvanceList(Record):
    """Requests to any fund that name a worker."""

    advances: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CreditFile(Record):
    """A party's time on the dishonest list.

    Attributes:
        listings: ``[on, until_on]`` of each listing; a removal ends it earlier.
    """

    listings: list[list[str]] = field(default_factory=list)

    def listed(self, on: str) -> bool:
        """Whether the party is on the list on a day."""
        return any(start <= on < until for start, until in self.listings)
