"""Which money paid whom: from a transfer to the cards of workers, and back from a claim.

What counts as a transfer: any posting that brought money into a wage account, a deposit or a
fund, that took it out again, or that paid workers directly. The rule by which money of a pot is
attributed to payments stands in ``projections.queries.pots``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain import effects
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from projections.queries.claim import claim_rows, key_of, told
from projections.queries.explain_papers import paper
from projections.queries.explaining import bodies, document_of
from projections.queries.paging import Answer, after_position, page, whole_number
from projections.queries.pots import (
    INTO,
    SPANS,
    TO_WORKERS,
    Flow,
    Lot,
    Payment,
    Piece,
    Pot,
    flow_of,
    spans,
)
from projections.queries.traced import Key, Part, pot_of, told_parts
from projections.view import Cut, View, unknown

DIRECT: Final = frozenset(
    {"GuaranteeCalled", "AdvanceClearingPaid", "PaidOutsideAccount", "ExtraCompensationPaid"}
)
"""Kinds that pay workers with money that was in no pot."""

STATES: Final = ("paid", "in_transit", "returned", "withdrawn")


@dataclass
class _Tracer:
    """One question, with the pots that it already looked into.

    Attributes:
        only: The claim that is asked for.
    """

    view: View
    cut: Cut
    only: Key | None = None
    flows: dict[Pot, Flow] = field(default_factory=dict[Pot, Flow])
    said: dict[int, dict[Key, tuple[int, int]]] = field(
        default_factory=dict[int, dict[Key, tuple[int, int]]]
    )

    def flow(self, pot: Pot) -> Flow:
        """What went through a pot."""
        if pot not in self.flows:
            self.flows[pot] = flow_of(self.view, self.cut, pot)
        return self.flows[pot]

    def parts(
        self, payment: Payment, pieces: Iterable[Piece], lines: Iterable[Any] | None = None
    ) -> Iterator[Part]:
        """Pieces of a payment, cut at its lines."""
        chosen = list(pieces)
        if not chosen:
            return
        if payment.kind not in TO_WORKERS:
            for piece in chosen:
                yield Part(piece.lot, payment.position, piece.end - piece.start, "withdrawn")
            return
        paid = spans(self.view, payment.position, chosen) if lines is None else list(lines)
        at = 0
        for piece in sorted(chosen, key=lambda piece: piece.start):
            while at and paid[at - 1].until_fen > piece.start:
                at -= 1
            while at < len(paid) and paid[at].until_fen - paid[at].amount_fen < piece.end:
                line = paid[at]
                low = max(piece.start, line.until_fen - line.amount_fen)
                high = min(piece.end, line.until_fen)
                if low < high:
                    yield self._part(payment, piece, line, high - low)
                at += 1

    def _part(self, payment: Payment, piece: Piece, line: Any, amount: int) -> Part:  # noqa: ANN401
        key = (line.claim_position, line.claim_line)
        state, answered = "paid", payment.position
        if piece.back_at is not None:
            state, answered = "returned" if piece.into_pot else "withdrawn", piece.back_at
        elif payment.kind == "PayoutInstructed":
            answers = self._answers(payment.position)
            effect, answered = answers.get(key, (effects.INSTRUCT, 0))
            state = "paid" if effect == effects.SETTLE else "in_transit"
        return Part(
            piece.lot, payment.position, amount, state, line.line, key, line.worker,
            answered or None,
        )  # fmt: skip

    def _answers(self, batch: int) -> dict[Key, tuple[int, int]]:
        """Effect and position of the bank's last word on each claim of a batch."""
        if batch not in self.said:
            at = {"batch": batch, "on": self.cut.on, "known": self.cut.known}
            sql = _ANSWERS
            if self.only is not None:
                sql, at["at"], at["of"] = sql + _ON_ONE, *self.only
            self.said[batch] = {
                (row.claim_position, row.claim_line): (row.effect, row.position)
                for row in self.view.rows(f"{sql} ORDER BY l.position, l.line", **at)
            }
        return self.said[batch]


_ANSWERS: Final = (
    "SELECT l.claim_position, l.claim_line, l.effect, l.position FROM {batch_step} AS s"
    " CROSS JOIN event_line AS l WHERE s.tenant = :tenant AND s.batch_position = :batch"
    " AND s.on_date <= :on AND s.position <= :known AND l.tenant = s.tenant"
    " AND l.position = s.position AND l.part = 0"
)
_ON_ONE: Final = " AND l.claim_position = :at AND l.claim_line = :of"
_EVENT: Final = (
    "SELECT e.position, e.kind, e.on_date FROM event AS e WHERE e.tenant = :tenant"
    " AND e.position = :position AND e.on_date <= :on AND e.position <= :known"
)
_NO_MONEY: Final = N_("that posting moves no money into a pot, out of one, or to workers")


def trace(
    view: View,
    what: str,
    *,
    as_of: str,
    known_at: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Which money a claim was paid from, or whom the money of a transfer paid.

    Args:
        view: The ledger.
        what: A claim; the position of a transfer, as ``177`` or ``@177``, or its bank reference;
            or the id of a batch.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        limit: Rows of a page.
        after: Cursor of the page before.

    Returns:
        For money that came into a pot ``amount_fen`` = ``paid_fen`` + ``in_transit_fen`` +
        ``left_fen`` + ``withdrawn_fen``; what came back is counted where it is now. For a payment
        ``returned_fen`` is a part of it instead. For a claim ``paid_fen`` and
        ``in_transit_fen`` are those of `claim show`.

    Raises:
        LedgerError: ``unknown_claim``, ``unknown_position``, ``unknown_batch``, or ``bad_option``
            for a posting that moves no money.
    """
    cut = view.cut(as_of, known_at)
    tracer = _Tracer(view, cut)
    kind, name = _meant(view, cut, what)
    if kind == "claim":
        facts, parts = _of_claim(tracer, name)
    else:
        facts, parts = _of_transfer(tracer, kind, name)
    start = after_position(after)
    shown, following = page(list(enumerate(parts, 1))[start:], limit, lambda part: str(part[0]))
    return {
        "traced": kind if kind == "claim" else "transfer",
        **facts,
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "lines": told_parts(view, [part for _number, part in shown]),
        "next": following,
    }


_BY_BANK_REF: Final = (
    "SELECT h.position, h.kind FROM {history_event} AS h WHERE h.tenant = :tenant"
    " AND h.summary = :summary AND h.position <= :known ORDER BY h.position"
)


def _meant(view: View, cut: Cut, what: str) -> tuple[str, str]:
    """Kind and name of what is to be traced: claim, batch or position.

    Raises:
        LedgerError: ``bad_option`` for a bank reference that several transfers have.
    """
    kind, colon, name = what.partition(":")
    if colon and kind in {"claim", "batch", "position"}:
        return kind, name
    if what.startswith("@"):
        return "position", what[1:]
    referred = kind == "bank_ref" and bool(colon)
    if not referred and ("/" in what or key_of(view, what) is not None):
        return "claim", what
    if whole_number(what) is not None:
        return "position", what
    if not referred and paper(view, view.cut("9999-12-31"), "batch", what):
        return "batch", what
    found = _transfers_of(view, cut, name if referred else what)
    if len(found) > 1:
        problem = ", ".join(f"@{position}" for position in found)
        raise LedgerError("bad_option", option="TRANSFER|CLAIM", value=what, problem=problem)
    if not found and referred:
        raise unknown("position", what)
    return ("position", str(found[0])) if found else ("claim", what)


def _transfers_of(view: View, cut: Cut, bank_ref: str) -> list[int]:
    """Transfers into a pot that have a bank's reference: it is unique within an account only."""
    rows = view.rows(_BY_BANK_REF, summary=f"bank_ref {bank_ref}", known=cut.known)
    return [row.position for row in rows if row.kind in INTO]


# -- transfers ----------------------------------------------------------------


def _of_transfer(tracer: _Tracer, kind: str, name: str) -> tuple[Answer, list[Part]]:
    view, cut = tracer.view, tracer.cut
    position = whole_number(name) or 0
    if kind == "batch":
        batch = paper(view, cut, "batch", name)
        if batch is None:
            raise unknown("batch", name)
        position = batch.position
    row = view.row(_EVENT, position=position, on=cut.on, known=cut.known)
    if row is None:
        raise unknown("position", name)
    body = bodies(view, [position])[position]
    facts = {
        "transfer": position,
        "kind": row.kind,
        "on": row.on_date,
        "document": document_of(body),
    }
    if row.kind in DIRECT:
        parts = list(_direct(tracer, position, row.kind))
        return {**facts, "pot": "", **_paid_by(parts)}, parts
    pot = pot_of(row.kind, body)
    if pot is None:
        raise LedgerError("bad_option", option="TRANSFER|CLAIM", value=name, problem=_NO_MONEY)
    flow = tracer.flow(pot)
    facts["pot"] = str(pot)
    if row.kind in INTO:
        lot = flow.lots[position]
        parts = list(_parts_of_lot(tracer, flow, lot))
        return {**facts, **_sums(parts, lot.left_fen)}, parts
    payment = flow.payments[position]
    parts = list(tracer.parts(payment, payment.pieces))
    return {**facts, **_paid_by(parts)}, parts


def _parts_of_lot(tracer: _Tracer, flow: Flow, lot: Lot) -> Iterator[Part]:
    for payment in flow.payments.values():
        pieces = [piece for piece in payment.pieces if piece.lot == lot.position]
        yield from tracer.parts(payment, pieces)
    if lot.reversed_at is not None:
        yield Part(lot.position, lot.reversed_at, lot.amount_fen, "withdrawn")


def _sums(parts: Iterable[Part], left_fen: int) -> dict[str, int]:
    """What became of the money; what came back into the pot is counted where it is now."""
    sums = dict.fromkeys(STATES, 0)
    for part in parts:
        sums[part.state] += part.amount_fen
    return {
        "amount_fen": sums["paid"] + sums["in_transit"] + left_fen + sums["withdrawn"],
        "paid_fen": sums["paid"],
        "in_transit_fen": sums["in_transit"],
        "left_fen": left_fen,
        "withdrawn_fen": sums["withdrawn"],
        "returned_fen": sums["returned"],
    }


def _paid_by(parts: Iterable[Part]) -> dict[str, int]:
    """What became of a payment: nothing is left of it, and what came back was part of it."""
    sums = _sums(parts, 0)
    return {**sums, "amount_fen": sums["amount_fen"] + sums["returned_fen"]}


_DIRECT: Final = f"{SPANS} ORDER BY q.line"
_BOUNCED: Final = (
    "SELECT l.claim_position, l.claim_line, l.position FROM claim_move AS m"
    " CROSS JOIN event_line AS l WHERE m.tenant = :tenant AND m.claim_position = :at"
    " AND m.claim_line = :of AND m.effect = :undo AND m.on_date <= :on AND m.position <= :known"
    " AND l.tenant = m.tenant AND l.position = m.position AND l.part = 0 AND l.line = m.line"
    " AND m.position > :payment ORDER BY m.position"
)


def _direct(tracer: _Tracer, position: int, kind: str, only: Key | None = None) -> Iterator[Part]:
    """Lines of a payment with money that was in no pot: it is its own source."""
    view = tracer.view
    if kind == "ExtraCompensationPaid":
        fields = bodies(view, [position])[position]["fields"]
        yield Part(position, position, fields["amount_fen"], "paid")
        return
    for line in view.rows(_DIRECT, payment=position):
        key = (line.claim_position, line.claim_line)
        if only not in {None, key}:
            continue
        back = _bounced(tracer, position, key)
        yield Part(
            position, position, line.amount_fen, "paid" if back is None else "returned",
            line.line, key, line.worker, position if back is None else back,
        )  # fmt: skip


def _bounced(tracer: _Tracer, payment: int, key: Key) -> int | None:
    """Position of the return of a direct payment's line, if it came back."""
    at = {
        "at": key[0], "of": key[1], "payment": payment, "undo": effects.UNDO,
        "on": tracer.cut.on, "known": tracer.cut.known,
    }  # fmt: skip
    returns = [row.position for row in tracer.view.rows(_BOUNCED, **at)]
    for position, body in sorted(bodies(tracer.view, returns).items()):
        if body["kind"] == "TransferReturned" and body["fields"]["position"] == payment:
            return position
    return None


# -- claims -------------------------------------------------------------------

_PAYING: Final = (
    "SELECT m.position, m.line, e.kind, e.on_date FROM claim_move AS m JOIN event AS e"
    " ON e.tenant = m.tenant AND e.position = m.position WHERE m.tenant = :tenant"
    " AND m.claim_position = :at AND m.claim_line = :of AND m.on_date <= :on"
    " AND m.position <= :known AND m.effect IN (:instruct, :discharge)"
    " ORDER BY m.position, m.line"
)
_ONE_LINE: Final = f"{SPANS} WHERE q.line = :line"


def _of_claim(tracer: _Tracer, claim: str) -> tuple[Answer, list[Part]]:
    view, cut = tracer.view, tracer.cut
    key = key_of(view, claim)
    rows = claim_rows(view, cut, origin=key[0], line=key[1]) if key else []
    if not rows or key is None:
        raise unknown("claim", claim)
    tracer.only = key
    parts: list[Part] = []
    asked = {"at": key[0], "of": key[1], "on": cut.on, "known": cut.known}
    paying = {"instruct": effects.INSTRUCT, "discharge": effects.DISCHARGE}
    for move in view.rows(_PAYING, **asked, **paying):
        if move.kind in DIRECT:
            parts += _direct(tracer, move.position, move.kind, key)
            continue
        pot = pot_of(move.kind, bodies(view, [move.position])[move.position])
        if pot is not None:
            payment = tracer.flow(pot).payments[move.position]
            lines = view.rows(_ONE_LINE, payment=move.position, line=move.line)
            parts += tracer.parts(payment, payment.pieces, lines)
    facts = told(rows[0])
    names = ("claim", "worker", "employer", "project", "period", "due_on", "net_fen")
    return {
        **{name: facts[name] for name in names},
        "paid_fen": facts["paid_fen"],
        "in_transit_fen": facts["in_transit_fen"],
        "open_fen": facts["open_fen"],
    }, parts
