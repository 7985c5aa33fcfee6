"""A worker's receipt: the claim, and where in the log it was made, approved, paid and returned.

Only positions and line numbers: the bytes that prove them are taken from the log itself.
"""

from typing import Any, Final

from projections.queries.claim import claim_show, key_of
from projections.queries.figures import names
from projections.queries.paging import Answer
from projections.view import View

_STEPS: Final = """
    SELECT m.position, m.line FROM claim_move AS m
    WHERE m.tenant = :tenant AND m.claim_position = :position AND m.claim_line = :line
        AND m.on_date <= :on AND m.position <= :known
    UNION
    SELECT t.position, 0 FROM {attribution} AS t WHERE t.tenant = :tenant
        AND t.claim_position = :position AND t.claim_line = :line AND t.on_date <= :on
        AND t.position <= :known
    ORDER BY 1, 2
"""
_APPROVALS: Final = """
    SELECT s.position FROM {sheet} AS h JOIN {sheet_step} AS s ON s.tenant = h.tenant
        AND s.sheet = h.sheet
    WHERE h.tenant = :tenant AND h.position = :position AND s.step = 'approved'
        AND s.on_date <= :on AND s.position <= :known ORDER BY s.position
"""
_ATTRIBUTED: Final = (
    "SELECT l.line FROM event_line AS l WHERE l.tenant = :tenant AND l.position = :at"
    " AND l.part = 0 AND l.claim_position = :position AND l.claim_line = :line ORDER BY l.line"
)
_PROJECT: Final = (
    "SELECT p.name FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project"
)


def receipt(view: View, claim: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """One claim with the positions and lines that tell of it.

    Args:
        view: The ledger.
        claim: ``<sheet>/<line>``, or the id of an asserted claim.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.

    Returns:
        The claim's figures with the names of employer and project, its ``moves``, and ``places``:
        numbers of its lines by position, in the order of the log.

    Raises:
        LedgerError: ``unknown_claim``, also while its sheet is not approved.
    """
    cut = view.cut(as_of, known_at)
    told = claim_show(view, claim, as_of=as_of, known_at=known_at)
    position, line = key_of(view, claim) or (0, 0)
    at = {"position": position, "line": line, "on": cut.on, "known": cut.known}
    places: dict[int, set[int]] = {position: {line}}
    for row in view.rows(_STEPS, **at):
        found = places.setdefault(row.position, set())
        if row.line:
            found.add(row.line)
        else:
            key = {"position": position, "line": line}
            found |= {each.line for each in view.rows(_ATTRIBUTED, at=row.position, **key)}
    approval = {name: at[name] for name in ("position", "on", "known")}
    for row in view.rows(_APPROVALS, **approval):
        places.setdefault(row.position, set())
    project = view.row(_PROJECT, project=told["project"])
    answer: dict[str, Any] = {
        **told,
        "line": line,
        "employer_name": names(view, cut, [told["employer"]]).get(told["employer"], ""),
        "project_name": project.name if project is not None else "",
        "places": {at: sorted(lines) for at, lines in sorted(places.items())},
    }
    return answer
