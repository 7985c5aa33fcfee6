"""What a code is: a stable name for one answer, with its exit status, words and source.

Messages and remedies are English msgids for gettext. Their placeholders are *facts*: keyword
arguments of the error that carries the code, each listed in `FACTS`. A fact whose name ends in
``_fen`` is an integer number of fen (CNY 1.00 = 100 fen) and is shown in yuan.

Every placeholder stands inside square brackets. ``[: {amount_fen} yuan asked]`` is left out when
one of its facts is missing, so that a message is a whole sentence with or without its facts and
showing it never fails. Brackets do not nest.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Group = Literal[
    "authority",
    "form",
    "key",
    "date",
    "reference",
    "standing",
    "rule",
    "storage",
    "usage",
    "check",
    "proof",
    "bank",
    "file",
    "warning",
]

EXIT_OK: Final = 0
EXIT_UNEXPECTED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INVALID: Final = 3
EXIT_NOT_AUTHORISED: Final = 4
EXIT_NOT_FOUND: Final = 5
EXIT_CONFLICT: Final = 6
EXIT_REFUSED: Final = 7
EXIT_DIFFERENCE: Final = 8
EXIT_RUN_AGAIN: Final = 9
EXIT_INTERRUPTED: Final = 130

FACTS: Final = {
    "account": "a journal account, or a statement account such as wage:P-1",
    "actual_fen": "the balance found, fen",
    "advance": "id of an advance of an emergency turnover fund",
    "amount_fen": "the amount asked for, fen",
    "available_fen": "what could be taken or paid at most, fen",
    "balance_fen": "the balance named in the posting, fen",
    "bank_ref": "the bank's reference",
    "batch": "id of a payout batch",
    "by": "the posting party (credit code) or its name",
    "cap_fen": "the cap of the fund for this worker, fen",
    "card": "a card number, masked",
    "case": "id of a case",
    "cause": "what a posting rests on, by its id",
    "cause_on": "date of what a posting rests on",
    "claim": "a claim: <sheet>/<line>, or the id of an asserted claim",
    "column": "heading of a column of a file, or its number from 1",
    "columns": "headings of columns of a file",
    "command": "a command to run",
    "count": "a number of things found",
    "currency": "a currency of ISO 4217",
    "days": "a number of days",
    "debtor": "credit code of a debtor",
    "declared": "what a file says of itself: an amount with its currency, or a count",
    "due_on": "the day on which a claim is due",
    "field": "name of a field of a posting",
    "file": "name of a file",
    "first_position": "position of the posting that came first",
    "found": "what a file holds: an amount with its currency, or a count",
    "gap": "a difference of balances, with its currency",
    "given": "what a file says, masked where it is an identity",
    "guarantee": "id of a guarantee",
    "instructed_fen": "the amount that a batch instructs, fen",
    "key": "the poster's idempotency key",
    "kind": "kind of a posting",
    "level": "level of approval of an advance: bureau or government",
    "limit": "the largest number allowed",
    "line": "number of a line of the posting, from 1",
    "months": "a number of months",
    "name": "an id, the name of a sheet, or the registered name of a party; never of a person",
    "names": "names of the sheets of a workbook",
    "notice": "id of a payment notice",
    "notice_posted_on": "first day of a public notice",
    "on": "the business date of the posting",
    "open_fen": "what is open on claims, fen",
    "option": "an option or argument of a command",
    "other": "the other project, region or column",
    "paid_fen": "what is paid, fen",
    "parameter": "name of a policy parameter",
    "party": "credit code of a party",
    "path": "a folder or file of the ledger",
    "period": "a month, YYYY-MM",
    "position": "position of an event in the log",
    "problem": "what is wrong with a value, a msgid without placeholders",
    "project": "id of a project",
    "projection": "name of a read model",
    "region": "6 digits of GB/T 2260, or CN",
    "registered": "what the ledger knows, masked where it is an identity",
    "role": "role of the poster, one letter",
    "rule": "number or name of an invariant",
    "schema": "version of the schema of the ledger",
    "settled_fen": "what was transferred, advanced and paid of the price, fen",
    "sheet": "id of a payroll sheet",
    "state": "state of a sheet, batch, advance or case",
    "statement": "a bank statement by its id, or account and id",
    "supported": "version of the schema that this program knows",
    "tenant": "name of a tenant",
    "to": "date to which an account is signed off, or the end of a range",
    "today": "the date of today in Asia/Shanghai",
    "topic": "topic of an event",
    "url": "where the ledger is, without its password",
    "valid_from": "first day of a validity",
    "valid_to": "last day of a validity",
    "value": "the value given; identity is masked before it is shown",
    "worker": "reference of a worker",
    "workers": "a number of workers",
}
"""Every fact that a message may show, with its meaning and unit."""

ALIASES: Final = {"reason": "problem", "fund": "region"}
"""Other names under which a fact may come."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message for translation without translating it."""
    return msgid


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One stable code: what it answers, how a command ends with it, and why.

    Attributes:
        code: The stable name, for scripts and documents.
        group: The step of judgement, or the part of the program, that answers with it.
        exit_status: Status of a command that ends with this code; 0 for warnings.
        message: English msgid, one sentence.
        remedy: English msgid, what to do now.
        source: The article or the page that the rule comes from.
    """

    code: str
    group: Group
    exit_status: int
    message: str
    remedy: str
    source: str

    @property
    def facts(self) -> tuple[str, ...]:
        """Names of the facts that message and remedy may show, in order, each once."""
        return placeholders(self.message + self.remedy)


def placeholders(msgid: str) -> tuple[str, ...]:
    """Names of the facts in a message, in order of appearance, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(msgid)))


_CONFLICTS: Final = frozenset(
    {
        "key_reused",
        "period_closed",
        "sheet_closed",
        "bank_ref_reused",
        "period_certified",
        "case_closed",
        "notice_withdrawn",
        "not_pending",
    }
)


def refusal_status(code: str, group: Group) -> int:
    """Exit status of a refusal, by the rule at the end of "Everywhere" of the command line."""
    if group == "form":
        return EXIT_INVALID
    if code == "not_authorised":
        return EXIT_NOT_AUTHORISED
    if code.startswith("unknown_"):
        return EXIT_NOT_FOUND
    if (
        code in _CONFLICTS
        or code.startswith("already_")
        or code.endswith(("_exists", "_decided", "_overlap"))
    ):
        return EXIT_CONFLICT
    return EXIT_REFUSED


def refusal(code: str, group: Group, message: str, remedy: str, source: str) -> Code:
    """Define the code of a refused or invalid posting."""
    return Code(
        code=code,
        group=group,
        exit_status=refusal_status(code, group),
        message=message,
        remedy=remedy,
        source=source,
    )


def rule(code: str, message: str, remedy: str, source: str) -> Code:
    """Define a code of a kind's own table."""
    return refusal(code, "rule", message, remedy, source)


def coded(
    group: Group, code: str, exit_status: int, message: str, remedy: str, source: str
) -> Code:
    """Define a code of any group."""
    return Code(
        code=code,
        group=group,
        exit_status=exit_status,
        message=message,
        remedy=remedy,
        source=source,
    )


def warning(code: str, message: str, remedy: str, source: str) -> Code:
    """Define a warning: the posting is recorded, and says so."""
    return coded("warning", code, EXIT_OK, message, remedy, source)
