"""What a document line does to the claim that it names.

Each effect moves the three amounts of a claim: its net, what is paid on it and what
is in transit. The code is stored with the line, so that no reader decides it again.
"""

from typing import Final, NamedTuple


class Effect(NamedTuple):
    """Signs with which a line's amount moves net, paid and in transit."""

    name: str
    net: int = 0
    paid: int = 0
    transit: int = 0


NONE, ACCRUE, ASSERT, INSTRUCT, SETTLE, RETURN, LATE_RETURN, DISCHARGE, UNDO, REDUCE = range(10)
ATTRIBUTE, NOTICE, REQUEST, LINK, ATTENDANCE, STATEMENT, MATCH, OBJECT = range(10, 18)

EFFECTS: Final[tuple[Effect, ...]] = (
    Effect("none"),
    Effect("accrue", net=1),
    Effect("assert", net=1),
    Effect("instruct", transit=1),
    Effect("settle", paid=1, transit=-1),
    Effect("return", transit=-1),
    Effect("late_return", paid=-1),
    Effect("discharge", paid=1),
    Effect("undo", paid=-1),
    Effect("reduce", net=-1),
    Effect("attribute"),
    Effect("notice"),
    Effect("request"),
    Effect("link"),
    Effect("attendance"),
    Effect("statement"),
    Effect("match"),
    Effect("object"),
)
MOVING: Final = (INSTRUCT, SETTLE, RETURN, LATE_RETURN, DISCHARGE, UNDO, REDUCE)
"""Effects that change a claim after it came into being."""
