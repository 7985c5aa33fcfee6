"""Dates and instants: business dates in Asia/Shanghai, transaction times in UTC.

Names end in ``_on`` for a date and in ``_at`` for an instant. China has kept +08:00 without
summer time since 1991, and instants here are of the program's own days, so the zone is a fixed
offset and no zone database is needed. Periods are calendar months, ``YYYY-MM``.

``SystemClock`` is the only place in the program that asks for the time.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Protocol

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_MONTHS: Final = 12
_SECOND: Final = 1_000_000
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERIOD: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def business_date(instant: datetime) -> date:
    """Return the date that a calendar on a wall in Shanghai shows at an aware instant."""
    return instant.astimezone(SHANGHAI).date()


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """Read ``YYYY-MM-DD`` exactly so; None for anything else.

    Remembered, because the postings of a file repeat few dates many times.
    """
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_period(text: str) -> bool:
    """Tell whether a text is a month ``YYYY-MM``."""
    match = _PERIOD.fullmatch(text)
    return match is not None and match[1] != "0000"


def period_of(day: date) -> str:
    """Return the month ``YYYY-MM`` of a date."""
    return f"{day.year:04}-{day.month:02}"


@lru_cache(maxsize=256)
def period_bounds(period: str) -> tuple[date, date]:
    """Return the first and the last day of a month.

    Raises:
        ValueError: for a text that ``is_period`` refuses.
    """
    if not is_period(period):
        message = "not a month YYYY-MM"
        raise ValueError(message)
    first = date(int(period[:4]), int(period[5:]), 1)
    return first, _last_of_month(first.year, first.month)


def _last_of_month(year: int, month: int) -> date:
    if (year, month) == (date.max.year, date.max.month):
        return date.max
    following = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return following - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or earlier) month, or that month's last day.

    2026-01-31 + 1 month is 2026-02-28. A guarantee valid for 12 months from ``valid_from`` ends
    on ``add_months(valid_from, 12) - 1 day``. Past the end of the calendar it stays at
    9999-12-31, so that a far deadline is far and not a failure.
    """
    year, month0 = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    if year > date.max.year:
        return date.max
    last = _last_of_month(year, month0 + 1)
    return last if day.day > last.day else last.replace(day=day.day)


def add_days(day: date, days: int) -> date:
    """Return a date some days later (or earlier), 9999-12-31 past the end of the calendar."""
    ordinal = day.toordinal() + days
    return date.fromordinal(min(ordinal, date.max.toordinal()))


def iso_instant(instant: datetime) -> str:
    """Write an aware instant in UTC with microseconds: ``2026-03-31T08:00:00.000001Z``.

    Always 27 characters, so that the order of the texts is the order of the instants.
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def iso_instants(first: datetime) -> Iterator[str]:
    """Write an aware instant and those that follow it microsecond by microsecond."""
    second = first.astimezone(UTC).replace(microsecond=0)
    microseconds = range(first.microsecond, _SECOND)
    while True:
        whole = second.isoformat().removesuffix("+00:00")
        for microsecond in microseconds:
            yield f"{whole}.{microsecond:06}Z"
        second, microseconds = second + timedelta(seconds=1), range(_SECOND)


def parse_instant(text: str) -> datetime | None:
    """Read what ``iso_instant`` writes; None for anything else."""
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
