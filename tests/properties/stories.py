"""Longer threads of a history: how a city begins, how a project ends, how an advance comes back.

Every story reads the model between its postings: post each one before asking for the next.  A
posting without `on` and `key` gets the first day and a fresh key.
"""

from collections.abc import Iterator
from random import Random

from tests.model.balances import Record
from tests.model.plain_model import PlainModel
from tests.properties import inventions
from tests.properties.world import FIRST_DAY, Posting, World, later

# -- the beginning ------------------------------------------------------------


def opening(rng: Random) -> Iterator[Posting]:
    """A small city: parties, three funds, three projects with people, money and accounts."""
    codes = [inventions.credit_code(rng) for _ in range(7)]
    day = FIRST_DAY
    for code in codes:
        yield {"kind": "PartyRegistered", "party": code, "name": inventions.company_name(rng)}
    for region in ("220200", "220202", "220300"):
        floor, money = rng.randint(0, 9) * 100_000, rng.randint(20, 90) * 100_000
        yield {"kind": "FundEstablished", "region": region, "floor_fen": floor}
        yield {"kind": "FundAppropriated", "region": region, "amount_fen": money}
    developers, contractors, subs = codes[:2], codes[2:4], codes[4:]
    for number, region in enumerate(("220202", "220281", "220300")):
        project = {"project": f"P{number}"}
        contractor = contractors[number % 2]
        yield {
            "kind": "ProjectRegistered",
            **project,
            "name": f"示例项目{number}",
            "region": region,
            "industry": "building",
            "developer": developers[number % 2],
            "general_contractor": contractor,
            "contract_price_fen": rng.randint(2_000_000, 9_000_000) * 100,
            "starts_on": day,
            "planned_end_on": later(day, 600),
        }
        employers = [contractor, *rng.sample(subs, 2)]
        for sub in employers[1:]:
            yield {"kind": "SubcontractRegistered", **project, "subcontractor": sub}
        yield {"kind": "WageAccountOpened", **project}
        for employer in employers:
            yield from _crew(rng, project, employer)
        yield from _money(rng, project)


def _crew(rng: Random, project: Posting, employer: str) -> Iterator[Posting]:
    """Workers of one employer on a project, most of them with a card."""
    for _ in range(rng.randint(2, 3)):
        worker = {"worker": f"W{rng.randrange(10**6):06}"}
        yield {
            "kind": "WorkerRegistered",
            **worker,
            "name": inventions.person_name(rng),
            "id_number": inventions.resident_id(rng),
        }
        if rng.random() < 0.9:
            yield {"kind": "CardBound", **worker, "card_number": inventions.card_number(rng)}
        yield {"kind": "WorkerAssigned", **project, "employer": employer, **worker}


def _money(rng: Random, project: Posting) -> Iterator[Posting]:
    required = rng.randint(0, 60) * 100_000
    yield {"kind": "DepositAssessed", **project, "required_fen": required}
    for kind, most in (("DepositLodged", 50), ("LabourCostTransferred", 90)):
        amount = rng.randint(1, most) * 100_000
        reference = f"{kind[0]}-{rng.randrange(10**8):08}"
        yield {"kind": kind, **project, "amount_fen": amount, "bank_ref": reference}


# -- the end of a project -----------------------------------------------------


class _Teller:
    """What a story asks the model while it goes on."""

    def __init__(self, model: PlainModel, rng: Random) -> None:
        self.model = model
        self.log = model.log
        self.rng = rng

    def now(self) -> str:
        """The latest day so far."""
        return World(self.model, self.rng, "").now

    def lowest(self, *cell: str) -> int:
        return World(self.model, self.rng, "").lowest_of(self.now(), *cell)


def wind_down(model: PlainModel, rng: Random, project: str) -> Iterator[Posting]:
    """Everything that ends a project: settle, clear, close cases, release, close the account."""
    story = _Teller(model, rng)
    named = {"project": project}
    yield from _clear_claims(story, project)
    for case in model.log.of("CaseOpened", project=project):
        if model.log.case_open(case.f["case"]):
            result = rng.choice(("paid", "enforced"))
            yield {
                "kind": "CaseClosed",
                "on": story.now(),
                "case": case.f["case"],
                "result": result,
            }
    yield from _give_back(story, project)
    if rng.random() < 0.8:
        yield from _late_returns(story, project)
    if rng.random() < 0.5:
        yield {"kind": "WageAccountOpened", "on": story.now(), **named}


def _clear_claims(story: _Teller, project: str) -> Iterator[Posting]:
    """Settle what is pending; reduce or pay the rest."""
    log, rng = story.log, story.rng
    for batch in log.of("PayoutInstructed", project=project):
        if any(state == "pending" for state, _, _ in log.batch_lines(batch.f["batch"]).values()):
            named = {"project": project, "batch": batch.f["batch"]}
            yield {"kind": "PayoutSettled", "on": story.now(), **named, "claims": "all"}
    for claim in list(log.claims.values()):
        left = claim.lowest_free(story.now())
        if claim.project != project or claim.gone or left <= 0:
            continue
        line = {"claim": claim.claim, "amount_fen": left}
        if rng.random() < 0.3:
            reduced = {**line, "project": project, "reason": "调解"}
            yield {"kind": "ClaimReduced", "on": story.now(), **reduced}
        else:
            document = {"type": "receipt", "number": "D1"}
            paid = {"project": project, "lines": [line], "document": document}
            yield {"kind": "PaidOutsideAccount", "on": story.now(), **paid}


def _give_back(story: _Teller, project: str) -> Iterator[Posting]:
    """Suspense, completion, deposit, wage account; the confirmation once too early."""
    now, named, rng = story.now, {"project": project}, story.rng
    gc = story.log.gc(project)
    suspense = story.lowest(gc, "suspense", project)
    if suspense > 0:
        back = {**named, "amount_fen": suspense, "bank_ref": f"M-{rng.randrange(10**8):08}"}
        yield {"kind": "MisdirectedReturned", "on": now(), **back}
    noticed = {**named, "notice_posted_on": later(now(), -30)}
    yield {"kind": "DepositReleaseConfirmed", "on": now(), **noticed}
    yield {"kind": "ProjectCompleted", "on": now(), **named}
    yield {"kind": "DepositReleaseConfirmed", "on": now(), **noticed}
    held = story.lowest(gc, "deposit_cash", project)
    if held > 0:
        amount = held if rng.random() < 0.5 else max(1, held // 2)
        yield {"kind": "DepositReleased", "on": now(), **named, "amount_fen": amount}
    rest = story.lowest(gc, "wage_account", project)
    for balance in (rest + 1, rest):
        closing = {**noticed, "balance_to_gc_fen": balance}
        yield {"kind": "WageAccountClosed", "on": now(), **closing}


def _late_returns(story: _Teller, project: str) -> Iterator[Posting]:
    """Settled lines that come back after the account was closed."""
    for settled in story.log.of("PayoutSettled", project=project):
        if story.rng.random() < 0.4:
            line = {"claim": story.rng.choice(settled.extra["claims"]), "code": "late_return"}
            named = {"project": project, "batch": settled.f["batch"], "lines": [line]}
            yield {"kind": "PayoutReturned", "on": story.now(), **named}


# -- an advance that comes back -----------------------------------------------


def fund_story(model: PlainModel, rng: Random) -> Iterator[Posting]:
    """An advance that is recovered or written off, comes back, and is set off with the next."""
    paid = [p for p in model.log.of("AdvancePaid") if model.log.paid_in(p.f["advance"])]
    if paid:
        yield from _FundTeller(model, rng, rng.choice(paid)).tell()


class _FundTeller(_Teller):
    """The story of one paid advance and its debtor."""

    def __init__(self, model: PlainModel, rng: Random, payment: Record) -> None:
        super().__init__(model, rng)
        self.payment = payment
        self.region: str = payment.f["region"]
        self.claims = list(model.log.paid_in(payment.f["advance"]))
        self.debtor = model.log.claims[self.claims[0]].employer_at()
        self.part = rng.choice((1, 2, 3))

    def owed(self, account: str) -> int:
        return self.lowest(f"fund:{self.region}", account, "", self.debtor)

    def dated(self, kind: str, **fields: object) -> Posting:
        return {"kind": kind, "on": self.now(), "region": self.region, **fields}

    def settling(self, kind: str, *amounts: int) -> Iterator[Posting]:
        """Postings of these amounts between the fund and the debtor, where there is one."""
        document = {"type": "decision", "number": "D2"}
        extra = {"document": document} if kind == "AdvanceWrittenOff" else {}
        for amount in amounts:
            if amount > 0:
                yield self.dated(kind, debtor=self.debtor, amount_fen=amount, **extra)

    def tell(self) -> Iterator[Posting]:
        """Recover or write off, return, ask again, set off, refund."""
        for kind in self.rng.sample(("AdvanceRecovered", "AdvanceWrittenOff"), 2):
            if self.rng.random() < 0.7:
                yield from self.settling(kind, self.owed("receivable") // self.part)
        name = self.payment.f["advance"]
        yield self.dated("AdvanceReturned", advance=name, claims=self.claims)
        yield from self._ask_again(self.log.one("AdvanceRequested", advance=name))
        both = min(self.owed("receivable"), self.owed("refund_payable"))
        yield from self.settling("AdvanceSetOff", both + 1, both // self.part)
        yield from self.settling("AdvanceSetOff", self.owed("refund_payable"))
        refund = self.owed("refund_payable") - self.owed("receivable")
        yield from self.settling("AdvanceRefunded", refund + 1, refund)

    def _ask_again(self, request: Record) -> Iterator[Posting]:
        case, level = request.f["case"], "government"
        if not self.log.case_open(case):
            yield {"kind": "CaseReopened", "on": self.now(), "case": case}
        first = self.claims[0]
        amount = max(1, self.payment.extra["lines"][first] // 2)
        asked = {
            "advance": f"A-{self.rng.randrange(10**8):08}",
            "project": request.f["project"],
            "case": case,
            "lines": [{"claim": first, "amount_fen": amount}],
            "level": level,
        }
        yield self.dated("AdvanceRequested", **asked)
        yield self.dated("AdvanceApproved", advance=asked["advance"], level=level)
        yield self.dated("AdvancePaid", advance=asked["advance"])
