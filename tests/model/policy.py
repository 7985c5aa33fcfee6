"""The policy book of the plain model: what a parameter is worth in a region on a day.

Values are whole numbers: fen, basis points, percent, months, days.  Closer regions win: the exact
code, its city, its province, the nation; at each of them a published value before a shipped one.
"""

from typing import Any, Final

from tests.model.balances import FOREVER
from tests.model.log import Log

NATIONAL: Final[dict[str, int]] = {
    "deposit.ratio": 100,
    "deposit.multi_floor": 50,
    "deposit.exempt_below": 300_000_000,
    "deposit.exempt_clean_months": 12,
    "deposit.clean2_factor": 50,
    "deposit.clean3_exempt": 1,
    "deposit.arrears_factor": 150,
    "deposit.dishonest_factor": 200,
    "deposit.release_notice_days": 30,
    "guarantee.min_months": 12,
    "wage_account.close_notice_days": 30,
    "crime.group_workers": 10,
    "crime.group_amount": 3_000_000,
    "crime.single_amount": 500_000,
    "fund.cap_k": 1,
    "fund.cap_p": 20,
}
"""The national defaults of the rules of the field that decisions rest on."""

OTHER_PARAMETERS: Final = frozenset({"deposit.multi_ratio", "deposit.cap", "minimum_wage.month"})
"""Known too, but without a national value."""

MINIMUM_WAGES: Final = {"220100": 188_000, "220200": 176_000, "220300": 164_000}
MINIMUM_WAGES_FROM: Final = "2021-12-01"


def known_parameter(name: str) -> bool:
    """Whether a posting may publish it."""
    return name in NATIONAL or name in OTHER_PARAMETERS


def published(log: Log, parameter: str, region: str, on: str) -> int | None:
    """The value that a PolicyPublished gives for exactly this region on a day."""
    for record in log.of("PolicyPublished", parameter=parameter, region=region):
        if record.f["valid_from"] <= on <= record.f.get("valid_to", FOREVER):
            return int(record.f["value"])
    return None


def overlaps(log: Log, f: dict[str, Any]) -> bool:
    """Whether a published value of the parameter holds in the region on a day of the range."""
    last = f.get("valid_to", FOREVER)
    return any(
        record.f["valid_from"] <= last and f["valid_from"] <= record.f.get("valid_to", FOREVER)
        for record in log.of("PolicyPublished", parameter=f["parameter"], region=f["region"])
    )


def value(log: Log, parameter: str, region: str, on: str) -> int | None:
    """The value in force, None where neither the region nor the nation has one."""
    for place in (region, f"{region[:4]}00", f"{region[:2]}0000", "CN"):
        found = published(log, parameter, place, on)
        if found is not None:
            return found
    return NATIONAL.get(parameter)


def minimum_wage(log: Log, region: str, on: str) -> int | None:
    """The monthly minimum wage of the exact code, else of its city; never the nation's."""
    for place in (region, f"{region[:4]}00"):
        found = published(log, "minimum_wage.month", place, on)
        if found is not None:
            return found
        if place in MINIMUM_WAGES and on >= MINIMUM_WAGES_FROM:
            return MINIMUM_WAGES[place]
    return None


def needed(log: Log, parameter: str, region: str, on: str) -> int:
    """The value of a parameter that the nation has a default for."""
    found = value(log, parameter, region, on)
    assert found is not None, parameter
    return found
