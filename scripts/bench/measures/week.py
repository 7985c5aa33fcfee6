"""A realistic mix of small postings: what sites, banks and the office report, in the order of days.

Each team of five workers belongs to a subcontractor on a project. It is registered with its
cards, assigned, and then paid for three months. A month is ten postings: attendance, the progress
certified (or interest on the deposit), labour cost received, interest on the wage account, the
sheet, its approval, the payout, one returned line, the rest settled, and the returned wage paid by
the contractor. The teams' postings are shuffled into each other, as they reach an office, so that
neighbours in the file seldom concern the same project.
"""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any, Final

from measures import invented

TEAM_WORKERS: Final = 5
MONTHS: Final = 3
TEAMS_PER_PROJECT: Final = 4
SUBCONTRACTORS: Final = 40
PER_TEAM: Final = 3 * TEAM_WORKERS + 10 * MONTHS

Json = dict[str, Any]


class Week:
    """The postings of one repetition; nothing in it has a name that another one uses.

    Attributes:
        number: Which repetition.
        postings: How many small postings.
    """

    def __init__(self, number: int, postings: int) -> None:
        self.number = number
        self.postings = postings
        self._teams = -(-postings // PER_TEAM)
        self._random = Random(number)  # noqa: S311 - an invented week
        self._keys = count()

    def projects(self) -> Iterator[Json]:
        """What stands before: the projects with their subcontractors and wage accounts."""
        for first in range(0, self._teams, TEAMS_PER_PROJECT):
            teams = range(first, min(first + TEAMS_PER_PROJECT, self._teams))
            yield from invented.project(self._project(first), *map(self._employer, teams))

    def small_postings(self) -> Iterator[Json]:
        """The postings themselves, each team's in its own order."""
        waiting = [self._team(team) for team in range(self._teams)]
        for _ in range(self.postings):
            at = self._random.randrange(len(waiting))
            posting = next(waiting[at], None)
            while posting is None:
                waiting[at] = waiting[-1]
                waiting.pop()
                at = self._random.randrange(len(waiting))
                posting = next(waiting[at], None)
            yield posting | {"key": f"{self.number}-{next(self._keys)}"}

    def _project(self, team: int) -> str:
        return f"P{self.number}-{team // TEAMS_PER_PROJECT}"

    @staticmethod
    def _employer(team: int) -> str:
        return invented.subcontractor(team % SUBCONTRACTORS)

    def _team(self, team: int) -> Iterator[Json]:
        first = (self.number * self._teams + team) * TEAM_WORKERS
        numbers = range(first, first + TEAM_WORKERS)
        yield from invented.registered(numbers, cards=True)
        yield from invented.assigned(numbers, self._project(team), self._employer(team))
        for month in range(MONTHS):
            yield from self._month(team, numbers, month)

    def _month(self, team: int, numbers: range, month: int) -> Iterator[Json]:
        period = invented.period(month)
        sheet_id, batch = f"S{self.number}-{team}-{month}", f"B{self.number}-{team}-{month}"
        where: Json = {"on": f"{period}-28", "project": self._project(team)}
        employer = {"employer": self._employer(team), "period": period}
        yield {
            "kind": "AttendancePosted", **where, **employer,
            "lines": [{"worker": invented.worker(n), "days": 21.5} for n in numbers],
        }  # fmt: skip
        sheet = invented.sheet(sheet_id, where["project"], self._employer(team), period, numbers)
        wages = [line["net_fen"] for line in sheet["lines"]]
        total = sum(wages)
        if team % TEAMS_PER_PROJECT == 0:
            yield {
                "kind": "ProgressCertified", **where, "period": period,
                "progress_fen": 4 * total, "labour_cost_fen": total, "due_on": f"{period}-28",
            }  # fmt: skip
        else:
            yield {"kind": "DepositInterestCredited", **where, "amount_fen": 1_234 + team}
        yield {
            "kind": "LabourCostTransferred", **where, "amount_fen": total, "bank_ref": sheet_id,
        }  # fmt: skip
        yield {
            "kind": "WageAccountInterestCredited", **where, "amount_fen": 567,
            "bank_ref": f"I-{sheet_id}",
        }  # fmt: skip
        yield sheet
        yield {"kind": "PayrollApproved", **where, "sheet": sheet_id}
        lines = [
            {"claim": f"{sheet_id}/{line}", "amount_fen": wage}
            for line, wage in enumerate(wages, 1)
        ]
        yield {
            "kind": "PayoutInstructed", **where, "batch": batch, "lines": lines,
            "total_fen": total, "count": len(lines),
        }  # fmt: skip
        yield {
            "kind": "PayoutReturned", **where, "batch": batch,
            "lines": [{"claim": f"{sheet_id}/1", "code": "account_frozen"}],
        }  # fmt: skip
        yield {"kind": "PayoutSettled", **where, "batch": batch, "claims": "all"}
        yield {"kind": "AdvanceClearingPaid", **where, "lines": lines[:1]}
