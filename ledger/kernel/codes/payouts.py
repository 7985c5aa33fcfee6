"""Codes of the unmasked read and of payout files: what is exported to banks and comes back."""

from typing import Final

from ledger.kernel.codes.definition import (
    EXIT_INVALID,
    EXIT_NOT_FOUND,
    EXIT_REFUSED,
    N_,
    Code,
    coded,
)

_BANKS: Final = "The command line, Banks"


PAYOUT_FILES: Final[tuple[Code, ...]] = (
    coded(
        "storage",
        "person_erased",
        EXIT_REFUSED,
        N_("The worker's identity was erased and cannot be read any more[: {worker}]."),
        N_("Claims and payments stay in the books; leave the worker out of this file."),
        "Architecture, Decisions to start from",
    ),
    coded(
        "storage",
        "retention_not_over",
        EXIT_REFUSED,
        N_("The records must still be kept[: project {project}][, until {valid_to}]."),
        N_("Erase after that day; without a day, complete the project and settle it first."),
        "Architecture, Decisions to start from",
    ),
    coded(
        "storage",
        "legal_hold",
        EXIT_REFUSED,
        N_("The identity is still needed[: case {case}][: claim {claim}][: advance {advance}]."),
        N_("Close or settle it first."),
        "Architecture, Decisions to start from",
    ),
    coded(
        "file",
        "unknown_layout",
        EXIT_NOT_FOUND,
        N_("There is no layout of that name[: {value}]."),
        N_("Use one that there is[: {problem}]; or name a file of your own that ends in .toml."),
        _BANKS,
    ),
    coded(
        "file",
        "bad_layout",
        EXIT_INVALID,
        N_("The layout is wrong[: {file}][, {value}][: {problem}]."),
        N_("Correct the layout file; a layout that comes with the program shows how."),
        _BANKS,
    ),
    coded(
        "file",
        "layout_one_worker",
        EXIT_REFUSED,
        N_("The layout takes each worker once, and the batch has one twice[: {worker}]."),
        N_("Instruct the worker's second line in a batch of its own."),
        _BANKS,
    ),
    coded(
        "file",
        "layout_one_month",
        EXIT_REFUSED,
        N_("The layout names one month, and the batch pays wages of several[: {count}]."),
        N_("Instruct a batch for each month."),
        _BANKS,
    ),
    coded(
        "file",
        "payout_line_unfit",
        EXIT_INVALID,
        N_("The layout cannot carry a value[: {field}][: {problem}][ (given: {value})]."),
        N_("Nothing was written. Correct the value, or use a layout that has room for it."),
        _BANKS,
    ),
    coded(
        "file",
        "bad_answer_file",
        EXIT_INVALID,
        N_("The file cannot be read as a bank's answer to a payout[: {problem}]."),
        N_("Name the file of the bank's results, or its layout with --layout csv:NAME."),
        _BANKS,
    ),
    coded(
        "file",
        "bad_answer_line",
        EXIT_INVALID,
        N_("A line of the bank's answer is wrong[: {field}][: {problem}][ (given: {value})]."),
        N_("Nothing of the file was booked. Ask the bank for a whole file."),
        _BANKS,
    ),
    coded(
        "file",
        "answer_amount_differs",
        EXIT_INVALID,
        N_(
            "The bank answers another amount than was instructed[: {claim}]"
            "[, answered {amount_fen} yuan][, instructed {instructed_fen} yuan]."
        ),
        N_("Nothing of the file was booked. Ask the bank what it paid."),
        _BANKS,
    ),
    coded(
        "file",
        "unknown_reference",
        EXIT_NOT_FOUND,
        N_("The bank answers a payment that this ledger did not instruct[: {value}]."),
        N_("Nothing was booked for it. Look for its batch in another ledger or tenant."),
        _BANKS,
    ),
)
