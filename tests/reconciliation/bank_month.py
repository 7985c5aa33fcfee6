"""A bank's month whose truth is known: what every booked line shows, if anything.

Invented from a seed: batches paid line by line (with many equal amounts on one day), as a total,
in split totals, net of what came back, and in entries with details; transfers in; returns, at once
and late, posted and not yet posted; fees, unknown credits, payments made twice, and references
that are wrong: mistyped, or those of another payment of another amount.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from ledger.banking.references import end_to_end, payment_information
from ledger.service import Ledger
from tests.drills import town
from tests.reconciliation.camt import Entry, Tx, written

ACCOUNT: Final = "wage:P1"
FIRST, LAST = "2025-03-01", "2025-03-31"
WAGES: Final = (450_000, 500_000, 500_000, 550_000, 600_000, 600_000, 720_050)
"""Few different wages: on pay day hundreds of lines have one amount."""

Item = tuple[int, str]
LineKey = tuple[str, str]
Json = dict[str, Any]


@dataclass
class Truth:
    """What the bank meant.

    Attributes:
        shows: For each line that shows something: the items that it shows, alone or together
            with the other lines of its group.
        groups: Lines that show their items only together.
        matchable: Lines that somebody who knows only the files can match for certain.
    """

    shows: dict[LineKey, frozenset[Item]] = field(default_factory=dict)
    groups: list[tuple[frozenset[LineKey], frozenset[Item]]] = field(default_factory=list)
    matchable: set[LineKey] = field(default_factory=set)


@dataclass
class BankMonth:
    """The month under construction: a ledger that posts, a bank that books."""

    ledger: Ledger
    random: Random
    truth: Truth = field(default_factory=Truth)
    entries: list[Entry] = field(default_factory=list)
    opening_fen: int = 0
    total_fen: int = 0
    _claims: Iterator[tuple[str, int]] = field(default_factory=lambda: iter(()))
    _batches: int = 0

    def post(self, *postings: Json) -> int:
        """Post; all must be recorded. Returns the last position."""
        position = 0
        for answer in self.ledger.post(postings):
            assert answer.status == "recorded", (answer.kind, answer.code, answer.facts)
            position = answer.position or 0
        return position

    # -- the town's side --------------------------------------------------------

    def found(self, workers: int, months: int) -> None:
        """Workers with sheets of several months, all to be paid in March."""
        crew = range(101, 101 + workers)
        self.post(
            *town.parties(), town.project("P1"),
            town.post("SubcontractRegistered", on="2025-01-05", project="P1",
                      subcontractor=town.CREW),
            town.post("WageAccountOpened", on="2025-01-05", project="P1",
                      account_number_last4="1234"),
            *(town.worker(number) for number in crew),
            *(town.card(number) for number in crew),
            *(town.assigned(number, on="2020-01-05") for number in crew),
        )  # fmt: skip
        claims: list[tuple[str, int]] = []
        for month in range(months):
            period = f"{2021 + month // 12}-{month % 12 + 1:02}"
            nets = {f"W{number}": self.random.choice(WAGES) for number in crew}
            sheet = f"M{month}"
            self.post(
                town.sheet(sheet, nets, period=period, on="2025-02-01"),
                town.approved(sheet),
            )
            claims += [(f"{sheet}/{line}", net) for line, net in enumerate(nets.values(), 1)]
        self._claims = iter(claims)
        self.total_fen = sum(net for _, net in claims)

    def transfer(self, amount_fen: int, number: int) -> None:
        """Labour cost comes in; every fourth without the reference, but of an amount of its own."""
        on = day(1 + number % 3)
        with_reference = number % 4 != 3
        amount_fen += 1 + number
        position = self.post(town.transferred(amount_fen, f"LC{number}", on=on))
        reference = f"LC{number}" if with_reference else f"X{number}"
        self.book(Entry(on, amount_fen, reference), {(position, "")})

    def batch(self, size: int, on: str) -> tuple[int, list[tuple[str, int]]]:
        """Instruct the next claims."""
        lines = [claim for _, claim in zip(range(size), self._claims, strict=False)]
        self._batches += 1
        given = [town.line(claim, fen) for claim, fen in lines]
        return self.post(town.instructed(f"B{self._batches}", *given, on=on)), lines

    # -- the bank's side --------------------------------------------------------

    def book(self, entry: Entry, items: set[Item] | None = None, *, surely: bool = True) -> LineKey:
        """Book an entry that shows some items whole, or nothing."""
        key = (entry.on, entry.reference)
        self.entries.append(entry)
        if items:
            self.truth.shows[key] = frozenset(items)
            if surely:
                self.truth.matchable.add(key)
        return key

    def reference(self) -> str:
        """The bank's next reference."""
        return f"BK{len(self.entries):07}"

    def singles(self, size: int, on: str) -> None:
        """Every payment has its entry; some references are wrong, some payments come back."""
        batch, lines = self.batch(size, on)
        names = {at: end_to_end(batch, at) for at in range(1, len(lines) + 1)}
        settled: list[str] = []
        for at, (claim, fen) in enumerate(lines, 1):
            fate = self.random.random()
            name, item = names[at], {(batch, claim)}
            if fate < 0.01:
                typo = name[:-1] + ("1" if name[-1] != "1" else "2")
                self.book(Entry(on, -fen, self.reference(), typo), item, surely=False)
            elif fate < 0.02:
                other = self.random.randrange(len(lines))
                wrong = names[other + 1] if lines[other][1] != fen else "NOTPROVIDED"
                self.book(Entry(on, -fen, self.reference(), wrong), item, surely=False)
            elif fate < 0.03:
                self.book(Entry(on, -fen, self.reference(), name), item, surely=False)
                self.book(Entry(on, -fen, self.reference(), name), item, surely=False)
            else:
                self.book(Entry(on, -fen, self.reference(), name, payment_information(batch)), item)
                if fate > 0.97:
                    late = fate > 0.985
                    self.comes_back(batch, at, claim, fen, on, late=late)
                    if not late:
                        continue
            settled.append(claim)
        if settled:
            self.post(
                town.post("PayoutSettled", project="P1", batch=f"B{self._batches}", on=on,
                          claims=settled)
            )  # fmt: skip

    def comes_back(self, batch: int, at: int, claim: str, fen: int, on: str, *, late: bool) -> None:
        """A payment returns: at once and posted, or late and only the bank knows yet."""
        back = day_after(on, 1 + late)
        entry = Entry(back, fen, self.reference(), end_to_end(batch, at), return_code="AC04")
        if late:
            self.book(entry)
            return
        position = self.post(
            town.post("PayoutReturned", project="P1", batch=f"B{self._batches}", on=back,
                      lines=[{"claim": claim, "code": "account_closed"}])
        )  # fmt: skip
        self.book(entry, {(position, claim)})

    def total(self, size: int, on: str, parts: int = 1) -> None:
        """The whole batch in one entry, or in several that only together are the batch."""
        batch, lines = self.batch(size, on)
        if not lines:
            return
        self.booked_together(batch, sum(fen for _, fen in lines), on, parts, {(batch, "")})

    def booked_together(
        self, batch: int, total: int, on: str, parts: int, items: set[Item]
    ) -> None:
        """Entries that name the batch and add up to what was paid of it."""
        keys = set()
        for part in range(parts):
            fen = total // parts if part < parts - 1 else total - total // parts * (parts - 1)
            entry = Entry(on, -fen, self.reference(), batch=payment_information(batch))
            self.entries.append(entry)
            keys.add((entry.on, entry.reference))
        self.truth.matchable |= keys
        self.truth.groups.append((frozenset(keys), frozenset(items)))

    def net(self, size: int, on: str) -> None:
        """The bank pays what it can and books the rest not at all; the returns were posted."""
        batch, lines = self.batch(size, on)
        if len(lines) < 3:
            return
        back = self.random.sample(lines, max(1, len(lines) // 50))
        position = self.post(
            town.post("PayoutReturned", project="P1", batch=f"B{self._batches}", on=on,
                      lines=[{"claim": claim, "code": "account_not_found"} for claim, _ in back])
        )  # fmt: skip
        paid = sum(fen for _, fen in lines) - sum(fen for _, fen in back)
        self.booked_together(batch, paid, on, 1, {(batch, ""), (position, "")})

    def detailed(self, size: int, on: str) -> None:
        """One entry whose details are the payments."""
        batch, lines = self.batch(size, on)
        if len(lines) < 2:
            return
        reference = self.reference()
        details = [Tx(-fen, end_to_end(batch, at), payment_information(batch))
                   for at, (_, fen) in enumerate(lines, 1)]  # fmt: skip
        self.entries.append(Entry(on, -sum(fen for _, fen in lines), reference, details=details))
        for at, (claim, _) in enumerate(lines, 1):
            key = (on, reference if at == 1 else f"{reference}/{at}")
            self.truth.shows[key] = frozenset({(batch, claim)})
            self.truth.matchable.add(key)

    def noise(self, number: int) -> None:
        """Fees, and money of which nobody knows."""
        on = day(2 + number % 27)
        if number % 3:
            self.book(Entry(on, -self.random.choice((50, 100, 200)), self.reference()))
        else:
            self.book(Entry(on, self.random.choice(WAGES) + 7, self.reference(), "UNKNOWN"))

    def statement(self, path: Path) -> Path:
        """The month as camt.053, by day."""
        ordered = sorted(self.entries, key=lambda entry: entry.on)
        moved = sum(entry.amount_fen for entry in ordered)
        return written(
            path, ordered, opening_fen=self.opening_fen, closing_fen=self.opening_fen + moved,
            first=FIRST, last=LAST,
        )  # fmt: skip


@dataclass
class Verdict:
    """How a matching did against the truth.

    Attributes:
        false: Lines that were matched with what they do not show.
        missed: Lines that could have been matched for certain and were not.
    """

    false: list[object]
    missed: set[LineKey]
    matchable: int

    @property
    def share_found(self) -> float:
        """Of the lines that could be matched for certain."""
        return 1 - len(self.missed) / self.matchable


def judged(
    truth: Truth,
    pairs: Iterable[tuple[LineKey, Item]],
    groups: Iterable[tuple[frozenset[LineKey], frozenset[Item]]],
) -> Verdict:
    """Hold what was matched against the truth."""
    false: list[object] = []
    right: set[LineKey] = set()
    for line, item in pairs:
        alone = (frozenset({line}), frozenset({item}))
        if truth.shows.get(line) == frozenset({item}) or alone in truth.groups:
            right.add(line)
        else:
            false.append((line, item))
    for group in groups:
        if group in truth.groups:
            right |= group[0]
        else:
            false.append(group)
    return Verdict(false, truth.matchable - right, len(truth.matchable))


def day(number: int) -> str:
    """A day of the month."""
    return f"2025-03-{number:02}"


def day_after(on: str, days: int = 1) -> str:
    return (date.fromisoformat(on) + timedelta(days=days)).isoformat()


def invented(ledger: Ledger, seed: int, lines: int) -> BankMonth:
    """A month of about so many booked lines."""
    month = BankMonth(ledger, Random(seed))  # noqa: S311 - invented
    months = 10
    month.found(max(20, lines // 8), months)
    transfers = max(4, lines // 500)
    for number in range(transfers):
        month.transfer(month.total_fen // transfers + 10_000, number)
    size = max(10, lines // 37)
    for number in range(32):
        month.singles(size, day(4 + number % 20))
    month.detailed(size * 2, day(6))
    for number in range(4):
        month.detailed(size // 2, day(9 + number))
        month.total(size // 4, day(10 + number))
        month.total(size // 4, day(10 + number), parts=3)
        month.net(size // 4, day(12 + number))
    for number in range(max(6, lines // 100)):
        month.noise(number)
    return month
