"""What changed for a party between two moments: which figures, and which postings changed them.

A moment is a date, a position up to which what was recorded counts, or both. A posting's part in
a change is what it adds to the figure at the second moment less what it added at the first. It
may be there for three reasons: it is dated between the two dates, it was recorded between the two
positions, or it counts in both and a due date has passed. A figure that is never below zero gets a
line of its own for what is cut off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from projections.queries.deposit import Cover, covers
from projections.queries.explaining import Rule, bodies, document_of
from projections.queries.figures import require_party
from projections.queries.liability import FIGURES, HARD_DEBT, liability
from projections.queries.paging import Answer, after_position, page
from projections.view import Cut, View

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound


class Moment(NamedTuple):
    """A date, and the position up to which what was recorded counts; None for all of it."""

    as_of: str
    known_at: int | None


@dataclass(frozen=True)
class _Change:
    """What one posting changes in one figure."""

    figure: str
    project: str
    position: int
    amount_fen: int
    rule: Rule


_AT: Final = "j.on_date <= :on_{n} AND j.position <= :known_{n}{due}"
_CHANGES: Final = """
    SELECT q.project, q.position, q.before_fen, q.after_fen FROM (
        SELECT {project} AS project, j.position,
            CAST(sum(CASE WHEN {before} THEN j.amount_fen ELSE 0 END) AS BIGINT) AS before_fen,
            CAST(sum(CASE WHEN {after} THEN j.amount_fen ELSE 0 END) AS BIGINT) AS after_fen
        FROM {source} WHERE j.tenant = :tenant AND {where} GROUP BY {group}j.position) AS q
    WHERE q.before_fen <> q.after_fen ORDER BY q.position
"""
_NO_PROJECT: Final = "''"
_OWN: Final = "j.book = :party AND j.account = :account"
_OF_OTHERS: Final = (
    "p.tenant = :tenant AND p.general_contractor = :party AND j.project = p.project"
    " AND j.book <> :party AND j.account = 'wages_payable'"
)
_FIGURES: Final = {
    "accrued_not_due_fen": ("wages_payable", " AND j.due_on >= :on_{n}", -1),
    "own_arrears_fen": ("wages_payable", " AND j.due_on < :on_{n}", -1),
    "due_to_fund_fen": ("due_to_fund", "", -1),
    "recourse_payable_fen": ("recourse_payable", "", -1),
    "recourse_receivable_fen": ("recourse_receivable", "", 1),
    "compensation_payable_fen": ("compensation_payable", "", -1),
}
ACCOUNTS: Final = (
    "wage_account", "in_transit", "suspense", "deposit_cash", "deposit_interest",
    "developer_receivable", "project_receivable", "labour_payable", "project_payable",
    "subcontractor_payable", "contractor_receivable", "due_from_fund",
)  # fmt: skip
"""Accounts of the party whose balances, debit positive, are compared project by project."""


def difference(
    view: View,
    party: str,
    first: Moment,
    second: Moment,
    *,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Figures of a party that differ between two moments, and the postings that changed them.

    Args:
        view: The ledger.
        party: Credit code.
        first: The moment before.
        second: The moment after.
        limit: Rows of a page of ``changes``.
        after: Cursor of the page before.

    Returns:
        ``{"party", "from_on", "from_known_at", "to_on", "to_known_at", "position",
        "figures": [{"figure", "project", "from_fen", "to_fen", "change_fen"}],
        "changes": [{"figure", "project", "position", "on", "recorded_at", "kind",
        "amount_fen", "rule", "document"}], "next"}``. The amounts of a figure's changes sum to
        its ``change_fen``; a figure that came back to what it was stands there with 0.

    Raises:
        LedgerError: ``unknown_party``.
    """
    cuts = [view.cut(moment.as_of, moment.known_at) for moment in (first, second)]
    require_party(view, cuts[1], party)
    changes = list(_changes(view, cuts, party))
    moved = {(change.figure, change.project) for change in changes}
    figures = [
        *_of_liability(view, party, (first, second), {figure for figure, _project in moved}),
        *_of_accounts(view, cuts, party, moved),
    ]
    start = after_position(after)
    shown, following = page(list(enumerate(changes, 1))[start:], limit, lambda row: str(row[0]))
    return {
        "party": party,
        "from_on": first.as_of,
        "from_known_at": first.known_at,
        "to_on": second.as_of,
        "to_known_at": second.known_at,
        "position": view.position,
        "figures": figures,
        "changes": _told(view, cuts, [change for _number, change in shown]),
        "next": following,
    }


# -- figures ------------------------------------------------------------------


def _of_liability(
    view: View, party: str, moments: tuple[Moment, Moment], moved: set[str]
) -> Iterator[Answer]:
    (before,), (after,) = (
        liability(view, as_of=moment.as_of, known_at=moment.known_at, party=party)["contractors"]
        for moment in _known(view, party, moments)
    )
    for figure in FIGURES:
        if figure in moved or before[figure] != after[figure]:
            yield _figure(figure, "", before[figure], after[figure])


def _known(view: View, party: str, moments: tuple[Moment, Moment]) -> Iterator[Moment]:
    """The moments; the first not before the party was registered, when it owed nothing."""
    row = view.row(_REGISTERED, party=party)
    registered = int(row.position) if row is not None else 0
    for moment in moments:
        known = moment.known_at
        yield moment if known is None else Moment(moment.as_of, max(known, registered))


_REGISTERED: Final = (
    "SELECT min(n.position) AS position FROM {party_name} AS n WHERE n.tenant = :tenant"
    " AND n.party = :party"
)
_BALANCES: Final = (
    "SELECT j.account, j.project, CAST(sum(j.amount_fen) AS BIGINT) AS fen"
    " FROM {journal_line} AS j WHERE j.tenant = :tenant AND j.book = :party"
    f" AND j.account IN ({', '.join(map(repr, ACCOUNTS))}) AND j.on_date <= :on"
    " AND j.position <= :known GROUP BY j.account, j.project"
)


def _of_accounts(
    view: View, cuts: list[Cut], party: str, moved: set[tuple[str, str]]
) -> Iterator[Answer]:
    before, after = (
        {
            (row.account, row.project): row.fen
            for row in view.rows(_BALANCES, party=party, on=cut.on, known=cut.known)
        }
        for cut in cuts
    )
    order = {account: number for number, account in enumerate(ACCOUNTS)}
    for account, project in sorted({*before, *after}, key=lambda cell: (order[cell[0]], cell[1])):
        was, is_now = before.get((account, project), 0), after.get((account, project), 0)
        if was != is_now or (f"{account}_fen", project) in moved:
            yield _figure(f"{account}_fen", project, was, is_now)


def _figure(figure: str, project: str, before: int, after: int) -> Answer:
    return {
        "figure": figure,
        "project": project,
        "from_fen": before,
        "to_fen": after,
        "change_fen": after - before,
    }


# -- changes ------------------------------------------------------------------


def _changes(view: View, cuts: list[Cut], party: str) -> Iterator[_Change]:
    parts: dict[str, list[_Change]] = {}
    for figure, (account, due, sign) in _FIGURES.items():
        parts[figure] = list(_booked(view, cuts, figure, due, sign, party=party, account=account))
    parts["joint_arrears_fen"] = list(
        _booked(
            view, cuts, "joint_arrears_fen", " AND j.due_on < :on_{n}", -1, where=_OF_OTHERS,
            source="{project} AS p CROSS JOIN {journal_line} AS j", party=party,
        )
    )  # fmt: skip
    parts["deposit_shortfall_fen"] = list(_shortfall(view, cuts, party))
    parts["hard_debt_fen"] = list(_together("hard_debt_fen", (parts[name] for name in HARD_DEBT)))
    for figure in FIGURES:
        yield from parts[figure]
    for account in ACCOUNTS:
        yield from sorted(
            _booked(
                view, cuts, f"{account}_fen", "", 1, project="j.project", party=party,
                account=account,
            ),
            key=lambda change: (change.project, change.position),
        )  # fmt: skip


def _booked(
    view: View,
    cuts: list[Cut],
    figure: str,
    due: str,
    sign: int,
    *,
    where: str = _OWN,
    source: str = "{journal_line} AS j",
    project: str = _NO_PROJECT,
    **values: object,
) -> Iterator[_Change]:
    at = [_AT.format(n=number, due=due.format(n=number)) for number in (0, 1)]
    sql = _CHANGES.format(
        before=at[0], after=at[1], where=where, source=source, project=project,
        group="" if project == _NO_PROJECT else f"{project}, ",
    )  # fmt: skip
    for number, cut in enumerate(cuts):
        values |= {f"on_{number}": cut.on, f"known_{number}": cut.known}
    for row in view.rows(sql, **values):
        change = sign * (row.after_fen - row.before_fen)
        yield _Change(figure, row.project, row.position, change, Rule.EVENT)


def _together(figure: str, parts: Iterable[list[_Change]]) -> Iterator[_Change]:
    """Changes of a sum of figures: of each posting what is left when its parts are added up."""
    sums: dict[int, int] = defaultdict(int)
    for part in parts:
        for change in part:
            sums[change.position] += change.amount_fen
    for position, amount in sorted(sums.items()):
        if amount:
            yield _Change(figure, "", position, amount, Rule.EVENT)


def _shortfall(view: View, cuts: list[Cut], party: str) -> Iterator[_Change]:
    """Changes of what deposits lack, and of what is cut off because none lacks less than 0."""
    sides = [{cover.project: cover for cover in covers(view, cut, party=party)} for cut in cuts]
    for project in sorted({*sides[0], *sides[1]}):
        before, after = (side.get(project, Cover(party, project)) for side in sides)
        was, is_now = (
            _parts(view, cover, cut) for cover, cut in zip((before, after), cuts, strict=True)
        )
        for position in sorted({*was, *is_now}):
            amount = is_now.get(position, 0) - was.get(position, 0)
            if amount:
                yield _Change("deposit_shortfall_fen", project, position, amount, Rule.EVENT)
        cut_off = after.shortfall_fen(cuts[1].on) - sum(is_now.values())
        cut_off -= before.shortfall_fen(cuts[0].on) - sum(was.values())
        if cut_off:
            yield _Change("deposit_shortfall_fen", project, 0, cut_off, Rule.NEVER_BELOW)


_CALLS: Final = (
    "SELECT m.position, m.ref, m.amount_fen FROM {deposit_move} AS m WHERE m.tenant = :tenant"
    " AND m.party = :party AND m.project = :project AND m.what = 'called' AND m.on_date <= :on"
    " AND m.position <= :known"
)


def _parts(view: View, cover: Cover, cut: Cut) -> dict[int, int]:
    """What each posting adds to required less cash less guarantees."""
    parts: dict[int, int] = defaultdict(int)
    if cover.required is not None and cover.required_fen:
        parts[cover.required[0]] += cover.required_fen
    for position, _on, amount in cover.cash:
        parts[position] -= amount
    valid = {name: one for name, one in cover.guarantees.items() if one.left_fen(cut.on)}
    for one in valid.values():
        parts[one.position] -= one.face_fen
    at = {"party": cover.party, "project": cover.project, "on": cut.on, "known": cut.known}
    for row in view.rows(_CALLS, **at) if valid else ():
        if row.ref in valid:
            parts[row.position] += row.amount_fen
    return parts


# -- as an answer -------------------------------------------------------------


def _told(view: View, cuts: list[Cut], changes: list[_Change]) -> list[dict[str, Any]]:
    known = bodies(view, {change.position for change in changes if change.position})
    return [
        {
            "figure": change.figure,
            "project": change.project,
            "position": change.position or None,
            "on": known[change.position]["on"] if change.position else None,
            "recorded_at": known[change.position]["recorded_at"] if change.position else None,
            "kind": known[change.position]["kind"] if change.position else None,
            "amount_fen": change.amount_fen,
            "rule": _reason(cuts, change, known.get(change.position, {})).value,
            "document": document_of(known[change.position]) if change.position else "",
        }
        for change in changes
    ]


def _reason(cuts: list[Cut], change: _Change, body: Mapping[str, Any]) -> Rule:
    """Why a posting counts at one moment and not, or not so, at the other."""
    if not change.position:
        return change.rule
    known = [change.position <= cut.known for cut in cuts]
    dated = [body["on"] <= cut.on for cut in cuts]
    if known[0] != known[1]:
        return Rule.LEARNT
    if dated[0] != dated[1]:
        return Rule.DATED
    return Rule.VALIDITY if change.figure == "deposit_shortfall_fen" else Rule.DUE_NOW
