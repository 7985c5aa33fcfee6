"""The posting under judgement in step 6: its refusals, its journal lines, its moves of claims.

`discharge` and `undo` are the two definitions of the contract's *Books and accounts*.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.model.balances import Claim, Line, lowest, negated, refuse_if
from tests.model.log import Log

Part = tuple[Claim, int]
"""A claim and the fen that are paid or come back on it."""


class Entry:
    """What a posting will record if nothing refuses it."""

    def __init__(self, log: Log, f: dict[str, Any]) -> None:
        self.log = log
        self.f = f
        self.kind: str = f["kind"]
        self.on: str = f["on"]
        self.project: str = f.get("project", "")
        self.gc = log.gc(self.project) if self.project and self.kind != "ProjectRegistered" else ""
        self.lines: list[Line] = []
        self.moves: list[tuple[str, int, int, int]] = []
        self.extra: dict[str, Any] = {}

    refuse_if = staticmethod(refuse_if)

    def line(
        self, book: str, account: str, amount: int, other: str = "", due_on: str = "",
        project: str | None = None,
    ) -> None:  # fmt: skip
        """Add a journal line; the project is the posting's unless another is given."""
        place = self.project if project is None else project
        self.lines.append((book, account, place, other, due_on, amount))

    def move(self, claim: Claim, net: int = 0, paid: int = 0, transit: int = 0) -> None:
        self.moves.append((claim.claim, net, paid, transit))

    def merged(self) -> list[Line]:
        """Lines equal in all but the amount are merged; what comes to nothing is no line."""
        sums: dict[tuple[str, str, str, str, str], int] = {}
        for *key, amount in self.lines:
            cell = (key[0], key[1], key[2], key[3], key[4])
            sums[cell] = sums.get(cell, 0) + int(amount)
        return sorted((*cell, amount) for cell, amount in sums.items() if amount)

    def parts(self) -> list[Part]:
        """The claims and amounts of the posting's lines."""
        return [(self.log.claims[x["claim"]], x["amount_fen"]) for x in self.f["lines"]]

    def refuse_over_claim(self, parts: Sequence[Part]) -> None:
        over = any(amount > claim.lowest_free(self.on) for claim, amount in parts)
        self.refuse_if(over, "over_claim")

    # -- lowest balances from `on` onwards -------------------------------------

    def lowest_owed_to(self, subcontractor: str, on_project: str) -> int:
        """What the general contractor owes the subcontractor for labour, at the lowest."""
        gc = self.log.gc(on_project)
        cell = self.log.cell(gc, "subcontractor_payable", on_project, subcontractor)
        return lowest(negated(cell), self.on)

    def lowest_recourse(self, subcontractor: str, on_project: str) -> int:
        gc = self.log.gc(on_project)
        return lowest(self.log.cell(gc, "recourse_receivable", on_project, subcontractor), self.on)

    # -- discharge and its undoing ---------------------------------------------

    def _per_employer(self, parts: Sequence[Part]) -> dict[str, int]:
        sums: dict[str, int] = {}
        for claim, amount in parts:
            employer = claim.employer_at()
            sums[employer] = sums.get(employer, 0) + amount
        return sums

    def discharge(self, parts: Sequence[Part], source: str) -> None:
        """The employers' claims are paid out of the source in the general contractor's book."""
        gc = self.gc
        for claim, amount in parts:
            self.line(gc, source, -amount)
            self.line(claim.employer_at(), "wages_payable", amount, due_on=claim.due_on)
            transit = -amount if source == "in_transit" else 0
            self.move(claim, paid=amount, transit=transit)
        for employer, amount in self._per_employer(parts).items():
            if employer != gc:
                first = max(0, min(self.lowest_owed_to(employer, self.project), amount))
                self.line(gc, "subcontractor_payable", first, employer)
                self.line(employer, "contractor_receivable", -first, gc)
                self.line(gc, "recourse_receivable", amount - first, employer)
                self.line(employer, "recourse_payable", first - amount, gc)

    def undo(self, parts: Sequence[Part], source: str) -> None:
        """The money came back: the claims are open again on their due dates."""
        gc = self.gc
        for claim, amount in parts:
            self.line(gc, source, amount)
            self.line(claim.employer_at(), "wages_payable", -amount, due_on=claim.due_on)
            self.move(claim, paid=-amount)
        for employer, amount in self._per_employer(parts).items():
            if employer != gc:
                first = max(0, min(self.lowest_recourse(employer, self.project), amount))
                self.line(gc, "recourse_receivable", -first, employer)
                self.line(employer, "recourse_payable", first, gc)
                self.line(gc, "subcontractor_payable", first - amount, employer)
                self.line(employer, "contractor_receivable", amount - first, gc)


Rule = Callable[[Entry], None]
RULES: Final[dict[str, Rule]] = {}
"""Step 6 by kind."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register the rule of one or several kinds."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(kinds, function))
        return function

    return register
