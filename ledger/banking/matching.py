"""Which booked lines show which postings: rows in, proposals out; nothing is read or written here.

No match is better than a wrong one. A reference of ours decides, and never against the amount: a
line that names one of our payments is held against that payment and nothing else. Without a
reference amount and days decide, and only where line and posting have nobody else of that amount
near them. What stays over is a break, for a person.

Amounts are what is left unmatched, in fen, signed as the account moves: what went out is negative.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from ledger.banking.references import PayoutReference, parse_reference


class Line(NamedTuple):
    """A booked line that is not wholly matched.

    Attributes:
        on: Day of booking.
        name: Its name on that day.
        statement_id: The statement that showed it first.
        end_to_end, batch: References that the bank repeats, empty where it gave none.
        return_code: Why money came back, where the bank says that it did.
    """

    on: str
    name: str
    amount_fen: int
    statement_id: str
    end_to_end: str = ""
    batch: str = ""
    return_code: str = ""


class Item(NamedTuple):
    """What a posting, or one claim of it, moved on the account and no line shows yet.

    Attributes:
        position: The posting.
        claim: The claim that is meant of it, empty for a posting as a whole.
        kind: Kind of the posting.
        batch_position: Position of the instruction that it pays or returns, 0 for none.
        batch_line: Line of that batch, 0 for none.
        bank_ref: The bank's reference that was posted with it.
        state: Of a batch's line: whether the bank has answered it.
    """

    position: int
    claim: str
    amount_fen: int
    on: str
    kind: str
    batch_position: int = 0
    batch_line: int = 0
    bank_ref: str | None = None
    state: str = ""


@dataclass(frozen=True)
class Rule:
    """One way of telling that lines show postings.

    Attributes:
        name: As it stands in the log.
        score: How sure it is, 0 to 100.
    """

    name: str
    score: int


PAYOUT_LINE: Final = Rule("payout-line", 100)
BANK_REFERENCE: Final = Rule("bank-reference", 100)
BATCH_TOTAL: Final = Rule("batch-total", 95)
BATCH_NET: Final = Rule("batch-net-of-returns", 90)
BATCH_AND_AMOUNT: Final = Rule("batch-and-amount", 85)
AMOUNT_AND_DAY: Final = Rule("amount-and-day", 70)
RULES: Final = (
    PAYOUT_LINE, BANK_REFERENCE, BATCH_TOTAL, BATCH_NET, BATCH_AND_AMOUNT, AMOUNT_AND_DAY,
)  # fmt: skip
"""All rules, the surest first; what one has matched the next does not see."""

DAYS_BEFORE: Final = 1
DAYS_AFTER: Final = 7
"""A bank books a payment from a day before to a week after the day of its posting."""

RETURNS: Final = frozenset({"PayoutReturned", "TransferReturned", "AdvanceReturned"})


@dataclass(slots=True)
class Matches:
    """What one rule found.

    Attributes:
        pairs: A line with an item each, of equal amounts.
        groups: Several lines with several items, whose sums are equal.
    """

    rule: Rule
    pairs: list[tuple[Line, Item]] = field(default_factory=list)
    groups: list[tuple[Sequence[Line], Sequence[Item]]] = field(default_factory=list)


Refused = frozenset[tuple[str, str, int, str]]
"""Day and name of a line, position and claim: pairs that somebody has taken back."""


class Matcher:
    """The rows of one account, and which of them are still free.

    Lines stand in the order of their days, items in that of positions: every open claim of a
    batch, and whole postings of which nothing is matched. Refused pairs are not made again.
    """

    def __init__(self, lines: Iterable[Line], items: Iterable[Item], refused: Refused) -> None:
        self.refused = refused
        self.lines = list(lines)
        self.items = list(items)
        self.free_lines = set(range(len(self.lines)))
        self.free_items = set(range(len(self.items)))
        self.whole: dict[int, int] = {}
        self.parts: dict[int, list[int]] = defaultdict(list)
        for at, item in enumerate(self.items):
            if item.claim:
                self.parts[item.position].append(at)
            else:
                self.whole[item.position] = at
        self.named = [_named(line) for line in self.lines]
        self.bound: set[int] = {at for at, named in enumerate(self.named) if named is not None}

    def run_references(self) -> list[Matches]:
        """The first rule alone, which looks at nothing beyond the batches and lines of a span."""
        matches = Matches(PAYOUT_LINE)
        self.payout_lines(matches)
        return [matches] if matches.pairs else []

    def run(self) -> list[Matches]:
        """All rules in turn."""
        rules: Sequence[tuple[Rule, Callable[[Matches], None]]] = (
            (PAYOUT_LINE, self.payout_lines),
            (BANK_REFERENCE, self.bank_references),
            (BATCH_TOTAL, self.batch_totals),
            (BATCH_NET, self.batches_net_of_returns),
            (BATCH_AND_AMOUNT, self.amounts_in_batches),
            (AMOUNT_AND_DAY, self.amounts_and_days),
        )
        found = []
        for rule, apply in rules:
            matches = Matches(rule)
            apply(matches)
            found.append(matches)
        return [matches for matches in found if matches.pairs or matches.groups]

    def open_lines(self) -> list[Line]:
        """Lines that nothing was found for."""
        return [self.lines[at] for at in sorted(self.free_lines)]

    def open_postings(self) -> set[int]:
        """Positions of which something is still without a line."""
        return {self.items[at].position for at in self.free_items}

    def _take(self, lines: Sequence[int], items: Sequence[int]) -> None:
        """Lines and items are matched; a posting and its claims not beside each other."""
        self.free_lines.difference_update(lines)
        for at in items:
            position = self.items[at].position
            self.free_items.discard(at)
            if self.items[at].claim:
                self.free_items.discard(self.whole.get(position, at))
            else:
                self.free_items.difference_update(self.parts.get(position, ()))

    def _pair(self, matches: Matches, line: int, item: int) -> None:
        if self.refused and self._was_refused((line,), (item,)):
            return
        found = self.items[item]
        self.free_lines.discard(line)
        self.free_items.discard(item)
        if not found.claim:
            self.free_items.difference_update(self.parts.get(found.position, ()))
        elif found.position in self.whole:
            self.free_items.discard(self.whole[found.position])
        matches.pairs.append((self.lines[line], found))

    def _group(self, matches: Matches, lines: Sequence[int], items: Sequence[int]) -> None:
        if len(lines) == len(items) == 1:
            self._pair(matches, lines[0], items[0])
            return
        if self._was_refused(lines, items):
            return
        self._take(lines, items)
        matches.groups.append(([self.lines[at] for at in lines], [self.items[at] for at in items]))

    def _was_refused(self, lines: Sequence[int], items: Sequence[int]) -> bool:
        """Whether somebody has taken back that one of these lines shows one of these postings."""
        return any(
            (*self.lines[at][:2], *self.items[it][:2]) in self.refused
            for at in lines
            for it in items
        )

    # -- references -----------------------------------------------------------

    def payout_lines(self, matches: Matches) -> None:
        """A line names a line of a batch, and has its amount and direction.

        Two lines may name the same payment: then one of them repeats it, or bears a wrong
        reference. It cannot be the second where no other payment of that amount waits for a line
        of its own; else neither is matched.
        """
        items: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for at, item in enumerate(self.items):
            if item.batch_line and item.claim:
                items[item.batch_position, item.batch_line, item.amount_fen].append(at)
        naming: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for at, (line, named) in enumerate(zip(self.lines, self.named, strict=True)):
            if named is not None and named.line is not None:
                naming[named.position, named.line, line.amount_fen].append(at)
        unnamed = {(key[0], key[2]) for key in items if key not in naming}
        for key, of_lines in naming.items():
            of_items = items.get(key, ())
            if not of_items:
                continue
            if len(of_lines) > len(of_items) and (key[0], key[2]) in unnamed:
                continue
            for line_at, item_at in zip(of_lines, of_items, strict=False):
                self._pair(matches, line_at, item_at)

    def bank_references(self, matches: Matches) -> None:
        """A line bears the reference that was posted with a posting, and has its amount."""
        items: dict[tuple[str | None, int], list[int]] = defaultdict(list)
        for at in sorted(self.free_items):
            item = self.items[at]
            if item.bank_ref and not item.claim:
                items[item.bank_ref, item.amount_fen].append(at)
        if not items:
            return
        known = {bank_ref for bank_ref, _ in items}
        naming: dict[tuple[str | None, int], list[int]] = defaultdict(list)
        for at in sorted(self.free_lines):
            line = self.lines[at]
            if at in self.bound:
                continue
            for text in {line.name, line.end_to_end}:
                if text in known:
                    self.bound.add(at)
                    naming[text, line.amount_fen].append(at)
        for key, of_lines in naming.items():
            of_items = items.get(key, ())
            if len(of_lines) == len(of_items) == 1 and of_lines[0] in self.free_lines:
                self._pair(matches, of_lines[0], of_items[0])

    # -- totals ---------------------------------------------------------------

    def _by_batch(self) -> Iterator[tuple[list[int], list[int]]]:
        """Lines that name a batch as a whole, and what is open of it."""
        lines: dict[int, list[int]] = defaultdict(list)
        for at in sorted(self.free_lines):
            named = self.named[at]
            if named is not None and named.line is None:
                lines[named.position].append(at)
        if not lines:
            return
        items: dict[int, list[int]] = defaultdict(list)
        for at in sorted(self.free_items):
            if self.items[at].batch_position in lines:
                items[self.items[at].batch_position].append(at)
        for batch, of_lines in lines.items():
            yield of_lines, self._whole_or_parts(items[batch])

    def _whole_or_parts(self, items: Sequence[int]) -> list[int]:
        """A posting as a whole where nothing of it is matched, else its open claims."""
        whole = {self.items[at].position for at in items if not self.items[at].claim}
        return [
            at for at in items if bool(self.items[at].claim) != (self.items[at].position in whole)
        ]

    def batch_totals(self, matches: Matches) -> None:
        """Lines that name a batch add up to all that is open of it, on their side."""
        for lines, items in list(self._by_batch()):
            for side in (-1, 1):
                of_lines = [at for at in lines if self.lines[at].amount_fen * side > 0]
                of_items = [at for at in items if self.items[at].amount_fen * side > 0]
                if of_lines and of_items and self._sums_agree(of_lines, of_items):
                    self._group(matches, of_lines, of_items)

    def batches_net_of_returns(self, matches: Matches) -> None:
        """Lines that name a batch add up to what is open of it less what came back."""
        for lines, items in list(self._by_batch()):
            if items and self._sums_agree(lines, items):
                self._group(matches, lines, items)

    def _sums_agree(self, lines: Sequence[int], items: Sequence[int]) -> bool:
        return sum(self.lines[at].amount_fen for at in lines) == sum(
            self.items[at].amount_fen for at in items
        )

    # -- amounts --------------------------------------------------------------

    def amounts_in_batches(self, matches: Matches) -> None:
        """A line names a batch, which has one open claim of that amount and no second such line."""
        items = self._by_amount(
            at for at in self.free_items if self.items[at].claim and self.items[at].batch_position
        )
        lines: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at in sorted(self.free_lines):
            named = self.named[at]
            if named is not None and named.line is None:
                lines[named.position, self.lines[at].amount_fen].append(at)
        for (batch, amount), of_lines in lines.items():
            near = [at for at in items[amount] if self.items[at].batch_position == batch]
            if len(of_lines) == len(near) == 1:
                self._pair(matches, of_lines[0], near[0])

    def amounts_and_days(self, matches: Matches) -> None:
        """A line and a posting of one amount, near in time, and nobody else of it near either."""
        only_part = {parts[0] for parts in self.parts.values() if len(parts) == 1}
        only_part = {at for at in only_part if self.items[at].position in self.whole}
        items = self._by_amount(self.free_items - only_part)
        lines: dict[int, list[int]] = defaultdict(list)
        for at in sorted(self.free_lines - self.bound):
            lines[self.lines[at].amount_fen].append(at)
        for amount in lines.keys() & items.keys():
            near = {
                at: [it for it in items[amount] if _near(self.lines[at], self.items[it])]
                for at in lines[amount]
            }
            wanted = Counter(it for candidates in near.values() for it in candidates)
            for at, candidates in near.items():
                if len(candidates) == 1 and wanted[candidates[0]] == 1:
                    self._pair(matches, at, candidates[0])

    def _by_amount(self, items: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for at in sorted(items):
            found[self.items[at].amount_fen].append(at)
        return found


def _named(line: Line) -> PayoutReference | None:
    """Which of our payments a line names, if any."""
    named = parse_reference(line.end_to_end) if line.end_to_end else None
    if named is None and line.batch:
        named = parse_reference(line.batch)
    return named


def _near(line: Line, item: Item) -> bool:
    """Whether a line may show a posting, as far as days and returns go."""
    if line.return_code and item.kind not in RETURNS:
        return False
    days = (date.fromisoformat(line.on) - date.fromisoformat(item.on)).days
    return -DAYS_BEFORE <= days <= DAYS_AFTER
