"""How the answers of reads look to people: which columns, in which order, what stands below.

JSON and CSV carry everything; a table carries what a clerk compares. Keys are those of the
queries' answers.
"""

from typing import Final

from cli.messages import N_
from cli.output import Listing, View

_AT: Final = ("as_of", "known_at", "position")
_CLAIM: Final = (
    "claim", "worker", "employer", "period", "due_on", "net_fen", "paid_fen", "in_transit_fen",
    "open_fen", "state",
)  # fmt: skip
_STEP: Final = ("position", "on", "kind", "project", "employer", "claim", "batch", "amount_fen")

_OWED: Final[dict[str, View]] = {
    "liability": View(
        (
            Listing(
                "contractors",
                (
                    "party", "name", "accrued_not_due_fen", "own_arrears_fen",
                    "joint_arrears_fen", "due_to_fund_fen", "deposit_shortfall_fen",
                    "recourse_payable_fen", "recourse_receivable_fen",
                    "compensation_payable_fen", "hard_debt_fen",
                ),
                empty=N_("Nobody owes anything."),
            ),
        ),
        totals=("system_arrears_fen", *_AT),
    ),
    "history": View(
        (
            Listing(
                "events",
                ("position", "on", "kind", "project", "amount_fen", "summary", "by"),
                empty=N_("Nothing happened to this party yet."),
            ),
        ),
    ),
    "explain": View(
        (
            Listing(
                "lines",
                (
                    "position", "on", "kind", "document", "claim", "book", "account", "project",
                    "counterparty", "due_on", "amount_fen", "rule",
                ),
                empty=N_("No posting makes up this figure: it is zero."),
            ),
        ),
        totals=("figure_fen", "known_at"),
    ),
    "trace": View(
        (
            Listing(
                "lines",
                (
                    "source_position", "source_on", "source_kind", "payer", "payment_position",
                    "payment_on", "payment_kind", "document", "claim", "worker", "card_last4",
                    "amount_fen", "state", "answered_on",
                ),
                empty=N_("No money has gone this way yet."), of="money",
            ),
        ),
        facts=("kind", "on", "claim", "worker", "employer", "project", "pot"),
        totals=(
            "amount_fen", "net_fen", "paid_fen", "in_transit_fen", "open_fen", "left_fen",
            "withdrawn_fen", "returned_fen", "known_at",
        ),
    ),
    "journal": View(
        (
            Listing(
                "lines",
                (
                    "position", "on", "kind", "book", "account", "project", "counterparty",
                    "due_on", "amount_fen", "balance_fen",
                ),
                empty=N_("There is no journal line."),
            ),
        ),
    ),
    "claim list": View(
        (Listing("claims", ("project", *_CLAIM), empty=N_("There is no such claim.")),)
    ),
    "claim show": View(
        (
            Listing(
                "moves",
                ("position", "on", "kind", "net_fen", "paid_fen", "in_transit_fen", "batch"),
                title=N_("What happened to it"),
            ),
            Listing("attributions", ("position", "on", "from", "to", "case", "ground"),
                    title=N_("Other debtors")),
            Listing("objections", ("position", "on", "reason"), title=N_("Objections")),
        ),
        facts=("claim", "worker", "employer", "project", "period", "due_on", "net_fen",
               "paid_fen", "in_transit_fen", "open_fen", "free_fen", "state", "disputed"),
    ),
}  # fmt: skip

DIFFERENCE: Final = View(
    (
        Listing(
            "figures", ("figure", "project", "from_fen", "to_fen", "change_fen"),
            title=N_("Figures"),
        ),
        Listing(
            "changes",
            ("figure", "project", "position", "on", "kind", "document",
             "amount_fen", "rule"),
            title=N_("What changed them"),
        ),
    ),
    facts=("party", "from_on", "from_known_at", "to_on", "to_known_at"),
    rows="changes",
)  # fmt: skip
"""What `history --diff` shows."""

_REGISTER: Final[dict[str, View]] = {
    "party list": View(
        (
            Listing("parties", ("party", "name", "on", "dishonest_until"),
                    empty=N_("There is no party yet.")),
        ),
    ),
    "party show": View(
        (
            Listing("projects", ("project", "name", "part"), title=N_("Projects")),
            Listing("names", ("name", "on", "position"), title=N_("Names")),
            Listing("marks", ("position", "on", "mark", "case", "until_on", "year", "detail"),
                    title=N_("Lists and grades")),
        ),
        facts=("party", "name", "dishonest_until"),
    ),
    "project list": View(
        (
            Listing(
                "projects",
                ("project", "name", "region", "developer", "general_contractor",
                 "contract_price_fen", "starts_on", "planned_end_on", "completed_on",
                 "wage_account"),
                empty=N_("There is no project yet."),
            ),
        ),
    ),
    "project show": View(
        (
            Listing("subcontractors", ("party", "payable_fen", "recourse_fen"),
                    title=N_("Subcontractors")),
            Listing("deadlines", ("on", "kind", "ref"), title=N_("Deadlines")),
        ),
        facts=(
            "project", "name", "region", "parties.developer", "parties.general_contractor",
            "contract_price_fen", "wage_account_fen",
            "in_transit_fen", "next_payroll_fen", "account_gap_fen", "deposit_required_fen",
            "deposit_cash_fen", "guarantees_valid_fen", "developer_receivable_fen",
            "labour_cost_overdue_fen", "developer_advance_duty_fen", "subcontractor_payable_fen",
            "open_arrears_fen", *_AT,
        ),
    ),
    "project statement": View(
        (
            Listing("accounts", ("account", "opening_fen", "in_fen", "out_fen", "closing_fen"),
                    title=N_("Accounts")),
            Listing("movements", ("party", "account", "kind", "count", "amount_fen"),
                    title=N_("Movements")),
            Listing(
                "contractors",
                ("party", "name", "opening_arrears_fen", "opening_fen", "accrued_fen",
                 "reduced_fen", "attributed_fen", "paid_fen", "returned_fen", "closing_fen",
                 "closing_arrears_fen"),
                title=N_("Owed to workers"),
            ),
        ),
        facts=("project", "name", "general_contractor", "from", "to", "position"),
        rows="lines",
    ),
    "party statement": View(
        (
            Listing(
                "contractors",
                ("project", "opening_arrears_fen", "opening_fen", "accrued_fen", "reduced_fen",
                 "attributed_fen", "paid_fen", "returned_fen", "closing_fen",
                 "closing_arrears_fen"),
                title=N_("Owed to workers"),
            ),
            Listing("accounts", ("project", "account", "opening_fen", "in_fen", "out_fen",
                                 "closing_fen"), title=N_("Accounts")),
            Listing("movements", ("project", "account", "kind", "count", "amount_fen"),
                    title=N_("Movements")),
        ),
        facts=("party", "name", "from", "to", "position"),
        rows="lines",
    ),
    "subcontract list": View(
        (
            Listing("subcontracts", ("project", "subcontractor", "on", "position"),
                    empty=N_("There is no subcontract yet.")),
        ),
    ),
    "worker show": View(
        (
            Listing("steps", ("position", "on", "step", "project", "employer", "period", "sheet",
                              "claim", "batch", "amount_fen", "code"),
                    title=N_("What is recorded")),
            Listing("claims", ("project", *_CLAIM), title=N_("Claims")),
        ),
        facts=("worker", "name", "id_number", "phone", "card_number", "bank_name", *_AT),
        of="worker",
    ),
    "policy list": View(
        (
            Listing("policies", ("region", "parameter", "value", "valid_from", "source"),
                    empty=N_("There is no such value.")),
        ),
    ),
}  # fmt: skip
_REGISTER["policy show"] = _REGISTER["policy list"]

_PAPERS: Final[dict[str, View]] = {
    "deposit notices": View(
        (
            Listing("notices", ("notice", "on", "project", "case", "lines", "total_fen",
                                "drawn_fen", "undrawn_fen", "state"),
                    empty=N_("There is no payment notice."), of="case"),
        ),
    ),
    "deposit show": View(
        (
            Listing("guarantees", ("guarantee", "face_fen", "called_fen", "left_fen",
                                   "valid_from", "valid_to", "ended_on"),
                    title=N_("Guarantees")),
        ),
        facts=("project", "general_contractor", "required_fen", "cash_fen",
               "guarantees_valid_fen", "shortfall_fen", "released_on", *_AT),
    ),
    "payroll list": View(
        (
            Listing("sheets", ("sheet", "project", "employer", "period", "due_on", "count",
                               "total_fen", "state", "reason"),
                    empty=N_("There is no payroll sheet.")),
        ),
    ),
    "payroll show": View(
        (
            Listing("lines", ("line", "claim", "worker", "amount_fen", "gross_fen",
                              "deductions_fen", "days", "paid_fen", "in_transit_fen", "open_fen",
                              "state"),
                    title=N_("Line by line")),
        ),
        facts=("sheet", "project", "employer", "period", "due_on", "back_pay", "count",
               "total_fen", "state", "reason"),
    ),
    "payroll slips": View(
        (
            Listing("slips", ("line", "worker", "worker_name", "days", "gross_fen",
                              "deductions_fen", "net_fen", "paid_fen", "in_transit_fen",
                              "open_fen", "state", "paid_on", "paid_by", "card_last4"),
                    title=N_("Payslips")),
        ),
        facts=("sheet", "project", "project_name", "employer", "employer_name", "period",
               "due_on", "count", "total_fen", *_AT),
    ),
    "payout proof": View(
        (
            Listing("lines", ("line", "claim", "worker", "worker_name", "period", "amount_fen",
                              "state", "answered_on", "card_last4", "bank_ref", "code",
                              "bank_code"),
                    title=N_("Details"), empty=N_("Nobody of this party is in the batch.")),
        ),
        facts=("batch", "on", "project", "project_name", "general_contractor",
               "general_contractor_name", "party", "name", "count", "total_fen", "settled_fen",
               "returned_fen", "pending_fen", *_AT),
    ),
    "payout list": View(
        (
            Listing("batches", ("batch", "on", "project", "count", "total_fen", "pending_fen",
                                "settled_fen", "returned_fen", "state"),
                    empty=N_("There is no payout batch.")),
        ),
    ),
    "bank breaks": View(
        (
            Listing("breaks", ("kind", "account", "on", "age_days", "amount_fen", "line",
                               "statement_id", "position"),
                    empty=N_("Bank and ledger agree on everything."), of="bank"),
        ),
        totals=_AT,
    ),
    "payout show": View(
        (
            Listing("lines", ("line", "claim", "worker", "amount_fen", "state", "code",
                              "bank_code", "answered_on"), title=N_("Line by line")),
        ),
        facts=("batch", "on", "project", "count", "total_fen", "pending_fen", "settled_fen",
               "returned_fen", "state"),
    ),
    "case list": View(
        (
            Listing("cases", ("case", "on", "project", "employer", "source", "state", "result",
                              "deadline_on"), empty=N_("There is no case."), of="case"),
        ),
    ),
    "case show": View(
        (
            Listing("steps", ("position", "on", "kind", "deadline_on", "outcome", "debtor",
                              "ref", "amount_fen"), title=N_("What happened in it")),
            Listing("claims", _CLAIM, title=N_("Claims")),
        ),
        of="case",
        facts=("case", "on", "project", "employer", "general_contractor", "source", "state",
               "result", "deadline_on", "open_fen", "arrears_fen", "compensation_payable_fen"),
    ),
    "fund show": View(
        (
            Listing(
                "funds",
                (
                    "region", "cash_fen", "committed_fen", "refunds_owed_fen", "available_fen",
                    "receivable_fen", "appropriated_fen", "donated_fen", "interest_fen",
                    "recovered_fen", "surrendered_fen", "written_off_fen", "floor_fen",
                    "floor_gap_fen",
                ),
                empty=N_("There is no fund yet."),
            ),
            Listing("funds", ("region", "party", "receivable_fen"), title=N_("Debtors"),
                    inside="debtors"),
        ),
        totals=_AT,
    ),
    "fund advance list": View(
        (
            Listing("advances", ("advance", "on", "region", "project", "case", "employer",
                                 "lines", "total_fen", "paid_fen", "returned_fen", "state"),
                    empty=N_("There is no advance.")),
        ),
    ),
    "inbox": View(
        (
            Listing("items", ("due_on", "kind", "ref", "project", "party", "amount_fen",
                              "command"),
                    empty=N_("Nothing waits for you.")),
        ),
    ),
}  # fmt: skip

SCREENS: Final[dict[str, View]] = {**_OWED, **_REGISTER, **_PAPERS}
"""The view of every read, by the words that call it."""
