"""The whole story of the city, and the things that happen only once in it."""

from datetime import date
from random import Random
from typing import Final

from cli.demo.arrears import MONTH as UNPAID_MONTH
from cli.demo.arrears import Case
from cli.demo.city import FUND_REGION, SHORT_SITE, YUAN, invent
from cli.demo.founding import deposit_of, tell_founding
from cli.demo.payday import Sheet, Wage, Works, amounts, round_up, sheet_line
from cli.demo.story import Months, Story

_LAST: Final = 5
"""Number of the last month worked; it is paid in the month after."""
_CASE_SITE: Final = "P-5"
_BEHIND_SITE: Final = "P-4"
_STILL_UNPAID: Final = 6
"""Workers of the crew that is not paid whole in the last month."""


def tell(seed: int, as_of: date) -> Story:
    """Invent a city and tell its story.

    Args:
        seed: The same seed and month give the same postings.
        as_of: A day of the month after the last one told.
    """
    rng = Random(seed)  # noqa: S311 - a city that can be told again, not a secret
    city, months = invent(rng), Months(as_of)
    site = next(site for site in city.sites if site.project == _CASE_SITE)
    story = Story(months, site.crews[1], months.day(UNPAID_MONTH + 1, 1))
    tell_founding(city, story)
    sites = {site.project: Works(city, site, story, rng) for site in city.sites}
    for month in range(_LAST + 1):
        for project, works in sites.items():
            if month < works.site.months:
                _tell_month(month, project, works)
        if month == sites[f"P-{SHORT_SITE}"].site.months - 1:
            _complete(sites[f"P-{SHORT_SITE}"], sites["P-1"], month)
    _mistakes(sites["P-1"], sites["P-3"])
    return story


def _tell_month(month: int, project: str, works: Works) -> None:
    if (project, month) == (_CASE_SITE, UNPAID_MONTH):
        _unpaid_crew(works, month)
    elif (project, month) == (_BEHIND_SITE, _LAST):
        _unpaid_workers(works, month)
    elif (project, month) == ("P-1", 1):
        _corrections(works, month)
    elif (project, month) == ("P-3", _LAST):
        _back_pay(works, works.tell_month(month)[1])
    else:
        works.tell_month(month)


# -- what happens once ----------------------------------------------------------


def _unpaid_crew(works: Works, month: int) -> None:
    """The developer transfers too little for the second crew: the case."""
    sheets = works.sheets(month)
    works.certify(month, sheets)
    works.approve(month, sheets)
    paid = [wage for sheet in sheets[:2] for wage in sheet.wages]
    works.transfer(month + 1, 7, sum(wage.net_fen for wage in paid))
    works.pay(month + 1, paid)
    Case(works, sheets[2]).tell()


def _unpaid_workers(works: Works, month: int) -> None:
    """In the last month some workers of a crew wait; the fund is asked and has promised."""
    sheets = works.sheets(month)
    works.certify(month, sheets)
    works.approve(month, sheets)
    wages = [wage for sheet in sheets for wage in sheet.wages]
    paid, unpaid = wages[:-_STILL_UNPAID], wages[-_STILL_UNPAID:]
    works.transfer(month + 1, 7, sum(wage.net_fen for wage in paid))
    works.pay(month + 1, paid)
    story, day = works.story, works.story.months.day
    authority, case = works.city.authority, {"case": "CASE-2"}
    story.tell(
        "CaseOpened", day(month + 1, 17), authority, **case, project=works.site.project,
        employer=sheets[2].employer.code, source="platform",
    )  # fmt: skip
    story.tell(
        "AdvanceRequested", day(month + 1, 20), authority, **case, region=FUND_REGION,
        project=works.site.project, advance="A-2",
        lines=amounts({wage.claim: 600 * YUAN for wage in unpaid}),
    )  # fmt: skip
    story.tell(
        "AdvanceApproved", day(month + 1, 23), works.city.fund_office, region=FUND_REGION,
        advance="A-2",
    )  # fmt: skip


def _corrections(works: Works, month: int) -> None:
    """A certification with a wrong sum is reversed; an objection lowers a claim; money strays."""
    story, months, site = works.story, works.story.months, works.site
    wrong = story.tell(
        "ProgressCertified", months.day(month, 25), site.developer, project=site.project,
        period=months.period(month), progress_fen=9_000_000 * YUAN, labour_cost_fen=90_000 * YUAN,
        due_on=months.plain(month + 1, 8),
    )  # fmt: skip
    story.tell(
        "Reversed", months.day(month, 26), site.developer, reverses=wrong, reason="金额录入错误",
    )  # fmt: skip
    sheets = works.sheets(month)
    works.certify(month, sheets)
    works.approve(month, sheets)
    works.transfer(month + 1, 7, round_up(sum(sheet.total_fen for sheet in sheets)))
    wages = [wage for sheet in sheets for wage in sheet.wages]
    too_high = wages[-1]
    story.tell(
        "ObjectionRaised", months.day(month + 1, 6), works.city.authority, project=site.project,
        sheet=sheets[-1].name, worker=too_high.worker.ref, reason="扣款未列明",
    )  # fmt: skip
    story.tell(
        "ClaimReduced", months.day(month + 1, 8), works.city.authority, project=site.project,
        claim=too_high.claim, amount_fen=200 * YUAN, reason="预支生活费，工人已确认",
    )  # fmt: skip
    lower = Wage(
        too_high.claim, too_high.worker, too_high.half_days,
        too_high.deductions_fen + 200 * YUAN,
    )  # fmt: skip
    works.pay(month + 1, [*wages[:-1], lower])
    for kind, on, ref in (("MisdirectedCredited", 18, "M-1"), ("MisdirectedReturned", 23, "M-2")):
        story.tell(
            kind, months.day(month + 1, on), works.city.bank, project=site.project,
            amount_fen=5_000 * YUAN, bank_ref=ref,
        )  # fmt: skip


def _back_pay(works: Works, sheet: Sheet) -> None:
    """Wages forgotten on the sheet: due in the month of the reader, so not in arrears."""
    story, months = works.story, works.story.months
    first = sheet.wages[0]
    story.tell(
        "PayrollSubmitted", months.day(_LAST + 1, 22), sheet.employer, project=works.site.project,
        employer=sheet.employer.code, sheet=f"{sheet.name}-B", period=months.period(_LAST),
        due_on=months.plain(_LAST + 2, 15), back_pay=True,
        lines=[sheet_line(Wage("", first.worker, 6, 0))],
    )  # fmt: skip
    story.tell(
        "PayrollApproved", months.day(_LAST + 1, 23), works.site.contractor,
        project=works.site.project, sheet=f"{sheet.name}-B",
    )  # fmt: skip


def _complete(works: Works, other: Works, month: int) -> None:
    """The short site is completed; its account is closed, its deposit released, workers move."""
    story, day, site, city = works.story, works.story.months.day, works.site, works.city
    for employer in site.employers:
        for worker in works.staff[employer.code]:
            story.tell(
                "WorkerExited", day(month + 1, 1), employer, project=site.project,
                employer=employer.code, worker=worker.ref,
            )  # fmt: skip
    for worker in works.staff[site.contractor.code]:
        story.tell(
            "WorkerAssigned", day(month + 1, 2), site.contractor, project=other.site.project,
            employer=site.contractor.code, worker=worker.ref,
        )  # fmt: skip
    other.staff[site.contractor.code] += works.staff[site.contractor.code]
    story.tell("ProjectCompleted", day(month + 1, 16), site.contractor, project=site.project)
    posted = {"project": site.project, "notice_posted_on": day(month + 1, 16)}
    story.tell(
        "WageAccountClosed", day(month + 2, 24), city.bank, **posted,
        balance_to_gc_fen=works.account_fen,
    )  # fmt: skip
    story.tell("DepositReleaseConfirmed", day(month + 2, 25), city.authority, **posted)
    story.tell(
        "DepositReleased", day(month + 3, 2), city.bank, project=site.project,
        amount_fen=deposit_of(site),
    )  # fmt: skip


# -- what the ledger refuses ----------------------------------------------------


def _mistakes(first: Works, second: Works) -> None:
    """A gang master's card, a second sheet, a double payout, and a file that is sent twice."""
    story, months = first.story, first.story.months
    leader, member = first.staff[first.site.crews[0].code][:2]
    story.tell(
        "CardBound", months.day(0, 6), first.site.crews[0], worker=member.ref,
        card_number=leader.card_number, expected="card_shared",
    )  # fmt: skip
    (paid, *_others) = second.history[2]
    story.tell(
        "PayrollSubmitted", months.day(3, 16), paid.employer, project=second.site.project,
        employer=paid.employer.code, sheet=f"{paid.name}-C", period=months.period(2),
        due_on=months.plain(3, 15), lines=[sheet_line(paid.wages[0])],
        expected="period_paid_twice",
    )  # fmt: skip
    again = {wage.claim: wage.net_fen for wage in paid.wages}
    story.tell(
        "PayoutInstructed", months.day(3, 24), second.site.contractor,
        project=second.site.project, batch=f"B-{second.site.project}-X", lines=amounts(again),
        total_fen=sum(again.values()), count=len(again), expected="over_claim",
    )  # fmt: skip
    story.repeat(second.transfers[0])
