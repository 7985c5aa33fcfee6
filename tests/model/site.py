"""Step 6: parties, projects, workers, attendance; progress, transfers, the wage account."""

from datetime import date, timedelta

from tests.model import policy
from tests.model.balances import balance, lowest, negated
from tests.model.entry import Entry, rule
from tests.model.identifiers import birth_of
from tests.model.log import Log


def days_before(on: str, days: int) -> str:
    return (date.fromisoformat(on) - timedelta(days=days)).isoformat()


# -- register -----------------------------------------------------------------


@rule("PartyRegistered")
def _party(e: Entry) -> None:
    names = [r.f["name"] for r in e.log.of("PartyRegistered", "PartyRenamed", party=e.f["party"])]
    e.refuse_if(names and names[-1] != e.f["name"], "party_exists")


@rule("ProjectRegistered")
def _project(e: Entry) -> None:
    e.refuse_if(e.log.has("ProjectRegistered", project=e.project), "project_exists")


@rule("ContractPriceChanged")
def _price(e: Entry) -> None:
    e.refuse_if(e.f["contract_price_fen"] < e.log.settled_price(e.project), "below_settled")
    e.refuse_if("document" not in e.f, "document_required")


def _person_known(log: Log, id_number: str, but: str) -> bool:
    """Whether the person is now known under another ref."""
    current = {r.f["worker"]: r.f["id_number"] for r in log.of("WorkerRegistered", "WorkerUpdated")}
    return any(number == id_number for worker, number in current.items() if worker != but)


@rule("WorkerRegistered", "WorkerUpdated")
def _worker(e: Entry) -> None:
    born = birth_of(e.f["id_number"])
    sixteenth = f"{born.year + 16:04}-{born.month:02}-{born.day:02}"
    e.refuse_if(e.on < sixteenth, "under_age")
    taken = e.kind == "WorkerRegistered" and e.log.has("WorkerRegistered", worker=e.f["worker"])
    known = _person_known(e.log, e.f["id_number"], e.f["worker"])
    e.refuse_if(taken or known, "worker_exists")


@rule("CardBound")
def _card(e: Entry) -> None:
    worker = e.f["worker"]
    name = e.log.of("WorkerRegistered", "WorkerUpdated", worker=worker)[-1].f["name"]
    e.refuse_if(e.f.get("holder_name", name) != name, "holder_mismatch")
    current = {r.f["worker"]: r.f["card_number"] for r in e.log.of("CardBound")}
    shared = any(c == e.f["card_number"] for other, c in current.items() if other != worker)
    e.refuse_if(shared, "card_shared")


@rule("WorkerAssigned")
def _assigned(e: Entry) -> None:
    e.refuse_if(not e.log.on_project(e.project, e.f["employer"]), "not_on_project")


@rule("WorkerExited")
def _exited(e: Entry) -> None:
    _assigned(e)
    spans = e.log.assigned(e.project, e.f["employer"], e.f["worker"])
    e.refuse_if(not any(s <= e.on and end.startswith("9999") for s, end in spans), "not_assigned")


@rule("AttendancePosted")
def _attendance(e: Entry) -> None:
    absent = [x for x in e.f["lines"] if not e.log.assigned_in(e.f, x["worker"])]
    e.refuse_if(absent, "not_assigned")
    same = {name: e.f[name] for name in ("project", "employer", "period")}
    before = e.log.has("AttendancePosted", **same)
    e.refuse_if(before and not e.f["replaces"], "attendance_exists")


@rule("NoWorkReported")
def _no_work(e: Entry) -> None:
    same = {name: e.f[name] for name in ("project", "employer", "period")}
    sheets = [
        sheet
        for sheet in e.log.of("PayrollSubmitted", **same)
        if e.log.sheet_state(sheet.f["sheet"]) in {"submitted", "approved"}
    ]
    e.refuse_if(sheets or e.log.has("AttendancePosted", **same), "work_exists")


@rule("ProjectCompleted")
def _completed(e: Entry) -> None:
    e.refuse_if(e.log.has("ProjectCompleted", project=e.project), "already_completed")


# -- progress and the money of the developer ----------------------------------


@rule("ProgressCertified")
def _certified(e: Entry) -> None:
    same = e.log.has("ProgressCertified", project=e.project, period=e.f["period"])
    e.refuse_if(same and not e.f["supplement"], "period_certified")
    labour, developer = e.f["labour_cost_fen"], e.log.project(e.project)["developer"]
    rest = e.f["progress_fen"] - labour
    e.line(developer, "project_cost", labour + rest, e.gc)
    e.line(developer, "labour_payable", -labour, e.gc)
    e.line(developer, "project_payable", -rest, e.gc)
    e.line(e.gc, "developer_receivable", labour, developer)
    e.line(e.gc, "project_receivable", rest, developer)
    e.line(e.gc, "contract_income", -labour - rest, developer)


ACCOUNT_KINDS = (
    "LabourCostTransferred",
    "DeveloperAdvancePaid",
    "WageAccountToppedUp",
    "WageAccountInterestCredited",
    "MisdirectedCredited",
    "MisdirectedReturned",
)


@rule(*ACCOUNT_KINDS)
def _wage_account_moved(e: Entry) -> None:
    amount = e.f["amount_fen"]
    if e.kind == "DeveloperAdvancePaid":
        unsettled = e.log.price(e.project) - e.log.settled_price(e.project)
        e.refuse_if(amount > unsettled, "over_unsettled_price")
    seen = e.log.has(*ACCOUNT_KINDS, project=e.project, bank_ref=e.f["bank_ref"])
    e.refuse_if(seen, "bank_ref_reused")
    if e.kind in {"LabourCostTransferred", "DeveloperAdvancePaid"}:
        developer = e.log.project(e.project)["developer"]
        e.line(developer, "labour_payable", amount, e.gc)
        e.line(developer, "own_cash", -amount)
        e.line(e.gc, "developer_receivable", -amount, developer)
    elif e.kind == "WageAccountToppedUp":
        e.line(e.gc, "own_cash", -amount)
    elif e.kind == "WageAccountInterestCredited":
        e.line(e.gc, "interest_income", -amount)
    else:
        if e.kind == "MisdirectedReturned":
            held = lowest(negated(e.log.cell(e.gc, "suspense", e.project)), e.on)
            e.refuse_if(amount > held, "over_payable")
            amount = -amount
        e.line(e.gc, "suspense", -amount)
    e.line(e.gc, "wage_account", amount)


@rule("ProjectFundsPaid")
def _project_funds(e: Entry) -> None:
    amount, developer = e.f["amount_fen"], e.log.project(e.project)["developer"]
    e.line(developer, "project_payable", amount, e.gc)
    e.line(developer, "own_cash", -amount)
    e.line(e.gc, "own_cash", amount)
    e.line(e.gc, "project_receivable", -amount, developer)


@rule("SubcontractorPaid")
def _subcontractor_paid(e: Entry) -> None:
    amount, other = e.f["amount_fen"], e.f["subcontractor"]
    e.refuse_if(amount > e.lowest_owed_to(other, e.project), "over_payable")
    e.line(e.gc, "subcontractor_payable", amount, other)
    e.line(e.gc, "own_cash", -amount)
    e.line(other, "own_cash", amount)
    e.line(other, "contractor_receivable", -amount, e.gc)


# -- the wage account itself ---------------------------------------------------


@rule("WageAccountOpened")
def _opened(e: Entry) -> None:
    e.refuse_if(e.log.wage_account_since(e.project) is not None, "account_exists")


@rule("WageAccountClosed")
def _closed(e: Entry) -> None:
    suspense = e.log.cell(e.gc, "suspense", e.project)
    money = e.log.cell(e.gc, "wage_account", e.project)
    days = [e.on, *(day for day, _ in [*suspense, *money] if day > e.on)]
    e.refuse_if(any(balance(suspense, day) for day in days), "suspense_open")
    region = e.log.project(e.project)["region"]
    notice = policy.needed(e.log, "wage_account.close_notice_days", region, e.on)
    too_short = e.f["notice_posted_on"] > days_before(e.on, notice)
    e.refuse_if(too_short, "notice_too_short")
    e.refuse_if(not e.log.completed(e.project, e.on), "not_completed")
    e.refuse_if(e.log.open_claims(e.project), "open_claims")
    rest = e.f["balance_to_gc_fen"]
    e.refuse_if(any(balance(money, day) != rest for day in days), "balance_mismatch")
    e.line(e.gc, "wage_account", -rest)
    e.line(e.gc, "own_cash", rest)
