"""Codes of bank files: why one cannot be read, and what a person must look at in one that can.

All end a command that has to use the file with status 3. `bank inspect` shows the second kind as
problems of a file that it has read, and ends well.
"""

from typing import Final

from ledger.kernel.codes.definition import EXIT_INVALID, N_, Code, coded

_READ: Final = "The command line, Banks"
_ISO: Final = "ISO 20022, bank-to-customer cash management and payments initiation"
_ASK: Final = N_("Compare the file with the bank's own figures; ask the bank for a right one.")
_AGAIN: Final = N_("Download the file again from the bank; nothing of it was used.")


def _bank(code: str, message: str, remedy: str, source: str = _READ) -> Code:
    return coded("bank", code, EXIT_INVALID, message, remedy, source)


UNREADABLE: Final[tuple[Code, ...]] = (
    _bank("bank_file_empty", N_("There is nothing in the bank file[: {file}]."), _AGAIN),
    _bank(
        "bank_format",
        N_("This is no bank file that the program knows[: {file}][; it holds {value}]."),
        N_(
            "Use camt.052, camt.053, camt.054, pain.001, pain.002, MT940 or a statement CSV; for"
            " the CSV of another bank write a profile and name it with --csv-profile."
        ),
    ),
    _bank(
        "bank_xml_broken",
        N_("The XML is cut off or broken[: {file}][, line {line}][, column {column}]."),
        _AGAIN,
    ),
    _bank(
        "bank_xml_limit",
        N_("The XML is deeper or larger than any bank file[: {file}][, line {line}]."),
        N_("Do not use it; ask the sender where it comes from."),
    ),
    _bank(
        "bank_xml_dtd",
        N_("The XML declares a document type, which no bank file does[: {file}]."),
        N_("Do not use it; it may be made to read other files or to fill the memory."),
    ),
    _bank(
        "bank_encoding",
        N_("The characters of the file cannot be read[: {file}][, line {line}][: {value}]."),
        N_("Save it as UTF-8 or GB18030, or download it again."),
    ),
    _bank(
        "bank_amount",
        N_("An amount cannot be read[: {file}][, line {line}][, {field}]."),
        _AGAIN,
    ),
    _bank(
        "bank_field",
        N_("Something that must be there is missing or wrong[: {file}][, line {line}][, {field}]."),
        _AGAIN,
    ),
    _bank(
        "bank_currency_mix",
        N_(
            "An entry is in another currency than its account, without a rate[: {file}][, line"
            " {line}][, {currency}]."
        ),
        N_("How the account moved is not known; ask the bank for a right file."),
        _ISO,
    ),
    _bank(
        "bank_row",
        N_(
            "A row of the statement cannot be read[: {file}][, line {line}][, {field}][:"
            " {problem}]."
        ),
        N_("Correct nothing by hand; download the statement again or correct its profile."),
    ),
    _bank(
        "bank_profile",
        N_("The profile of a statement CSV is not right[: {file}][, {field}][: {problem}]."),
        N_("Compare it with the profiles that come with the program."),
    ),
    _bank(
        "bank_schema_unreadable",
        N_("A schema cannot be used[: {file}][: {problem}]."),
        N_("Take the XSD of the message from the bank or from the standard's own site."),
    ),
)

PROBLEMS: Final[tuple[Code, ...]] = (
    _bank(
        "bank_balance_gap",
        N_("The balances do not tie[: off by {gap}][; entries lead to {found}][, not {declared}]."),
        _ASK,
    ),
    _bank(
        "bank_running_balance",
        N_("A running balance does not follow from the row before[: line {line}]."),
        N_("A row is missing, doubled or changed; download the statement again."),
    ),
    _bank(
        "bank_no_opening",
        N_("There is no opening balance, so the entries cannot be checked[: {count} entries]."),
        _ASK,
    ),
    _bank(
        "bank_no_closing",
        N_("There is no closing balance, so the entries cannot be checked[: {count} entries]."),
        _ASK,
    ),
    _bank(
        "bank_page_gap",
        N_(
            "A page does not begin with the balance the page before ended with[: {found}][, not"
            " {declared}]."
        ),
        N_("A page is missing or out of order; download the whole statement again."),
    ),
    _bank(
        "bank_currencies",
        N_("The statement mixes currencies, so it cannot be checked[: {value}]."),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_currency_differs",
        N_("An entry is in another currency than its account[: line {line}][, {currency}]."),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_currency",
        N_("This is no currency of ISO 4217; two decimals were assumed[: {value}]."),
        _ASK,
        "ISO 4217",
    ),
    _bank(
        "bank_amount_fine",
        N_(
            "An amount is finer than the smallest unit of its currency and was cut off[: line"
            " {line}][, {currency}]."
        ),
        _ASK,
        "ISO 4217",
    ),
    _bank(
        "bank_details_sum",
        N_(
            "The transactions of an entry sum to another amount[: line {line}][, {found}][, not"
            " {declared}]."
        ),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_declared",
        N_(
            "A count or sum is not what the file declares[: {field}][, declared {declared}][, found"
            " {found}]."
        ),
        N_("Entries are missing or doubled; ask for the whole file again."),
        _ISO,
    ),
    _bank(
        "bank_date",
        N_("A date cannot be read[: line {line}][, {field}]."),
        _ASK,
    ),
    _bank(
        "bank_status",
        N_(
            "The status of an entry is not known; it was not counted as booked[: line {line}][,"
            " {field}]."
        ),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_sign_missing",
        N_(
            "A balance does not say whether it is credit; credit was assumed[: line {line}][,"
            " {value}]."
        ),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_line_unread",
        N_("A part of the file was not understood and not counted[: line {line}][, {field}]."),
        _ASK,
    ),
    _bank(
        "bank_version",
        N_("This version of the message is not known; it was read like the others[: {value}]."),
        _ASK,
        _ISO,
    ),
    _bank(
        "bank_no_namespace",
        N_("The message does not say which version it is[: {value}]."),
        _ASK,
        _ISO,
    ),
    _bank("bank_no_statement", N_("There is nothing in the message[: {value}]."), _ASK, _ISO),
    _bank(
        "bank_schema",
        N_("The file breaks the schema[: line {line}][, {field}][: rule {rule}]."),
        N_("Decide whether it matters: many banks depart from the schema."),
        _ISO,
    ),
    _bank(
        "bank_no_schema",
        N_("The file was not held against a schema: there is none for it[: {value}][; {problem}]."),
        N_("Put the XSD of this version into the folder, or leave --xsd away."),
        _ISO,
    ),
    _bank(
        "bank_more_problems",
        N_("There are more problems of the same kind[: {count}][ {value}]."),
        N_("Look at the ones that are listed first."),
    ),
)
