"""Figures that follow from the policy book: a deposit, and the threshold of a crime.

Each function takes facts and a book and returns its figure with the records that made it, so
that the event can name them. Amounts are in fen; divisions round once, at the end.

Legal source: 人社部发〔2021〕65号 arts. 11 and 12 (deposit); Criminal Law art. 276-1 and
法释〔2013〕3号 art. 3 (crime).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.policy.book import PolicyBook
from ledger.domain.policy.record import PolicyRecord

# -- the deposit --------------------------------------------------------------

DEPOSIT_PARAMETERS: Final = (
    "deposit.base",
    "deposit.ratio",
    "deposit.multi_ratio",
    "deposit.multi_floor",
    "deposit.dishonest_factor",
    "deposit.arrears_factor",
    "deposit.clean2_factor",
    "deposit.clean3_exempt",
    "deposit.cap",
    "deposit.exempt_below",
    "deposit.exempt_clean_months",
)
"""What `assess_deposit` may look up."""

_BASIS_POINTS: Final = 10_000
_PERCENT: Final = 100
_DAYS_OF_YEAR: Final = 365
_TWO_YEARS: Final = 24
_THREE_YEARS: Final = 36


@dataclass(frozen=True, kw_only=True)
class DepositFacts:
    """What a deposit is computed from.

    Attributes:
        region: Region of the project.
        contract_price_fen: Price of the contract, fen.
        contract_on: Day of signing, ISO text; the policy of that day is used.
        starts_on: First day of the works, ISO text.
        planned_end_on: Planned last day, ISO text.
        other_projects: The contractor's other running projects in the deposit area, which is the
            city (first 4 digits of the region).
        arrears_in_2y: It was in arrears in the two years before signing.
        dishonest: It is on the dishonest list on that day.
        clean_months: Whole months without arrears before signing; None for a contractor of whom
            nothing is known, who gets no reduction: a clean record must be shown.
        wage_accounts_in_place: Its projects have their wage accounts and real-name registers;
            like a clean record it must be shown, so left out it is not so.
    """

    region: str
    contract_price_fen: int
    contract_on: str
    starts_on: str
    planned_end_on: str
    other_projects: int
    arrears_in_2y: bool
    dishonest: bool
    clean_months: int | None
    wage_accounts_in_place: bool = False


def assess_deposit(facts: DepositFacts, book: PolicyBook) -> tuple[int, list[PolicyRecord]]:
    """Compute the deposit that a project must hold.

    Base x ratio; with other projects in the area the ratio falls to what the region has set for
    that case, never below the floor and never above the ratio of a single project: the law
    allows the region to go down (art. 11) and does not do it itself;
    then one record factor, the worst that applies, never two (dishonest list, else arrears in
    two years, else two clean years); then the cap, raised amounts included; then the exemption,
    which a contractor with arrears or on the list never has. A part of a fen is rounded up once.

    The base of one year is the price / days of the works x 365 where the works last longer.

    Returns:
        The amount in fen, 0 when exempt, and the records that made it, in the order of use.
    """
    used: list[PolicyRecord] = []
    exemption = _exemption(facts, book)
    if exemption:
        return 0, exemption
    price, days = _base(facts, book, used)
    ratio = _ratio(facts, book, used)
    factor = _record_factor(facts, book, used)
    required = -(-price * ratio * factor // (days * _BASIS_POINTS * _PERCENT))
    cap = book.value("deposit.cap", facts.region, facts.contract_on)
    if cap is not None and required > int(cap.value):
        used.append(cap)
        required = int(cap.value)
    return required, used


def _number(name: str, facts: DepositFacts, book: PolicyBook) -> tuple[int, PolicyRecord]:
    return book.number(name, facts.region, facts.contract_on)


def _base(facts: DepositFacts, book: PolicyBook, used: list[PolicyRecord]) -> tuple[int, int]:
    """The base as a fraction: fen and the number by which they are divided."""
    base = book.value("deposit.base", facts.region, facts.contract_on)
    if base is None:
        return facts.contract_price_fen, 1
    used.append(base)
    first, last = date.fromisoformat(facts.starts_on), date.fromisoformat(facts.planned_end_on)
    days = (last - first).days + 1
    if base.value != "annual" or days <= _DAYS_OF_YEAR:
        return facts.contract_price_fen, 1
    return facts.contract_price_fen * _DAYS_OF_YEAR, days


def _ratio(facts: DepositFacts, book: PolicyBook, used: list[PolicyRecord]) -> int:
    """The ratio in basis points."""
    ratio, record = _number("deposit.ratio", facts, book)
    own = book.value("deposit.multi_ratio", facts.region, facts.contract_on)
    if facts.other_projects > 0 and own is not None:
        floor, floor_record = _number("deposit.multi_floor", facts, book)
        lowered, source = max((int(own.value), own), (floor, floor_record), key=_first)
        if lowered < ratio:
            used.extend((record, source))
            return lowered
    used.append(record)
    return ratio


def _first(pair: tuple[int, PolicyRecord]) -> int:
    return pair[0]


def _record_factor(facts: DepositFacts, book: PolicyBook, used: list[PolicyRecord]) -> int:
    """The factor of the contractor's record in percent."""
    if facts.dishonest:
        name = "deposit.dishonest_factor"
    elif facts.arrears_in_2y:
        name = "deposit.arrears_factor"
    elif facts.clean_months is not None and facts.clean_months >= _TWO_YEARS:
        name = "deposit.clean2_factor"
    else:
        return _PERCENT
    factor, record = _number(name, facts, book)
    used.append(record)
    return factor


def _exemption(facts: DepositFacts, book: PolicyBook) -> list[PolicyRecord]:
    """The records that exempt the project, none when it is not exempt."""
    if facts.dishonest or facts.arrears_in_2y or facts.clean_months is None:
        return []
    below, below_record = _number("deposit.exempt_below", facts, book)
    months, months_record = _number("deposit.exempt_clean_months", facts, book)
    if facts.contract_price_fen < below and facts.clean_months >= months:
        return [below_record, months_record]
    exempt, exempt_record = _number("deposit.clean3_exempt", facts, book)
    if exempt and facts.clean_months >= _THREE_YEARS and facts.wage_accounts_in_place:
        return [exempt_record]
    return []


# -- the threshold of a crime -------------------------------------------------

CRIME_PARAMETERS: Final = ("crime.group_workers", "crime.group_amount", "crime.single_amount")
"""What `crime_threshold_met` may look up."""


def crime_threshold_met(
    amount_fen: int, workers: int, region: str, on: str, book: PolicyBook
) -> tuple[bool, list[PolicyRecord]]:
    """Tell whether unpaid wages can be a large amount for a transfer to the police.

    A group of at least ``crime.group_workers`` is judged by ``crime.group_amount``, fewer workers
    by ``crime.single_amount``, which one among them may be owed. A transfer names a sum and a
    number of workers: how the sum is spread, and for how many months, is left to the police.

    Args:
        amount_fen: Unpaid in all, fen.
        workers: How many workers are unpaid.
        region: Region of the project. Where it has no value of its own the lower end of the
            range of the law is used.
        on: Day of the transfer, ISO text.
        book: The policy book.

    Returns:
        Whether it is met, and the records that were compared.
    """
    many, many_record = book.number("crime.group_workers", region, on)
    name = "crime.group_amount" if workers >= many else "crime.single_amount"
    threshold, record = book.number(name, region, on)
    return amount_fen >= threshold, [many_record, record]
