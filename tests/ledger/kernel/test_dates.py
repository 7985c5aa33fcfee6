"""Days are Shanghai's, instants are in UTC, and months end where the calendar ends them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.dates import (
    SystemClock,
    add_days,
    add_months,
    business_date,
    is_period,
    iso_instant,
    parse_date,
    parse_instant,
    period_bounds,
    period_of,
)

days = st.dates(date(1949, 1, 1))


@pytest.mark.parametrize(
    ("utc", "shanghai"),
    [
        ((2021, 9, 30, 15, 59, 59, 999_999), date(2021, 9, 30)),
        ((2021, 9, 30, 16, 0, 0, 0), date(2021, 10, 1)),
        ((2021, 12, 31, 16, 0, 0, 0), date(2022, 1, 1)),
    ],
)
def test_the_business_day_turns_at_midnight_in_shanghai(
    utc: tuple[int, int, int, int, int, int, int], shanghai: date
) -> None:
    year, month, day, hour, minute, second, micro = utc
    instant = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)

    assert business_date(instant) == shanghai
    elsewhere = instant.astimezone(timezone(timedelta(hours=-7)))
    assert business_date(elsewhere) == shanghai


def test_the_clock_tells_an_aware_instant_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)


@given(days)
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "typed",
    [
        "2026-1-5",
        "20260105",
        "2026-W02-1",
        "2026-01-05T00:00:00",
        " 2026-01-05",
        "2026-01-05\n",
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "２０２６-01-05",
        "2026/01/05",
        "",
    ],
)
def test_a_date_in_any_other_form_is_refused(typed: str) -> None:
    assert parse_date(typed) is None


def test_the_first_and_the_last_date_are_dates() -> None:
    assert parse_date("0001-01-01") == date.min
    assert parse_date("9999-12-31") == date.max


@given(days)
def test_a_month_runs_from_its_first_day_to_the_day_before_the_next(day: date) -> None:
    period = period_of(day)
    first, last = period_bounds(period)

    assert is_period(period)
    assert first.day == 1
    assert first <= day <= last
    assert last == date.max or period_of(last + timedelta(days=1)) != period


@pytest.mark.parametrize(
    "typed", ["2026-00", "2026-13", "2026-1", "202601", "2026-01-01", "0000-12", "2026-01\n", ""]
)
def test_what_is_no_month_is_refused(typed: str) -> None:
    assert not is_period(typed)
    with pytest.raises(ValueError, match="YYYY-MM"):
        period_bounds(typed)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 3, 31), -13, date(2025, 2, 28)),
        (date(2026, 3, 31), 0, date(2026, 3, 31)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
        (date(9999, 6, 1), 12, date.max),
    ],
)
def test_months_later_is_the_same_day_or_the_end_of_a_shorter_month(
    day: date, months: int, then: date
) -> None:
    assert add_months(day, months) == then


def test_a_guarantee_for_a_year_from_the_first_of_march_ends_with_february() -> None:
    assert add_days(add_months(date(2023, 3, 1), 12), -1) == date(2024, 2, 29)


def test_days_past_the_end_of_the_calendar_stay_at_its_end() -> None:
    assert add_days(date(9999, 12, 30), 1) == date.max
    assert add_days(date(9999, 12, 30), 30) == date.max


@given(st.datetimes(datetime(1949, 1, 1)), st.timedeltas(timedelta(0), timedelta(hours=14)))  # noqa: DTZ001 - the strategy adds the zone
def test_the_order_of_written_instants_is_their_order_in_time(
    naive: datetime, later: timedelta
) -> None:
    instant = naive.replace(tzinfo=UTC)
    try:
        after = instant + later
    except OverflowError:
        return

    assert (iso_instant(instant) <= iso_instant(after)) is (instant <= after)
    assert parse_instant(iso_instant(instant)) == instant


def test_an_instant_is_written_in_utc_whatever_zone_it_came_in() -> None:
    instant = datetime(2026, 4, 1, 8, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))

    assert iso_instant(instant) == "2026-04-01T00:00:00.000001Z"


@pytest.mark.parametrize(
    "typed",
    [
        "2026-04-01T00:00:00Z",
        "2026-04-01T00:00:00.000001",
        "2026-04-01T25:00:00.000001Z",
        "2026-04-01 00:00:00.000001Z",
        "2026-02-30T00:00:00.000001Z",
        "",
    ],
)
def test_an_instant_in_any_other_form_is_refused(typed: str) -> None:
    assert parse_instant(typed) is None
