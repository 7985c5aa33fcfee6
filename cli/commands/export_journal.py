"""``wageledger export journal``: the books for beancount, hledger or ledger, to check us."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from cli.app import App
from cli.messages import N_, _
from cli.program import Command, GlobalOption, Option
from cli.progress import Progress
from cli.reading import as_of, dated, require_text
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from cli.books import Books
    from cli.plaintext.writing import Journal

PROGRAMS: Final = ("beancount", "hledger", "ledger")
_AT_ONCE: Final = 500
"""Pieces of text that are written together."""


class _JournalCommand(Command):
    """A command whose format is said by ``--to`` alone."""

    def __init__(self, *given: Any, **rest: Any) -> None:  # noqa: ANN401 - as its base
        super().__init__(*given, **rest)
        self.params = [
            each
            for each in self.params
            if not (isinstance(each, GlobalOption) and each.name == "format")
        ]


def journal_command() -> Command:
    """Make ``export journal``."""
    return _JournalCommand(
        "journal",
        export,
        summary=N_("The books for beancount, hledger or ledger, which check them again"),
        params=[
            Option(["--to", "program"], metavar="|".join(PROGRAMS), needed=True,
                   help=N_("Which program shall read it")),
            Option(["--project"], metavar="TEXT",
                   help=N_("Only the cells of a project; the rest of a posting is `Elsewhere`")),
            Option(["--memoranda"], is_flag=True,
                   help=N_("Also what no journal line carries: deposits required, guarantees,"
                           " prices, floors and commitments of funds")),
            *dated(),
        ],
        more=lambda: _(
            "Every cell of the books is an account: book, account, project, counterparty, due"
            " date. The file names no person."
        ),
    )  # fmt: skip


def export(
    program: str | None,
    *,
    project: str | None,
    memoranda: bool,
    as_of: str | None,
    known_at: str | None,
) -> None:
    """Write the journal as it is read.

    Raises:
        LedgerError: ``missing_option``, ``bad_option``, ``unknown_project`` or
            ``output_unwritable``.
    """
    from cli.plaintext.dialects import DIALECTS  # noqa: PLC0415 - not for --help
    from cli.plaintext.writing import written  # noqa: PLC0415 - not for --help

    app = App.of(click.get_current_context())
    if program is None:
        raise LedgerError("missing_option", option="--to")
    if program not in DIALECTS:
        problem = ", ".join(PROGRAMS)
        raise LedgerError("bad_option", option="--to", value=program, problem=problem)
    with app.books() as books:
        journal = _journal(app, books, project, memoranda, (as_of, known_at))
        with (
            app.printer.opened_bytes() as raw,
            Progress(quiet=app.printer.quiet) as bar,
        ):
            pieces: list[str] = []
            for piece in written(journal, DIALECTS[program]):
                pieces.append(piece)
                if len(pieces) == _AT_ONCE:
                    raw.write("".join(pieces).encode())
                    bar.advance(len(pieces))
                    pieces.clear()
            raw.write("".join(pieces).encode())


def _journal(
    app: App,
    books: "Books",
    project: str | None,
    memoranda: bool,
    cut: tuple[str | None, str | None],
) -> "Journal":
    from cli.plaintext.writing import Journal  # noqa: PLC0415 - not for --help

    asked: dict[str, Any] = {
        "as_of": as_of(app, cut[0]), "known_at": books.known_at(cut[1]), "project": project,
    }  # fmt: skip
    require_text({} if project is None else {"project": project})
    position = books.view.position
    remarks = [f"wageledger {app.tenant}", f"position: {position}"]
    remarks += [
        f"{name}: {value}"
        for name, value in (("as_of", cut[0]), ("known_at", cut[1] and asked["known_at"]),
                            ("project", project))
        if value is not None
    ]  # fmt: skip
    return Journal(
        remarks=remarks,
        cells=partial(books.stream, "journal_export:cells", **asked),
        lines=books.stream("journal_export:lines", **asked),
        memoranda=tuple(books.stream("memoranda:memoranda", **asked)) if memoranda else (),
        partial=project is not None,
    )
