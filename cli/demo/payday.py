"""The ordinary months of a site: progress and its money, attendance, sheets, batches, returns.

What can go wrong without anybody's fault goes wrong here: a sheet is returned and comes back, a
card is closed, a transfer that had arrived bounces days later. Each is put right in its month.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from cli.demo.city import YUAN, City, Party, Site, Worker
from cli.demo.identities import card_number
from cli.demo.story import Posting, Step, Story

_CERTIFIED: Final = 3
"""Progress is certified at three times its labour cost."""
_ROUND_FEN: Final = 10_000 * YUAN
_RETURNED_SHEETS: Final = 0.08
_RETURNED_LINES: Final = 0.015
_REASONS: Final = ("account_closed", "name_mismatch", "account_frozen", "bank_error")
_NEEDS_NEW_CARD: Final = frozenset({"account_closed", "name_mismatch", "account_frozen"})
_NEW_CARDS: Final = 5_000
"""Numbers of cards from here on replace the first ones."""


@dataclass(frozen=True)
class Wage:
    """One line of a sheet: a claim once the sheet is approved.

    Attributes:
        half_days: Days attended, in halves.
    """

    claim: str
    worker: Worker
    half_days: int
    deductions_fen: int

    @property
    def net_fen(self) -> int:
        """What the worker is owed."""
        return self.worker.day_rate_fen * self.half_days // 2 - self.deductions_fen


@dataclass(frozen=True)
class Sheet:
    """A payroll sheet."""

    name: str
    employer: Party
    wages: tuple[Wage, ...]

    @property
    def total_fen(self) -> int:
        """Sum of net."""
        return sum(wage.net_fen for wage in self.wages)


def amounts(wages: dict[str, int]) -> list[Posting]:
    """Lines of claim and amount."""
    return [{"claim": claim, "amount_fen": fen} for claim, fen in wages.items()]


class Works:
    """One site as the story goes on.

    Attributes:
        account_fen: What is on the wage account.
        staff: Workers now, by employer's credit code.
        history: Sheets by month.
        transfers: Labour cost that arrived, in the order of telling.
    """

    def __init__(self, city: City, site: Site, story: Story, rng: Random) -> None:
        self.city = city
        self.site = site
        self.story = story
        self.account_fen = 0
        self.staff = {
            party.code: list(city.staff[site.project, party.code]) for party in site.employers
        }
        self.history: dict[int, list[Sheet]] = {}
        self.transfers: list[Step] = []
        self._rng = rng
        self._batches = 0
        self._new_cards: dict[str, int] = {}
        self._sent: dict[str, int] = {}

    # -- a whole month ----------------------------------------------------------

    def sheets(self, month: int) -> list[Sheet]:
        """Draw the month's sheets: who worked how many days."""
        period = self.story.months.period(month)
        return [
            self._sheet(f"{self.site.project}-{period}-{number}", party)
            for number, party in enumerate(self.site.employers, 1)
        ]

    def tell_month(self, month: int) -> list[Sheet]:
        """Tell an ordinary month, from the attendance to the last retried transfer."""
        sheets = self.sheets(month)
        self.certify(month, sheets)
        self.approve(month, sheets)
        self.transfer(month + 1, 7, round_up(sum(sheet.total_fen for sheet in sheets)))
        self.pay(month + 1, [wage for sheet in sheets for wage in sheet.wages])
        return sheets

    def _sheet(self, name: str, employer: Party) -> Sheet:
        wages = tuple(
            Wage(
                f"{name}/{line}",
                worker,
                self._rng.randrange(38, 53),
                self._rng.choice((0, 0, 0, 200)) * YUAN,
            )
            for line, worker in enumerate(self.staff[employer.code], 1)
        )
        return Sheet(name, employer, wages)

    # -- money --------------------------------------------------------------------

    def certify(self, month: int, sheets: list[Sheet]) -> Step:
        """The developer certifies the month's progress; the other part of it is paid."""
        site, months = self.site, self.story.months
        labour = round_up(sum(sheet.total_fen for sheet in sheets))
        step = self.story.tell(
            "ProgressCertified", months.day(month, 26), site.developer, project=site.project,
            period=months.period(month), progress_fen=labour * _CERTIFIED,
            labour_cost_fen=labour, due_on=months.plain(month + 1, 8),
        )  # fmt: skip
        self.story.tell(
            "ProjectFundsPaid", months.day(month + 1, 7), site.developer, project=site.project,
            amount_fen=labour * (_CERTIFIED - 1),
        )  # fmt: skip
        return step

    def transfer(self, month: int, day: int, amount_fen: int) -> None:
        """Labour cost arrives on the wage account."""
        self.account_fen += amount_fen
        step = self.story.tell(
            "LabourCostTransferred", self.story.months.day(month, day), self.city.bank,
            project=self.site.project, amount_fen=amount_fen,
            bank_ref=f"L-{self.site.project}-{self.story.months.period(month)}-{day}",
        )  # fmt: skip
        self.transfers.append(step)

    # -- sheets -------------------------------------------------------------------

    def approve(self, month: int, sheets: list[Sheet]) -> None:
        """Attendance is posted, sheets are submitted and, maybe at the second try, approved."""
        months, site = self.story.months, self.site
        self.history[month] = sheets
        for sheet in sheets:
            self.story.tell(
                "AttendancePosted", months.day(month + 1, 1), sheet.employer, project=site.project,
                employer=sheet.employer.code, period=months.period(month),
                lines=[
                    {"worker": wage.worker.ref, "days": days(wage.half_days)}
                    for wage in sheet.wages
                ],
            )  # fmt: skip
            if self._rng.random() < _RETURNED_SHEETS:
                self.submit(month, 2, sheet, f"{sheet.name}-0")
                self.story.tell(
                    "PayrollReturned", months.day(month + 1, 3), site.contractor,
                    project=site.project, sheet=f"{sheet.name}-0", reason="第 2 行天数与考勤不符",
                )  # fmt: skip
            self.submit(month, 4, sheet, sheet.name)
            self.story.tell(
                "PayrollApproved", months.day(month + 1, 5), site.contractor,
                project=site.project, sheet=sheet.name,
            )  # fmt: skip

    def submit(self, month: int, day: int, sheet: Sheet, name: str) -> Step:
        """The employer submits a sheet."""
        months = self.story.months
        return self.story.tell(
            "PayrollSubmitted", months.day(month + 1, day), sheet.employer,
            project=self.site.project, employer=sheet.employer.code, sheet=name,
            period=months.period(month), due_on=months.plain(month + 1, 15),
            lines=[sheet_line(wage) for wage in sheet.wages],
        )  # fmt: skip

    # -- batches ------------------------------------------------------------------

    def pay(self, month: int, wages: list[Wage]) -> None:
        """Pay a batch; what comes back is paid again a few days later, and is late then."""
        batch = self.instruct(month, 9, {wage.claim: wage.net_fen for wage in wages})
        returned = {
            wage.claim: self._rng.choice(_REASONS)
            for wage in wages
            if self._rng.random() < _RETURNED_LINES
        }
        if returned:
            self._send_back(month, 10, batch, returned)
        self.settle(month, 10, batch)
        again = [wage for wage in wages if wage.claim in returned]
        for wage in again:
            if returned[wage.claim] in _NEEDS_NEW_CARD:
                self.bind_new_card(month, 12, wage.worker)
        if again:
            self.settle(month, 14, self._retry(month, 13, again))
        arrived = [wage for wage in wages if wage.claim not in returned]
        if self._rng.random() < 1 / 3:
            late = self._rng.choice(arrived)
            self._send_back(month, 18, batch, {late.claim: "late_return"})
            self.bind_new_card(month, 19, late.worker)
            self.settle(month, 21, self._retry(month, 20, [late]))

    def _retry(self, month: int, day: int, wages: list[Wage]) -> str:
        return self.instruct(month, day, {wage.claim: wage.net_fen for wage in wages})

    def instruct(self, month: int, day: int, paid: dict[str, int]) -> str:
        """The contractor sends a batch to the bank."""
        self._batches += 1
        batch = f"B-{self.site.project}-{self._batches}"
        total = sum(paid.values())
        self.account_fen -= total
        self.story.tell(
            "PayoutInstructed", self.story.months.day(month, day), self.site.contractor,
            project=self.site.project, batch=batch, lines=amounts(paid), total_fen=total,
            count=len(paid),
        )  # fmt: skip
        self._sent.update(paid)
        return batch

    def settle(self, month: int, day: int, batch: str) -> Step:
        """The bank confirms what is pending of a batch."""
        return self.story.tell(
            "PayoutSettled", self.story.months.day(month, day), self.city.bank,
            project=self.site.project, batch=batch, claims="all",
        )  # fmt: skip

    def _send_back(self, month: int, day: int, batch: str, returned: dict[str, str]) -> None:
        self.account_fen += sum(self._sent[claim] for claim in returned)
        self.story.tell(
            "PayoutReturned", self.story.months.day(month, day), self.city.bank,
            project=self.site.project, batch=batch,
            lines=[{"claim": claim, "code": code} for claim, code in returned.items()],
        )  # fmt: skip

    def bind_new_card(self, month: int, day: int, worker: Worker) -> None:
        """The worker brings another card."""
        number = self._new_cards.get(worker.ref, int(worker.ref[1:])) + _NEW_CARDS
        self._new_cards[worker.ref] = number
        self.story.tell(
            "CardBound", self.story.months.day(month, day), self.city.bank, worker=worker.ref,
            card_number=card_number(number, 19), bank_name=self.city.bank.name,
            holder_name=worker.name,
        )  # fmt: skip


def sheet_line(wage: Wage) -> Posting:
    """A wage as a sheet shows it."""
    gross = wage.net_fen + wage.deductions_fen
    line: Posting = {
        "worker": wage.worker.ref, "net_fen": wage.net_fen, "gross_fen": gross,
        "days": days(wage.half_days),
    }  # fmt: skip
    if wage.deductions_fen:
        line["deductions_fen"] = wage.deductions_fen
    return line


def days(half_days: int) -> int | float:
    """Days as a sheet writes them: whole, or with a half."""
    return half_days // 2 if half_days % 2 == 0 else half_days / 2


def round_up(amount_fen: int) -> int:
    """The next 10,000 yuan: labour cost is agreed in round sums."""
    return -(-amount_fen // _ROUND_FEN) * _ROUND_FEN
