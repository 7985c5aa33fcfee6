"""Files of people on their way to a posting: read, matched with the register, judged row by row.

The same code for checking and for recording. No name, ID number or card of a file is shown or kept;
a problem names the row, and masks what it must show.
"""

import gc
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import answers
from cli.app import App
from cli.intake import STDIN, opened
from cli.messages import N_, _
from cli.output import Listing, View
from cli.program import Option
from cli.rendering import message_of, remedy_of
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import mask_id_number

if TYPE_CHECKING:
    from ledger.intake.headings import Aliases
    from ledger.intake.people import PeopleFile
    from ledger.intake.problems import Problem
    from ledger.people import Matched
    from ledger.service import Answer, Ledger

VIEW: Final = View(
    (
        Listing(
            "problems",
            ("row", "column", "severity", "code", "message"),
            empty=N_("Nothing is wrong with the file."),
        ),
    ),
    facts=("rows", "net_sum_fen"),
)
_ALIASES: Final = "aliases.toml"
_SHOWN_REMEDIES: Final = 5


def files_of_people() -> str:
    """What help says of a file of people."""
    return _(
        "FILE is a workbook (.xlsx), delimited text (UTF-8, UTF-16 or GB18030) or JSON, one object"
        " a line. The headings are those of usual sheets, such as 身份证号, 出勤天数, 实发工资;"
        " workers are named by ID number or by reference. Amounts are in yuan, in JSON in fen."
    )


def aliases_option() -> Option:
    """The option that names a file of aliases."""
    return Option(
        ["--aliases"],
        metavar="FILE",
        help=N_("How you call the columns; else aliases.toml in the settings folder"),
    )


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python's collector out of the way: what a file holds lives as long as its command.

    Walking through a hundred thousand rows again and again costs a quarter of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# -- reading ------------------------------------------------------------------


def content_of(name: str) -> bytes:
    """The bytes of a file, whose size is looked at first.

    Raises:
        LedgerError: ``no_file``, ``file_unreadable``, ``over_limit`` or ``empty_table``.
    """
    from ledger.intake.grid import require_size  # noqa: PLC0415 - not for --help
    from ledger.intake.limits import MAX_FILE_BYTES  # noqa: PLC0415 - not for --help

    try:
        with opened(name) as source:
            require_size(source.size or 0)
            content = source.stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise LedgerError("file_unreadable", file=name) from error
    except LedgerError as error:
        if error.code == "empty_file":
            raise LedgerError("empty_table") from None
        raise
    return content


def aliases_of(named: str | None) -> "Aliases":
    """The names of columns that the user added.

    Raises:
        LedgerError: ``no_file``, ``file_unreadable`` or ``bad_aliases``.
    """
    from platformdirs import user_config_path  # noqa: PLC0415 - not for --help

    from ledger.intake.headings import with_aliases  # noqa: PLC0415 - not for --help

    path = Path(named) if named is not None else user_config_path("wageledger") / _ALIASES
    if named is None and not path.exists():
        return {}
    with opened(str(path)) as source:
        try:
            return with_aliases(tomllib.loads(source.stream.read().decode("utf-8-sig")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LedgerError("bad_aliases", file=str(path), problem=str(error)) from None
        except LedgerError as error:
            raise LedgerError("bad_aliases", file=str(path), **error.facts) from None


Reader = Callable[[bytes, "Aliases", str], "PeopleFile"]


def read_people(file: str, aliases: str | None, reader: Reader, today: str) -> "PeopleFile":
    """Read a file of people; one that cannot be read as a table is one problem of the whole.

    Raises:
        LedgerError: What is no fault of the table: ``no_file``, ``bad_aliases``.
    """
    from ledger.intake.people import PeopleFile  # noqa: PLC0415 - not for --help
    from ledger.intake.problems import BadFileError, Problem  # noqa: PLC0415 - not for --help

    named = aliases_of(aliases)
    try:
        return reader(content_of(file), named, today)
    except BadFileError as error:
        line = error.facts.get("line")
        row = line if isinstance(line, int) else None
        return PeopleFile(problems=[Problem(row, "", error.code, error.facts)])
    except LedgerError as error:
        if error.code != "empty_table":
            raise
        return PeopleFile(problems=[Problem(None, "", error.code, error.facts)])


# -- who they are -------------------------------------------------------------


def check_digits(sheet: "PeopleFile", today: str) -> None:
    """Check ID numbers and cards by their digits alone, without any register."""
    from ledger.intake.people import require_digits  # noqa: PLC0415 - not for --help

    born_until = parse_date(today)
    assert born_until is not None  # noqa: S101 - a date of ours
    require_digits(sheet, born_until)


def match(sheet: "PeopleFile", ledger: "Ledger", today: str) -> "Matched":
    """Find the people of a file in the register, and say what does not agree with it."""
    from ledger.intake.people import require_cards, require_digits  # noqa: PLC0415 - not for --help
    from ledger.people import Claimed  # noqa: PLC0415 - loads storage

    claimed = Claimed(
        workers=sheet.workers,
        id_numbers=sheet.id_numbers,
        compared={"name": unmasked(sheet.names), "card_number": sheet.cards},
    )
    matched = ledger.people.match(claimed)
    unknown = [at for at, worker in enumerate(matched.workers) if worker is None]
    born_until = parse_date(today)
    assert born_until is not None  # noqa: S101 - a date of ours
    strangers = set(unknown)
    require_digits(sheet, born_until, unknown)
    require_cards(sheet, [at for at in range(len(sheet.cards)) if at not in strangers])
    for at in matched.contradicted:
        sheet.report(at, "id_number", "id_differs", worker=sheet.workers[at])
    for each in matched.differing:
        facts = {"worker": each.worker, "given": each.given, "registered": each.registered}
        if each.field == "name":
            sheet.report(each.at, "name", "name_differs", **facts)
        else:
            sheet.warn(each.at, each.field, "card_differs", **facts)
    for at in unknown:
        if at not in sheet.broken:
            worker, number = sheet.workers[at], sheet.id_numbers[at]
            shown = worker or (mask_id_number(number) if number else "")
            sheet.report(at, sheet.identity_heading(at), "unknown_worker", worker=shown)
    return matched


def unmasked(names: Sequence[str | None]) -> list[str | None]:
    """Names as far as they are not masked: a template shows them so."""
    return [None if name is not None and "*" in name else name for name in names]


def take_workers(sheet: "PeopleFile", matched: "Matched") -> None:
    """Put the references that were found into the lines; nobody may stand twice now either."""
    seen: dict[str, int] = {}
    for at, worker in enumerate(matched.workers):
        if worker is None:
            continue
        first = seen.setdefault(worker, at)
        if first != at and at not in sheet.broken:
            facts = {"worker": worker, "line": sheet.numbers[first]}
            sheet.report(at, "worker", "duplicate_worker", **facts)
        sheet.lines[at]["worker"] = worker
    sheet.workers = matched.workers


# -- what the ledger says -----------------------------------------------------


def take_answer(sheet: "PeopleFile", places: Sequence[int], answer: "Answer") -> bool:
    """Note why a document of some of the lines was not recorded; whether it was about a line."""
    if answer.status == "invalid":
        for problem in answer.problems:
            number = problem.field.partition("[")[2].partition("]")[0]
            facts = {"field": problem.field, "problem": problem.problem}
            if number.isdigit() and int(number) <= len(places):
                column = problem.field.partition("].")[2]
                sheet.report(places[int(number) - 1], column, problem.code, problem=problem.problem)
            else:
                note(sheet, None, problem.field, problem.code, facts)
        return False
    worker = answer.facts.get("worker")
    at = next((at for at in places if worker is not None and sheet.workers[at] == worker), None)
    if at is not None and answer.code is not None:
        sheet.report(at, "worker", answer.code, **answer.facts)
    elif answer.code is not None:
        note(sheet, None, column_of(answer.code), answer.code, answer.facts)
    return at is not None


def note(
    sheet: "PeopleFile", row: int | None, column: str, code: str, facts: Mapping[str, Any],
    severity: str = "error",
) -> None:  # fmt: skip
    """Note a problem of the whole document."""
    from ledger.intake.problems import ERROR, WARNING, Problem  # noqa: PLC0415 - not for --help

    kind = ERROR if severity == ERROR else WARNING
    sheet.problems.append(Problem(row, column, code, facts, kind))


def column_of(code: str) -> str:
    """The option that a refusal of the whole document is about."""
    return code.removeprefix("unknown_") if code.startswith("unknown_") else ""


# -- telling ------------------------------------------------------------------


def in_order(problems: Sequence["Problem"]) -> list["Problem"]:
    """Problems in the order of the rows; those of the whole file last."""
    return sorted(problems, key=lambda problem: (problem.row is None, problem.row or 0))


def document_of(sheet: "PeopleFile") -> dict[str, Any]:
    """The answer of the contract."""
    return {
        "rows": len(sheet.numbers),
        "net_sum_fen": sheet.net_sum_fen,
        "problems": [
            {
                "row": problem.row,
                "column": problem.column,
                "code": problem.code,
                "severity": problem.severity,
                "message": message_of(problem.code, problem.facts),
            }
            for problem in in_order(sheet.problems)
        ],
    }


def tell_problems(file: str, sheet: "PeopleFile", *, warnings: bool = True) -> None:
    """Say every problem under its row, and once for each code what to do."""
    answers.tell(_told(file, sheet, warnings=warnings))


def _told(file: str, sheet: "PeopleFile", *, warnings: bool) -> Iterator[str]:
    remedies: dict[str, str] = {}
    name = "<stdin>" if file == STDIN else file
    for problem in in_order(sheet.problems):
        if problem.severity == "warning" and not warnings:
            continue
        message = message_of(problem.code, problem.facts)
        said = f"{problem.code}: {message}"
        if problem.severity == "warning":
            said = _("warning {code}: {message}", code=problem.code, message=message)
        yield f"{_place(name, problem)}: {said}"
        remedies.setdefault(problem.code, remedy_of(problem.code, problem.facts))
    if len(remedies) <= _SHOWN_REMEDIES:
        yield from (f"  {remedy}" for remedy in remedies.values() if remedy)
    else:
        yield from (f"  {code}: {remedy}" for code, remedy in remedies.items() if remedy)


def tell_remedies(app: App, sheet: "PeopleFile") -> None:
    """Say once for each code of a table what to do."""
    if app.printer.chosen != "table" or not sheet.problems:
        return
    remedies = {
        problem.code: remedy_of(problem.code, problem.facts) for problem in in_order(sheet.problems)
    }
    app.printer.say("")
    app.printer.say(_("What to do"))
    for code, remedy in remedies.items():
        if remedy:
            app.printer.say(f"  {code}: {remedy}")


def _place(name: str, problem: "Problem") -> str:
    place = name if problem.row is None else f"{name}:{problem.row}"
    field = str(problem.facts.get("field", ""))
    if field.startswith("column "):
        return f"{place}:{field.removeprefix('column ')}"
    return place


def tell_sheet(app: App, sheet: "PeopleFile") -> None:
    """Say which sheet of a workbook was read."""
    if sheet.grid is not None and sheet.grid.sheet and app.printer.chosen == "table":
        app.printer.say(_("Read from the sheet {name}.", name=sheet.grid.sheet))
