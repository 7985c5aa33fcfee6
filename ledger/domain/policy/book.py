"""The policy book: which value of a parameter holds in a region on a day.

A closer region beats a wider one: the region itself, its city (first 4 digits and ``00``), its
province (first 2 and ``0000``), the nation (``CN``). In one region a published value beats the
one that came with the product, on the days from its ``valid_from`` to its ``valid_to``, both
included. Minimum wages are set by city: they are looked up for the region and its city alone.

On a day before the first national value, that first value is used: no earlier one is known, and
a fact of 2019 must still be judged. The record says from when it holds, so that anybody sees it.

Two published values of one parameter and region may not hold on the same day. A value without
an end holds for ever, so one that will be followed by another needs a ``valid_to``.

Legal source: the laws named by the records (``ledger.domain.policy.defaults``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ledger.domain.policy.defaults import SHIPPED
from ledger.domain.policy.parameters import PARAMETERS
from ledger.domain.policy.record import NATION, PolicyRecord

_PROVINCE_DIGITS: Final = 2
_CITY_DIGITS: Final = 4

_ByPlace = dict[tuple[str, str], list[PolicyRecord]]


def _by_place(records: Iterable[PolicyRecord]) -> _ByPlace:
    by_place: _ByPlace = {}
    for record in records:
        by_place.setdefault((record.parameter, record.region), []).append(record)
    return by_place


_SHIPPED: Final[Mapping[tuple[str, str], Sequence[PolicyRecord]]] = _by_place(SHIPPED)


def regions_to_ask(region: str, *, city_only: bool = False) -> tuple[str, ...]:
    """Regions whose values may hold in a region, the closest first, each once.

    ``220281`` asks ``220281``, ``220200``, ``220000``, ``CN``; with ``city_only`` the first two.
    """
    if region == NATION:
        return () if city_only else (NATION,)
    asked = [region, region[:_CITY_DIGITS] + "00"]
    if not city_only:
        asked += [region[:_PROVINCE_DIGITS] + "0000", NATION]
    return tuple(dict.fromkeys(asked))


def value_problem(parameter: str, value: object) -> str | None:
    """Say why a value does not fit a parameter, None when it does.

    An unknown parameter is another refusal (`unknown_parameter`), so nothing is said of it here.

    Returns:
        ``not_a_whole_number``, ``out_of_range`` or ``not_a_choice``.
    """
    known = PARAMETERS.get(parameter)
    if known is None:
        return None
    if known.words:
        return None if value in known.words else "not_a_choice"
    if not isinstance(value, int) or isinstance(value, bool):
        return "not_a_whole_number"
    return None if known.low <= value <= known.high else "out_of_range"


class PolicyBook:
    """Published values over those that came with the product."""

    def __init__(self, published: Sequence[PolicyRecord] = ()) -> None:
        self._published = _by_place(published)

    def value(self, parameter: str, region: str, on: str) -> PolicyRecord | None:
        """The record in force; None where neither the region nor the nation has ever had one.

        Args:
            parameter: Name of a parameter.
            region: 6 digits of GB/T 2260, or ``CN``.
            on: The day in question, ISO text.

        Raises:
            KeyError: for a parameter that does not exist.
        """
        city_only = PARAMETERS[parameter].city_only
        for place in regions_to_ask(region, city_only=city_only):
            for records in (self._published, _SHIPPED):
                for record in records.get((parameter, place), ()):
                    if record.valid_on(on):
                        return record
        return None if city_only else self._first_national(parameter, on)

    def _first_national(self, parameter: str, on: str) -> PolicyRecord | None:
        """The first shipped national value, on a day before it came into force."""
        first = min(
            _SHIPPED.get((parameter, NATION), ()),
            key=lambda record: record.valid_from,
            default=None,
        )
        return first if first is not None and on < first.valid_from else None

    def number(self, parameter: str, region: str, on: str) -> tuple[int, PolicyRecord]:
        """Whole-number value in force of a parameter that has a national value, and its record.

        Raises:
            LookupError: for a parameter without a value; it is our mistake to ask so.
        """
        record = self.value(parameter, region, on)
        if record is None or not isinstance(record.value, int):
            message = f"no number for {parameter} in {region} on {on}"
            raise LookupError(message)
        return record.value, record

    def overlapping(self, record: PolicyRecord) -> PolicyRecord | None:
        """A published record of the same parameter and region that holds on one of its days.

        Values that came with the product do not count: they are there to be replaced.
        """
        published = self._published.get((record.parameter, record.region), ())
        return next((other for other in published if record.overlaps(other)), None)


def remarks(records: Iterable[PolicyRecord], region: str, on: str) -> tuple[str, ...]:
    """Warnings that the use of these records deserves, each once.

    ``no_local_value`` where regions are expected to set their own and the nation's was used;
    ``before_first_value`` where the day lies before the record's first.
    """
    found: dict[str, None] = {}
    for record in records:
        if record.region == NATION and region != NATION and PARAMETERS[record.parameter].local:
            found["no_local_value"] = None
        if on < record.valid_from:
            found["before_first_value"] = None
    return tuple(found)
