"""Plausible postings about parties, projects, workers, progress and the wage account."""

from tests.model.site import ACCOUNT_KINDS
from tests.properties import inventions
from tests.properties.world import FIRST_DAY, Posting, World, later, month_before, proposal

# -- register -----------------------------------------------------------------


@proposal("PartyRegistered")
def _party(w: World) -> Posting:
    if w.chance(0.3):
        known = w.rng.choice(w.log.of("PartyRegistered"))
        name = known.f["name"] if w.chance(0.7) else inventions.company_name(w.rng)
        return {"on": w.on(), "party": known.f["party"], "name": name}
    code, name = inventions.credit_code(w.rng), inventions.company_name(w.rng)
    return {"on": w.on(), "party": code, "name": name}


@proposal("PartyRenamed")
def _renamed(w: World) -> Posting:
    return {"on": w.on(), "party": w.party(), "name": inventions.company_name(w.rng)}


@proposal("ProjectRegistered")
def _project(w: World) -> Posting | None:
    registered = w.log.of("ProjectRegistered")
    if len(registered) > 5:
        return None
    contractors = [r.f["general_contractor"] for r in registered]
    contractor = w.rng.choice(contractors) if contractors and w.chance(0.4) else w.party()
    developer = w.party()
    if developer == contractor:
        return None
    on = w.on()
    posting = {
        "on": on,
        "project": w.new_id("P", "ProjectRegistered", "project"),
        "name": f"示例项目{len(registered)}",
        "region": w.rng.choice(inventions.REGIONS),
        "industry": w.rng.choice(("building", "municipal", "transport", "water", "other")),
        "developer": developer,
        "general_contractor": contractor,
        "contract_price_fen": w.yuan(1_000_000, 6_000_000),
        "starts_on": later(on, w.rng.randint(-30, 30)),
        "planned_end_on": later(on, 700),
    }
    if w.chance(0.3):
        posting["contract_on"] = later(on, -w.rng.randint(0, 60))
    return posting


@proposal("ContractPriceChanged")
def _price(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    settled = w.log.settled_price(project)
    price = settled + w.yuan(0, 5_000_000) if w.chance(0.8) else max(1, settled - 1)
    return {"on": w.on(), "project": project, "contract_price_fen": max(1, price), **w.document()}


@proposal("SubcontractRegistered")
def _subcontract(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    facts = w.facts(project)
    party = w.party()
    if party in {facts["developer"], facts["general_contractor"]}:
        return None
    return {"on": w.on(), "project": project, "subcontractor": party}


@proposal("WorkerRegistered")
def _worker(w: World) -> Posting:
    known = w.pick(w.log.of("WorkerRegistered"))
    same_person = known is not None and w.chance(0.05)
    posting: Posting = {
        "on": w.on() if w.chance(0.9) else f"{w.rng.randint(1911, 1916)}-06-01",
        "worker": w.new_id("W", "WorkerRegistered", "worker"),
        "name": inventions.person_name(w.rng),
        "id_number": inventions.resident_id(w.rng),
    }
    if known is not None and same_person:
        posting["id_number"] = known.f["id_number"]
    if w.chance(0.3):
        posting["phone"] = inventions.phone(w.rng)
    return posting


@proposal("WorkerUpdated")
def _worker_updated(w: World) -> Posting | None:
    worker, other = w.known("WorkerRegistered", "worker"), w.pick(w.log.of("WorkerRegistered"))
    if worker is None or other is None:
        return None
    number = inventions.resident_id(w.rng) if w.chance(0.8) else other.f["id_number"]
    name = inventions.person_name(w.rng)
    return {"on": w.on(), "worker": worker, "name": name, "id_number": number}


@proposal("CardBound")
def _card(w: World) -> Posting | None:
    worker = w.known("WorkerRegistered", "worker")
    if worker is None:
        return None
    posting = {"on": w.on(), "worker": worker, "card_number": inventions.card_number(w.rng)}
    other = w.pick(w.log.of("CardBound"))
    if other is not None and w.chance(0.08):
        posting["card_number"] = other.f["card_number"]
    if w.chance(0.4):
        people = w.log.of("WorkerRegistered", "WorkerUpdated", worker=worker)
        if people:
            posting["holder_name"] = people[-1].f["name"] if w.chance(0.85) else "示例旁人"
    if w.chance(0.3):
        posting["bank_name"] = "示例银行"
    return posting


@proposal("WorkerAssigned", "WorkerExited")
def _assigned(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    employer = w.employer(project)
    workers = w.workers(project, employer)
    there = w.kind == "WorkerExited" or w.chance(0.4)  # who comes back before the exit is told
    worker = w.pick(workers) if there and workers else None
    worker = worker or w.known("WorkerRegistered", "worker")
    if worker is None:
        return None
    return {"on": w.on(), "project": project, "employer": employer, "worker": worker}


@proposal("AttendancePosted")
def _attendance(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    employer = w.employer(project)
    workers = w.workers(project, employer)
    if not workers:
        return None
    lines = [
        {"worker": worker, "days": w.rng.choice((0.5, 1, 15, 21.5, 26, 31))}
        for worker in w.some(workers, 3)
    ]
    posting: Posting = {"project": project, "employer": employer, "period": w.period()}
    posting["lines"] = lines
    if w.chance(0.3):
        posting["replaces"] = w.chance(0.7)
    return {"on": w.on(), **posting}


@proposal("NoWorkReported")
def _no_work(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    period = month_before(w.now[:7], w.rng.randint(0, 9))
    employer = w.employer(project)
    return {"on": w.on(), "project": project, "employer": employer, "period": period}


@proposal("ProjectCompleted", "WageAccountOpened")
def _project_alone(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    posting = {"on": w.on(), "project": project}
    if w.kind == "WageAccountOpened" and w.chance(0.4):
        posting["account_number_last4"] = f"{w.rng.randrange(10_000):04}"
    return posting


# -- progress and the wage account --------------------------------------------


@proposal("ProgressCertified")
def _certified(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    progress = w.yuan(20_000, 300_000)
    labour = w.rng.choice((0, progress, progress // 3, progress // 2, progress // 4))
    on = w.on()
    period = w.period()
    earlier = w.pick(w.log.of("ProgressCertified", project=project))
    if earlier is not None and w.chance(0.3):
        period = earlier.f["period"]
    posting = {"on": on, "project": project, "period": period, "progress_fen": progress}
    posting |= {"labour_cost_fen": labour, "due_on": w.due(on)}
    if w.chance(0.4):
        posting["supplement"] = w.chance(0.9)
    return posting


@proposal(*ACCOUNT_KINDS)
def _moved(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    opened = w.log.wage_account_since(project)
    on = w.on(opened or FIRST_DAY)
    amount = w.yuan(500, 60_000)
    if w.kind == "DeveloperAdvancePaid" and w.chance(0.3):
        known = w.facts(project)["project"]
        amount = w.upto(w.log.price(known) - w.log.settled_price(known))
    gc = w.facts(project)["general_contractor"]
    if w.kind == "MisdirectedReturned":
        held = w.lowest_of(on, gc, "suspense", project)
        if held <= 0 and w.chance(0.9):
            return None
        amount = w.upto(held)
    reference = w.reference("T")
    return {"on": on, "project": project, "amount_fen": amount, "bank_ref": reference}


@proposal("ProjectFundsPaid")
def _funds(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    return {"on": w.on(), "project": project, "amount_fen": w.yuan(100, 50_000)}


@proposal("SubcontractorPaid", "RecourseRepaid", "RecourseSetOff")
def _subcontractor(w: World) -> Posting | None:
    account = "subcontractor_payable" if w.kind == "SubcontractorPaid" else "recourse_receivable"
    found = w.pick(cell for cell in w.log.cells if cell[1] == account)
    if found is None:
        return None
    gc, _, project, sub = found
    on = w.on()
    limit = w.lowest_of(on, gc, account, project, sub)
    if w.kind == "RecourseSetOff":
        limit = min(limit, w.lowest_of(on, gc, "subcontractor_payable", project, sub))
    if limit <= 0 and w.chance(0.9):
        return None
    if w.chance(0.03):
        sub = w.employer(project)
    return {"on": on, "project": project, "subcontractor": sub, "amount_fen": w.upto(limit)}


@proposal("WageAccountClosed")
def _closed(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    gc, on = w.facts(project)["general_contractor"], w.on()
    rest = w.lowest_of(on, gc, "wage_account", project)
    notice = later(on, -w.rng.choice((30, 30, 30, 31, 45, 29)))
    rest = rest if w.chance(0.9) else rest + 1
    posting = {"project": project, "balance_to_gc_fen": rest, "notice_posted_on": notice}
    return {"on": on, **posting}
