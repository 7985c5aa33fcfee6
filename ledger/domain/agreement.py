"""Checks between the fields of one posting: sums, splits, spans of days.

Part of step 1 of judgement; each value is well formed by itself already
(``ledger.domain.values``).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ledger.domain.policy import value_problem
from ledger.kernel.money import MAX_SUM_FEN
from ledger.kernel.text import holds_identity


class Report(Protocol):
    """Takes a code, the field and what is wrong with it."""

    def __call__(self, code: str, field: str, problem: str = "") -> None:
        """Note a problem."""


def _payroll(own: dict[str, Any], report: Report) -> None:
    if sum(line.net_fen for line in own["lines"]) > MAX_SUM_FEN:
        report("bad_amount", "lines", "out_of_range")
    for number, line in enumerate(own["lines"], 1):
        given = line.gross_fen is not None or line.deductions_fen is not None
        if given and (line.gross_fen or 0) - (line.deductions_fen or 0) != line.net_fen:
            report("line_arithmetic", f"lines[{number}].net_fen")


def _payout(own: dict[str, Any], report: Report) -> None:
    if own["total_fen"] != sum(line.amount_fen for line in own["lines"]):
        report("control_total", "total_fen")
    if own["count"] != len(own["lines"]):
        report("control_total", "count")


def _split(own: dict[str, Any], report: Report) -> None:
    if own["labour_cost_fen"] > own["progress_fen"]:
        report("bad_split", "labour_cost_fen")


def _published(own: dict[str, Any], report: Report) -> None:
    problem = value_problem(own["parameter"], own["value"])
    if problem is not None:
        report("bad_field", "value", problem)
    if own["valid_to"] is not None and own["valid_to"] < own["valid_from"]:
        report("bad_date", "valid_to", "before_from")


def _registered(own: dict[str, Any], report: Report) -> None:
    # The reference stands in the log for ever; an identity must stay where it can be erased.
    if holds_identity(own["worker"]):
        report("bad_id", "worker", "holds_identity")


def _statement(own: dict[str, Any], report: Report) -> None:
    if own["from_"] > own["to"]:
        report("bad_date", "to", "before_from")
    names = [(line.on, line.line) for line in own["lines"]]
    if len(set(names)) != len(names):
        report("bad_field", "lines", "twice")
    for number, line in enumerate(own["lines"], 1):
        if not own["from_"] <= line.on <= own["to"]:
            report("bad_date", f"lines[{number}].on", "outside")
    total = own["opening_fen"] + sum(line.amount_fen for line in own["lines"])
    if total != own["closing_fen"]:
        report("statement_arithmetic", "closing_fen")


def _break(own: dict[str, Any], report: Report) -> None:
    of_line = own["statement_id"] is not None and own["line"] is not None
    if of_line == (own["position"] is not None):
        report("bad_field", "position", "line_or_position")


AGREEMENTS: Final[Mapping[str, Callable[[dict[str, Any], Report], None]]] = {
    "PayrollSubmitted": _payroll,
    "PayoutInstructed": _payout,
    "ProgressCertified": _split,
    "StatementImported": _statement,
    "BreakResolved": _break,
    "PolicyPublished": _published,
    "WorkerRegistered": _registered,
}
"""Checks between fields, in the order of postings.md."""
