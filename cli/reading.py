"""The commands that read, as one table: which query, which words and filters, which columns.

Every read takes ``--as-of`` and ``--known-at``; lists take ``--limit`` and ``--after`` too.
"""

import sys
from dataclasses import dataclass
from typing import Any, Final

import click

from cli.app import App
from cli.completing import completer
from cli.messages import N_
from cli.names import ACCOUNTS, KINDS
from cli.output import View
from cli.profiles import role_letter
from cli.program import Command, Option, ReadOption, Word
from cli.screens import SCREENS
from cli.streams import is_terminal
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

SCREENFUL: Final = 200
"""Rows that a table on a terminal shows at most, unless ``--limit`` says otherwise."""


@dataclass(frozen=True)
class Read:
    """A command that reads.

    Attributes:
        noun: The noun it stands under, with blanks between several; empty for none.
        verb: The verb.
        query: Module and function of ``projections.queries``.
        summary: English msgid.
        words: Arguments in order, by the query's names; an optional one ends with ``?``.
        filters: Options, by the query's names.
        paged: Whether it takes ``--limit`` and ``--after``.
        states: Values of ``--state``.
        kinds: Values of ``--kind``, where they are not the kinds of posting.
    """

    noun: str
    verb: str
    query: str
    summary: str
    words: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    paged: bool = False
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The words that call it."""
        return f"{self.noun} {self.verb}".strip()

    @property
    def view(self) -> View:
        """How people see it."""
        return SCREENS[self.path]


READS: Final[tuple[Read, ...]] = (
    Read(
        "", "liability", "liability:liability", N_("What every contractor owes"), ("party?",),
        paged=True,
    ),
    Read(
        "", "history", "history:history", N_("What happened to a party, in order"), ("party",),
        filters=("project", "kind"), paged=True,
    ),
    Read(
        "", "explain", "explain:explain", N_("Which postings make up a figure"),
        ("subject", "component"), filters=("project",),
    ),
    Read("", "trace", "trace:trace", N_("Which money paid whom"), ("what",), paged=True),
    Read(
        "", "inbox", "inbox:inbox", N_("What the profile's role must act on"),
        filters=("role", "party"), paged=True,
    ),
    Read(
        "", "journal", "journal:journal", N_("Journal lines with their running balance"),
        filters=("book", "account", "project"), paged=True,
    ),
    Read(
        "party", "list", "party:party_list", N_("List the parties"),
        filters=("project", "name"), paged=True,
    ),
    Read("party", "show", "party:party_show", N_("Show a party"), ("party",)),
    Read(
        "project", "list", "project:project_list", N_("List the projects"),
        filters=("party", "region"), paged=True,
    ),
    Read(
        "project", "show", "project:project_show", N_("The money and the deadlines of a project"),
        ("project",),
    ),
    Read(
        "project", "statement", "month:project_statement",
        N_("A month of a project: accounts, and what was owed to workers"), ("project",),
        filters=("month",),
    ),
    Read(
        "party", "statement", "month:party_statement",
        N_("A month of a party: what it owed workers, and its accounts"), ("party",),
        filters=("month",),
    ),
    Read(
        "subcontract", "list", "project:subcontract_list", N_("List the subcontracts"),
        filters=("project", "party"), paged=True,
    ),
    Read(
        "deposit", "notices", "deposit:deposit_notices", N_("List the payment notices"),
        filters=("project", "party", "state", "notice"), paged=True,
        states=("open", "drawn", "withdrawn"),
    ),
    Read("deposit", "show", "deposit:deposit_show", N_("The deposit of a project"), ("project",)),
    Read(
        "payroll", "list", "payroll:payroll_list", N_("List the payroll sheets"),
        filters=("project", "party", "state", "period"), paged=True,
        states=("submitted", "approved", "returned", "reversed"),
    ),
    Read(
        "payroll", "show", "payroll:payroll_show", N_("A sheet with its lines"), ("sheet",),
        paged=True,
    ),
    Read(
        "payout", "list", "payout:payout_list", N_("List the payout batches"),
        filters=("project", "party", "state"), paged=True,
        states=("pending", "partly", "settled", "returned"),
    ),
    Read(
        "payout", "show", "payout:payout_show", N_("A batch with its lines"), ("batch",),
        paged=True,
    ),
    Read(
        "bank", "breaks", "breaks:breaks", N_("What bank and ledger do not have in common"),
        filters=("account", "kind"), paged=True,
        kinds=("missing_in_ledger", "missing_at_bank", "amount_differs", "duplicate",
               "unknown_credit", "late"),
    ),
    Read(
        "claim", "list", "claim:claim_list", N_("List wage claims"),
        filters=("project", "employer", "worker", "state"), paged=True,
        states=("open", "in_transit", "arrears", "paid"),
    ),
    Read("claim", "show", "claim:claim_show", N_("A claim and what happened to it"), ("claim",)),
    Read(
        "case", "list", "case:case_list", N_("List the cases"),
        filters=("project", "party", "state"), paged=True, states=("open", "closed"),
    ),
    Read("case", "show", "case:case_show", N_("A case with its claims and deadlines"), ("case",)),
    Read("fund", "show", "fund:fund_show", N_("The money of the funds"), ("region?",)),
    Read(
        "fund advance", "list", "fund:advance_list", N_("List the advances"),
        filters=("region", "project", "party", "state", "advance"), paged=True,
        states=("requested", "approved", "rejected", "paid"),
    ),
    Read(
        "policy", "list", "policy:policy_list", N_("List the values of rules"),
        filters=("region", "parameter"), paged=True,
    ),
    Read(
        "policy", "show", "policy:policy_list", N_("The values of a rule"),
        ("parameter", "region?"), paged=True,
    ),
)  # fmt: skip
"""Every read but ``worker show``, which also asks the vault, and ``events``, which is the log."""

_HELP: Final = {
    "party": N_("Credit code of a party"),
    "project": N_("Id of a project"),
    "employer": N_("Credit code of the employer"),
    "worker": N_("Reference of a worker"),
    "sheet": N_("Id of a payroll sheet"),
    "batch": N_("Id of a payout batch"),
    "claim": N_("A claim: SHEET/LINE, or the id of an asserted claim"),
    "case": N_("Id of a case"),
    "subject": N_(
        "Credit code, region, or id of a project, sheet, batch, notice, advance, case, claim or"
        " worker; sheet:ID where an id is given twice"
    ),
    "what": N_(
        "Position of a transfer or payment (177 or @177), its bank reference, a claim, or the id"
        " of a batch"
    ),
    "component": N_(
        "A figure by its key in JSON, such as own_arrears; LIST.ROW.KEY for one of a row; an"
        " account of the party"
    ),
    "state": N_("Only these states, several with commas"),
    "region": N_("Region, 6 digits of GB/T 2260"),
    "parameter": N_("Name of a policy parameter"),
    "name": N_("A part of the name"),
    "kind": N_("Kind of posting"),
    "break": N_("Kind of break"),
    "bank_account": N_("Statement account: wage:PROJECT, deposit:PROJECT or fund:REGION"),
    "notice": N_("Id of a payment notice"),
    "advance": N_("Id of an advance"),
    "period": N_("Month, YYYY-MM"),
    "month": N_("Month, YYYY-MM; this month, if left out"),
    "book": N_("Credit code of a party, or fund:REGION"),
    "account": N_("Name of an account"),
    "role": N_("Letter of a role; the profile's, if left out"),
}

_NOT_BOOKED: Final = frozenset({"wage", "deposit", "fund", "required", "guarantee"})
BOOKED: Final = tuple(name for name in ACCOUNTS if name not in _NOT_BOOKED)
"""Accounts of the journal; the others are pots of bank statements and memoranda of `explain`."""

_REFERS: Final = {"employer": "party", "subject": "party", "region": "fund"}


def reading_commands(noun: str) -> list[click.Command]:
    """Make the reads that stand under a noun."""
    return [reading_command(read) for read in READS if read.noun == noun]


def reading_command(read: Read) -> Command:
    """Make a command that reads."""

    def run(**values: Any) -> None:  # noqa: ANN401 - as typed
        app = App.of(click.get_current_context())
        app.printer.show(ask(app, read, values), read.view)

    params: list[click.Parameter] = [_word(word) for word in read.words]
    params += [
        Option(
            [f"--{name}"],
            metavar="|".join(read.states) if name == "state" else "TEXT",
            help=_HELP[_help_of(read, name)],
            shell_complete=completer(_REFERS.get(name, name), _choices(read, name)),
        )
        for name in read.filters
    ]  # fmt: skip
    return Command(
        read.verb, run, summary=read.summary, params=[*params, *dated(), *paged(read.paged)]
    )


def _help_of(read: Read, name: str) -> str:
    """What a filter means, where breaks have another kind and another account than the books."""
    ours = {"kind": "break", "account": "bank_account"} if read.kinds else {}
    return ours.get(name, name)


def _choices(read: Read, name: str) -> tuple[str, ...]:
    """The values of a filter, where the command itself has a list of them."""
    return {"state": read.states, "kind": read.kinds}.get(name, ())


_METAVARS: Final = {"what": "TRANSFER|CLAIM"}


def _word(word: str) -> click.Argument:
    name = word.removesuffix("?")
    optional = word.endswith("?")
    return Word(
        [name],
        _HELP[name],
        required=not optional,
        metavar=f"[{name.upper()}]" if optional else _METAVARS.get(name, name.upper()),
        shell_complete=completer(_REFERS.get(name, name)),
    )


def dated() -> list[click.Parameter]:
    """The options of every read."""
    return [
        ReadOption(["--as-of"], metavar="DATE", help=N_("As of the end of that day; today")),
        ReadOption(
            ["--known-at"], metavar="POSITION|TIME",
            help=N_("As it was known then: leave out what was recorded later"),
        ),
    ]  # fmt: skip


def paged(wanted: bool) -> list[click.Parameter]:
    """The options of a list."""
    if not wanted:
        return []
    return [
        ReadOption(["--limit"], metavar="N", help=N_("At most so many rows")),
        ReadOption(["--after"], metavar="CURSOR", help=N_("The page after this cursor")),
    ]


def ask(app: App, read: Read, values: dict[str, Any]) -> dict[str, Any]:
    """Ask the query of a read.

    Raises:
        LedgerError: ``bad_option``, or what the query answers.
    """
    asked = {
        name: values[name]
        for name in (*(word.removesuffix("?") for word in read.words), *read.filters)
        if values.get(name) is not None
    }
    require_text(asked)
    require_known(read, asked)
    on: str | None = as_of(app, values.get("as_of"))
    if read.paged:
        asked |= page_of(app, values)
    if read.verb == "inbox":
        asked = {"role": "O", "party": None, **profile_of(app), **asked}
        asked["role"] = role_letter(str(asked["role"]))
    if read.verb == "history" and values.get("as_of") is None:
        on = None
    with app.books() as books:
        known_at = books.known_at(values.get("known_at"))
        return books.ask(read.query, as_of=on, known_at=known_at, **asked)


def require_text(asked: dict[str, Any]) -> None:
    """Refuse what no text is: a shell passes on bytes of any encoding.

    Raises:
        LedgerError: ``bad_option``.
    """
    for name, value in asked.items():
        try:
            str(value).encode()
        except UnicodeEncodeError:
            problem = N_("it is not text in the encoding of the terminal")
            raise LedgerError("bad_option", option=name.upper(), problem=problem) from None


def require_known(read: Read, asked: dict[str, Any]) -> None:
    """Refuse a state, kind or account that there is not: nothing found would be a wrong answer.

    Raises:
        LedgerError: ``bad_option``, with those that there are.
    """
    kinds = read.kinds or tuple(KINDS)
    accounts = BOOKED if "book" in read.filters else ()  # elsewhere it is one at a bank
    for name, known in (("state", read.states), ("kind", kinds), ("account", accounts)):
        for value in str(asked.get(name, "")).split(","):
            if known and value.strip() not in {"", *known}:
                problem = ", ".join(_choices(read, name))
                raise LedgerError("bad_option", option=f"--{name}", value=value, problem=problem)


def profile_of(app: App) -> dict[str, str]:
    """Role and party of the profile, as filters."""
    named = {"role": app.profile.role, "party": app.profile.party}
    return {name: value for name, value in named.items() if value is not None}


def as_of(app: App, text: str | None) -> str:
    """Read ``--as-of``; today where it is left out.

    Raises:
        LedgerError: ``bad_option``.
    """
    if text is None:
        return app.today
    if parse_date(text) is None:
        problem = N_("write a date as 2026-03-31")
        raise LedgerError("bad_option", option="--as-of", value=text, problem=problem)
    return text


def page_of(app: App, values: dict[str, Any]) -> dict[str, Any]:
    """Read ``--limit`` and ``--after``.

    Raises:
        LedgerError: ``bad_option``.
    """
    return {"limit": limit_of(app, values.get("limit")), "after": values.get("after")}


def limit_of(app: App, text: str | None) -> int | None:
    """Read ``--limit``; a table on a terminal is never endless.

    Raises:
        LedgerError: ``bad_option``.
    """
    if text is not None:
        if not (text.isascii() and text.isdigit() and int(text[:12]) > 0):
            problem = N_("it is not a whole number above 0")
            raise LedgerError("bad_option", option="--limit", value=text, problem=problem)
        return int(text[:12])
    if app.printer.chosen == "table" and app.printer.path is None and is_terminal(sys.stdout):
        return SCREENFUL
    return None
