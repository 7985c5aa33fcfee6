"""A city's ledger of a given size, posted through the one door, month after month.

Ten general contractors run two projects each, with one subcontractor and 250 workers a project.
A month of a project is six postings: labour cost received, the sheet submitted and approved, the
payout instructed, one line returned, the rest settled. Every month leaves 751 document lines and
250 claims a project; the size is the number of document lines (rows of ``event_line``).
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any, Final

from ledger.service import Ledger
from measures import invented
from measures.timing import say

CONTRACTORS: Final = 10
PROJECTS_EACH: Final = 2
WORKERS_EACH: Final = 250
LINES_A_MONTH: Final = 3 * WORKERS_EACH
"""Of one project: submitted, instructed, settled or returned."""

Json = dict[str, Any]


def contractor(number: int) -> str:
    """Credit code of a general contractor, from 0."""
    return invented.party(1_000 + number)


def foundation() -> Iterator[Json]:
    """Parties, projects, workers with their cards and assignments; no line of any document."""
    codes = [invented.DEVELOPER, *map(contractor, range(CONTRACTORS))]
    codes += map(invented.subcontractor, range(CONTRACTORS))
    yield from map(invented.party_registered, codes)
    for project in range(CONTRACTORS * PROJECTS_EACH):
        yield from invented.project(_name(project), _employer(project), gc=_contractor(project))
    yield from invented.registered(range(CONTRACTORS * PROJECTS_EACH * WORKERS_EACH), cards=True)
    for project in range(CONTRACTORS * PROJECTS_EACH):
        yield from invented.assigned(_workers(project), _name(project), _employer(project))


def months(first: int = 0) -> Iterator[list[Json]]:
    """The postings of one project's month after the other, from a month on."""
    for month in count(first):
        for project in range(CONTRACTORS * PROJECTS_EACH):
            yield list(_month(project, month))


def sheets(month: int) -> Iterator[Json]:
    """Only the sheets of one month, of all projects."""
    for project in range(CONTRACTORS * PROJECTS_EACH):
        yield _sheet(project, month)


def fill(ledger: Ledger, lines: int) -> int:
    """Post the foundation and months until there are that many lines; returns months begun."""
    say(f"filling a ledger with {lines} lines")
    invented.post_all(ledger, foundation())
    needed = -(-lines // LINES_A_MONTH)
    invented.post_all(ledger, (p for month in islice(months(), needed) for p in month))
    return -(-needed // (CONTRACTORS * PROJECTS_EACH))


def _name(project: int) -> str:
    return f"CITY-{project:02}"


def _contractor(project: int) -> str:
    return contractor(project // PROJECTS_EACH)


def _employer(project: int) -> str:
    return invented.subcontractor(project // PROJECTS_EACH)


def _workers(project: int) -> range:
    return range(project * WORKERS_EACH, (project + 1) * WORKERS_EACH)


def _sheet(project: int, month: int) -> Json:
    period = invented.period(month)
    name = f"S-{project:02}-{period}"
    return invented.sheet(name, _name(project), _employer(project), period, _workers(project))


def _month(project: int, month: int) -> Iterator[Json]:
    sheet = _sheet(project, month)
    name, wages = sheet["sheet"], [line["net_fen"] for line in sheet["lines"]]
    total, batch = sum(wages), f"B-{sheet['sheet']}"
    where: Json = {"on": sheet["on"], "project": sheet["project"]}
    lines = [{"claim": f"{name}/{at}", "amount_fen": wage} for at, wage in enumerate(wages, 1)]
    yield {
        "kind": "LabourCostTransferred", **where, "key": f"labour-{name}", "amount_fen": total,
        "bank_ref": name,
    }  # fmt: skip
    yield sheet
    yield {"kind": "PayrollApproved", **where, "key": f"approved-{name}", "sheet": name}
    yield {
        "kind": "PayoutInstructed", **where, "key": f"payout-{name}", "batch": batch,
        "lines": lines, "total_fen": total, "count": len(lines),
    }  # fmt: skip
    yield {
        "kind": "PayoutReturned", **where, "key": f"returned-{name}", "batch": batch,
        "lines": [{"claim": f"{name}/1", "code": "account_frozen"}],
    }  # fmt: skip
    yield {
        "kind": "PayoutSettled", **where, "key": f"settled-{name}", "batch": batch,
        "claims": "all",
    }  # fmt: skip
