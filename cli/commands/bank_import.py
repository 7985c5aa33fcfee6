"""``wageledger bank import``: book a bank's statement, once.

The file is booked whole or not at all. The same file again is a duplicate; a statement that
overlaps earlier ones adds the days that are new.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli import answers
from cli.app import App
from cli.boundary import Ended
from cli.commands.bank_inspect import on_disk, reading, shown_name
from cli.messages import N_, _, ngettext
from cli.output import Listing, View
from cli.program import Command, Option, Word
from cli.progress import Waiting
from cli.rendering import message_of, remedy_of
from ledger.kernel.collector import collector_paused
from ledger.kernel.errors import LedgerError
from ledger.kernel.money import format_yuan

if TYPE_CHECKING:
    from ledger.banking.accounts import KnownAccount
    from ledger.banking.booking import Booking
    from ledger.banking.statement import Statement
    from ledger.service import Answer

_LAST_DIGITS: Final = 4
_VIEW: Final = View(
    (
        Listing(
            "statements",
            ("statement_id", "from", "to", "lines", "opening_fen", "closing_fen", "status"),
        ),
    ),
    facts=("account",),
    of="bank",
)  # fmt: skip


def import_command() -> click.Command:
    """Make ``bank import``."""
    return Command(
        "import",
        import_statement,
        summary=N_("Book a bank's statement of an account, once"),
        params=[
            Word(["file"], N_("The file, as the bank sent it; - reads standard input"),
                 metavar="FILE"),
            Option(
                ["--account"], metavar="ACCOUNT", needed=True,
                help=N_("Of which account: wage:PROJECT, deposit:PROJECT or fund:REGION"),
            ),
            Option(
                ["--csv-profile"], metavar="FILE", help=N_("Own profile of a bank's statement CSV")
            ),
            Option(["--dry-run"], is_flag=True, help=N_("Judge everything, record nothing")),
        ],
        more=lambda: _(
            "Takes camt.053, MT940 and statement CSV. The file is booked whole or not at all; the"
            " same file again changes nothing, and of days that are booked already only new ones"
            " are added. Names, accounts and texts of the other side are not kept."
        ),
    )  # fmt: skip


def import_statement(
    file: str, account: str | None, csv_profile: str | None, *, dry_run: bool
) -> None:
    """Book the statements of a file; ends with the status of its postings."""
    app = App.of(click.get_current_context())
    if account is None:
        raise LedgerError("missing_option", option="--account")
    with app.ledger() as ledger, on_disk(file) as path:
        known = ledger.accounts.known(account)
        run = Import(shown_name(file), account, known, path)
        profile = None if csv_profile is None else Path(csv_profile)
        with reading(shown_name(file)), Waiting(quiet=app.printer.quiet):
            postings = begun(run.postings(profile))  # read before the ledger is locked for it
            given = ledger.post(postings, poster=app.poster, atomic=True, dry_run=dry_run)
            run.take(given)
    app.printer.show({"account": account, **run.result()}, _VIEW)
    answers.tell(run.said())
    if run.tally.exit_status:
        raise Ended(run.tally.exit_status)


def begun(postings: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same postings, the first of which is made already."""
    first = next(postings, None)
    return iter(()) if first is None else chain([first], postings)


class Import:
    """One file on its way: its statements, and what became of each."""

    def __init__(
        self, file: str, account: str, known: "KnownAccount", path: Path | None = None
    ) -> None:
        """Begin with a file.

        Args:
            file: Its name for people.
            account: The account that it is of.
            known: What is known of it.
            path: Where the file lies, if not under its name.
        """
        self.tally = answers.Tally()
        self._file = file
        self._path = path or Path(file)
        self._account = account
        self._known = known
        self._bookings: list[Booking] = []
        self._owners: list[int] = []
        self._answers: list[Answer] = []

    def postings(self, profile: Path | None) -> Iterator[dict[str, Any]]:
        """The postings of all statements of the file, read as they are posted.

        Raises:
            BankFileError: as the readers and `Booking.postings`.
        """
        from ledger.banking.booking import Booking  # noqa: PLC0415 - not for --help
        from ledger.banking.opening import read_statements  # noqa: PLC0415 - not for --help

        for statement in read_statements(self._path, profile, parties=False):
            self._require_account(statement)
            booking = Booking(statement, self._account)
            self._bookings.append(booking)
            for posting in booking.postings():
                self._owners.append(len(self._bookings) - 1)
                yield posting
        if not self._bookings:
            raise LedgerError("bank_file_empty", file=self._file)

    def _require_account(self, statement: "Statement") -> None:
        """Refuse the statement of another account, as far as anybody said which it is."""
        found, declared = digits_of(statement.account), self._known.last4
        if found and declared and not found.endswith(declared):
            raise LedgerError(
                "bank_other_account", file=self._file, found=found[-_LAST_DIGITS:],
                declared=declared,
            )  # fmt: skip

    def take(self, given: Iterable["Answer"]) -> None:
        """Note what became of each posting."""
        with collector_paused():
            for answer in given:
                self._answers.append(answer)
                self.tally.count(answer)

    def result(self) -> dict[str, Any]:
        """What programs read: one row a statement."""
        rows = []
        for at, booking in enumerate(self._bookings):
            mine = self._of(at)
            statuses = {answer.status for answer in mine}
            status = "recorded" if "recorded" in statuses else min(statuses, default="duplicate")
            rows.append(
                {
                    "statement_id": booking.statement_id,
                    "from": booking.from_on,
                    "to": booking.to_on,
                    "lines": booking.lines,
                    "left_out": booking.left_out,
                    "opening_fen": booking.opening_fen,
                    "closing_fen": booking.closing_fen,
                    "status": status,
                    "positions": [a.position for a in mine if a.position is not None],
                }
            )
        return {"statements": rows, "warnings": [code for code, _facts in self._warnings()]}

    def _of(self, at: int) -> list["Answer"]:
        return [
            answer
            for answer, owner in zip(self._answers, self._owners, strict=False)
            if owner == at
        ]

    def said(self) -> Iterator[str]:
        """What a person should hear: failures, warnings, what to do next."""
        failed = [answer for answer in self._answers if answer.status in answers.FAILED]
        for answer in failed:
            if answer.code != "rolled_back" or len(failed) == 1:
                yield from answers.failure_lines(answer, self._file)
        if failed:
            return
        for code, facts in self._warnings():
            yield _("warning {code}: {message}", code=code, message=message_of(code, facts))
            yield f"  {remedy_of(code, facts)}"
        lines = sum(booking.lines for booking in self._bookings)
        if self.tally.last_position is None:
            yield _("Booked before; nothing is new.")
            return
        yield ngettext("{n} line booked.", "{n} lines booked.", lines)
        yield _("Next: {command}", command=f"wageledger bank match --account {self._account}")

    def _warnings(self) -> Iterator[tuple[str, dict[str, object]]]:
        account: dict[str, object] = {"account": self._account}
        compared = self._known.last4 and all(
            digits_of(booking.statement.account) for booking in self._bookings
        )
        if not compared:
            yield "bank_account_unchecked", account
        left_out = sum(booking.left_out for booking in self._bookings)
        if left_out:
            yield "bank_left_out", {"count": left_out}
        covered = [(span.last, span.closing_fen) for span in self._known.spans]
        for booking in self._bookings:
            before = max((end for end in covered if end[0] < booking.from_on), default=None)
            covered.append((booking.to_on, booking.closing_fen))
            if before is None or any(
                span.first <= booking.from_on <= span.last for span in self._known.spans
            ):
                continue
            missing = day_after(before[0]), day_after(booking.from_on, -1)
            if missing[0] <= missing[1]:
                days = {"valid_from": missing[0], "valid_to": missing[1]}
                yield "bank_days_missing", {**account, **days}
            if before[1] != booking.opening_fen:
                yield "bank_opening_differs", {
                    "found": format_yuan(booking.opening_fen), "declared": format_yuan(before[1]),
                }  # fmt: skip


def digits_of(account: str | None) -> str:
    """The digits of an account's number as a bank writes it; empty where they are too few."""
    digits = "".join(character for character in account or "" if character.isdigit())
    return digits if len(digits) >= _LAST_DIGITS else ""


def day_after(on: str, days: int = 1) -> str:
    """The day so many days after another."""
    return (date.fromisoformat(on) + timedelta(days=days)).isoformat()
