"""What figures need that no journal line carries, as changes by day: memoranda, in fen.

Each memorandum is an amount that stands on a day and changes on others, so that its sum up to a day
is its figure on that day (postings.md, As of):

- ``required`` and ``guarantee`` (of one guarantee): what the deposit must hold, and what of a
  guarantee's face counts on the day;
- ``labour_cost_due``: certified labour cost whose due date is past, less what was transferred;
- ``price_unsettled``: the contract price less all that settled it;
- ``wages_asserted``: open and not in transit on claims asserted in cases;
- ``floor``, ``committed`` and ``recovered`` of a fund.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from ledger.kernel.dates import add_days
from projections.queries.deposit import fold, moves
from projections.view import Cut, Row, View

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

_COUNTED: Final = ".tenant = :tenant AND {0}.on_date <= :on AND {0}.position <= :known"


def _counted(alias: str) -> str:
    return f"{alias}{_COUNTED.format(alias)}"


_PROJECTS: Final = (
    "SELECT p.project, p.position, p.on_date, p.general_contractor, p.contract_price_fen"
    " FROM {project} AS p WHERE p.tenant = :tenant AND p.position <= :known"
)
_PRICES: Final = (
    "SELECT c.project, c.on_date, c.position, c.price_fen FROM {project_price} AS c WHERE "
    + _counted("c")
    + " ORDER BY c.on_date, c.position"
)
_CERTIFIED: Final = (
    "SELECT c.project, c.on_date, c.position, c.due_on, c.labour_cost_fen"
    " FROM {certification} AS c WHERE " + _counted("c")
)
_SETTLED: Final = (
    "SELECT s.project, s.on_date, s.position, s.source, s.amount_fen FROM {settlement} AS s WHERE "
    + _counted("s")
)
_ASSERTED: Final = (
    "SELECT a.project, a.on_date, a.position, a.net_fen AS fen FROM {asserted_claim} AS a WHERE "
    + _counted("a")
    + " UNION ALL SELECT a.project, m.on_date, m.position, m.net_fen - m.paid_fen - m.transit_fen"
    " FROM {asserted_claim} AS a CROSS JOIN claim_move AS m WHERE "
    + _counted("m")
    + " AND a.tenant = m.tenant AND m.claim_position = a.position"
)
_FLOORS: Final = (
    "SELECT f.region, f.on_date, f.position, f.floor_fen FROM {fund_floor} AS f WHERE "
    + _counted("f")
    + " ORDER BY f.on_date, f.position"
)
_OF_FUNDS: Final = (
    "SELECT c.region, c.on_date, c.position, 'committed' AS memo, c.amount_fen"
    " FROM {fund_commitment} AS c WHERE "
    + _counted("c")
    + " UNION ALL SELECT r.region, r.on_date, r.position, 'recovered', r.amount_fen"
    " FROM {fund_recovery} AS r WHERE " + _counted("r")
)
_TO_THE_WAGE_ACCOUNT: Final = frozenset({"LabourCostTransferred", "DeveloperAdvancePaid"})
_LAST_DAY: Final = "9999-12-30"
"""Beyond it the calendar has no day after."""


class Memorandum(NamedTuple):
    """A change of an amount that no journal line carries."""

    on_date: str
    position: int
    book: str
    memo: str
    project: str
    ref: str
    amount_fen: int


def memoranda(
    view: View, *, as_of: str, known_at: int | None = None, project: str | None = None
) -> list[Memorandum]:
    """Every change up to a day, by day and position; of one project, or of all and the funds."""
    cut = view.cut(as_of, known_at)
    found = [
        *_of_deposits(view, cut, project),
        *_of_projects(view, cut, project),
        *(_of_funds(view, cut) if project is None else ()),
    ]
    last = min(as_of, _LAST_DAY)
    return sorted(memo for memo in found if memo.amount_fen and memo.on_date <= last)


def _steps(
    place: tuple[str, str, str, str], values: Iterable[tuple[str, int, int]]
) -> Iterator[Memorandum]:
    """Changes of an amount that is given as it stands from each day on."""
    book, memo, project, ref = place
    before = 0
    for on, position, amount in values:
        yield Memorandum(on, position, book, memo, project, ref, amount - before)
        before = amount


def _of_deposits(view: View, cut: Cut, project: str | None) -> Iterator[Memorandum]:
    by_project: dict[str, list[Row]] = {}
    for move in moves(view, cut, project=project):
        by_project.setdefault(move.project, []).append(move)
    for name, rows in by_project.items():
        stands: dict[str, list[tuple[str, int, int]]] = {}
        book = rows[0].party
        for day in sorted(_days_of(rows)):
            for cover in fold([row for row in rows if row.on_date <= day]):
                at = cover.required[0] if cover.required else 0
                stands.setdefault("", []).append((day, at, cover.required_fen))
                for ref, one in cover.guarantees.items():
                    standing = (day, one.position, one.left_fen(day))
                    stands.setdefault(ref, []).append(standing)
        yield from _steps((book, "required", name, ""), stands.pop("", ()))
        for ref, values in stands.items():
            yield from _steps((book, "guarantee", name, ref), values)


def _days_of(rows: Iterable[Row]) -> set[str]:
    """Days on which a deposit may change: of each fact, and where a validity begins and ends."""
    days: set[str] = set()
    for row in rows:
        days.add(row.on_date)
        if row.valid_from:
            days.add(row.valid_from)
        if row.valid_to:
            days.add(_after(row.valid_to))
    return days


def _after(day: str) -> str:
    return add_days(date.fromisoformat(day), 1).isoformat()


def _of_projects(view: View, cut: Cut, project: str | None) -> Iterator[Memorandum]:
    at: dict[str, object] = {"on": cut.on, "known": cut.known}
    projects = {
        row.project: row
        for row in view.rows(_PROJECTS, known=cut.known)
        if project in {None, row.project}
    }

    def rows(sql: str) -> Iterator[tuple[Row, str]]:
        for row in view.rows(sql, **at):
            if row.project in projects:
                yield row, projects[row.project].general_contractor

    prices = {
        name: [(one.on_date, one.position, one.contract_price_fen)]
        for name, one in projects.items()
    }
    for row, _book in rows(_PRICES):
        prices[row.project].append((row.on_date, row.position, row.price_fen))
    for name, values in prices.items():
        book = projects[name].general_contractor
        yield from _steps((book, "price_unsettled", name, ""), values)
    for row, book in rows(_CERTIFIED):
        due = (max(row.on_date, _after(row.due_on)), row.position, book)
        yield Memorandum(*due, "labour_cost_due", row.project, "", row.labour_cost_fen)
    for row, book in rows(_SETTLED):
        settled = (row.on_date, row.position, book)
        yield Memorandum(*settled, "price_unsettled", row.project, "", -row.amount_fen)
        if row.source in _TO_THE_WAGE_ACCOUNT:
            yield Memorandum(*settled, "labour_cost_due", row.project, "", -row.amount_fen)
    for row, book in rows(_ASSERTED):
        yield Memorandum(
            row.on_date, row.position, book, "wages_asserted", row.project, "", row.fen
        )


def _of_funds(view: View, cut: Cut) -> Iterator[Memorandum]:
    at: dict[str, object] = {"on": cut.on, "known": cut.known}
    floors: dict[str, list[tuple[str, int, int]]] = {}
    for row in view.rows(_FLOORS, **at):
        floors.setdefault(row.region, []).append((row.on_date, row.position, row.floor_fen))
    for region, values in floors.items():
        yield from _steps((f"fund:{region}", "floor", "", ""), values)
    for row in view.rows(_OF_FUNDS, **at):
        yield Memorandum(
            row.on_date, row.position, f"fund:{row.region}", row.memo, "", "", row.amount_fen
        )
