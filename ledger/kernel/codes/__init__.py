"""Every code with which the product answers, in one catalogue.

A refusal, an invalid posting, a failure of storage, a wrong option, a difference that a check
found and a warning all have a code here, with the exit status of a command that ends with it,
English words for `gettext` and the source of the rule. Codes are stable and never reused.

Example: ``CODES["over_claim"].exit_status`` is 7.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from ledger.kernel.codes.authority import ARREARS, CORRECTIONS, FUND
from ledger.kernel.codes.bank import PROBLEMS, UNREADABLE
from ledger.kernel.codes.definition import (
    ALIASES,
    EXIT_CONFLICT,
    EXIT_DIFFERENCE,
    EXIT_INTERRUPTED,
    EXIT_INVALID,
    EXIT_NOT_AUTHORISED,
    EXIT_NOT_FOUND,
    EXIT_OK,
    EXIT_REFUSED,
    EXIT_RUN_AGAIN,
    EXIT_UNEXPECTED,
    EXIT_USAGE,
    FACTS,
    N_,
    Code,
    Group,
    placeholders,
)
from ledger.kernel.codes.intake import INTAKE, INTAKE_WARNINGS
from ledger.kernel.codes.judgement import AUTHORITY, FORM, KEY_AND_DATES, REFERENCES, STANDING
from ledger.kernel.codes.payouts import PAYOUT_FILES
from ledger.kernel.codes.program import CHECK, STORAGE, USAGE
from ledger.kernel.codes.proof import PROOF
from ledger.kernel.codes.statements import BOOKING, STATEMENT_WARNINGS
from ledger.kernel.codes.warnings import WARNINGS
from ledger.kernel.codes.witness import WITNESS
from ledger.kernel.codes.works import BALANCES, DEPOSIT, FUNDS, PAYROLL, REGISTER

__all__ = [
    "ALIASES",
    "CODES",
    "EXIT_CONFLICT",
    "EXIT_DIFFERENCE",
    "EXIT_INTERRUPTED",
    "EXIT_INVALID",
    "EXIT_NOT_AUTHORISED",
    "EXIT_NOT_FOUND",
    "EXIT_OK",
    "EXIT_REFUSED",
    "EXIT_RUN_AGAIN",
    "EXIT_UNEXPECTED",
    "EXIT_USAGE",
    "FACTS",
    "N_",
    "Code",
    "Group",
    "exit_status_of",
    "file_exit_status",
    "placeholders",
]


def _catalogue(*tables: Iterable[Code]) -> Mapping[str, Code]:
    codes: dict[str, Code] = {}
    for table in tables:
        for code in table:
            if code.code in codes:
                message = f"code {code.code} is defined twice"
                raise ValueError(message)
            codes[code.code] = code
    return MappingProxyType(codes)


CODES: Final = _catalogue(
    AUTHORITY,
    FORM,
    KEY_AND_DATES,
    REFERENCES,
    STANDING,
    BALANCES,
    REGISTER,
    DEPOSIT,
    FUNDS,
    PAYROLL,
    ARREARS,
    FUND,
    CORRECTIONS,
    USAGE,
    STORAGE,
    CHECK,
    PROOF,
    WITNESS,
    UNREADABLE,
    PROBLEMS,
    PAYOUT_FILES,
    INTAKE,
    BOOKING,
    WARNINGS,
    INTAKE_WARNINGS,
    STATEMENT_WARNINGS,
)
"""All codes by name, in the order of judgement."""


def exit_status_of(code: str | None) -> int:
    """Exit status of a command that ends with this code.

    Args:
        code: A code of `CODES`, or None for a posting that was recorded or a duplicate. A code
            that nobody defined counts as `unexpected`: it can only come from a mistake of ours.
    """
    if code is None:
        return EXIT_OK
    known = CODES.get(code)
    return EXIT_UNEXPECTED if known is None else known.exit_status


def file_exit_status(statuses: Iterable[int]) -> int:
    """Exit status of a file whose postings ended with these statuses.

    It is 9 if the outcome of any is unknown, since only running the file again tells; else the
    lowest that is not 0; and 0 only if every posting was recorded or a duplicate.
    `rolled_back` has the highest status of a refusal, so that the posting that made an atomic
    file fail decides how the command ends.
    """
    ends = set(statuses)
    if EXIT_RUN_AGAIN in ends:
        return EXIT_RUN_AGAIN
    return min(ends - {EXIT_OK}, default=EXIT_OK)
