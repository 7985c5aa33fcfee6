"""A bank's list of receipts (银行回单) as answers to a batch: whom each is about is found by card.

Not every bank gives results with our references; every bank gives a list of what it paid. A row
answers the line of the batch whose worker has or had that card and is paid that amount. No card is
shown or kept.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cli.app import App
from cli.messages import N_
from cli.people_files import aliases_of
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import mask_card

if TYPE_CHECKING:
    from cli.books import Books
    from ledger.banking.payout_answers import AnswerFile, BankAnswer, Trouble
    from ledger.intake.tables import Table

_NO_TABLE: Final = frozenset({"no_headings", "bad_text", "empty_table"})
_SETTLED: Final[Mapping[str, bool | None]] = {"settled": True, "returned": False, "pending": None}


def receipts_of(app: App, books: "Books", raw: bytes, position: int | None) -> "AnswerFile":
    """Open a list of receipts.

    Raises:
        LedgerError: ``missing_option`` without a batch; ``bad_answer_file`` for what is no list of
            receipts; what is wrong with the workbook.
    """
    from ledger.banking.payout_answers import AnswerFile  # noqa: PLC0415 - not for --help
    from ledger.intake.receipts import read_receipts  # noqa: PLC0415 - not for --help

    try:
        table = read_receipts(raw, aliases_of(None))
    except LedgerError as error:
        if error.code not in _NO_TABLE:
            raise
        problem = N_("no layout has the heading of this file, and it is no list of receipts")
        raise LedgerError("bad_answer_file", problem=problem) from None
    if position is None:
        raise LedgerError("missing_option", option="--batch")
    lines = books.ask("payout_order:payout_answers", position=position)["lines"]
    troubles = _troubles(table)
    receipts = _Receipts(table, position, lines, troubles)
    digest = hashlib.sha256(raw).hexdigest()
    return AnswerFile(
        lambda: receipts.answers(app), troubles, {"type": "receipts", "sha256": digest}, digest
    )


def _troubles(table: "Table") -> list["Trouble"]:
    from ledger.banking.payout_answers import Trouble  # noqa: PLC0415 - not for --help

    return [
        Trouble(problem.row or 0, problem.code, dict(problem.facts))
        for problem in table.problems
        if problem.severity == "error"
    ]


class _Receipts:
    """The rows of a list, and the lines of the batch that they may answer."""

    def __init__(
        self,
        table: "Table",
        position: int,
        lines: Mapping[int, Mapping[str, Any]],
        troubles: list["Trouble"],
    ) -> None:
        self._table = table
        self._position = position
        self._lines = lines
        self._troubles = troubles
        self._by_worker: dict[str, list[int]] = {}
        self._taken: set[int] = set()
        for number, line in lines.items():
            self._by_worker.setdefault(line["worker"], []).append(number)

    def answers(self, app: App) -> Iterator["BankAnswer"]:
        """What the rows say, one after the other; rows that are wrong are noted."""
        from ledger.banking.payout_answers import BankAnswer, Trouble  # noqa: PLC0415 - as above
        from ledger.banking.references import PayoutReference  # noqa: PLC0415 - as above
        from ledger.intake.receipts import result_of, return_code_of  # noqa: PLC0415 - as above

        table = self._table
        with app.ledger() as ledger:
            holders = ledger.people.card_holders(filter(None, table.column("card_number")))
        columns = ("card_number", "amount", "paid_on", "result", "reason")
        rows = zip(table.numbers, *map(table.column, columns), strict=True)
        for at, (number, card, amount, on, word, reason) in enumerate(rows):
            if at in table.broken:
                continue
            if card is None:
                facts = {"field": table.heading("card_number"), "problem": N_("it is missing")}
                self._troubles.append(Trouble(number, "bad_answer_line", facts))
                continue
            result = result_of(word, reason)
            fitting = self._fitting(holders.get(card, frozenset()), amount)
            if result == "unknown" or len(fitting) > 1:
                facts = {"field": table.heading("result"), "problem": N_("it is no known result")}
                if result != "unknown":
                    problem = N_("two workers of the batch have this card and this amount")
                    facts = {"field": table.heading("card_number"), "problem": problem}
                self._troubles.append(Trouble(number, "bad_answer_line", facts))
                continue
            reference = PayoutReference(self._position, fitting[0]) if fitting else None
            self._taken.update(fitting)
            code = return_code_of(reason) if result == "returned" else None
            yield BankAnswer(
                number, mask_card(card), reference, _SETTLED[result], code, None, amount, on
            )  # fmt: skip

    def _fitting(self, workers: frozenset[str], amount: int) -> Sequence[int]:
        """The line that a receipt answers; none for a stranger's, one of each where two fit.

        A worker who is paid twice the same has a receipt for each. One of whom no line has the
        amount is answered for all that: what differs is said where all answers are judged.
        """
        of_each = {worker: self._by_worker.get(worker, []) for worker in sorted(workers)}
        found: list[int] = []
        for numbers in of_each.values():
            same = [one for one in numbers if self._lines[one]["amount_fen"] == amount]
            free = [one for one in same if one not in self._taken]
            found += (free or same)[:1]
        return found or [numbers[0] for numbers in of_each.values() if numbers][:1]
