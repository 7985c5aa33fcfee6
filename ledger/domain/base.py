"""What all postings share: the base class, the register of kinds, the decision.

A posting is one fact that a party reports (``postings.md``). Each kind is a frozen
dataclass whose annotations carry the *shape* of every field, so that the form check,
the command line and the documentation are generated from one place.

Dates are ISO text (``2026-03-31``) everywhere in the domain: ISO dates order as
text, and they are stored and hashed as they were written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

Step = Literal[  # the forms that ``ledger.domain.values`` checks
    "ref", "claim", "party", "region", "region_or_cn", "date", "period", "amount", "amount0",
    "signed", "signed0", "text", "name", "flag", "choice", "count", "position", "id_number", "card",
    "phone", "bank_ref", "booking",
    "digits4", "year", "days", "score", "account", "lines", "claims",
    "claims_or_all", "names", "value", "code",
]  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """How a field is written and what it refers to.

    Attributes:
        step: The form that the value must have; each has one refusal code.
        refers: The register in which the value must already stand (``project``,
            ``party``, ...), or None for an identifier that the posting introduces.
        choices: The values of a choice.
        line: The shape of the elements of ``lines``.
        vault: Identity: goes to the vault, the event holds a commitment.
        may_be_empty: A list without elements is well formed.
    """

    step: Step
    refers: str | None = None
    choices: tuple[str, ...] = ()
    line: type[Any] | None = None
    vault: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One fact that a party reports.

    Attributes:
        on: Business date (valid time, Asia/Shanghai).
        key: The poster's idempotency key.
        by: Credit code of the posting party, where the posting names it.
        document: ``{"type"?, "number"?, "sha256"?}`` of the paper behind the posting.
        note: Free text without any identity.
    """

    on: str
    key: str
    by: str | None = None
    document: Mapping[str, str] | None = None
    note: str | None = None


@dataclass(frozen=True)
class FieldForm:
    """One field of a kind: its name, shape and whether it may be left out.

    Attributes:
        name: As in the posting's JSON.
        attribute: As in the class; it differs where the name is a word of Python (``from_``).
    """

    name: str
    attribute: str
    shape: Shape
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Kind:
    """One kind of posting.

    Attributes:
        name: As in postings.md, for example ``PayrollApproved``.
        posting: The dataclass.
        posters: Letters of the roles that may post it (D G S B I F T O).
        area: First part of the event's topic.
        fields: Forms of the kind's own fields, in the contract's order.
    """

    name: str
    posting: type[Posting]
    posters: str
    area: str
    fields: tuple[FieldForm, ...]


PostingT = TypeVar("PostingT", bound=Posting)

KINDS: Final[dict[str, Kind]] = {}
COMMON_FIELDS: Final = ("kind", "on", "key", "by", "document", "note")


def field_forms(cls: type[Any]) -> tuple[FieldForm, ...]:
    """Forms of the fields that a dataclass or a line declares itself."""
    hints = get_type_hints(cls, include_extras=True)
    if hasattr(cls, "_fields"):  # a NamedTuple: the element of ``lines``
        defaults = cls._field_defaults
        names = [(name, name not in defaults, defaults.get(name)) for name in cls._fields]
    else:
        common = {f.name for f in fields(Posting)}
        names = [
            (f.name, f.default is MISSING, None if f.default is MISSING else f.default)
            for f in fields(cls)
            if f.name not in common
        ]
    forms = []
    for name, required, default in names:
        hint = hints[name]
        if get_origin(hint) is not Annotated:  # Optional[Annotated[...]]
            hint = next(arg for arg in get_args(hint) if get_origin(arg) is Annotated)
        shape = next(arg for arg in get_args(hint)[1:] if isinstance(arg, Shape))
        forms.append(FieldForm(name.rstrip("_"), name, shape, required, default))
    return tuple(forms)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def kind(posters: str, area: str) -> Callable[[type[PostingT]], type[PostingT]]:
    """Register a dataclass as a kind of posting."""

    def register(cls: type[PostingT]) -> type[PostingT]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        KINDS[cls.__name__] = Kind(cls.__name__, made, posters, area, field_forms(made))
        return made

    return register


class Line(NamedTuple):
    """One journal line: debit positive, credit negative, in fen."""

    book: str
    account: str
    project: str
    counterparty: str
    due_on: str
    amount_fen: int


class DocumentLine(NamedTuple):
    """One line of a sheet, batch, return, notice or advance, as it enters the log.

    Attributes:
        effect: What the line does to its claim (``ledger.domain.effects``).
        claim: Key of the claim: position and line of its origin; None on a sheet's own
            lines, whose key is the new event's position and their own number.
        worker: Reference of the worker, where the line names one.
        amount_fen: Amount moved, where the line names one.
        body: The line's other fields, as they are hashed.
    """

    effect: int
    claim: tuple[int, int] | None
    worker: str | None
    amount_fen: int | None
    body: Mapping[str, Any]


@dataclass(slots=True)
class Decision:
    """What a posting does, decided once (``postings.md``, As of)."""

    stream: str
    journal: list[Line] = field(default_factory=list)
    lines: Sequence[DocumentLine] = ()
    outcome: dict[str, Any] = field(default_factory=dict)
    policies: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Recorded:
    """A decided posting with its place in the log: what ``evolve`` folds.

    Attributes:
        position: Place in the tenant's log.
        fields: The posting's own fields as stored: defaults filled in, identity
            replaced by commitments, without lines.
        by: Credit code of the posting party, empty for the owner of an embedded ledger.
    """

    position: int
    kind: str
    on: str
    fields: Mapping[str, Any]
    journal: Sequence[Line]
    lines: Sequence[DocumentLine]
    outcome: Mapping[str, Any]
    policies: Sequence[Mapping[str, Any]] = ()
    by: str = ""
