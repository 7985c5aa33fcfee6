"""Topics: the stable names under which events are stored, and how their bodies are read back.

A topic is ``<area>.<event>.v<version>`` and stands in the table below or is refused: nothing is
ever imported by a name that comes out of a database. Once released, a topic keeps its meaning for
ever. A changed body is a new version, with a pure function that lifts a body of the version before
it; what is stored stays as it was, and is hashed as it was.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn

from ledger.eventlog.failures import DamagedLogError
from ledger.kernel.codes.definition import N_
from ledger.kernel.dates import parse_date, parse_instant
from ledger.kernel.errors import LedgerError

Body = dict[str, Any]
Upcast = Callable[[Body], Body]
"""Lifts a decoded body by one version; gives a new one and leaves the old as it is."""

AREAS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "register": (
            "PartyRegistered", "PartyRenamed", "ProjectRegistered", "ContractPriceChanged",
            "SubcontractRegistered", "WorkerRegistered", "WorkerUpdated", "CardBound",
            "WorkerAssigned", "WorkerExited", "AttendancePosted", "NoWorkReported",
            "ProjectCompleted",
        ),
        "deposit": (
            "DepositAssessed", "DepositLodged", "DepositInterestCredited",
            "DepositInterestWithdrawn", "GuaranteeAccepted", "GuaranteeExtended",
            "GuaranteeReleased", "PaymentNoticeIssued", "NoticeWithdrawn", "DepositPaidOut",
            "GuaranteeCalled", "DepositReleaseConfirmed", "DepositReleased",
        ),
        "funds": (
            "ProgressCertified", "LabourCostTransferred", "DeveloperAdvancePaid",
            "WageAccountToppedUp", "WageAccountInterestCredited", "MisdirectedCredited",
            "MisdirectedReturned", "ProjectFundsPaid", "SubcontractorPaid", "WageAccountOpened",
            "WageAccountClosed",
        ),
        "payroll": (
            "PayrollSubmitted", "PayrollApproved", "PayrollReturned", "ObjectionRaised",
            "ClaimReduced",
        ),
        "payout": (
            "PayoutInstructed", "PayoutSettled", "PayoutReturned", "TransferReturned",
            "PaidOutsideAccount",
        ),
        "arrears": (
            "CaseOpened", "CaseReopened", "CaseClaimsLinked", "ClaimAsserted",
            "CorrectionOrdered", "DecisionIssued", "AdvanceClearingPaid", "RecourseRepaid",
            "RecourseSetOff", "LiabilityAttributed", "ExtraCompensationOrdered",
            "ExtraCompensationPaid", "PoliceTransferred", "DishonestListed", "DishonestRemoved",
            "MajorViolationPublished", "CreditGradeSet", "CaseClosed",
        ),
        "fund": (
            "FundEstablished", "FundFloorSet", "FundAppropriated", "DonationReceived",
            "InterestCredited", "AdvanceRequested", "AdvanceApproved", "AdvanceRejected",
            "AdvancePaid", "AdvanceReturned", "AdvanceRecovered", "AdvanceRefunded",
            "AdvanceSetOff", "AdvanceWrittenOff", "FundSurrendered",
        ),
        "correction": ("Reversed",),
        "policy": ("PolicyPublished",),
        "statement": (
            "StatementImported", "StatementLineMatched", "StatementLineUnmatched",
            "BreakResolved", "StatementReconciled",
        ),
        "identity": (
            "IdentityRevealed", "PersonErased", "LegalHoldSet", "LegalHoldLifted", "KeyRotated",
        ),
    }
)  # fmt: skip
"""Every kind of event, by the area that begins its topic."""

OWN_KINDS: Final = frozenset(AREAS["identity"])
"""Events of the ledger itself: nobody can post them, and they have no idempotency key."""

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


class UnknownTopicError(LedgerError):
    """The log names a topic that this program does not know; nothing was run for it."""

    def __init__(self, topic: str) -> None:
        """Take the topic as it was found."""
        super().__init__("unknown_topic", topic=topic)


class Topic(NamedTuple):
    """What a topic says."""

    kind: str
    version: int


@dataclass(frozen=True)
class Topics:
    """An allow-list of topics, and how older versions are lifted to the newest.

    Attributes:
        areas: Kinds of event by area.
        upcasts: For a kind, the functions from version 1 to 2, 2 to 3, ...; none means that
            version 1 is the newest.
    """

    areas: Mapping[str, tuple[str, ...]]
    upcasts: Mapping[str, tuple[Upcast, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Spell every topic of every version once."""
        known: dict[str, Topic] = {}
        newest: dict[str, str] = {}
        for area, kinds in self.areas.items():
            for kind in kinds:
                name = f"{area}.{_WORD.sub('_', kind).lower()}"
                for version in range(1, len(self.upcasts.get(kind, ())) + 2):
                    newest[kind] = f"{name}.v{version}"
                    known[newest[kind]] = Topic(kind, version)
        object.__setattr__(self, "known", MappingProxyType(known))
        object.__setattr__(self, "_newest", newest)

    known: Mapping[str, Topic] = field(init=False, repr=False, compare=False)
    """Every topic that was ever released."""
    _newest: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def topic_of(self, kind: str) -> str:
        """Return the topic under which a kind is recorded today.

        Raises:
            KeyError: There is no such kind.
        """
        return self._newest[kind]

    def read(self, topic: str) -> Topic:
        """Return kind and version of a stored topic.

        Raises:
            UnknownTopicError: It is not in the table.
        """
        found = self.known.get(topic)
        if found is None:
            raise UnknownTopicError(topic)
        return found

    def decode(self, topic: str, body: bytes) -> Body:
        """Read a stored body as one of the newest version, and check what was read.

        Raises:
            UnknownTopicError: The topic is not in the table.
            DamagedLogError: The bytes are no event of that topic.
        """
        self.read(topic)
        return self.lift(topic, parse_body(body))

    def lift(self, topic: str, decoded: Body) -> Body:
        """Lift a parsed body to the newest version, and check it; raises as ``decode`` does."""
        kind, version = self.read(topic)
        if decoded.get("kind") != kind:
            _damaged(N_("kind and topic disagree"))
        for upcast in self.upcasts.get(kind, ())[version - 1 :]:
            decoded = upcast(decoded)
        check_body(decoded)
        return decoded


TOPICS: Final = Topics(AREAS)
"""The topics of this version of the program."""

decode: Final = TOPICS.decode
topic_of: Final = TOPICS.topic_of


# -- what a body is -----------------------------------------------------------


def parse_body(body: bytes) -> Body:
    """Parse the JSON object of an event or a line; floats and NaN are refused.

    Raises:
        DamagedLogError: It is not one.
    """
    try:
        decoded = _DECODER.decode(str(body, "utf-8"))
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        _damaged(N_("the body is no JSON object"))
    return decoded


def check_body(body: Body) -> None:
    """Check the shape of a body that was read back.

    Raises:
        DamagedLogError: A key is missing, unknown or of another type.
    """
    missing = _REQUIRED.keys() - body.keys()
    if missing or body.keys() - _KEYS.keys():
        _damaged(N_("keys are missing or unknown"))
    if "key" not in body and body["kind"] not in OWN_KINDS:
        _damaged(N_("the idempotency key is missing"))
    for name, value in body.items():
        if not _KEYS[name](value):
            _damaged(N_("a value has the wrong type"), field=name)


def _damaged(problem: str, **facts: object) -> NoReturn:
    raise DamagedLogError(problem, **facts)


def _refuse_number(spelled: str) -> NoReturn:
    raise ValueError(spelled)


_DECODER: Final = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_position(value: object) -> bool:
    return type(value) is int and value > 0


def _is_instant(value: object) -> bool:
    return type(value) is str and parse_instant(value) is not None


def _is_date(value: object) -> bool:
    return type(value) is str and parse_date(value) is not None


def _is_object(value: object) -> bool:
    return type(value) is dict


def _is_texts(value: object) -> bool:
    return type(value) is list and all(type(one) is str for one in value)


def _is_objects(value: object) -> bool:
    return type(value) is list and all(type(one) is dict for one in value)


def _is_journal(value: object) -> bool:
    return type(value) is list and all(is_journal_line(line) for line in value)


def _is_tree(value: object) -> bool:
    return (
        type(value) is dict
        and value.keys() == {"alg", "count", "root"}
        and value["alg"] == LINES_ALGORITHM
        and type(value["count"]) is int
        and value["count"] >= 0
        and type(value["root"]) is str
        and _ROOT.fullmatch(value["root"]) is not None
    )


def is_journal_line(value: object) -> bool:
    """Tell whether a value is book, account, project, counterparty, due date, amount in fen."""
    return type(value) is list and list(map(type, value)) == _JOURNAL_TYPES


_JOURNAL_TYPES: Final = [str, str, str, str, str, int]
_ROOT: Final = re.compile(r"[0-9a-f]{64}")

LINES_ALGORITHM: Final = "rfc6962-sha256"
"""How a document's lines are bound to its event: the only way so far."""

_REQUIRED: Final[Mapping[str, Callable[[object], bool]]] = {
    "tenant": _is_text,
    "position": _is_position,
    "recorded_at": _is_instant,
    "kind": _is_text,
    "on": _is_date,
    "fields": _is_object,
}
_KEYS: Final[Mapping[str, Callable[[object], bool]]] = {
    **_REQUIRED,
    "key": _is_text,
    "digest": _is_text,
    "by": _is_text,
    "document": _is_object,
    "note": _is_text,
    "journal": _is_journal,
    "lines": _is_tree,
    "journal_lines": _is_tree,
    "outcome": _is_object,
    "policies": _is_objects,
    "warnings": _is_texts,
}
