"""Records as the write side keeps them: JSON of their fields, in order."""

import json
from dataclasses import fields
from typing import Any

from ledger.domain.state import Record

_spelled = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode  # fmt: skip
_NAMES: dict[type[Record], tuple[str, ...]] = {}


def field_names(record: type[Record]) -> tuple[str, ...]:
    """Names of a record's fields, in order."""
    if record not in _NAMES:
        dataclass: Any = record
        _NAMES[record] = tuple(field.name for field in fields(dataclass))
    return _NAMES[record]


def body_of(record: Record) -> str:
    """A record as it is stored."""
    return _spelled({name: getattr(record, name) for name in field_names(type(record))})
