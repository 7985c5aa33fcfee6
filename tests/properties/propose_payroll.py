"""Plausible postings about sheets, batches, the bank's answers and payments beside the account."""

from tests.model.balances import Record, lowest
from tests.model.fields import RETURN_CODES
from tests.properties.world import FIRST_DAY, Posting, World, causes_of, proposal


@proposal("PayrollSubmitted")
def _submitted(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    employer = w.employer(project)
    workers = w.workers(project, employer)
    if not workers:
        return None
    on = w.on()
    lines = [_line(w, worker) for worker in w.some(workers, 5)]
    if w.chance(0.02):
        worker = w.known("WorkerRegistered", "worker") or "nobody"
        lines += [_line(w, worker)] if worker not in workers else []
    posting: Posting = {
        "on": on,
        "project": project,
        "employer": employer,
        "sheet": w.new_id("S", "PayrollSubmitted", "sheet"),
        "period": w.period(),
        "due_on": w.due(on),
        "lines": lines,
    }
    if w.chance(0.6):
        posting["back_pay"] = w.chance(0.8)
    return posting


def _line(w: World, worker: str) -> Posting:
    net = w.yuan(800, 9_000)
    line: Posting = {"worker": worker, "net_fen": net}
    if w.chance(0.3):
        taken = w.yuan(1, 400) if w.chance(0.8) else 0
        line |= {"gross_fen": net + taken, "deductions_fen": taken}
    elif w.chance(0.1):
        line["gross_fen"] = net
    if w.chance(0.3):
        line["days"] = w.rng.choice((0.5, 12, 20.5, 26))
    return line


@proposal("PayrollApproved", "PayrollReturned", "ObjectionRaised")
def _sheet(w: World) -> Posting | None:
    sheets = w.log.of("PayrollSubmitted")
    waiting = [s for s in sheets if w.log.sheet_state(s.f["sheet"]) == "submitted"]
    if w.chance(0.05) or w.kind == "ObjectionRaised":
        waiting = sheets
    sheet = w.pick(waiting)
    if sheet is None:
        return None
    project = sheet.f["project"] if w.chance(0.98) else w.project()
    posting = {"on": w.on(sheet.on), "project": project, "sheet": sheet.f["sheet"]}
    if w.kind != "PayrollApproved":
        posting["reason"] = w.rng.choice(("工日不符", "姓名有误", "rates differ"))
    if w.kind == "ObjectionRaised":
        worker = w.rng.choice(sheet.f["lines"])["worker"]
        posting["worker"] = worker if w.chance(0.9) else w.known("WorkerRegistered", "worker")
    return posting


@proposal("ClaimReduced")
def _reduced(w: World) -> Posting | None:
    project = w.project()
    on = w.on()
    claim = w.pick(w.free_claims(on, project=project) or w.claims(project=project))
    if claim is None:
        return None
    on = w.on(*causes_of([claim]))
    amount = w.upto(claim.lowest_free(on))
    posting = {"on": on, "project": project, "claim": claim.claim, "amount_fen": amount}
    return {**posting, "reason": "重复计算", **w.document(0.5)}


# -- batches ------------------------------------------------------------------


@proposal("PayoutInstructed")
def _instructed(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    opened = w.log.wage_account_since(project)
    on = w.on(opened or FIRST_DAY)
    claims = [c for c in w.free_claims(on, project=project) if c.born_on <= on or w.chance(0.1)]
    carded = [c for c in claims if w.log.has("CardBound", worker=c.worker) or w.chance(0.2)]
    lines = w.lines(carded, on, 5)
    gc = w.facts(project)["general_contractor"]
    money = w.log.cell(gc, "wage_account", project) + w.log.cell(gc, "suspense", project)
    room = lowest(money, on)
    if not w.chance(0.12):
        while lines and sum(line["amount_fen"] for line in lines) > room:
            lines.pop()
    if not lines:
        return None
    return {
        "on": on,
        "project": project,
        "batch": w.new_id("B", "PayoutInstructed", "batch"),
        "lines": lines,
        "total_fen": sum(line["amount_fen"] for line in lines),
        "count": len(lines),
    }


def _batch(w: World, state: str) -> tuple[Record, list[str]] | None:
    """A batch with lines in that state (now and then any batch), and those lines."""
    found = []
    for batch in w.log.of("PayoutInstructed"):
        lines = w.log.batch_lines(batch.f["batch"])
        wanted = [claim for claim, line in lines.items() if line[0] == state]
        if wanted or w.chance(0.02):
            found.append((batch, wanted or list(lines)))
    return w.pick(found)


@proposal("PayoutSettled")
def _settled(w: World) -> Posting | None:
    found = _batch(w, "pending")
    if found is None:
        return None
    batch, pending = found
    posting = {"on": w.on(batch.on), "project": batch.f["project"], "batch": batch.f["batch"]}
    posting["claims"] = "all" if w.chance(0.5) else w.some(pending, 3)
    if w.chance(0.5):
        posting["bank_ref"] = w.reference("R")
    return posting


def _returned_lines(w: World, claims: list[str], most: int) -> list[Posting]:
    lines = []
    for claim in w.some(claims, most):
        line = {"claim": claim, "code": w.rng.choice(RETURN_CODES)}
        if w.chance(0.2):
            line["bank_code"] = "AC04"
        lines.append(line)
    return lines


@proposal("PayoutReturned")
def _returned(w: World) -> Posting | None:
    found = _batch(w, "settled" if w.chance(0.6) else "pending")
    if found is None:
        return None
    batch, claims = found
    on = w.on(batch.on)
    settled = [line[2] for line in w.log.batch_lines(batch.f["batch"]).values()]
    if w.chance(0.9):
        on = max(on, *settled)
    project = batch.f["project"] if w.chance(0.98) else w.project()
    posting = {"on": on, "project": project, "batch": batch.f["batch"]}
    return {**posting, "lines": _returned_lines(w, claims, 2)}


@proposal("TransferReturned")
def _bounced(w: World) -> Posting | None:
    kinds = ["DepositPaidOut", "GuaranteeCalled", "AdvanceClearingPaid"]
    if w.chance(0.06):
        kinds = ["PaidOutsideAccount", "PayoutInstructed"]
    paid = w.pick(w.log.of(*kinds))
    if paid is None:
        return None
    back = w.log.bounced(paid.position)
    claims = [x["claim"] for x in paid.f["lines"] if x["claim"] not in back or w.chance(0.1)]
    if not claims:
        return None
    position = paid.position if w.chance(0.99) else len(w.log.records) + 1
    project = paid.f["project"] if w.chance(0.97) else w.project()
    on = w.on(paid.on)
    lines = _returned_lines(w, claims, 2)
    return {"on": on, "project": project, "position": position, "lines": lines}


@proposal("PaidOutsideAccount", "AdvanceClearingPaid")
def _beside(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    on = w.on()
    claims = [c for c in w.free_claims(on, project=project) if c.born_on <= on or w.chance(0.1)]
    if w.kind == "PaidOutsideAccount" and claims and w.chance(0.6):
        employer = w.rng.choice(claims).employer_at()
        claims = [claim for claim in claims if claim.employer_at() == employer]
    elif w.kind == "AdvanceClearingPaid" and w.log.wage_account_since(project):
        gc = w.facts(project)["general_contractor"]
        claims = [c for c in claims if c.employer_at() != gc or w.chance(0.1)]
    lines = w.lines(claims, on, 3)
    share = 0.93 if w.kind == "PaidOutsideAccount" else 0.3
    return {"on": on, "project": project, "lines": lines, **w.document(share)} if lines else None
