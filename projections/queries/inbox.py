"""What waits for a role: sheets to approve, batches to settle, notices to pay, requests to decide.

An item is computed from the facts of the date; it goes away when the posting that it waits for
is recorded. A party sees what concerns it; authority, bank, fund and operator see all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from projections.queries.breaks import open_breaks
from projections.queries.case import case_list
from projections.queries.deadlines import add_working_days
from projections.queries.deposit import covers, deposit_notices
from projections.queries.fund import advance_list
from projections.queries.paging import Answer, Key, page_after
from projections.queries.payout import payout_list
from projections.queries.payroll import payroll_list
from projections.queries.policy import number, policy_book
from projections.queries.project import project_list, project_show
from projections.queries.proposals import proposals
from projections.view import Cut, View

ROLES: Final = ("D", "G", "S", "B", "I", "F", "T", "O")
ONE_PARTY: Final = frozenset({"D", "G", "S"})
"""Roles of contractors and developers, who see what is theirs."""


class Asked(NamedTuple):
    """Whose inbox, on which day, as known when."""

    party: str | None
    as_of: str
    known_at: int | None


def inbox(
    view: View,
    *,
    role: str,
    party: str | None,
    as_of: str,
    known_at: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Answer:
    """What a role must act on.

    Args:
        view: The ledger.
        role: Letter of the role (D G S B I F T O); the operator sees everything.
        party: The profile's party; a developer, general contractor or subcontractor sees its own.
        as_of: Day, ISO text.
        known_at: Position up to which what was recorded counts.
        limit: Rows of a page.
        after: Cursor of the page before.

    Returns:
        ``{"role", "party", "as_of", "position", "items": [{"kind", "ref", "project", "party",
        "on", "due_on", "amount_fen"}], "next"}``; ``due_on`` is the day by which to act, where
        the law or an order sets one.
    """
    asked = Asked(party if role in ONE_PARTY else None, as_of, known_at)
    items = [item for find in _FINDERS.get(role, ()) for item in find(view, asked)]
    items.sort(key=_order)
    shown, following = page_after(items, _order, limit, after)
    return {
        "role": role,
        "party": party,
        "as_of": as_of,
        "position": view.position,
        "items": shown,
        "next": following,
    }


def _order(item: Mapping[str, Any]) -> Key:
    where = str(item.get("account") or item["project"] or "")
    return item["due_on"] or "9999-12-31", item["on"], item["ref"], item["kind"], where


def _item(
    kind: str,
    ref: str,
    project: str | None,
    party: str | None,
    on: str,
    amount_fen: int | None,
    due_on: str | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "ref": ref,
        "project": project,
        "party": party,
        "on": on,
        "due_on": due_on,
        "amount_fen": amount_fen,
    }


def _sheets_to_approve(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    found = payroll_list(
        view, as_of=asked.as_of, known_at=asked.known_at, state="submitted", party=asked.party
    )
    for sheet in found["sheets"]:
        if asked.party in {None, sheet["general_contractor"]}:
            yield _item(
                "sheet_to_approve", sheet["sheet"], sheet["project"], sheet["employer"],
                sheet["on"], sheet["total_fen"], sheet["due_on"],
            )  # fmt: skip


def _sheets_to_correct(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    """Returned sheets of a month for which none was submitted since."""
    found = payroll_list(view, as_of=asked.as_of, known_at=asked.known_at, party=asked.party)
    latest = {
        (sheet["project"], sheet["employer"], sheet["period"]): sheet for sheet in found["sheets"]
    }
    for sheet in latest.values():
        if sheet["state"] == "returned" and asked.party in {None, sheet["employer"]}:
            yield _item(
                "sheet_to_correct", sheet["sheet"], sheet["project"], sheet["employer"],
                sheet["state_on"], sheet["total_fen"], sheet["due_on"],
            )  # fmt: skip


def _projects(view: View, asked: Asked, part: str) -> Iterator[Mapping[str, Any]]:
    found = project_list(view, as_of=asked.as_of, known_at=asked.known_at, party=asked.party)
    for project in found["projects"]:
        if asked.party in {None, project[part]}:
            yield project_show(view, project["project"], as_of=asked.as_of, known_at=asked.known_at)


def _payrolls_to_instruct(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    for project in _projects(view, asked, "general_contractor"):
        if project["next_payroll_fen"] > 0:
            yield _item(
                "payroll_to_instruct", project["project"], project["project"],
                project["parties"]["general_contractor"], asked.as_of, project["next_payroll_fen"],
            )  # fmt: skip


def _labour_cost_to_transfer(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    for project in _projects(view, asked, "developer"):
        if project["labour_cost_overdue_fen"] > 0:
            yield _item(
                "labour_cost_to_transfer", project["project"], project["project"],
                project["parties"]["developer"], asked.as_of, project["labour_cost_overdue_fen"],
            )  # fmt: skip


def _deposits_to_replenish(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    cut = view.cut(asked.as_of, asked.known_at)
    book = policy_book(view, cut)
    for cover in covers(view, cut, party=asked.party):
        short = cover.shortfall_fen(cut.on)
        if short:
            since = cover.last_draw_on or cover.first_assessed_on
            parameter = "replenish" if cover.last_draw_on else "open"
            days = number(book, f"deposit.{parameter}_within_wd", _region(view, cover), cut.on)
            yield _item(
                "deposit_to_replenish", cover.project, cover.project, cover.party, since, short,
                add_working_days(since, days),
            )  # fmt: skip


_REGION: Final = (
    "SELECT p.region FROM {project} AS p WHERE p.tenant = :tenant AND p.project = :project"
)


def _region(view: View, cover: Any) -> str:  # noqa: ANN401 - a deposit
    found = view.row(_REGION, project=cover.project)
    return str(found.region) if found is not None else "CN"


def _batches_to_settle(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    """Batches of which something waits for the bank's word, beyond what statements say of them."""
    found = payout_list(view, as_of=asked.as_of, known_at=asked.known_at, state="pending,partly")
    said: dict[str, int] = {}
    for proposal in proposals(view, view.cut(asked.as_of, asked.known_at)):
        if proposal.kind == "PayoutSettled":
            said[proposal.batch] = said.get(proposal.batch, 0) + proposal.amount_fen
    for batch in found["batches"]:
        left = batch["pending_fen"] - said.get(batch["batch"], 0)
        if left > 0:
            yield _item(
                "batch_to_settle", batch["batch"], batch["project"], batch["general_contractor"],
                batch["on"], left,
            )  # fmt: skip


_CONFIRMED: Final = {
    "PayoutSettled": "settlement_to_confirm", "PayoutReturned": "return_to_confirm",
}  # fmt: skip


def _proposals_to_confirm(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    """What statements say of payments and the bank has not posted: it confirms, or answers else."""
    for proposal in proposals(view, view.cut(asked.as_of, asked.known_at)):
        yield {
            **_item(
                _CONFIRMED[proposal.kind], proposal.batch, proposal.project, proposal.party,
                proposal.on, proposal.amount_fen,
            ),
            "account": proposal.account,
            "command": f"wageledger bank match --account {proposal.account} --confirm",
        }  # fmt: skip


def _notices_to_pay(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    book = policy_book(view, view.cut(asked.as_of, asked.known_at))
    days = number(book, "deposit.bank_pay_within_wd", "CN", asked.as_of)
    found = deposit_notices(view, as_of=asked.as_of, known_at=asked.known_at, state="open")
    for notice in found["notices"]:
        yield _item(
            "notice_to_pay", notice["notice"], notice["project"], notice["general_contractor"],
            notice["on"], notice["undrawn_fen"], add_working_days(notice["on"], days),
        )  # fmt: skip


def _advances(state: str, kind: str) -> Callable[[View, Asked], Iterator[dict[str, Any]]]:
    def find(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
        found = advance_list(view, as_of=asked.as_of, known_at=asked.known_at, state=state)
        for advance in found["advances"]:
            yield _item(
                kind, advance["advance"], advance["project"], advance["employer"],
                advance["on"], advance["total_fen"],
            )  # fmt: skip

    return find


def _breaks_to_resolve(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    cut: Cut = view.cut(asked.as_of, asked.known_at)
    proposed = {line for proposal in proposals(view, cut) for line in proposal.lines}
    for found in open_breaks(view, cut):
        if (found["account"], found["on"], found["line"]) in proposed:
            continue  # to be confirmed: no break for a person
        ref = found["line"] if found["position"] is None else str(found["position"])
        account = found["account"]
        project = account.partition(":")[2] if not account.startswith("fund:") else None
        yield {
            **_item("break_to_resolve", ref, project, None, found["on"], found["amount_fen"]),
            "account": account,
            "break": found["kind"],
        }


def _cases_past_deadline(view: View, asked: Asked) -> Iterator[dict[str, Any]]:
    found = case_list(view, as_of=asked.as_of, known_at=asked.known_at, state="open")
    for case in found["cases"]:
        if case["deadline_on"] is None or case["deadline_on"] < asked.as_of:
            kind = "case_to_order" if case["deadline_on"] is None else "case_past_deadline"
            yield _item(
                kind, case["case"], case["project"], case["employer"], case["on"], None,
                case["deadline_on"],
            )  # fmt: skip


_requests_to_decide = _advances("requested", "request_to_decide")
_advances_to_pay = _advances("approved", "advance_to_pay")

_FINDERS: Final[Mapping[str, tuple[Callable[[View, Asked], Iterator[dict[str, Any]]], ...]]] = {
    "D": (_labour_cost_to_transfer,),
    "G": (_sheets_to_approve, _sheets_to_correct, _payrolls_to_instruct, _deposits_to_replenish),
    "S": (_sheets_to_correct,),
    "B": (
        _proposals_to_confirm, _batches_to_settle, _notices_to_pay, _advances_to_pay,
        _breaks_to_resolve,
    ),
    "I": (_cases_past_deadline, _deposits_to_replenish),
    "F": (_requests_to_decide,),
    "T": (),
    "O": (
        _labour_cost_to_transfer, _sheets_to_approve, _sheets_to_correct, _payrolls_to_instruct,
        _deposits_to_replenish, _proposals_to_confirm, _batches_to_settle, _notices_to_pay,
        _advances_to_pay, _breaks_to_resolve, _cases_past_deadline, _requests_to_decide,
    ),
}  # fmt: skip
