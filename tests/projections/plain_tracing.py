"""Which money paid whom, the plain way: every line of every payment holds its own money.

It reads the plain model's records and knows nothing of pieces, spans or journals of the product.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from tests.model.balances import Record

Flow = tuple[int, int, str | None, str]
"""Position of the money, position of the payment, claim, state."""

_ACCOUNTS: Final = {"wage_account": "wage", "deposit_cash": "deposit", "cash": "fund"}
_PAYING: Final = ("PayoutInstructed", "DepositPaidOut", "AdvancePaid")
_RETURNS: Final = ("PayoutReturned", "TransferReturned", "AdvanceReturned")
_DIRECT: Final = ("GuaranteeCalled", "AdvanceClearingPaid", "PaidOutsideAccount")


class PlainTracing:
    """Lots and lines of one moment.

    Attributes:
        left: What is left of each lot, by position.
        flows: What went from which money, by which payment, to which claim, in which state.
        balances: What the journal says of each pot.
    """

    def __init__(self, records: Iterable[Record], as_of: str, known_at: int) -> None:
        self.records = [one for one in records if one.on <= as_of and one.position <= known_at]
        self.left: dict[int, int] = {}
        self.pot_of: dict[int, str] = {}
        self.on = {one.position: one.on for one in self.records}
        self.held: dict[tuple[int, str | None], list[list[int]]] = defaultdict(list)
        self.state: dict[tuple[int, str | None], str] = {}
        self.bounced: list[tuple[int, int, str | None, int, str]] = []
        self.balances: dict[str, int] = defaultdict(int)
        for record in self.records:
            self._add(record)

    @property
    def flows(self) -> dict[Flow, int]:
        found: dict[Flow, int] = defaultdict(int)
        for (payment, claim), money in self.held.items():
            for lot, amount in money:
                found[lot, payment, claim, self.state[payment, claim]] += amount
        for lot, payment, claim, amount, state in self.bounced:
            found[lot, payment, claim, state] += amount
        return {flow: amount for flow, amount in found.items() if amount}

    def _add(self, record: Record) -> None:
        pot, change = self._change(record)
        if record.kind in {*_PAYING, *_DIRECT}:
            for name, _net, paid, transit in record.moves:
                money = [[record.position, paid]]
                if record.kind in _PAYING:
                    money = self._take(pot, paid + transit)
                self.held[record.position, name] = money
                self.state[record.position, name] = "in_transit" if transit else "paid"
        elif record.kind == "PayoutSettled":
            batch = self._last("PayoutInstructed", batch=record.f["batch"])
            for name, *_moved in record.moves:
                self.state[batch, name] = "paid"
        elif record.kind in _RETURNS:
            for name, *_moved in record.moves:
                self._back(self._payment(record), name, into_pot=change > 0)
        elif record.kind == "Reversed" and change:
            self._reverse(record)
        elif change:
            self._pour(record.position, pot, change)

    def _pour(self, position: int, pot: str, change: int) -> None:
        if change > 0:
            self.left[position], self.pot_of[position] = change, pot
        else:
            self.held[position, None] = self._take(pot, -change)
            self.state[position, None] = "withdrawn"

    def _change(self, record: Record) -> tuple[str, int]:
        changes: dict[str, int] = defaultdict(int)
        for book, account, project, _party, _due, amount in record.lines:
            if account in _ACCOUNTS or account == "suspense":
                pot = _ACCOUNTS.get(account, "wage")
                changes[book if pot == "fund" else f"{pot}:{project}"] += amount
        for pot, amount in changes.items():
            self.balances[pot] += amount
        return next(iter(changes.items()), ("", 0))

    def _take(self, pot: str, amount: int) -> list[list[int]]:
        money = []
        lots = [lot for lot, where in self.pot_of.items() if where == pot]
        for lot in sorted(lots, key=lambda lot: (self.on[lot], lot)):
            taken = min(amount, self.left[lot])
            self.left[lot] -= taken
            amount -= taken
            if taken:
                money.append([lot, taken])
        assert amount == 0, "a payment finds its money"
        return money

    def _last(self, kind: str, **fields: object) -> int:
        found = [
            one.position
            for one in self.records
            if one.kind == kind and all(one.f.get(name) == each for name, each in fields.items())
        ]
        return found[-1]

    def _payment(self, record: Record) -> int:
        if record.kind == "PayoutReturned":
            return self._last("PayoutInstructed", batch=record.f["batch"])
        if record.kind == "AdvanceReturned":
            return self._last("AdvancePaid", advance=record.f["advance"])
        return int(record.f["position"])

    def _back(self, payment: int, claim: str, *, into_pot: bool) -> None:
        for lot, amount in self.held.pop((payment, claim)):
            direct = lot == payment
            state = "returned" if into_pot or direct else "withdrawn"
            self.bounced.append((lot, payment, claim, amount, state))
            if into_pot and not direct:
                self.left[lot] += amount

    def _reverse(self, record: Record) -> None:
        gone = record.f["reverses"]
        pot = self.pot_of.pop(gone)
        self.left.pop(gone)
        for key in sorted(self.held, key=lambda key: key[0]):
            kept = []
            for lot, amount in self.held[key]:
                kept += self._take(pot, amount) if lot == gone else [[lot, amount]]
            self.held[key] = kept
        earlier = next(one for one in self.records if one.position == gone)
        amount = sum(line[-1] for line in earlier.lines if line[1] in _ACCOUNTS)
        self.held[record.position, None] = [[gone, amount]]
        self.state[record.position, None] = "withdrawn"
