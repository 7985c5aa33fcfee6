"""What a decision has at hand: the posting, the records it names, the rules in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.domain.base import Posting
from ledger.domain.facts import Facts, Key
from ledger.domain.policy import PolicyBook, PolicyRecord, remarks
from ledger.domain.state import (
    Advance,
    Batch,
    CaseFile,
    Claim,
    Guarantee,
    Notice,
    Parameters,
    Project,
    Sheet,
)


@dataclass(slots=True)
class Context:
    """A posting on its way through judgement, with the records that it names.

    Attributes:
        role: Letter of the poster's role where the ledger knows who posts, else "".
        project_id: The posting's project, or the one that its case or guarantee implies.
        claims: The claims that it names, by name, in the order of naming.
        claim_keys: Keys of the claims that it names only as a part of another posting.
        policies: Policy records used so far; the event will name them.
        warnings: Codes of warnings so far.
    """

    posting: Posting
    facts: Facts
    role: str = ""
    project_id: str = ""
    project: Project | None = None
    case: CaseFile | None = None
    sheet: Sheet | None = None
    batch: Batch | None = None
    notice: Notice | None = None
    guarantee: Guarantee | None = None
    advance: Advance | None = None
    claims: dict[str, Claim] = field(default_factory=dict)
    claim_keys: Mapping[str, Key] = field(default_factory=dict)
    policies: list[PolicyRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def the_project(self) -> Project:
        """The project; judgement has made sure that there is one."""
        assert self.project is not None
        return self.project

    def the_case(self) -> CaseFile:
        """The case; judgement has made sure that there is one."""
        assert self.case is not None
        return self.case

    def policy(self, parameter: str, region: str, on: str) -> PolicyRecord | None:
        """The record in force; it is noted so that the event can name it."""
        record = self.book((parameter,)).value(parameter, region, on)
        if record is not None:
            self.use([record], region, on)
        return record

    def use(self, records: Sequence[PolicyRecord], region: str, on: str) -> None:
        """Note policy records that the decision rests on, each once, and what they deserve."""
        self.policies.extend(record for record in records if record not in self.policies)
        for code in remarks(records, region, on):
            self.warn(code)

    def number(self, parameter: str, region: str, on: str) -> int:
        """Whole-number value in force of a parameter that has a national default."""
        record = self.policy(parameter, region, on)
        assert record is not None
        return int(record.value)

    def book(self, parameters: Sequence[str]) -> PolicyBook:
        """The policy book as far as some parameters go."""
        published: list[PolicyRecord] = []
        for name in parameters:
            kept = self.facts.get(Parameters, name)
            if kept is not None:
                published.extend(published_records(name, kept))
        return PolicyBook(published)

    def warn(self, code: str) -> None:
        """Note a warning once."""
        if code not in self.warnings:
            self.warnings.append(code)


def published_records(name: str, kept: Parameters) -> list[PolicyRecord]:
    """What was published of a parameter, as the policy book takes it."""
    return [
        PolicyRecord(
            region=str(region),
            parameter=name,
            value=value if value is not None else 0,
            valid_from=str(valid_from),
            valid_to=None if valid_to is None else str(valid_to),
            source=str(source),
            position=int(position or 0),
        )
        for region, value, valid_from, valid_to, source, position in kept.records
    ]
