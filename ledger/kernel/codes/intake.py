"""Codes of files that people fill in: what cannot be read, what is wrong, what to look at."""

from typing import Final

from ledger.kernel.codes.definition import EXIT_INVALID, EXIT_USAGE, N_, Code, Group, coded, warning

_FILES: Final = "The command line, Files of payroll"


def _file(code: str, message: str, remedy: str) -> Code:
    return _of("file", code, EXIT_INVALID, message, remedy)


def _of(group: Group, code: str, exit_status: int, message: str, remedy: str) -> Code:
    return coded(group, code, exit_status, message, remedy, _FILES)


INTAKE: Final[tuple[Code, ...]] = (
    _file(
        "over_limit",
        N_(
            "The file is beyond a limit of this program[: {problem}][, at most {limit}]["
            ", row {line}]."
        ),
        N_("Take out what is not part of the table, or split it into several files."),
    ),
    _file(
        "bad_workbook",
        N_("The workbook cannot be read[: {problem}]."),
        N_("Open it in a spreadsheet program and save it as .xlsx, without a password."),
    ),
    _file(
        "bad_text",
        N_("The text cannot be read as a table[: {problem}][, row {line}]."),
        N_("Save it in the spreadsheet program as CSV UTF-8 and look at that row."),
    ),
    _file(
        "empty_table",
        N_("There is no table in the file."),
        N_("Give it a row of headings and, below it, a row for each worker."),
    ),
    _file(
        "no_headings",
        N_("There is no row of headings[; {columns} are needed]."),
        N_("Use the usual headings, or name your own in a file of aliases with --aliases."),
    ),
    _file(
        "missing_column",
        N_("A column is missing[: {column}]."),
        N_("Add the column, or say in a file of aliases (--aliases) how you call it."),
    ),
    _file(
        "duplicate_column",
        N_("Two columns mean the same[: {column}][ and {other}]."),
        N_("Take one of them out, or give it another heading."),
    ),
    _file(
        "long_row",
        N_("The row has more cells than there are headings[: {count}]."),
        N_("Write amounts without commas, and take out what stands beside the table."),
    ),
    _file(
        "number_rounded",
        N_("The spreadsheet took this for a number and lost its last digits[: {field}]."),
        N_("Format the column as text and enter the number again."),
    ),
    _file(
        "masked_value",
        N_("The number is masked and names nobody[: {field}]."),
        N_("Enter the whole number, or the worker's reference in a column of its own."),
    ),
    _file(
        "formula_without_value",
        N_("The cell holds a formula without a result[: {field}]."),
        N_("Open the file in a spreadsheet program and save it, or enter the value itself."),
    ),
    _file(
        "total_differs",
        N_(
            "The total is not the sum of its rows[: {field}][, {amount_fen} yuan stands there]["
            ", the rows make {actual_fen} yuan]."
        ),
        N_("Look for a row that was left out or changed, then correct the total."),
    ),
    _file(
        "name_differs",
        N_(
            "The name is not the one that is registered[: {worker}][, given {given}]["
            ", registered {registered}]."
        ),
        N_(
            "Correct the sheet; if the register is wrong, correct that with"
            " `wageledger worker import`."
        ),
    ),
    _file(
        "id_differs",
        N_("The ID number belongs to somebody else than the worker named[: {worker}]."),
        N_("Compare both with the identity card."),
    ),
    _of(
        "usage",
        "bad_aliases",
        EXIT_USAGE,
        N_("The file of aliases is not right[: {file}][: {value}][: {problem}]."),
        N_("Give each field, such as net, a list of headings; see the page on payroll files."),
    ),
)

INTAKE_WARNINGS: Final[tuple[Code, ...]] = (
    warning(
        "hidden_row",
        N_("The row is hidden in the spreadsheet, and counts."),
        N_("Show it and see whether it belongs to the sheet."),
        _FILES,
    ),
    warning(
        "hidden_sheet",
        N_("The workbook has a hidden sheet that is not read[: {name}]."),
        N_("Show it, or take it out."),
        _FILES,
    ),
    warning(
        "other_sheets",
        N_("Several sheets hold a table; only the first is read[: {name}][, not {names}]."),
        N_("Put each table into a file of its own."),
        _FILES,
    ),
    warning(
        "formula_text",
        N_("The text begins as a formula would[: {field}]; it is kept as text."),
        N_("See whether somebody tampered with the file."),
        _FILES,
    ),
    warning(
        "card_twice",
        N_("The same card stands for another worker too[: row {line}][, card {card}]."),
        N_("Pay each worker on a card of his own; ask who holds this one."),
        "Rules of the field, R67",
    ),
    warning(
        "card_differs",
        N_(
            "The card is not the one that is bound[: {worker}][, given {given}]["
            ", bound {registered}]."
        ),
        N_("Wages go to the bound card; bind the new one with `wageledger card bind`."),
        "Rules of the field, R67",
    ),
    warning(
        "below_minimum_wage",
        N_(
            "The wage is below the minimum wage[: {worker}][, {amount_fen} yuan]["
            ", at least {cap_fen} yuan]."
        ),
        N_("Pay the difference, or note why less is due."),
        "Rules of the field, R82",
    ),
    warning(
        "no_attendance",
        N_("There is pay without attendance[: {worker}]."),
        N_("See whether the worker was on the site; correct attendance or sheet."),
        "Rules of the field, W-10",
    ),
    warning(
        "phone_kept",
        N_("The phone is empty, the registered one stays[: {worker}]."),
        N_("Enter the number, or post WorkerUpdated without it."),
        _FILES,
    ),
    warning(
        "days_differ",
        N_(
            "The days are not those of the attendance[: {worker}][, given {given}]["
            ", attended {registered}]."
        ),
        N_("Correct the sheet, or post the attendance again."),
        "Rules of the field, W-10",
    ),
    warning(
        "attendance_missing",
        N_("No attendance is posted for the month[: {period}]."),
        N_("Post it with `wageledger attendance import`."),
        "Rules of the field, W-10",
    ),
    warning(
        "attended_not_paid",
        N_("A worker attended and is not on the sheet[: {worker}][, {days} days]."),
        N_("Add the worker, or submit another sheet for those left out."),
        "Rules of the field, W-07",
    ),
)
