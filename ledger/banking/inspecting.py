"""What a bank file holds, said without booking anything: the figures of `bank inspect`.

Sums are whole minor units of each currency. What a person must look at comes as problems with
codes; a file that cannot be read raises instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from ledger.banking.opening import Recognised, recognise, statements_of
from ledger.banking.problems import Problem, Problems
from ledger.banking.schemas import check_schema
from ledger.banking.statement import Statement
from ledger.banking.status_report import read_status_report
from ledger.banking.transfer_reader import read_credit_transfers
from ledger.banking.versions import check_version

_NOTHING: Final[dict[str, Any]] = {
    "kind": None,
    "statements": [],
    "transactions": None,
    "by_ccy": None,
    "group_status": None,
    "tx_statuses": None,
    "reasons": None,
}
"""What a file does not have, as the contract shows it."""


class Remark(NamedTuple):
    """A problem with the place it belongs to.

    Attributes:
        problem: What is wrong.
        statement: Id of the statement, or None for the whole file.
    """

    problem: Problem
    statement: str | None = None


@dataclass
class Inspection:
    """What was found.

    Attributes:
        figures: The answer of the command without its problems, as keys of the contract.
        remarks: Problems in the order of the file.
    """

    figures: dict[str, Any]
    remarks: list[Remark] = field(default_factory=list)


def inspect(path: Path, *, profile: Path | None = None, schemas: Path | None = None) -> Inspection:
    """Read a bank file to its end.

    Args:
        path: The file.
        profile: An own profile of a statement CSV.
        schemas: A folder of XSDs to hold an XML file against.

    Raises:
        BankFileError: when it cannot be read.
        OSError: for a file that is not there or may not be read.
    """
    found = recognise(path, profile)
    problems = Problems()
    if schemas is not None and found.root is not None:
        check_schema(path, found.root, schemas, problems)
    if found.kind == "credit-transfer":
        inspection = _credit_transfer(path)
    elif found.kind == "status-report":
        inspection = _status_report(path)
    else:
        inspection = _statements(path, found)
    inspection.remarks += _remarks(problems)
    inspection.figures = {**_NOTHING, **inspection.figures}
    return inspection


def _statements(path: Path, found: Recognised) -> Inspection:
    inspection = Inspection({"kind": found.kind, "statements": []})
    if found.root is not None:
        problems = Problems()
        check_version(found.root, found.kind, problems)
        inspection.remarks += _remarks(problems)
    for statement in statements_of(path, found, parties=False):
        for _entry in statement.entries:
            pass
        inspection.figures["statements"].append(figures_of(statement))
        inspection.remarks += _remarks(statement.problems, statement.id)
    if not inspection.figures["statements"]:
        shown = found.kind if found.root is None else found.root.message
        inspection.remarks.append(Remark(Problem("bank_no_statement", {"value": shown})))
    return inspection


def figures_of(statement: Statement) -> dict[str, Any]:
    """The figures of one statement that was read to its end."""
    totals = statement.totals
    return {
        "id": statement.id,
        "account": statement.account,
        "currency": statement.currency,
        "from": statement.from_on,
        "to": statement.to_on,
        "entries": totals.entries,
        "credits": totals.credits,
        "debits": totals.debits,
        "credit_minor": totals.credit_minor,
        "debit_minor": totals.debit_minor,
        "opening_minor": statement.opening_minor,
        "closing_minor": statement.closing_minor,
        "booked": totals.booked,
        "booked_minor": totals.booked_minor,
        "balances_tie": statement.balances_tie,
        "balance_gap_minor": statement.gap_minor,
        "tx_details": totals.tx_details,
        "batch_entries": totals.batch_entries,
        "return_items": len(totals.return_codes),
        "return_codes": totals.return_codes,
        "reversal_entries": totals.reversal_entries,
    }


def _credit_transfer(path: Path) -> Inspection:
    file = read_credit_transfers(path)
    for _transfer in file.transfers:
        pass
    by_currency = {
        currency: {"n": count, "minor": minor}
        for currency, (count, minor) in file.by_currency.items()
    }
    figures = {
        "kind": "credit-transfer",
        "id": file.message,
        "transactions": file.transactions,
        "by_ccy": by_currency,
    }
    return Inspection(figures, _remarks(file.problems))


def _status_report(path: Path) -> Inspection:
    report = read_status_report(path)
    statuses: dict[str, int] = {}
    reasons: list[str] = []
    for transaction in report.transactions:
        if transaction.status is not None:
            statuses[transaction.status] = statuses.get(transaction.status, 0) + 1
        reasons += transaction.reasons
    reasons = [
        *report.group_reasons,
        *(reason for payment in report.payments for reason in payment.reasons),
        *reasons,
    ]
    figures = {
        "kind": "status-report",
        "id": report.message,
        "original_id": report.original_message,
        "group_status": report.group_status,
        "tx_statuses": statuses,
        "reasons": list(dict.fromkeys(reasons)),
    }
    return Inspection(figures, _remarks(report.problems))


def _remarks(problems: Iterable[Problem], statement: str | None = None) -> list[Remark]:
    return [Remark(problem, statement) for problem in problems]
