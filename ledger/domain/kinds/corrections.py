"""Reversal and policy: the ledger never edits; it reverses, and rules have dates.

Contract: postings.md, Corrections. A reversal carries the earlier posting's lines with
the opposite sign on its own date and undoes its state.
"""

from ledger.domain.base import Decision, Line, Posting, Recorded, kind
from ledger.domain.context import Context
from ledger.domain.facts import Facts, Keeper, free_from
from ledger.domain.journal import CREDIT_ONLY, DEBIT_ONLY
from ledger.domain.kinds.deposit import cover_left, undrawn_notices
from ledger.domain.kinds.emergency_fund import MEMO
from ledger.domain.kinds.funds import SETTLES_PRICE, bank_ref_id, count_certified, settle_price
from ledger.domain.kinds.payroll import end_sheet
from ledger.domain.policy import PARAMETERS, PolicyRecord
from ledger.domain.registry import decides, evolves
from ledger.domain.shapes import Day, PolicyValue, Position, RegionOrNation, Text
from ledger.domain.state import Advance, Counter, Marks, Notice, Parameters, Sheet
from ledger.domain.timeline import Timeline, combined
from ledger.kernel.errors import Refusal

REVERSIBLE = frozenset(
    {"ProgressCertified", "LabourCostTransferred", "DeveloperAdvancePaid", "WageAccountToppedUp",
     "ProjectFundsPaid", "SubcontractorPaid", "DepositLodged", "PayrollApproved",
     "FundAppropriated", "DonationReceived", "InterestCredited", "AdvanceRecovered",
     "RecourseRepaid", "RecourseSetOff"}
)  # fmt: skip


@kind("DGSBIFTO", "correction")
class Reversed(Posting):
    """An earlier posting is taken back."""

    reverses: Position
    reason: Text


@kind("OI", "policy")
class PolicyPublished(Posting):
    """A rule's value for a region and a time."""

    region: RegionOrNation
    parameter: Text
    value: PolicyValue
    valid_from: Day
    source: Text
    valid_to: Day | None = None


@decides("Reversed")
def decide_reversed(posting: Reversed, at: Context) -> Decision:
    """Only what nothing rests on."""
    earlier = at.facts.posting(posting.reverses)
    marks = at.facts.get(Marks, str(posting.reverses))
    if marks is not None and marks.reversed_by:
        raise Refusal(
            "already_reversed", position=posting.reverses, first_position=marks.reversed_by
        )
    if earlier.kind not in REVERSIBLE:
        raise Refusal("not_reversible", position=posting.reverses, kind=earlier.kind)
    lines = [line._replace(amount_fen=-line.amount_fen) for line in earlier.journal]
    require_independent(earlier, lines, at)
    outcome = {"of_kind": earlier.kind, "of": dict(earlier.fields)}
    project = earlier.fields.get("project")
    stream = f"project:{project}" if project else f"fund:{earlier.fields['region']}"
    return Decision(stream, lines, outcome=outcome)


def require_independent(earlier: Recorded, lines: list[Line], at: Context) -> None:
    """Refuse a reversal that would break a balance, a notice or a claim."""
    on, facts = at.posting.on, at.facts
    for line in lines:
        after = after_change(facts, line, on)
        balances = after.balances(on)
        negative = line.account in DEBIT_ONLY and min(balances) < 0
        positive = line.account in CREDIT_ONLY and max(balances) > 0
        if negative or positive or breaks_reserve(line, after, on, facts):
            raise Refusal("depended_upon", position=earlier.position, account=line.account)
    if earlier.kind == "DepositLodged":
        changed = sum(line.amount_fen for line in lines if line.account == "deposit_cash")
        if undrawn_notices(at) > cover_left(at, on) + changed:
            raise Refusal("depended_upon", position=earlier.position, account="deposit_cash")
    if earlier.kind == "PayrollApproved":
        require_untouched(earlier, at)


def after_change(facts: Facts, line: Line, on: str) -> Timeline:
    """The cell of a line as it would be with the line added on a day."""
    change = Timeline({on: line.amount_fen})
    if line.account == "wages_payable":
        cell = facts.due_cell(line.book, line.project, line.due_on)
    else:
        cell = facts.cell(line.book, line.account, line.project, line.counterparty)
    return combined((1, cell), (1, change))


def breaks_reserve(line: Line, after: Timeline, on: str, facts: Facts) -> bool:
    """Whether wage account would fall below suspense, or the fund below its commitments."""
    if line.account == "wage_account":
        suspense = facts.cell(line.book, "suspense", line.project, "")
        return combined((1, after), (1, suspense)).lowest(on) < 0
    if line.account == "cash":
        region = line.book.removeprefix("fund:")
        refunds = facts.fund_total(region, "refund_payable")
        committed = facts.cell(MEMO, "committed", "", region)
        return combined((1, after), (1, refunds), (-1, committed)).lowest(on) < 0
    return False


def require_untouched(earlier: Recorded, at: Context) -> None:
    """Refuse when a claim of the sheet was ever changed, or is named where it is needed."""
    sheet = at.facts.sheet(earlier.fields["sheet"])
    assert sheet is not None
    touched = at.facts.touched_claims(sheet)
    named: set[str] = set()
    for name in at.the_project().notices:
        notice = at.facts.get(Notice, name)
        assert notice is not None
        if not notice.withdrawn:
            named |= notice.lines.keys()
    for name in at.the_project().advances:
        advance = at.facts.get(Advance, name)
        assert advance is not None
        if advance.state in {"requested", "approved"}:
            named |= advance.lines.keys()
    on_sheet = {name for name in named if name.startswith(f"{sheet.name}/")}
    for claim in sorted(touched | on_sheet):
        raise Refusal("depended_upon", claim=claim, position=earlier.position)
    require_untouched_later(earlier, sheet, at)


def require_untouched_later(earlier: Recorded, sheet: Sheet, at: Context) -> None:
    """Refuse a day on or after which something was paid or in transit, though it came back."""
    names = (f"{sheet.name}/{line}" for line in range(1, sheet.count + 1))
    for name, claim in at.facts.claims(names).items():
        if free_from(claim, at.posting.on, at.facts) < claim.net_fen:
            raise Refusal("depended_upon", claim=name, position=earlier.position)


@evolves("Reversed")
def evolve_reversed(event: Recorded, keeper: Keeper) -> None:
    """Undo the earlier posting's state: period, reference, price and sheet are free."""
    position = event.fields["reverses"]
    keeper.keep(str(position), Marks(reversed_by=event.position))
    kind_name, fields = event.outcome["of_kind"], event.outcome["of"]
    if kind_name == "ProgressCertified":
        count_certified(fields["project"], fields["period"], -1, keeper)
    if kind_name in SETTLES_PRICE:
        settle_price(fields["project"], -fields["amount_fen"], keeper)
    if "bank_ref" in fields and "project" in fields:
        pot = "deposit" if kind_name == "DepositLodged" else "wage"
        name = bank_ref_id(pot, fields["project"], fields["bank_ref"])
        seen = keeper.get(Counter, name)
        if seen is not None and seen.value == position:  # interest may have shown it again since
            keeper.drop(Counter, name)
    if kind_name == "PayrollApproved":
        end_sheet(fields["sheet"], "reversed", keeper)


@decides("PolicyPublished")
def decide_policy(posting: PolicyPublished, at: Context) -> Decision:
    """A known parameter, and no second value for the same days."""
    if posting.parameter not in PARAMETERS:
        raise Refusal("unknown_parameter", parameter=posting.parameter)
    record = PolicyRecord(
        region=posting.region, parameter=posting.parameter, value=posting.value,
        valid_from=posting.valid_from, valid_to=posting.valid_to, source=posting.source,
    )  # fmt: skip
    if at.book((posting.parameter,)).overlapping(record) is not None:
        raise Refusal("policy_overlap", parameter=posting.parameter, region=posting.region)
    return Decision(f"policy:{posting.region}")


@evolves("PolicyPublished")
def evolve_policy(event: Recorded, keeper: Keeper) -> None:
    """Later decisions use it by their own date."""
    fields = event.fields
    kept = keeper.get(Parameters, fields["parameter"]) or Parameters()
    kept.records.append(
        [fields["region"], fields["value"], fields["valid_from"], fields.get("valid_to"),
         fields["source"], event.position]
    )  # fmt: skip
    keeper.keep(fields["parameter"], kept)
