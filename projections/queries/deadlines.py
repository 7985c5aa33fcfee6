"""Deadlines of a project that somebody must watch on a day.

Working days are Monday to Friday: public holidays are not known to this version, so a deadline
across a holiday is really later. Each deadline names what it is about in ``ref``.

Legal source: 人社部发〔2021〕65号 arts. 17 to 22 (deposit), 人社部发〔2021〕53号 (wage account),
Decree 724 art. 27 (closing), and the orders and decisions of the cases.
"""

from datetime import date, timedelta
from typing import Any, Final

from ledger.domain.policy import PolicyBook
from ledger.kernel.dates import add_days
from projections.queries.deposit import Cover, deposit_notices
from projections.queries.policy import number
from projections.view import Cut, Row, View

ACCOUNT: Final = "wage_account"
"""Key of the wage account's state, ``open`` or ``closed``, among a project's steps."""

_SATURDAY: Final = 5

_ORDERS: Final = """
    SELECT s.case_id, s.kind, s.deadline_on FROM {case_file} AS c
    JOIN {case_step} AS s ON s.tenant = c.tenant AND s.case_id = c.case_id
    WHERE c.tenant = :tenant AND c.project = :project
        AND s.kind IN ('CorrectionOrdered', 'DecisionIssued')
        AND s.on_date <= :on AND s.position <= :known
        AND coalesce((SELECT k.kind FROM {case_step} AS k WHERE k.tenant = c.tenant
            AND k.case_id = c.case_id AND k.kind IN ('CaseClosed', 'CaseReopened')
            AND k.on_date <= :on AND k.position <= :known
            ORDER BY k.position DESC LIMIT 1), '') <> 'CaseClosed'
    ORDER BY s.deadline_on, s.position
"""


def add_working_days(on: str, days: int) -> str:
    """Day that lies a number of working days after another (Monday to Friday)."""
    day = date.fromisoformat(on)
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            days -= 1
    return day.isoformat()


def later(on: str, days: int) -> str:
    """Day that lies a number of calendar days after another (before it, when negative)."""
    return add_days(date.fromisoformat(on), days).isoformat()


def deadlines(
    view: View,
    cut: Cut,
    project: Row,
    steps: dict[str, str],
    cover: Cover,
    book: PolicyBook,
) -> list[dict[str, Any]]:
    """Deadlines that stand on a day, earliest first.

    Args:
        view: The ledger.
        cut: What counts.
        project: Its row in the register.
        steps: Latest day of ``completed``, and the state of the wage account (``ACCOUNT``).
        cover: Its deposit.
        book: The policy book.

    Returns:
        ``{"kind", "on", "ref"}`` each. Kinds: wage_account_opening, wage_account_closing (first
        day on which it may close), deposit_lodging, deposit_replenishing, guarantee_reminder,
        guarantee_expiry, notice_payment, case_order, case_decision.
    """
    name, region, on = project.project, project.region, cut.on

    def days(parameter: str) -> int:
        return number(book, parameter, region, on)

    found: list[tuple[str, str, str]] = []
    if ACCOUNT not in steps:
        opening = later(project.contract_on, days("wage_account.open_days"))
        found.append(("wage_account_opening", opening, name))
    elif "completed" in steps and steps[ACCOUNT] == "open":
        closing = later(steps["completed"], days("wage_account.close_notice_days"))
        found.append(("wage_account_closing", closing, name))
    if cover.shortfall_fen(on):
        if cover.last_draw_on:
            by = add_working_days(cover.last_draw_on, days("deposit.replenish_within_wd"))
            found.append(("deposit_replenishing", by, name))
        else:
            by = add_working_days(cover.first_assessed_on, days("deposit.open_within_wd"))
            found.append(("deposit_lodging", by, name))
    for ref, guarantee in cover.guarantees.items():
        if guarantee.left_fen(on):
            reminder = later(guarantee.valid_to, -days("guarantee.expiry_reminder_days"))
            found.append(("guarantee_reminder", reminder, ref))
            found.append(("guarantee_expiry", guarantee.valid_to, ref))
    open_notices = deposit_notices(
        view, as_of=cut.on, known_at=cut.known, project=name, state="open"
    )
    for notice in open_notices["notices"]:
        by = add_working_days(notice["on"], days("deposit.bank_pay_within_wd"))
        found.append(("notice_payment", by, notice["notice"]))
    for row in view.rows(_ORDERS, project=name, on=on, known=cut.known):
        kind = "case_order" if row.kind == "CorrectionOrdered" else "case_decision"
        found.append((kind, row.deadline_on, row.case_id))
    return [
        {"kind": kind, "on": day, "ref": ref}
        for kind, day, ref in sorted(found, key=lambda one: (one[1], one[0], one[2]))
    ]
