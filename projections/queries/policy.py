"""The policy book as this ledger knows it: what it published over what came with the product."""

import json
from typing import Final

from ledger.domain.policy import PARAMETERS, SHIPPED, PolicyBook, PolicyRecord
from ledger.kernel.errors import LedgerError
from projections.queries.paging import Answer, page_after
from projections.view import Cut, View

_RECORDS: Final = (
    "SELECT r.parameter, r.region, r.position, r.on_date, r.value, r.valid_from, r.valid_to,"
    " r.source FROM {policy_record} AS r WHERE r.tenant = :tenant AND r.position <= :known"
    " ORDER BY r.position"
)


def published(view: View, cut: Cut) -> list[PolicyRecord]:
    """Records published in this ledger, known by the cut; they apply by their own dates."""
    return [
        PolicyRecord(
            region=row.region,
            parameter=row.parameter,
            value=json.loads(row.value),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
            position=row.position,
        )
        for row in view.rows(_RECORDS, known=cut.known)
    ]


def policy_book(view: View, cut: Cut) -> PolicyBook:
    """The book that decisions would use."""
    return PolicyBook(published(view, cut))


def number(book: PolicyBook, parameter: str, region: str, on: str) -> int:
    """Whole-number value in force of a parameter that has a national default."""
    value, _ = book.number(parameter, region, on)
    return value


def policy_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    parameter: str | None = None,
    region: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Published records, then those that came with the product.

    Returns:
        ``{"as_of", "position", "policies": [{"region", "parameter", "unit", "value",
        "valid_from", "valid_to", "source", "mark", "position", "in_force"}], "next"}``;
        ``in_force`` tells whether it is the value in its region on the date.

    Raises:
        LedgerError: ``unknown_parameter``.
    """
    if parameter is not None and parameter not in PARAMETERS:
        raise LedgerError("unknown_parameter", parameter=parameter)
    cut = view.cut(as_of, known_at)
    own = published(view, cut)
    book = PolicyBook(own)
    placed = [
        *(((0, record.position or 0), record) for record in own),
        *(((1, at), record) for at, record in enumerate(SHIPPED)),
    ]
    wanted = [
        (key, record)
        for key, record in placed
        if parameter in {None, record.parameter} and region in {None, record.region}
    ]
    shown, following = page_after(wanted, lambda one: one[0], limit, after)
    told = [
        {
            "region": record.region,
            "parameter": record.parameter,
            "unit": PARAMETERS[record.parameter].unit,
            "value": record.value,
            "valid_from": record.valid_from,
            "valid_to": record.valid_to,
            "source": record.source,
            "mark": record.mark or None,
            "position": record.position,
            "in_force": book.value(record.parameter, record.region, as_of) == record,
        }
        for _, record in shown
    ]
    return {"as_of": as_of, "position": view.position, "policies": told, "next": following}
