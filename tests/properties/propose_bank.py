"""Plausible reversals, policies, bank statements, matches and sign-offs."""

from tests.model import corrections
from tests.model.balances import Record
from tests.properties.world import FIRST_DAY, Posting, World, later, proposal


@proposal("Reversed")
def _reversed(w: World) -> Posting | None:
    kinds = sorted(corrections.REVERSIBLE)
    if w.chance(0.1):
        kinds = ["PayoutInstructed", "PartyRegistered", "Reversed", "DepositPaidOut"]
    else:
        there = {record.kind for record in w.log.of(*kinds)}
        kinds = [w.rng.choice(sorted(there))] if there else kinds
    earlier = w.pick(w.log.of(*kinds))
    if w.chance(0.05):
        earlier = w.pick(record for record in w.log.records if record.reversed_by) or earlier
    if earlier is None:
        return None
    position = earlier.position if w.chance(0.99) else len(w.log.records) + 3
    return {"on": w.on(earlier.on), "reverses": position, "reason": "录入有误"}


_VALUES = {
    "fund.cap_k": (1, 2, 3),
    "fund.cap_p": (10, 20, 30, 50),
    "minimum_wage.month": (150_000, 190_000, 210_000),
    "crime.single_amount": (500_000, 1_000_000),
    "crime.group_amount": (3_000_000, 6_000_000),
    "deposit.ratio": (100, 150, 300),
    "deposit.cap": (5_000_000, 100_000_000),
    "deposit.exempt_below": (0, 300_000_000),
}


@proposal("PolicyPublished")
def _published(w: World) -> Posting:
    main = ("fund.cap_p", "minimum_wage.month")
    parameter = w.rng.choice(main if w.chance(0.6) else sorted(_VALUES))
    value = w.rng.choice(_VALUES[parameter])
    regions = ("220200", "220202", "220281", "220300", "220000", "CN")
    start = later(w.now, w.rng.randint(-60, 30))
    posting = {
        "on": w.on(),
        "region": w.rng.choice(regions[:4] if parameter.startswith("minimum") else regions),
        "parameter": parameter if w.chance(0.95) else "fund.no_such_rule",
        "value": value,
        "valid_from": start,
        "source": "示例文件第1号",
    }
    if w.chance(0.8):
        posting["valid_to"] = later(start, w.rng.randint(0, 40))
    return posting


# -- statements ---------------------------------------------------------------


def _account(w: World) -> str | None:
    """An account with money on it, seldom one of a project or fund that is not there."""
    if w.chance(0.01):
        return w.rng.choice(("wage:nowhere-1", "fund:220400"))
    projects = [record.f["project"] for record in w.log.of("ProjectRegistered")]
    accounts = [f"{pot}:{p}" for p in projects for pot in ("wage", "wage", "deposit")]
    accounts += [f"fund:{region}" for region in w.regions()]
    return w.pick(accounts)


def _movements(w: World, account: str, first: str, last: str) -> list[tuple[Record, int]]:
    """The postings of a range of days that moved the account."""
    found = []
    for record in w.log.records:
        amount = corrections.moved_on(w.log, account, record) if first <= record.on <= last else 0
        if amount:
            found.append((record, amount))
    return found


@proposal("StatementImported")
def _imported(w: World) -> Posting | None:
    account = _account(w)
    if account is None:
        return None
    earlier = w.log.of("StatementImported", account=account)
    if earlier and w.chance(0.06):
        names = ("statement_id", "from", "to", "opening_fen", "closing_fen", "lines")
        found = w.rng.choice(earlier).f
        again = {name: found[name] for name in names}
        if found["lines"] and w.chance(0.5):
            again["lines"] = found["lines"][:-1]
            again["closing_fen"] -= found["lines"][-1]["amount_fen"]
        return {"on": w.on(), "account": account, **again}
    first = max((later(s.f["to"], 1) for s in earlier), default=FIRST_DAY)
    last = later(first, w.rng.randint(5, 60))
    if w.chance(0.06):
        first = later(first, -3)
    lines: list[Posting] = []
    known = not account.endswith(("nowhere-1", "220400"))
    for record, amount in _movements(w, account, first, last) if known else []:
        if w.chance(0.9):
            paid = amount if w.chance(0.95) else amount + 7
            name = f"L{record.position}"
            lines.append({"line": name, "on": record.on, "amount_fen": paid or 7})
    if w.chance(0.2):
        lines.append({"line": "X1", "on": last, "amount_fen": w.rng.choice((-5, 12_345))})
    opening = w.rng.choice((0, 10_000, -300))
    return {
        "on": w.on(),
        "account": account,
        "statement_id": f"ST{w.rng.randrange(10**7):07}",
        "from": first,
        "to": last,
        "opening_fen": opening,
        "closing_fen": opening + sum(line["amount_fen"] for line in lines),
        "lines": lines,
    }


@proposal("StatementLineMatched")
def _matched(w: World) -> Posting | None:
    statement = w.pick(s for s in w.log.of("StatementImported") if s.f["lines"])
    if statement is None:
        return None
    account = statement.f["account"]
    line = w.rng.choice(statement.f["lines"])
    same = [
        record
        for record, amount in _movements(w, account, FIRST_DAY, w.today)
        if amount == line["amount_fen"] or (w.chance(0.02) and amount * line["amount_fen"] > 0)
    ]
    free = [r for r in same if corrections.left_of_posting(w.log, account, r) != 0]
    found = w.pick(free if free and w.chance(0.9) else same)
    if found is None:
        return None
    item: Posting = {"position": found.position}
    return {**_match(w, statement), "lines": [line["line"]], "matched": [item]}


def _match(w: World, statement: Record) -> Posting:
    names = {name: statement.f[name] for name in ("account", "statement_id")}
    return {"on": w.on(), **names, "rule": "amount and day", "score": w.rng.randint(60, 100)}


@proposal("StatementLineUnmatched")
def _unmatched(w: World) -> Posting | None:
    match = w.pick(w.log.of("StatementLineMatched"))
    if match is None:
        return None
    return {**_match(w, match), "lines": match.f["lines"], "matched": match.f["matched"]}


@proposal("BreakResolved")
def _resolved(w: World) -> Posting | None:
    statement = w.pick(w.log.of("StatementImported"))
    if statement is None:
        return None
    account = statement.f["account"]
    posting = {"on": w.on(), "account": account, "reason": "银行已说明"}
    match = w.pick(w.log.of("StatementLineMatched", account=account))
    if match is not None and w.chance(0.1):
        return {**posting, "position": match.f["matched"][0]["position"]}
    found = w.pick(corrections.open_breaks(w.log, account))
    if found is None:
        return None
    on, line, position = found
    if position:
        return {**posting, "position": position}
    shown = [
        s.f["statement_id"]
        for s in w.log.of("StatementImported", account=account)
        if any((x["on"], x["line"]) == (on, line) for x in s.f["lines"])
    ]
    return {**posting, "statement_id": w.rng.choice(shown), "line": line}


@proposal("StatementReconciled")
def _reconciled(w: World) -> Posting | None:
    statement = w.pick(w.log.of("StatementImported"))
    if statement is None:
        return None
    account = statement.f["account"]
    days = [found[0] for found in corrections.open_breaks(w.log, account)]
    to = later(min(days), -1) if days and not w.chance(0.1) else later(w.now, -15)
    to = min(to, later(w.now, -w.rng.randint(3, 25)))
    return {"on": max(to, w.on()), "account": account, "to": to}
