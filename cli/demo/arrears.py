"""The case of the city: a crew is not paid, and everything that the law provides is used in turn.

The developer transfers too little; the crew's wages pass their due date. The authority opens a
case, orders, decides; the general contractor clears a part; the bank pays from the deposit on a
payment notice; the emergency fund advances a part of the rest; the late labour cost pays what is
left. Wages that stood on no sheet turn up and are cleared. Then money flows back: to the deposit,
to the fund, and to the contractor in recourse, none of it whole.
"""

from typing import Final

from cli.demo.city import FUND_REGION, YUAN, Worker
from cli.demo.founding import deposit_of
from cli.demo.payday import Sheet, Wage, Works, amounts, round_up

CASE: Final = "CASE-1"
MONTH: Final = 2
"""Month whose wages the crew is not paid."""

_CLEARED_FEN: Final = 1_000 * YUAN
_ADVANCED_FEN: Final = 1_000 * YUAN
_ADVANCED_SHARE: Final = 5
"""A worker is advanced at most a fifth of the arrears."""
_OFF_SHEET: Final = 6
_OFF_SHEET_FEN: Final = 5_000 * YUAN


class Case:
    """The case about the second crew of a site.

    Attributes:
        open: What is open on each claim, in fen.
    """

    def __init__(self, works: Works, sheet: Sheet) -> None:
        self.works = works
        self.sheet = sheet
        self.crew = sheet.employer
        self.story = works.story
        self.months = works.story.months
        self.city = works.city
        self.project = works.site.project
        self.open = {wage.claim: wage.net_fen for wage in sheet.wages}

    def tell(self) -> None:
        """Tell the whole case."""
        self._order()
        self._clear()
        self._use_deposit()
        self._use_fund()
        self._pay_rest()
        self._clear_off_sheet()
        self._close()
        self._pay_back()

    def _take(self, paid: dict[str, int]) -> dict[str, int]:
        for claim, fen in paid.items():
            self.open[claim] -= fen
        return {claim: fen for claim, fen in paid.items() if fen}

    def _order(self) -> None:
        day, authority, month = self.months.day, self.city.authority, MONTH + 1
        self.story.tell(
            "PayoutInstructed", day(month, 12), self.works.site.contractor, project=self.project,
            batch=f"B-{self.project}-X", lines=amounts(self.open), count=len(self.open),
            total_fen=sum(self.open.values()), expected="insufficient_funds",
        )  # fmt: skip
        self.story.tell(
            "CaseOpened", day(month, 17), authority, case=CASE, project=self.project,
            employer=self.crew.code, source="complaint",
        )  # fmt: skip
        self.story.tell(
            "CaseClaimsLinked", day(month, 17), authority, case=CASE, claims=list(self.open)
        )
        self.story.tell(
            "CorrectionOrdered", day(month, 18), authority, case=CASE, deadline_on=day(month, 20)
        )
        self.story.tell(
            "DecisionIssued", day(month, 21), authority, case=CASE, deadline_on=day(month, 24),
            outcome="clear", debtor=self.crew.code,
        )  # fmt: skip

    def _clear(self) -> None:
        cleared = {claim: min(fen, _CLEARED_FEN) for claim, fen in self.open.items()}
        bounced = list(cleared)[3]
        paid = self.story.tell(
            "AdvanceClearingPaid", self.months.day(MONTH + 1, 23), self.city.bank,
            project=self.project, lines=amounts(self._take(cleared)),
        )  # fmt: skip
        self.story.tell(
            "TransferReturned", self.months.day(MONTH + 1, 25), self.city.bank,
            project=self.project, position=paid,
            lines=[{"claim": bounced, "code": "account_frozen"}],
        )  # fmt: skip
        self.open[bounced] += cleared[bounced]

    def _use_deposit(self) -> None:
        day, month = self.months.day, MONTH + 2
        deposit, owed = deposit_of(self.works.site), sum(self.open.values())
        shares = {
            claim: min(fen, deposit * fen // owed // YUAN * YUAN)
            for claim, fen in self.open.items()
        }
        notice = {"project": self.project, "case": CASE}
        authority = self.city.authority
        self.story.tell(
            "PaymentNoticeIssued", day(month, 1), authority, notice="N-1", **notice,
            lines=amounts(shares),
        )  # fmt: skip
        self.story.tell(
            "PaymentNoticeIssued", day(month, 1), authority, notice="N-2", **notice,
            lines=amounts(self.open), expected="insufficient_funds",
        )  # fmt: skip
        self.story.tell(
            "DepositPaidOut", day(month, 3), self.city.bank, project=self.project, notice="N-1",
            lines=amounts(self._take(shares)),
        )  # fmt: skip

    def _use_fund(self) -> None:
        day, month = self.months.day, MONTH + 2
        net = {wage.claim: wage.net_fen for wage in self.sheet.wages}
        advanced = {
            claim: min(fen, _ADVANCED_FEN, net[claim] // _ADVANCED_SHARE)
            for claim, fen in self.open.items()
        }
        asked = {"region": FUND_REGION, "project": self.project, "case": CASE}
        self.story.tell(
            "AdvanceRequested", day(month, 4), self.city.authority, advance="A-1", **asked,
            lines=amounts(self.open),
            expected="over_cap",
        )  # fmt: skip
        self.story.tell(
            "AdvanceRequested", day(month, 4), self.city.authority, advance="A-1", **asked,
            lines=amounts(self._take(advanced)),
        )  # fmt: skip
        for kind, on, by in (
            ("AdvanceApproved", 5, self.city.fund_office),
            ("AdvancePaid", 8, self.city.bank),
        ):
            self.story.tell(kind, day(month, on), by, region=FUND_REGION, advance="A-1")

    def _pay_rest(self) -> None:
        missing = round_up(self.sheet.total_fen)
        self.works.transfer(MONTH + 2, 12, missing)
        rest = {claim: fen for claim, fen in self.open.items() if fen}
        self.works.settle(MONTH + 2, 14, self.works.instruct(MONTH + 2, 13, self._take(rest)))

    def _clear_off_sheet(self) -> None:
        day, month = self.months.day, MONTH + 2
        claims = {}
        for number, wage in enumerate(self.sheet.wages[:_OFF_SHEET], 1):
            claims[f"{CASE}-{number}"] = _OFF_SHEET_FEN
            self._assert(f"{CASE}-{number}", wage)
        self.story.tell(
            "AdvanceClearingPaid", day(month, 24), self.city.bank, project=self.project,
            lines=amounts(claims),
        )  # fmt: skip

    def _assert(self, claim: str, wage: Wage) -> None:
        worker: Worker = wage.worker
        self.story.tell(
            "ClaimAsserted", self.months.day(MONTH + 2, 15), self.city.authority,
            project=self.project, case=CASE, claim=claim, employer=self.crew.code,
            worker=worker.ref, period=self.months.period(MONTH), net_fen=_OFF_SHEET_FEN,
            due_on=self.months.plain(MONTH + 1, 15), note="加班工资，未列入工资表",
        )  # fmt: skip

    def _close(self) -> None:
        self.story.tell(
            "CaseClosed", self.months.day(MONTH + 2, 26), self.city.authority, case=CASE,
            result="paid",
        )  # fmt: skip

    def _pay_back(self) -> None:
        day, month = self.months.day, MONTH + 3
        self.story.tell(
            "DepositLodged", day(month - 1, 26), self.city.bank, project=self.project,
            amount_fen=40_000 * YUAN, bank_ref=f"D-{self.project}-2",
        )  # fmt: skip
        self.story.tell(
            "AdvanceRecovered", day(month, 16), self.city.fund_office, region=FUND_REGION,
            debtor=self.crew.code, amount_fen=12_000 * YUAN,
        )  # fmt: skip
        self.story.tell(
            "RecourseRepaid", day(month, 26), self.works.site.contractor, project=self.project,
            subcontractor=self.crew.code, amount_fen=4_000 * YUAN,
        )  # fmt: skip
