"""The parameters that the product knows: their names, units and meanings.

A name is the key of `PolicyPublished`; the values that come with the product are in
``ledger.domain.policy.defaults``.
"""

from typing import Final

from ledger.domain.policy.record import Parameter, Unit
from ledger.kernel.codes import N_

_HIGHEST: Final[dict[Unit, int]] = {
    "fen": 10**15,
    "basis_points": 10_000,
    "percent": 1_000,
    "times": 100,
    "years": 100,
    "months": 1_200,
    "days": 3_660,
    "working_days": 3_660,
    "persons": 1_000_000,
    "flag": 1,
    "word": 0,
}
"""Largest value of a unit that makes sense; above it somebody mistook the unit."""

_WORDS: Final = {
    "deposit.base": ("contract", "annual"),
    "deposit.insufficient": ("pro_rata",),
    "pay.due_shift": ("previous_business_day",),
}

_LOWEST: Final = {
    "deposit.arrears_factor": 100,
    "deposit.dishonest_factor": 100,
    "guarantee.min_months": 1,
    "labour_cost.cycle_max": 1,
    "records.payroll.keep_years": 3,
    "records.employment.keep_years": 3,
    "crime.group_workers": 1,
    "minimum_wage.month": 1,
    "minimum_wage.hour": 1,
}
"""Smallest value, where it is not 0."""

_LOCAL: Final = frozenset(
    {
        "deposit.base",
        "deposit.ratio",
        "crime.group_amount",
        "crime.single_amount",
        "fund.cap_k",
        "fund.cap_months",
        "fund.cap_p",
    }
)
"""Regions are expected to set their own: using the national value is worth saying."""

_CITY_ONLY: Final = frozenset({"minimum_wage.month", "minimum_wage.hour"})

_USED: Final = frozenset(
    {
        "deposit.base",
        "deposit.ratio",
        "deposit.multi_ratio",
        "deposit.multi_floor",
        "deposit.cap",
        "deposit.exempt_below",
        "deposit.exempt_clean_months",
        "deposit.clean2_factor",
        "deposit.clean3_exempt",
        "deposit.arrears_factor",
        "deposit.dishonest_factor",
        "deposit.release_notice_days",
        "guarantee.min_months",
        "wage_account.close_notice_days",
        "crime.group_workers",
        "crime.group_amount",
        "crime.single_amount",
        "fund.cap_k",
        "fund.cap_p",
        "minimum_wage.month",
    }
)
"""Decisions of this version rest on them; the others are kept for deadlines and reports."""

_MEANINGS: Final[tuple[tuple[str, Unit, str], ...]] = (
    (
        "deposit.base",
        "word",
        N_("Price on which the deposit is computed: of the contract, or of one year of it"),
    ),
    ("deposit.ratio", "basis_points", N_("Share of the price that the deposit must reach")),
    ("deposit.ratio_min", "basis_points", N_("Lowest ratio that a province may fix")),
    ("deposit.ratio_max", "basis_points", N_("Highest ratio that a province may fix")),
    (
        "deposit.multi_ratio",
        "basis_points",
        N_("Ratio from the second running project on in one deposit area"),
    ),
    (
        "deposit.multi_floor",
        "basis_points",
        N_("Lowest ratio where several projects run in one deposit area"),
    ),
    ("deposit.cap", "fen", N_("Highest deposit of one project")),
    ("deposit.exempt_below", "fen", N_("Price below which a contractor without arrears is exempt")),
    (
        "deposit.exempt_clean_months",
        "months",
        N_("Months without arrears before signing that exempt a small contract"),
    ),
    (
        "deposit.clean2_factor",
        "percent",
        N_("Part of the deposit left after two years without arrears"),
    ),
    (
        "deposit.clean3_exempt",
        "flag",
        N_("Three years without arrears, with wage accounts in place, exempt"),
    ),
    ("deposit.arrears_factor", "percent", N_("Factor after arrears in the two years before")),
    ("deposit.dishonest_factor", "percent", N_("Factor for a contractor on the dishonest list")),
    ("deposit.open_within_wd", "working_days", N_("Time to lodge the deposit")),
    (
        "deposit.bank_pay_within_wd",
        "working_days",
        N_("Time of the bank to pay on a payment notice"),
    ),
    (
        "deposit.replenish_within_wd",
        "working_days",
        N_("Time to replenish the deposit after it was used"),
    ),
    ("deposit.insufficient", "word", N_("How a deposit that is too small for all is shared")),
    (
        "deposit.release_notice_days",
        "days",
        N_("Days of public notice before a deposit is released"),
    ),
    (
        "deposit.check_wd",
        "working_days",
        N_("Time of the authority to check an application for release"),
    ),
    (
        "deposit.confirm_wd",
        "working_days",
        N_("Time of the authority to confirm or refuse a release"),
    ),
    ("deposit.sweep_months", "months", N_("How often the authority looks through old deposits")),
    ("guarantee.min_months", "months", N_("Shortest validity of a guarantee")),
    (
        "guarantee.expiry_reminder_days",
        "days",
        N_("Days before the end of a guarantee on which the authority reminds"),
    ),
    ("wage_account.open_days", "days", N_("Time to open the wage account after the contract")),
    ("wage_account.file_days", "days", N_("Time to file the wage account after its opening")),
    (
        "wage_account.close_notice_days",
        "days",
        N_("Days of public notice before a wage account is closed"),
    ),
    ("wage_account.shared_allowed", "flag", N_("One wage account may serve several projects")),
    (
        "wage_account.required_price",
        "fen",
        N_("Contract price from which a wage account is needed"),
    ),
    (
        "wage_account.required_months",
        "months",
        N_("Length of the works from which a wage account is needed"),
    ),
    (
        "payout.require_attendance",
        "flag",
        N_("Only workers with attendance on the project may be paid"),
    ),
    ("labour_cost.cycle_max", "months", N_("Longest cycle of transfers of labour cost")),
    (
        "labour_cost.min_share.building",
        "percent",
        N_("Least labour cost as a share of the price, building works"),
    ),
    (
        "labour_cost.min_share.municipal",
        "percent",
        N_("Least labour cost as a share of the price, municipal works"),
    ),
    (
        "labour_cost.min_share.transport",
        "percent",
        N_("Least labour cost as a share of the price, transport works"),
    ),
    (
        "labour_cost.min_share.water",
        "percent",
        N_("Least labour cost as a share of the price, water works"),
    ),
    (
        "labour_cost.min_share.other",
        "percent",
        N_("Least labour cost as a share of the price, other works"),
    ),
    ("pay.due_shift", "word", N_("When wages are paid whose date falls on a holiday")),
    ("records.payroll.keep_years", "years", N_("How long payroll records are kept")),
    (
        "records.employment.keep_years",
        "years",
        N_("How long employment records are kept after completion and settlement"),
    ),
    ("case.limit_wd", "working_days", N_("Time to finish a case")),
    ("case.ext_wd", "working_days", N_("Longest extension of a case")),
    ("case.bar_years", "years", N_("Years after which an act is no longer pursued")),
    ("case.inspectors_min", "persons", N_("Fewest inspectors of a case")),
    ("order.deadline_days", "days", N_("Time that an order to pay gives")),
    ("extra_comp.min", "percent", N_("Lowest extra compensation as a share of the sum due")),
    ("extra_comp.max", "percent", N_("Highest extra compensation as a share of the sum due")),
    ("crime.group_workers", "persons", N_("Workers from which the sum of a group counts")),
    ("crime.group_amount", "fen", N_("Sum of a group of workers that makes a large amount")),
    ("crime.single_amount", "fen", N_("Sum of one worker that makes a large amount")),
    ("crime.single_months", "months", N_("Months that the sum of one worker must stand for")),
    ("dishonest.term_months", "months", N_("How long a name stays on the dishonest list")),
    (
        "dishonest.early_months",
        "months",
        N_("Earliest removal from the dishonest list after correction"),
    ),
    (
        "publication.city_months",
        "months",
        N_("How often cities and counties publish major violations"),
    ),
    ("publication.province_months", "months", N_("How often provinces publish major violations")),
    ("fund.cap_k", "times", N_("Cap of an advance: so many times the monthly minimum wage")),
    ("fund.cap_months", "months", N_("Cap of an advance: for so many months")),
    ("fund.cap_p", "percent", N_("Cap of an advance: share of the worker's arrears")),
    ("fund.min_size", "fen", N_("Least that a fund must hold")),
    ("fund.requires_case", "flag", N_("An advance needs a case")),
    ("fund.requires_deposit_exhausted", "flag", N_("An advance needs the deposit to be used up")),
    ("fund.pay_within_wd", "working_days", N_("Time to pay an approved advance")),
    ("fund.counts_as_wage", "flag", N_("An advance reduces the worker's claim")),
    ("fund.recourse_to_gc", "flag", N_("The fund may recover from the general contractor")),
    ("fund.interest_rate", "basis_points", N_("Yearly interest on an advance")),
    ("fund.rolls_over", "flag", N_("What is left at the end of a year stays in the fund")),
    ("minimum_wage.month", "fen", N_("Minimum wage of a month")),
    ("minimum_wage.hour", "fen", N_("Minimum wage of an hour for part-time work")),
)

PARAMETERS: Final = {
    name: Parameter(
        name=name,
        unit=unit,
        description=description,
        low=_LOWEST.get(name, 0),
        high=_HIGHEST[unit],
        words=_WORDS.get(name, ()),
        local=name in _LOCAL,
        city_only=name in _CITY_ONLY,
        used=name in _USED,
    )
    for name, unit, description in _MEANINGS
}
"""Every parameter by name."""
