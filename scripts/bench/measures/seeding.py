"""Fills a ledger with approved sheets until it holds so many lines."""

from collections.abc import Iterator

from ledger.service import Ledger
from measures import invented
from measures.timing import say

PROJECT = "SEED"
EMPLOYER = invented.subcontractor(0)


def begin(ledger: Ledger, workers: int, project: str = PROJECT) -> None:
    """Register a project with its workers, who are assigned from the first day on."""
    say(f"registering and assigning {workers} workers")
    numbers = range(workers)
    invented.post_all(ledger, invented.parties())
    invented.post_all(ledger, invented.project(project, EMPLOYER))
    invented.post_all(ledger, invented.registered(numbers))
    invented.post_all(ledger, invented.assigned(numbers, project, EMPLOYER))


def months() -> Iterator[tuple[int, str]]:
    """Sheets without end: several a month, so that none lies in the future."""
    return ((number, invented.period(number % 80)) for number in range(10**6))


def fill(ledger: Ledger, sheets: Iterator[tuple[int, str]], lines: int, per_sheet: int) -> None:
    """Post and approve sheets of ``per_sheet`` lines until ``lines`` are in."""
    for count in range(0, lines, per_sheet):
        number, month = next(sheets)
        name = f"SEED-{number:05}"
        sheet = invented.sheet(name, PROJECT, EMPLOYER, month, range(per_sheet))
        invented.post_all(
            ledger, [{**sheet, "back_pay": True}, invented.approved(name, PROJECT, month)]
        )
        if count % 100_000 == 0:
            say(f"{count} of {lines} lines")
