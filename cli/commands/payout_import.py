"""``wageledger payout import``: what the bank says of payouts, booked line by line, once.

A file is booked whole or not at all. Only what a bank confirms discharges a wage; what it refuses
opens the claim again, also when it had been settled before. The same file again, or a later one
that repeats it, books nothing twice.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli import answers as told
from cli.app import App
from cli.boundary import Ended
from cli.completing import completer
from cli.messages import N_, _, render
from cli.output import Listing, View
from cli.payout_receipts import receipts_of
from cli.program import Command, Option, Word
from cli.progress import Waiting
from ledger.kernel.codes import exit_status_of, file_exit_status
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from cli.books import Books
    from ledger.banking.payout_answers import AnswerFile, Batch, Resolved, Trouble
    from ledger.banking.payout_layout import PayoutLayout
    from ledger.service import Answer

_CSV: Final = "csv:"
_HEAD: Final = 4096
_VIEW: Final = View(
    (
        Listing(
            "postings",
            ("kind", "batch", "on", "count", "amount_fen", "status", "position"),
            empty=N_("The file says nothing that is not booked."),
        ),
        Listing("unknown", ("row", "reference"), title=N_("Not of this ledger")),
    ),
    facts=("settled_count", "returned_count", "late_count", "pending_count", "repeated_count"),
)


def import_command() -> Command:
    """Make ``payout import``."""
    return Command(
        "import",
        import_answers,
        summary=N_("Book what the bank says of payouts: settled, returned, returned late"),
        params=[
            Word(["file"], N_("The bank's answer: pain.002, results in a layout, or receipts"),
                 metavar="FILE"),
            Option(["--batch"], metavar="BATCH", help=N_("Only answers to this batch are expected"),
                   shell_complete=completer("batch")),
            Option(["--layout"], metavar="csv:LAYOUT",
                   help=N_("How results in a CSV or of fixed width are to be read")),
            Option(["--on"], metavar="DATE", help=N_("Day of the answer; the file's, if left out")),
            Option(["--dry-run"], is_flag=True,
                   help=N_("Judge everything, record nothing; show what would be recorded")),
        ],
        more=lambda: _(
            "A file is booked whole or not at all; the same file again books nothing. Only ACSC and"
            " ACCC, or what the layout calls settled, discharge a wage. References that are not of"
            " this ledger are listed and the rest is booked; the command then ends with 5. A list"
            " of receipts, as workbook or text with cards and amounts, answers the batch named with"
            " --batch: whom a receipt is about is found by card."
        ),
    )  # fmt: skip


def import_answers(
    file: str, *, batch: str | None, layout: str | None, on: str | None, dry_run: bool
) -> None:
    """Book a bank's answers; ends with the status of the file."""
    app = App.of(click.get_current_context())
    if on is not None and parse_date(on) is None:
        problem = N_("write a date as 2026-03-31")
        raise LedgerError("bad_option", option="--on", value=on, problem=problem)
    with app.books() as books, Waiting(quiet=app.printer.quiet):
        position = _position_of(books, batch)
        opened = _opened(app, books, file, layout, position)
        resolved = _resolve(app, books, opened, position, on)
    _refuse_trouble(file, [*opened.troubles, *resolved.troubles])
    postings = resolved.postings(opened.digest, opened.document)
    results = _post(app, postings, dry_run=dry_run) if postings else []
    _show(app, resolved, results, dry_run=dry_run)
    _end(file, resolved, results)


def _position_of(books: "Books", batch: str | None) -> int | None:
    if batch is None:
        return None
    return int(books.ask("payout_order:payout_position", batch=batch)["position"])


# -- reading ------------------------------------------------------------------


def _opened(
    app: App, books: "Books", file: str, layout: str | None, position: int | None
) -> "AnswerFile":
    """Recognise a file and open it.

    Raises:
        LedgerError: ``no_file``, ``file_unreadable``, ``bank_file_empty``, ``bad_answer_file``, or
            what is wrong with the layout.
    """
    raw = _raw(file)
    digest = hashlib.sha256(raw).hexdigest()
    if raw[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and layout is None:
        return _status_report(file, digest)
    chosen = _layout(layout, raw)
    if chosen is None:
        return receipts_of(app, books, raw, position)
    return _return_file(raw, digest, chosen, position)


def _raw(file: str) -> bytes:
    from ledger.banking.return_file import MOST_BYTES  # noqa: PLC0415 - not for --help

    try:
        with Path(file).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise LedgerError("no_file", file=file) from None
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        problem = os.strerror(number) if number else N_("it is not the name of a file")
        raise LedgerError("file_unreadable", file=file, problem=problem) from error
    if not raw.strip():
        raise LedgerError("bank_file_empty", file=file)
    if len(raw) > MOST_BYTES:
        raise LedgerError("bad_answer_file", file=file, problem=N_("it is too large"))
    return raw


def _status_report(file: str, digest: str) -> "AnswerFile":
    from ledger.banking.opening import recognise  # noqa: PLC0415 - loads lxml
    from ledger.banking.payout_answers import AnswerFile  # noqa: PLC0415 - not for --help
    from ledger.banking.status_answers import StatusAnswers  # noqa: PLC0415 - as above
    from ledger.banking.status_report import read_status_report  # noqa: PLC0415 - as above

    kind: str | None = None
    try:
        kind = recognise(Path(file)).kind
    except LedgerError as error:
        if error.code != "bank_format":
            raise
    if kind != "status-report":
        problem = N_("it is no pain.002; statements are read by `wageledger bank import`")
        raise LedgerError("bad_answer_file", file=file, problem=problem)
    report = read_status_report(Path(file))
    read = StatusAnswers(report)
    document = {"type": "pain.002", "sha256": digest}
    return AnswerFile(read.answers, read.troubles, document, digest)


def _return_file(
    raw: bytes, digest: str, chosen: "PayoutLayout", position: int | None
) -> "AnswerFile":
    from ledger.banking.payout_answers import AnswerFile  # noqa: PLC0415 - not for --help
    from ledger.banking.return_file import ReturnFile  # noqa: PLC0415 - not for --help

    assert chosen.returns is not None  # noqa: S101 - _layout chose one that has them
    read = ReturnFile(chosen.returns, raw, position, [])
    document = {"type": f"csv:{chosen.name}"[:64], "sha256": digest}
    return AnswerFile(read.answers, read.troubles, document, digest)


def _layout(layout: str | None, raw: bytes) -> "PayoutLayout | None":
    """The layout that was named, or the one whose heading stands in the file, if any."""
    from ledger.banking.layout_reader import load_layout, shipped_layouts  # noqa: PLC0415
    from ledger.banking.return_file import has_heading  # noqa: PLC0415 - not for --help

    if layout is not None:
        chosen = load_layout(layout.removeprefix(_CSV))
        if chosen.returns is None:
            problem = N_("the layout does not say how results are read")
            raise LedgerError("bad_option", option="--layout", value=layout, problem=problem)
        return chosen
    for name in shipped_layouts():
        found = load_layout(name)
        if found.returns is not None and has_heading(found.returns, raw):
            return found
    return None


# -- deciding and posting -----------------------------------------------------


def _resolve(
    app: App, books: "Books", opened: "AnswerFile", position: int | None, on: str | None
) -> "Resolved":
    from ledger.banking.payout_answers import (  # noqa: PLC0415 - not for --help
        Batch,
        Instructed,
        Said,
        resolve,
    )

    def batch_at(asked: int) -> "Batch | None":
        if position is not None and asked != position:
            return None
        try:
            found = books.ask("payout_order:payout_answers", position=asked)
        except LedgerError as error:
            if error.code != "unknown_batch":
                raise
            return None
        lines = {
            number: Instructed(
                line["claim"], line["amount_fen"], tuple(Said(*word) for word in line["said"])
            )
            for number, line in found["lines"].items()
        }
        return Batch(found["batch"], found["project"], asked, lines)

    taken = opened.take()
    if on is not None:
        taken = (answer._replace(on=on) for answer in taken)
    return resolve(taken, batch_at, app.today)


def _refuse_trouble(file: str, troubles: list["Trouble"]) -> None:
    """Name every wrong line and refuse the file.

    Raises:
        Ended: With the lowest status of the codes.
    """
    if not troubles:
        return
    told.tell(_trouble_lines(file, troubles))
    raise Ended(file_exit_status(exit_status_of(one.code) for one in troubles))


def _trouble_lines(file: str, troubles: list["Trouble"]) -> Iterator[str]:
    for one in sorted(troubles, key=lambda trouble: trouble.row):
        place = told.place(file, one.row) if one.row else file
        yield f"{place}: {render(one.code, one.facts).splitlines()[0]}"
    for code in dict.fromkeys(one.code for one in troubles):
        yield from render(code, {}).splitlines()[1:]


def _post(app: App, postings: list[dict[str, Any]], *, dry_run: bool) -> list["Answer"]:
    with app.ledger() as ledger:
        with Waiting(quiet=app.printer.quiet):
            results = list(ledger.post(postings, poster=app.poster, atomic=True, dry_run=dry_run))
        if not dry_run and any(result.status == "recorded" for result in results):
            app.catch_up(ledger)
    return results


# -- telling ------------------------------------------------------------------


def _show(app: App, resolved: "Resolved", results: list["Answer"], *, dry_run: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "kind": part.kind, "batch": part.batch.batch, "on": part.on,
            "count": len(part.lines), "amount_fen": sum(part.amounts), "status": result.status,
            "position": result.position, "code": result.code, "key": result.key,
        }
        for part, result in zip(resolved.parts, results, strict=True)
    ]  # fmt: skip
    rows += [
        {
            "kind": one.kind, "batch": one.batch, "on": one.on, "count": one.count,
            "amount_fen": one.amount_fen, "status": "duplicate", "position": one.position or None,
            "code": None, "key": None,
        }
        for one in resolved.repeated
    ]  # fmt: skip
    document = {
        "settled_count": _count(resolved, "PayoutSettled"),
        "returned_count": _count(resolved, "PayoutReturned"),
        "late_count": resolved.late,
        "pending_count": resolved.pending,
        "repeated_count": sum(one.count for one in resolved.repeated),
        "postings": rows,
        "unknown": [{"row": one.row, "reference": one.facts["value"]} for one in resolved.unknown],
    }
    app.printer.show(document, _VIEW)
    if dry_run:
        app.printer.say(_("Dry run, nothing is recorded."))


def _count(resolved: "Resolved", kind: str) -> int:
    return sum(len(part.lines) for part in resolved.parts if part.kind == kind)


def _end(file: str, resolved: "Resolved", results: list["Answer"]) -> None:
    """Say what was refused or is unknown, and end with the status of the file."""
    for result in results:
        if result.status in told.FAILED:
            told.tell(told.failure_lines(result, file))
        else:
            told.tell(told.warning_lines(result))
    statuses = [told.status_of(result) for result in results]
    if resolved.unknown:
        told.tell(_trouble_lines(file, resolved.unknown))
        statuses.append(exit_status_of("unknown_reference"))
    status = file_exit_status(statuses)
    if status:
        raise Ended(status)
