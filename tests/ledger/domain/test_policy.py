"""Which value holds where and when, and what follows from it."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.policy import (
    NATION,
    PARAMETERS,
    SHIPPED,
    DepositFacts,
    PolicyBook,
    PolicyRecord,
    assess_deposit,
    crime_threshold_met,
    regions_to_ask,
    remarks,
    value_problem,
)
from ledger.kernel.identifiers import is_region

JILIN_CITY = "220200"
JIAOHE = "220281"


def published(
    parameter: str,
    value: int | str,
    region: str = JILIN_CITY,
    valid_from: str = "2026-01-01",
    valid_to: str | None = None,
) -> PolicyRecord:
    return PolicyRecord(
        region=region,
        parameter=parameter,
        value=value,
        valid_from=valid_from,
        valid_to=valid_to,
        source="吉市人社〔2025〕1号",
    )


def value(parameter: str, region: str, on: str, *records: PolicyRecord) -> int | str | None:
    record = PolicyBook(records).value(parameter, region, on)
    return None if record is None else record.value


# -- looking up ---------------------------------------------------------------


def test_a_county_asks_itself_its_city_its_province_and_the_nation() -> None:
    assert regions_to_ask(JIAOHE) == ("220281", "220200", "220000", "CN")
    assert regions_to_ask("220000") == ("220000", "CN")
    assert regions_to_ask(JIAOHE, city_only=True) == ("220281", "220200")
    assert regions_to_ask(NATION) == ("CN",)
    assert regions_to_ask(NATION, city_only=True) == ()


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), 20),
        ((published("fund.cap_p", 25, NATION),), 25),
        ((published("fund.cap_p", 25, NATION), published("fund.cap_p", 30, "220000")), 30),
        ((published("fund.cap_p", 30, "220000"), published("fund.cap_p", 35)), 35),
        ((published("fund.cap_p", 35), published("fund.cap_p", 40, JIAOHE)), 40),
        ((published("fund.cap_p", 40, "220284"),), 20),
    ],
)
def test_the_closest_region_with_a_value_decides(
    records: tuple[PolicyRecord, ...], expected: int
) -> None:
    assert value("fund.cap_p", JIAOHE, "2026-03-01", *records) == expected


def test_a_published_value_beats_the_shipped_one_on_its_days_first_and_last_included() -> None:
    record = published("fund.cap_p", 30, NATION, "2026-01-01", "2026-06-30")
    on = {
        day: value("fund.cap_p", JILIN_CITY, day, record)
        for day in ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    }
    assert on == {"2025-12-31": 20, "2026-01-01": 30, "2026-06-30": 30, "2026-07-01": 20}


def test_a_fact_older_than_the_law_is_judged_by_the_first_value_and_it_is_said() -> None:
    record = PolicyBook().value("deposit.ratio", JILIN_CITY, "2019-04-01")
    assert record is not None
    assert (record.value, record.valid_from) == (100, "2021-11-01")
    assert remarks([record], JILIN_CITY, "2019-04-01") == ("no_local_value", "before_first_value")
    assert remarks([record], JILIN_CITY, "2021-11-01") == ("no_local_value",)


def test_a_local_value_and_a_value_that_only_the_law_sets_call_for_no_remark() -> None:
    local = published("deposit.ratio", 150)
    (notice,) = (r for r in SHIPPED if r.parameter == "wage_account.close_notice_days")
    assert remarks([local, notice], JILIN_CITY, "2026-02-01") == ()


def test_a_parameter_without_a_national_value_has_none_until_a_region_publishes_it() -> None:
    assert value("deposit.cap", JILIN_CITY, "2026-02-01") is None
    cap = published("deposit.cap", 500_000_000)
    assert value("deposit.cap", JILIN_CITY, "2026-02-01", cap) == 500_000_000
    assert value("deposit.cap", JILIN_CITY, "2025-02-01", cap) is None
    with pytest.raises(LookupError, match=r"deposit\.cap"):
        PolicyBook().number("deposit.cap", JILIN_CITY, "2026-02-01")


@pytest.mark.parametrize(
    ("region", "month_fen"),
    [
        ("220100", 188_000),
        ("220200", 176_000),
        ("220281", 176_000),
        ("220300", 164_000),
        ("220400", None),
        ("220000", None),
        ("110105", None),
    ],
)
def test_a_minimum_wage_is_that_of_the_region_or_its_city_and_no_other(
    region: str, month_fen: int | None
) -> None:
    of_province = published("minimum_wage.month", 100_000, "220000", "2020-01-01")
    of_nation = published("minimum_wage.month", 100_001, NATION, "2020-01-01")
    expected = 100_000 if region == "220000" else month_fen
    assert value("minimum_wage.month", region, "2026-01-01", of_province, of_nation) == expected


def test_no_minimum_wage_is_known_before_the_first_notice() -> None:
    assert value("minimum_wage.month", "220200", "2021-11-30") is None
    assert value("minimum_wage.month", "220200", "2021-12-01") == 176_000
    assert value("minimum_wage.hour", "220200", "2021-12-01") == 1_800


# -- what may be published ----------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "given", "problem"),
    [
        ("fund.cap_p", 30, None),
        ("fund.cap_p", 0, None),
        ("fund.cap_p", -1, "out_of_range"),
        ("fund.cap_p", 1_001, "out_of_range"),
        ("fund.cap_p", "30", "not_a_whole_number"),
        ("fund.cap_p", 0.2, "not_a_whole_number"),
        ("fund.cap_p", True, "not_a_whole_number"),
        ("deposit.clean3_exempt", 1, None),
        ("deposit.clean3_exempt", 2, "out_of_range"),
        ("deposit.base", "annual", None),
        ("deposit.base", "monthly", "not_a_choice"),
        ("deposit.base", 1, "not_a_choice"),
        ("deposit.base", ["annual"], "not_a_choice"),
        ("minimum_wage.month", 10**15, None),
        ("minimum_wage.month", 10**15 + 1, "out_of_range"),
        ("no.such_parameter", "anything", None),
    ],
)
def test_a_value_must_fit_its_parameter(parameter: str, given: object, problem: str | None) -> None:
    assert value_problem(parameter, given) == problem


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "meets"),
    [
        ("2025-01-01", "2025-12-31", False),
        ("2025-01-01", "2026-01-01", True),
        ("2025-01-01", None, True),
        ("2026-03-01", "2026-04-01", True),
        ("2026-06-30", None, True),
        ("2026-07-01", None, False),
    ],
)
def test_two_values_of_a_region_may_not_hold_on_the_same_day(
    valid_from: str, valid_to: str | None, *, meets: bool
) -> None:
    first = published("fund.cap_p", 30, JILIN_CITY, "2026-01-01", "2026-06-30")
    second = published("fund.cap_p", 40, JILIN_CITY, valid_from, valid_to)
    assert PolicyBook([first]).overlapping(second) == (first if meets else None)
    assert PolicyBook([second]).overlapping(first) == (second if meets else None)


def test_other_regions_other_parameters_and_shipped_values_do_not_overlap() -> None:
    first = published("fund.cap_p", 30)
    book = PolicyBook([first])
    assert book.overlapping(published("fund.cap_p", 30, JIAOHE)) is None
    assert book.overlapping(published("fund.cap_k", 2)) is None
    assert PolicyBook().overlapping(published("fund.cap_p", 30, NATION, "2000-01-01")) is None
    assert book.overlapping(published("fund.cap_p", 30, valid_from="2030-01-01")) == first


# -- what is shipped ----------------------------------------------------------


def test_every_shipped_value_fits_its_parameter_and_names_its_source_mark_and_day() -> None:
    for record in SHIPPED:
        assert value_problem(record.parameter, record.value) is None, record
        assert record.region == NATION or is_region(record.region)
        assert record.source
        assert record.mark in {"V", "V2", "M"}
        assert date.fromisoformat(record.valid_from).isoformat() == record.valid_from
    assert {record.parameter for record in SHIPPED} <= set(PARAMETERS)


def test_what_decisions_compute_with_always_has_a_value() -> None:
    optional = {"deposit.cap", "deposit.multi_ratio", "minimum_wage.month"}
    for name in {name for name, parameter in PARAMETERS.items() if parameter.used} - optional:
        for on in ("1949-01-01", "2026-01-01", "9999-12-31"):
            assert PolicyBook().value(name, "659001", on) is not None, name


def test_an_event_names_the_record_with_its_source() -> None:
    shipped = PolicyBook().value("fund.cap_p", JILIN_CITY, "2026-01-01")
    assert shipped is not None
    assert shipped.as_named() == {
        "region": "CN",
        "parameter": "fund.cap_p",
        "value": 20,
        "valid_from": "2020-05-01",
        "source": "local measures of Jinzhou 2018 and Zhengzhou 2020",
        "mark": "V2",
    }
    own = replace(published("fund.cap_p", 30), position=17)
    assert own.as_named() == {
        "region": JILIN_CITY,
        "parameter": "fund.cap_p",
        "value": 30,
        "valid_from": "2026-01-01",
        "source": "吉市人社〔2025〕1号",
        "position": 17,
    }


# -- the deposit --------------------------------------------------------------

NEW_CONTRACTOR = DepositFacts(
    region=JILIN_CITY,
    contract_price_fen=1_000_000_000,
    contract_on="2026-02-01",
    starts_on="2026-03-01",
    planned_end_on="2026-11-30",
    other_projects=0,
    arrears_in_2y=False,
    dishonest=False,
    clean_months=None,
    wage_accounts_in_place=False,
)


def deposit(facts: DepositFacts, *records: PolicyRecord) -> tuple[int, list[str]]:
    required_fen, used = assess_deposit(facts, PolicyBook(records))
    return required_fen, [record.parameter for record in used]


def test_a_contractor_without_a_record_holds_one_percent_of_the_price() -> None:
    assert deposit(NEW_CONTRACTOR) == (10_000_000, ["deposit.base", "deposit.ratio"])


def test_a_part_of_a_fen_is_rounded_up_once() -> None:
    assert deposit(replace(NEW_CONTRACTOR, contract_price_fen=300_000_001))[0] == 3_000_001
    half = replace(NEW_CONTRACTOR, contract_price_fen=300_000_100, clean_months=24)
    assert deposit(half)[0] == 1_500_001


def test_further_projects_in_the_area_hold_less_only_where_the_region_says_so() -> None:
    second = replace(NEW_CONTRACTOR, other_projects=1)
    assert deposit(second) == (10_000_000, ["deposit.base", "deposit.ratio"])
    own = published("deposit.multi_ratio", 70)
    assert deposit(second, own)[0] == 7_000_000
    assert deposit(second, replace(own, value=20))[0] == 5_000_000
    assert deposit(second, replace(own, value=120))[0] == 10_000_000
    assert deposit(NEW_CONTRACTOR, own)[0] == 10_000_000


@pytest.mark.parametrize(
    ("change", "required_fen", "rule"),
    [
        ({"clean_months": 23}, 10_000_000, None),
        ({"clean_months": 24}, 5_000_000, "deposit.clean2_factor"),
        ({"arrears_in_2y": True}, 15_000_000, "deposit.arrears_factor"),
        ({"dishonest": True}, 20_000_000, "deposit.dishonest_factor"),
        ({"dishonest": True, "arrears_in_2y": True}, 20_000_000, "deposit.dishonest_factor"),
        ({"arrears_in_2y": True, "clean_months": 40}, 15_000_000, "deposit.arrears_factor"),
    ],
)
def test_one_factor_of_the_contractors_record_counts_and_factors_are_never_stacked(
    change: dict[str, bool | int], required_fen: int, rule: str | None
) -> None:
    amount, used = deposit(replace(NEW_CONTRACTOR, **change))  # type: ignore[arg-type]
    assert amount == required_fen
    assert used == ["deposit.base", "deposit.ratio"] + ([rule] if rule else [])


def test_the_floor_of_several_projects_comes_before_the_record_factor() -> None:
    facts = replace(NEW_CONTRACTOR, other_projects=2, dishonest=True)
    assert deposit(facts, published("deposit.multi_ratio", 20))[0] == 10_000_000


def test_the_cap_of_the_region_holds_for_raised_deposits_too() -> None:
    cap = published("deposit.cap", 12_000_000)
    assert deposit(NEW_CONTRACTOR, cap)[0] == 10_000_000
    amount, used = deposit(replace(NEW_CONTRACTOR, dishonest=True), cap)
    assert (amount, used[-1]) == (12_000_000, "deposit.cap")


@pytest.mark.parametrize(
    ("price_fen", "clean_months", "exempt"),
    [
        (299_999_999, 12, True),
        (299_999_999, 11, False),
        (299_999_999, None, False),
        (300_000_000, 12, False),
    ],
)
def test_a_small_contract_after_a_clean_year_is_exempt(
    price_fen: int, clean_months: int | None, *, exempt: bool
) -> None:
    facts = replace(NEW_CONTRACTOR, contract_price_fen=price_fen, clean_months=clean_months)
    amount, used = deposit(facts)
    assert (amount == 0) is exempt
    assert ("deposit.exempt_below" in used) is exempt


def test_three_clean_years_exempt_where_wage_accounts_are_in_place() -> None:
    clean = replace(NEW_CONTRACTOR, clean_months=36)
    assert deposit(replace(clean, wage_accounts_in_place=True)) == (0, ["deposit.clean3_exempt"])
    assert deposit(clean)[0] == 5_000_000
    switched_off = published("deposit.clean3_exempt", 0)
    assert deposit(replace(clean, wage_accounts_in_place=True), switched_off)[0] == 5_000_000


@pytest.mark.parametrize("blot", ["dishonest", "arrears_in_2y"])
def test_a_contractor_with_a_blot_on_its_record_is_never_exempt(blot: str) -> None:
    facts = replace(
        NEW_CONTRACTOR,
        contract_price_fen=100_000_000,
        clean_months=40,
        wage_accounts_in_place=True,
        **{blot: True},  # type: ignore[arg-type]
    )
    assert deposit(facts)[0] > 1_000_000


def test_an_annual_base_takes_one_year_of_a_longer_contract() -> None:
    annual = published("deposit.base", "annual")
    two_years = replace(NEW_CONTRACTOR, starts_on="2026-03-01", planned_end_on="2028-02-28")
    assert deposit(two_years, annual)[0] == 5_000_000
    assert deposit(NEW_CONTRACTOR, annual)[0] == 10_000_000
    year_and_a_day = replace(NEW_CONTRACTOR, planned_end_on="2027-03-01")
    assert deposit(year_and_a_day, annual)[0] == -(-10_000_000 * 365 // 366)


def test_works_that_end_before_they_start_do_not_stop_the_computation() -> None:
    annual = published("deposit.base", "annual")
    assert deposit(replace(NEW_CONTRACTOR, planned_end_on="2020-01-01"), annual)[0] == 10_000_000


def test_the_policy_of_the_day_of_signing_counts() -> None:
    later = published("deposit.ratio", 300, valid_from="2026-02-02")
    assert deposit(NEW_CONTRACTOR, later)[0] == 10_000_000
    assert deposit(replace(NEW_CONTRACTOR, contract_on="2026-02-02"), later)[0] == 30_000_000


# -- the threshold of a crime -------------------------------------------------


@pytest.mark.parametrize(
    ("amount_fen", "workers", "met"),
    [
        (3_000_000, 10, True),
        (2_999_999, 10, False),
        (500_000, 9, True),
        (499_999, 9, False),
        (500_000, 1, True),
        (499_999, 1, False),
    ],
)
def test_a_group_is_judged_by_its_sum_and_fewer_workers_by_what_one_may_be_owed(
    amount_fen: int, workers: int, *, met: bool
) -> None:
    answer, _ = crime_threshold_met(amount_fen, workers, JILIN_CITY, "2026-05-20", PolicyBook())
    assert answer is met


def test_the_threshold_of_the_region_decides_where_it_has_one() -> None:
    book = PolicyBook([published("crime.group_amount", 5_000_000, "210000")])
    for region, expected in ((JILIN_CITY, True), ("210102", False)):
        met, used = crime_threshold_met(4_000_000, 12, region, "2026-05-20", book)
        assert met is expected
        assert "crime.group_amount" in {record.parameter for record in used}
