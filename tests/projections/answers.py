"""Every answer that the queries give on a day, and every row that the read models hold.

Two ledgers that tell the same story must give the same answers and hold the same rows, however
they came to it; only the instants of recording differ.
"""

from typing import Any

from sqlalchemy import Engine, text

from ledger.eventlog.engine import begin_reading
from projections.positions import survey
from projections.queries.breaks import breaks
from projections.queries.case import case_list, case_show
from projections.queries.claim import claim_list, claim_show
from projections.queries.deposit import deposit_notices, deposit_show
from projections.queries.explain import COMPONENTS, explain
from projections.queries.fund import advance_list, fund_show
from projections.queries.history import history
from projections.queries.inbox import ROLES, inbox
from projections.queries.journal import journal
from projections.queries.liability import liability
from projections.queries.party import party_list, party_show
from projections.queries.payout import payout_list, payout_show
from projections.queries.payroll import payroll_list, payroll_show
from projections.queries.policy import policy_list
from projections.queries.pots import INTO
from projections.queries.project import project_list, project_show, subcontract_list
from projections.queries.trace import trace
from projections.queries.worker import worker_show
from projections.registry import PROJECTIONS
from projections.view import View

Answers = dict[str, Any]


def everything(view: View, as_of: str, known_at: int | None = None) -> Answers:
    """What every query answers about everything that it can be asked of, on one day."""
    at: dict[str, Any] = {"as_of": as_of, "known_at": known_at}
    told: Answers = {
        "liability": liability(view, **at),
        "funds": fund_show(view, **at),
        "advances": advance_list(view, **at),
        "notices": deposit_notices(view, **at),
        "projects": project_list(view, **at),
        "subcontracts": subcontract_list(view, **at),
        "sheets": payroll_list(view, **at),
        "batches": payout_list(view, **at),
        "cases": case_list(view, **at),
        "parties": party_list(view, **at),
        "claims": claim_list(view, **at),
        "breaks": breaks(view, **at),
        "policies": policy_list(view, **at),
        "journal": journal(view, **at),
    }
    for role in ROLES:
        told[f"inbox {role}"] = inbox(view, role=role, party=None, **at)
    for name, ask, ids in (
        ("project", project_show, [one["project"] for one in told["projects"]["projects"]]),
        ("deposit", deposit_show, [one["project"] for one in told["projects"]["projects"]]),
        ("sheet", payroll_show, [one["sheet"] for one in told["sheets"]["sheets"]]),
        ("batch", payout_show, [one["batch"] for one in told["batches"]["batches"]]),
        ("case", case_show, [one["case"] for one in told["cases"]["cases"]]),
        ("claim", claim_show, [one["claim"] for one in told["claims"]["claims"]]),
        ("worker", worker_show, sorted({one["worker"] for one in told["claims"]["claims"]})),
        ("party", party_show, [one["party"] for one in told["parties"]["parties"]]),
        ("history", history, [one["party"] for one in told["parties"]["parties"]]),
    ):
        for each in ids:
            told[f"{name} {each}"] = ask(view, each, **at)
    money = {line["position"] for line in told["journal"]["lines"] if line["kind"] in INTO}
    for position in sorted(money):
        told[f"trace {position}"] = trace(view, f"@{position}", **at)
    for party in told["parties"]["parties"]:
        for component in COMPONENTS:
            name = f"explain {party['party']} {component}"
            told[name] = explain(view, party["party"], component, **at)
    return told


def comparable(told: Any) -> Any:  # noqa: ANN401 - any JSON
    """An answer without the instants of recording and the position of the view."""
    if isinstance(told, dict):
        return {
            name: comparable(value)
            for name, value in told.items()
            if name not in {"recorded_at", "known_at"}
        }
    if isinstance(told, list):
        return [comparable(each) for each in told]
    return told


def without_position(told: Answers) -> Answers:
    """Answers without the position that each of them holds at."""
    return {
        name: {key: value for key, value in answer.items() if key != "position"}
        for name, answer in told.items()
    }


def rows_of(engine: Engine, tenant: str, slot: str | None = None) -> dict[str, list[Any]]:
    """Every row of every read model, from the slots that are read or from one slot."""
    with begin_reading(engine) as connection:
        live = survey(connection, tenant).live()
        found = {}
        for projection in PROJECTIONS:
            for table in projection.tables:
                at = slot or live[projection.name].slot
                columns = ", ".join(name for name in table.names if name != "recorded_at")
                order = ", ".join(table.key)
                rows = connection.execute(
                    text(
                        f"SELECT {columns} FROM {table.physical(at)} WHERE tenant = :tenant"  # noqa: S608
                        f" ORDER BY {order}"
                    ),
                    {"tenant": tenant},
                )
                found[table.name] = [tuple(row) for row in rows]
    return found
