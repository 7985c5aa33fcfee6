"""``wageledger post``: post a file of postings, one JSON object a line."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO, cast

import click

from cli import answers
from cli.app import App
from cli.aside import written_aside
from cli.boundary import Ended
from cli.intake import STDIN, Source, opened
from cli.messages import N_, _
from cli.output import as_json, csv_row
from cli.posting import Interrupt, ending_at_interrupt, stopping
from cli.program import Command, Option, Word
from cli.progress import Progress
from cli.streams import discard_output, is_terminal, is_unicode
from ledger.kernel.codes import EXIT_INTERRUPTED
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.service import Answer

_COLUMNS = ("line", "key", "kind", "status", "position", "code", "message", "warnings")


def command(_name: str) -> click.Command:
    """Make ``post``."""
    return Command(
        "post",
        post,
        summary=N_("Post a file of postings"),
        more=lambda: _(
            "FILE holds one JSON object a line; - reads standard input. Each posting stands"
            " alone: one that is refused does not stop the others. With --format jsonl every"
            " posting has its result on stdout; a table lists only what was not recorded. A file"
            " can be posted again: what was recorded answers as a duplicate."
        ),
        params=[
            Word(["file"], N_("File of postings; - reads standard input"), metavar="FILE|-"),
            Option(["--atomic"], is_flag=True, help=N_("All postings or none")),
            Option(
                ["--dry-run"], is_flag=True,
                help=N_("Judge everything, record nothing; show what would be recorded"),
            ),
            Option(["--report"], metavar="FILE", help=N_("Write the results into a file as well")),
        ],
    )  # fmt: skip


def post(file: str, *, atomic: bool, dry_run: bool, report: str | None) -> None:
    """Post the lines of a file; ends with the status of the file."""
    app = App.of(click.get_current_context())
    app.printer.require_words()
    run = _Run(app, file, dry_run=dry_run)
    with ExitStack() as stack:
        ledger = stack.enter_context(app.ledger())
        source = stack.enter_context(opened(file))
        if (atomic or dry_run) and source.size is None:
            stack.enter_context(_spooled(source))
        out = stack.enter_context(app.printer.opened())
        copy = stack.enter_context(written_aside(Path(report))) if report else None
        bar = stack.enter_context(Progress(source.size, quiet=app.printer.quiet))
        interrupt = stack.enter_context(stopping(source, whole=atomic or dry_run))
        lines = ending_at_interrupt(source, whole=atomic or dry_run)
        given = ledger.post(lines, poster=app.poster, atomic=atomic, dry_run=dry_run)
        run.take(given, source, _Results(out, app.printer.chosen), copy, bar, interrupt)
        if not dry_run and run.tally.last_position is not None:
            app.catch_up(ledger)
    run.end(interrupt)


class _Run:
    """One run of ``post``: its answers as they come, and how it ends."""

    def __init__(self, app: App, file: str, *, dry_run: bool) -> None:
        self.tally = answers.Tally()
        self._app = app
        self._name = "<stdin>" if file == STDIN else file
        self._dry_run = dry_run
        self._last_line = 0
        self._failure: LedgerError | None = None

    def take(
        self,
        given: Iterator["Answer"],
        source: Source,
        results: "_Results",
        copy: TextIO | None,
        bar: Progress,
        interrupt: Interrupt,
    ) -> None:
        """Write every answer as it comes, and say what was recorded when they break off."""
        read = 0
        results.begin()
        try:
            for answer in given:
                line = source.numbers.popleft()
                self._last_line = line
                self.tally.count(answer)
                result = answers.result_of(answer, line, dry_run=self._dry_run)
                if results.on_terminal:
                    bar.wipe()
                results.write(result, answer, answers.place(self._name, line))
                if copy is not None:
                    copy.write(as_json(result, copy) + "\n")
                bar.advance(done=source.read - read)
                read = source.read
                if not source.numbers:  # a group is answered: whoever reads along sees it now
                    results.flush()
            results.end()
            interrupt.came = interrupt.came and not source.ended  # too late: all is done
        except KeyboardInterrupt:
            interrupt.came = True
        except BrokenPipeError:  # whoever read the results is gone; what is recorded stays
            discard_output()
            interrupt.came = True
        except LedgerError as error:  # said at the end, when the report is in its place
            self._failure = error

    def _say_summary(self) -> None:
        self._app.printer.say(self.tally.summary(dry_run=self._dry_run))

    def end(self, interrupt: Interrupt) -> None:
        """Sum up, and end with the status of the file.

        Raises:
            LedgerError: What broke it off; ``empty_file`` where there was no posting at all.
        """
        if self._failure is not None:
            if self.tally.statuses:
                self._say_summary()
            raise self._failure
        if interrupt.came:
            if self.tally.statuses:
                self._say_summary()
            self._app.printer.say(
                _(
                    "Interrupted after line {line} of {file}. Run it again with the same file: what"
                    " was recorded answers as a duplicate.",
                    line=self._last_line,
                    file=self._name,
                )
            )
            raise Ended(EXIT_INTERRUPTED)
        if not self.tally.statuses:
            raise LedgerError("empty_file", file=self._name)
        self._say_summary()
        raise Ended(self.tally.exit_status)


class _Results:
    """Writes results one after the other in the chosen format."""

    def __init__(self, stream: TextIO, chosen: str) -> None:
        self._stream = stream
        self._format = chosen
        self._first = True
        self._json = json.JSONEncoder(ensure_ascii=not is_unicode(stream)).encode
        self.on_terminal = is_terminal(stream)

    def begin(self) -> None:
        """Write what stands before the first."""
        if self._format == "csv":
            self._csv(_COLUMNS)

    def end(self) -> None:
        """Write what stands after the last."""
        if self._format == "json":
            self._stream.write("[]\n" if self._first else "\n]\n")
        self._stream.flush()

    def flush(self) -> None:
        """Hand over what is written."""
        self._stream.flush()

    def write(self, result: dict[str, object], answer: "Answer", where: str) -> None:
        """Write one result; in a table only what a person has to look at."""
        if self._format == "jsonl":
            self._stream.write(self._json(result) + "\n")
        elif self._format == "json":
            self._stream.write("[\n" if self._first else ",\n")
            self._stream.write(self._json(result))
        elif self._format == "csv":
            self._csv(csv_row(result, _COLUMNS))
        else:
            self._table(answer, where)
        self._first = False

    def _table(self, answer: "Answer", where: str) -> None:
        told = answers.failure_lines if answer.status in answers.FAILED else answers.warning_lines
        lines = told(answer, where)
        self._stream.writelines(f"{line}\n" for line in lines)

    def _csv(self, row: "Iterator[object] | list[object] | tuple[str, ...]") -> None:
        import csv  # noqa: PLC0415 - not for --help

        csv.writer(self._stream, lineterminator="\n").writerow(list(row))


@contextmanager
def _spooled(source: Source) -> Iterator[None]:
    """Take a pipe in whole before the ledger is locked for it: others must not wait for it."""
    with tempfile.TemporaryFile() as spool:
        source.waiting = True
        shutil.copyfileobj(source.stream, cast("IO[bytes]", spool))
        source.waiting = False
        source.size = spool.tell()
        spool.seek(0)
        source.stream = spool
        yield
