"""From a decision to bytes: the event, its lines, their roots.

Nothing here decides. The bytes made here are the ones that are stored and hashed; they
are never made again (architecture: hash what is stored).
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from types import NoneType
from typing import Any, Final, NamedTuple

from ledger.domain import effects
from ledger.domain.base import KINDS, Decision, DocumentLine, FieldForm, Line, Posting, Recorded
from ledger.eventlog.appending import EventRow, LineBlock
from ledger.eventlog.copying import Same
from ledger.eventlog.topics import TOPICS
from ledger.kernel.canonical import canonical_bytes
from ledger.kernel.merkle import leaf_hash, root

MAX_EVENT_BYTES: Final = 60_000
"""Below the 65,535 bytes of a log tile's entry, with room for what proofs add."""

ALGORITHM: Final = "rfc6962-sha256"
SALT_BYTES: Final = 16
_LISTS: Final = frozenset({"lines", "claims", "claims_or_all", "names"})
_spelled: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode  # fmt: skip
_NAMED_CLAIMS: Final = frozenset({effects.ACCRUE, effects.ASSERT})


@dataclass(slots=True)
class Prepared:
    """An event ready for the log."""

    recorded: Recorded
    row: EventRow
    blocks: list[LineBlock]
    body: dict[str, Any]


def own_fields(posting: Posting, commitments: Mapping[str, str]) -> dict[str, Any]:
    """The posting's own fields as they enter the log: defaults in, nulls out, no identity."""
    fields: dict[str, Any] = {}
    for form in KINDS[type(posting).__name__].fields:
        value = getattr(posting, form.attribute)
        if value is None or form.shape.step in _LISTS:
            continue
        if form.shape.vault:
            fields[f"{form.name}_commitment"] = commitments[form.name]
        else:
            fields[form.name] = value
    return fields


def content_digest(posting: Posting) -> str:
    """SHA-256 of what the poster said, without ``by``, the key and any identity."""
    said: dict[str, Any] = {"kind": type(posting).__name__, "on": posting.on}
    if posting.document:
        said["document"] = posting.document
    if posting.note is not None:
        said["note"] = posting.note
    for form in KINDS[type(posting).__name__].fields:
        value = getattr(posting, form.attribute)
        if value is not None and not form.shape.vault:
            said[form.name] = value
    if said["kind"] == "ProjectRegistered":
        said.setdefault("contract_on", said["starts_on"])
    return hashlib.sha256(_spelled(said).encode()).hexdigest()


def identity_fields(posting: Posting) -> dict[str, str]:
    """The posting's identity fields that were given: name to plain value."""
    given = {}
    for form in _identity_forms(type(posting).__name__):
        value = getattr(posting, form.attribute)
        if value is not None:
            given[form.name] = str(value)
    return given


@cache
def _identity_forms(kind: str) -> tuple[FieldForm, ...]:
    return tuple(form for form in KINDS[kind].fields if form.shape.vault)


class Place(NamedTuple):
    """Where an event goes in the log, and under whose name and content's digest.

    The event names its posting party and its digest, so that the register of used keys can
    be rebuilt from the log alone.
    """

    tenant: str
    position: int
    version: int
    recorded_at: str
    by: str | None
    digest: str


def prepare(
    posting: Posting, decision: Decision, place: Place, commitments: Mapping[str, str]
) -> Prepared:
    """Make the event of a decided posting: its body, its lines and their roots."""
    position, recorded_at = place.position, place.recorded_at
    kind = type(posting).__name__
    fields = own_fields(posting, commitments)
    if kind == "ProjectRegistered":
        fields.setdefault("contract_on", fields["starts_on"])
    outcome = dict(decision.outcome)
    if kind == "PayrollSubmitted":
        outcome["count"] = len(decision.lines)
    recorded = Recorded(
        position, kind, posting.on, fields, decision.journal, decision.lines, outcome,
        decision.policies, place.by or "",
    )  # fmt: skip
    body: dict[str, Any] = {
        "tenant": place.tenant, "position": position, "recorded_at": recorded_at, "kind": kind,
        "on": posting.on, "key": posting.key, "digest": place.digest, "fields": fields,
        "journal": [list(line) for line in decision.journal],
    }  # fmt: skip
    optional = {
        "by": place.by, "document": posting.document, "note": posting.note,
        "outcome": outcome, "policies": decision.policies, "warnings": decision.warnings,
    }  # fmt: skip
    body.update({name: value for name, value in optional.items() if value})
    blocks = []
    if decision.lines:
        block, block_root = line_block(position, decision.lines, str(fields.get("sheet", "")))
        body["lines"] = {"alg": ALGORITHM, "count": len(decision.lines), "root": block_root}
        blocks.append(block)
    encoded = canonical_bytes(body)
    if len(encoded) >= MAX_EVENT_BYTES:
        block, block_root = journal_block(position, decision.journal)
        del body["journal"]
        body["journal_lines"] = {
            "alg": ALGORITHM, "count": len(decision.journal), "root": block_root,
        }  # fmt: skip
        blocks.append(block)
        encoded = canonical_bytes(body)
    row = EventRow(
        position, decision.stream, place.version, TOPICS.topic_of(kind), kind, posting.on,
        recorded_at, encoded, leaf_hash(encoded),
    )  # fmt: skip
    return Prepared(recorded, row, blocks, body)


def line_block(position: int, lines: Sequence[DocumentLine], sheet: str) -> tuple[LineBlock, str]:
    """Document lines as they are stored, and the root of their tree in hex."""
    salts = fresh_salts(len(lines))
    bodies = accrued_bodies(lines, salts, sheet) or [
        document_line_body(number, line, salt, sheet)
        for number, (line, salt) in enumerate(zip(lines, salts, strict=True), 1)
    ]
    own = lines[0].effect in _NAMED_CLAIMS
    keys = [line.claim for line in lines]
    block = LineBlock(
        position, 0, bodies,
        effect=Same(lines[0].effect) if own else [line.effect for line in lines],
        claim_position=Same(position) if own else [key and key[0] for key in keys],
        claim_line=range(1, len(lines) + 1) if own else [key and key[1] for key in keys],
        amount_fen=[line.amount_fen for line in lines],
        worker=[line.worker for line in lines],
    )  # fmt: skip
    return block, root(list(map(leaf_hash, bodies))).hex()


def fresh_salts(count: int) -> list[str]:
    """As many random salts in hex; they keep neighbours from guessing a line."""
    digits, width = secrets.token_hex(SALT_BYTES * count), 2 * SALT_BYTES
    return [digits[at : at + width] for at in range(0, count * width, width)]


def accrued_bodies(
    lines: Sequence[DocumentLine], salts: Sequence[str], sheet: str
) -> list[bytes] | None:
    """Canonical bytes of the lines of a wage sheet, column by column; None where they differ.

    They are those of ``document_line_body``, which takes the lines of any document.
    """
    if {line.effect for line in lines} != {effects.ACCRUE}:
        return None
    given = [line.body for line in lines]
    names = tuple(given[0])
    if set(map(tuple, given)) != {names}:
        return None
    columns: dict[str, Iterable[Any]] = {name: [body[name] for body in given] for name in names}
    columns["amount_fen"] = [line.amount_fen for line in lines]
    if any(set(map(type, column)) != {int} for column in columns.values()):
        return None
    workers = [line.worker for line in lines]
    if None in workers:
        return None
    numbers = range(1, len(lines) + 1)
    columns |= {"claim": numbers, "line": numbers, "salt": salts, "worker": workers}
    forms = dict.fromkeys(columns, "%d") | {"salt": '"%s"', "worker": '"%s"'}
    forms["claim"] = f'"{sheet}/%d"'
    forms["effect"] = f'"{effects.EFFECTS[effects.ACCRUE].name}"'
    form = "{" + ",".join(f'"{name}":{forms[name]}' for name in sorted(forms)) + "}"
    values = zip(*(columns[name] for name in sorted(columns)), strict=True)
    return [(form % each).encode() for each in values]


def document_line_body(number: int, line: DocumentLine, salt: str, sheet: str) -> bytes:
    """Canonical bytes of one document line.

    Lines of a claim, a worker and an amount, perhaps with whole numbers beside, are nearly
    all there are: theirs are spelled directly. Ids hold no character that JSON escapes.
    """
    effect, amount, worker = effects.EFFECTS[line.effect].name, line.amount_fen, line.worker
    others = line.body
    claim = f"{sheet}/{number}" if line.effect == effects.ACCRUE else others.get("claim")
    if claim is not None and amount is not None and worker is not None:
        if len(others) == ("claim" in others):
            return (
                f'{{"amount_fen":{amount},"claim":"{claim}","effect":"{effect}",'
                f'"line":{number},"salt":"{salt}","worker":"{worker}"}}'
            ).encode()
        if all(type(value) is int for value in others.values()):
            said = {**others, "amount_fen": amount, "claim": claim, "line": number, "salt": salt,
                    "worker": worker}  # fmt: skip
            return (spelling(effect, tuple(others)) % said).encode()
    given = (amount is not None, claim is not None, worker is not None)
    form = plain_form(tuple(others), given)
    values = (amount, claim, number, salt, worker, effect, *form.of(others))
    if _PLAIN.issuperset(map(type, values)):
        spelled = [_text(value) if type(value) is str else value for value in values]
        return (form.format % form.ordered(spelled)).encode()
    return canonical_bytes({name: values[at] for name, at in form.places})


_text: Final = json.encoder.encode_basestring
_PLAIN: Final = frozenset({str, int, NoneType})
_ALWAYS: Final = ("amount_fen", "claim", "line", "salt", "worker", "effect")


class PlainForm(NamedTuple):
    """How lines of one kind are spelled: text and whole numbers under the same names.

    Attributes:
        of: Gives a line's own values out of its body.
        places: Every name with the place of its value, in canonical order.
        ordered: Puts spelled values into canonical order.
        format: Takes them.
    """

    of: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    places: tuple[tuple[str, int], ...]
    ordered: Callable[[Sequence[Any]], tuple[Any, ...]]
    format: str


@lru_cache(maxsize=256)
def plain_form(own: tuple[str, ...], given: tuple[bool, bool, bool]) -> PlainForm:
    """The form of lines with these names in their bodies, and amount, claim, worker or not."""
    own = tuple(name for name in own if name not in _ALWAYS)
    absent = {name for name, there in zip(("amount_fen", "claim", "worker"), given, strict=True)
              if not there}  # fmt: skip
    names = {name: at for at, name in enumerate((*_ALWAYS, *own)) if name not in absent}
    places = tuple(sorted(names.items()))
    of = itemgetter(*own) if len(own) > 1 else lambda body: tuple(body[name] for name in own)
    spelled = ",".join(f'"{name}":%s' for name, _ in places)
    return PlainForm(of, places, itemgetter(*(at for _, at in places)), f"{{{spelled}}}")


@lru_cache(maxsize=64)
def spelling(effect: str, numbers: tuple[str, ...]) -> str:
    """Canonical bytes of a line of a claim, worker and amount with these numbers, as a format."""
    forms = {name: f"%({name})d" for name in ("amount_fen", "line", *numbers)}
    forms |= {name: f'"%({name})s"' for name in ("claim", "salt", "worker")}
    forms["effect"] = f'"{effect}"'
    return "{" + ",".join(f'"{name}":{forms[name]}' for name in sorted(forms)) + "}"


def journal_block(position: int, journal: Sequence[Line]) -> tuple[LineBlock, str]:
    """Journal lines beside the event, when they would make it too large for a log leaf."""
    salts = fresh_salts(len(journal))
    bodies = [canonical_bytes([*line, salt]) for line, salt in zip(journal, salts, strict=True)]
    block = LineBlock(position, 1, bodies, amount_fen=[line.amount_fen for line in journal])
    return block, root(list(map(leaf_hash, bodies))).hex()
