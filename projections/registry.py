"""All read models, each after those whose rows it uses."""

from collections.abc import Iterable, Mapping
from typing import Final

from projections.arrears_case import CASE
from projections.base import Projection, ReadTable
from projections.deposit import DEPOSIT
from projections.fund import FUND
from projections.history import HISTORY
from projections.journal import JOURNAL
from projections.liability import LIABILITY
from projections.party import PARTY
from projections.payout import PAYOUT
from projections.payroll import PAYROLL
from projections.policy import POLICY
from projections.project import PROJECT
from projections.statement import STATEMENT
from projections.worker import WORKER

PROJECTIONS: Final[tuple[Projection, ...]] = (
    JOURNAL, PROJECT, PARTY, POLICY, PAYROLL, PAYOUT, CASE, FUND, WORKER,
    LIABILITY, DEPOSIT, HISTORY, STATEMENT,
)  # fmt: skip

BY_NAME: Final[Mapping[str, Projection]] = {each.name: each for each in PROJECTIONS}

OWNER: Final[Mapping[str, str]] = {
    table.name: projection.name for projection in PROJECTIONS for table in projection.tables
}
"""Which read model a table belongs to."""

TABLES: Final[Mapping[str, ReadTable]] = {
    table.name: table for projection in PROJECTIONS for table in projection.tables
}


def with_dependants(names: Iterable[str]) -> tuple[Projection, ...]:
    """The read models named and all that use their rows, in the order in which they move."""
    wanted = set(names)
    chosen = []
    for projection in PROJECTIONS:
        if projection.name in wanted or wanted.intersection(projection.reads):
            wanted.add(projection.name)
            chosen.append(projection)
    return tuple(chosen)
