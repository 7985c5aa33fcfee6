"""The values that come with the product, each with its source and mark.

National values hold from the day on which the law that sets them came into force. Before that
day no earlier value is known, and the first one is used (``ledger.domain.policy.book``).

Local values are not shipped, save the minimum wages of three cities: the samples that could be
read name no day from which they hold. An authority publishes its own with `PolicyPublished`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ledger.domain.policy.record import NATION, Mark, PolicyRecord


class _Law(NamedTuple):
    """A text that sets values, and the day from which it holds."""

    title: str
    in_force_on: str


class _Article(NamedTuple):
    """Values that one place of a law sets, in the units of their parameters."""

    law: _Law
    place: str
    mark: Mark
    values: Mapping[str, int | str]


_DECREE: Final = _Law("保障农民工工资支付条例 (Decree 724)", "2020-05-01")
_DEPOSIT: Final = _Law("人社部发〔2021〕65号", "2021-11-01")
_ACCOUNT: Final = _Law("人社部发〔2021〕53号", "2021-07-07")
_INSPECTION: Final = _Law("劳动保障监察条例", "2004-12-01")
_CONTRACT: Final = _Law("劳动合同法", "2008-01-01")
_CRIME: Final = _Law("法释〔2013〕3号", "2013-01-23")
_LIST: Final = _Law("拖欠农民工工资失信联合惩戒对象名单管理暂行办法 (order 45)", "2022-01-01")
_PUBLICATION: Final = _Law("重大劳动保障违法行为社会公布办法 (order 29)", "2017-01-01")
_CITIES: Final = _Law("local measures of Jinzhou 2018 and Zhengzhou 2020", _DECREE.in_force_on)
_FUSHUN: Final = _Law("local measures of Fushun 2018", _DECREE.in_force_on)
_SHENZHEN: Final = _Law("trial rule of Shenzhen", _DEPOSIT.in_force_on)
_OURS: Final = _Law("reading of the product", _DECREE.in_force_on)
_JILIN: Final = _Law("Jilin province, notice of 2021-09-30", "2021-12-01")

_NATIONAL: Final = (
    _Article(
        _DEPOSIT,
        "art. 11",
        "V2",
        {
            "deposit.base": "contract",
            "deposit.ratio_min": 100,
            "deposit.ratio_max": 300,
            "deposit.multi_floor": 50,
            "deposit.exempt_below": 300_000_000,
            "deposit.exempt_clean_months": 12,
        },
    ),
    _Article(
        _DEPOSIT,
        "art. 11 (1 % to 3 %; the lower end until the province fixes it)",
        "M",
        {"deposit.ratio": 100},
    ),
    _Article(_DEPOSIT, "art. 12", "M", {"deposit.clean2_factor": 50}),
    _Article(
        _DEPOSIT,
        "art. 12",
        "V2",
        {
            "deposit.clean3_exempt": 1,
            "deposit.arrears_factor": 150,
            "deposit.dishonest_factor": 200,
        },
    ),
    _Article(_DEPOSIT, "", "V2", {"deposit.open_within_wd": 20}),
    _Article(_DEPOSIT, "art. 19", "V2", {"deposit.bank_pay_within_wd": 5}),
    _Article(_DEPOSIT, "art. 21", "V2", {"deposit.replenish_within_wd": 10}),
    _Article(_SHENZHEN, "", "V2", {"deposit.insufficient": "pro_rata"}),
    _Article(
        _DEPOSIT,
        "art. 22",
        "V2",
        {
            "deposit.release_notice_days": 30,
            "deposit.check_wd": 5,
            "deposit.confirm_wd": 3,
            "deposit.sweep_months": 6,
        },
    ),
    _Article(
        _DEPOSIT,
        "art. 17",
        "V2",
        {"guarantee.min_months": 12, "guarantee.expiry_reminder_days": 30},
    ),
    _Article(
        _ACCOUNT,
        "",
        "V2",
        {
            "wage_account.open_days": 30,
            "wage_account.file_days": 30,
            "wage_account.shared_allowed": 0,
            "payout.require_attendance": 0,
        },
    ),
    _Article(_DECREE, "art. 27", "V", {"wage_account.close_notice_days": 30}),
    _Article(_DECREE, "art. 24", "V", {"labour_cost.cycle_max": 1}),
    _Article(_DECREE, "art. 14", "V", {"pay.due_shift": "previous_business_day"}),
    _Article(_DECREE, "art. 15", "V", {"records.payroll.keep_years": 3}),
    _Article(_DECREE, "art. 28", "V", {"records.employment.keep_years": 3}),
    _Article(_INSPECTION, "art. 17", "V", {"case.limit_wd": 60, "case.ext_wd": 30}),
    _Article(_INSPECTION, "art. 20", "V", {"case.bar_years": 2}),
    _Article(_INSPECTION, "art. 16", "V", {"case.inspectors_min": 2}),
    _Article(_CONTRACT, "art. 85", "V", {"extra_comp.min": 50, "extra_comp.max": 100}),
    _Article(_CRIME, "art. 3", "V", {"crime.group_workers": 10, "crime.single_months": 3}),
    _Article(
        _CRIME,
        "art. 3 (30,000 to 100,000 yuan; the lower end)",
        "V",
        {"crime.group_amount": 3_000_000},
    ),
    _Article(
        _CRIME,
        "art. 3 (5,000 to 20,000 yuan; the lower end)",
        "V",
        {"crime.single_amount": 500_000},
    ),
    _Article(_LIST, "", "V2", {"dishonest.term_months": 36, "dishonest.early_months": 6}),
    _Article(
        _PUBLICATION, "", "V2", {"publication.city_months": 3, "publication.province_months": 6}
    ),
    _Article(
        _CITIES,
        "",
        "V2",
        {"fund.cap_k": 1, "fund.cap_months": 1, "fund.cap_p": 20, "fund.requires_case": 1},
    ),
    _Article(_FUSHUN, "", "V2", {"fund.requires_deposit_exhausted": 1, "fund.rolls_over": 1}),
    _Article(_DECREE, "art. 63", "V", {"fund.counts_as_wage": 1}),
    _Article(_OURS, "", "M", {"fund.recourse_to_gc": 0, "fund.interest_rate": 0}),
)

_MINIMUM_WAGES: Final = (
    ("220100", {"minimum_wage.month": 188_000, "minimum_wage.hour": 1_900}),  # Changchun
    ("220200", {"minimum_wage.month": 176_000, "minimum_wage.hour": 1_800}),  # Jilin City
    ("220300", {"minimum_wage.month": 164_000, "minimum_wage.hour": 1_700}),  # Siping
)


def _records(region: str, article: _Article) -> Iterator[PolicyRecord]:
    for parameter, value in article.values.items():
        yield PolicyRecord(
            region=region,
            parameter=parameter,
            value=value,
            valid_from=article.law.in_force_on,
            source=f"{article.law.title} {article.place}".strip(),
            mark=article.mark,
        )


SHIPPED: Final = (
    *(record for article in _NATIONAL for record in _records(NATION, article)),
    *(
        record
        for region, wages in _MINIMUM_WAGES
        for record in _records(region, _Article(_JILIN, "", "V2", wages))
    ),
)
"""Every value that comes with the product."""
