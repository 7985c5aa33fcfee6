"""``wageledger bank inspect``: what a bank file holds, in any currency, without any ledger.

A clerk who got a file looks into it before anything is done with it: what it is, whose account,
how much came and went, whether the balances tie, and what he must ask the bank about.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.intake import STDIN
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Command, Option, Word
from cli.rendering import message_of, remedy_of
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.banking.inspecting import Inspection, Remark

FORMATS: Final[Mapping[str, str]] = {
    "statement": N_("account statement"),
    "report": N_("report within the day (camt.052)"),
    "notification": N_("debit or credit notification (camt.054)"),
    "mt940-statement": N_("account statement (MT940)"),
    "credit-transfer": N_("payout file (pain.001)"),
    "status-report": N_("bank's answer to a payout file (pain.002)"),
}
"""What a bank file is called."""

_STATEMENTS: Final = View(
    (
        Listing("statements", (), empty=N_("There is no statement in the file.")),
        Listing(
            "problems", (), title=N_("To look at"), empty=N_("Nothing is wrong with the file.")
        ),
    )
)
_SCREEN: Final = View(
    (
        Listing(
            "statements",
            (
                "id", "bank_account", "currency", "from", "to", "entries", "opening", "credits",
                "debits", "closing", "balances_tie", "pending", "return_items", "reversal_entries",
            ),
        ),
        Listing("by_currency", ("currency", "transactions", "total")),
        Listing("answers", ("status", "transactions")),
        Listing("remarks", ("statement_id", "code", "message"), title=N_("To look at")),
        Listing("remedies", ("code", "remedy"), title=N_("What to do")),
    ),
    facts=("bank_file", "id", "original_id", "group_status", "reasons"),
)  # fmt: skip


def inspect_command() -> click.Command:
    """Make ``bank inspect``."""
    return Command(
        "inspect",
        inspect,
        summary=N_("Say what a bank file holds and what is wrong with it; books nothing"),
        params=[
            Word(
                ["file"],
                N_("The file, as the bank sent it; - reads standard input"),
                metavar="FILE",
            ),
            Option(
                ["--csv-profile"], metavar="FILE", help=N_("Own profile of a bank's statement CSV")
            ),
            Option(
                ["--xsd"], metavar="DIR", help=N_("Schemas of your own to hold the file against")
            ),
        ],
        more=lambda: _(
            "Reads camt.052, camt.053, camt.054, pain.001, pain.002, MT940, MT942 and statement"
            " CSV, in any currency; what the file is, its content says. Needs no ledger. Ends with"
            " 0 also when there is something to look at, with 3 when the file cannot be read."
        ),
    )


def inspect(file: str, csv_profile: str | None, xsd: str | None) -> None:
    """Look into a file and show what it holds."""
    from ledger.banking.inspecting import inspect as look  # noqa: PLC0415 - not for --help

    printer = App.of(click.get_current_context()).printer
    with on_disk(file) as path, reading(shown_name(file)):
        found = look(
            path,
            profile=None if csv_profile is None else Path(csv_profile),
            schemas=None if xsd is None else Path(xsd),
        )
    if printer.chosen == "table":
        printer.show(_for_people(found), _SCREEN)
        if not found.remarks:
            printer.say(_("Nothing is wrong with the file."))
    else:
        problems = [_sentence(remark) for remark in found.remarks]
        printer.show({**found.figures, "problems": problems}, _STATEMENTS)


@contextmanager
def on_disk(name: str) -> Iterator[Path]:
    """A file by its name; what comes through a pipe (``-``) is put aside, for its owner alone.

    Readers of bank files look at the beginning first and then read all of it.
    """
    if name != STDIN:
        yield Path(name)
        return
    import shutil  # noqa: PLC0415 - not for --help
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - as above

    with NamedTemporaryFile(prefix="wageledger-", suffix=".part") as aside:
        shutil.copyfileobj(sys.stdin.buffer, aside)
        aside.flush()
        yield Path(aside.name)


def shown_name(name: str) -> str:
    """How a file is called in messages."""
    return "<stdin>" if name == STDIN else name


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Say what is wrong with a file under its name.

    Raises:
        LedgerError: as the readers, with the file; ``no_file``, ``file_unreadable``.
    """
    try:
        yield
    except LedgerError as error:
        error.facts.setdefault("file", name)
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LedgerError("no_file", file=str(error.filename or name)) from None
    except (OSError, ValueError) as error:
        name = str(getattr(error, "filename", None) or name)
        number = getattr(error, "errno", None)
        problem = os.strerror(number) if number else N_("it is not the name of a file")
        raise LedgerError("file_unreadable", file=name, problem=problem) from error


def _sentence(remark: "Remark") -> str:
    """A problem as one text: its code, what is wrong, and where."""
    said = f"{remark.problem.code}: {message_of(remark.problem.code, remark.problem.facts)}"
    if remark.statement is None:
        return said
    of = _("statement {id}", id=remark.statement)
    return f"{said} ({of})"


def _for_people(found: "Inspection") -> dict[str, Any]:
    """The figures as a screen shows them: amounts with their currency's decimals."""
    from ledger.banking.currencies import minor_text  # noqa: PLC0415 - not for --help

    figures = found.figures
    called = FORMATS[figures["kind"]]
    shown: dict[str, Any] = {
        **figures,
        "bank_file": _(called),
        "remarks": [
            {
                "statement_id": remark.statement,
                "code": remark.problem.code,
                "message": message_of(remark.problem.code, remark.problem.facts),
            }
            for remark in found.remarks
        ],
        "remedies": [
            {"code": code, "remedy": remedy_of(code, {})}
            for code in dict.fromkeys(remark.problem.code for remark in found.remarks)
        ],
        "by_currency": [
            {
                "currency": currency,
                "transactions": each["n"],
                "total": minor_text(each["minor"], currency),
            }
            for currency, each in (figures["by_ccy"] or {}).items()
        ],
        "answers": [
            {"status": status, "transactions": count}
            for status, count in (figures["tx_statuses"] or {}).items()
        ],
    }
    shown["statements"] = [_row(statement) for statement in figures["statements"]]
    return shown


def _row(statement: Mapping[str, Any]) -> dict[str, Any]:
    """One statement as a row."""
    from ledger.banking.currencies import minor_text  # noqa: PLC0415 - not for --help

    currency = statement["currency"] or ""

    def amount(key: str) -> str | None:
        value = statement[key]
        return None if value is None else minor_text(value, currency)

    return {
        **{key: statement[key] for key in ("id", "currency", "from", "to", "entries")},
        "bank_account": statement["account"],
        "opening": amount("opening_minor"),
        "credits": amount("credit_minor"),
        "debits": amount("debit_minor"),
        "closing": amount("closing_minor"),
        "balances_tie": statement["balances_tie"],
        "pending": statement["entries"] - statement["booked"] or None,
        "return_items": statement["return_items"] or None,
        "reversal_entries": statement["reversal_entries"] or None,
    }
