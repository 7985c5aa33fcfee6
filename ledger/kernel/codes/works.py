"""Codes of parties, projects, workers, deposit, project funds, payroll and payout; of balances."""

from typing import Final

from ledger.kernel.codes.definition import N_, Code, rule

BALANCES: Final[tuple[Code, ...]] = (
    rule(
        "over_claim",
        N_(
            "This is more than is free on the claim[: {claim}]"
            "[, {amount_fen} yuan asked][, {available_fen} yuan free]."
        ),
        N_("Ask at most for net less paid less in transit, now and on every later day."),
        "Postings, Balances and what may be taken from them",
    ),
    rule(
        "insufficient_funds",
        N_(
            "There is not enough money[: {account}][, {amount_fen} yuan asked]"
            "[, {available_fen} yuan available]."
        ),
        N_("The lowest balance from that day onwards counts; ask for less, or have it funded."),
        "Postings, Balances and what may be taken from them",
    ),
    rule(
        "over_payable",
        N_(
            "This is more than is owed[: {party}][, {amount_fen} yuan asked]"
            "[, {available_fen} yuan owed]."
        ),
        N_("The lowest balance from that day onwards counts; ask for no more."),
        "Postings, Balances and what may be taken from them",
    ),
    rule(
        "document_required",
        N_("A document is required[: {kind}]."),
        N_("Name the document: its type, number or SHA-256."),
        "Postings, Kinds",
    ),
    rule(
        "bank_ref_reused",
        N_("The bank's reference was posted before[: {bank_ref}][, {project}]."),
        N_("It is probably the same movement; if not, use the reference that the bank gave it."),
        "Postings, Project funds: the split",
    ),
)

REGISTER: Final[tuple[Code, ...]] = (
    rule(
        "party_exists",
        N_("The party is registered under another name[: {party}][, {name}]."),
        N_("Check the credit code; for a change of name post PartyRenamed."),
        "Postings, PartyRegistered",
    ),
    rule(
        "project_exists",
        N_("There is already a project with that id[: {project}]."),
        N_("Choose another id."),
        "Postings, ProjectRegistered",
    ),
    rule(
        "below_settled",
        N_(
            "The price would be below what is paid of it already"
            "[: {amount_fen} yuan][, paid {settled_fen} yuan]."
        ),
        N_("Check the price; payments made count towards it, whatever their date."),
        "Decree 724 art. 29; Postings, ContractPriceChanged",
    ),
    rule(
        "under_age",
        N_("The worker is under 16 on that day[: {worker}]."),
        N_("Nobody under 16 may be employed; check the ID number."),
        "Labour Law art. 15; Postings, WorkerRegistered",
    ),
    rule(
        "worker_exists",
        N_("The reference is taken, or the person has another one[: {worker}]."),
        N_("Use the reference that the person already has; one person has one."),
        "Decree 724 art. 28; Postings, WorkerRegistered",
    ),
    rule(
        "holder_mismatch",
        N_("The holder of the card is not the worker[: {worker}]."),
        N_("Wages go only to a card of the worker's own name."),
        "Decree 724 art. 31; Postings, CardBound",
    ),
    rule(
        "card_shared",
        N_("The card is bound to another worker[: {worker}]."),
        N_("One worker, one card: bind the worker's own; the other worker needs a card too."),
        "Decree 724 art. 31; Postings, CardBound",
    ),
    rule(
        "not_on_project",
        N_("The employer has no subcontract on the project[: {party}][, {project}]."),
        N_("Register the subcontract first, or check employer and project."),
        "Decree 724 art. 30; Postings, WorkerAssigned",
    ),
    rule(
        "not_assigned",
        N_("The worker is not assigned there at that time[: {worker}][, {project}][, {period}]."),
        N_("Assign the worker first, with the day of entry (WorkerAssigned)."),
        "Decree 724 art. 28; Postings, WorkerAssigned",
    ),
    rule(
        "attendance_exists",
        N_("Attendance is posted already for that month[: {period}][, {party}]."),
        N_("To correct it, post it again with replaces true."),
        "Postings, AttendancePosted",
    ),
    rule(
        "work_exists",
        N_("There is attendance or a sheet for that month[: {period}][, {party}]."),
        N_("A month with work cannot be reported as without."),
        "Postings, NoWorkReported",
    ),
    rule(
        "already_completed",
        N_("The project is completed already[: {project}]."),
        N_("Nothing is to be done."),
        "Postings, ProjectCompleted",
    ),
)

DEPOSIT: Final[tuple[Code, ...]] = (
    rule(
        "guarantee_exists",
        N_("There is already a guarantee with that id[: {guarantee}]."),
        N_("Choose another id, or extend that guarantee."),
        "Postings, GuaranteeAccepted",
    ),
    rule(
        "guarantee_too_short",
        N_(
            "The guarantee is valid for too short a time[: {valid_from} to {valid_to}]"
            "[, at least {months} months]."
        ),
        N_("Ask the bank for a guarantee of a year or longer."),
        "人社部发〔2021〕65号 art. 17; Postings, GuaranteeAccepted",
    ),
    rule(
        "not_longer",
        N_("The new end is not later than the present one[: {guarantee}][, {valid_to}]."),
        N_("Extend it to a later date."),
        "Postings, GuaranteeExtended",
    ),
    rule(
        "guarantee_expired",
        N_("The guarantee is not valid on that day[: {guarantee}][, {on}]."),
        N_("Accept a new guarantee; one that ended or was released cannot be used."),
        "Postings, GuaranteeExtended, GuaranteeCalled",
    ),
    rule(
        "notice_exists",
        N_("There is already a payment notice with that id[: {notice}]."),
        N_("Choose another id."),
        "Postings, PaymentNoticeIssued",
    ),
    rule(
        "no_expired_decision",
        N_("The case has no decision whose deadline has passed[: {case}]."),
        N_("Issue a decision and wait until its deadline has passed."),
        "人社部发〔2021〕65号 art. 19; Postings, PaymentNoticeIssued",
    ),
    rule(
        "notice_withdrawn",
        N_("The payment notice is withdrawn[: {notice}]."),
        N_("Issue a new one."),
        "Postings, NoticeWithdrawn",
    ),
    rule(
        "not_on_notice",
        N_(
            "The claim is not on the notice, or for less[: {claim}]"
            "[, {amount_fen} yuan asked][, {available_fen} yuan left]."
        ),
        N_("The bank pays only what the notice names and has not paid yet."),
        "人社部发〔2021〕65号 art. 19; Postings, DepositPaidOut",
    ),
    rule(
        "notice_too_short",
        N_(
            "The public notice has not run long enough[: since {notice_posted_on}]"
            "[, {days} days are needed]."
        ),
        N_("Wait until the days of the notice have run."),
        "Decree 724 art. 27; 人社部发〔2021〕65号 art. 22",
    ),
    rule(
        "not_completed",
        N_("The project is not completed[: {project}]."),
        N_("Post its completion first (ProjectCompleted)."),
        "Decree 724 art. 27; 人社部发〔2021〕65号 art. 22",
    ),
    rule(
        "open_claims",
        N_(
            "Wages, transfers or a case are still open"
            "[: {claim}][, {open_fen} yuan][, case {case}]."
        ),
        N_("Clear every claim and close every case first; see `wageledger claim list`."),
        "Decree 724 art. 27; 人社部发〔2021〕65号 art. 22",
    ),
    rule(
        "no_release_confirmation",
        N_("No release of the deposit is confirmed up to that day[: {project}][, {on}]."),
        N_("The labour authority confirms the release first (DepositReleaseConfirmed)."),
        "人社部发〔2021〕65号 art. 22; Postings, DepositReleased",
    ),
)

FUNDS: Final[tuple[Code, ...]] = (
    rule(
        "period_certified",
        N_("Progress of that month is certified already[: {project}][, {period}]."),
        N_("To add to it, post it as a supplement."),
        "Postings, ProgressCertified",
    ),
    rule(
        "over_unsettled_price",
        N_(
            "This is more than is unsettled of the contract price"
            "[: {amount_fen} yuan][, unsettled {available_fen} yuan]."
        ),
        N_("The developer's duty to advance ends at the unsettled price."),
        "Decree 724 art. 29; Postings, DeveloperAdvancePaid",
    ),
    rule(
        "account_exists",
        N_("The project has an open wage account already[: {project}]."),
        N_("Close that one before another is opened."),
        "Decree 724 art. 26; Postings, WageAccountOpened",
    ),
    rule(
        "suspense_open",
        N_("The account holds money that is not the project's[: {project}]."),
        N_("Return the misdirected money first (MisdirectedReturned)."),
        "Postings, WageAccountClosed",
    ),
    rule(
        "balance_mismatch",
        N_(
            "The balance named is not the balance of the account on every day from then"
            "[: {balance_fen} yuan][, ledger {actual_fen} yuan]."
        ),
        N_("Reconcile the account first; a movement may be missing."),
        "Decree 724 art. 27; Postings, WageAccountClosed",
    ),
)

PAYROLL: Final[tuple[Code, ...]] = (
    rule(
        "sheet_exists",
        N_("There is already a sheet with that id[: {sheet}]."),
        N_("Choose another id; a returned sheet comes back under a new one."),
        "Postings, PayrollSubmitted",
    ),
    rule(
        "period_paid_twice",
        N_("The worker has a line for that month already[: {worker}][, {period}]."),
        N_("If it is pay owed from before, mark the sheet as back pay."),
        "Postings, PayrollSubmitted",
    ),
    rule(
        "sheet_closed",
        N_("The sheet is approved or returned already[: {sheet}][, {state}]."),
        N_("Nothing is to be done; to undo an approval, reverse it."),
        "Postings, PayrollApproved",
    ),
    rule(
        "not_on_sheet",
        N_("The worker is not on the sheet[: {worker}][, {sheet}]."),
        N_("Check sheet and worker with `wageledger payroll show`."),
        "Postings, ObjectionRaised",
    ),
    rule(
        "batch_exists",
        N_("There is already a batch with that id[: {batch}]."),
        N_("Choose another id."),
        "Postings, PayoutInstructed",
    ),
    rule(
        "card_missing",
        N_("The worker has no bank card in the ledger[: {worker}]."),
        N_("Bind the worker's own card first with `wageledger card bind`."),
        "Decree 724 art. 31; Postings, PayoutInstructed",
    ),
    rule(
        "not_pending",
        N_("Nothing there is waiting for an answer of the bank[: {claim}][, {batch}]."),
        N_("It was settled or returned before, or never sent; see `wageledger payout show`."),
        "Postings, PayoutSettled",
    ),
    rule(
        "not_returnable",
        N_("Transfers of that kind of posting are not returned so[: {kind}]."),
        N_("Only payments from deposit, guarantee or clearing; a batch has PayoutReturned."),
        "Postings, TransferReturned",
    ),
    rule(
        "mixed_employers",
        N_("The lines are of more than one employer[: {count}]."),
        N_("Post each employer's payment by itself."),
        "Postings, PaidOutsideAccount",
    ),
)
