"""Warnings: the posting is recorded, and its answer says what somebody should look at."""

from typing import Final

from ledger.kernel.codes.definition import N_, Code, warning

WARNINGS: Final[tuple[Code, ...]] = (
    warning(
        "card_luhn",
        N_("The card number fails the usual check digit[: {worker}]."),
        N_("Compare it with the card; some cards have none."),
        "Postings, CardBound",
    ),
    warning(
        "county_unknown",
        N_("The first six digits of the ID number are no county that is known today[: {worker}]."),
        N_("Compare it with the identity card; codes change over the years."),
        "Postings, WorkerRegistered",
    ),
    warning(
        "paid_outside_account",
        N_("Wages were paid outside the wage account[: {amount_fen} yuan]."),
        N_("Keep the proofs; the law asks for payment from the wage account."),
        "Decree 724 art. 31; Postings, PaidOutsideAccount",
    ),
    warning(
        "return_after_closing",
        N_("The money came back after the wage account was closed[: {amount_fen} yuan]."),
        N_("The general contractor holds it and still owes the worker."),
        "Postings, WageAccountClosed",
    ),
    warning(
        "line_beside_claim",
        N_("The worker has a sheet line for the same month[: {worker}][, {period}][, {claim}]."),
        N_("Make sure that it is not the same wage."),
        "Postings, ClaimAsserted",
    ),
    warning(
        "no_minimum_wage",
        N_("No minimum wage is known for the region[: {region}]; the cap uses the share alone."),
        N_("Publish the minimum wage of the region with `wageledger policy set`."),
        "Postings, Emergency turnover fund: cap",
    ),
    warning(
        "no_local_value",
        N_("The region has no local value, national default used[: {parameter}][, {region}]."),
        N_("Publish the local value with `wageledger policy set`, if there is one."),
        "Rules of the field, Marks",
    ),
    warning(
        "before_first_value",
        N_("No value is known for so early a date, the first known one was used[: {parameter}]."),
        N_("Publish the value of that time with `wageledger policy set`, if there was one."),
        "Rules of the field, Marks",
    ),
)
