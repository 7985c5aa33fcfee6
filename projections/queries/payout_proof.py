"""The proof of a payout for one subcontractor: which of its workers the bank paid in a batch.

Legal source: Decree 724 art. 31: the general contractor hands the subcontractor the proof of the
wages that it paid for it (代发凭证). Only a line that the bank settled is paid; what came back
stands on the proof with the bank's code.
"""

from typing import Any, Final

from projections.queries.claim import claim_rows
from projections.queries.figures import require_party
from projections.queries.lines import document_lines, stored_json
from projections.queries.paging import Answer
from projections.queries.payout import payout_show
from projections.queries.payslips import party_names
from projections.view import Cut, View

_REFERENCE: Final = "SELECT e.body FROM event AS e WHERE e.tenant = :tenant AND e.position = :at"
_CARDS: Final = """
    SELECT w.worker, w.card_last4 FROM event_line AS l CROSS JOIN {worker_step} AS w
    WHERE l.tenant = :tenant AND l.position = :position AND l.part = 0
        AND w.tenant = l.tenant AND w.worker = l.worker AND w.step = 'card_bound'
        AND w.on_date <= :on AND w.position <= :known
    ORDER BY w.position
"""
_LINE: Final = ("line", "claim", "worker", "amount_fen", "state", "code", "bank_code", "late")


def payout_proof(
    view: View, batch: str, *, party: str, as_of: str, known_at: int | None = None
) -> Answer:
    """The lines of a batch for the workers of one employer.

    Args:
        view: The ledger.
        batch: Id of the batch.
        party: Credit code of the employer.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.

    Returns:
        The batch with the sums of this employer's lines, and ``lines``.

    Raises:
        LedgerError: ``unknown_batch``, ``unknown_party``.
    """
    cut = view.cut(as_of, known_at)
    whole = payout_show(view, batch, as_of=as_of, known_at=known_at)
    name = require_party(view, cut, party)
    instructed = whole["instructed_position"]
    keys = {line.line: line.key for line in document_lines(view, instructed)}
    claims = _claims(view, cut, {key[0] for key in keys.values() if key is not None})
    at = {"position": instructed, "on": cut.on, "known": cut.known}
    cards = {row.worker: row.card_last4 for row in view.rows(_CARDS, **at)}
    references: dict[int, str | None] = {}
    lines = []
    for line in whole["lines"]:
        claim = claims.get(keys[line["line"]])
        if claim is None or claim.employer != party:
            continue
        answered = line["answered_position"]
        if answered is not None and answered not in references:
            references[answered] = _reference(view, answered)
        lines.append(
            {
                **{key: line[key] for key in _LINE},
                "employer": party,
                "period": claim.period,
                "card_last4": cards.get(line["worker"]),
                "answered_on": line["answered_on"],
                "answered_position": answered,
                "bank_ref": references.get(answered) if answered is not None else None,
            }
        )
    head = {**whole, "employer": party}
    return {
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "batch": batch,
        "on": whole["on"],
        "project": whole["project"],
        "general_contractor": whole["general_contractor"],
        "party": party,
        "name": name,
        **party_names(view, cut, {key: head[key] for key in ("project", "general_contractor")}),
        **_sums(lines),
        "lines": lines,
    }


def _claims(view: View, cut: Cut, origins: set[int]) -> dict[tuple[int, int] | None, Any]:
    """Claims of the sheets behind a batch, by their keys."""
    return {
        (claim.position, claim.line): claim
        for origin in sorted(origins)
        for claim in claim_rows(view, cut, origin=origin)
    }


def _reference(view: View, position: int) -> str | None:
    """The bank's reference of an answer."""
    row = view.row(_REFERENCE, at=position)
    return stored_json(row.body)["fields"].get("bank_ref") if row is not None else None


def _sums(lines: list[dict[str, Any]]) -> dict[str, int]:
    sums = {"count": len(lines), "total_fen": sum(line["amount_fen"] for line in lines)}
    for state in ("settled", "returned", "pending"):
        own = [line["amount_fen"] for line in lines if line["state"] == state]
        sums[f"{state}_fen"] = sum(own)
        sums[f"{state}_count"] = len(own)
    return sums
