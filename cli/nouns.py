"""The commands that clerks use daily, as one table: a noun, a verb, the posting it makes.

Each is a shorter way to say `wageledger record KIND`: some fields are plain words in a fixed
order, the others options. Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cli.messages import N_


@dataclass(frozen=True)
class Verb:
    """A verb that posts.

    Attributes:
        noun: The noun it stands under, with blanks between several.
        verb: The verb.
        kind: Kind of the posting.
        words: Fields that are given as words, in order.
        instead: Another kind that the same verb posts when a field is given that only it has:
            name of the field, then the kind.
        asks: Ask before recording where a person sits at the terminal.
        sheets: Takes ``--sheet``: the lines are what is free on the claims of that sheet.
        people: Its lines come from a file of people (``cli.people_posting``).
    """

    noun: str
    verb: str
    kind: str
    words: tuple[str, ...]
    instead: tuple[str, str] | None = None
    asks: bool = False
    sheets: bool = False
    people: bool = False


VERBS: Final[tuple[Verb, ...]] = (
    Verb("party", "add", "PartyRegistered", ("party", "name")),
    Verb("party", "rename", "PartyRenamed", ("party", "name")),
    Verb("project", "open", "ProjectRegistered", ("project", "name")),
    Verb("project", "complete", "ProjectCompleted", ("project",)),
    Verb("subcontract", "add", "SubcontractRegistered", ("project", "subcontractor")),
    Verb("worker", "add", "WorkerRegistered", ("worker",)),
    Verb("worker", "assign", "WorkerAssigned", ("project", "employer", "worker")),
    Verb("worker", "exit", "WorkerExited", ("project", "employer", "worker")),
    Verb("card", "bind", "CardBound", ("worker",)),
    Verb("attendance", "import", "AttendancePosted", ("lines",), people=True),
    Verb("deposit", "assess", "DepositAssessed", ("project",)),
    Verb("deposit", "lodge", "DepositLodged", ("project",)),
    Verb("deposit", "notice", "PaymentNoticeIssued", ("project", "notice")),
    Verb(
        "deposit", "pay", "DepositPaidOut", ("project", "notice"),
        instead=("guarantee", "GuaranteeCalled"),
    ),
    Verb(
        "deposit", "release", "DepositReleased", ("project",),
        instead=("notice_posted_on", "DepositReleaseConfirmed"), asks=True,
    ),
    Verb("progress", "certify", "ProgressCertified", ("project",)),
    Verb("labour-cost", "transfer", "LabourCostTransferred", ("project",)),
    Verb("payroll", "submit", "PayrollSubmitted", ("lines",), people=True),
    Verb("payroll", "approve", "PayrollApproved", ("project", "sheet")),
    Verb("payroll", "return", "PayrollReturned", ("project", "sheet")),
    Verb("payout", "instruct", "PayoutInstructed", ("project", "batch"), sheets=True),
    Verb("payout", "settle", "PayoutSettled", ("project", "batch")),
    Verb("payout", "return", "PayoutReturned", ("project", "batch")),
    Verb("bank", "resolve", "BreakResolved", ()),
    Verb("claim", "assert", "ClaimAsserted", ("claim",)),
    Verb("claim", "reduce", "ClaimReduced", ("claim",)),
    Verb("claim", "attribute", "LiabilityAttributed", ("claims",), asks=True),
    Verb("case", "open", "CaseOpened", ("case",)),
    Verb("case", "order", "CorrectionOrdered", ("case",)),
    Verb("case", "decide", "DecisionIssued", ("case",)),
    Verb("case", "close", "CaseClosed", ("case",)),
    Verb("clearing", "pay", "AdvanceClearingPaid", ("project",)),
    Verb("transfer", "return", "TransferReturned", ("project", "position")),
    Verb("recourse", "repay", "RecourseRepaid", ("project", "subcontractor")),
    Verb("recourse", "set-off", "RecourseSetOff", ("project", "subcontractor")),
    Verb("fund", "establish", "FundEstablished", ("region",)),
    Verb("fund", "appropriate", "FundAppropriated", ("region",)),
    Verb("fund", "recover", "AdvanceRecovered", ("region", "debtor")),
    Verb("fund advance", "request", "AdvanceRequested", ("region", "advance")),
    Verb("fund advance", "approve", "AdvanceApproved", ("region", "advance")),
    Verb("fund advance", "pay", "AdvancePaid", ("region", "advance")),
    Verb("", "reverse", "Reversed", ("reverses",), asks=True),
    Verb("policy", "set", "PolicyPublished", ("region", "parameter", "value"), asks=True),
)  # fmt: skip
"""Every verb that posts, in the order in which help shows it."""

NOUNS: Final[Mapping[str, str]] = {
    "fund advance": N_("Advances of the fund to workers"),
}
"""Summaries of nouns under nouns; the others are in ``cli.overview``."""


def with_control_totals(posting: dict[str, Any]) -> None:
    """Fill in count and sum of a batch where the clerk gave none."""
    lines = posting.get("lines")
    if not isinstance(lines, list):
        return
    amounts: list[int] = [
        line["amount_fen"]
        for line in lines
        if isinstance(line, dict) and type(line.get("amount_fen")) is int
    ]
    if len(amounts) == len(lines):
        posting.setdefault("total_fen", sum(amounts))
        posting.setdefault("count", len(lines))


def settling_all(posting: dict[str, Any]) -> None:
    """Settle all that is pending where no claims are named."""
    posting.setdefault("claims", "all")


COMPLETIONS: Final = {"PayoutInstructed": with_control_totals, "PayoutSettled": settling_all}
"""Fields that follow from the others, by kind; `record` asks for them."""

FOLLOWING: Final[Mapping[str, tuple[str, ...]]] = {
    "PayoutInstructed": ("total_fen", "count"),
    "PayoutSettled": ("claims",),
}
"""What these fill in, so that help does not ask for it."""
