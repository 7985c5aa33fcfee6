"""Arrears cases: the list of them, and one with its orders, decisions, claims and amounts."""

from typing import Any, Final

from projections.queries.claim import claim_rows, told
from projections.queries.figures import balances
from projections.queries.paging import Answer, after_position, listed, page
from projections.view import Cut, Row, View, unknown

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

STATES: Final = ("open", "closed")
_NAMING_CLAIMS: Final = (
    "'ClaimAsserted', 'CaseClaimsLinked', 'PaymentNoticeIssued', 'AdvanceRequested'"
)

_CASES: Final = """
    SELECT c.case_id, c.position, c.on_date, c.project, c.employer, c.source, p.general_contractor,
        (SELECT s.kind FROM {case_step} AS s WHERE s.tenant = c.tenant AND s.case_id = c.case_id
            AND s.kind IN ('CaseClosed', 'CaseReopened') AND s.on_date <= :on
            AND s.position <= :known ORDER BY s.position DESC LIMIT 1) AS last_step,
        (SELECT s.outcome FROM {case_step} AS s WHERE s.tenant = c.tenant
            AND s.case_id = c.case_id AND s.kind = 'CaseClosed' AND s.on_date <= :on
            AND s.position <= :known ORDER BY s.position DESC LIMIT 1) AS result,
        (SELECT max(s.deadline_on) FROM {case_step} AS s WHERE s.tenant = c.tenant
            AND s.case_id = c.case_id AND s.on_date <= :on AND s.position <= :known)
            AS deadline_on
    FROM {case_file} AS c
    LEFT JOIN {project} AS p ON p.tenant = c.tenant AND p.project = c.project
    WHERE c.tenant = :tenant AND c.on_date <= :on AND c.position <= :known
"""
_STEPS: Final = """
    SELECT s.position, s.on_date, s.kind, s.deadline_on, s.outcome, s.debtor, s.ref, s.amount_fen,
        s.workers
    FROM {case_step} AS s WHERE s.tenant = :tenant AND s.case_id = :case_id AND s.on_date <= :on
        AND s.position <= :known ORDER BY s.position
"""
_CLAIM_KEYS: Final = f"""
    SELECT DISTINCT l.claim_position, l.claim_line FROM {{case_step}} AS s
    CROSS JOIN event_line AS l
    WHERE s.tenant = :tenant AND s.case_id = :case_id AND s.on_date <= :on AND s.position <= :known
        AND s.kind IN ({_NAMING_CLAIMS}) AND l.tenant = s.tenant AND l.position = s.position
        AND l.part = 0 AND l.claim_position IS NOT NULL
    ORDER BY l.claim_position, l.claim_line
"""


def case_list(
    view: View,
    *,
    as_of: str,
    known_at: int | None = None,
    state: str | None = None,
    party: str | None = None,
    project: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """Cases in the order of their opening.

    Args:
        view: The ledger.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        state: ``open`` or ``closed``.
        party: The employer, or the general contractor of the project.
        project: Of one project.
        limit: Rows of a page.
        after: Cursor of the page before.
    """
    cut = view.cut(as_of, known_at)
    sql = f"{_CASES} AND c.position > :after"
    values: dict[str, object] = {"on": cut.on, "known": cut.known, "after": after_position(after)}
    if party is not None:
        sql += " AND (c.employer = :party OR p.general_contractor = :party)"
        values["party"] = party
    if project is not None:
        sql, values["project"] = f"{sql} AND c.project = :project", project
    states = listed(state)
    cases = [_case(row) for row in view.rows(f"{sql} ORDER BY c.position", **values)]
    told_cases = [case for case in cases if not states or case["state"] in states]
    shown, following = page(told_cases, limit, lambda one: str(one["position"]))
    return {"as_of": as_of, "position": view.position, "cases": shown, "next": following}


def case_show(view: View, case: str, *, as_of: str, known_at: int | None = None) -> Answer:
    """One case: what was ordered and decided, and its claims on the date.

    Raises:
        LedgerError: ``unknown_case``.
    """
    cut = view.cut(as_of, known_at)
    row = view.row(f"{_CASES} AND c.case_id = :case_id", case_id=case, on=cut.on, known=cut.known)
    if row is None:
        raise unknown("case", case)
    claims = [told(claim) for claim in case_claims(view, cut, case)]
    owed = balances(
        view, cut, "b.book", "b.account = 'compensation_payable' AND b.counterparty = :case_id"
        " AND b.book IN (SELECT s.debtor FROM {case_step} AS s WHERE s.tenant = b.tenant"
        " AND s.case_id = :case_id AND s.kind = 'ExtraCompensationOrdered')",
        case_id=case,
    )  # fmt: skip
    return {
        "as_of": as_of,
        **_case(row),
        "opened_position": row.position,
        "position": view.position,
        "open_fen": sum(claim["open_fen"] for claim in claims),
        "arrears_fen": sum(
            claim["open_fen"] for claim in claims if claim["due_on"] < as_of
        ),
        "compensation_payable_fen": -sum(owed.values()),
        "steps": [
            {
                "position": step.position,
                "on": step.on_date,
                "kind": step.kind,
                "deadline_on": step.deadline_on,
                "outcome": step.outcome,
                "debtor": step.debtor,
                "ref": step.ref,
                "amount_fen": step.amount_fen,
                "workers": step.workers,
            }
            for step in view.rows(_STEPS, case_id=case, on=cut.on, known=cut.known)
        ],
        "claims": claims,
    }  # fmt: skip


def case_claims(view: View, cut: Cut, case: str) -> list[Row]:
    """Claims of a case that exist: asserted in it, linked to it, on its notices and advances."""
    found: list[Row] = []
    for key in view.rows(_CLAIM_KEYS, case_id=case, on=cut.on, known=cut.known):
        found += claim_rows(view, cut, origin=key.claim_position, line=key.claim_line)
    return found


def _case(row: Row) -> dict[str, Any]:
    closed = row.last_step == "CaseClosed"
    return {
        "case": row.case_id,
        "position": row.position,
        "on": row.on_date,
        "project": row.project,
        "employer": row.employer,
        "general_contractor": row.general_contractor,
        "source": row.source,
        "state": "closed" if closed else "open",
        "result": row.result if closed else None,
        "deadline_on": row.deadline_on,
    }
