"""The facts of one tenant while its writer holds the lock: what was decided changes them.

``apply`` folds a decided posting into everything that later decisions read; the changes
are gathered and written by ``ledger.claims.flushing`` in the posting's own transaction.
"""

from ledger.claims.changes import Key, move_of
from ledger.claims.reading import Reader
from ledger.domain import effects
from ledger.domain.bank_state import AccountEntry
from ledger.domain.base import DocumentLine, Line, Recorded
from ledger.domain.kinds.emergency_fund import MEMO
from ledger.domain.kinds.statements import bank_entries
from ledger.domain.registry import FOLDERS
from ledger.domain.state import Claim, Project, Record, Sheet


class World(Reader):
    """A reader that also takes what was decided (``ledger.domain.facts.Keeper``)."""

    def keep(self, name: str, record: Record) -> None:
        """Store a new or changed record under its id."""
        key = (type(record), name)
        self._records[type(record)][name] = record
        self.changes.records.add(key)
        self.changes.dropped.discard(key)

    def drop(self, record: type[Record], name: str) -> None:
        """Forget a record."""
        key = (record, name)
        self._records[record][name] = None
        self.changes.records.discard(key)
        self.changes.dropped.add(key)

    def keep_sheet(self, sheet: Sheet) -> None:
        """Store a new or changed sheet; the claims of an ended one are gone."""
        self._take_origin(sheet)
        self.changes.sheets[sheet.position] = sheet
        if sheet.state not in {"submitted", "approved"}:
            for line in range(1, sheet.count + 1):
                self._claims.pop((sheet.position, line), None)
                self.changes.claims.pop((sheet.position, line), None)

    def add_memo(
        self, account: str, counterparty: str, on: str, amount_fen: int, project: str = ""
    ) -> None:
        """Change an off-balance amount by day."""
        if amount_fen:
            self._add_to_cell(Line(MEMO, account, project, counterparty, "", amount_fen), on)

    def apply(self, event: Recorded) -> None:
        """Fold a decided posting into everything that later decisions read."""
        self.last_position = event.position
        self._recent[event.position] = event
        for line in event.journal:
            self._add_to_cell(line, event.on)
            self._count_on_project(line)
        for account, amount in bank_entries(event.journal).items():
            self.add_entry(account, AccountEntry(event.position, event.on, amount))
        FOLDERS[event.kind](event, self)
        self._apply_effects(event)

    def _add_to_cell(self, line: Line, on: str) -> None:
        self.changes.accounts[line[:3]][line[3:5]][on] += line.amount_fen
        book, account, project, counterparty, due_on = line[:5]
        for key in (
            (book, account, project, counterparty, "*"),
            (book, account, project, counterparty, due_on),
            (book, account, project, "*", "*"),
        ):
            timeline = self._cells.get(key)
            if timeline is not None:
                timeline.add(on, line.amount_fen)

    def _count_on_project(self, line: Line) -> None:
        if line.account in {"wages_payable", "in_transit"}:
            project = self.get(Project, line.project)
            assert project is not None
            if line.account == "in_transit":
                project.in_transit_fen += line.amount_fen
            else:
                project.open_fen -= line.amount_fen
            self.keep(line.project, project)

    def _apply_effects(self, event: Recorded) -> None:
        if not event.lines:
            return
        first = event.lines[0].effect
        if first in {effects.ACCRUE, effects.ASSERT}:
            self.changes.new_claims[event.position] = event.lines
            return
        if first == effects.INSTRUCT:
            self.changes.new_payout_lines[event.position] = event.lines
        batch = event.outcome.get("batch_position")
        for number, line in enumerate(event.lines, 1):
            if line.claim is None:
                continue
            if line.effect in effects.MOVING:
                self._move_claim(event, number, line)
            elif line.effect == effects.ATTRIBUTE:
                self._attribute(line, event.on)
            elif line.effect == effects.OBJECT:
                self._dispute(line)
            if batch is not None:
                self._answer(batch, line, event)

    def _claim(self, key: Key) -> Claim:
        return self.claims_by_key([key])[key]

    def _move_claim(self, event: Recorded, number: int, line: DocumentLine) -> None:
        assert line.claim is not None
        claim = self._claim(line.claim)
        effect, amount = effects.EFFECTS[line.effect], line.amount_fen or 0
        claim.net_fen += effect.net * amount
        claim.paid_fen += effect.paid * amount
        claim.transit_fen += effect.transit * amount
        claim.changed_on = max(claim.changed_on, event.on)
        if claim.moves is not None:
            claim.moves.append(move_of(event.on, line))
        self.changes.claims[claim.key] = claim
        self.changes.moves.append((claim.key, event.position, number, event.on, line))

    def _attribute(self, line: DocumentLine, on: str) -> None:
        assert line.claim is not None
        claim = self._claim(line.claim)
        claim.employer, claim.attributed_on, claim.asserted = line.body["to"], on, True
        self.changes.claims[claim.key] = claim

    def _dispute(self, line: DocumentLine) -> None:
        assert line.claim is not None
        found = self.claims_by_key([line.claim])
        if line.claim in found:
            claim = found[line.claim]
            claim.disputed = True
            self.changes.claims[claim.key] = claim
        else:
            self.changes.disputed.append(line.claim)

    def _answer(self, batch: int, line: DocumentLine, event: Recorded) -> None:
        assert line.claim is not None
        payout_line = self.payout_lines(batch)[line.claim]
        payout_line.state = "settled" if line.effect == effects.SETTLE else "returned"
        payout_line.changed_on, payout_line.changed_position = event.on, event.position
        self.changes.payout_lines[batch, payout_line.line] = payout_line
