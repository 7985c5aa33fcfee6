"""Codes of booking and matching bank statements (``bank import``, ``bank match``, ...)."""

from typing import Final

from ledger.kernel.codes.definition import (
    EXIT_DIFFERENCE,
    EXIT_INVALID,
    EXIT_NOT_FOUND,
    N_,
    Code,
    coded,
    warning,
)  # fmt: skip

_BANKS: Final = "The command line, Banks"
_MATCHING: Final = "Postings, Corrections, policy, reconciliation"


def _code(code: str, exit_status: int, message: str, remedy: str, source: str = _BANKS) -> Code:
    return coded("bank", code, exit_status, message, remedy, source)


BOOKING: Final[tuple[Code, ...]] = (
    _code(
        "bank_not_a_statement",
        EXIT_INVALID,
        N_("Only account statements are booked[: {file}][; this is a {value}]."),
        N_("Import the statement of the day or month: camt.053, MT940 or a statement CSV."),
    ),
    _code(
        "bank_not_cny",
        EXIT_INVALID,
        N_("An entry is not in CNY[: {file}][, line {line}][, {currency}]."),
        N_("The books are in CNY; import the statement of the CNY account."),
    ),
    _code(
        "bank_no_date",
        EXIT_INVALID,
        N_("An entry has no date of booking[: {file}][, line {line}]."),
        N_("Ask the bank for the statement with its booking dates."),
    ),
    _code(
        "bank_no_balances",
        EXIT_INVALID,
        N_("The statement has no opening balance, so it cannot be booked[: {file}]."),
        N_("Ask the bank for the statement with its balances."),
        _MATCHING,
    ),
    _code(
        "bank_day_order",
        EXIT_INVALID,
        N_("In a statement of so many entries they must stand by day[: {file}][; {on} is late]."),
        N_("Sort the file by day, or download it month by month."),
    ),
    _code(
        "bank_other_account",
        EXIT_INVALID,
        N_(
            "The statement is of another account[: {file}][: it ends in {found}][, not in"
            " {declared}]."
        ),
        N_("Choose the file of this account, or name the account that it belongs to."),
    ),
    _code(
        "no_statement",
        EXIT_NOT_FOUND,
        N_("No statement was imported[ of {account}]."),
        N_("Run `wageledger bank import FILE --account ACCOUNT` first."),
        _MATCHING,
    ),
    _code(
        "statement_not_reaching",
        EXIT_DIFFERENCE,
        N_("No statement[ of {account}] reaches to that day[: {to}]."),
        N_("Import the statements up to that day, without a gap, then sign off."),
        _MATCHING,
    ),
    _code(
        "bank_balances_differ",
        EXIT_DIFFERENCE,
        N_(
            "Bank and ledger do not agree[: the bank has {balance_fen} yuan][, the ledger leads to"
            " {actual_fen} yuan][ on {to}]."
        ),
        N_("Look for a missing statement, or for money that was there before the first one."),
        _MATCHING,
    ),
)

STATEMENT_WARNINGS: Final[tuple[Code, ...]] = (
    warning(
        "bank_account_unchecked",
        N_("Nobody has compared the number of the account[ of {account}]."),
        N_("Compare it by eye; name its last four digits when the account is opened."),
        _BANKS,
    ),
    warning(
        "bank_days_missing",
        N_("No statement[ of {account}] covers the days from[ {valid_from}] to[ {valid_to}]."),
        N_("Import the statement of these days too; until then they count as without movement."),
        _BANKS,
    ),
    warning(
        "bank_opening_differs",
        N_("The statement begins with[ {found}], the one before ended with[ {declared}]."),
        N_("A statement between them is missing, or one of them is not of this account."),
        _BANKS,
    ),
    warning(
        "bank_left_out",
        N_("Entries that are not booked yet were left out[: {count}]."),
        N_("They come with a later statement."),
        _BANKS,
    ),
)
