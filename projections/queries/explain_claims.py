"""Why the figures of claims and workers are what they are.

A claim's figures are what was approved or asserted, and every move of it since: reductions,
instructions, settlements, returns, payments from elsewhere.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ledger.domain import effects
from projections.queries.case import case_claims
from projections.queries.claim import ORIGINS_OF_A_WORKER, claim_rows, key_of
from projections.queries.explaining import Line, Question, Rule
from projections.view import Cut, View, unknown

Key = tuple[int, int]

_ONE: Final = "SELECT CAST(:at AS BIGINT) AS position, CAST(:of AS BIGINT) AS line"
_OF_WORKER: Final = (
    f"SELECT c.position, c.line FROM {ORIGINS_OF_A_WORKER} AS w CROSS JOIN claim AS c"
    " WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker"
)
_OF_PROJECT: Final = (
    "SELECT a.position, 1 AS line FROM {asserted_claim} AS a WHERE a.tenant = :tenant"
    " AND a.project = :project AND a.on_date <= :on AND a.position <= :known"
)
_ACCRUED: Final = """
    SELECT c.position, c.line, o.name, o.asserted, o.project, o.due_on,
        coalesce(c.employer, o.employer) AS employer, c.net_fen - coalesce((
            SELECT CAST(sum(m.net_fen) AS BIGINT) FROM claim_move AS m WHERE m.tenant = c.tenant
            AND m.claim_position = c.position AND m.claim_line = c.line), 0) AS net_fen,
        coalesce((SELECT s.position FROM {{sheet_step}} AS s WHERE s.tenant = o.tenant
            AND s.sheet = o.name AND s.step = 'approved' AND NOT o.asserted
            ORDER BY s.position DESC LIMIT 1), o.position) AS accrued_at, o.approved_on
    FROM ({keys}) AS k CROSS JOIN claim AS c CROSS JOIN origin AS o
    WHERE c.tenant = :tenant AND c.position = k.position AND c.line = k.line
        AND o.tenant = c.tenant AND o.position = c.position
    ORDER BY c.position, c.line
"""
_MOVES: Final = """
    SELECT m.claim_position, m.claim_line, m.position, m.on_date, m.effect, m.net_fen, m.paid_fen,
        m.transit_fen
    FROM ({keys}) AS k CROSS JOIN claim_move AS m
    WHERE m.tenant = :tenant AND m.claim_position = k.position AND m.claim_line = k.line
        AND m.on_date <= :on AND m.position <= :known
    ORDER BY m.position, m.line
"""


@dataclass(frozen=True)
class Part:
    """How a figure of a claim follows from its net, what is paid and what is in transit."""

    net: int = 0
    paid: int = 0
    transit: int = 0


PARTS: Final[Mapping[str, Part]] = {
    "net_fen": Part(net=1),
    "paid_fen": Part(paid=1),
    "in_transit_fen": Part(transit=1),
    "open_fen": Part(net=1, paid=-1),
    "free_fen": Part(net=1, paid=-1, transit=-1),
}
"""Figures of a claim."""


def claim_name_of(origin: str, line: int, *, asserted: bool) -> str:
    """``<sheet>/<line>``, or the id of an asserted claim."""
    return origin if asserted else f"{origin}/{line}"


def lines_of_claims(
    view: View, cut: Cut, keys: Iterable[Key] | None, part: Part, sql: str, **values: object
) -> Iterator[Line]:
    """What a figure of claims is the sum of: what was approved, then every move of it.

    Args:
        view: The ledger.
        cut: What counts.
        keys: Claims that exist, of those that ``sql`` finds; None for all of them.
        part: The figure.
        sql: Finds ``position`` and ``line`` of the claims.
        values: What it names.
    """
    wanted = None if keys is None else set(keys)
    of: dict[Key, Line] = {}
    dated = {"on": cut.on, "known": cut.known}
    named = dated if ":on" in sql else {}
    for row in view.rows(_ACCRUED.format(keys=sql), **named, **values):
        key = (row.position, row.line)
        if wanted is not None and key not in wanted:
            continue
        of[key] = Line(
            position=row.accrued_at, on=row.approved_on, amount_fen=part.net * row.net_fen,
            rule=Rule.NET, book=row.employer, account="wages_payable", project=row.project,
            due_on=row.due_on, claim=claim_name_of(row.name, row.line, asserted=bool(row.asserted)),
        )  # fmt: skip
        if part.net:
            yield of[key]
    for row in view.rows(_MOVES.format(keys=sql), **dated, **values):
        begun = of.get((row.claim_position, row.claim_line))
        if begun is None:
            continue
        for change, sign, rule in (
            (row.net_fen, part.net, Rule.REDUCED),
            (row.paid_fen, part.paid, Rule.PAID if part.paid > 0 else Rule.LESS_PAID),
            (row.transit_fen, part.transit,
             Rule.TRANSIT if part.transit > 0 else Rule.LESS_TRANSIT),
        ):  # fmt: skip
            if sign * change:
                account = "in_transit" if rule in _IN_TRANSIT else begun.account
                yield replace(
                    begun, position=row.position, on=row.on_date, amount_fen=sign * change,
                    rule=rule, account=account,
                )  # fmt: skip


_IN_TRANSIT: Final = frozenset({Rule.TRANSIT, Rule.LESS_TRANSIT})


def asserted_open(view: View, cut: Cut, project: str) -> Iterator[Line]:
    """Lines of what is free on the asserted claims of a project."""
    return lines_of_claims(view, cut, None, PARTS["free_fen"], _OF_PROJECT, project=project)


def of_claim(asked: Question, name: str, part: Part) -> Iterator[Line]:
    """Lines of a figure of one claim; none while it does not exist."""
    key = key_of(asked.view, name)
    if key is None or not claim_rows(asked.view, asked.cut, origin=key[0], line=key[1]):
        return iter(())
    return lines_of_claims(asked.view, asked.cut, None, part, _ONE, at=key[0], of=key[1])


def of_case(asked: Question, part: Part, *, overdue: bool) -> Iterator[Line]:
    """Lines of a figure of all claims of a case; of those due before the date alone."""
    for row in case_claims(asked.view, asked.cut, asked.subject):
        if not overdue or row.due_on < asked.cut.on:
            yield from lines_of_claims(
                asked.view, asked.cut, None, part, _ONE, at=row.position, of=row.line
            )


# -- claims -------------------------------------------------------------------


def claim_exists(view: View, cut: Cut, name: str) -> bool:
    """Whether a claim exists on the date."""
    key = key_of(view, name)
    return key is not None and bool(claim_rows(view, cut, origin=key[0], line=key[1]))


def _figure(part: Part) -> Callable[[Question], Iterator[Line]]:
    return lambda asked: of_claim(asked, asked.subject, part)


def _figure_of_row(part: Part) -> Callable[[Question], Iterator[Line]]:
    return lambda asked: of_claim(asked, asked.row, part)


def _move(part: Part) -> Callable[[Question], Iterator[Line]]:
    """A figure of one move of a claim: the row is its position."""

    def lines(asked: Question) -> Iterator[Line]:
        for line in of_claim(asked, asked.subject, part):
            if str(line.position) == asked.row and line.rule is not Rule.NET:
                yield line

    return lines


CLAIM_FIGURES: Final = {
    **{name: _figure(part) for name, part in PARTS.items()},
    **{
        f"moves.{name}": _move(PARTS[name]) for name in ("net_fen", "paid_fen", "in_transit_fen")
    },
}  # fmt: skip
"""What `claim show` and `claim list` show of a claim."""


# -- workers ------------------------------------------------------------------

_WORKER: Final = (
    "SELECT s.position FROM {worker_step} AS s WHERE s.tenant = :tenant AND s.worker = :worker"
    " AND s.step = 'registered' AND s.on_date <= :on AND s.position <= :known LIMIT 1"
)
_ON_SHEETS: Final = f"""
    SELECT c.position, c.line, s.sheet, s.on_date, s.project, l.amount_fen
    FROM {ORIGINS_OF_A_WORKER} AS w CROSS JOIN claim AS c CROSS JOIN {{sheet}} AS s
    CROSS JOIN event_line AS l
    WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker
        AND s.tenant = :tenant AND s.position = c.position AND s.on_date <= :on
        AND +c.position <= :known AND l.tenant = c.tenant AND l.position = c.position
        AND l.part = 0 AND l.line = c.line
"""
_PAYING: Final = f"""
    SELECT m.position, m.on_date, m.effect, c.position AS origin, c.line, o.name, o.asserted,
        o.project, l.amount_fen
    FROM {ORIGINS_OF_A_WORKER} AS w CROSS JOIN claim AS c CROSS JOIN origin AS o
    CROSS JOIN claim_move AS m CROSS JOIN event_line AS l
    WHERE c.tenant = :tenant AND c.position = w.position AND c.worker = :worker
        AND o.tenant = c.tenant AND o.position = c.position
        AND m.tenant = c.tenant AND m.claim_position = c.position AND m.claim_line = c.line
        AND m.on_date <= :on AND +m.position <= :known
        AND l.tenant = m.tenant AND l.position = m.position AND l.part = 0 AND l.line = m.line
"""
_PLACES: Final[Mapping[str, tuple[tuple[int, ...], Rule, str]]] = {
    "instructed": ((effects.INSTRUCT,), Rule.TRANSIT, "in_transit"),
    "settled": ((effects.SETTLE,), Rule.CONFIRMED, "wages_payable"),
    "returned": (
        (effects.RETURN, effects.LATE_RETURN, effects.UNDO), Rule.CAME_BACK, "wages_payable"
    ),
    "paid_otherwise": ((effects.DISCHARGE,), Rule.PAID, "wages_payable"),
    "reduced": ((effects.REDUCE,), Rule.REDUCED, "wages_payable"),
}  # fmt: skip
"""What `worker show` lists of payments, the rows named ``<position>:<claim>``."""


def worker_exists(view: View, cut: Cut, worker: str) -> bool:
    """Whether a worker is registered on the date."""
    return view.row(_WORKER, worker=worker, on=cut.on, known=cut.known) is not None


def _of_worker(part: Part) -> Callable[[Question], Iterator[Line]]:
    """A figure of all claims of a worker together."""

    def lines(asked: Question) -> Iterator[Line]:
        found = claim_rows(asked.view, asked.cut, worker=asked.subject)
        keys = [(row.position, row.line) for row in found]
        return lines_of_claims(asked.view, asked.cut, keys, part, _OF_WORKER, worker=asked.subject)

    return lines


def _on_sheet(asked: Question) -> Iterator[Line]:
    at = {"worker": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
    for row in asked.view.rows(_ON_SHEETS, **at):
        if asked.row == f"{row.sheet}/{row.line}":
            yield Line(
                position=row.position, on=row.on_date, amount_fen=row.amount_fen, rule=Rule.LINE,
                project=row.project, claim=asked.row,
            )  # fmt: skip


def _paying(place: str) -> Callable[[Question], Iterator[Line]]:
    of_place, rule, account = _PLACES[place]

    def lines(asked: Question) -> Iterator[Line]:
        at = {"worker": asked.subject, "on": asked.cut.on, "known": asked.cut.known}
        for row in asked.view.rows(_PAYING, **at):
            name = claim_name_of(row.name, row.line, asserted=bool(row.asserted))
            if row.effect in of_place and asked.row == f"{row.position}:{name}":
                yield Line(
                    position=row.position, on=row.on_date, amount_fen=row.amount_fen, rule=rule,
                    account=account, project=row.project, claim=name,
                )  # fmt: skip

    return lines


WORKER_FIGURES: Final = {
    **{name: _of_worker(part) for name, part in PARTS.items()},
    **{f"claims.{name}": _figure_of_row(part) for name, part in PARTS.items()},
    **{f"asserted.{name}": _figure_of_row(part) for name, part in PARTS.items()},
    **{f"{place}.amount_fen": _paying(place) for place in _PLACES},
    "on_sheet.net_fen": _on_sheet,
}
"""What `worker show` shows, and the figures of all claims of the worker together."""


def require_claim(view: View, cut: Cut, name: str) -> Key:
    """Key of a claim that exists.

    Raises:
        LedgerError: ``unknown_claim``.
    """
    key = key_of(view, name)
    if key is None or not claim_rows(view, cut, origin=key[0], line=key[1]):
        raise unknown("claim", name)
    return key
