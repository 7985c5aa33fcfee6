"""Plausible postings about the guarantee deposit, its guarantees and payment notices."""

from tests.model.balances import Record, lowest
from tests.model.deposit import months_after
from tests.properties.world import Posting, World, causes_of, later, proposal


@proposal("DepositAssessed")
def _assessed(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    posting: Posting = {"on": w.on(), "project": project}
    if w.chance(0.7):
        posting["required_fen"] = w.rng.choice((0, 1)) * w.yuan(10_000, 90_000)
    return posting


@proposal("DepositLodged", "DepositInterestCredited", "DepositInterestWithdrawn", "DepositReleased")
def _cash(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    gc, on = w.facts(project)["general_contractor"], w.on()
    amount = w.yuan(1_000, 40_000)
    if w.kind == "DepositInterestCredited":
        amount = w.yuan(1, 90)
    if w.kind == "DepositInterestWithdrawn":
        held = w.lowest_of(on, gc, "deposit_interest", project)
        if held <= 0 and w.chance(0.9):
            return None
        amount = w.upto(held)
    if w.kind == "DepositReleased":
        amount = w.upto(w.lowest_of(on, gc, "deposit_cash", project))
    posting = {"on": on, "project": project, "amount_fen": amount}
    if w.kind == "DepositLodged" or (w.kind != "DepositReleased" and w.chance(0.4)):
        posting["bank_ref"] = w.reference("D")
    return posting


@proposal("DepositReleaseConfirmed")
def _confirmed(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    on = w.on()
    notice = later(on, -w.rng.choice((30, 30, 31, 60, 29)))
    return {"on": on, "project": project, "notice_posted_on": notice}


# -- guarantees ---------------------------------------------------------------


@proposal("GuaranteeAccepted")
def _accepted(w: World) -> Posting | None:
    project = w.project()
    if project is None:
        return None
    on = w.on()
    start = later(on, w.rng.randint(-20, 10))
    shortest = later(months_after(start, 12), -1)
    return {
        "on": on,
        "project": project,
        "guarantee": w.new_id("G", "GuaranteeAccepted", "guarantee"),
        "issuer": "示例银行",
        "face_fen": w.yuan(2_000, 60_000),
        "valid_from": start,
        "valid_to": later(shortest, w.rng.choice((0, 0, 1, 40, 200, -1))),
    }


@proposal("GuaranteeExtended", "GuaranteeReleased")
def _guarantee(w: World) -> Posting | None:
    guarantee = w.known("GuaranteeAccepted", "guarantee")
    if guarantee is None:
        return None
    accepted = w.log.of("GuaranteeAccepted", guarantee=guarantee)
    on = w.on(*(record.on for record in accepted))
    posting = {"on": on, "guarantee": guarantee}
    if w.kind == "GuaranteeExtended":
        known = w.log.of("GuaranteeAccepted", "GuaranteeExtended", guarantee=guarantee)
        end = known[-1].f["valid_to"] if known else on
        posting["valid_to"] = later(end, w.rng.choice((180, 365, 30, 1, 0, -5)))
        if w.chance(0.1) and end < w.today:
            posting["on"] = later(end, 1)
    return posting


# -- notices ------------------------------------------------------------------


@proposal("PaymentNoticeIssued")
def _notice(w: World) -> Posting | None:
    decided = [
        case
        for case in w.open_cases()
        if w.log.has("DecisionIssued", case=case.f["case"]) or w.chance(0.1)
    ]
    case = w.pick(decided)
    if case is None:
        return None
    project, employer = case.f["project"], case.f["employer"]
    deadlines = [r.f["deadline_on"] for r in w.log.of("DecisionIssued", case=case.f["case"])]
    on = w.on(case.on, later(min(deadlines, default=case.on), 1))
    claims = w.free_claims(on, project=project, employer=employer)
    on = w.on(on, *causes_of(claims))
    lines = w.lines([c for c in claims if c.born_on <= on], on)
    if not lines:
        return None
    room = w.log.cover(project, on) - w.log.undrawn(project)
    if not w.chance(0.1):
        lines = _within(lines, room)
    if not lines:
        return None
    notice = w.new_id("N", "PaymentNoticeIssued", "notice")
    return {
        "on": on,
        "project": project if w.chance(0.98) else w.project(),
        "notice": notice,
        "case": case.f["case"],
        "lines": lines,
    }


def _within(lines: list[Posting], room: int) -> list[Posting]:
    """The lines cut down so that their sum is at most `room`."""
    cut = []
    for line in lines:
        amount = min(line["amount_fen"], room)
        if amount > 0:
            cut.append({**line, "amount_fen": amount})
            room -= amount
    return cut


def _notices(w: World) -> list[Record]:
    """Notices with something left on them; now and then any."""
    known = w.log.of("PaymentNoticeIssued")
    if w.chance(0.08):
        return known
    return [n for n in known if _left(w, n, n.on)]


def _left(w: World, notice: Record, on: str) -> list[tuple[str, int]]:
    """The claims of a notice with what is left for them from a day on."""
    found = []
    for line in notice.f["lines"]:
        left = lowest(w.log.left_on_notice(notice.f["notice"], line["claim"]), on)
        claim = w.log.claim(line["claim"])
        if claim is not None and left > 0:
            found.append((line["claim"], min(left, max(0, claim.lowest_free(on)))))
    return found


@proposal("NoticeWithdrawn")
def _withdrawn(w: World) -> Posting | None:
    notice = w.pick(_notices(w) if w.chance(0.6) else w.log.of("PaymentNoticeIssued"))
    if notice is None:
        return None
    project = notice.f["project"]
    return {"on": w.on(notice.on), "project": project, "notice": notice.f["notice"]}


@proposal("DepositPaidOut", "GuaranteeCalled")
def _paid_out(w: World) -> Posting | None:
    notice = w.pick(_notices(w))
    if notice is None:
        return None
    project = notice.f["project"]
    on = w.on(notice.on)
    left = _left(w, notice, on) or [(notice.f["lines"][0]["claim"], 0)]
    lines = [{"claim": claim, "amount_fen": w.upto(amount)} for claim, amount in w.some(left, 3)]
    stray = w.pick(w.claims(project=project))
    if stray is not None and w.chance(0.05) and stray.claim not in {x["claim"] for x in lines}:
        lines.append({"claim": stray.claim, "amount_fen": 100})
    posting = {"on": on, "project": project, "notice": notice.f["notice"]}
    if w.kind == "GuaranteeCalled":
        guarantee = w.known("GuaranteeAccepted", "guarantee", project=project)
        accepted = [r.f["guarantee"] for r in w.log.of("GuaranteeAccepted", project=project)]
        valid = [g for g in accepted if w.log.valid_on(g, notice.on)]
        if valid and w.chance(0.85):
            guarantee = w.rng.choice(valid)
        if guarantee is None:
            return None
        posting["guarantee"] = guarantee
        if w.log.has("GuaranteeAccepted", guarantee=guarantee) and not w.chance(0.1):
            lines = _within(lines, lowest(w.log.face_left(guarantee), on))
    elif not w.chance(0.1):
        gc = w.facts(project)["general_contractor"]
        lines = _within(lines, w.lowest_of(on, gc, "deposit_cash", project))
    return {**posting, "lines": lines} if lines else None
