"""Steps 3 to 6 of judgement: dates, references, standing, then the kind's own rules.

The order is the contract's (postings.md, The order of judgement): the first check that
fails is the answer. Form and key come before and are judged by ``ledger.domain.form`` and
the service, authority by ``ledger.domain.authority``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import ledger.domain.kinds  # noqa: F401 - fills the registers
from ledger.domain.bank_state import BankAccount
from ledger.domain.base import KINDS, Decision, FieldForm, Posting, Recorded
from ledger.domain.context import Context
from ledger.domain.facts import Facts
from ledger.domain.journal import require_room
from ledger.domain.kinds.emergency_fund import writeoff_id
from ledger.domain.kinds.statements import POTS, StatementReconciled
from ledger.domain.registry import DECIDERS
from ledger.domain.state import (
    Advance,
    Batch,
    CaseFile,
    Fund,
    Guarantee,
    LatestOn,
    Notice,
    Party,
    Project,
    Worker,
)
from ledger.kernel.errors import Refusal

REFERENCES: Final = (
    "project", "region", "advance", "notice", "guarantee", "case", "sheet", "batch",
    "subcontractor", "claim", "employer", "worker", "party", "developer", "general_contractor",
    "debtor", "position", "reverses", "account", "lines", "claims", "matched",
)  # fmt: skip
"""Fields in the order in which what they refer to is looked up."""

NEEDS_OPEN_ACCOUNT: Final = frozenset(
    {"LabourCostTransferred", "DeveloperAdvancePaid", "WageAccountToppedUp",
     "WageAccountInterestCredited", "MisdirectedCredited", "MisdirectedReturned",
     "PayoutInstructed", "WageAccountClosed"}
)  # fmt: skip

CASE_EMPLOYER_KINDS: Final = frozenset({"PaymentNoticeIssued", "AdvanceRequested"})

ACCOUNTS_MOVED: Final[dict[str, str]] = {
    **dict.fromkeys(NEEDS_OPEN_ACCOUNT, "wage"),
    **dict.fromkeys(("PayoutSettled", "PayoutReturned"), "wage"),
    **dict.fromkeys(
        ("DepositLodged", "DepositInterestCredited", "DepositInterestWithdrawn",
         "DepositPaidOut", "DepositReleased"),
        "deposit",
    ),
    **dict.fromkeys(
        ("FundAppropriated", "DonationReceived", "InterestCredited", "AdvancePaid",
         "AdvanceReturned", "AdvanceRecovered", "AdvanceRefunded", "FundSurrendered"),
        "fund",
    ),
}  # fmt: skip
"""Kinds that move money on an account whose statements are signed off."""


def decide(posting: Posting, facts: Facts, *, role: str = "") -> tuple[Decision, Context]:
    """Judge a well-formed posting and decide what it does.

    Args:
        posting: The posting.
        facts: What the log says now.
        role: Letter of the poster's role where the ledger knows who posts.

    Returns:
        The decision with its policies and warnings, and what it rested on.

    Raises:
        Refusal: The first check that failed.
    """
    require_dates(posting, facts)
    at = Context(posting, facts, role)
    for form in references(type(posting).__name__):
        look_up(form, at)
    require_standing(at)
    decision = DECIDERS[type(posting).__name__](posting, at)
    require_room(decision.journal, posting.on, facts)
    decision.policies.extend(record.as_named() for record in at.policies)
    decision.warnings.extend(at.warnings)
    return decision, at


# -- step 3: dates ------------------------------------------------------------


def require_dates(posting: Posting, facts: Facts) -> None:
    """Refuse the future, and days that are signed off."""
    if posting.on > facts.today:
        raise Refusal("future_date", on=posting.on, today=facts.today)
    signed_to = posting.to if isinstance(posting, StatementReconciled) else ""
    if signed_to > facts.today:
        # Nothing undoes a sign-off: one into the future would close the account to its own work.
        raise Refusal("future_date", on=signed_to, today=facts.today)
    period = getattr(posting, "period", None)
    if period is not None and period > facts.today[:7]:
        raise Refusal("future_period", period=period, today=facts.today)
    account = account_moved(posting, facts)
    if account:
        kept = facts.get(BankAccount, account)
        if kept is not None and posting.on <= kept.signed_to:
            raise Refusal("period_closed", account=account, on=posting.on, to=kept.signed_to)


def account_moved(posting: Posting, facts: Facts) -> str:
    """The bank account on which a posting moves money, empty if none."""
    kind, source = type(posting).__name__, posting
    pot = ACCOUNTS_MOVED.get(kind)
    of: Any = getattr(source, "region" if pot == "fund" else "project", "")
    position = getattr(posting, "reverses", None) or (
        getattr(posting, "position", None) if kind == "TransferReturned" else None
    )
    if position is not None and 0 < position <= facts.last_position:
        earlier = facts.posting(position)
        pot = ACCOUNTS_MOVED.get(earlier.kind)
        if kind == "TransferReturned" and earlier.kind != "DepositPaidOut":
            pot = None  # what else may bounce came from no account that is signed off
        of = earlier.fields.get("region" if pot == "fund" else "project", "")
    return f"{pot}:{of}" if pot is not None else ""


# -- step 4: references -------------------------------------------------------


@cache
def references(kind: str) -> tuple[FieldForm, ...]:
    """Fields of a kind that refer to something, in the order in which that is looked up."""
    forms = {form.name: form for form in KINDS[kind].fields}
    named = [forms[name] for name in REFERENCES if name in forms]
    return tuple(form for form in named if form.shape.refers or form.shape.line)


def look_up(form: FieldForm, at: Context) -> None:
    """Find what a field refers to, or refuse it as unknown."""
    value = getattr(at.posting, form.attribute)
    refers = form.shape.refers
    if value is None:
        return
    if form.shape.line is not None:
        look_up_lines(value, at)
    elif refers == "claim":
        if value != "all":
            look_up_claims([value] if isinstance(value, str) else value, at)
    elif refers is not None:
        LOOK_UPS[refers](value, at)


def _record(kind: type[Any], slot: str, code: str) -> Callable[[str, Context], None]:
    def find(name: str, at: Context) -> None:
        record = at.facts.get(kind, name)
        if record is None:
            raise Refusal(code, **{code.removeprefix("unknown_"): name})
        if slot:
            setattr(at, slot, record)

    return find


def _project(name: str, at: Context) -> None:
    at.project = at.facts.get(Project, name)
    if at.project is None:
        raise Refusal("unknown_project", project=name)
    at.project_id = name


def _sheet(name: str, at: Context) -> None:
    at.sheet = at.facts.sheet(name)
    if at.sheet is None:
        raise Refusal("unknown_sheet", sheet=name)


def _position(position: int, at: Context) -> None:
    if position > at.facts.last_position:
        raise Refusal("unknown_position", position=position)


def _account(account: str, at: Context) -> None:
    pot, _, of = account.partition(":")
    if pot == "fund":
        _record(Fund, "", "unknown_fund")(of, at)
    else:
        _record(Project, "", "unknown_project")(of, at)


LOOK_UPS: Final[dict[str, Callable[[Any, Context], None]]] = {
    "project": _project,
    "fund": _record(Fund, "", "unknown_fund"),
    "advance": _record(Advance, "advance", "unknown_advance"),
    "notice": _record(Notice, "notice", "unknown_notice"),
    "guarantee": _record(Guarantee, "guarantee", "unknown_guarantee"),
    "case": _record(CaseFile, "case", "unknown_case"),
    "sheet": _sheet,
    "batch": _record(Batch, "batch", "unknown_batch"),
    "party": _record(Party, "", "unknown_party"),
    "worker": _record(Worker, "", "unknown_worker"),
    "position": _position,
    "account": _account,
}


def look_up_lines(lines: Sequence[Any], at: Context) -> None:
    """Find what the lines of a document name: claims, workers or positions."""
    first = type(lines[0])._fields[0] if lines else ""
    if first == "claim":
        look_up_claims([line.claim for line in lines], at)
    elif first == "worker":
        known = at.facts.known_workers(line.worker for line in lines)
        for line in lines:
            if line.worker not in known:
                raise Refusal("unknown_worker", worker=line.worker)
    elif first == "position":
        _position(max(line.position for line in lines), at)
        look_up_parts([line.claim for line in lines if line.claim is not None], at)


def look_up_claims(names: Sequence[str], at: Context) -> None:
    """Find claims that exist now: approved or asserted, and not vanished with their sheet."""
    found = at.facts.claims(names)
    for name in names:
        if name not in found:
            raise Refusal("unknown_claim", claim=name)
        at.claims[name] = found[name]


def look_up_parts(names: Sequence[str], at: Context) -> None:
    """Find claims that are named as parts of other postings: that they exist is enough."""
    at.claim_keys = at.facts.claim_keys(names)
    for name in names:
        if name not in at.claim_keys:
            raise Refusal("unknown_claim", claim=name)


# -- step 5: standing ---------------------------------------------------------


def require_standing(at: Context) -> None:
    """What is named belongs together, is open, and happened before."""
    imply_project(at)
    for name, project in named_projects(at):
        if project != at.project_id:
            raise Refusal("other_project", name=name, project=at.project_id, other=project)
    require_case_employer(at)
    require_region(at)
    kind = type(at.posting).__name__
    if kind in NEEDS_OPEN_ACCOUNT and not at.the_project().account_open(at.posting.on):
        raise Refusal("account_not_open", project=at.project_id, on=at.posting.on)
    if at.case is not None and kind != "CaseReopened" and at.case.closed:
        raise Refusal("case_closed", case=getattr(at.posting, "case", ""))
    for cause, cause_on in causes(at):
        if at.posting.on < cause_on:
            raise Refusal("before_cause", on=at.posting.on, cause=cause, cause_on=cause_on)


def imply_project(at: Context) -> None:
    """Where the posting has no project, that of its case or guarantee counts."""
    if at.project is not None:
        return
    implied = at.case or at.guarantee
    name = implied.project if implied is not None else ""
    reverses = getattr(at.posting, "reverses", None)
    if reverses is not None:
        name = at.facts.posting(reverses).fields.get("project", "")
    if name:
        at.project_id = name
        at.project = at.facts.get(Project, name)


def named_projects(at: Context) -> Iterator[tuple[str, str]]:
    """Everything named that belongs to a project, with that project."""
    if not at.project_id:
        return
    for slot in ("notice", "guarantee", "case", "sheet", "batch"):
        record = getattr(at, slot)
        if record is not None:
            yield getattr(at.posting, slot), record.project
    if type(at.posting).__name__ == "TransferReturned":
        position = at.posting.position  # type: ignore[attr-defined]
        yield str(position), project_of_earlier(at.facts.posting(position), at.facts)
    for name, claim in at.claims.items():
        yield name, claim.project


def project_of_earlier(earlier: Recorded, facts: Facts) -> str:
    """The project of an earlier posting: its own, or that of what it names; else empty."""
    fields = earlier.fields
    if "project" in fields:
        return str(fields["project"])
    named: Advance | Guarantee | CaseFile | None = None
    if "advance" in fields:
        named = facts.get(Advance, fields["advance"])
    elif "guarantee" in fields:
        named = facts.get(Guarantee, fields["guarantee"])
    elif "case" in fields:
        named = facts.get(CaseFile, fields["case"])
    return named.project if named is not None else ""


def require_case_employer(at: Context) -> None:
    """The current employer of the claims is the employer that the case is about."""
    kind = type(at.posting).__name__
    if at.case is None:
        return
    employers: Iterable[str] = ()
    if kind in CASE_EMPLOYER_KINDS:
        employers = (claim.employer for claim in at.claims.values())
    elif kind == "ClaimAsserted":
        employers = (at.posting.employer,)  # type: ignore[attr-defined]
    for employer in employers:
        if employer != at.case.employer:
            raise Refusal("other_case", case=getattr(at.posting, "case", ""), party=employer)


def require_region(at: Context) -> None:
    """A fund serves its own city; an advance is named with its own region."""
    region = getattr(at.posting, "region", None)
    if type(at.posting).__name__ == "AdvanceRequested":
        if at.the_project().region[:4] != str(region)[:4]:
            raise Refusal("other_region", region=region, other=at.the_project().region)
    elif at.advance is not None and at.advance.region != region:
        raise Refusal("other_region", region=region, other=at.advance.region)


def causes(at: Context) -> Iterator[tuple[str, str]]:
    """What the posting rests on, with its business date."""
    kind = type(at.posting).__name__
    if at.sheet is not None:
        yield at.sheet.name, at.sheet.submitted_on
    if at.batch is not None:
        yield "batch", at.batch.instructed_on
    if at.notice is not None:
        yield "notice", at.notice.issued_on
    if at.guarantee is not None:
        yield "guarantee", at.guarantee.accepted_on
    if at.case is not None:
        yield "case", at.case.opened_on
    claims = {**at.claims, **implied_claims(at)}
    for name, claim in claims.items():
        yield name, max(claim.exists_on, claim.attributed_on)
        if kind == "LiabilityAttributed":
            yield name, claim.changed_on
    if at.claim_keys:
        yield "claim", at.facts.latest_beginning(at.claim_keys.values())
    yield from settlements(at)
    yield from advance_causes(at)
    position = getattr(at.posting, "reverses", None) or (
        at.posting.position if kind == "TransferReturned" else None  # type: ignore[attr-defined]
    )
    if position is not None:
        yield str(position), at.facts.posting(position).on


def implied_claims(at: Context) -> dict[str, Any]:
    """Claims that a posting means without naming them."""
    kind = type(at.posting).__name__
    if kind == "AdvancePaid" and at.advance is not None and not at.claims:
        return dict(at.facts.claims(at.advance.lines))
    if kind == "PayoutSettled" and at.batch is not None and not at.claims:
        lines = at.facts.payout_lines(at.batch.position)
        keys = [key for key, line in lines.items() if line.state == "pending"]
        return {claim.name: claim for claim in at.facts.claims_by_key(keys).values()}
    return {}


def settlements(at: Context) -> Iterator[tuple[str, str]]:
    """Settlements of the lines that return late."""
    if type(at.posting).__name__ != "PayoutReturned" or at.batch is None:
        return
    lines = at.facts.payout_lines(at.batch.position)
    for name, claim in at.claims.items():
        line = lines.get(claim.key)
        if line is not None and line.state == "settled":
            yield name, line.changed_on


def advance_causes(at: Context) -> Iterator[tuple[str, str]]:
    """Request, approval, payment and write-off that an advance's posting follows."""
    advance, kind = at.advance, type(at.posting).__name__
    if advance is None:
        return
    yield "advance", advance.requested_on
    if kind in {"AdvancePaid", "AdvanceRejected"}:
        yield "advance", advance.approved_on
    if kind == "AdvanceReturned":
        yield "advance", advance.paid_on
        for claim in at.claims.values():
            latest = at.facts.get(LatestOn, writeoff_id(advance.region, claim.employer))
            if latest is not None:
                yield claim.name, latest.on


__all__ = ["ACCOUNTS_MOVED", "POTS", "decide"]
