"""Codes of cases, the emergency turnover fund, corrections, policy and reconciliation."""

from typing import Final

from ledger.kernel.codes.definition import N_, Code, refusal, rule

ARREARS: Final[tuple[Code, ...]] = (
    rule(
        "case_exists",
        N_("There is already a case with that id[: {case}]."),
        N_("Choose another id."),
        "Postings, CaseOpened",
    ),
    rule(
        "not_closed",
        N_("The case is not closed[: {case}]."),
        N_("Nothing is to be reopened."),
        "Postings, CaseReopened",
    ),
    rule(
        "claim_exists",
        N_("There is already a claim with that id[: {claim}]."),
        N_("Choose another id."),
        "Postings, ClaimAsserted",
    ),
    rule(
        "not_a_subcontractor",
        N_("These are the general contractor's own workers[: {claim}]."),
        N_("Pay them from the wage account while it is open."),
        "Decree 724 art. 30; Postings, AdvanceClearingPaid",
    ),
    rule(
        "in_transit",
        N_("Money is in transit on the claim[: {claim}][, {amount_fen} yuan]."),
        N_("Wait for the bank's answer first."),
        "Postings, LiabilityAttributed",
    ),
    rule(
        "partly_paid",
        N_("Something is paid on the claim already[: {claim}][, {paid_fen} yuan]."),
        N_("Reduce the claim to what is paid and assert the rest against the debtor."),
        "Postings, LiabilityAttributed",
    ),
    rule(
        "not_open",
        N_("Nothing is open on the claim[: {claim}]."),
        N_("Leave it out."),
        "Postings, LiabilityAttributed",
    ),
    rule(
        "same_debtor",
        N_("The claim is owed by that party already[: {claim}][, {debtor}]."),
        N_("Leave it out."),
        "Postings, LiabilityAttributed",
    ),
    rule(
        "threshold_not_met",
        N_(
            "The region's threshold is not reached, or no order's deadline has passed"
            "[: {amount_fen} yuan][, {workers} workers][, case {case}]."
        ),
        N_("Order payment first and wait for the deadline; see `wageledger policy show`."),
        "Criminal Law art. 276-1; 法释〔2013〕3号 art. 3",
    ),
)

FUND: Final[tuple[Code, ...]] = (
    rule(
        "fund_exists",
        N_("The region has a fund already[: {region}]."),
        N_("To change its floor, post FundFloorSet."),
        "Postings, FundEstablished",
    ),
    rule(
        "advance_exists",
        N_("There is already an advance with that id[: {advance}]."),
        N_("Choose another id."),
        "Postings, AdvanceRequested",
    ),
    rule(
        "not_in_arrears",
        N_("The claim is not in arrears on that day[: {claim}][, due on {due_on}]."),
        N_("An advance is for wages past their due date with something open."),
        "Decree 724 art. 63; Postings, AdvanceRequested",
    ),
    rule(
        "over_cap",
        N_(
            "This is above the cap of a worker[: {worker}]"
            "[, {amount_fen} yuan asked][, cap {cap_fen} yuan]."
        ),
        N_("Ask for less, or for an approval by the government."),
        "Decree 724 art. 63; Postings, Emergency turnover fund: cap",
    ),
    rule(
        "advance_decided",
        N_("The advance is decided already[: {advance}][, {state}]."),
        N_("See it with `wageledger fund advance list`."),
        "Postings, AdvanceApproved",
    ),
    rule(
        "level_too_low",
        N_("The approval is below the level that was requested[: {advance}][, {level}]."),
        N_("Have it approved at the requested level."),
        "Postings, AdvanceApproved",
    ),
    rule(
        "already_paid",
        N_("The advance is paid already[: {advance}]."),
        N_("Nothing is to be done; for more, request another advance."),
        "Postings, AdvancePaid",
    ),
    rule(
        "not_approved",
        N_("The advance is not approved[: {advance}][, {state}]."),
        N_("The fund office approves it first."),
        "Postings, AdvancePaid",
    ),
    rule(
        "not_requested",
        N_("The claim is not in the advance[: {claim}][, {advance}]."),
        N_("Name only claims of the request."),
        "Postings, AdvancePaid",
    ),
    rule(
        "not_paid",
        N_(
            "The claim was not paid by the advance, or is returned already[: {claim}][, {advance}]."
        ),
        N_("Name only claims that this advance has paid."),
        "Postings, AdvanceReturned",
    ),
)

CORRECTIONS: Final[tuple[Code, ...]] = (
    rule(
        "already_reversed",
        N_("The posting is reversed already[: {position}][, by {first_position}]."),
        N_("Nothing is to be done."),
        "Postings, Reversed",
    ),
    rule(
        "not_reversible",
        N_("A posting of that kind cannot be reversed[: {kind}][, {position}]."),
        N_("Correct it with the posting made for that; the bank returns transfers."),
        "Postings, Reversed",
    ),
    rule(
        "depended_upon",
        N_("Later postings rest on this one[: {position}][, {claim}][, {account}]."),
        N_("Undo those first, or correct the difference with a new posting."),
        "Postings, Reversed",
    ),
    refusal(
        "unknown_parameter",
        "rule",
        N_("There is no such policy parameter[: {parameter}]."),
        N_("See the parameters with `wageledger policy list`."),
        "Postings, PolicyPublished",
    ),
    rule(
        "policy_overlap",
        N_("A value is published for that time already[: {parameter}][, {region}]."),
        N_("Choose days on which the other value does not hold; without an end it holds for ever."),
        "Postings, PolicyPublished",
    ),
    rule(
        "statement_overlap",
        N_("It overlaps an imported statement and differs[: {account}][, {statement}]."),
        N_("Compare the two statements; import the bank's own."),
        "Postings, StatementImported",
    ),
    rule(
        "over_match",
        N_("More would be matched than the amount[: {amount_fen} yuan][, {available_fen} left]."),
        N_("Undo another match first, or match less."),
        "Postings, StatementLineMatched",
    ),
    rule(
        "not_matched",
        N_("The statement line is not matched so[: {statement}][, {position}]."),
        N_("Nothing is to be undone."),
        "Postings, StatementLineUnmatched",
    ),
    rule(
        "not_a_break",
        N_("This is not a break[: {statement}][, {position}]."),
        N_("Only a statement line or a posting without its match is resolved."),
        "Postings, BreakResolved",
    ),
    rule(
        "open_breaks",
        N_("There are open breaks up to that day[: {account}][, {count}]."),
        N_("Match or resolve each of them first."),
        "Postings, StatementReconciled",
    ),
)
