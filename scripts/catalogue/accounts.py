"""docs/reference/accounts.md: the accounts of the journal, their signs, mirrors and meanings."""

from typing import Final

from catalogue.words import in_chinese, row, table
from cli.names import ACCOUNTS as ACCOUNT_NAMES
from ledger.domain.journal import ACCOUNTS, CREDIT_ONLY, DEBIT_ONLY, MIRRORS
from ledger.domain.kinds.statements import POTS

NAME: Final = "accounts.md"

_HEAD: Final = """# Every account

Written by `scripts/reference` from the program itself; a test keeps it current.

A journal line is `book, account, project, counterparty, due_on, amount_fen`: debit above 0,
credit below. In every posting the lines sum to zero in each book that they touch. A book is a
party's credit code, or `fund:REGION`. An account with a sign never changes it, on any date;
a posting that would change it is refused. Mirrored accounts stand with the other sign in the
book of the counterparty.
"""

_GC: Final = "general contractor"
_SUB: Final = "subcontractor"
_EMPLOYER: Final = "employer"
_FUND: Final = "fund"
_DEVELOPER: Final = "developer"

MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "capital": (_FUND, "what the budget appropriated"),
    "cash": (_FUND, "money of the fund"),
    "compensation_cost": (_EMPLOYER, "contra of extra compensation ordered"),
    "compensation_payable": (_EMPLOYER, "extra compensation ordered and not paid, by case"),
    "contract_income": (_GC, "contra of certified progress"),
    "contractor_receivable": (_SUB, "labour part that the general contractor owes"),
    "deposit_cash": (_GC, "guarantee deposit: principal"),
    "deposit_interest": (_GC, "guarantee deposit: interest, the contractor's own"),
    "developer_receivable": (_GC, "labour cost that the developer owes; overpaid below 0"),
    "donations": (_FUND, "what was donated"),
    "due_from_fund": (_EMPLOYER, "refunds that the fund owes"),
    "due_to_fund": (_EMPLOYER, "advances of the fund to repay"),
    "in_transit": (_GC, "instructed, not yet confirmed by the bank"),
    "interest": (_FUND, "interest credited"),
    "interest_income": (_GC, "contra of interest"),
    "labour_cost": (_EMPLOYER, "contra of wages owed"),
    "labour_payable": (_DEVELOPER, "labour cost owed to the wage account"),
    "own_cash": ("each party", "money outside the pots of the ledger"),
    "project_cost": (_DEVELOPER, "contra of certified progress"),
    "project_payable": (_DEVELOPER, "other project funds owed"),
    "project_receivable": (_GC, "other project funds that the developer owes"),
    "receivable": (_FUND, "advances that employers owe"),
    "recourse_payable": (_SUB, "cleared for it beyond what it was owed"),
    "recourse_receivable": (_GC, "cleared for a subcontractor beyond what it was owed"),
    "refund_payable": (_FUND, "refunds owed to employers"),
    "subcontract_cost": (_GC, "contra of the labour part"),
    "subcontract_income": (_SUB, "contra of the labour part"),
    "subcontractor_payable": (_GC, "labour part owed to a subcontractor"),
    "surrendered": (_FUND, "given back to the budget"),
    "suspense": (_GC, "money on the wage account that is not the project's"),
    "wage_account": (_GC, "the project's special wage account"),
    "wages_payable": (_EMPLOYER, "the wage debt, held once, by project and due date"),
    "write_off": (_FUND, "advances written off"),
    "write_off_income": (_EMPLOYER, "contra of advances written off"),
}
"""Whose book an account stands in and what it holds; an account missing here stops the writing."""


def page() -> str:
    """The whole page."""
    mirrors = {**MIRRORS, **{mirror: account for account, mirror in MIRRORS.items()}}
    pots = {account: pot for pot, accounts in POTS.items() for account in accounts}
    lines = [_HEAD, *table("account", "book", "sign", "mirror", "statement", "meaning")]
    for account in ACCOUNTS:
        book, meaning = MEANINGS[account]
        sign = "debit" if account in DEBIT_ONLY else "credit" if account in CREDIT_ONLY else ""
        lines.append(
            row(
                f"`{account}`<br>{in_chinese(ACCOUNT_NAMES[account])}",
                book,
                sign,
                f"`{mirrors[account]}`" if account in mirrors else "",
                f"`{pots[account]}:...`" if account in pots else "",
                meaning,
            )
        )
    return "\n".join(lines) + "\n"
