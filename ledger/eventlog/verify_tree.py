"""Does the log give the tree that is kept of it, and every root that was signed?

Leaf hashes come from the bodies as they are read. A root that was signed binds every event before
it: whoever changed one and made all hashes of the database anew is caught here.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from ledger.eventlog.findings import Report
from ledger.eventlog.tables import tree_node
from ledger.kernel.codes.definition import N_
from ledger.proof.tree import Frontier

_SHORT: Final = N_("the log is shorter than what was signed")
_DIFFERS: Final = N_("from here on it is not the log that was signed")
_OTHER_LEAF: Final = N_("it is not the event of the exported log")


class SignedHead(NamedTuple):
    """A root that somebody holds: over how many events, and how many witnesses saw it."""

    size: int
    root: bytes
    witnesses: int = 0


class TreeCheck:
    """Compares the tree of the bodies with what is kept and what was signed."""

    def __init__(
        self,
        report: Report,
        connection: Connection,
        heads: Iterable[SignedHead] = (),
        leaves: Sequence[bytes] = (),
    ) -> None:
        """Begin.

        Args:
            report: Where findings go.
            connection: For the nodes that the log keeps.
            heads: Roots that were signed.
            leaves: Leaf hashes of an export of this log, from the first event on.
        """
        self._report = report
        self._tree = Frontier()
        self._heads = sorted(set(heads))
        self._next = 0
        self._broken = False
        self._leaves = leaves
        nodes = tree_node.c
        rows = connection.execute(
            select(nodes.level, nodes.number, nodes.hash).where(nodes.tenant == report.tenant)
        )
        self._kept = {(row[0], row[1]): bytes(row[2]) for row in rows}

    def add(self, position: int, leaf: bytes) -> None:
        """Take the leaf hash of the next event."""
        if position <= len(self._leaves) and self._leaves[position - 1] != leaf:
            self._report.add(position, "checkpoint", _OTHER_LEAF)
            self._broken = True  # the roots say nothing that is nearer
        for level, number, node in self._tree.add(leaf):
            if self._kept.pop((level, number), None) != node:
                self._report.add(position, "tree", N_("the kept hash of a run is another"))
        self._compare()

    def finish(self) -> None:
        """Say what was signed and is not there, and what is kept and belongs nowhere."""
        self._compare()
        last = self._tree.size
        beyond = [head.size for head in self._heads if head.size > last]
        if beyond or len(self._leaves) > last:
            self._report.complete = False
            self._report.add(last + 1, "head", _SHORT)
        if self._kept:
            self._report.add(last, "tree", N_("hashes of runs that the log does not have"))

    def _compare(self) -> None:
        """Compare the roots that were signed of just this many events."""
        while self._next < len(self._heads) and self._heads[self._next].size == self._tree.size:
            head = self._heads[self._next]
            self._next += 1
            self._report.checkpoints += 1
            if self._tree.root() == head.root:
                self._report.proved_to = head.size
                self._report.witnesses = head.witnesses
            elif not self._broken:
                self._broken = True  # all that comes after differs too
                self._report.add(self._first_wrong(head.size), "checkpoint", _DIFFERS)

    def _first_wrong(self, size: int) -> int:
        """The first event found wrong that a broken root binds, else the first that it may be."""
        begin = self._report.proved_to + 1
        found = (finding.position for finding in self._report.findings)
        return min((at for at in found if begin <= at <= size), default=begin)
