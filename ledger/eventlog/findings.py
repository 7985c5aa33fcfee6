"""What verification can find, and the report of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ledger.kernel.codes.definition import N_

MAX_FINDINGS: Final = 1_000
"""How many findings a report keeps; beyond that they are only counted."""

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contiguity": N_("positions count 1, 2, 3 ... without a gap"),
        "recorded_at": N_("recorded time strictly grows"),
        "leaf_hash": N_("the leaf hash is SHA-256 of a zero byte and the body"),
        "topic": N_("the topic is known and fits the kind"),
        "canonical": N_("the body is canonical JSON and not too large"),
        "body": N_("the body has the keys and types of an event"),
        "columns": N_("tenant, position, kind, dates in the body and in the columns agree"),
        "stream": N_("versions of a stream count 1, 2, 3 ... in the order of positions"),
        "balance": N_("journal lines sum to zero in each book"),
        "lines": N_("a document's lines are all there, and no others"),
        "root": N_("the lines give the root that their event states"),
        "line": N_("a line is canonical JSON and its columns agree with it"),
        "head": N_("the head is the last event, and nothing that was signed is missing"),
        "tree": N_("the hashes that are kept of runs of events are those of the events"),
        "checkpoint": N_("the log is what was signed: every signed root is its own"),
        "signature": N_("checkpoints are signed by the log's keys"),
    }
)
"""Every rule that ``verify`` checks, with its meaning."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the log is not as it was written.

    Attributes:
        position: Where, in the tenant's log.
        rule: Name of the rule, a key of ``RULES``.
        detail: What is wrong, a msgid without placeholders.
        line: The line of the document, where it is about one.
    """

    position: int
    rule: str
    detail: str
    line: int | None = None


@dataclass(slots=True)
class Report:
    """What was verified, and what was found.

    Attributes:
        tenant: Whose log.
        from_position: Where verification began.
        last_position: Where it ended.
        events: How many events were read.
        lines: How many lines were read.
        findings: In the order of the log, at most ``MAX_FINDINGS``.
        found: How many there were in all.
        checkpoints: How many signed roots were compared.
        proved_to: The last position that a signed root binds; what comes after it somebody with
            all rights on the database could still change unseen.
        witnesses: How many witnesses signed that root.
        complete: Nothing is missing at the end of what was signed.
    """

    tenant: str
    from_position: int
    last_position: int = 0
    events: int = 0
    lines: int = 0
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    checkpoints: int = 0
    proved_to: int = 0
    witnesses: int = 0
    complete: bool = True

    @property
    def intact(self) -> bool:
        """Whether everything that is there is as it was written."""
        missing = 0 if self.complete else 1
        return self.found == missing

    @property
    def clean(self) -> bool:
        """Whether everything is as it was written."""
        return self.found == 0

    def add(self, position: int, rule: str, detail: str, line: int | None = None) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(position, rule, detail, line))
