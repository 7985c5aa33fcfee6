"""Invented parties, workers and sheets for measures: right check digits, births before 1911.

Everything follows from numbers, so that two runs post the same. Amounts in fen.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from ledger.service import Ledger
from tests.model.identifiers import credit_check, luhn_ok, organisation_check, resident_check

REGION: Final = "220200"
BEFORE: Final = "2019-01-01"
"""Everybody is registered and assigned on this day; every sheet is for a later month."""

_COUNTY: Final = "220202"
_FIRST_BIRTH: Final = date(1901, 1, 1)
_BIRTH_DAYS: Final = 3_600
_FIRST_YEAR: Final = 2020
_LOWEST_WAGE, _HIGHEST_WAGE = 250_000, 1_250_000

Json = dict[str, Any]


@cache
def party(number: int) -> str:
    """Credit code of an invented party."""
    organisation = f"{number:08}"
    body = f"91{_COUNTY}{organisation}{organisation_check(organisation)}"
    return body + credit_check(body)


DEVELOPER: Final = party(1)
CONTRACTOR: Final = party(2)


def subcontractor(number: int) -> str:
    """Credit code of the subcontractor with this number, from 0."""
    return party(10 + number)


def worker(number: int) -> str:
    """Reference of a worker."""
    return f"W{number:06}"


def id_number(number: int) -> str:
    """Resident ID number of a worker; different for every number below 3.6 million."""
    serial, day = divmod(number, _BIRTH_DAYS)
    body = f"{_COUNTY}{_FIRST_BIRTH + timedelta(days=day):%Y%m%d}{serial:03}"
    return body + resident_check(body)


def card_number(number: int) -> str:
    """Card of a worker, 19 digits, Luhn right."""
    body = f"62{number:016}"
    return next(body + last for last in "0123456789" if luhn_ok(body + last))


def period(number: int) -> str:
    """Month with this number, from 0."""
    return f"{_FIRST_YEAR + number // 12}-{number % 12 + 1:02}"


def parties(subcontractors: int = 1) -> Iterator[Json]:
    """Register the developer, the general contractor and the subcontractors."""
    codes = [DEVELOPER, CONTRACTOR, *map(subcontractor, range(subcontractors))]
    yield from map(party_registered, codes)


def party_registered(code: str) -> Json:
    """Register one party."""
    return {
        "kind": "PartyRegistered", "on": BEFORE, "key": f"party-{code}", "party": code,
        "name": f"示例企业{code[8:16]}有限公司",
    }  # fmt: skip


def project(name: str, *employers: str, gc: str = CONTRACTOR) -> Iterator[Json]:
    """Register a project with its subcontractors and open its wage account."""
    yield {
        "kind": "ProjectRegistered", "on": BEFORE, "key": f"project-{name}", "project": name,
        "name": f"示例项目{name}", "region": REGION, "industry": "building",
        "developer": DEVELOPER, "general_contractor": gc,
        "contract_price_fen": 10**13, "starts_on": BEFORE, "planned_end_on": "2040-12-31",
    }  # fmt: skip
    for employer in employers:
        yield {
            "kind": "SubcontractRegistered", "on": BEFORE, "key": f"sub-{name}-{employer}",
            "project": name, "subcontractor": employer,
        }  # fmt: skip
    yield {
        "kind": "WageAccountOpened", "on": BEFORE, "key": f"account-{name}", "project": name,
    }  # fmt: skip


def registered(numbers: Iterable[int], *, cards: bool = False) -> Iterator[Json]:
    """Register workers, with their cards if wanted."""
    for number in numbers:
        ref = worker(number)
        yield {
            "kind": "WorkerRegistered", "on": BEFORE, "key": f"worker-{ref}", "worker": ref,
            "name": f"示例工人{number}", "id_number": id_number(number),
        }  # fmt: skip
        if cards:
            yield {
                "kind": "CardBound", "on": BEFORE, "key": f"card-{ref}", "worker": ref,
                "card_number": card_number(number), "bank_name": "示例银行",
            }  # fmt: skip


def assigned(numbers: Iterable[int], project_id: str, employer: str) -> Iterator[Json]:
    """Assign workers to an employer on a project."""
    for number in numbers:
        ref = worker(number)
        yield {
            "kind": "WorkerAssigned", "on": BEFORE, "key": f"assigned-{project_id}-{ref}",
            "project": project_id, "employer": employer, "worker": ref,
        }  # fmt: skip


def sheet(
    name: str,
    project_id: str,
    employer: str,
    month: str,
    numbers: Iterable[int],
    *,
    all_fields: bool = False,
) -> Json:
    """A payroll sheet; with all fields each line says gross, deductions and days as well."""
    random = Random(name)  # noqa: S311 - invented wages
    lines = []
    for number in numbers:
        net = random.randrange(_LOWEST_WAGE, _HIGHEST_WAGE)
        line: Json = {"worker": worker(number), "net_fen": net}
        if all_fields:
            deductions = random.randrange(0, 20_000)
            line |= {
                "gross_fen": net + deductions, "deductions_fen": deductions,
                "days": random.randrange(20, 52) / 2,
            }  # fmt: skip
        lines.append(line)
    return {
        "kind": "PayrollSubmitted", "on": f"{month}-28", "key": f"sheet-{name}",
        "project": project_id, "employer": employer, "sheet": name, "period": month,
        "due_on": f"{month}-28", "lines": lines,
    }  # fmt: skip


def approved(name: str, project_id: str, month: str) -> Json:
    """The approval of a sheet."""
    return {
        "kind": "PayrollApproved", "on": f"{month}-28", "key": f"approved-{name}",
        "project": project_id, "sheet": name,
    }  # fmt: skip


def written(path: Path, postings: Iterable[Mapping[str, Any]]) -> Path:
    """Write postings into a file of JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(posting, ensure_ascii=False) + "\n" for posting in postings)
    return path


def post_all(ledger: Ledger, postings: Iterable[Mapping[str, Any]]) -> int:
    """Post through the one door; every posting must be recorded. Returns how many."""
    count = 0
    for answer in ledger.post(postings):
        _require_recorded(answer)
        count += 1
    return count


def post_file(ledger: Ledger, path: Path) -> int:
    """Post a file of JSON Lines, read as it is posted; returns the last position."""
    position = 0
    with path.open("rb") as file:
        for answer in ledger.post(file):
            _require_recorded(answer)
            position = answer.position or position
    return position


def _require_recorded(answer: Any) -> None:  # noqa: ANN401 - ledger.service.Answer
    if answer.status != "recorded":
        message = f"line {answer.line}: {answer.kind} {answer.status} {answer.code} {answer.facts}"
        raise RuntimeError(message)
