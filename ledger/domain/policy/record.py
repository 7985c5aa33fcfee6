"""What a policy parameter is, and one dated value of it.

All values are whole numbers or one of a few words, never fractions: a ratio of 1 % is 100 basis
points, a factor of 1.5 is 150 percent, CNY 1.00 is 100 fen, a flag is 0 or 1.
"""

from dataclasses import dataclass
from typing import Final, Literal

NATION: Final = "CN"
"""The region of values that hold wherever no closer region has its own."""

Mark = Literal["V", "V2", "M", ""]
"""How well a value is known: V read in the text of the law; V2 read in an official local page or
a summary that quotes it; M from memory, to be overridden; empty for a value that was published
in this ledger and names its own source."""

Unit = Literal[
    "fen",
    "basis_points",
    "percent",
    "times",
    "years",
    "months",
    "days",
    "working_days",
    "persons",
    "flag",
    "word",
]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing that regions or the law fix, and that may change from a day on.

    Attributes:
        name: As in `PolicyPublished`, for example ``deposit.ratio``.
        unit: What a value counts.
        description: English msgid, what it means.
        low: Smallest value that makes sense.
        high: Largest value that makes sense.
        words: The values of a parameter whose unit is a word.
        local: Regions are expected to set their own; using the national value is worth saying.
        city_only: Looked up for the region and its city alone, never for province or nation.
        used: Decisions of this version rest on it; the others are kept for deadlines and reports.
    """

    name: str
    unit: Unit
    description: str
    low: int = 0
    high: int = 10**15
    words: tuple[str, ...] = ()
    local: bool = False
    city_only: bool = False
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class PolicyRecord:
    """One value of a parameter in one region for a range of days.

    Attributes:
        region: 6 digits of GB/T 2260, or `NATION`.
        parameter: Name of the parameter.
        value: In the unit of the parameter.
        valid_from: First day, ISO text.
        valid_to: Last day, ISO text, itself included; None: no end is known.
        source: Where the value was read.
        mark: How well it is known; empty for a published value.
        position: Position of its `PolicyPublished`; None for a shipped value.
    """

    region: str
    parameter: str
    value: int | str
    valid_from: str
    valid_to: str | None = None
    source: str
    mark: Mark = ""
    position: int | None = None

    def valid_on(self, on: str) -> bool:
        """Tell whether it holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, other: "PolicyRecord") -> bool:
        """Tell whether both would hold for one region on one day at least."""
        if (self.region, self.parameter) != (other.region, other.parameter):
            return False
        return (other.valid_to is None or self.valid_from <= other.valid_to) and (
            self.valid_to is None or other.valid_from <= self.valid_to
        )

    def as_named(self) -> dict[str, int | str]:
        """Write it as an event names the records that its decision used."""
        named: dict[str, int | str] = {
            "region": self.region,
            "parameter": self.parameter,
            "value": self.value,
            "valid_from": self.valid_from,
            "source": self.source,
        }
        if self.mark:
            named["mark"] = self.mark
        if self.position is not None:
            named["position"] = self.position
        return named
