"""Codes of steps 0 to 5: authority, form, key, dates, references, standing."""

from typing import Final

from ledger.kernel.codes.definition import N_, Code, refusal

_FORM: Final = "Postings, Form"
_ORDER: Final = "Postings, The order of judgement"

AUTHORITY: Final[tuple[Code, ...]] = (
    refusal(
        "not_authorised",
        "authority",
        N_("You may not post this[: {kind}][ as {role}][ for {by}]."),
        N_("Use the profile of the party whose task it is."),
        "Postings, Form: who may post",
    ),
)

FORM: Final[tuple[Code, ...]] = (
    refusal(
        "bad_json",
        "form",
        N_("This is not one JSON object in UTF-8[: {problem}][ ({field})]."),
        N_("Write one JSON object a line, no name twice, no NaN, without deep nesting."),
        _FORM,
    ),
    refusal(
        "bad_kind",
        "form",
        N_("There is no such kind of posting[: {problem}]."),
        N_("See the kinds with `wageledger record --help`."),
        "Postings, Kinds",
    ),
    refusal(
        "bad_field",
        "form",
        N_("A field is missing, unknown or wrong[: {field}][: {problem}][ (given: {value})]."),
        N_("See the fields of the kind with `wageledger record KIND --help`."),
        _ORDER,
    ),
    refusal(
        "bad_id",
        "form",
        N_("An id or region is not well formed[: {field}][ (given: {value})]."),
        N_("An id has 1 to 64 letters, digits, '-', '_' or '.'; a region has 6 digits."),
        _FORM,
    ),
    refusal(
        "bad_date",
        "form",
        N_("A date or month is not right[: {field}][: {problem}][ (given: {value})]."),
        N_("Write a date as 2026-03-31 and a month as 2026-03."),
        _FORM,
    ),
    refusal(
        "bad_amount",
        "form",
        N_("An amount is not valid[: {field}][: {problem}][ (given: {value})]."),
        N_(
            "In a posting write whole fen, above 0 and at most 10^15;"
            " in a table write yuan with at most two decimals."
        ),
        _FORM,
    ),
    refusal(
        "bad_credit_code",
        "form",
        N_("The credit code is not valid[: {field}][: {problem}][ (given: {value})]."),
        N_("Copy the 18 characters from the licence; both check digits must agree."),
        "GB 32100; Postings, Form",
    ),
    refusal(
        "bad_id_number",
        "form",
        N_("The ID number is not valid[: {field}][: {problem}]."),
        N_("Compare it with the identity card: birth date and last character."),
        "GB 11643; Postings, WorkerRegistered",
    ),
    refusal(
        "bad_card_number",
        "form",
        N_("The card number is not valid[: {field}][: {problem}]."),
        N_("Copy the 16 to 19 digits from the worker's own card."),
        "Postings, CardBound",
    ),
    refusal(
        "empty_lines",
        "form",
        N_("There are no lines[: {field}]."),
        N_("Give at least one line; a month without work is a NoWorkReported."),
        _ORDER,
    ),
    refusal(
        "too_many_lines",
        "form",
        N_("There are more lines than one posting may hold[: {field}]."),
        N_("Split it into several postings of at most 200,000 lines."),
        _ORDER,
    ),
    refusal(
        "duplicate_claim",
        "form",
        N_("A claim is named twice[: {problem}]."),
        N_("Name each claim once."),
        _ORDER,
    ),
    refusal(
        "duplicate_worker",
        "form",
        N_("A worker stands twice on the sheet[: {problem}]."),
        N_("Put the worker's pay into one line, or into a second sheet marked as back pay."),
        _ORDER,
    ),
    refusal(
        "line_arithmetic",
        "form",
        N_("Gross pay less deductions is not the net pay[: {field}]."),
        N_("Correct the line so that gross less deductions is net."),
        "Decree 724 art. 15; Postings, PayrollSubmitted",
    ),
    refusal(
        "control_total",
        "form",
        N_("The control total or the count does not agree with the lines[: {field}]."),
        N_("Count again; a line may be missing or wrong."),
        "Postings, PayoutInstructed",
    ),
    refusal(
        "bad_split",
        "form",
        N_("The labour cost is above the progress of which it is a part[: {field}]."),
        N_("The labour cost is a part of the certified progress; correct one of them."),
        "Decree 724 art. 24; Postings, ProgressCertified",
    ),
    refusal(
        "bad_deadline",
        "form",
        N_("The deadline lies before the order itself[: {field}]."),
        N_("Set the deadline on the day of the order or later."),
        "Postings, CorrectionOrdered",
    ),
    refusal(
        "statement_arithmetic",
        "form",
        N_("Opening balance and lines do not make the closing balance[: {field}]."),
        N_("Import the bank's whole statement."),
        "Postings, StatementImported",
    ),
)

KEY_AND_DATES: Final[tuple[Code, ...]] = (
    refusal(
        "key_reused",
        "key",
        N_("The key stands for another posting already[: {key}][, position {position}]."),
        N_("Give this posting a key of its own."),
        "Postings, Form: key",
    ),
    refusal(
        "future_date",
        "date",
        N_("The date lies in the future[: {on}][, today is {today}]."),
        N_("Post it on the day on which it has happened."),
        "Postings, Form: on",
    ),
    refusal(
        "future_period",
        "date",
        N_("The month lies in the future[: {period}][, today is {today}]."),
        N_("Post a month when it has begun."),
        "Postings, Form: period",
    ),
    refusal(
        "period_closed",
        "date",
        N_("The account is signed off to that day or later[: {account}][ to {to}]."),
        N_("Post it with a date after the day of the sign-off."),
        "Postings, StatementReconciled",
    ),
)

REFERENCES: Final[tuple[Code, ...]] = (
    refusal(
        "unknown_party",
        "reference",
        N_("There is no such party in this ledger[: {party}][ ({field})]."),
        N_("Check the credit code, or register it with `wageledger party add`."),
        _ORDER,
    ),
    refusal(
        "unknown_worker",
        "reference",
        N_("There is no such worker in this ledger[: {worker}]."),
        N_("Check the reference, or register the worker with `wageledger worker add`."),
        "Decree 724 art. 28; Postings, The order of judgement",
    ),
    refusal(
        "unknown_project",
        "reference",
        N_("There is no such project in this ledger[: {project}]."),
        N_("See the projects with `wageledger project list`."),
        _ORDER,
    ),
    refusal(
        "unknown_case",
        "reference",
        N_("There is no such case in this ledger[: {case}]."),
        N_("See the cases with `wageledger case list`."),
        _ORDER,
    ),
    refusal(
        "unknown_claim",
        "reference",
        N_("There is no such claim[: {claim}]."),
        N_("A claim exists once its sheet is approved; see `wageledger claim list`."),
        _ORDER,
    ),
    refusal(
        "unknown_notice",
        "reference",
        N_("There is no such payment notice[: {notice}]."),
        N_("See the notices with `wageledger deposit notices`."),
        _ORDER,
    ),
    refusal(
        "unknown_guarantee",
        "reference",
        N_("There is no such guarantee[: {guarantee}]."),
        N_("See the guarantees with `wageledger deposit show`."),
        _ORDER,
    ),
    refusal(
        "unknown_sheet",
        "reference",
        N_("There is no such payroll sheet[: {sheet}]."),
        N_("See the sheets with `wageledger payroll list`."),
        _ORDER,
    ),
    refusal(
        "unknown_batch",
        "reference",
        N_("There is no such payout batch[: {batch}]."),
        N_("See the batches with `wageledger payout list`."),
        _ORDER,
    ),
    refusal(
        "unknown_advance",
        "reference",
        N_("There is no such advance[: {advance}]."),
        N_("See the advances with `wageledger fund advance list`."),
        _ORDER,
    ),
    refusal(
        "unknown_fund",
        "reference",
        N_("The region has no emergency turnover fund[: {region}]."),
        N_("Establish it with `wageledger fund establish`, or check the region."),
        "Decree 724 art. 63; Postings, The order of judgement",
    ),
    refusal(
        "unknown_position",
        "reference",
        N_("There is no posting at that position[: {position}]."),
        N_("See the positions with `wageledger events`."),
        _ORDER,
    ),
    refusal(
        "unknown_statement",
        "reference",
        N_("There is no such statement or statement line[: {statement}]."),
        N_("Import the statement first."),
        "Postings, StatementLineMatched",
    ),
)

STANDING: Final[tuple[Code, ...]] = (
    refusal(
        "other_project",
        "standing",
        N_("What is named belongs to another project[: {name}][ of {other}]."),
        N_("Name things of one project in a posting."),
        _ORDER,
    ),
    refusal(
        "other_case",
        "standing",
        N_("A claim is not of the employer of the case[: {party}][, case {case}]."),
        N_("Open a case against that employer, or name only claims against this one."),
        _ORDER,
    ),
    refusal(
        "other_region",
        "standing",
        N_("Fund and project or advance lie in different places[: {region}][ and {other}]."),
        N_("Use the fund of the project's city, and name an advance with its own region."),
        _ORDER,
    ),
    refusal(
        "account_not_open",
        "standing",
        N_("The project's wage account is not open[: {project}][ on {on}]."),
        N_("Post its opening first (WageAccountOpened), or check the date."),
        "Decree 724 art. 26; Postings, The order of judgement",
    ),
    refusal(
        "case_closed",
        "standing",
        N_("The case is closed[: {case}]."),
        N_("Reopen it first (CaseReopened)."),
        _ORDER,
    ),
    refusal(
        "before_cause",
        "standing",
        N_("The date lies before what the posting rests on[: {on}][, {cause}][ of {cause_on}]."),
        N_("Use that day or a later one."),
        _ORDER,
    ),
)
