"""What a column is called and how its values are called, by its key in JSON.

The words of the ledger itself are in ``cli.names``; here are those of the program's own answers.
"""

from collections.abc import Callable, Mapping
from typing import Final

from cli import names
from cli.messages import N_, _

OWN: Final[Mapping[str, str]] = {
    "algorithm": N_("Algorithm"),
    "checkpoints": N_("Signatures compared"),
    "completeness": N_("Nothing missing at the end"),
    "files": N_("New files"),
    "hash": N_("Hash"),
    "here": N_("On this machine"),
    "integrity": N_("As it was written"),
    "not_proved": N_("Postings after it"),
    "origin": N_("Name of the log"),
    "proved_to": N_("Signed up to position"),
    "root1": N_("Earlier root"),
    "root2": N_("Later root"),
    "since": N_("Since"),
    "size": N_("Size"),
    "size1": N_("Earlier size"),
    "size2": N_("Later size"),
    "until": N_("Until"),
    "vkey": N_("Public key"),
    "witnesses": N_("Witnesses that saw it"),
    "account_number_last4": N_("Last digits of the account"),
    "balances_tie": N_("Balances tie"),
    "bank_account": N_("Account at the bank"),
    "bank_file": N_("Bank file"),
    "balance_to_gc_fen": N_("Balance to the contractor"),
    "card_last4": N_("Last digits of the card"),
    "claims": N_("Claims"),
    "age_days": N_("Days open"),
    "closing": N_("Closing balance"),
    "figure": N_("Figure"),
    "figures": N_("Figures"),
    "from_fen": N_("Before"),
    "to_fen": N_("After"),
    "change_fen": N_("Change"),
    "changes": N_("What changed them"),
    "from_known_at": N_("From, as known at"),
    "to_known_at": N_("To, as known at"),
    "source_position": N_("Money of position"),
    "source_on": N_("Came in on"),
    "source_kind": N_("Money"),
    "payer": N_("Payer"),
    "payment_position": N_("Paid at position"),
    "payment_on": N_("Went out on"),
    "payment_kind": N_("Payment"),
    "pot": N_("Pot"),
    "withdrawn_fen": N_("Taken out otherwise"),
    "closing_fen": N_("Closing balance"),
    "holder_name": N_("Card holder"),
    "issuer": N_("Guarantor"),
    "matched": N_("Matched"),
    "notice_posted_on": N_("Notice posted on"),
    "number": N_("Number"),
    "of_kind": N_("What is taken back"),
    "opening": N_("Opening balance"),
    "opening_fen": N_("Opening balance"),
    "command": N_("Command to run"),
    "remedy": N_("What to do"),
    "replaces": N_("Replaces the earlier one"),
    "reverses": N_("Takes back"),
    "score": N_("Score"),
    "statement_id": N_("Statement"),
    "supplement": N_("Supplement"),
    "answered_on": N_("Answered on"),
    "arrears_fen": N_("In arrears"),
    "back_pay": N_("Back pay"),
    "bank_code": N_("Bank's code"),
    "behind": N_("Behind"),
    "called_fen": N_("Called"),
    "card_number": N_("Card number"),
    "check": N_("What"),
    "completed_on": N_("Completed on"),
    "credits": N_("In"),
    "currency": N_("Currency"),
    "debits": N_("Out"),
    "deductions_fen": N_("Deductions"),
    "default": N_("Default"),
    "detail": N_("Detail"),
    "document_number": N_("Number of the document"),
    "document_type": N_("Kind of document"),
    "sha256": N_("Digest (SHA-256)"),
    "differing_rows": N_("Rows that differ"),
    "missing_rows": N_("Rows missing"),
    "surplus_rows": N_("Rows too many"),
    "table": N_("Table"),
    "dishonest_until": N_("On the dishonest list until"),
    "disputed": N_("Disputed"),
    "drawn_fen": N_("Drawn"),
    "ended_on": N_("Ended on"),
    "entries": N_("Entries"),
    "equal": N_("As before"),
    "events": N_("Postings"),
    "file": N_("File"),
    "file_id": N_("File id"),
    "found": N_("Findings"),
    "from": N_("From"),
    "group_status": N_("Status of the whole"),
    "from_position": N_("From position"),
    "ground": N_("Ground"),
    "holds": N_("Holds"),
    "id": N_("Id"),
    "in_force": N_("In force"),
    "last_position": N_("To position"),
    "ledger": N_("Ledger"),
    "late_count": N_("of these late, lines"),
    "left_fen": N_("Left"),
    "mark": N_("Mark"),
    "meaning": N_("Meaning"),
    "net_sum_fen": N_("Sum of net"),
    "notes": N_("Notes"),
    "original_id": N_("Answers to"),
    "part": N_("Part"),
    "pending": N_("Not booked"),
    "pending_fen": N_("Pending"),
    "profile": N_("Profile"),
    "reasons": N_("Reasons"),
    "ref": N_("About"),
    "reference": N_("Reference"),
    "repeated_count": N_("Booked before, lines"),
    "released_on": N_("Released on"),
    "result": N_("Result"),
    "return_items": N_("Returned"),
    "reversal_entries": N_("Reversals"),
    "returned_fen": N_("Returned"),
    "settled_fen": N_("Settled"),
    "shortfall_fen": N_("Shortfall"),
    "step": N_("Step"),
    "tenant": N_("Tenant"),
    "to": N_("To"),
    "total": N_("Total"),
    "cosigned_by": N_("Cosigned by"),
    "folder": N_("Folder"),
    "forked": N_("Two histories shown"),
    "root": N_("Root hash"),
    "signed_by": N_("Signed by"),
    "url": N_("Address"),
    "verdict": N_("Verdict"),
    "witness": N_("Witness"),
    "transactions": N_("Transactions"),
    "undrawn_fen": N_("Undrawn"),
    "until_on": N_("Until"),
    "valid": N_("Valid"),
    "wage_account": N_("Account is"),
    "year": N_("Year"),
    "accrued_fen": N_("Earned"),
    "attributed_fen": N_("Taken over"),
    "closing_arrears_fen": N_("Closing arrears"),
    "employer_name": N_("Name of the employer"),
    "general_contractor_name": N_("Name of the general contractor"),
    "in_fen": N_("In"),
    "item": N_("Item"),
    "month": N_("Month"),
    "opening_arrears_fen": N_("Opening arrears"),
    "out_fen": N_("Out"),
    "paid_by": N_("Paid by"),
    "paid_on": N_("Paid on"),
    "project_name": N_("Name of the project"),
    "reduced_fen": N_("Reduced"),
    "purpose": N_("Purpose"),
    "worker_name": N_("Worker's name"),
    "answered_position": N_("Answered at position"),
    "asserted": N_("Asserted"),
    "batch_position": N_("Batch at position"),
    "component": N_("Figure asked for"),
    "digest": N_("Digest"),
    "effect": N_("Effect"),
    "exited_on": N_("Left on"),
    "exited_position": N_("Left at position"),
    "fields": N_("Fields"),
    "instructed_position": N_("Instructed at position"),
    "journal": N_("Journal"),
    "last4": N_("Last digits"),
    "late": N_("Returned late"),
    "leaf_hash": N_("Hash of the leaf"),
    "next": N_("More after"),
    "opened_position": N_("Opened at position"),
    "origin_position": N_("Origin at position"),
    "pending_count": N_("Lines pending"),
    "returned_count": N_("Lines returned"),
    "seq": N_("Line"),
    "settled_count": N_("Lines settled"),
    "state_on": N_("In this state since"),
    "state_position": N_("State at position"),
    "submitted_position": N_("Submitted at position"),
    "bank.account": N_("Bank account"),
    "case.source": N_("Came from"),
    "worker.name": N_("Name of the worker"),
}
"""Headings that only answers of the program have."""

DEADLINES: Final[Mapping[str, str]] = {
    "wage_account_opening": N_("open the wage account"),
    "wage_account_closing": N_("close the wage account"),
    "deposit_lodging": N_("lodge the deposit"),
    "deposit_replenishing": N_("replenish the deposit"),
    "guarantee_reminder": N_("renew the guarantee"),
    "guarantee_expiry": N_("end of the guarantee"),
    "notice_payment": N_("pay on the notice"),
    "case_order": N_("deadline of the order"),
    "case_decision": N_("deadline of the decision"),
}
"""Kinds of deadlines."""


TASKS: Final[Mapping[str, str]] = {
    "sheet_to_approve": N_("sheet to approve"),
    "sheet_to_correct": N_("returned sheet to correct"),
    "payroll_to_instruct": N_("payroll to instruct"),
    "labour_cost_to_transfer": N_("labour cost to transfer"),
    "deposit_to_replenish": N_("deposit to replenish"),
    "batch_to_settle": N_("batch to settle"),
    "notice_to_pay": N_("notice to pay"),
    "request_to_decide": N_("request to decide"),
    "advance_to_pay": N_("advance to pay"),
    "settlement_to_confirm": N_("settlement that a statement shows"),
    "return_to_confirm": N_("return that a statement shows"),
    "break_to_resolve": N_("break to resolve"),
    "case_to_order": N_("case without an order"),
    "case_past_deadline": N_("case past its deadline"),
}
"""Kinds of what waits in the inbox."""

STATES: Final[Mapping[str, str]] = {
    "drawn": N_("drawn"),
    "partly": N_("partly answered"),
    "missing": N_("not built yet"),
    "ok": N_("in order"),
    "warning": N_("to look at"),
    "error": N_("wrong"),
    "updated": N_("identity corrected"),
    "card_bound": N_("card bound"),
    "on_sheet": N_("on a sheet"),
    "asserted": N_("claim asserted"),
    "opening": N_("opening"),
    "movement": N_("movement"),
    "closing": N_("closing"),
    "opening_arrears": N_("opening arrears"),
    "closing_arrears": N_("closing arrears"),
    "paid_otherwise": N_("paid otherwise"),
    "reduced": N_("claim reduced"),
}
"""States and steps that only answers of the program have."""


SHEETS: Final[Mapping[str, str]] = {
    "advances": N_("Advances"),
    "batches": N_("Payout batches"),
    "breaks": N_("Breaks"),
    "cases": N_("Cases"),
    "checks": N_("Checks"),
    "contractors": N_("Contractors"),
    "deadlines": N_("Deadlines"),
    "events": N_("Postings"),
    "findings": N_("Findings"),
    "funds": N_("Funds"),
    "grades": N_("Credit grades"),
    "items": N_("To do"),
    "lines": N_("Details"),
    "notices": N_("Payment notices"),
    "accounts": N_("Accounts"),
    "movements": N_("Movements"),
    "parties": N_("Parties"),
    "payments": N_("Payments"),
    "slips": N_("Payslips"),
    "policies": N_("Values of rules"),
    "problems": N_("Problems"),
    "profiles": N_("Profiles"),
    "projections": N_("Read models"),
    "projects": N_("Projects"),
    "rules": N_("Invariants"),
    "sheets": N_("Payroll sheets"),
    "subcontracts": N_("Subcontracts"),
}
"""What the sheets of a workbook are called, by the key of their list."""


def sheet_name(rows: str) -> str:
    """Name of the sheet that holds a list, by the list's key in JSON."""
    return _(SHEETS[rows]) if rows in SHEETS else heading(rows)


def heading(key: str, of: str = "") -> str:
    """Heading of a column by its key in JSON.

    Args:
        key: Key of the column.
        of: What has it, where the same key is another word there: ``worker`` has no ``name`` as
            a party has one.
    """
    own = f"{of}.{key}" if f"{of}.{key}" in OWN else key
    return _(OWN[own]) if own in OWN else names.heading(key)


def _kind(value: str) -> str:
    for known in (DEADLINES, TASKS):
        if value in known:
            return _(known[value])
    return names.kind_name(value)


def _state(value: str, of: str = "") -> str:
    return _(STATES[value]) if value in STATES else names.state_name(value, of)


def _figure(value: str) -> str:
    """A figure by its key, or the account whose balance it is."""
    account = value.removesuffix("_fen")
    return names.account_name(account) if account in names.ACCOUNTS else heading(value)


def _of_choice(value: str) -> str:
    """A word that may be a state or the value of a choice."""
    return names.state_name(value) if value in names.STATES else names.word_name(value)


_VALUES: Final[Mapping[str, Callable[[str], str]]] = {
    "kind": _kind,
    "part": names.heading,
    "component": names.heading,
    "figure": _figure,
    "rule": names.rule_name,
    "paid_by": names.kind_name,
    "of_kind": names.kind_name,
    "account": names.account_name,
    "pot": names.account_name,
    "document": names.document_name,
    **dict.fromkeys(("source_kind", "payment_kind"), names.kind_name),
    "role": names.role_name,
    "unit": names.unit_name,
    "severity": names.word_name,
    **dict.fromkeys(("level", "source", "result", "outcome", "industry", "code"), _of_choice),
}
"""How the values of some columns are called."""


_STATES: Final = {"state": "", "status": "", "item": "", "step": "", "wage_account": "account"}
"""Columns that hold states, and what has them where it is not said."""


def value_name(key: str, value: str, of: str = "") -> str:
    """A value in the language of the reader; identifiers and names stay as they are.

    Args:
        key: Key of the column.
        value: As JSON holds it.
        of: What has the state, where the same word is another one: ``case``.
    """
    if key in _STATES:
        return _state(value, of or _STATES[key])
    return _VALUES[key](value) if key in _VALUES else value
