"""An invented town to post about: parties, two projects, a crew, wages, money, a fund.

Everybody is invented: births from 1901 on, check digits right. Days lie in 2025, amounts are fen.
`post` writes a posting, `founding` a whole file after which wages are owed and money is there.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from tests.model.identifiers import (
    credit_check,
    organisation_check,
    resident_check,
)

Posting = dict[str, Any]

TODAY: Final = "2026-06-30"
"""Business date of the clocks in these tests."""

DAY: Final = "2025-03-01"
"""The `on` of a posting that names none: after everything that `founding` reports."""

REGION: Final = "220202"
OTHER_REGION: Final = "220300"


class SetClock:
    """A clock that stands where it was set, in the afternoon of a day in Shanghai."""

    def __init__(self, today: str = TODAY) -> None:
        self.instant = datetime.fromisoformat(f"{today}T07:00:00").replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def turn(self, **by: float) -> None:
        """Set the clock forward, or back by negative amounts."""
        self.instant += timedelta(**by)


def credit_code(number: int) -> str:
    """The credit code of an invented party."""
    body = f"91{REGION}{number:08}"
    body += organisation_check(body[8:16])
    return body + credit_check(body)


def resident_id(number: int) -> str:
    """The ID number of an invented person, born between 1901 and 1910."""
    born = date(1901, 1, 1) + timedelta(days=number % 3_600)
    body = f"{REGION}{born:%Y%m%d}{number // 3_600:03}"
    return body + resident_check(body)


def newborn_id() -> str:
    """The ID number of nobody: born the day before `TODAY`, with an order code never given out."""
    body = f"{REGION}20260629000"
    return body + resident_check(body)


def card_number(number: int) -> str:
    """An invented card of 19 digits; its Luhn digit may be wrong, which only warns."""
    return f"62{number:017}"


DEVELOPER: Final = credit_code(1)
CONTRACTOR: Final = credit_code(2)
CREW: Final = credit_code(3)
"""The subcontractor on both projects."""
OTHER_CREW: Final = credit_code(4)
"""A subcontractor on P1 only."""
STRANGER: Final = credit_code(5)
"""Registered, but on no project."""
NOBODY: Final = credit_code(6)
"""A well-formed code that is not registered."""

_keys = count(1)


def post(kind: str, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    """A posting on `DAY` with a key of its own; a field named like `from_` loses the underscore."""
    named = {name.rstrip("_"): value for name, value in fields.items()}
    return {"kind": kind, "on": DAY, "key": f"{kind}-{next(_keys)}", **named}


def line(claim: str, amount_fen: int) -> Posting:
    return {"claim": claim, "amount_fen": amount_fen}


def instructed(batch: str, *lines: Posting, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    """A payout batch on P1 whose control totals agree."""
    total = sum(each["amount_fen"] for each in lines)
    return post("PayoutInstructed", project="P1", batch=batch, lines=list(lines),
                total_fen=total, count=len(lines), **fields)  # fmt: skip


def parties() -> list[Posting]:
    known = {DEVELOPER: "示例开发", CONTRACTOR: "示例总包", CREW: "示例劳务一队",
             OTHER_CREW: "示例劳务二队", STRANGER: "示例门窗厂"}  # fmt: skip
    return [
        post("PartyRegistered", on="2025-01-02", party=code, name=f"{name}有限公司")
        for code, name in known.items()
    ]


def project(name: str, region: str = REGION, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    given = {"on": "2025-01-03", "starts_on": "2025-01-05", "planned_end_on": "2026-12-31"}
    return post(
        "ProjectRegistered", project=name, name=f"示例项目{name}", region=region,
        industry="building", developer=DEVELOPER, general_contractor=CONTRACTOR,
        contract_price_fen=100_000_000, **{**given, **fields},
    )  # fmt: skip


def worker(number: int, name: str = "", **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    return post(
        "WorkerRegistered", worker=f"W{number}", name=name or f"示例工{number}",
        id_number=resident_id(number), **{"on": "2025-01-04", **fields},
    )  # fmt: skip


def card(number: int, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    return post("CardBound", worker=f"W{number}", card_number=card_number(number),
                **{"on": "2025-01-04", **fields})  # fmt: skip


def assigned(number: int, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    given = {"on": "2025-01-05", "project": "P1", "employer": CREW, "worker": f"W{number}"}
    return post("WorkerAssigned", **{**given, **fields})


def sheet(name: str, nets: dict[str, int], **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    """A sheet of the crew on P1 for January, with what each worker earned net."""
    given = {"on": "2025-02-01", "project": "P1", "employer": CREW, "period": "2025-01",
             "due_on": "2025-02-10"}  # fmt: skip
    lines = [{"worker": who, "net_fen": net} for who, net in nets.items()]
    return post("PayrollSubmitted", sheet=name, lines=lines, **{**given, **fields})


def approved(name: str, **fields: Any) -> Posting:  # noqa: ANN401 -- any JSON
    return post("PayrollApproved", **{"on": "2025-02-02", "project": "P1", "sheet": name, **fields})


def transferred(amount_fen: int, bank_ref: str, **fields: Any) -> Posting:  # noqa: ANN401 -- any
    """Labour cost that arrives on the wage account of P1."""
    return post("LabourCostTransferred", project="P1", amount_fen=amount_fen, bank_ref=bank_ref,
                **{"on": "2025-02-03", **fields})  # fmt: skip


def founding() -> list[Posting]:
    """The town on `DAY`.

    P1 and P2 (another city) have open wage accounts; P1 holds 20,000 yuan of labour cost and
    8,000 yuan of deposit. W1 to W4 work for the crew on P1, W5 does and has no card, W6 is only
    registered. Sheet S1 (January, due 2025-02-10) is approved: W1 5,000, W2 6,000, W5 1,000 yuan.
    The fund of the region has 50,000 yuan. Case C1 about the crew on P1 has a decision whose
    deadline has passed.
    """
    early = "2025-01-05"
    return [
        *parties(),
        project("P1"),
        project("P2", OTHER_REGION),
        *(post("SubcontractRegistered", on=early, project=name, subcontractor=CREW)
          for name in ("P1", "P2")),
        post("SubcontractRegistered", on=early, project="P1", subcontractor=OTHER_CREW),
        *(post("WageAccountOpened", on=early, project=name) for name in ("P1", "P2")),
        *(worker(number) for number in range(1, 7)),
        *(card(number) for number in (1, 2, 3, 4, 6)),
        *(assigned(number) for number in range(1, 6)),
        sheet("S1", {"W1": 500_000, "W2": 600_000, "W5": 100_000}),
        approved("S1"),
        transferred(2_000_000, "L-1"),
        post("DepositLodged", on="2025-02-03", project="P1", amount_fen=800_000, bank_ref="D-1"),
        post("FundEstablished", on=early, region=REGION, floor_fen=0),
        post("FundAppropriated", on=early, region=REGION, amount_fen=5_000_000),
        post("CaseOpened", on="2025-02-12", case="C1", project="P1", employer=CREW,
             source="complaint"),
        post("DecisionIssued", on="2025-02-14", case="C1", deadline_on="2025-02-20",
             outcome="clear", debtor=CREW),
    ]  # fmt: skip


FOUNDED: Final = [posting["kind"] for posting in founding()]
"""The kinds of `founding`, in the order of their positions."""
