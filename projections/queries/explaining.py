"""What an explanation is made of: lines, each with its position, its document and its rule.

A line is a journal line or a memorandum (what was assessed, called, approved on a claim). The
amounts of the lines of an explanation sum to the figure that it explains.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from projections.queries.lines import document_lines, stored_json
from projections.queries.paging import Answer
from projections.view import Cut, View


class Rule(StrEnum):
    """Why a line counts in a figure."""

    NOT_DUE = "L0 wages not due yet"
    OVERDUE = "L1 wages due before the date"
    JOINT = "L2 wages of others on own projects"
    TO_FUND = "L3 advances of the fund to repay"
    REQUIRED = "L4 required by the assessment"
    LESS_CASH = "L4 less cash on the deposit"
    LESS_GUARANTEES = "L4 less guarantees valid on the date"
    RECOURSE = "L5 cleared beyond the labour part owed"
    RECOURSE_TO_COME = "recourse to come"
    COMPENSATION = "L6 extra compensation ordered"
    BALANCE = "balance of the account"
    FLOOR = "floor of the fund"
    LESS_CASH_OF_FUND = "less cash of the fund"
    LESS_REFUNDS = "less refunds owed"
    LESS_COMMITTED = "less what is committed"
    REFUNDS = "refunds owed"
    COMMITTED = "committed by an approval until it is paid or rejected"
    RECOVERED = "repaid by debtors"
    PRICE = "contract price in force"
    LESS_SETTLED = "less what settled the price"
    CERTIFIED = "certified labour cost due before the date"
    LESS_TRANSFERRED = "less what the developer transferred"
    WAGES = "wages approved and open"
    LESS_TRANSIT = "less what is in transit"
    LESS_ASSERTED = "less open claims without a sheet"
    LESS_ACCOUNT = "less what the wage account may pay"
    GUARANTEE = "face of the guarantee"
    CALLED = "called from the guarantee"
    NET = "net wage, as approved or asserted"
    REDUCED = "reduction of the claim"
    PAID = "paid on the claim"
    LESS_PAID = "less what is paid"
    TRANSIT = "instructed, not yet confirmed by the bank"
    LINE = "line of the document"
    DRAWN = "drawn on the notice"
    LESS_DRAWN = "less what is drawn"
    CONFIRMED = "confirmed by the bank"
    CAME_BACK = "returned by the bank"
    UNANSWERED = "not answered by the bank yet"
    MOVED = "moved in the month"
    EVENT = "amount of the posting"
    DUE_NOW = "fell due in between"
    DATED = "dated in between"
    LEARNT = "recorded in between"
    VALIDITY = "began or ceased to count in between"
    NEVER_BELOW = "never below zero"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an explanation; ``kind`` and ``document`` are those of the event."""

    position: int
    on: str
    amount_fen: int
    rule: Rule
    book: str = ""
    account: str = ""
    project: str = ""
    counterparty: str = ""
    due_on: str = ""
    claim: str | None = None

    def times(self, sign: int) -> "Line":
        """The same with its sign kept or turned."""
        return replace(self, amount_fen=sign * self.amount_fen)


@dataclass(frozen=True)
class Question:
    """What is asked: of which subject, and of which row of one of its lists.

    Attributes:
        row: Id of a row: a party among debtors, a claim among lines. Empty for the subject's own
            figures.
        project: Limits balances of accounts to one project.
    """

    view: View
    cut: Cut
    subject: str
    row: str = ""
    project: str | None = None


_COUNTED: Final = "j.tenant = :tenant AND j.on_date <= :on AND j.position <= :known"
_OPEN_CELLS: Final = """
    SELECT q.position, q.on_date, q.book, q.account, q.project, q.counterparty, q.due_on,
        q.amount_fen FROM (
        SELECT j.position, j.seq, j.on_date, j.book, j.account, j.project, j.counterparty,
            j.due_on, j.amount_fen, sum(j.amount_fen) OVER (PARTITION BY j.book, j.account,
                j.project, j.counterparty, j.due_on) AS cell_fen
        FROM {source} WHERE {where}) AS q
    WHERE q.cell_fen <> 0 ORDER BY q.on_date, q.position, q.seq
"""


def booked(
    view: View,
    cut: Cut,
    rule: Rule,
    where: str,
    *,
    sign: int = 1,
    source: str = "{journal_line} AS j",
    **values: object,
) -> Iterator[Line]:
    """Journal lines that count, of cells that do not add up to nothing.

    Args:
        view: The ledger.
        cut: What counts.
        rule: Why they are in the figure.
        where: Condition on the lines ``j``.
        sign: -1 for what the books hold as a credit.
        source: Tables, where the lines come by way of another one.
        values: What the condition names.
    """
    sql = _OPEN_CELLS.format(source=source, where=f"{_COUNTED} AND {where}")
    for row in view.rows(sql, on=cut.on, known=cut.known, **values):
        yield Line(
            position=row.position, on=row.on_date, amount_fen=sign * row.amount_fen, rule=rule,
            book=row.book, account=row.account, project=row.project,
            counterparty=row.counterparty, due_on=row.due_on,
        )  # fmt: skip


def balance(asked: Question, book: str, account: str) -> Iterator[Line]:
    """Lines of the balance of an account, debit positive, as `journal` runs it."""
    where = "j.book = :book AND j.account = :account"
    values: dict[str, Any] = {"book": book, "account": account}
    if asked.project is not None:
        where, values["project"] = f"{where} AND j.project = :project", asked.project
    return booked(asked.view, asked.cut, Rule.BALANCE, where, **values)


def facts(
    view: View, cut: Cut, rule: Rule, sql: str, *, sign: int = 1, **values: object
) -> Iterator[Line]:
    """Facts of a read model that count, with their amounts.

    Args:
        view: The ledger.
        cut: What counts.
        rule: Why they are in the figure.
        sql: Gives ``position``, ``on_date``, ``amount_fen``, ``book``, ``account``, ``project``,
            ``counterparty``; may name ``:on`` and ``:known``.
        sign: -1 for what is taken away.
        values: What else it names.
    """
    for row in view.rows(sql, on=cut.on, known=cut.known, **values):
        if row.amount_fen:
            yield Line(
                position=row.position, on=row.on_date, amount_fen=sign * row.amount_fen,
                rule=rule, book=row.book, account=row.account, project=row.project,
                counterparty=row.counterparty,
            )  # fmt: skip


def of_document(  # noqa: PLR0913 - what a line of a document has
    view: View,
    position: int,
    on: str,
    rule: Rule,
    *,
    sign: int = 1,
    account: str = "",
    project: str = "",
    sheet: str | None = None,
    row: str = "",
) -> Iterator[Line]:
    """Lines of the document recorded at a position; one of them where a row is named.

    Args:
        view: The ledger.
        position: Of the document.
        on: Its day.
        rule: Why they are in the figure.
        sign: -1 for what is taken away.
        account: What they stand under.
        project: Of the document.
        sheet: Name of the sheet that it is: its lines become claims.
        row: Number or claim of the line that alone is meant.
    """
    for line in document_lines(view, position):
        claim = line.claim if sheet is None else f"{sheet}/{line.line}"
        if line.amount_fen and row in {"", str(line.line), claim}:
            yield Line(
                position=position, on=on, amount_fen=sign * line.amount_fen, rule=rule,
                account=account, project=project, claim=claim,
            )  # fmt: skip


def not_below_zero(lines: Iterable[Line]) -> list[Line]:
    """Lines of a figure that is never below zero: none where they would sum to less."""
    found = list(lines)
    return found if sum(line.amount_fen for line in found) > 0 else []


def turned(lines: Iterable[Line], rule: Rule) -> Iterator[Line]:
    """Lines with the other sign, taken away by another rule."""
    for line in lines:
        yield replace(line.times(-1), rule=rule)


# -- documents ----------------------------------------------------------------

_BODIES: Final = "SELECT e.position, e.kind, e.body FROM event AS e WHERE e.tenant = :tenant"
_AT_ONCE: Final = 100
_NAMES: Final = ", ".join(f":p{number}" for number in range(_AT_ONCE))
_NAMING: Final = (
    "batch", "sheet", "notice", "advance", "guarantee", "claim", "case", "bank_ref",
    "statement_id",
)  # fmt: skip
"""Fields that name the document of a posting, the nearest to the money first."""


def bodies(view: View, positions: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What postings say, with their kind, by their positions."""
    found: dict[int, dict[str, Any]] = {}
    wanted = sorted(set(positions))
    for start in range(0, len(wanted), _AT_ONCE):
        chunk = wanted[start : start + _AT_ONCE]
        chunk += chunk[-1:] * (_AT_ONCE - len(chunk))
        asked = {f"p{number}": position for number, position in enumerate(chunk)}
        for row in view.rows(f"{_BODIES} AND e.position IN ({_NAMES})", **asked):
            found[row.position] = {**stored_json(row.body), "kind": row.kind}
    return found


def document_of(body: Mapping[str, Any]) -> str:
    """The document of a posting: ``batch:B-01``, as `explain` takes it where it has figures."""
    fields: Mapping[str, Any] = body.get("fields") or {}
    for name in _NAMING:
        if fields.get(name) is not None:
            return f"{name}:{fields[name]}"
    number = (body.get("document") or {}).get("number")
    if number is not None:
        return f"document:{number}"
    earlier = fields.get("reverses") or fields.get("position")
    return f"position:{earlier}" if earlier is not None else ""


def told_lines(view: View, lines: list[Line]) -> list[Answer]:
    """Lines as an answer tells them."""
    known = bodies(view, (line.position for line in lines if line.position))
    return [
        {
            "position": line.position or None,
            "on": line.on,
            "kind": known.get(line.position, {}).get("kind"),
            "book": line.book,
            "account": line.account,
            "project": line.project,
            "counterparty": line.counterparty,
            "due_on": line.due_on,
            "amount_fen": line.amount_fen,
            "rule": line.rule.value,
            "document": document_of(known.get(line.position, {})),
            "claim": line.claim,
        }
        for line in lines
    ]
