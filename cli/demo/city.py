"""Who lives in the invented city: parties, sites, crews and workers.

Six sites of three general contractors, on each the contractor's own workers and two crews of
subcontractors; fifty workers a site. The seed sets prices and wages; names are the same.
"""

from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from cli.demo.identities import AUTHORITY, card_number, credit_code, id_number

FUND_REGION: Final = "220200"
"""The city whose emergency fund serves all sites; its minimum wage caps an advance."""

YUAN: Final = 100
_MILLION: Final = 1_000_000 * YUAN
_OWN_WORKERS: Final = 10
_CREW_WORKERS: Final = 20
_CARD_DIGITS: Final = (16, 17, 18, 19)
WAGE_MONTHS: Final = 6


class Party(NamedTuple):
    """A party of the city: credit code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class Site:
    """A construction project.

    Attributes:
        crews: The two subcontractors.
        price_fen: Price of the contract.
        guaranteed: Whether a bank's guarantee stands for the deposit, else cash.
        months: Wage months until the works are complete.
    """

    project: str
    name: str
    region: str
    industry: str
    developer: Party
    contractor: Party
    crews: tuple[Party, Party]
    price_fen: int
    guaranteed: bool = False
    months: int = WAGE_MONTHS

    @property
    def employers(self) -> tuple[Party, ...]:
        """Everybody who has workers on the site, the general contractor first."""
        return (self.contractor, *self.crews)


@dataclass(frozen=True)
class Worker:
    """A worker with what goes to the vault.

    Attributes:
        day_rate_fen: Wage of a day, whole yuan and even, so that half days come out.
    """

    ref: str
    name: str
    id_number: str
    card_number: str
    day_rate_fen: int


@dataclass(frozen=True)
class City:
    """The whole city.

    Attributes:
        staff: Workers by project and employer's credit code.
    """

    bank: Party
    authority: Party
    fund_office: Party
    sites: tuple[Site, ...]
    staff: dict[tuple[str, str], tuple[Worker, ...]]

    @property
    def parties(self) -> tuple[Party, ...]:
        """Every party, each once."""
        named = [self.bank, self.authority, self.fund_office]
        for site in self.sites:
            named += [site.developer, *site.employers]
        return tuple(dict.fromkeys(named))


def invent(rng: Random) -> City:
    """Invent the city."""
    developers = _parties(100, "示例城投", "示例置业")
    contractors = _parties(200, "示例一建", "示例二建", "示例路桥")
    crews = _parties(
        300, "示例木工", "示例钢筋", "示例砼工", "示例瓦工", "示例水电", "示例油漆", "示例土方",
        "示例架子",
    )  # fmt: skip
    sites = tuple(
        Site(
            f"P-{number}", name, region, industry,
            developers[number % 2], contractors[(number - 1) // 2], (crews[one], crews[two]),
            price * _MILLION + rng.randrange(0, 100) * 10_000 * YUAN,
            guaranteed=number in {3, 6}, months=4 if number == SHORT_SITE else WAGE_MONTHS,
        )
        for number, (name, region, industry, one, two, price) in enumerate(_SITES, 1)
    )  # fmt: skip
    (bank,) = _parties(400, "示例银行")
    authority, fund_office = _parties(500, "示例市人社局", "示例周转金办", registered=AUTHORITY)
    return City(bank, authority, fund_office, sites, _staff(sites, rng))


SHORT_SITE: Final = 2
"""Number of the site that is completed before the others."""

_SITES: Final = (
    ("示例花园", "220202", "building", 0, 1, 24),
    ("示例小学", "220203", "building", 2, 3, 12),
    ("示例医院", "220204", "building", 4, 5, 36),
    ("示例大桥", "220211", "transport", 0, 6, 30),
    ("示例家园", "220202", "building", 2, 7, 6),
    ("示例水厂", "220211", "water", 4, 6, 18),
)
"""Name, region, industry, the two crews by their number, price in million yuan."""


def _parties(first: int, *names: str, registered: str = "91") -> list[Party]:
    return [
        Party(credit_code(number, FUND_REGION, registered=registered), name)
        for number, name in enumerate(names, 9_000_000 + first)
    ]


def _staff(sites: tuple[Site, ...], rng: Random) -> dict[tuple[str, str], tuple[Worker, ...]]:
    staff = {}
    number = 0
    for site in sites:
        for employer in site.employers:
            size = _OWN_WORKERS if employer == site.contractor else _CREW_WORKERS
            staff[site.project, employer.code] = tuple(
                _worker(at, site.region, rng) for at in range(number + 1, number + size + 1)
            )
            number += size
    return staff


def _worker(number: int, county: str, rng: Random) -> Worker:
    return Worker(
        f"W{number:03}",
        f"示例工{number:03}",
        id_number(number, county),
        card_number(number, rng.choice(_CARD_DIGITS)),
        rng.randrange(110, 171) * 2 * YUAN,
    )
