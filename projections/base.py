"""What a read model is made of: tables, and statements over a range of positions.

A read model is a function of the log: its statements turn the events of ``(low, high]`` into
rows, in SQL, without a loop in Python, and any cut of the log into ranges gives the same rows.
Statements are written once for both databases, with a few words that this module spells out:

``{table}``
    The physical name of a read model's table. Every table exists twice, in slot ``a`` and in
    slot ``b``: a rebuild fills the one that nobody reads and then changes over.
``@events(Kind, ...)``
    Events of the range, of these kinds (all without brackets), with their body in ``doc``.
``@lines(Kind, ...)``
    Document lines of these events, typed, without their bodies.
``@near(l)``, ``@doc(l)``, ``@fence``
    For statements that join ``event_line AS l`` themselves: a condition that limits it to the
    range, its body as ``doc``, and the end of a subquery that is to be computed once a row.
``@journal``
    Journal lines of the range, typed, as the ``journal`` read model holds them.
``@text(e, fields.project)``, ``@int(e, ...)``, ``@flag(e, ...)``, ``@json(e, ...)``
    A member of ``e.doc``: text, a whole number, 0 or 1, or the JSON of any value. Absent is NULL
    (no flag is 0).
``@member(e, fields)``
    A member that is itself an object, to be called ``doc`` and asked like the whole: several
    questions to a small object are cheaper than to a large one.
``@pairs(f, name sheet batch)``
    Those of the named members of ``f.doc`` that are there, as ``name value name value`` in the
    order of their names, which is the order of canonical bytes.
``@each(e, fields)``
    The members of an object as rows ``key, value``; ``@items(e, journal)`` those of a list.
``@item_text(i, 0)``, ``@item_int(i, 5)``
    A member of a list that is itself such an item.

Rows never hold what could disagree later: amounts are integer fen, dates ISO text.
"""

# ruff: noqa: S608 - names put into SQL are our own tables and fields; values are bound

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

Slot = Literal["a", "b"]
SLOTS: Final[tuple[Slot, Slot]] = ("a", "b")

_TABLE: Final = re.compile(r"\{(\w+)\}")
_WORD: Final = re.compile(r"@(\w+)(?:\(([^()]*)\))?")
_KINDS: Final = re.compile(r"@(?:events|lines)\(([^()]*)\)")
_EVERYTHING: Final = re.compile(r"@journal(?:_beside)?\b|@(?:events|lines)\b(?!\()")


@dataclass(frozen=True, kw_only=True)
class Index:
    """A second way into a table.

    Attributes:
        where: Limits it to the rows that are asked for.
        kept: A statement looks for rows through it, so that it stays while a slot is filled.
    """

    name: str
    columns: tuple[str, ...]
    where: str = ""
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadTable:
    """One table of a read model.

    Attributes:
        name: Logical name; the slot is appended to it.
        columns: ``"name type"`` or ``"name type null"``; types are ``text`` and ``int``.
        key: Primary key, which starts with ``tenant`` and keeps rows of one owner together.
        indexes: Further indexes.
        keyed_later: No statement looks for its rows, so that a slot that is filled from nothing
            may get its key afterwards, which PostgreSQL does much faster.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
    keyed_later: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(column.split()[0] for column in self.columns)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Columns that are not in the key."""
        return tuple(name for name in self.names if name not in self.key)

    def physical(self, slot: str) -> str:
        """Name of the table in a slot."""
        return f"{self.name}_{slot}"

    def create(self, slot: str, *, postgres: bool) -> str:
        """Statement that creates the table without its further indexes.

        SQLite keeps whatever is given in any column: there a CHECK refuses what is not a whole
        number, so that a damaged event fails on both databases.
        """
        types = {"text": "TEXT", "int": "INTEGER"}
        if postgres:
            types = {"text": 'TEXT COLLATE "C"', "int": "BIGINT"}
        spelled, checks = [], []
        for column in self.columns:
            name, kind, *null = column.split()
            spelled.append(f"{name} {types[kind]}{'' if null else ' NOT NULL'}")
            if kind == "int":
                checks.append(f"typeof({name}) IN ('integer'{', ' + repr('null') if null else ''})")
        spelled.append(f"PRIMARY KEY ({', '.join(self.key)})")
        if checks and not postgres:
            spelled.append(f"CHECK ({' AND '.join(checks)})")
        suffix = "" if postgres else " WITHOUT ROWID"
        return f"CREATE TABLE {self.physical(slot)} ({', '.join(spelled)}){suffix}"

    def create_indexes(self, slot: str) -> tuple[str, ...]:
        """Statements that create the further indexes."""
        return tuple(
            f"CREATE INDEX IF NOT EXISTS {index.name}_{slot} ON {self.physical(slot)}"
            f" ({', '.join(index.columns)}){f' WHERE {index.where}' if index.where else ''}"
            for index in self.indexes
        )

    def drop_indexes(self, slot: str) -> tuple[str, ...]:
        """Statements that drop the further indexes, before many rows are loaded."""
        return tuple(
            f"DROP INDEX IF EXISTS {index.name}_{slot}" for index in self.indexes if not index.kept
        )

    def drop_key(self, slot: str) -> tuple[str, ...]:
        """Statements for PostgreSQL that drop the key where it may come later."""
        table = self.physical(slot)
        drop = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_pkey"
        return (drop,) if self.keyed_later else ()

    def create_key(self, slot: str) -> tuple[str, ...]:
        """Statements for PostgreSQL that put the key back."""
        add = f"ALTER TABLE {self.physical(slot)} ADD PRIMARY KEY ({', '.join(self.key)})"
        return (add,) if self.keyed_later else ()


@dataclass(frozen=True)
class Statement:
    """One step of a read model, written once for both databases.

    It may use ``:tenant``, ``:low`` and ``:high``.
    """

    sql: str

    @cached_property
    def kinds(self) -> frozenset[str] | None:
        """Kinds of event without which it does nothing; None where any event may matter."""
        named = [kind.strip() for part in _KINDS.findall(self.sql) for kind in part.split(",")]
        return None if _EVERYTHING.search(self.sql) or not named else frozenset(named)


@dataclass(frozen=True, kw_only=True)
class Projection:
    """One read model.

    Attributes:
        name: What status and rebuild call it.
        version: Raised whenever a table or a statement changes; the rows are then made anew.
        tables: Its tables.
        statements: What a range of positions does to them, in this order.
        reads: Read models whose rows of the same range it uses; they move before it.
    """

    name: str
    version: int
    tables: tuple[ReadTable, ...]
    statements: tuple[Statement, ...]
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spelling:
    """What the words of a statement mean here and now.

    Attributes:
        postgres: Which of the two databases.
        tables: Logical to physical names.
        parked: Read model and slot with streams that stand still, as SQL literals know them;
            None where nothing is parked, which spares every statement a look.
    """

    postgres: bool
    tables: tuple[tuple[str, str], ...]
    parked: tuple[str, str] | None = None


def spell(sql: str, spelling: Spelling) -> str:
    """Spell a statement for one database and one choice of slots."""
    return _spell(sql, spelling)


@lru_cache(maxsize=2048)
def _spell(sql: str, spelling: Spelling) -> str:
    tables = dict(spelling.tables)
    named = spell_tables(sql, tables)
    return _WORD.sub(lambda match: _word(match[1], match[2], spelling, tables), named)


def spell_tables(sql: str, tables: Mapping[str, str]) -> str:
    """Put physical names for ``{table}``."""
    return _TABLE.sub(lambda match: tables[match[1]], sql)


def _word(word: str, given: str | None, spelling: Spelling, tables: Mapping[str, str]) -> str:
    arguments = [part.strip() for part in (given or "").split(",") if part.strip()]
    if word in _RANGES:
        return _RANGES[word](arguments, spelling, tables)
    spelled = _MEMBERS[spelling.postgres].get(word)
    if spelled is None:
        message = f"unknown word @{word}"
        raise ValueError(message)
    alias, path = arguments
    steps = path.split(".")
    if word == "pairs":
        path = ", ".join(repr(name) for name in path.split())
    return spelled.format(alias=alias, path=path, steps=",".join(steps), item=path)


_MEMBERS: Final[Mapping[bool, Mapping[str, str]]] = {
    False: {
        "text": "json_extract({alias}.doc, '$.{path}')",
        "int": "json_extract({alias}.doc, '$.{path}')",
        "flag": "CASE json_extract({alias}.doc, '$.{path}') WHEN 1 THEN 1 ELSE 0 END",
        "member": "json_extract({alias}.doc, '$.{path}')",
        "json": "json_quote(json_extract({alias}.doc, '$.{path}'))",
        "pairs": "(SELECT group_concat(p.key || ' ' || p.value, ' ') FROM json_each({alias}.doc)"
        " AS p WHERE p.key IN ({path}))",
        "each": "json_each({alias}.doc, '$.{path}')",
        "items": "json_each({alias}.doc, '$.{path}')",
        "item_text": "json_extract({alias}.value, '$[{item}]')",
        "item_int": "json_extract({alias}.value, '$[{item}]')",
        "item_number": "{alias}.{item} + 1",
    },
    True: {
        "text": "({alias}.doc #>> '{{{steps}}}')",
        "int": "({alias}.doc #>> '{{{steps}}}')::bigint",
        "flag": "CASE {alias}.doc #>> '{{{steps}}}' WHEN 'true' THEN 1 ELSE 0 END",
        "member": "({alias}.doc #> '{{{steps}}}')",
        "json": "({alias}.doc #> '{{{steps}}}')::text",
        "pairs": "(SELECT string_agg(p.key || ' ' || p.value, ' ' ORDER BY p.key COLLATE \"C\")"
        " FROM jsonb_each_text({alias}.doc) AS p WHERE p.key IN ({path}))",
        "each": "LATERAL jsonb_each_text({alias}.doc #> '{{{steps}}}')",
        "items": "LATERAL (SELECT value, ordinality - 1 AS key FROM"
        " jsonb_array_elements({alias}.doc #> '{{{steps}}}')"
        " WITH ORDINALITY AS o(value, ordinality))",
        "item_text": "({alias}.value ->> {item})",
        "item_int": "({alias}.value ->> {item})::bigint",
        "item_number": "{alias}.{item} + 1",
    },
}


def _kinds(arguments: list[str], alias: str) -> str:
    if not arguments:
        return ""
    return f" AND {alias}.kind IN ({', '.join(repr(kind) for kind in arguments)})"


def _unparked(spelling: Spelling, alias: str) -> str:
    """Leave out what follows an event at which this read model stopped, in its stream."""
    if spelling.parked is None:
        return ""
    name, slot = spelling.parked
    return (
        f" AND NOT EXISTS (SELECT 1 FROM projection_parked AS k WHERE k.tenant = {alias}.tenant"
        f" AND k.name = '{name}' AND k.slot = '{slot}' AND k.stream = {alias}.stream"
        f" AND k.position <= {alias}.position)"
    )


def _document(spelling: Spelling, alias: str) -> str:
    if spelling.postgres:
        return f"convert_from({alias}.body, 'UTF8')::jsonb AS doc"
    return f"CAST({alias}.body AS TEXT) AS doc"


def _fence(spelling: Spelling) -> str:
    """Keep the database from taking a body apart again for every member that is asked for."""
    return " OFFSET 0" if spelling.postgres else " LIMIT -1 OFFSET 0"


def _range(alias: str) -> str:
    return f"{alias}.tenant = :tenant AND {alias}.position > :low AND {alias}.position <= :high"


def _events(arguments: list[str], spelling: Spelling, _tables: Mapping[str, str]) -> str:
    return (
        "(SELECT e.tenant, e.position, e.stream, e.kind, e.on_date, e.recorded_at,"
        f" {_document(spelling, 'e')} FROM event AS e WHERE {_range('e')}"
        f"{_kinds(arguments, 'e')}{_unparked(spelling, 'e')}{_fence(spelling)})"
    )


def _near(spelling: Spelling, alias: str) -> str:
    """Limit lines to the range where that helps: PostgreSQL then reads no others.

    SQLite would take it for the better way in and read all lines of the range for every event.
    """
    return _range(alias) if spelling.postgres else "true"


def _from_lines(arguments: list[str], spelling: Spelling, part: int) -> str:
    """Events of the range, then the lines of each.

    SQLite would read all lines of the range for every event, did the events not come from a
    fenced subquery and in this order.
    """
    return (
        "FROM (SELECT e.tenant, e.position, e.kind, e.on_date FROM event AS e WHERE"
        f" {_range('e')}{_kinds(arguments, 'e')}{_unparked(spelling, 'e')}{_fence(spelling)}) AS e"
        " CROSS JOIN event_line AS l WHERE l.tenant = e.tenant AND l.position = e.position"
        f" AND l.part = {part} AND {_near(spelling, 'l')}"
    )


def _lines(arguments: list[str], spelling: Spelling, _tables: Mapping[str, str]) -> str:
    return (
        "(SELECT l.tenant, l.position, l.line, l.effect, l.claim_position, l.claim_line,"
        f" l.worker, l.amount_fen, e.kind, e.on_date {_from_lines(arguments, spelling, 0)})"
    )


def _journal_beside(arguments: list[str], spelling: Spelling, _tables: Mapping[str, str]) -> str:
    document = _document(spelling, "l").replace(" AS doc", " AS value")
    return (
        f"(SELECT l.tenant, l.position, l.line, e.on_date, {document}"
        f" {_from_lines(arguments, spelling, 1)}{_fence(spelling)})"
    )


def _journal(_arguments: list[str], spelling: Spelling, tables: Mapping[str, str]) -> str:
    parked = ""
    if spelling.parked is not None:
        parked = (
            " AND EXISTS (SELECT 1 FROM event AS e WHERE e.tenant = j.tenant"
            f" AND e.position = j.position{_unparked(spelling, 'e')})"
        )
    return f"(SELECT j.* FROM {tables['journal_line']} AS j WHERE {_range('j')}{parked})"


_RANGES: Final = {
    "events": _events,
    "lines": _lines,
    "near": lambda arguments, spelling, _tables: _near(spelling, arguments[0]),
    "fence": lambda _arguments, spelling, _tables: _fence(spelling),
    "doc": lambda arguments, spelling, _tables: _document(spelling, arguments[0]),
    "journal_beside": _journal_beside,
    "journal": _journal,
}
