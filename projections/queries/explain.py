"""Why a figure is what it is: the lines that it is the sum of, each with its position.

A figure is named by what has it and by its key in the JSON of a read: a party and
``own_arrears``, a region and ``available``, a sheet and ``total``. A figure of a row in a list
is named by the list, the row and the key: ``debtors.<party>.receivable``. A figure of the books is
explained by journal lines with the sign of the debt; cells that add up to nothing on the date
(wages paid long ago) are left out, for they do not change the sum. The deposit's shortfall is no
balance: its lines are memoranda, floored at 0 for each project.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError
from projections.queries.deposit import covers
from projections.queries.explain_claims import (
    CLAIM_FIGURES,
    WORKER_FIGURES,
    claim_exists,
    worker_exists,
)
from projections.queries.explain_months import PARTY_MONTH, PROJECT_MONTH
from projections.queries.explain_papers import (
    ADVANCE_FIGURES,
    BATCH_FIGURES,
    CASE_FIGURES,
    NOTICE_FIGURES,
    SHEET_FIGURES,
    paper,
)
from projections.queries.explain_pots import (
    FUND_FIGURES,
    PROJECT_FIGURES,
    fund_exists,
    project_exists,
    shortfall,
)
from projections.queries.explaining import Line, Question, Rule, balance, booked, told_lines
from projections.queries.figures import names
from projections.queries.liability import FIGURES, HARD_DEBT
from projections.queries.paging import Answer, whole_number
from projections.view import Cut, View, unknown

Explainer = Callable[[Question], Iterator[Line] | list[Line]]

COMPONENTS: Final = tuple(name.removesuffix("_fen") for name in FIGURES)

# -- parties ------------------------------------------------------------------

_OWN: Final = "j.book = :party AND j.account = :account"
_OF_OTHERS: Final = (
    # The account is spelled out so that the index of wages by project is used.
    "p.tenant = :tenant AND p.general_contractor = :party AND j.project = p.project"
    " AND j.book <> :party AND j.account = 'wages_payable' AND j.due_on < :on"
)
_EVERY_WAGE: Final = "j.account = 'wages_payable' AND j.due_on < :on"
_EVENT: Final = (
    "SELECT h.position, h.on_date, h.project, h.amount_fen FROM {history_event} AS h"
    " WHERE h.tenant = :tenant AND h.position = :position AND h.position <= :known"
)

_BOOKED: Final[Mapping[str, tuple[str, str, int, Rule]]] = {
    "accrued_not_due_fen": ("wages_payable", " AND j.due_on >= :on", -1, Rule.NOT_DUE),
    "own_arrears_fen": ("wages_payable", " AND j.due_on < :on", -1, Rule.OVERDUE),
    "due_to_fund_fen": ("due_to_fund", "", -1, Rule.TO_FUND),
    "recourse_payable_fen": ("recourse_payable", "", -1, Rule.RECOURSE),
    "recourse_receivable_fen": ("recourse_receivable", "", 1, Rule.RECOURSE_TO_COME),
    "compensation_payable_fen": ("compensation_payable", "", -1, Rule.COMPENSATION),
}
"""Account, condition on the due date, sign of the debt, and the rule."""

ACCOUNTS: Final = (
    "wage_account", "in_transit", "deposit_cash", "deposit_interest", "suspense", "own_cash",
    "developer_receivable", "project_receivable", "labour_payable", "project_payable",
    "project_cost", "contract_income", "labour_cost", "subcontract_cost", "subcontract_income",
    "interest_income", "compensation_cost", "write_off_income", "wages_payable",
    "subcontractor_payable", "contractor_receivable", "due_from_fund",
)  # fmt: skip
"""Accounts of a party's book whose balance, debit positive, is asked for by its name alone.

Of the others, whose names are figures of `liability`, it is ``accounts.<account>.balance``.
"""


_ANY_ACCOUNT: Final = "accounts.balance_fen"
_OF_ACCOUNTS: Final = frozenset(f"{account}_fen" for account in ACCOUNTS)
_NO_ACCOUNT: Final = N_("only the balance of an account can be limited to a project")


def _booked(name: str) -> Explainer:
    account, due, sign, rule = _BOOKED[name]
    return lambda asked: booked(
        asked.view, asked.cut, rule, _OWN + due, sign=sign, party=asked.subject, account=account
    )


def _joint(asked: Question) -> Iterator[Line]:
    return booked(
        asked.view, asked.cut, Rule.JOINT, _OF_OTHERS, sign=-1, party=asked.subject,
        source="{project} AS p CROSS JOIN {journal_line} AS j",
    )  # fmt: skip


def _shortfall(asked: Question) -> Iterator[Line]:
    for cover in covers(asked.view, asked.cut, party=asked.subject):
        yield from shortfall(cover, asked.cut.on)


def _hard_debt(asked: Question) -> Iterator[Line]:
    for part in HARD_DEBT:
        yield from _booked(part)(asked)


def _balance_of(account: str) -> Explainer:
    return lambda asked: balance(asked, asked.subject, account)


def _balance(asked: Question) -> Iterator[Line]:
    return balance(asked, asked.subject, asked.row)


def _event(asked: Question) -> Iterator[Line]:
    """The amount of one event of a history; the row is its position."""
    position = whole_number(asked.row) or 0
    row = asked.view.row(_EVENT, position=position, known=asked.cut.known)
    if row is not None and row.amount_fen:
        yield Line(
            position=row.position, on=row.on_date, amount_fen=row.amount_fen, rule=Rule.EVENT,
            project=row.project or "",
        )  # fmt: skip


def _every_arrears(asked: Question) -> Iterator[Line]:
    return booked(asked.view, asked.cut, Rule.OVERDUE, _EVERY_WAGE, sign=-1)


PARTY_FIGURES: Final[Mapping[str, Explainer]] = {
    **{name: _booked(name) for name in _BOOKED},
    "joint_arrears_fen": _joint,
    "deposit_shortfall_fen": _shortfall,
    "hard_debt_fen": _hard_debt,
    **{f"{account}_fen": _balance_of(account) for account in ACCOUNTS},
    _ANY_ACCOUNT: _balance,
    "events.amount_fen": _event,
}
"""Figures of `liability`, balances of accounts, amounts of `history`."""

# -- whatever has figures -----------------------------------------------------


class Subject(NamedTuple):
    """A kind of thing that has figures: its figures, and whether there is one of a name."""

    figures: Mapping[str, Explainer]
    exists: Callable[[View, Cut, str], bool]


SYSTEM: Final = "system"
"""The subject that has the arrears of all parties together."""


def _paper(kind: str) -> Callable[[View, Cut, str], bool]:
    return lambda view, cut, name: paper(view, cut, kind, name) is not None


SUBJECTS: Final[Mapping[str, Subject]] = {
    "party": Subject(
        {**PARTY_FIGURES, **PARTY_MONTH}, lambda view, cut, name: name in names(view, cut, [name])
    ),
    "fund": Subject(FUND_FIGURES, fund_exists),
    "project": Subject({**PROJECT_FIGURES, **PROJECT_MONTH}, project_exists),
    "sheet": Subject(SHEET_FIGURES, _paper("sheet")),
    "batch": Subject(BATCH_FIGURES, _paper("batch")),
    "notice": Subject(NOTICE_FIGURES, _paper("notice")),
    "advance": Subject(ADVANCE_FIGURES, _paper("advance")),
    "case": Subject(CASE_FIGURES, _paper("case")),
    "claim": Subject(CLAIM_FIGURES, claim_exists),
    "worker": Subject(WORKER_FIGURES, worker_exists),
    SYSTEM: Subject({"system_arrears_fen": _every_arrears}, lambda _view, _cut, name: not name),
}
"""Every kind of subject, by the word that may stand before its id: ``sheet:S-1``."""


def explain(
    view: View,
    subject: str,
    component: str,
    *,
    as_of: str,
    known_at: int | None = None,
    project: str | None = None,
) -> Answer:
    """One figure of a subject with the lines that it is the sum of.

    Args:
        view: The ledger.
        subject: Credit code, region, or id of a project, sheet, batch, notice, advance, case,
            claim or worker; with the kind before it (``sheet:S-1``) where an id is given twice.
            ``system`` for the arrears of all.
        component: Key of the figure in JSON, with or without ``_fen``; ``<list>.<row>.<key>`` for
            a figure of a row; an account for its balance in a party's book.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        project: Of an account, only what concerns one project.

    Raises:
        LedgerError: ``unknown_...``, or ``bad_option`` for a figure that there is not.
    """
    cut = view.cut(as_of, known_at)
    figure, row = _figure(component)
    kind, name = _subject(view, cut, subject, figure)
    explainer = SUBJECTS[kind].figures.get(figure)
    if explainer is None:
        raise _no_such_figure(kind, component)
    account = figure == _ANY_ACCOUNT or (kind == "party" and figure in _OF_ACCOUNTS)
    if project is not None and not account:
        raise LedgerError("bad_option", option="--project", value=project, problem=_NO_ACCOUNT)
    lines = list(explainer(Question(view, cut, name, row, project)))
    return {
        "subject": f"{kind}:{name}" if name else kind,
        **({"party": name} if kind == "party" else {}),
        "component": component if row else figure,
        "as_of": as_of,
        "known_at": known_at,
        "position": view.position,
        "figure_fen": sum(line.amount_fen for line in lines),
        "lines": told_lines(view, lines),
    }


def _figure(component: str) -> tuple[str, str]:
    """The figure as the tables name it, and the row that has it.

    Ids may hold full stops, names of lists and keys do not.
    """
    named = component if component.endswith("_fen") else f"{component}_fen"
    first, _stop, rest = named.partition(".")
    row, _stop, key = rest.rpartition(".")
    if not rest or first == "liability":
        return rest or first, ""
    return f"{first}.{key}", row


def _subject(view: View, cut: Cut, subject: str, figure: str) -> tuple[str, str]:
    """Kind and id of what is meant.

    Raises:
        LedgerError: ``unknown_...``; ``bad_option`` where two things are.
    """
    kind, colon, name = subject.partition(":")
    if colon and kind in SUBJECTS:
        if not SUBJECTS[kind].exists(view, cut, name):
            raise unknown(kind, name)
        return kind, name
    if subject == SYSTEM:
        return SYSTEM, ""
    there = [kind for kind, each in SUBJECTS.items() if each.exists(view, cut, subject)]
    if not there:
        raise unknown(_likely(subject), subject)
    having = [kind for kind in there if figure in SUBJECTS[kind].figures]
    if len(having) > 1:
        choices = ", ".join(f"{kind}:{subject}" for kind in having)
        raise LedgerError("bad_option", option="SUBJECT", value=subject, problem=choices)
    return (having or there)[0], subject


_PARTY_LENGTH: Final = 18
_REGION_LENGTH: Final = 6


def _likely(subject: str) -> str:
    """What an unknown id was probably meant to be."""
    if len(subject) == _REGION_LENGTH and subject.isdigit():
        return "fund"
    if "/" in subject:
        return "claim"
    return "party" if len(subject) == _PARTY_LENGTH and subject.isalnum() else "project"


def _no_such_figure(kind: str, component: str) -> LedgerError:
    known = ", ".join(
        name.removesuffix("_fen") if "." not in name else _row_of(name)
        for name in SUBJECTS[kind].figures
        if kind != "party" or name in FIGURES
    )
    return LedgerError("bad_option", option="COMPONENT", value=component, problem=known)


def _row_of(figure: str) -> str:
    """How a figure of a row is written, for people: ``debtors.ROW.receivable``."""
    rows, _stop, key = figure.partition(".")
    return f"{rows}.ROW.{key.removesuffix('_fen')}"
