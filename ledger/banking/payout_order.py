"""A batch as it is told to a bank: what was instructed, to whom, and what a layout may ask of it.

Everything here is decided by the instruction and what was known at its position, so that a file
made again has the same bytes: its time is the instruction's, its names are those of that day, and
a line that came back or was settled since stands in it all the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from ledger.banking.references import end_to_end, message_id, payment_information
from ledger.kernel.dates import SHANGHAI, parse_instant
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import mask_card, mask_id_number, mask_name, mask_phone

FEN: Final = 100

_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": mask_name,
    "holder_name": mask_name,
    "id_number": mask_id_number,
    "phone": mask_phone,
    "card_number": mask_card,
}
IDENTITY: Final = ("name", "id_number", "phone", "card_number", "bank_name", "holder_name")
"""What a layout may ask of a worker; it lies in the vault."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a batch.

    Attributes:
        line: Number in the batch, from 1.
        claim: The claim that is paid.
        worker: Reference of the worker.
        amount_fen: What is paid.
        period: Month of the wage, ``YYYY-MM``.
    """

    line: int
    claim: str
    worker: str
    amount_fen: int
    period: str


@dataclass(frozen=True, kw_only=True)
class PayoutOrder:
    """A whole batch.

    Attributes:
        tenant: Whose ledger.
        batch: Id of the batch.
        position: Position of its PayoutInstructed.
        on: Business date of the instruction.
        recorded_at: When it was recorded, UTC.
        project: Id of the project whose wage account pays.
        project_name: Its name.
        contractor: Credit code of the general contractor, whose account it is.
        contractor_name: Its registered name on that day.
        account_last4: Last digits of the wage account, empty where the log does not hold them.
        lines: The lines in their order.
        people: Identities by worker and field: read after all that can be wrong without them.
    """

    tenant: str
    batch: str
    position: int
    on: str
    recorded_at: str
    project: str
    project_name: str
    contractor: str
    contractor_name: str
    account_last4: str
    lines: Sequence[OrderLine]
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    @property
    def count(self) -> int:
        """Number of lines."""
        return len(self.lines)

    @property
    def total_fen(self) -> int:
        """Sum of the lines."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def created(self) -> datetime:
        """The instruction's own time, as a clock in Shanghai showed it, in whole seconds."""
        instant = parse_instant(self.recorded_at)
        assert instant is not None
        return instant.astimezone(SHANGHAI).replace(microsecond=0)

    @property
    def payment_id(self) -> str:
        """Name of the batch towards the bank."""
        return payment_information(self.position)

    def file_id(self, file_format: str) -> str:
        """Name of the batch's file in one format."""
        return message_id(self.tenant, self.batch, self.position, file_format)

    def reference(self, line: OrderLine) -> str:
        """Name of a line towards the bank."""
        return end_to_end(self.position, line.line)

    def person(self, line: OrderLine) -> Mapping[str, str]:
        """The identity of a line's worker, as far as it was asked for."""
        return self.people.get(line.worker, {})


@dataclass(frozen=True)
class Unfit:
    """A value that a layout cannot carry as it is.

    Attributes:
        line: Line of the batch, None for the file's own records.
        field: Name of the layout's field.
        value: The value as it may be shown: identity is masked.
        problem: A msgid, why not.
    """

    line: int | None
    field: str
    value: str
    problem: str


class UnfitLinesError(LedgerError):
    """Lines that a layout cannot carry; the file is not made, and every one is listed."""

    def __init__(self, unfit: Sequence[Unfit]) -> None:
        facts: dict[str, Any] = {"field": unfit[0].field, "value": unfit[0].value}
        super().__init__("payout_line_unfit", problem=unfit[0].problem, **facts)
        self.unfit = tuple(unfit)


class Layout(Protocol):
    """A format in which a batch can be told to a bank."""

    @property
    def name(self) -> str:
        """What the user calls it, and what the file's name is made from."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Fields of the workers' identity that it shows."""

    def require(self, order: PayoutOrder) -> None:
        """Refuse what can be known to be wrong before anybody's identity is read.

        Raises:
            LedgerError: ``missing_option`` for facts that the ledger does not hold, or what is
                wrong with the batch for this layout.
        """

    def write(self, order: PayoutOrder) -> Iterator[bytes]:
        """Write the file, piece by piece.

        Raises:
            UnfitLinesError: After the last line, where any does not fit.
        """


def masked(source: str, value: str) -> str:
    """A value as a message may show it."""
    return _MASKS[source](value) if source in _MASKS else value


def plain_yuan(amount_fen: int) -> str:
    """An amount in yuan as files write it: ``1234.50``."""
    return f"{amount_fen // FEN}.{amount_fen % FEN:02}"
