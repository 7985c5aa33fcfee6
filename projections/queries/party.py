"""The register of parties on a date: names, projects, and what authorities published."""

from typing import Any, Final

from projections.queries.figures import names
from projections.queries.liability import liability
from projections.queries.paging import Answer, after_name, page
from projections.view import View, unknown

_FIRST: Final = (
    "SELECT n.party, min(n.position) AS position, min(n.on_date) AS on_date"
    " FROM {party_name} AS n WHERE n.tenant = :tenant AND n.position <= :known"
    " AND n.on_date <= :on AND n.party > :after GROUP BY n.party ORDER BY n.party"
)
_NAMES: Final = (
    "SELECT n.name, n.on_date, n.position FROM {party_name} AS n WHERE n.tenant = :tenant"
    " AND n.party = :party AND n.on_date <= :on AND n.position <= :known"
    " ORDER BY n.on_date, n.position"
)
_MARKS: Final = (
    "SELECT m.party, m.position, m.on_date, m.mark, m.case_id, m.until_on, m.year, m.detail"
    " FROM {party_mark} AS m WHERE m.tenant = :tenant AND m.on_date <= :on"
    " AND m.position <= :known"
)
_PROJECTS: Final = """
    SELECT p.project, p.name, 'developer' AS part FROM {project} AS p WHERE p.tenant = :tenant
        AND p.developer = :party AND p.on_date <= :on AND p.position <= :known
    UNION ALL
    SELECT p.project, p.name, 'general_contractor' FROM {project} AS p WHERE p.tenant = :tenant
        AND p.general_contractor = :party AND p.on_date <= :on AND p.position <= :known
    UNION ALL
    SELECT p.project, p.name, 'subcontractor' FROM {subcontract} AS s
    JOIN {project} AS p ON p.tenant = s.tenant AND p.project = s.project
    WHERE s.tenant = :tenant AND s.subcontractor = :party AND s.on_date <= :on
        AND s.position <= :known
    ORDER BY 1, 3
"""


def party_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    project: str | None = None,
    name: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Registered parties by credit code; of one project, or with a part of a name."""
    cut = view.cut(as_of, known_at)
    rows = view.rows(_FIRST, on=cut.on, known=cut.known, after=after_name(after))
    named = names(view, cut)
    listings = _listed(view, cut.on, cut.known)
    of_project = None if project is None else _parties_of(view, project, cut.on, cut.known)
    told = [
        {
            "party": row.party,
            "name": named[row.party],
            "position": row.position,
            "on": row.on_date,
            "dishonest_until": listings.get(row.party),
        }
        for row in rows
        if (of_project is None or row.party in of_project)
        and (name is None or name.casefold() in named[row.party].casefold())
    ]
    shown, following = page(told, limit, lambda one: str(one["party"]))
    return {"as_of": as_of, "position": view.position, "parties": shown, "next": following}


def party_show(view: View, party: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """One party: its names, its projects, what authorities published of it, what it owes.

    Raises:
        LedgerError: ``unknown_party``.
    """
    cut = view.cut(as_of, known_at)
    at = {"party": party, "on": cut.on, "known": cut.known}
    named = view.rows(_NAMES, **at)
    if not named:
        raise unknown("party", party)
    owes = liability(view, as_of=as_of, known_at=known_at, party=party)["contractors"][0]
    marks = view.rows(f"{_MARKS} AND m.party = :party ORDER BY m.position", **at)
    grades = {mark.year: mark.detail for mark in marks if mark.mark == "graded"}
    return {
        "as_of": as_of,
        "position": view.position,
        "party": party,
        "name": named[-1].name,
        "names": [
            {"name": row.name, "on": row.on_date, "position": row.position} for row in named
        ],
        "projects": [
            {"project": row.project, "name": row.name, "part": row.part}
            for row in view.rows(_PROJECTS, **at)
        ],
        "dishonest_until": _listed(view, cut.on, cut.known).get(party),
        "grades": [{"year": year, "grade": grade} for year, grade in sorted(grades.items())],
        "marks": [
            {
                "position": mark.position, "on": mark.on_date, "mark": mark.mark,
                "case": mark.case_id, "until_on": mark.until_on, "year": mark.year,
                "detail": mark.detail,
            }
            for mark in marks
        ],
        "liability": owes,
    }  # fmt: skip


def _listed(view: View, on: str, known: int) -> dict[str, str]:
    """Parties on the dishonest list on a day, and until when; a removal ends it earlier."""
    until: dict[str, str] = {}
    rows = view.rows(f"{_MARKS} AND m.mark IN ('listed', 'removed')", on=on, known=known)
    for row in sorted(rows, key=lambda row: (row.on_date, row.position)):
        if row.mark == "removed":
            until.pop(row.party, None)
        else:
            until[row.party] = max(row.until_on, until.get(row.party, ""))
    return {party: day for party, day in until.items() if on < day}


_PARTIES_OF: Final = """
    SELECT p.developer AS party FROM {project} AS p WHERE p.tenant = :tenant
        AND p.project = :project AND p.position <= :known
    UNION SELECT p.general_contractor FROM {project} AS p WHERE p.tenant = :tenant
        AND p.project = :project AND p.position <= :known
    UNION SELECT s.subcontractor FROM {subcontract} AS s WHERE s.tenant = :tenant
        AND s.project = :project AND s.on_date <= :on AND s.position <= :known
"""


def _parties_of(view: View, project: str, on: str, known: int) -> set[Any]:
    found = {row.party for row in view.rows(_PARTIES_OF, project=project, on=on, known=known)}
    if not found:
        raise unknown("project", project)
    return found
