"""Random but plausible histories, with every kind of posting and every kind of mistake.

`propose(model, rng, kind)` builds one posting of a kind from the state of a plain model; use it
from a state machine.  `random_history(seed, length, today)` is a whole file: the same seed, length
and today give the same postings, as dicts that `json.dumps` takes.

    model = PlainModel(today)
    for posting in random_history(7, 400, today):
        model.post(posting)
"""

from datetime import date
from random import Random
from typing import Final

from tests.model.plain_model import PlainModel
from tests.model.standing import DEFINES, account_moved
from tests.properties import (
    propose_arrears,
    propose_bank,
    propose_deposit,
    propose_fund,
    propose_payroll,
    propose_site,
)
from tests.properties.mistakes import MANY_PARTS, posted_before, spoiled
from tests.properties.stories import fund_story, opening, wind_down
from tests.properties.world import BUILDERS, FIRST_DAY, Posting, World

TODAY: Final = date(2026, 6, 30)
"""A today that leaves the histories, which begin on 2025-01-05, room to grow."""

CHAPTERS: Final = (
    propose_arrears,
    propose_bank,
    propose_deposit,
    propose_fund,
    propose_payroll,
    propose_site,
)

_OFTEN: Final = {
    "PayrollSubmitted": 16,
    "PayrollApproved": 16,
    "PayoutInstructed": 12,
    "PayoutSettled": 12,
    "PayoutReturned": 7,
    "TransferReturned": 6,
    "LabourCostTransferred": 8,
    "MisdirectedCredited": 2,
    "DepositLodged": 4,
    "PaymentNoticeIssued": 6,
    "DepositPaidOut": 6,
    "GuaranteeAccepted": 2,
    "GuaranteeCalled": 5,
    "CaseOpened": 3,
    "ClaimAsserted": 5,
    "DecisionIssued": 4,
    "AdvanceClearingPaid": 6,
    "SubcontractorPaid": 4,
    "RecourseRepaid": 4,
    "RecourseSetOff": 6,
    "LiabilityAttributed": 3,
    "ClaimReduced": 3,
    "AdvanceRequested": 10,
    "AdvanceApproved": 10,
    "AdvancePaid": 12,
    "AdvanceReturned": 8,
    "AdvanceRecovered": 6,
    "AdvanceWrittenOff": 8,
    "AdvanceRefunded": 10,
    "AdvanceSetOff": 12,
    "Reversed": 5,
    "StatementImported": 3,
    "StatementReconciled": 3,
    "PolicyPublished": 4,
    "StatementLineMatched": 6,
    "BreakResolved": 2,
    "CardBound": 2,
    "FundAppropriated": 4,
    "ProgressCertified": 3,
    "PoliceTransferred": 2,
    "AttendancePosted": 3,
    "ProjectCompleted": 0.3,
    "ProjectRegistered": 0.4,
    "WageAccountOpened": 0.5,
    "DishonestRemoved": 0.3,
    "CreditGradeSet": 0.3,
}
"""Weights of the kinds; 1 where nothing is said."""


# -- one posting --------------------------------------------------------------


def propose(model: PlainModel, rng: Random, kind: str) -> Posting | None:
    """A plausible posting of the kind, None where the state has nothing for it."""
    built = BUILDERS[kind](World(model, rng, kind))
    if built is None or any(built.get(name, "") is None for name in ("project", "worker")):
        return None
    posting = {"kind": kind, "key": f"{kind}-{rng.getrandbits(48):012x}", **built}
    if rng.random() < 0.08:
        _date_into_signed_off_period(model, posting, rng)
    elif rng.random() < 0.04:
        _reuse(model, posting, rng)
    dressing = rng.random()
    if dressing < 0.10:
        posting["by"] = World(model, rng, kind).party()
    elif dressing < 0.14:
        posting["note"] = rng.choice(("补录", "see file 3", "迟报"))
    elif dressing < 0.17:
        posting["note"] = None
    return posting


def _date_into_signed_off_period(model: PlainModel, posting: Posting, rng: Random) -> None:
    """period_closed, where the account that the posting moves is signed off."""
    account = account_moved(model.log, posting)
    signed_off = model.log.of("StatementReconciled", account=account) if account else []
    if signed_off:
        posting["on"] = rng.choice(signed_off).f["to"]


def _reuse(model: PlainModel, posting: Posting, rng: Random) -> None:
    """*_exists and bank_ref_reused: an id or a reference that was used before."""
    name = DEFINES.get(posting["kind"], "bank_ref")
    place = {"project": posting["project"]} if name == "bank_ref" and "project" in posting else {}
    known = [
        record.f[name]
        for record in model.log.records
        if name in record.f and all(record.f.get(n) == value for n, value in place.items())
    ]
    if known and name in posting and name not in {"worker", "party"}:
        posting[name] = rng.choice(known)


def propose_any(model: PlainModel, rng: Random) -> Posting:
    """A posting of some kind: mostly plausible, sometimes spoiled, sometimes a repetition."""
    kinds = sorted(BUILDERS)
    weights = [_OFTEN.get(kind, 1) for kind in kinds]
    while True:
        if rng.random() < 0.03:
            again = posted_before(model, rng)
            if again is not None:
                return again
        wrong = rng.random() < 0.1
        kind = rng.choice(MANY_PARTS if rng.random() < 0.2 else kinds)
        if not wrong:
            (kind,) = rng.choices(kinds, weights)
        posting = propose(model, rng, kind)
        if posting is not None and wrong:
            posting = spoiled(posting, rng)
        if posting is not None:
            return posting


# -- a whole file -------------------------------------------------------------


def random_history(seed: int, length: int, today: date = TODAY) -> list[Posting]:
    """So many postings; now and then a story of a fund, and after two thirds a project ends."""
    rng = Random(seed)  # noqa: S311 -- a history has no secrets
    model = PlainModel(today)
    history: list[Posting] = []

    def post(posting: Posting) -> None:
        if "key" not in posting:
            key = f"{posting['kind']}-{rng.getrandbits(48):012x}"
            posting = {"kind": posting["kind"], "on": FIRST_DAY, "key": key, **posting}
        model.post(posting)
        history.append(posting)

    for posting in opening(rng):
        post(posting)
    ended = False
    while len(history) < length:
        post(propose_any(model, rng))
        if rng.random() < 0.01:
            for posting in fund_story(model, rng):
                post(posting)
        if not ended and len(history) > length * 2 // 3:
            ended = True
            for posting in wind_down(model, rng, rng.choice(("P0", "P1", "P2"))):
                post(posting)
    return history[:length]
