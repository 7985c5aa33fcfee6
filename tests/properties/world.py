"""What a proposal may look at: the plain model's state, and dice that are slightly dishonest.

Every picker mostly gives what a careful clerk would write and sometimes what a careless one
would: a day too early, a fen too much, an id of another project, an id used before.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final, TypeVar

from tests.model.balances import Claim, Event, Record, balance, lowest, negated
from tests.model.plain_model import PlainModel

Posting = dict[str, Any]
Builder = Callable[["World"], Posting | None]
"""Builds the fields of one kind, or None where the state has nothing for it."""

BUILDERS: Final[dict[str, Builder]] = {}
FIRST_DAY: Final = "2025-01-05"
T = TypeVar("T")


def proposal(*kinds: str) -> Callable[[Builder], Builder]:
    """Register the builder of one or several kinds of the same form."""

    def register(builder: Builder) -> Builder:
        BUILDERS.update(dict.fromkeys(kinds, builder))
        return builder

    return register


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def month_before(period: str, months: int = 1) -> str:
    total = int(period[:4]) * 12 + int(period[5:]) - 1 - months
    return f"{total // 12:04}-{total % 12 + 1:02}"


class World:
    """The state and the dice of one proposal."""

    def __init__(self, model: PlainModel, rng: Random, kind: str) -> None:
        self.model = model
        self.log = model.log
        self.rng = rng
        self.kind = kind
        self.today = model.today.isoformat()
        days = [record.on for record in self.log.records]
        self.now = min(max(days, default=FIRST_DAY), self.today)

    # -- dice ------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, items: Iterable[T]) -> T | None:
        known = list(items)
        return self.rng.choice(known) if known else None

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """One to `most` of them, in any order."""
        count = min(len(items), self.rng.randint(1, most))
        return self.rng.sample(list(items), count)

    def on(self, *causes: str) -> str:
        """A day: now or soon, sometimes back in time, seldom before its causes."""
        day = later(self.now, self.rng.choice((0, 0, 0, 0, 1, 1, 2, 3)))
        if self.chance(0.25):
            day = later(self.now, -self.rng.randint(1, 40))
        earliest = max(causes, default=FIRST_DAY)
        if day < earliest and not self.chance(0.1):
            day = earliest
        return min(day, self.today)

    def upto(self, limit: int) -> int:
        """An amount up to a limit, at times exactly it, seldom a fen above."""
        if limit <= 0 or self.chance(0.05):
            return max(1, limit + self.rng.choice((1, 1, 100, 10_000)))
        if self.chance(0.4):
            return limit
        if self.chance(0.3):
            return max(1, limit // 2)
        return self.rng.randint(1, limit)

    def yuan(self, low: int, high: int) -> int:
        """A round or an odd amount in fen."""
        whole = self.rng.randint(low, high) * 100
        return whole if self.chance(0.7) else whole + self.rng.randint(1, 99)

    def new_id(self, prefix: str, kind: str, field: str) -> str:
        """A fresh id, seldom one that is taken."""
        taken = self.pick(record.f[field] for record in self.log.of(kind))
        if taken is not None and self.chance(0.03):
            return str(taken)
        shape = self.rng.choice(("{0}-{1:06}", "{0}{1:06}", "{0}.{1:06}", "{0}_号{1:06}"))
        return shape.format(prefix, self.rng.randrange(1_000_000))

    def known(self, kind: str, field: str, **fields: object) -> str | None:
        """An id in the log with these fields, seldom one of elsewhere or of nowhere."""
        if self.chance(0.008):
            return "nowhere-1"
        if self.chance(0.025):
            fields = {}
        found = self.pick(self.log.of(kind, **fields))
        return None if found is None else str(found.f[field])

    def reference(self, prefix: str) -> str:
        """A bank reference, at times one seen before on the same project."""
        if self.chance(0.04):
            return f"{prefix}-twice"
        return f"{prefix}-{self.rng.randrange(10**8):08}"

    def document(self, share: float = 0.95) -> Posting:
        """`{"document": ...}`, at times nothing."""
        if not self.chance(share):
            return {}
        return {"document": {"type": "receipt", "number": f"D{self.rng.randrange(10_000)}"}}

    def period(self) -> str:
        """This month or one of the last, seldom the next."""
        if self.chance(0.01):
            return month_before(self.today[:7], -1)
        period = month_before(self.now[:7], self.rng.choice((0, 0, 0, 1, 1, 2, 3)))
        return period if self.chance(0.03) else max(period, FIRST_DAY[:7])

    def due(self, on: str) -> str:
        """A due date around a day; few of them, so that claims share one."""
        day = later(on, self.rng.randint(-10, 25))
        return day[:8] + self.rng.choice(("05", "15", "25"))

    # -- what there is ---------------------------------------------------------

    def project(self) -> str | None:
        return self.known("ProjectRegistered", "project")

    def facts(self, project: str) -> Posting:
        """The project's registration; of the first one where the id is of nowhere."""
        found = self.log.of("ProjectRegistered", project=project)
        return (found or self.log.of("ProjectRegistered"))[0].f

    def employers(self, project: str) -> list[str]:
        """The general contractor and the subcontractors of a project."""
        subs = self.log.of("SubcontractRegistered", project=project)
        return [self.facts(project)["general_contractor"], *(s.f["subcontractor"] for s in subs)]

    def employer(self, project: str) -> str:
        """A party with work on the project, seldom any other."""
        if self.chance(0.03):
            return self.party()
        return self.rng.choice(self.employers(project))

    def party(self) -> str:
        return str(self.rng.choice(self.log.of("PartyRegistered")).f["party"])

    def regions(self) -> list[str]:
        return [record.f["region"] for record in self.log.of("FundEstablished")]

    def workers(self, project: str, employer: str) -> list[str]:
        """Workers ever assigned there."""
        found = self.log.of("WorkerAssigned", project=project, employer=employer)
        return sorted({record.f["worker"] for record in found})

    def claims(self, **fields: object) -> list[Claim]:
        """The claims that exist now, by their present employer and other facts."""
        return [
            claim
            for claim in self.log.claims.values()
            if not claim.gone
            and all(
                (claim.employer_at() if name == "employer" else getattr(claim, name)) == value
                for name, value in fields.items()
            )
        ]

    def free_claims(self, on: str, **fields: object) -> list[Claim]:
        return [claim for claim in self.claims(**fields) if claim.lowest_free(on) > 0]

    def lines(self, claims: Sequence[Claim], on: str, most: int = 4) -> list[Posting]:
        """Lines of claim and amount up to what is free."""
        chosen = self.some(claims, most) if claims else []
        stray = self.pick(self.claims())
        if stray is not None and self.chance(0.03) and stray not in chosen:
            chosen.append(stray)
        return [
            {"claim": claim.claim, "amount_fen": self.upto(claim.lowest_free(on))}
            for claim in chosen
        ]

    def open_cases(self, project: str | None = None) -> list[Record]:
        """Open cases; now and then a closed one among them."""
        closed = self.chance(0.03)
        return [
            case
            for case in self.log.of("CaseOpened")
            if (project is None or case.f["project"] == project)
            and (closed or self.log.case_open(case.f["case"]))
        ]

    def lowest_of(self, on: str, *cell: str) -> int:
        """The lowest balance of an account from a day on, as a positive figure."""
        events: list[Event] = self.log.cell(*cell)
        return lowest(events if balance(events) >= 0 else negated(events), on)


def causes_of(claims: Iterable[Claim]) -> list[str]:
    """The days before which nothing may happen to these claims."""
    days = []
    for claim in claims:
        days += [claim.born_on, *(day for day, _ in claim.attributions)]
    return days
