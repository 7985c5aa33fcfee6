"""Balances of the journal on a date, and names of parties: what most answers are made of."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from projections.view import EVERYTHING, Cut, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

_LATEST: Final = "{balance} AS b WHERE b.tenant = :tenant"
_BY_DAY: Final = "{balance_day} AS b WHERE b.tenant = :tenant AND b.on_date <= :on"
_KNOWN: Final = (
    "{journal_line} AS b WHERE b.tenant = :tenant AND b.on_date <= :on AND b.position <= :known"
)
_MANY: Final = 100

_NAMES: Final = (
    "SELECT n.party, n.name, n.on_date, n.position FROM {party_name} AS n"
    " WHERE n.tenant = :tenant AND n.position <= :known"
)


def balances(
    view: View, cut: Cut, by: str, where: str, **values: object
) -> dict[tuple[Any, ...], int]:
    """Sums of journal lines that count, in fen, debit positive.

    Args:
        view: The ledger.
        cut: What counts.
        by: Columns of a cell, separated by commas, that make the keys of the answer.
        where: Condition on the cell's columns, as ``b.book = :book``.
        values: What the condition names.
    """
    source = _BY_DAY
    if cut.latest:
        source = _LATEST
    elif cut.known != EVERYTHING:
        source = _KNOWN
    sql = f"SELECT {by}, CAST(sum(b.amount_fen) AS BIGINT) FROM {source} AND {where} GROUP BY {by}"
    rows = view.rows(sql, on=cut.on, known=cut.known, **values)
    return {tuple(row[:-1]): row[-1] for row in rows if row[-1]}


def names(view: View, cut: Cut, parties: Iterable[str] = ()) -> dict[str, str]:
    """Names of parties on a date, by credit code; of all parties where none is given.

    A party that was registered later than the date has its first name.
    """
    wanted = sorted(set(parties))
    values: dict[str, object] = {"known": cut.known}
    sql = _NAMES
    if wanted and len(wanted) <= _MANY:
        values |= {f"p{number}": party for number, party in enumerate(wanted)}
        sql += f" AND n.party IN ({', '.join(f':p{number}' for number in range(len(wanted)))})"
    found: dict[str, str] = {}
    for row in sorted(view.rows(sql, **values), key=lambda row: (row.on_date, row.position)):
        if row.on_date <= cut.on or row.party not in found:
            found[row.party] = row.name
    return found


def require_party(view: View, cut: Cut, party: str) -> str:
    """Name of a party.

    Raises:
        LedgerError: ``unknown_party``.
    """
    found: Mapping[str, str] = names(view, cut, [party])
    if party not in found:
        raise unknown("party", party)
    return found[party]
