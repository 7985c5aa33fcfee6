"""What each kind of posting says, as its help says it: the first line of its class.

English msgids, in the order of the contract; a test holds them to the docstrings, which are the
source.
"""

from typing import Final

from cli.messages import N_

KIND_HELP: Final[dict[str, str]] = {
    "PartyRegistered": N_("A developer, contractor, bank or authority enters the ledger."),
    "PartyRenamed": N_("A party carries another name from now on."),
    "ProjectRegistered": N_(
        "A construction project with its developer, general contractor and price."
    ),
    "ContractPriceChanged": N_("The contract price changes by agreement."),
    "SubcontractRegistered": N_("A subcontractor works on the project."),
    "WorkerRegistered": N_("A worker is registered by real name; the identity goes to the vault."),
    "WorkerUpdated": N_("A worker's identity is corrected."),
    "CardBound": N_("A worker's own bank card, to which wages are paid."),
    "WorkerAssigned": N_("A worker works for an employer on a project from this day."),
    "WorkerExited": N_("A worker leaves; the exit day still counts."),
    "AttendancePosted": N_("Attendance of one employer's workers for a month."),
    "NoWorkReported": N_("Nobody worked for this employer in the month."),
    "ProjectCompleted": N_("The works are complete."),
    "DepositAssessed": N_(
        "What the project must hold from this day; left out, the policy computes it."
    ),
    "DepositLodged": N_("The contractor's cash arrives on the deposit account."),
    "DepositInterestCredited": N_("The bank credits interest on the deposit."),
    "DepositInterestWithdrawn": N_("The contractor draws interest; the principal stays."),
    "GuaranteeAccepted": N_("A bank guarantee stands for the deposit."),
    "GuaranteeExtended": N_("The guarantee is valid longer."),
    "GuaranteeReleased": N_("The guarantee goes back and counts no more from this day."),
    "PaymentNoticeIssued": N_("The authority tells the bank which wages to pay from the deposit."),
    "NoticeWithdrawn": N_("What is not drawn yet on the notice is free for good."),
    "DepositPaidOut": N_("The bank pays workers from the deposit."),
    "GuaranteeCalled": N_("The guarantor pays workers on demand."),
    "DepositReleaseConfirmed": N_("The authority confirms that the deposit may be released."),
    "DepositReleased": N_("The bank pays the deposit back; from then on nothing is required."),
    "ProgressCertified": N_(
        "Progress of the works is certified and split: labour cost and the rest."
    ),
    "LabourCostTransferred": N_("The developer's labour cost arrives on the wage account."),
    "DeveloperAdvancePaid": N_(
        "The developer advances wages, limited to the unsettled price (art. 29)."
    ),
    "WageAccountToppedUp": N_("The general contractor adds own money to the wage account."),
    "WageAccountInterestCredited": N_("The bank credits interest on the wage account."),
    "MisdirectedCredited": N_("Money that is not the project's arrives on the wage account."),
    "MisdirectedReturned": N_("Money that is not the project's goes back."),
    "ProjectFundsPaid": N_(
        "The developer pays the other part of the project funds to the contractor."
    ),
    "SubcontractorPaid": N_("The general contractor pays a subcontractor the labour part it owes."),
    "WageAccountOpened": N_("The bank opens the project's special wage account."),
    "WageAccountClosed": N_(
        "The account is closed after completion; the rest belongs to the contractor."
    ),
    "PayrollSubmitted": N_("An employer's payroll sheet for a month."),
    "PayrollApproved": N_(
        "The contractor's labour officer approves the sheet: its lines are claims now."
    ),
    "PayrollReturned": N_(
        "The contractor returns the sheet; it is submitted again under a new id."
    ),
    "ObjectionRaised": N_("A worker objects to the sheet; the claim is marked disputed."),
    "ClaimReduced": N_("A claim is reduced, with its reason."),
    "PayoutInstructed": N_(
        "The contractor instructs the bank to pay a batch from the wage account."
    ),
    "PayoutSettled": N_("The bank confirms that lines of a batch reached the workers' cards."),
    "PayoutReturned": N_("Lines of a batch did not reach the card, at once or late."),
    "TransferReturned": N_(
        "A transfer from the deposit, a guarantee or the contractor's own money bounced."
    ),
    "PaidOutsideAccount": N_(
        "An employer paid workers outside the wage account; recorded with a warning."
    ),
    "CaseOpened": N_("The labour authority opens a case about one employer on one project."),
    "CaseReopened": N_("A closed case is taken up again."),
    "CaseClaimsLinked": N_("Claims belong to the case."),
    "ClaimAsserted": N_("A claim without a sheet is established in a case."),
    "CorrectionOrdered": N_("The authority orders payment by a day."),
    "DecisionIssued": N_("The authority decides who clears the arrears, and by which day."),
    "AdvanceClearingPaid": N_(
        "The general contractor clears a subcontractor's arrears with own money (art. 30)."
    ),
    "RecourseRepaid": N_(
        "A subcontractor repays what was cleared beyond the contractor's own debt."
    ),
    "RecourseSetOff": N_("Recourse is set off against the labour part still owed."),
    "LiabilityAttributed": N_("The law names another primary debtor for the claims."),
    "ExtraCompensationOrdered": N_("An order was missed: extra compensation to the workers."),
    "ExtraCompensationPaid": N_("The debtor pays extra compensation."),
    "PoliceTransferred": N_("A suspected refusal to pay goes to the police."),
    "DishonestListed": N_("A party enters the dishonest list until a day."),
    "DishonestRemoved": N_("A party leaves the dishonest list early."),
    "MajorViolationPublished": N_("A major violation is published, without private data."),
    "CreditGradeSet": N_("A party's grade for a year."),
    "CaseClosed": N_("The case ends."),
    "FundEstablished": N_("A region's fund is set up with the floor under its available cash."),
    "FundFloorSet": N_("The floor changes."),
    "FundAppropriated": N_("The budget pays into the fund."),
    "DonationReceived": N_("A donation to the fund."),
    "InterestCredited": N_("Interest on the fund's cash."),
    "AdvanceRequested": N_("The authority asks the fund for part of unpaid wages."),
    "AdvanceApproved": N_("The request is approved and its sum committed."),
    "AdvanceRejected": N_("The request is rejected; a commitment is free again."),
    "AdvancePaid": N_("The fund's bank pays the workers; the employer owes the fund."),
    "AdvanceReturned": N_("Advances did not reach the workers and came back."),
    "AdvanceRecovered": N_("A debtor repays the fund."),
    "AdvanceRefunded": N_("The fund refunds what a debtor repaid too much."),
    "AdvanceSetOff": N_("A refund is set off against what the debtor owes."),
    "AdvanceWrittenOff": N_("The government decides that a debt will not be recovered."),
    "FundSurrendered": N_("Money goes back to the budget."),
    "Reversed": N_("An earlier posting is taken back."),
    "PolicyPublished": N_("A rule's value for a region and a time."),
    "StatementImported": N_("A bank's statement of one account."),
    "StatementLineMatched": N_("Statement lines show these postings."),
    "StatementLineUnmatched": N_("A match is taken back."),
    "BreakResolved": N_("A break is explained."),
    "StatementReconciled": N_("The account is signed off to a day."),
}
