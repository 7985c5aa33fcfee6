"""Which money of a pot went where: a fold over what came into it and what went out.

A pot is an account whose money pays wages: the wage account and the deposit of a project, the
cash of a fund. Money that came in by one posting is a lot. A payment takes the money of the lots
that are oldest by business date, then position, of those recorded before it. What comes back goes
to the lots that it came from. A lot that is reversed never was there: what had been paid from it
is taken from the oldest other money, for which the books see to it that there is enough.

The fold goes by position, over the postings that count on the date. After each of them a pot
holds what it held on that date as it was known then, which is never below zero: a payment always
finds its money. Lines of a payment lie one after the other in the payment's own length, so that
the fold holds pieces of payments, not lines, and no line is read that is not asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from projections.queries.explaining import bodies
from projections.view import Cut, Row, View

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

INTO: Final = {
    "LabourCostTransferred": "wage",
    "DeveloperAdvancePaid": "wage",
    "WageAccountToppedUp": "wage",
    "WageAccountInterestCredited": "wage",
    "DepositLodged": "deposit",
    "FundAppropriated": "fund",
    "DonationReceived": "fund",
    "InterestCredited": "fund",
    "AdvanceRecovered": "fund",
}
"""Kinds that bring money into a pot, and into which."""

OUT_OF: Final = {
    "PayoutInstructed": "wage",
    "WageAccountClosed": "wage",
    "DepositPaidOut": "deposit",
    "DepositReleased": "deposit",
    "AdvancePaid": "fund",
    "AdvanceRefunded": "fund",
    "FundSurrendered": "fund",
}
"""Kinds that take money out of a pot, and out of which."""

TO_WORKERS: Final = frozenset({"PayoutInstructed", "DepositPaidOut", "AdvancePaid"})
"""Those whose lines pay claims; what others take is withdrawn."""

_RETURNS: Final = frozenset({"PayoutReturned", "TransferReturned", "AdvanceReturned"})


class Pot(NamedTuple):
    """A pot by its kind and its project or region; written as accounts of statements are."""

    kind: str
    of: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.of}"


@dataclass
class Lot:
    """Money that came in by one posting, and how much of it is still there."""

    position: int
    on: str
    kind: str
    amount_fen: int
    left_fen: int
    reversed_at: int | None = None


@dataclass
class Piece:
    """A part of a payment that one lot paid.

    Attributes:
        start: Where it begins in the payment, in fen from the payment's first line on.
        end: Where it ends.
        lot: Position of the lot.
        back_at: Position of the posting by which it came back.
        into_pot: Whether it then came back into the pot, and so to its lot.
    """

    start: int
    end: int
    lot: int
    back_at: int | None = None
    into_pot: bool = False

    @property
    def returned(self) -> bool:
        """Whether its lot has the money again."""
        return self.back_at is not None and self.into_pot


@dataclass
class Payment:
    """A posting that took money out of a pot, and the pieces that it is made of."""

    position: int
    on: str
    kind: str
    amount_fen: int
    pieces: list[Piece] = field(default_factory=list[Piece])


@dataclass
class Flow:
    """What went through a pot: lots and payments by position."""

    pot: Pot
    lots: dict[int, Lot] = field(default_factory=dict[int, Lot])
    payments: dict[int, Payment] = field(default_factory=dict[int, Payment])
    _oldest: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def bring(self, position: int, on: str, kind: str, amount_fen: int) -> None:
        """Money comes in."""
        self.lots[position] = Lot(position, on, kind, amount_fen, amount_fen)
        heappush(self._oldest, (on, position))

    def pay(self, position: int, on: str, kind: str, amount_fen: int) -> None:
        """Money goes out: the oldest first."""
        payment = self.payments[position] = Payment(position, on, kind, amount_fen)
        payment.pieces += self._taken(0, amount_fen)

    def give_back(self, payment: Payment, start: int, end: int, at: int, *, into: bool) -> None:
        """A part of a payment comes back, into the pot or past it to the contractor."""
        pieces: list[Piece] = []
        for piece in payment.pieces:
            if piece.back_at is not None or piece.end <= start or piece.start >= end:
                pieces.append(piece)
                continue
            for low, high, inside in (
                (piece.start, max(piece.start, start), False),
                (max(piece.start, start), min(piece.end, end), True),
                (min(piece.end, end), piece.end, False),
            ):
                if low < high:
                    cut = Piece(low, high, piece.lot)
                    if inside:
                        cut.back_at, cut.into_pot = at, into
                        self._put_back(piece.lot, high - low if into else 0)
                    pieces.append(cut)
        payment.pieces = pieces

    def reverse(self, position: int, at: int) -> None:
        """A lot never was there: what it paid is taken from the oldest other money."""
        lot = self.lots[position]
        lot.left_fen, lot.reversed_at = 0, at
        for payment in self.payments.values():
            pieces: list[Piece] = []
            for piece in payment.pieces:
                if piece.lot != position or piece.returned:
                    pieces.append(piece)
                    continue
                for part in self._taken(piece.start, piece.end):
                    part.back_at = piece.back_at
                    pieces.append(part)
            payment.pieces = pieces

    def _taken(self, start: int, end: int) -> Iterator[Piece]:
        while start < end and self._oldest:
            lot = self.lots[self._oldest[0][1]]
            if not lot.left_fen:
                heappop(self._oldest)
                continue
            taken = min(lot.left_fen, end - start)
            lot.left_fen -= taken
            yield Piece(start, start + taken, lot.position)
            start += taken

    def _put_back(self, position: int, amount_fen: int) -> None:
        lot = self.lots[position]
        if amount_fen:
            lot.left_fen += amount_fen
            heappush(self._oldest, (lot.on, lot.position))


# -- reading a pot ------------------------------------------------------------

_GROUPED: Final = (
    " GROUP BY j.position, j.on_date, e.kind HAVING sum(j.amount_fen) <> 0 ORDER BY j.position"
)
_CHANGES: Final = (
    "SELECT j.position, j.on_date, e.kind, CAST(sum(j.amount_fen) AS BIGINT) AS amount_fen"
    " FROM {journal_line} AS j JOIN event AS e ON e.tenant = j.tenant AND e.position = j.position"
    " WHERE j.tenant = :tenant AND j.on_date <= :on AND j.position <= :known AND j.book = :book"
)
_OF_POT: Final = {
    "wage": f"{_CHANGES} AND j.account IN ('wage_account', 'suspense') AND j.project = :of"
    f"{_GROUPED}",
    "deposit": f"{_CHANGES} AND j.account = 'deposit_cash' AND j.project = :of{_GROUPED}",
    "fund": f"{_CHANGES} AND j.account = 'cash'{_GROUPED}",
}
"""Money of others on the wage account (suspense) pays no wages: it comes and goes by itself."""

_CONTRACTOR: Final = (
    "SELECT p.general_contractor FROM {project} AS p WHERE p.tenant = :tenant"
    " AND p.project = :project"
)
_PAST_THE_POT: Final = (
    "SELECT s.position, s.on_date FROM {batch} AS b JOIN {batch_step} AS s"
    " ON s.tenant = b.tenant AND s.batch_position = b.position WHERE b.tenant = :tenant"
    " AND b.project = :of AND s.step = 'returned' AND s.on_date <= :on AND s.position <= :known"
)
"""Returns of payouts: late ones go past a wage account that was closed."""

_PAID_BY: Final = (
    "SELECT s.position FROM {advance_step} AS s WHERE s.tenant = :tenant"
    " AND s.advance = :advance AND s.step = 'paid'"
)
_SPANS: Final = """
    SELECT l.line, l.claim_position, l.claim_line, l.worker, l.amount_fen,
        CAST(sum(l.amount_fen) OVER (ORDER BY l.line ROWS UNBOUNDED PRECEDING) AS BIGINT)
            AS until_fen
    FROM event_line AS l WHERE l.tenant = :tenant AND l.position = :payment AND l.part = 0
"""
SPANS: Final = f"SELECT q.* FROM ({_SPANS}) AS q"
"""Lines of a payment, and where each ends in the payment's own length."""

_CAME_BACK: Final = (
    f"{SPANS} JOIN event_line AS r ON r.tenant = :tenant AND r.position = :at AND r.part = 0"
    " AND r.claim_position = q.claim_position AND r.claim_line = q.claim_line ORDER BY q.line"
)


def flow_of(view: View, cut: Cut, pot: Pot) -> Flow:
    """What went through a pot, of what counts."""
    flow = Flow(pot)
    changes = _changes(view, cut, pot)
    causes = bodies(
        view,
        (row[0] for row in changes if row[2] in _RETURNS or row[2] == "Reversed"),
    )
    for position, on, kind, amount in changes:
        if kind in _RETURNS:
            _come_back(view, flow, position, amount, _payment(view, kind, causes[position]))
        elif kind == "Reversed":
            flow.reverse(causes[position]["fields"]["reverses"], position)
        elif amount > 0:
            flow.bring(position, on, kind, amount)
        else:
            flow.pay(position, on, kind, -amount)
    return flow


def _changes(view: View, cut: Cut, pot: Pot) -> list[tuple[int, str, str, int]]:
    at: dict[str, object] = {"on": cut.on, "known": cut.known}
    if pot.kind == "fund":
        rows = view.rows(_OF_POT["fund"], book=str(pot), **at)
        return [(row.position, row.on_date, row.kind, row.amount_fen) for row in rows]
    project = view.row(_CONTRACTOR, project=pot.of)
    book = project.general_contractor if project is not None else ""
    rows = view.rows(_OF_POT[pot.kind], book=book, of=pot.of, **at)
    found = {row.position: (row.position, row.on_date, row.kind, row.amount_fen) for row in rows}
    if pot.kind == "wage":
        for row in view.rows(_PAST_THE_POT, of=pot.of, **at):
            found.setdefault(row.position, (row.position, row.on_date, "PayoutReturned", 0))
    return [found[position] for position in sorted(found)]


def _payment(view: View, kind: str, body: dict[str, Any]) -> int:
    """Position of the payment of which something came back."""
    if kind == "PayoutReturned":
        return int(body["outcome"]["batch_position"])
    if kind == "TransferReturned":
        return int(body["fields"]["position"])
    paid = view.row(_PAID_BY, advance=body["fields"]["advance"])
    return int(paid.position) if paid is not None else 0


def _come_back(view: View, flow: Flow, at: int, amount: int, payment: int) -> None:
    lines = view.rows(_CAME_BACK, payment=payment, at=at)
    into = amount == sum(line.amount_fen for line in lines)
    for line in lines:
        flow.give_back(
            flow.payments[payment], line.until_fen - line.amount_fen, line.until_fen, at, into=into
        )


def spans(view: View, payment: int, pieces: Sequence[Piece]) -> list[Row]:
    """Lines of a payment that these pieces of it pay, in their order."""
    low = min(piece.start for piece in pieces)
    high = max(piece.end for piece in pieces)
    return list(
        view.rows(
            f"{SPANS} WHERE q.until_fen > :low AND q.until_fen - q.amount_fen < :high"
            " ORDER BY q.line",
            payment=payment,
            low=low,
            high=high,
        )
    )
