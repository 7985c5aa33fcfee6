"""What every statement is held against, whatever its format: the identity of its balances."""

from collections.abc import Set as AbstractSet

from ledger.banking.currencies import MINOR_DIGITS, format_minor
from ledger.banking.statement import Statement

_WITH_BALANCES = frozenset({"statement", "mt940-statement"})
"""Kinds that close a span; a report within the day or a notification need not."""


def settle(statement: Statement, currencies: AbstractSet[str], *, inexact: int = 0) -> None:
    """Decide whether the balances tie, note what does not fit, and mark the statement complete.

    Args:
        statement: With its balances and the totals of all its entries.
        currencies: Of the balances and the booked entries.
        inexact: How many amounts were cut off.
    """
    problems, totals = statement.problems, statement.totals
    opening, closing = statement.opening_minor, statement.closing_minor
    for currency in sorted(currencies):
        if currency not in MINOR_DIGITS:
            problems.add("bank_currency", value=currency)
    if len(currencies) > 1:
        problems.add("bank_currencies", value=", ".join(sorted(currencies)))
    if opening is None or closing is None:
        if statement.kind in _WITH_BALANCES:
            missing = "opening" if opening is None else "closing"
            problems.add(f"bank_no_{missing}", count=totals.entries)
    elif len(currencies) <= 1 and not inexact:
        statement.gap_minor = opening + totals.booked_minor - closing
        if statement.gap_minor:
            currency = next(iter(currencies), statement.currency or "")
            problems.add(
                "bank_balance_gap",
                found=format_minor(opening + totals.booked_minor, currency),
                declared=format_minor(closing, currency),
                gap=format_minor(statement.gap_minor, currency),
            )
    statement.complete = True
