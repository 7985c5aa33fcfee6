"""``wageledger export bundle`` and ``export receipt``: evidence that checks itself offline.

What is written is verified with the verifier that receives it, before it stands under its name.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.aside import bytes_aside
from cli.completing import completer
from cli.messages import N_, _
from cli.private_files import written_privately
from cli.program import Command, Option, Word
from cli.unmasked import Purpose, identities, purpose_of, unmasking
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from cli.evidence.packing import Asked, Files

_PDF: Final = ".pdf"


def bundle_command() -> Command:
    """Make ``export bundle``."""
    return Command(
        "bundle",
        export_bundle,
        summary=N_("Everything on one party, with proofs, for an inspector or a court"),
        params=[
            Word(["party"], N_("Credit code"), metavar="PARTY", shell_complete=completer("party")),
            Option(["--from", "since"], metavar="DATE",
                   help=N_("Show the lines of documents from this day on; all, if left out")),
            Option(["--until"], metavar="DATE", help=N_("Up to this day; today, if left out")),
            Option(["--case"], metavar="NO", help=N_("Number of the case that it is for")),
            *unmasking(case=False),
        ],
    )  # fmt: skip


def receipt_command() -> Command:
    """Make ``export receipt``."""
    return Command(
        "receipt",
        export_receipt,
        summary=N_("A worker's receipt: one wage claim with proofs, as a file or a page (PDF)"),
        params=[
            Word(["claim"], N_("Claim: sheet/line, or the id of an asserted one"), metavar="CLAIM")
        ],
    )


def export_bundle(
    party: str, since: str | None, until: str | None, case: str | None, **values: Any  # noqa: ANN401 - as typed
) -> None:  # fmt: skip
    """Write the bundle of a party.

    Raises:
        LedgerError: ``missing_option``, ``unknown_party``, ``no_checkpoint``, what the vault says,
            ``bundle_fails`` where it does not pass its own verification.
    """
    from cli.evidence.packing import Asked, manifest, write_zip  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    path = _path_of(app)
    first = _day("--from", since)
    last = _day("--until", until) or app.today
    asked = Asked(party, first, last, case)
    if first is not None and first > last:
        raise LedgerError("bad_option", option="--from", value=first,
                          problem=N_("it is after --until"))  # fmt: skip
    purpose = purpose_of(values)
    if purpose is not None and case is None:
        raise LedgerError("missing_option", option="--case")
    people = _people(app, asked, purpose) if purpose is not None else None
    files, told, head = _files(app, asked, people)
    listed = manifest(asked, told, head, app.tenant, files)
    with tempfile.TemporaryDirectory(prefix="wageledger-") as folder:
        made = Path(folder) / "bundle.zip"
        with made.open("wb") as stream:
            write_zip(files, listed, stream)
        _require_verified(made)
        raw = made.read_bytes()
    if people is None:
        with bytes_aside(path) as target:
            target.write(raw)
    else:
        with written_privately(str(path)) as target:
            target.write(raw)
    app.printer.say(
        _("Written and verified: {file}, {shown} of {size} postings, up to {until}",
          file=path, shown=len(told["positions"]), size=head.size, until=last)
    )  # fmt: skip


def _day(option: str, text: str | None) -> str | None:
    """Read a day.

    Raises:
        LedgerError: ``bad_option``.
    """
    if text is not None and parse_date(text) is None:
        problem = N_("write a date as 2026-03-31")
        raise LedgerError("bad_option", option=option, value=text, problem=problem)
    return text


def _path_of(app: App) -> Path:
    if app.printer.path is None:
        raise LedgerError("missing_option", option="-o")
    return Path(app.printer.path)


def _people(app: App, asked: "Asked", purpose: Purpose) -> dict[str, Any]:
    """Identities of the workers in the bundle, after the log says who reads them and why."""
    with app.books() as books:
        told = books.ask("bundle:bundle", party=asked.party, since=asked.since, until=asked.until)
        workers = _workers(books, told)
    subject = {"party": asked.party, "case": asked.case or ""}
    return {"workers": dict(identities(app, workers, purpose, subject))}


def _workers(books: Any, told: dict[str, Any]) -> list[str]:  # noqa: ANN401 - Books
    found = []
    for position, shown in told["lines"].items():
        lines = books.ask("lines:document_lines", position=position)
        found += [line.worker for line in lines if line.line in shown and line.worker]
    return list(dict.fromkeys(found))


def _files(
    app: App, asked: "Asked", people: dict[str, Any] | None
) -> tuple["Files", dict[str, Any], Any]:
    from cli.books import opened  # noqa: PLC0415 - loads storage
    from cli.evidence import bundle_papers as papers  # noqa: PLC0415 - not for --help
    from cli.evidence.packing import (  # noqa: PLC0415 - as above
        PEOPLE,
        people_file,
        proven_files,
        told_files,
    )
    from cli.evidence.source import opened_source  # noqa: PLC0415 - as above
    from ledger.proof.verifying.single_file import (  # noqa: PLC0415 - as above
        NAME,
        single_file,
    )

    with opened_source(app) as source:
        head, keys = source.head, source.keys
        with opened(source.store.engine, app.tenant, app.today) as books:
            told = books.ask(
                "bundle:bundle", party=asked.party, since=asked.since, until=asked.until,
                known_at=head.size,
            )  # fmt: skip
        files = {**proven_files(source, told), **told_files(told)}
        lines = list(papers.shown_lines(source, told))
    if people is not None:
        files[PEOPLE] = people_file(people)
    files[papers.README] = papers.readme(asked, told, head, keys)
    files[papers.PDF] = papers.bundle_pdf(asked, told, head, keys)
    files[papers.XLSX] = papers.bundle_workbook(asked, told, head, lines)
    files[NAME] = single_file()
    return files, told, head


def _require_verified(path: Path) -> None:
    """Verify what was made as its receiver will.

    Raises:
        LedgerError: ``bundle_fails``.
    """
    from ledger.proof.verifying.files import UnreadableError  # noqa: PLC0415 - not for --help
    from ledger.proof.verifying.main import verify  # noqa: PLC0415 - as above
    from ledger.proof.verifying.trust import Trust  # noqa: PLC0415 - as above
    from ledger.proof.verifying.words import say  # noqa: PLC0415 - as above

    language = app_language()
    try:
        report = verify(path, Trust())
    except UnreadableError as error:
        raise LedgerError("bundle_fails", file=error.file,
                          problem=say(error.problem, language)) from None  # fmt: skip
    if report.count:
        first = report.findings[0]
        facts: dict[str, object] = {"problem": say(first.problem, language)}
        if first.position is not None:
            facts["position"] = first.position
        if first.file is not None:
            facts["file"] = first.file
        raise LedgerError("bundle_fails", **facts)


def app_language() -> str:
    """The language of this run, as the verifier names it."""
    from cli.messages import current_language  # noqa: PLC0415 - a name for one place

    return current_language()


def export_receipt(claim: str) -> None:
    """Write the receipt of a claim; an ending ``.pdf`` makes the page.

    Raises:
        LedgerError: ``missing_option``, ``unknown_claim``, ``no_checkpoint``, ``bundle_fails``.
    """
    from cli.books import opened  # noqa: PLC0415 - loads storage
    from cli.evidence.receipts import receipt_bytes, receipt_pdf  # noqa: PLC0415 - not for --help
    from cli.evidence.source import opened_source  # noqa: PLC0415 - as above

    app = App.of(click.get_current_context())
    path = _path_of(app)
    with opened_source(app) as source:
        with opened(source.store.engine, app.tenant, app.today) as books:
            told = books.ask(
                "receipt:receipt", claim=claim, as_of=app.today, known_at=source.head.size
            )
        raw = receipt_bytes(source, told)
        if path.suffix.lower() == _PDF:
            own = identities(app, [told["worker"]], None, {}).get(told["worker"], {})
            who = "  ".join(filter(None, (own.get("name"), told["worker"])))
            raw = receipt_pdf(raw, source, told, who)
    with tempfile.TemporaryDirectory(prefix="wageledger-") as folder:
        made = Path(folder) / path.name
        made.write_bytes(raw)
        _require_verified(made)
    with bytes_aside(path) as target:
        target.write(raw)
    app.printer.say(
        _("Written and verified: {file}, {claim}, {amount} yuan still owed",
          file=path, claim=claim, amount=_yuan(told["open_fen"]))
    )  # fmt: skip


def _yuan(amount_fen: int) -> str:
    from ledger.kernel.money import format_yuan  # noqa: PLC0415 - a name for one place

    return format_yuan(amount_fen)
