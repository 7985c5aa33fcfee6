"""How the city begins: parties, projects, deposits, wage accounts, workers, the emergency fund."""

from datetime import date
from typing import Final

from cli.demo.city import FUND_REGION, YUAN, City, Site, Worker
from cli.demo.story import Story

_PLANNED_MONTHS: Final = 18
_GUARANTEE_DAYS: Final = 400
_DEPOSIT_SHARE: Final = 100
"""The deposit is 1 % of the price: the national value, where no region has published its own."""


def tell_founding(city: City, story: Story) -> None:
    """Tell the first days of the first month."""
    for party in city.parties:
        story.tell("PartyRegistered", story.months.day(0, 1), party=party.code, name=party.name)
    _tell_fund(city, story)
    for site in city.sites:
        _tell_site(city, site, story)
        for employer in site.employers:
            for worker in city.staff[site.project, employer.code]:
                _tell_worker(city, worker, story)
                story.tell(
                    "WorkerAssigned", story.months.day(0, 5), employer, project=site.project,
                    employer=employer.code, worker=worker.ref,
                )  # fmt: skip


def _tell_fund(city: City, story: Story) -> None:
    on, office = story.months.day(0, 2), city.fund_office
    story.tell("FundEstablished", on, office, region=FUND_REGION, floor_fen=500_000 * YUAN)
    for kind, yuan in (("FundAppropriated", 800_000), ("DonationReceived", 20_000)):
        story.tell(kind, on, office, region=FUND_REGION, amount_fen=yuan * YUAN)
    story.tell(
        "InterestCredited", story.months.day(3, 21), city.bank, region=FUND_REGION,
        amount_fen=51_233,
    )  # fmt: skip


def _tell_site(city: City, site: Site, story: Story) -> None:
    first = date.fromisoformat(story.months.plain(0, 1))
    year, month = divmod(first.year * 12 + first.month - 1 + _PLANNED_MONTHS, 12)
    on, project = story.months.day(0, 2), site.project
    story.tell(
        "ProjectRegistered", on, site.contractor, project=project, name=site.name,
        region=site.region, industry=site.industry, developer=site.developer.code,
        general_contractor=site.contractor.code, contract_price_fen=site.price_fen,
        starts_on=first.isoformat(), planned_end_on=f"{year:04}-{month + 1:02}-01",
    )  # fmt: skip
    for crew in site.crews:
        story.tell(
            "SubcontractRegistered", on, site.contractor, project=project, subcontractor=crew.code
        )
    story.tell(
        "WageAccountOpened", on, city.bank, project=project,
        account_number_last4=f"{1000 + int(project[2:])}",
    )  # fmt: skip
    story.tell("DepositAssessed", on, city.authority, project=project)
    if site.guaranteed:
        story.tell(
            "GuaranteeAccepted", story.months.day(0, 4), city.authority, project=project,
            guarantee=f"G-{project}", issuer=city.bank.name, face_fen=deposit_of(site),
            valid_from=first.isoformat(),
            valid_to=date.fromordinal(first.toordinal() + _GUARANTEE_DAYS).isoformat(),
        )  # fmt: skip
    else:
        story.tell(
            "DepositLodged", story.months.day(0, 4), city.bank, project=project,
            amount_fen=deposit_of(site), bank_ref=f"D-{project}-1",
        )  # fmt: skip


def deposit_of(site: Site) -> int:
    """The deposit that the site must hold, in fen."""
    return site.price_fen // _DEPOSIT_SHARE


def _tell_worker(city: City, worker: Worker, story: Story) -> None:
    story.tell(
        "WorkerRegistered", story.months.day(0, 3), worker=worker.ref, name=worker.name,
        id_number=worker.id_number,
    )  # fmt: skip
    story.tell(
        "CardBound", story.months.day(0, 4), worker=worker.ref, card_number=worker.card_number,
        bank_name=city.bank.name, holder_name=worker.name,
    )  # fmt: skip
