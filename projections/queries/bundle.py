"""What belongs to a party: the events and lines of an evidence bundle, and the figures in it.

To a party belong, up to a date, the events of its history; those that the figures rest on; the
wages in the books of others on projects of which it is the general contractor, for which it is
liable jointly (Decree 724 art. 30); and the events that shown lines rest on. Of a document dated in
the asked range those lines are shown that are the party's: all of a document of its own or of its
own project, else those on claims against it. Lines of other documents are shown only where a shown
line needs them.
"""

from collections.abc import Mapping
from typing import Any, Final

from projections.history import PARTY_FIELDS
from projections.queries.explain import COMPONENTS, explain
from projections.queries.figures import names, require_party
from projections.queries.history import history
from projections.queries.lines import stored_json
from projections.queries.paging import Answer
from projections.view import View

_CONTRACTED: Final = (
    "SELECT DISTINCT j.position FROM {project} AS p CROSS JOIN {journal_line} AS j"
    " WHERE p.tenant = :tenant AND p.general_contractor = :party AND j.tenant = p.tenant"
    " AND j.project = p.project AND j.account = 'wages_payable' AND j.book <> :party"
    " AND j.on_date <= :on AND j.position <= :known"
)
_MOVED: Final = """
    SELECT DISTINCT m.position FROM origin AS o CROSS JOIN claim AS c CROSS JOIN claim_move AS m
    WHERE o.tenant = :tenant AND c.tenant = o.tenant AND c.position = o.position
        AND (o.employer = :party OR c.employer = :party)
        AND m.tenant = c.tenant AND m.claim_position = c.position AND m.claim_line = c.line
        AND m.on_date <= :on AND m.position <= :known
"""
_NAMED: Final = (
    "SELECT n.party, n.position FROM {party_name} AS n WHERE n.tenant = :tenant"
    " AND n.on_date <= :on AND n.position <= :known"
)
_PROJECTS: Final = (
    "SELECT p.project, p.position, p.general_contractor FROM {project} AS p"
    " WHERE p.tenant = :tenant"
)
_POLICIES: Final = (
    "SELECT r.position FROM {policy_record} AS r WHERE r.tenant = :tenant AND r.position <= :known"
)
_TOLD: Final = (
    "SELECT h.project, h.summary, h.amount_fen FROM {history_event} AS h"
    " WHERE h.tenant = :tenant AND h.position = :position"
)
_EVENT: Final = "SELECT e.body FROM event AS e WHERE e.tenant = :tenant AND e.position = :position"
_LINES: Final = """
    SELECT l.line, l.claim_position, l.claim_line, coalesce(c.employer, o.employer) AS employer,
        o.employer AS first_employer
    FROM event_line AS l
    LEFT JOIN origin AS o ON o.tenant = l.tenant AND o.position = l.claim_position
    LEFT JOIN claim AS c ON c.tenant = l.tenant AND c.position = l.claim_position
        AND c.line = l.claim_line
    WHERE l.tenant = :tenant AND l.position = :position AND l.part = 0 ORDER BY l.line
"""
_APPROVALS: Final = (
    "SELECT s.position FROM {sheet_step} AS s WHERE s.tenant = :tenant AND s.sheet = :sheet"
    " AND s.step = 'approved' AND s.position <= :known"
)
_OWN: Final = ("employer", "party", "subcontractor")

Lines = dict[int, dict[int, tuple[int, int] | None]]
"""Lines that are shown, by position and number, each with the key of its claim."""


def bundle(
    view: View, party: str, *, since: str | None, until: str, known_at: int | None = None
) -> Answer:
    """What an evidence bundle of a party holds.

    Args:
        view: The ledger.
        party: Credit code.
        since: First day whose documents are shown with their lines; None for all.
        until: Day up to which everything counts.
        known_at: Position up to which what was recorded counts.

    Returns:
        ``{"party", "name", "positions", "lines", "figures", "events", "names"}``.

    Raises:
        LedgerError: ``unknown_party``.
    """
    cut = view.cut(until, known_at)
    name = require_party(view, cut, party)
    days = dict.fromkeys(day for day in (since, until) if day)
    figures = [
        _figure(explain(view, party, component, as_of=day, known_at=known_at))
        for day in days
        for component in COMPONENTS
    ]
    told = history(view, party, as_of=until, known_at=known_at)["events"]
    positions = {row["position"] for row in told}
    positions |= {line["position"] for figure in figures for line in figure["lines"]}
    at = {"party": party, "on": until, "known": cut.known}
    for beside in (_CONTRACTED, _MOVED):
        positions |= {row.position for row in view.rows(beside, **at)}
    bodies = {position: _body(view, position) for position in sorted(positions)}
    lines = _own_lines(view, party, bodies, since or "")
    _with_origins(view, lines, bodies, cut.known)
    _with_policies(view, bodies, cut.known)
    parties = _with_register(view, bodies, until, cut.known)
    return {
        "party": party,
        "name": name,
        "positions": sorted(bodies),
        "lines": lines,
        "figures": figures,
        "events": [_told(view, position, bodies[position]) for position in sorted(bodies)],
        "bodies": bodies,
        "names": names(view, cut, parties | {party}),
    }


def _figure(answer: Answer) -> dict[str, Any]:
    return {key: answer[key] for key in ("component", "as_of", "figure_fen", "lines")}


def _told(view: View, position: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the time line; dates and document as the event itself names them."""
    row = view.row(_TOLD, position=position)
    told = {name: getattr(row, name, None) for name in ("project", "summary", "amount_fen")}
    return {
        "position": position,
        **{name: body[name] for name in ("on", "recorded_at", "kind")},
        **told,
        "by": body.get("by"),
        "document": body.get("document"),
    }


def _body(view: View, position: int) -> dict[str, Any]:
    found = view.row(_EVENT, position=position)
    return {} if found is None else stored_json(found.body)


def _own_lines(
    view: View, party: str, bodies: Mapping[int, Mapping[str, Any]], since: str
) -> Lines:
    """Lines of the party by position and number, each with the key of its claim."""
    contractors = {row.project: row.general_contractor for row in view.rows(_PROJECTS)}
    own: Lines = {}
    for position, body in bodies.items():
        if "lines" not in body:
            continue
        own[position] = {}
        if body["on"] < since:
            continue
        fields = body["fields"]
        whole = (
            body.get("by") == party
            or party in {fields.get(name) for name in _OWN}
            or contractors.get(fields.get("project")) == party
        )
        for row in view.rows(_LINES, position=position):
            if whole or party in {row.employer, row.first_employer}:
                key = None if row.claim_position is None else (row.claim_position, row.claim_line)
                own[position][row.line] = key
    return own


def _with_origins(
    view: View,
    lines: Lines,
    bodies: dict[int, dict[str, Any]],
    known: int,
) -> None:
    """Add the posting that made each claim that a shown line names, and its approval."""
    keys = {key for shown in lines.values() for key in shown.values() if key is not None}
    for position, line in sorted(keys):
        if position not in bodies:
            bodies[position] = _body(view, position)
            sheet = bodies[position]["fields"].get("sheet")
            for row in view.rows(_APPROVALS, sheet=sheet, known=known) if sheet else ():
                bodies.setdefault(row.position, _body(view, row.position))
        if "lines" in bodies[position]:
            lines.setdefault(position, {}).setdefault(line, (position, line))
    for position, body in bodies.items():
        if "lines" in body:
            lines.setdefault(position, {})


def _with_policies(view: View, bodies: dict[int, dict[str, Any]], known: int) -> None:
    """Add the published policy records that the events used."""
    published = {row.position for row in view.rows(_POLICIES, known=known)}
    used = {
        record.get("position") for body in bodies.values() for record in body.get("policies", ())
    }
    for position in sorted(published & used):
        bodies.setdefault(position, _body(view, position))


def _with_register(
    view: View, bodies: dict[int, dict[str, Any]], until: str, known: int
) -> set[str]:
    """Add what registered the projects and parties that are named; returns the parties."""
    projects = {body["fields"].get("project") for body in bodies.values()}
    for row in view.rows(_PROJECTS):
        if row.project in projects and row.position <= known:
            bodies.setdefault(row.position, _body(view, row.position))
    parties = {
        str(body["fields"][name])
        for body in bodies.values()
        for name in PARTY_FIELDS
        if name in body["fields"]
    } | {str(body["by"]) for body in bodies.values() if "by" in body}
    for row in view.rows(_NAMED, on=until, known=known):
        if row.party in parties:
            bodies.setdefault(row.position, _body(view, row.position))
    return parties
