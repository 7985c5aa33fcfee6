"""Plausible postings about cases, asserted and attributed claims, sanctions."""

from tests.properties.world import Posting, World, causes_of, later, proposal

# -- cases --------------------------------------------------------------------


@proposal("CaseOpened")
def _opened(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    owing = [claim.employer_at() for claim in w.claims(project=project) if claim.open() > 0]
    source = w.rng.choice(("inspection", "complaint", "platform", "station", "hotline", "transfer"))
    return {
        "on": w.on(),
        "case": w.new_id("C", "CaseOpened", "case"),
        "project": project,
        "employer": w.rng.choice(owing) if owing and w.chance(0.8) else w.employer(project),
        "source": source,
    }


@proposal("CaseReopened")
def _reopened(w: World) -> Posting | None:
    cases = w.log.of("CaseOpened")
    case = w.pick(c for c in cases if not w.log.case_open(c.f["case"]) or w.chance(0.1))
    return None if case is None else {"on": w.on(case.on), "case": case.f["case"]}


@proposal("CaseClaimsLinked")
def _linked(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    claims = w.claims(project=case.f["project"]) if w.chance(0.96) else w.claims()
    if not claims:
        return None
    chosen = w.some(claims, 3)
    on = w.on(case.on, *causes_of(chosen))
    return {"on": on, "case": case.f["case"], "claims": [claim.claim for claim in chosen]}


@proposal("ClaimAsserted")
def _asserted(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    project, employer = case.f["project"], case.f["employer"]
    if w.chance(0.05):
        employer = w.employer(project)
    workers = w.workers(project, employer)
    worker = w.pick(workers) or w.known("WorkerRegistered", "worker")
    on = w.on(case.on)
    return {
        "on": on,
        "project": project if w.chance(0.98) else w.project(),
        "case": case.f["case"],
        "claim": w.new_id("X", "ClaimAsserted", "claim"),
        "employer": employer,
        "worker": worker,
        "period": w.period(),
        "net_fen": w.yuan(500, 9_000),
        "due_on": w.due(later(on, -30)),
    }


@proposal("CorrectionOrdered", "DecisionIssued")
def _ordered(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    on = w.on(case.on)
    deadline = later(on, w.rng.choice((0, 0, 1, 3, 10)))
    posting = {"on": on, "case": case.f["case"], "deadline_on": deadline}
    if w.kind == "DecisionIssued":
        debtor = case.f["employer"] if w.chance(0.5) else w.party()
        posting |= {"outcome": w.rng.choice(("clear", "clear_first")), "debtor": debtor}
    return posting


@proposal("CaseClosed")
def _closed(w: World) -> Posting | None:
    cases = w.open_cases()
    settled = [
        case
        for case in cases
        if not any(
            claim is not None and claim.open() > 0
            for claim in map(w.log.claim, sorted(w.log.claims_of_case(case.f["case"])))
        )
    ]
    case = w.pick(settled if settled and w.chance(0.7) else cases)
    if case is None:
        return None
    result = w.rng.choice(("paid", "paid", "unfounded", "transferred", "enforced"))
    return {"on": w.on(case.on), "case": case.f["case"], "result": result}


@proposal("LiabilityAttributed")
def _attributed(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    project = case.f["project"]
    claims = [
        claim
        for claim in w.claims(project=project)
        if (claim.open() > 0 and not claim.paid() and not claim.transit())
        or w.chance(0.1 if claim.net() else 0.5)
    ]
    if not claims:
        return None
    chosen = w.some(claims, 2)
    facts = w.facts(project)
    parties = (facts["general_contractor"], facts["developer"], w.party())
    changed = [change[0] for claim in chosen for change in claim.changes]
    return {
        "on": w.on(case.on, *causes_of(chosen), *changed),
        "project": project,
        "case": case.f["case"],
        "claims": [claim.claim for claim in chosen],
        "debtor": w.rng.choice(parties),
        "ground": "Decree 724 art. 19",
    }


# -- sanctions ----------------------------------------------------------------


@proposal("ExtraCompensationOrdered", "ExtraCompensationPaid")
def _compensation(w: World) -> Posting | None:
    if w.kind == "ExtraCompensationOrdered":
        case = w.pick(w.open_cases())
        if case is None:
            return None
        on = w.on(case.on)
        debtor, amount = case.f["employer"], w.yuan(100, 5_000)
    else:
        ordered = w.pick(w.log.of("ExtraCompensationOrdered"))
        if ordered is None:
            return None
        case = w.log.one("CaseOpened", case=ordered.f["case"])
        on = w.on(case.on, ordered.on)
        debtor = ordered.f["debtor"]
        owed = w.lowest_of(on, debtor, "compensation_payable", "", case.f["case"])
        amount = w.upto(owed)
    return {"on": on, "case": case.f["case"], "debtor": debtor, "amount_fen": amount}


@proposal("PoliceTransferred")
def _police(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    workers, amount = w.rng.choice(
        (
            (1, 600_000),
            (1, 500_000),
            (1, 499_999),
            (12, 3_000_000),
            (10, 400_000),
            (30, 9_000_000),
            (3, 600_000),
        )
    )
    posting = {"case": case.f["case"], "workers": workers, "amount_fen": amount}
    return {"on": w.on(case.on), **posting, **w.document(0.8)}


@proposal("DishonestListed", "MajorViolationPublished")
def _listed(w: World) -> Posting | None:
    case = w.pick(w.open_cases())
    if case is None:
        return None
    on = w.on(case.on)
    party = case.f["employer"] if w.chance(0.6) else w.party()
    posting = {"on": on, "party": party, "case": case.f["case"]}
    if w.kind == "DishonestListed":
        return {**posting, "until_on": later(on, 1_095)}
    return {**posting, "number": f"2026-{w.rng.randrange(100)}"}


@proposal("DishonestRemoved")
def _removed(w: World) -> Posting:
    listed = w.pick(w.log.of("DishonestListed"))
    party = listed.f["party"] if listed else w.party()
    return {"on": w.on(), "party": party, "reason": "已纠正并承诺"}


@proposal("CreditGradeSet")
def _grade(w: World) -> Posting:
    grade = w.rng.choice(("A", "B", "C"))
    return {"on": w.on(), "party": w.party(), "year": 2025, "grade": grade}
