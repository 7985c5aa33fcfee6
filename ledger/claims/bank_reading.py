"""What decisions ask of bank accounts, and what they change there: many rows at a time.

A part of ``ledger.claims.reading.Reader``. Lines and entries that were asked for stay in memory
and follow what is matched; everything else is asked of the tables, after what is gathered was
written down.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Sized
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger.claims import bank_loading
from ledger.claims.changes import Changes, Key
from ledger.domain.bank_state import AccountEntry, BookedLine, LineKey, Pair
from ledger.domain.base import DocumentLine, Recorded

if TYPE_CHECKING:
    from ledger.domain.state import Claim, Sheet


MOST_AMOUNTS = 100_000
"""Amounts of postings that are kept: a posting never changes, so they stay right."""


class BankReader:
    """Booked lines, entries and matches of one tenant's bank accounts."""

    tenant: str
    changes: Changes
    _connection: Connection
    _recent: dict[int, Recorded]
    _claims: dict[Key, "Claim"]
    _origins: dict[int, "Sheet"]

    def __init__(self) -> None:
        self._amounts: dict[int, Mapping[Key, int]] = {}

    def forget_accounts(self) -> None:
        """Drop what was read."""
        self._booked: dict[str, dict[LineKey, BookedLine | None]] = {}
        self._entries: dict[str, dict[int, AccountEntry | None]] = {}

    def count_account_rows(self) -> int:
        """How many rows are in memory."""
        kept: Iterable[Sized] = chain(self._booked.values(), self._entries.values())
        return sum(map(len, kept))

    def write_down(self) -> None:
        """Write what is gathered, so that questions to the tables see this group's postings."""
        raise NotImplementedError

    # -- facts ----------------------------------------------------------------

    def booked_between(self, account: str, first: str, last: str) -> Mapping[LineKey, int]:
        """Amounts of the lines booked on some days, both inclusive."""
        self._write_booked()
        found = bank_loading.booked_between(self._connection, self.tenant, account, first, last)
        return {(on, name): amount for on, name, amount in found}

    def booked_lines(self, account: str, keys: Iterable[LineKey]) -> Mapping[LineKey, BookedLine]:
        """Booked lines by their key; those that do not exist are left out."""
        kept = self._booked.setdefault(account, {})
        keys = list(keys)
        missing = [key for key in keys if key not in kept]
        if missing:
            self._write_booked()
            self._write_matches()
            kept.update(dict.fromkeys(missing))
            for line in bank_loading.booked_lines(self._connection, self.tenant, account, missing):
                kept[line.on, line.name] = line
        found = ((key, kept[key]) for key in keys)
        return {key: line for key, line in found if line is not None}

    def booked_named(
        self, account: str, first: str, last: str, names: Collection[str]
    ) -> Sequence[LineKey]:
        """Lines of some days that bear one of these names, by day."""
        self._write_booked()
        return bank_loading.booked_named(self._connection, self.tenant, account, first, last, names)

    def entries(self, account: str, positions: Iterable[int]) -> Mapping[int, AccountEntry]:
        """What postings moved on an account; those that moved nothing are left out."""
        kept = self._entries.setdefault(account, {})
        positions = list(positions)
        missing = [position for position in positions if position not in kept]
        if missing:
            self._write_matches()
            kept.update(dict.fromkeys(missing))
            for entry in bank_loading.entries(self._connection, self.tenant, account, missing):
                kept[entry.position] = entry
        found = ((position, kept[position]) for position in positions)
        return {position: entry for position, entry in found if entry is not None}

    def amounts_by_claim(self, position: int) -> Mapping[Key, int]:
        """Amounts of the document lines of a posting, by their claim."""
        if position not in self._amounts:
            if position in self._recent:
                lines = self._recent[position].lines
                found = {line.claim: line.amount_fen or 0 for line in lines if line.claim}
            else:
                found = bank_loading.amounts_by_claim(self._connection, self.tenant, position)
            if sum(map(len, self._amounts.values())) > MOST_AMOUNTS:
                self._amounts.clear()
            self._amounts[position] = found
        return self._amounts[position]

    def matched_claims(self, account: str, position: int, keys: Collection[Key]) -> frozenset[Key]:
        """Those of some claims of a posting that are matched one by one."""
        entry = self.entries(account, [position]).get(position)
        if entry is None or not entry.matched_fen:
            return frozenset()
        self._write_matches()
        return bank_loading.matched_claims(self._connection, self.tenant, account, position, keys)

    def pairs(
        self, account: str, lines: Iterable[LineKey], items: Iterable[tuple[int, Key]]
    ) -> Sequence[Pair]:
        """Pairs that stand of these booked lines, or of these postings and their claims."""
        self._write_matches()
        return bank_loading.pairs(self._connection, self.tenant, account, list(lines), list(items))

    def count_open_breaks(self, account: str, to: str) -> int:
        """How many breaks of an account up to a day nobody has explained."""
        self.write_down()
        return bank_loading.count_open_breaks(self._connection, self.tenant, account, to)

    def latest_beginning(self, keys: Collection[Key]) -> str:
        """Latest day on which one of these claims began or was attributed, empty for none."""
        wanted = set(keys)
        origins = {position for position, _ in wanted}
        began = max((self._origins[position].approved_on for position in origins), default="")
        known = [claim for key, claim in self._claims.items() if key in wanted]
        began = max([began, *(claim.attributed_on for claim in known)])
        latest = bank_loading.last_attributed(self._connection, self.tenant, origins)
        if latest > began:  # of one of these claims, or of another that stands beside it
            found = self.claims_by_key(wanted).values()
            began = max([began, *(claim.attributed_on for claim in found)])
        return began

    def claims_by_key(self, keys: Iterable[Key]) -> Mapping[Key, "Claim"]:
        """Claims by the position and line of their origin."""
        raise NotImplementedError

    def _write_booked(self) -> None:
        if self.changes.booked:
            self.write_down()

    def _write_matches(self) -> None:
        if self.changes.pairs or self.changes.unmatched:
            self.write_down()

    # -- what decisions change ------------------------------------------------

    def add_entry(self, account: str, entry: AccountEntry) -> None:
        """Store what a posting moved on a bank account."""
        self._entries.setdefault(account, {})[entry.position] = entry
        self.changes.entries.append((account, entry))

    def book(self, account: str, statement_id: str, lines: Iterable[DocumentLine]) -> None:
        """Store new booked lines of an account."""
        self._booked.pop(account, None)
        self.changes.booked.extend(
            (
                account,
                body["on"],
                body["booking"],
                amount or 0,
                statement_id,
                body.get("end_to_end", ""),
                body.get("batch", ""),
                body.get("return_code", ""),
            )
            for _, _, _, amount, body in lines
        )

    def match(self, account: str, pairs: Sequence[Pair]) -> None:
        """Store pairs of a match."""
        self.changes.pairs.setdefault(account, {}).update(dict.fromkeys(pairs))
        self._count_matched(account, pairs, 1)

    def unmatch(self, account: str, pairs: Sequence[Pair]) -> None:
        """Forget pairs of a match."""
        unwritten = self.changes.pairs.get(account, {})
        for pair in pairs:
            if pair in unwritten:
                del unwritten[pair]
            else:
                self.changes.unmatched.append((account, pair))
        self._count_matched(account, pairs, -1)

    def _count_matched(self, account: str, pairs: Sequence[Pair], sign: int) -> None:
        lines, entries = self._booked.get(account, {}), self._entries.get(account, {})
        for _, key, position, _, amount in pairs:
            line = lines.get(key)
            if line is not None:
                line.matched_fen += sign * amount
            entry = entries.get(position)
            if entry is not None:
                entry.matched_fen += sign * amount

    def explain(self, account: str, explained: LineKey | int) -> None:
        """Mark a booked line, or the entry of a posting, whose break is resolved."""
        kept: AccountEntry | BookedLine | None
        if isinstance(explained, int):
            kept = self._entries.get(account, {}).get(explained)
        else:
            kept = self._booked.get(account, {}).get(explained)
        if kept is not None:
            kept.resolved = True
        self.changes.explained.append((account, explained))
