"""The fields of every kind, one line a kind, as the tables of the contract print them.

`name:type`, `?` optional; a `lines[...]` names what each line holds.
"""

from typing import Final

RETURN_CODES: Final = [
    "account_closed",
    "account_frozen",
    "account_not_found",
    "name_mismatch",
    "limit",
    "insufficient_balance",
    "bank_error",
    "late_return",
    "cancelled",
    "other",
]

_PAID: Final = "lines[claim:claim amount_fen:amount]"
_RETURNED: Final = "lines[claim:claim code:return_code bank_code?:text]"
_PERSON: Final = "worker:ref name:text id_number:id_number phone?:text"
_TO_ACCOUNT: Final = "project:ref amount_fen:amount bank_ref:text"
_DEBT: Final = "region:region debtor:party amount_fen:amount"
_SUBCONTRACTOR: Final = "project:ref subcontractor:party amount_fen:amount"
_MATCH: Final = (
    "account:account statement_id:text lines[*text] matched[position:number claim?:claim]"
    " rule:text score:score"
)

FIELDS: Final[dict[str, str]] = {
    "PartyRegistered": "party:party name:text",
    "PartyRenamed": "party:party name:text",
    "ProjectRegistered": "project:ref name:text region:region industry:industry developer:party"
    " general_contractor:party contract_price_fen:amount contract_on?:date starts_on:date"
    " planned_end_on:date",
    "ContractPriceChanged": "project:ref contract_price_fen:amount",
    "SubcontractRegistered": "project:ref subcontractor:party",
    "WorkerRegistered": _PERSON,
    "WorkerUpdated": _PERSON,
    "CardBound": "worker:ref card_number:card bank_name?:text holder_name?:text",
    "WorkerAssigned": "project:ref employer:party worker:ref",
    "WorkerExited": "project:ref employer:party worker:ref",
    "AttendancePosted": "project:ref employer:party period:period lines[worker:ref days:days]"
    " replaces?:flag",
    "NoWorkReported": "project:ref employer:party period:period",
    "ProjectCompleted": "project:ref",
    "DepositAssessed": "project:ref required_fen?:amount0",
    "DepositLodged": _TO_ACCOUNT,
    "DepositInterestCredited": "project:ref amount_fen:amount bank_ref?:text",
    "DepositInterestWithdrawn": "project:ref amount_fen:amount bank_ref?:text",
    "GuaranteeAccepted": "project:ref guarantee:ref issuer:text face_fen:amount valid_from:date"
    " valid_to:date",
    "GuaranteeExtended": "guarantee:ref valid_to:date",
    "GuaranteeReleased": "guarantee:ref",
    "PaymentNoticeIssued": f"project:ref notice:ref case:ref {_PAID}",
    "NoticeWithdrawn": "project:ref notice:ref",
    "DepositPaidOut": f"project:ref notice:ref {_PAID}",
    "GuaranteeCalled": f"project:ref notice:ref guarantee:ref {_PAID}",
    "DepositReleaseConfirmed": "project:ref notice_posted_on:date",
    "DepositReleased": "project:ref amount_fen:amount",
    "ProgressCertified": "project:ref period:period progress_fen:amount labour_cost_fen:amount0"
    " due_on:date supplement?:flag",
    "LabourCostTransferred": _TO_ACCOUNT,
    "DeveloperAdvancePaid": _TO_ACCOUNT,
    "WageAccountToppedUp": _TO_ACCOUNT,
    "WageAccountInterestCredited": _TO_ACCOUNT,
    "MisdirectedCredited": _TO_ACCOUNT,
    "MisdirectedReturned": _TO_ACCOUNT,
    "ProjectFundsPaid": "project:ref amount_fen:amount",
    "SubcontractorPaid": _SUBCONTRACTOR,
    "WageAccountOpened": "project:ref account_number_last4?:last4",
    "WageAccountClosed": "project:ref balance_to_gc_fen:amount0 notice_posted_on:date",
    "PayrollSubmitted": "project:ref employer:party sheet:ref period:period due_on:date"
    " back_pay?:flag"
    " lines[worker:ref net_fen:amount gross_fen?:amount deductions_fen?:amount0 days?:days]",
    "PayrollApproved": "project:ref sheet:ref",
    "PayrollReturned": "project:ref sheet:ref reason:free",
    "ObjectionRaised": "project:ref sheet:ref worker:ref reason:free",
    "ClaimReduced": "project:ref claim:claim amount_fen:amount reason:free",
    "PayoutInstructed": f"project:ref batch:ref {_PAID} total_fen:amount count:number",
    "PayoutSettled": "project:ref batch:ref claims:claims_or_all bank_ref?:text",
    "PayoutReturned": f"project:ref batch:ref {_RETURNED}",
    "TransferReturned": f"project:ref position:number {_RETURNED}",
    "PaidOutsideAccount": f"project:ref {_PAID}",
    "CaseOpened": "case:ref project:ref employer:party source:source",
    "CaseReopened": "case:ref",
    "CaseClaimsLinked": "case:ref claims:claims",
    "ClaimAsserted": "project:ref case:ref claim:ref employer:party worker:ref period:period"
    " net_fen:amount due_on:date",
    "CorrectionOrdered": "case:ref deadline_on:date",
    "DecisionIssued": "case:ref deadline_on:date outcome:outcome debtor:party",
    "AdvanceClearingPaid": f"project:ref {_PAID}",
    "RecourseRepaid": _SUBCONTRACTOR,
    "RecourseSetOff": _SUBCONTRACTOR,
    "LiabilityAttributed": "project:ref case:ref claims:claims debtor:party ground:text",
    "ExtraCompensationOrdered": "case:ref debtor:party amount_fen:amount",
    "ExtraCompensationPaid": "case:ref debtor:party amount_fen:amount",
    "PoliceTransferred": "case:ref amount_fen:amount workers:number",
    "DishonestListed": "party:party case:ref until_on:date",
    "DishonestRemoved": "party:party reason:free",
    "MajorViolationPublished": "party:party case:ref number:text",
    "CreditGradeSet": "party:party year:number grade:grade",
    "CaseClosed": "case:ref result:result",
    "FundEstablished": "region:region floor_fen:amount0",
    "FundFloorSet": "region:region floor_fen:amount0",
    "FundAppropriated": "region:region amount_fen:amount",
    "DonationReceived": "region:region amount_fen:amount",
    "InterestCredited": "region:region amount_fen:amount",
    "AdvanceRequested": f"region:region advance:ref project:ref case:ref {_PAID} level?:level",
    "AdvanceApproved": "region:region advance:ref level?:level",
    "AdvanceRejected": "region:region advance:ref",
    "AdvancePaid": "region:region advance:ref claims?:claims bank_ref?:text",
    "AdvanceReturned": "region:region advance:ref claims:claims",
    "AdvanceRecovered": _DEBT,
    "AdvanceRefunded": _DEBT,
    "AdvanceSetOff": _DEBT,
    "AdvanceWrittenOff": _DEBT,
    "FundSurrendered": "region:region amount_fen:amount",
    "Reversed": "reverses:number reason:free",
    "PolicyPublished": "region:policy_region parameter:text value:value valid_from:date"
    " valid_to?:date source:text",
    "StatementImported": "account:account statement_id:text from:date to:date opening_fen:signed"
    " closing_fen:signed"
    " lines[line:text on:date value_on?:date amount_fen:signed1 end_to_end?:text batch?:text"
    " return_code?:text]",
    "StatementLineMatched": _MATCH,
    "StatementLineUnmatched": _MATCH,
    "BreakResolved": "account:account statement_id?:text line?:text position?:number reason:free",
    "StatementReconciled": "account:account to:date",
}

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "industry": ("building", "municipal", "transport", "water", "other"),
    "source": ("inspection", "complaint", "platform", "station", "hotline", "transfer"),
    "outcome": ("clear", "clear_first"),
    "result": ("paid", "unfounded", "transferred", "enforced"),
    "grade": ("A", "B", "C"),
    "level": ("bureau", "government"),
    "return_code": tuple(RETURN_CODES),
}
