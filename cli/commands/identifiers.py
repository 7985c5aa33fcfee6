"""``wageledger id check``: the digits of an identifier, without any ledger."""

from typing import Any

import click

from cli.app import App
from cli.boundary import Ended
from cli.messages import N_
from cli.names import problem_name
from cli.output import View
from cli.program import Command, Group, Word
from ledger.kernel.codes import EXIT_INVALID
from ledger.kernel.dates import SystemClock, business_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import (
    credit_code_problem,
    is_card_number,
    luhn_ok,
    resident_id_problem,
)

_VIEW = View(facts=("valid", "notes"))
_TYPES = ("uscc", "resident-id", "card")
_CARD_FORM = N_("it is not 16 to 19 digits")
_CARD_LUHN = N_("the check digit at the end is wrong")


def command(_name: str) -> click.Command:
    """Make ``id``."""
    check = Command(
        "check",
        check_identifier,
        summary=N_("Check a credit code, resident ID number or card number"),
        params=[
            Word(["kind"], N_("What it is"), metavar="|".join(_TYPES)),
            Word(["value"], N_("The identifier"), metavar="VALUE"),
        ],
    )
    return Group("id", summary=N_("Check the digits of an identifier"), commands=[check])


def problems_of(kind: str, value: str) -> list[str]:
    """What is wrong with an identifier, as msgids; nothing when it is right.

    Raises:
        LedgerError: ``bad_option`` for a kind of identifier that is not known.
    """
    if kind == "uscc":
        found = credit_code_problem(value)
    elif kind == "resident-id":
        found = resident_id_problem(value, business_date(SystemClock().now()))
    elif kind == "card":
        found = None if luhn_ok(value) else _CARD_LUHN if is_card_number(value) else _CARD_FORM
    else:
        raise LedgerError("bad_option", option="|".join(_TYPES), value=kind)
    return [] if found is None else [found]


def check_identifier(kind: str, value: str) -> None:
    """Check it; ends with status 3 when it is not right."""
    problems = problems_of(kind, value)
    answer: dict[str, Any] = {
        "valid": not problems,
        "notes": [problem_name(problem) for problem in problems],
    }
    App.of(click.get_current_context()).printer.show(answer, _VIEW)
    if problems:
        raise Ended(EXIT_INVALID)
