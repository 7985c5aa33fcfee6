"""A wage sheet in XLSX, from the file to the commit, as a clerk's two commands do it.

Measured: ``payroll check FILE`` with a project and then ``payroll submit FILE``, in this process,
so that its start does not count. Each measures the package, reads it, judges every cell, matches
the people by ID number inside the vault, compares names and cards with the registered ones, asks
what the month says, and judges the posting; submitting records it.

Raw limit: the same file read once by calamine alone, and the rows that the posting left
(event, event_line), ready-made, copied into tables of the same shape. At most 6 times as long.
Workers are registered with cards and assigned beforehand; every repetition submits the sheet of
another month, with numbers of its own.
"""

import argparse
import io
import os
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from cli import main as program
from ledger.service import Ledger, LedgerConfig
from measures import invented
from measures.places import Place, on_each, options
from measures.raw import raw_tables
from measures.sheet import EMPLOYER, PROJECT
from measures.timing import REPETITIONS, Limit, interleaved, report, say, stopwatch

TIMES: Final = Limit(bound=6.0)
TABLES: Final = ("event_line", "event")
HEADINGS: Final = (
    "序号", "姓名", "身份证号", "工种", "出勤天数", "应发工资(元)", "扣款(元)", "实发工资(元)",
    "银行卡号",
)  # fmt: skip


def measure(place: Place, given: argparse.Namespace) -> bool:
    """Measure every size on one ledger, the largest first."""
    os.environ["XDG_DATA_HOME"] = str(place.folder)  # vault and key lie where the program seeks
    config = LedgerConfig(place.url)
    with closing(Ledger.create(config)) as ledger:
        prepare(ledger, max(given.lines))
    months = iter(range(1_000))
    within = True
    with closing(Ledger.open(config)) as ledger, raw_tables(place, TABLES) as tables:
        for size in given.lines:
            checks: list[float] = []
            sample = written_sheet(place.folder, next(months), size)

            def product(_number: int, size: int = size, checks: list[float] = checks) -> float:
                month = next(months)
                path = written_sheet(place.folder, month, size)
                words = ["--ledger", place.url, "payroll"]
                check = [*words, "check", str(path), *named(month)]
                submit = [*words, "submit", str(path), *named(month), *submitted(month)]
                checks.append(stopwatch(lambda: run(check)))
                return checks[-1] + stopwatch(lambda: run(submit))

            def raw(_number: int, sample: Path = sample) -> float:
                read = stopwatch(lambda: read_alone(sample))
                last = ledger.position()
                return read + tables.write_again(last, last)

            pair = interleaved(product, raw, repetitions=given.repetitions)
            within &= report(
                "intake", place.database, pair, TIMES,
                lines=size, file_bytes=sample.stat().st_size, check_s=round(median(checks), 3),
            )  # fmt: skip
    return within


def prepare(ledger: Ledger, workers: int) -> None:
    """Register the project and its workers with their cards, assigned from the first day on."""
    say(f"registering and assigning {workers} workers with cards")
    numbers = range(workers)
    invented.post_all(ledger, invented.parties())
    invented.post_all(ledger, invented.project(PROJECT, EMPLOYER))
    invented.post_all(ledger, invented.registered(numbers, cards=True))
    invented.post_all(ledger, invented.assigned(numbers, PROJECT, EMPLOYER))


def named(month: int) -> list[str]:
    """What a sheet of a month is for."""
    return [
        "--project", PROJECT, "--employer", EMPLOYER, "--period", invented.period(month),
        "--format", "json",
    ]  # fmt: skip


def submitted(month: int) -> list[str]:
    """What submitting says besides."""
    on = f"{invented.period(month)}-28"
    return ["--sheet", f"XLSX-{month:03}", "--due-on", on, "--on", on]


def run(words: list[str]) -> None:
    """Run a command in this process; it must end well."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = program.run(words)
    if status:
        message = f"{words}: {status}: {out.getvalue()[:500]} {err.getvalue()[:500]}"
        raise RuntimeError(message)


def read_alone(path: Path) -> None:
    """Read the sheet with calamine and nothing else."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - loaded when it is measured

    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def written_sheet(folder: Path, month: int, size: int) -> Path:
    """A wage sheet of invented wages as a workbook."""
    import xlsxwriter  # noqa: PLC0415 - only this measure writes one

    path = folder / f"sheet-{size}-{month}.xlsx"
    random = Random(month)  # noqa: S311 - invented wages
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("工资表")
    page.write_row(0, 0, HEADINGS)
    for number in range(size):
        net, deductions = random.randrange(250_000, 1_250_000), random.randrange(20_000)
        page.write_number(number + 1, 0, number + 1)
        page.write_string(number + 1, 1, f"示例工人{number}")
        page.write_string(number + 1, 2, invented.id_number(number))
        page.write_string(number + 1, 3, "钢筋工")
        page.write_number(number + 1, 4, random.randrange(20, 52) / 2)
        for at, fen in ((5, net + deductions), (6, deductions), (7, net)):
            page.write_number(number + 1, at, fen / 100)
        page.write_string(number + 1, 8, invented.card_number(number))
    book.close()
    return path


def main() -> int:
    """Run from the command line."""
    parser = options(__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[100_000, 10_000])
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    return on_each(measure, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
