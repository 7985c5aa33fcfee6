"""The books as readers see them: caught up with the log, one unchanging view, one way to ask.

The queries are found by name (``liability:liability`` is ``projections.queries.liability``'s
function ``liability``), so that a read command is one line of a table (``cli.reading``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cli.messages import N_
from ledger.kernel.dates import SHANGHAI, iso_instant, parse_date
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from projections.view import View

Answer = dict[str, Any]

_QUERIES: Final = "projections.queries."
_POSITION_OR_TIME: Final = N_("a position, or a time such as 2026-03-31T18:00")
_LONGEST_POSITION: Final = 18
_END: Final = time.max

_IDS: Final = {
    "party": ("party:party_list", "parties", "party", "name"),
    "project": ("project:project_list", "projects", "project", "name"),
    "case": ("case:case_list", "cases", "case", "state"),
    "sheet": ("payroll:payroll_list", "sheets", "sheet", "state"),
    "batch": ("payout:payout_list", "batches", "batch", "state"),
    "notice": ("deposit:deposit_notices", "notices", "notice", "state"),
    "advance": ("fund:advance_list", "advances", "advance", "state"),
    "fund": ("fund:fund_show", "funds", "region", ""),
}
"""Where the ids of a register are listed: query, list, id, and what is said beside it."""


@dataclass(frozen=True)
class Books:
    """One view of a tenant's books.

    Attributes:
        view: The view of the read models.
        today: Business date, ISO text: the date of questions that name none.
    """

    view: "View"
    today: str

    def ask(self, query: str, /, **asked: Any) -> Answer:  # noqa: ANN401 - each has its own
        """Ask a query by its name.

        Raises:
            LedgerError: What the query answers, ``unknown_party`` for example.
        """
        answer: Answer = _query(query)(self.view, **asked)
        return answer

    def stream(self, query: str, /, **asked: Any) -> Iterator[Answer]:  # noqa: ANN401 - as above
        """Ask a query that answers row by row, as the rows are read."""
        rows: Iterator[Answer] = _query(query)(self.view, **asked)
        return rows

    def known_at(self, text: str | None) -> int | None:
        """Read ``--known-at``: a position, or a time, which is the last position until then.

        A day alone means its end, as it does in ``--as-of``.

        Raises:
            LedgerError: ``bad_option``.
        """
        if text is None:
            return None
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_POSITION:
            return int(text)
        try:
            day = parse_date(text)
            instant = datetime.fromisoformat(text) if day is None else datetime.combine(day, _END)
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=SHANGHAI)
            until = iso_instant(instant)
        except (ValueError, OverflowError):
            raise LedgerError(
                "bad_option", option="--known-at", value=text, problem=_POSITION_OR_TIME
            ) from None
        return self.view.position_at(until)

    def ids(self, register: str, begin: str, *, limit: int) -> Iterator[tuple[str, str]]:
        """Ids of a register that begin so, each with a word about it."""
        query, rows, name, beside = _IDS[register]
        found = self.ask(query, as_of=self.today)[rows]
        matching = [row for row in found if str(row[name]).startswith(begin)]
        for row in matching[:limit]:
            yield str(row[name]), str(row.get(beside) or "")


def _query(path: str) -> Callable[..., Any]:
    module, _colon, name = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"{_QUERIES}{module}"), name)
    return found


@contextmanager
def opened(engine: "Engine", tenant: str, today: str) -> Iterator[Books]:
    """Catch up with the log and open one unchanging view."""
    from projections.runner import reading  # noqa: PLC0415 - loads storage

    with reading(engine, tenant) as view:
        yield Books(view, today)


COMPLETABLE: Final = frozenset(_IDS)
"""Registers whose ids can be completed."""
