"""Steps 3 to 5 of the order of judgement: dates, references, standing."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from tests.model.balances import Claim, Record, refuse_if
from tests.model.log import Log

DEFINES: Final = {
    "PartyRegistered": "party",
    "ProjectRegistered": "project",
    "WorkerRegistered": "worker",
    "GuaranteeAccepted": "guarantee",
    "PaymentNoticeIssued": "notice",
    "PayrollSubmitted": "sheet",
    "PayoutInstructed": "batch",
    "CaseOpened": "case",
    "ClaimAsserted": "claim",
    "AdvanceRequested": "advance",
    "FundEstablished": "region",
}
"""The field that brings a new id and so refers to nothing."""

_PARTY_FIELDS: Final = ("developer", "general_contractor", "debtor")
_FOUNDERS: Final = {
    "project": "ProjectRegistered",
    "region": "FundEstablished",
    "advance": "AdvanceRequested",
    "notice": "PaymentNoticeIssued",
    "guarantee": "GuaranteeAccepted",
    "case": "CaseOpened",
    "sheet": "PayrollSubmitted",
    "batch": "PayoutInstructed",
    "worker": "WorkerRegistered",
    "party": "PartyRegistered",
}
_FIELD_ORDER: Final = [
    "project",
    "region",
    "advance",
    "notice",
    "guarantee",
    "case",
    "sheet",
    "batch",
    "subcontractor",
    "claim",
    "employer",
    "worker",
    "party",
    "developer",
    "general_contractor",
    "debtor",
    "position",
    "reverses",
    "lines",
    "claims",
    "matched",
]

ON_WAGE_ACCOUNT: Final = {
    "LabourCostTransferred",
    "DeveloperAdvancePaid",
    "WageAccountToppedUp",
    "WageAccountInterestCredited",
    "MisdirectedCredited",
    "MisdirectedReturned",
    "PayoutInstructed",
    "WageAccountClosed",
}
_ON_DEPOSIT: Final = {
    "DepositLodged",
    "DepositInterestCredited",
    "DepositInterestWithdrawn",
    "DepositPaidOut",
    "DepositReleased",
}
_ON_FUND: Final = {
    "FundAppropriated",
    "DonationReceived",
    "InterestCredited",
    "AdvancePaid",
    "AdvanceReturned",
    "AdvanceRecovered",
    "AdvanceRefunded",
    "FundSurrendered",
}


# -- step 3: dates ------------------------------------------------------------


def judge_dates(log: Log, f: dict[str, Any], today: date) -> None:
    """future_date, future_period, period_closed."""
    refuse_if(f["on"] > today.isoformat(), "future_date")
    refuse_if(f.get("period", "") > today.isoformat()[:7], "future_period")
    account = account_moved(log, f)
    signed_off = log.of("StatementReconciled", account=account) if account else []
    refuse_if(any(f["on"] <= signed.f["to"] for signed in signed_off), "period_closed")


def account_moved(log: Log, f: dict[str, Any]) -> str | None:
    """The bank account that a posting has journal lines on, if any."""
    kind, project = f["kind"], f.get("project")
    if kind == "Reversed":
        position = f["reverses"]
        earlier = log.records[position - 1].f if position <= len(log.records) else None
        return account_moved(log, earlier) if earlier and earlier["kind"] != "Reversed" else None
    if kind == "TransferReturned":
        position = f["position"]
        paid = log.records[position - 1].kind if position <= len(log.records) else ""
        return f"deposit:{project}" if paid == "DepositPaidOut" else None
    if kind in ON_WAGE_ACCOUNT | {"PayoutSettled", "PayoutReturned"}:
        return f"wage:{project}"
    if kind in _ON_DEPOSIT:
        return f"deposit:{project}"
    return f"fund:{f['region']}" if kind in _ON_FUND else None


# -- step 4: references -------------------------------------------------------


def judge_references(log: Log, f: dict[str, Any]) -> None:
    """unknown_*: every id that the posting names is known in the log now."""
    for name in _FIELD_ORDER:
        if name in f and DEFINES.get(f["kind"]) != name:
            for code in _unknown(log, f, name):
                refuse_if(code, code)
        elif name in {"project", "region"} and "account" in f:
            pot, _, owner = f["account"].partition(":")
            founder = _FOUNDERS[name]
            if (pot == "fund") == (name == "region") and not log.has(founder, **{name: owner}):
                refuse_if(pot == "fund", "unknown_fund")
                refuse_if(pot != "fund", "unknown_project")


def _unknown(log: Log, f: dict[str, Any], name: str) -> Iterator[str]:
    value = f[name]
    party_fields = {"subcontractor", "employer", *_PARTY_FIELDS}
    if name in {"position", "reverses"}:
        if value > len(log.records):
            yield "unknown_position"
    elif name in {"claim", "claims", "lines", "matched"}:
        of_ledger = value != "all" and not f["kind"].startswith("Statement")
        if of_ledger or name == "matched":
            yield from _unknown_in_lines(log, value)
    elif name == "region" and f["kind"] in {"ProjectRegistered", "PolicyPublished"}:
        return
    elif name in party_fields:
        if not log.has("PartyRegistered", party=value):
            yield "unknown_party"
    elif not log.has(_FOUNDERS[name], **{name: value}):
        yield "unknown_fund" if name == "region" else f"unknown_{name}"


def _unknown_in_lines(log: Log, value: object) -> Iterator[str]:
    items: list[Any] = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    for item in items:
        named = item if isinstance(item, dict) else {"claim": item}
        if "worker" in named and not log.has("WorkerRegistered", worker=named["worker"]):
            yield "unknown_worker"
        if "position" in named and named["position"] > len(log.records):
            yield "unknown_position"
        if "claim" in named and log.claim(named["claim"]) is None:
            yield "unknown_claim"


# -- step 5: standing ---------------------------------------------------------


def claims_named(log: Log, f: dict[str, Any]) -> list[Claim]:
    """The claims that a posting names or implies, in its order."""
    names: list[str] = []
    if f["kind"] == "ClaimReduced":
        names = [f["claim"]]
    elif f.get("claims") == "all":
        names = [c for c, line in log.batch_lines(f["batch"]).items() if line[0] == "pending"]
    elif "claims" in f:
        names = f["claims"]
    elif f["kind"] == "AdvancePaid":
        request = log.one("AdvanceRequested", advance=f["advance"])
        names = [line["claim"] for line in request.f["lines"]]
    elif f["kind"] not in {"StatementImported", "StatementLineMatched", "StatementLineUnmatched"}:
        names = [line["claim"] for line in f.get("lines", []) if "claim" in line]
    return [claim for name in names if (claim := log.claim(name)) is not None]


def judge_standing(log: Log, f: dict[str, Any]) -> None:
    """other_project, other_case, other_region, account_not_open, case_closed, before_cause."""
    checks: tuple[tuple[Callable[[Log, dict[str, Any]], bool], str], ...] = (
        (_other_project, "other_project"),
        (_other_case, "other_case"),
        (_other_region, "other_region"),
        (_account_not_open, "account_not_open"),
        (_case_closed, "case_closed"),
        (_before_cause, "before_cause"),
    )
    for failed, code in checks:
        refuse_if(failed(log, f), code)


def _founders_named(log: Log, f: dict[str, Any]) -> list[Record]:
    """The postings that founded the sheet, batch, notice, guarantee and case named."""
    return [
        log.one(_FOUNDERS[name], **{name: f[name]})
        for name in ("sheet", "batch", "notice", "guarantee", "case")
        if name in f and DEFINES.get(f["kind"]) != name
    ]


def _other_project(log: Log, f: dict[str, Any]) -> bool:
    project = f.get("project")
    if project is None and "case" in f:
        project = log.one("CaseOpened", case=f["case"]).f["project"]
    if project is None or f["kind"] in {"AdvancePaid", "AdvanceReturned"}:
        return False
    named = [founder.f["project"] for founder in _founders_named(log, f)]
    named += [claim.project for claim in claims_named(log, f)]
    if f["kind"] == "TransferReturned":
        named.append(_project_of(log, log.records[f["position"] - 1].f))
    return any(other != project for other in named)


def _project_of(log: Log, earlier: dict[str, Any]) -> str | None:
    """The project of an earlier posting: its own, or that of the advance, guarantee or case."""
    for name in ("project", "advance", "guarantee", "case"):
        if name in earlier:
            founder = log.one(_FOUNDERS[name], **{name: earlier[name]})
            return str(founder.f["project"])
    return None


def _other_case(log: Log, f: dict[str, Any]) -> bool:
    employers: list[str] = []
    if f["kind"] in {"PaymentNoticeIssued", "AdvanceRequested"}:
        employers = [claim.employer_at() for claim in claims_named(log, f)]
    if f["kind"] == "ClaimAsserted":
        employers = [f["employer"]]
    return any(
        employer != log.one("CaseOpened", case=f["case"]).f["employer"] for employer in employers
    )


def _other_region(log: Log, f: dict[str, Any]) -> bool:
    if f["kind"] == "AdvanceRequested":
        return bool(f["region"][:4] != log.project(f["project"])["region"][:4])
    if "advance" in f:
        return bool(log.one("AdvanceRequested", advance=f["advance"]).f["region"] != f["region"])
    return False


def _account_not_open(log: Log, f: dict[str, Any]) -> bool:
    if f["kind"] not in ON_WAGE_ACCOUNT:
        return False
    since = log.wage_account_since(f["project"])
    return since is None or f["on"] < since


def _case_closed(log: Log, f: dict[str, Any]) -> bool:
    return (
        "case" in f
        and f["kind"] not in {"CaseOpened", "CaseReopened"}
        and not log.case_open(f["case"])
    )


def _before_cause(log: Log, f: dict[str, Any]) -> bool:
    causes = [founder.on for founder in _founders_named(log, f)]
    for claim in claims_named(log, f):
        causes += [claim.born_on, *(day for day, _ in claim.attributions)]
        if f["kind"] == "LiabilityAttributed":
            causes += [change[0] for change in claim.changes]
    if f["kind"] == "PayoutReturned":
        lines = log.batch_lines(f["batch"])
        causes += [lines[line["claim"]][2] for line in f["lines"] if line["claim"] in lines]
    if "advance" in f and f["kind"] != "AdvanceRequested":
        causes += _causes_of_advance(log, f)
    if f["kind"] == "TransferReturned":
        causes.append(log.records[f["position"] - 1].on)
    if f["kind"] == "Reversed":
        causes.append(log.records[f["reverses"] - 1].on)
    return any(f["on"] < cause for cause in causes)


def _causes_of_advance(log: Log, f: dict[str, Any]) -> list[str]:
    name = f["advance"]
    causes = [log.one("AdvanceRequested", advance=name).on]
    if f["kind"] in {"AdvancePaid", "AdvanceRejected"}:
        causes += [r.on for r in log.of("AdvanceApproved", advance=name)]
    if f["kind"] == "AdvanceReturned":
        causes += [r.on for r in log.of("AdvancePaid", advance=name)]
        for debtor in {claim.employer_at() for claim in claims_named(log, f)}:
            written_off = log.of("AdvanceWrittenOff", region=f["region"], debtor=debtor)
            causes += [r.on for r in written_off]
    return causes
