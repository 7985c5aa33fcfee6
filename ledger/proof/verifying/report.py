"""What a verification found: two verdicts, every finding with its place, and what is not proven."""

from dataclasses import dataclass, field
from typing import Any, Final

MOST_FINDINGS: Final = 1_000
"""So many findings are kept; the others are only counted."""

INTEGRITY: Final = "integrity"
"""What is here is as it was recorded."""
COMPLETENESS: Final = "completeness"
"""What is said to be here is here, and nothing that it needs is missing."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        verdict: ``integrity`` or ``completeness``.
        problem: What is wrong, a text of ``ledger.proof.verifying.words``.
        file: In which file.
        position: At which position of the log.
        line: In which line of the document there.
        found: What was found, where it is short.
    """

    verdict: str
    problem: str
    file: str | None = None
    position: int | None = None
    line: int | None = None
    found: str | None = None


@dataclass
class Report:
    """The outcome of a verification.

    Attributes:
        kind: ``bundle`` or ``receipt``.
        facts: What was verified: origin, size, figures.
        notes: What a reader must know beside: where the key is from, what is not proven.
        findings: In the order of discovery, at most ``MOST_FINDINGS``.
        count: How many there were.
    """

    kind: str
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        problem: str,
        *,
        verdict: str = INTEGRITY,
        file: str | None = None,
        position: int | None = None,
        line: int | None = None,
        found: object = None,
    ) -> None:
        """Note a finding."""
        self.count += 1
        if len(self.findings) < MOST_FINDINGS:
            said = None if found is None else str(found)[:200]
            self.findings.append(Finding(verdict, problem, file, position, line, said))

    def holds(self, verdict: str) -> bool:
        """Whether nothing was found against a verdict."""
        kept = any(finding.verdict == verdict for finding in self.findings)
        return not kept and self.count <= MOST_FINDINGS
