"""Why the figures of sheets, batches, notices, advances and cases are what they are."""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from projections.queries.explain_claims import PARTS, of_case, of_claim
from projections.queries.explaining import Line, Question, Rule, booked, of_document, turned
from projections.queries.lines import document_lines
from projections.queries.payout import answers_of, line_state
from projections.view import Cut, Row, View

Explainer = Callable[[Question], Iterator[Line] | list[Line]]

_REGISTERS: Final[Mapping[str, tuple[str, str]]] = {
    "sheet": ("sheet", "sheet"),
    "batch": ("batch", "batch"),
    "notice": ("notice", "notice"),
    "advance": ("advance", "advance"),
    "case": ("case_file", "case_id"),
}
"""Table and column of each register of papers."""


def paper(view: View, cut: Cut, kind: str, name: str) -> Row | None:
    """A paper that was recorded, or None."""
    table, column = _REGISTERS[kind]
    return view.row(
        f"SELECT p.position, p.on_date, p.project FROM {{{table}}} AS p WHERE p.tenant = :tenant"
        f" AND p.{column} = :name AND p.on_date <= :on AND p.position <= :known",
        name=name, on=cut.on, known=cut.known,
    )  # fmt: skip


def _lines_of(kind: str, *, by_row: bool = False) -> Explainer:
    """The lines of the paper itself, or the one of the row."""

    def lines(asked: Question) -> Iterator[Line]:
        row = paper(asked.view, asked.cut, kind, asked.subject)
        if row is None or (by_row and not asked.row):
            return iter(())
        return of_document(
            asked.view, row.position, row.on_date, Rule.LINE, project=row.project,
            sheet=asked.subject if kind == "sheet" else None, row=asked.row if by_row else "",
        )  # fmt: skip

    return lines


# -- sheets -------------------------------------------------------------------


def _memo_of_line(field: str) -> Explainer:
    """Another amount that a line of a sheet names."""

    def lines(asked: Question) -> Iterator[Line]:
        row = paper(asked.view, asked.cut, "sheet", asked.subject)
        for line in document_lines(asked.view, row.position) if row is not None else ():
            claim = f"{asked.subject}/{line.line}"
            if asked.row in {str(line.line), claim} and row is not None and line.fields.get(field):
                yield Line(
                    position=row.position, on=row.on_date, amount_fen=line.fields[field],
                    rule=Rule.LINE, project=row.project, claim=claim,
                )  # fmt: skip

    return lines


def _claim_of_line(figure: str) -> Explainer:
    """A figure of the claim that a line of a sheet became."""

    def lines(asked: Question) -> Iterator[Line]:
        name = asked.row if "/" in asked.row else f"{asked.subject}/{asked.row}"
        return of_claim(asked, name, PARTS[figure])

    return lines


SHEET_FIGURES: Final[Mapping[str, Explainer]] = {
    "total_fen": _lines_of("sheet"),
    "lines.amount_fen": _lines_of("sheet", by_row=True),
    "lines.gross_fen": _memo_of_line("gross_fen"),
    "lines.deductions_fen": _memo_of_line("deductions_fen"),
    "lines.paid_fen": _claim_of_line("paid_fen"),
    "lines.in_transit_fen": _claim_of_line("in_transit_fen"),
    "lines.open_fen": _claim_of_line("open_fen"),
}
"""Figures of `payroll list` and `payroll show`."""

# -- batches ------------------------------------------------------------------


def _answered(state: str, rule: Rule) -> Explainer:
    """Lines of a batch in a state, each where the bank's last word on it is recorded."""

    def lines(asked: Question) -> Iterator[Line]:
        batch = paper(asked.view, asked.cut, "batch", asked.subject)
        if batch is None:
            return
        said = answers_of(asked.view, asked.cut, batch.position)
        for line in document_lines(asked.view, batch.position):
            on, answer = said.get(line.key, (batch.on_date, None))
            if line_state(answer) == state and line.amount_fen:
                yield Line(
                    position=batch.position if answer is None else answer.position, on=on,
                    amount_fen=line.amount_fen, rule=rule, account="in_transit",
                    project=batch.project, claim=line.claim,
                )  # fmt: skip

    return lines


BATCH_FIGURES: Final[Mapping[str, Explainer]] = {
    "total_fen": _lines_of("batch"),
    "pending_fen": _answered("pending", Rule.UNANSWERED),
    "settled_fen": _answered("settled", Rule.CONFIRMED),
    "returned_fen": _answered("returned", Rule.CAME_BACK),
    "lines.amount_fen": _lines_of("batch", by_row=True),
}
"""Figures of `payout list` and `payout show`."""

# -- notices and advances -----------------------------------------------------

_OF_NOTICE: Final = (
    "SELECT s.position, s.on_date, s.step FROM {notice_step} AS s WHERE s.tenant = :tenant"
    " AND s.notice = :name AND s.on_date <= :on AND s.position <= :known ORDER BY s.position"
)
_OF_ADVANCE: Final = _OF_NOTICE.replace("notice", "advance")


def _drawn(asked: Question) -> Iterator[Line]:
    at = {"name": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
    for step in asked.view.rows(_OF_NOTICE, **at):
        if step.step != "withdrawn":
            yield from of_document(
                asked.view, step.position, step.on_date,
                Rule.CAME_BACK if step.step == "bounced" else Rule.DRAWN,
                sign=-1 if step.step == "bounced" else 1,
            )  # fmt: skip


def _undrawn(asked: Question) -> Iterator[Line]:
    at = {"name": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
    if any(step.step == "withdrawn" for step in asked.view.rows(_OF_NOTICE, **at)):
        return
    yield from NOTICE_FIGURES["total_fen"](asked)
    yield from turned(_drawn(asked), Rule.LESS_DRAWN)


NOTICE_FIGURES: Final[Mapping[str, Explainer]] = {
    "total_fen": _lines_of("notice"),
    "drawn_fen": _drawn,
    "undrawn_fen": _undrawn,
}
"""Figures of `deposit notices`."""


def _steps_of_advance(step: str, rule: Rule) -> Explainer:
    def lines(asked: Question) -> Iterator[Line]:
        at = {"name": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
        for row in asked.view.rows(_OF_ADVANCE, **at):
            if row.step == step:
                yield from of_document(asked.view, row.position, row.on_date, rule)

    return lines


ADVANCE_FIGURES: Final[Mapping[str, Explainer]] = {
    "total_fen": _lines_of("advance"),
    "paid_fen": _steps_of_advance("paid", Rule.PAID),
    "returned_fen": _steps_of_advance("returned", Rule.CAME_BACK),
}
"""Figures of `fund advance list`."""

# -- cases --------------------------------------------------------------------

_STEP: Final = (
    "SELECT s.position, s.on_date, s.amount_fen FROM {case_step} AS s WHERE s.tenant = :tenant"
    " AND s.case_id = :case_id AND s.on_date <= :on AND s.position <= :known"
)
_COMPENSATION: Final = (
    "j.account = 'compensation_payable' AND j.counterparty = :case_id AND j.book IN ("
    "SELECT s.debtor FROM {case_step} AS s WHERE s.tenant = :tenant AND s.case_id = :case_id"
    " AND s.kind = 'ExtraCompensationOrdered')"
)


def _step(asked: Question) -> Iterator[Line]:
    at = {"case_id": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
    for row in asked.view.rows(_STEP, **at):
        if str(row.position) == asked.row and row.amount_fen:
            yield Line(
                position=row.position, on=row.on_date, amount_fen=row.amount_fen, rule=Rule.EVENT
            )


def _compensation(asked: Question) -> Iterator[Line]:
    return booked(
        asked.view, asked.cut, Rule.COMPENSATION, _COMPENSATION, sign=-1, case_id=asked.subject
    )


def _claim_of_case(figure: str) -> Explainer:
    return lambda asked: of_claim(asked, asked.row, PARTS[figure])


CASE_FIGURES: Final[Mapping[str, Explainer]] = {
    "open_fen": lambda asked: of_case(asked, PARTS["open_fen"], overdue=False),
    "arrears_fen": lambda asked: of_case(asked, PARTS["open_fen"], overdue=True),
    "compensation_payable_fen": _compensation,
    "steps.amount_fen": _step,
    **{f"claims.{figure}": _claim_of_case(figure) for figure in PARTS},
}
"""Figures of `case show`."""
