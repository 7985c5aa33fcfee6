"""Breaks of reconciliation: what the bank shows and the ledger does not, or the other way round.

A booked line without a match, or a posting that moved the account without a booked line, dated
up to the account's latest statement, unless somebody explained it:

- ``missing_in_ledger``: a line that no posting explains, a fee for example;
- ``unknown_credit``: money in of which nothing says where it comes from;
- ``duplicate``: a line beside another with the same reference of the payer and the same amount;
- ``amount_differs``: a line that is matched in part, or names a payment of another amount; a
  posting that lines show in part;
- ``late``: money that came back after its payment had been settled, and is not posted yet;
- ``missing_at_bank``: a posting that no line shows.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from ledger.banking.references import PayoutReference, parse_reference
from projections.queries.paging import Answer, Key, page_after
from projections.view import Cut, Row, View

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

KINDS: Final = (
    "missing_in_ledger", "missing_at_bank", "amount_differs", "duplicate", "unknown_credit",
    "late",
)  # fmt: skip

_LINES: Final = """
    SELECT b.account, b.booked_on AS on_date, b.line, b.statement_id, b.position, b.amount_fen,
        b.end_to_end, b.batch, b.return_code, b.amount_fen
        - coalesce((SELECT CAST(sum(m.sign * m.amount_fen) AS BIGINT) FROM {bank_match} AS m
            WHERE m.tenant = b.tenant AND m.account = b.account
            AND m.booked_on = b.booked_on AND m.booked = b.line
            AND m.on_date <= :on AND m.position <= :known), 0) AS left_fen
    FROM {booked_line} AS b
    JOIN event AS e ON e.tenant = b.tenant AND e.position = b.position
    WHERE b.tenant = :tenant AND b.booked_on <= :on AND b.position <= :known AND e.on_date <= :on
"""
_ENTRIES: Final = """
    SELECT n.account, n.on_date, n.position, n.amount_fen, n.amount_fen
        - coalesce((SELECT CAST(sum(m.sign * m.amount_fen) AS BIGINT) FROM {bank_match} AS m
            WHERE m.tenant = n.tenant AND m.account = n.account AND m.of_position = n.position
            AND m.on_date <= :on AND m.position <= :known), 0) AS left_fen,
        EXISTS (SELECT 1 FROM {bank_match} AS m WHERE m.tenant = n.tenant
            AND m.account = n.account AND m.of_position = n.position
            AND m.claim_position IS NOT NULL AND m.on_date <= :on AND m.position <= :known)
        AS by_claim
    FROM {bank_entry} AS n
    JOIN (SELECT s.account, max(s.to_on) AS to_on FROM {bank_statement} AS s
        WHERE s.tenant = :tenant AND s.on_date <= :on AND s.position <= :known
        GROUP BY s.account) AS t ON t.account = n.account
    WHERE n.tenant = :tenant AND n.position <= :known AND n.on_date <= :on AND n.on_date <= t.to_on
"""
_RESOLVED: Final = (
    "SELECT s.subject FROM {bank_step} AS s WHERE s.tenant = :tenant AND s.step = 'resolved'"
    " AND s.on_date <= :on AND s.position <= :known"
)
_REPEATED: Final = """
    SELECT b.account, b.end_to_end, b.amount_fen FROM {booked_line} AS b
    WHERE b.tenant = :tenant AND b.end_to_end IS NOT NULL AND b.position <= :known
    GROUP BY b.account, b.end_to_end, b.amount_fen HAVING count(*) > 1
"""


def breaks(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    account: str | None = None,
    kind: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Breaks that nobody has resolved, of one account or of all that have statements.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        account: Of one account, such as ``wage:P-1``.
        kind: One of `KINDS`.
        limit: Rows of a page.
        after: Cursor of the page before.
    """
    cut = view.cut(as_of, known_at)
    found = open_breaks(view, cut, account)
    wanted = [one for one in found if kind is None or one["kind"] == kind]
    shown, following = page_after(wanted, _order, limit, after)
    return {"as_of": as_of, "position": view.position, "breaks": shown, "next": following}


def open_breaks(view: View, cut: Cut, account: str | None = None) -> list[dict[str, Any]]:
    """Breaks that nobody has resolved, by account and day."""
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    resolved = _resolved(view, cut)
    entries = _ENTRIES
    if account is not None:
        values["account"] = account
        entries += " AND n.account = :account"
    open_lines = lines_without_match(view, cut, account)
    kind_of = _Kinds(view, cut, open_lines)
    found = [
        {
            "kind": kind_of.line(row),
            "account": row.account, "on": row.on_date, "amount_fen": row.left_fen,
            "line": row.line, "statement_id": row.statement_id, "position": None,
            "age_days": _days(row.on_date, cut.on),
        }
        for row in open_lines
    ] + [
        {
            "kind": _kind_of_entry(row),
            "account": row.account, "on": row.on_date, "amount_fen": row.left_fen, "line": None,
            "statement_id": None, "position": row.position,
            "age_days": _days(row.on_date, cut.on),
        }
        for row in view.rows(entries, **values)
        if row.left_fen and f"{row.account}|{row.position:012d}" not in resolved
    ]  # fmt: skip
    return sorted(found, key=_order)


def _order(one: Mapping[str, Any]) -> Key:
    return one["account"], one["on"], one["position"] or 0, one["line"] or ""


def lines_without_match(view: View, cut: Cut, account: str | None = None) -> list[Row]:
    """Booked lines that are not wholly matched and that nobody has explained."""
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    sql = _LINES
    if account is not None:
        values["account"] = account
        sql += " AND b.account = :account"
    resolved = _resolved(view, cut)
    return [
        row
        for row in view.rows(sql, **values)
        if row.left_fen and f"{row.account}|{row.on_date}|{row.line}" not in resolved
    ]


def _resolved(view: View, cut: Cut) -> set[str]:
    return {row.subject for row in view.rows(_RESOLVED, on=cut.on, known=cut.known)}


class _Kinds:
    """What is wrong with lines: what they name, and which of them are repeated."""

    def __init__(self, view: View, cut: Cut, lines: Iterable[Row]) -> None:
        self._named = {
            text: named
            for row in lines
            for text in (row.end_to_end, row.batch)
            if text is not None and (named := parse_reference(text)) is not None
        }
        self._paid = _payments(view, self._named.values())
        repeated = view.rows(_REPEATED, known=cut.known) if self._named or lines else ()
        self._repeated = {tuple(row) for row in repeated}

    def line(self, row: Row) -> str:
        """The kind of a line's break."""
        named = self._named.get(row.end_to_end) or self._named.get(row.batch)
        paid, state = self._paid.get(named, (None, "")) if named is not None else (None, "")
        if row.left_fen != row.amount_fen:
            return "amount_differs"
        if (row.account, row.end_to_end, row.amount_fen) in self._repeated:
            return "duplicate"
        if paid is not None and paid != abs(row.amount_fen):
            return "amount_differs"
        if row.amount_fen > 0 and named is None and row.return_code is None:
            return "unknown_credit"
        if row.amount_fen == paid and state == "settled":
            return "late"
        return "missing_in_ledger"


def _payments(
    view: View, named: Iterable[PayoutReference]
) -> Mapping[PayoutReference, tuple[int, str]]:
    """Amount and state of the payments that lines name."""
    wanted: dict[int, set[int]] = {}
    for reference in named:
        if reference.line is not None:
            wanted.setdefault(reference.position, set()).add(reference.line)
    found = {}
    for position, numbers in wanted.items():
        listed = ", ".join(str(number) for number in sorted(numbers))
        for row in view.rows(
            "SELECT p.line, p.amount_fen, p.state FROM payout_line AS p WHERE p.tenant = :tenant"
            f" AND p.position = :position AND p.line IN ({listed})",
            position=position,
        ):
            found[PayoutReference(position, row.line)] = (row.amount_fen, row.state)
    return found


def _kind_of_entry(row: Row) -> str:
    """The kind of a posting's break."""
    if row.left_fen != row.amount_fen and not row.by_claim:
        return "amount_differs"
    return "missing_at_bank"


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
