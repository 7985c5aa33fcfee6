"""The program that the drills kill: it posts a file and says through a pipe how far it is.

The product knows nothing of this; its functions are wrapped here. Every mark is one byte:

    B  the transaction is open and the writer's lock is held
    L  the lines of the documents are being copied
    V  the vault is about to be written         v  the vault has committed, the log has not
    C  the log's COMMIT is about to be sent     .  the group is committed

At a stage it may stop and wait to be killed: in the first group from a given one on that reaches
it. What the postings answer goes to stdout, one JSON array a line.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from sqlalchemy import Connection, event

from ledger import judging, service
from ledger.eventlog.appending import LineBlock
from ledger.service import Ledger, LedgerConfig
from ledger.vault import VaultSession

GROUP_POSTINGS: Final = 10
INSIDE: Final = "BLVv"
"""Marks after which, until the next one, the transaction is certainly open."""


@dataclass
class Marks:
    """Tells the drill how far the program is, and where it stops."""

    pipe: int
    waiting: int
    stage: str
    group: int
    groups: int = 0

    def tell(self, mark: str) -> None:
        self.groups += mark == "B"
        os.write(self.pipe, mark.encode())
        if mark == self.stage and self.groups >= self.group:
            os.read(self.waiting, 1)  # nobody writes: the drill kills, or it has ended itself
            os._exit(1)


def after(function: Callable[..., Any], marks: Marks, mark: str) -> Callable[..., Any]:
    """The function, and a mark when it has returned."""

    def marked(*given: Any, **named: Any) -> Any:  # noqa: ANN401 -- passed on
        result = function(*given, **named)
        marks.tell(mark)
        return result

    return marked


def before(function: Callable[..., Any], marks: Marks, mark: str) -> Callable[..., Any]:
    """The function, and a mark before it is called."""

    def marked(*given: Any, **named: Any) -> Any:  # noqa: ANN401 -- passed on
        marks.tell(mark)
        return function(*given, **named)

    return marked


def copying(function: Callable[..., Any], marks: Marks) -> Callable[..., Any]:
    """The function that appends events, and a mark after the first of their documents."""

    def marked(connection: Any, tenant: Any, rows: Any, lines: Any, head: Any) -> Any:  # noqa: ANN401 -- passed on
        def taken(blocks: Iterable[LineBlock]) -> Iterator[LineBlock]:
            for number, block in enumerate(blocks):
                if number == 1:
                    marks.tell("L")
                yield block

        return function(connection, tenant, rows, taken(lines), head)

    return marked


def main(url: str, tenant: str, key_file: str, file: str, *where: str) -> None:
    pipe, waiting, stage, group = where
    marks = Marks(int(pipe), int(waiting), stage, int(group))
    ledger = Ledger.open(LedgerConfig(url, tenant=tenant, key_file=Path(key_file)))

    def committing(connection: Connection) -> None:
        if connection.get_execution_options().get("wageledger_writes"):
            marks.tell("C")

    event.listen(ledger.engine, "commit", committing)
    with (
        mock.patch.object(service, "GROUP_POSTINGS", GROUP_POSTINGS),
        mock.patch.object(service, "lock_head", after(service.lock_head, marks, "B")),  # type: ignore[attr-defined]
        mock.patch.object(judging, "append_events", copying(judging.append_events, marks)),  # type: ignore[attr-defined]
        mock.patch.object(
            VaultSession, "flush", after(before(VaultSession.flush, marks, "V"), marks, "v")
        ),
        mock.patch.object(Ledger, "_post_group", after(Ledger._post_group, marks, ".")),
        Path(file).open("rb") as lines,
    ):
        for answer in ledger.post(lines):
            sys.stdout.write(json.dumps([answer.status, answer.code, answer.position]) + "\n")
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
