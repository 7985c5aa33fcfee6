"""What guarantee deposits must hold and hold on a date, and the notices on them.

``deposit_shortfall_fen`` of postings.md, As of: required less cash less the faces left of the
guarantees valid on the day, never below 0, and 0 from the first release on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from projections.queries.paging import after_position, listed, page
from projections.view import Cut, Row, View, unknown

_MOVES: Final = (
    "SELECT m.party, m.project, m.position, m.what, m.on_date, m.ref, m.amount_fen, m.valid_from,"
    " m.valid_to FROM {deposit_move} AS m WHERE m.tenant = :tenant AND m.on_date <= :on"
    " AND m.position <= :known"
)


@dataclass
class Guarantee:
    """A bank guarantee as far as the facts that count tell."""

    position: int
    accepted_on: str
    face_fen: int
    valid_from: str
    valid_to: str
    ended_on: str = ""
    called_fen: int = 0

    def left_fen(self, on: str) -> int:
        """What it covers on a day: its face less what was called, nothing outside its validity."""
        start = max(self.accepted_on, self.valid_from)
        if not start <= on <= self.valid_to or (self.ended_on and on >= self.ended_on):
            return 0
        return max(0, self.face_fen - self.called_fen)


@dataclass
class Cover:
    """What a project must hold and holds.

    Attributes:
        required: Position, day and amount of the assessment that counts; None before the first.
        cash: Position, day and signed amount of each change of the principal.
        first_assessed_on: Day of the earliest assessment.
    """

    party: str
    project: str
    required: tuple[int, str, int] | None = None
    first_assessed_on: str = ""
    cash: list[tuple[int, str, int]] = field(default_factory=list)
    guarantees: dict[str, Guarantee] = field(default_factory=dict)
    last_draw_on: str = ""
    released_on: str = ""

    @property
    def required_fen(self) -> int:
        """What must be held; nothing once the deposit was released."""
        return 0 if self.required is None or self.released_on else self.required[2]

    @property
    def cash_fen(self) -> int:
        """Principal on the deposit account."""
        return sum(amount for _, _, amount in self.cash)

    def guarantees_fen(self, on: str) -> int:
        """Faces left of the guarantees valid on a day."""
        return sum(guarantee.left_fen(on) for guarantee in self.guarantees.values())

    def shortfall_fen(self, on: str) -> int:
        """What is missing, never below 0."""
        return max(0, self.required_fen - self.cash_fen - self.guarantees_fen(on))


def covers(
    view: View, cut: Cut, *, party: str | None = None, project: str | None = None
) -> list[Cover]:
    """Deposits by general contractor and project: of one party, of one project, or all."""
    return fold(moves(view, cut, party=party, project=project))


def moves(
    view: View, cut: Cut, *, party: str | None = None, project: str | None = None
) -> list[Row]:
    """What changed deposits: of one party, of one project, or all."""
    sql = _MOVES
    values: dict[str, object] = {"on": cut.on, "known": cut.known}
    if party is not None:
        sql, values["party"] = f"{sql} AND m.party = :party", party
    if project is not None:
        sql, values["project"] = f"{sql} AND m.project = :project", project
    return view.rows(sql, **values)


def fold(rows: Iterable[Row]) -> list[Cover]:
    """Fold changes of deposits; the latest assessment counts by its day, then its position."""
    found: dict[tuple[str, str], Cover] = {}
    moves = sorted(rows, key=lambda row: (row.on_date, row.position))
    for row in moves:
        cover = found.setdefault((row.party, row.project), Cover(row.party, row.project))
        _fold_cover(cover, row)
    for row in moves:
        cover = found[row.party, row.project]
        guarantee = cover.guarantees.get(row.ref)
        if guarantee is not None:
            _fold_guarantee(cover, guarantee, row)
    return sorted(found.values(), key=lambda cover: (cover.party, cover.project))


def _fold_cover(cover: Cover, row: Row) -> None:
    match row.what:
        case "assessed":
            cover.required = (row.position, row.on_date, row.amount_fen)
            cover.first_assessed_on = cover.first_assessed_on or row.on_date
        case "cash":
            cover.cash.append((row.position, row.on_date, row.amount_fen))
            if row.amount_fen < 0:
                cover.last_draw_on = max(cover.last_draw_on, row.on_date)
        case "guarantee":
            cover.guarantees[row.ref] = Guarantee(
                row.position, row.on_date, row.amount_fen, row.valid_from, row.valid_to
            )
        case "released":
            cover.released_on = cover.released_on or row.on_date


def _fold_guarantee(cover: Cover, guarantee: Guarantee, row: Row) -> None:
    match row.what:
        case "extended":
            guarantee.valid_to = max(guarantee.valid_to, row.valid_to)
        case "ended":
            guarantee.ended_on = row.on_date
        case "called":
            guarantee.called_fen += row.amount_fen
            if row.amount_fen > 0:
                cover.last_draw_on = max(cover.last_draw_on, row.on_date)


def deposit_show(
    view: View, project: str, *, as_of: str, known_at: int | None = None
) -> dict[str, Any]:
    """One project's deposit: what it must hold, what it holds, its guarantees.

    Raises:
        LedgerError: ``unknown_project``.
    """
    cut = view.cut(as_of, known_at)
    known = view.row(
        "SELECT p.general_contractor FROM {project} AS p WHERE p.tenant = :tenant"
        " AND p.project = :project AND p.position <= :known",
        project=project,
        known=cut.known,
    )
    if known is None:
        raise unknown("project", project)
    found = covers(view, cut, project=project)
    cover = found[0] if found else Cover(known.general_contractor, project)
    return {
        "project": project,
        "as_of": as_of,
        "position": view.position,
        "general_contractor": known.general_contractor,
        "required_fen": cover.required_fen,
        "cash_fen": cover.cash_fen,
        "guarantees_valid_fen": cover.guarantees_fen(as_of),
        "shortfall_fen": cover.shortfall_fen(as_of),
        "released_on": cover.released_on or None,
        "guarantees": [
            {
                "guarantee": ref,
                "position": one.position,
                "face_fen": one.face_fen,
                "called_fen": one.called_fen,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "ended_on": one.ended_on or None,
                "left_fen": one.left_fen(as_of),
            }
            for ref, one in sorted(cover.guarantees.items())
        ],
    }


_NOTICES: Final = """
    SELECT n.notice, n.position, n.on_date, n.project, n.case_id, n.lines, n.total_fen,
        p.general_contractor, c.employer,
        (SELECT CAST(coalesce(sum(s.amount_fen), 0) AS BIGINT) FROM {notice_step} AS s
            WHERE s.tenant = n.tenant AND s.notice = n.notice AND s.on_date <= :on
            AND s.position <= :known) AS drawn_fen,
        EXISTS (SELECT 1 FROM {notice_step} AS s WHERE s.tenant = n.tenant
            AND s.notice = n.notice AND s.step = 'withdrawn' AND s.on_date <= :on
            AND s.position <= :known) AS withdrawn
    FROM {notice} AS n
    LEFT JOIN {project} AS p ON p.tenant = n.tenant AND p.project = n.project
    LEFT JOIN {case_file} AS c ON c.tenant = n.tenant AND c.case_id = n.case_id
    WHERE n.tenant = :tenant AND n.on_date <= :on AND n.position <= :known
"""
NOTICE_STATES: Final = ("open", "drawn", "withdrawn")


def deposit_notices(  # noqa: PLR0913 - the filters of a list
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    project: str | None = None,
    party: str | None = None,
    state: str | None = None,
    notice: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Payment notices with what is drawn on them.

    Returns:
        ``{"as_of", "position", "notices": [...], "next"}``; ``state`` of each is ``open``
        (something may still be drawn), ``drawn`` or ``withdrawn``.
    """
    cut = view.cut(as_of, known_at)
    sql = _NOTICES
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_position(after)}
    for name, value, condition in (
        ("project", project, "n.project = :project"),
        ("party", party, "(p.general_contractor = :party OR c.employer = :party)"),
        ("notice", notice, "n.notice = :notice"),
    ):
        if value is not None:
            sql, values[name] = f"{sql} AND {condition}", value
    rows = view.rows(f"{sql} AND n.position > :after ORDER BY n.position", **values)
    states = listed(state)
    told = []
    for row in rows:
        undrawn = 0 if row.withdrawn else row.total_fen - row.drawn_fen
        now = "withdrawn" if row.withdrawn else "open" if undrawn else "drawn"
        if not states or now in states:
            told.append(
                {
                    "notice": row.notice,
                    "position": row.position,
                    "on": row.on_date,
                    "project": row.project,
                    "case": row.case_id,
                    "general_contractor": row.general_contractor,
                    "employer": row.employer,
                    "lines": row.lines,
                    "total_fen": row.total_fen,
                    "drawn_fen": row.drawn_fen,
                    "undrawn_fen": undrawn,
                    "state": now,
                }
            )
    shown, following = page(told, limit, lambda one: str(one["position"]))
    return {"as_of": as_of, "position": view.position, "notices": shown, "next": following}
