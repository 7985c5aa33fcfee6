"""Parts of traced money, and how an answer tells them: whose money, by which payment, to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from projections.queries.explaining import bodies, document_of
from projections.queries.paging import Answer
from projections.queries.pots import INTO, OUT_OF, Pot
from projections.view import View

Key = tuple[int, int]
"""Position and line of a claim's origin."""


@dataclass
class Part:
    """Some money on its way: out of which posting, by which payment, to which claim."""

    source: int
    payment: int
    amount_fen: int
    state: str
    line: int = 0
    key: Key | None = None
    worker: str | None = None
    answered: int | None = None


def pot_of(kind: str, body: Mapping[str, Any]) -> Pot | None:
    """The pot that a posting brings money into or takes it out of, if it does."""
    pot = INTO.get(kind) or OUT_OF.get(kind)
    if pot is None:
        return None
    return Pot(pot, body["fields"]["region" if pot == "fund" else "project"])


_PAYERS: Final = (
    "SELECT j.position, j.book FROM {journal_line} AS j WHERE j.tenant = :tenant"
    " AND j.position = :position AND j.account = 'own_cash' AND j.amount_fen < 0"
)
_CLAIMS: Final = (
    "SELECT o.name, o.asserted, o.project, o.period, coalesce(c.employer, o.employer) AS employer"
    " FROM claim AS c JOIN origin AS o ON o.tenant = c.tenant AND o.position = c.position"
    " WHERE c.tenant = :tenant AND c.position = :at AND c.line = :of"
)
_CARDS: Final = (
    "SELECT s.position, s.card_last4 FROM {worker_step} AS s WHERE s.tenant = :tenant"
    " AND s.worker = :worker AND s.step = 'card_bound' ORDER BY s.position DESC"
)


def told_parts(view: View, parts: list[Part]) -> list[Answer]:
    """Parts with the postings, claims and cards that they name."""
    named = {part.source for part in parts} | {part.payment for part in parts}
    named |= {part.answered for part in parts if part.answered is not None}
    known = bodies(view, named)
    payers = {source: _payer(view, source) for source in {part.source for part in parts}}
    claims: dict[Key, Any] = {}
    cards: dict[str, list[Any]] = {}
    for part in parts:
        if part.key is not None and part.key not in claims:
            claims[part.key] = view.row(_CLAIMS, at=part.key[0], of=part.key[1])
        if part.worker is not None and part.worker not in cards:
            cards[part.worker] = list(view.rows(_CARDS, worker=part.worker))
    return [
        {
            "source_position": part.source,
            "source_on": known[part.source]["on"],
            "source_kind": known[part.source]["kind"],
            "source": document_of(known[part.source]),
            "payer": payers[part.source],
            "pot": str(pot_of(known[part.source]["kind"], known[part.source]) or ""),
            "payment_position": part.payment,
            "payment_on": known[part.payment]["on"],
            "payment_kind": known[part.payment]["kind"],
            "document": document_of(known[part.payment]),
            "line": part.line or None,
            **_payee(part, claims, cards),
            "amount_fen": part.amount_fen,
            "state": part.state,
            "answered_position": part.answered,
            "answered_on": known[part.answered]["on"] if part.answered is not None else None,
        }
        for part in parts
    ]


def _payer(view: View, position: int) -> str:
    row = view.row(_PAYERS, position=position)
    return str(row.book) if row is not None else ""


def _payee(part: Part, claims: Mapping[Key, Any], cards: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Claim, worker and the last digits of the card that was bound when the payment was made."""
    claim = claims.get(part.key) if part.key is not None else None
    card = next(
        (
            card.card_last4
            for card in cards.get(part.worker or "", ())
            if card.position < part.payment
        ),
        None,
    )
    if claim is None or part.key is None:
        return dict.fromkeys(("claim", "worker", "card_last4", "employer", "project", "period"))
    return {
        "claim": claim.name if claim.asserted else f"{claim.name}/{part.key[1]}",
        "worker": part.worker,
        "card_last4": card,
        "employer": claim.employer,
        "project": claim.project,
        "period": claim.period,
    }
