"""What a cell of our journal is called by other programs.

One name for all of them, in the strictest grammar, that of beancount: parts begin with a capital
letter or a digit and hold letters of any script, digits and ``-``. Two cells never share a name,
and no name is the beginning of another, for beancount adds what is below an account to its balance:
the book stands last.

    Liabilities:Wages-payable:Project-P-2026-001:Due-2026-04-15:9122020090000033XP
    Assets:Receivable:With-9122020090000033XP:Fund-220200
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

ASSETS: Final = "Assets"
LIABILITIES: Final = "Liabilities"
EQUITY: Final = "Equity"
INCOME: Final = "Income"
EXPENSES: Final = "Expenses"

ROOTS: Final[Mapping[str, str]] = {
    "capital": EQUITY,
    "cash": ASSETS,
    "compensation_cost": EXPENSES,
    "compensation_payable": LIABILITIES,
    "contract_income": INCOME,
    "contractor_receivable": ASSETS,
    "deposit_cash": ASSETS,
    "deposit_interest": ASSETS,
    "developer_receivable": ASSETS,
    "donations": INCOME,
    "due_from_fund": ASSETS,
    "due_to_fund": LIABILITIES,
    "in_transit": ASSETS,
    "interest": INCOME,
    "interest_income": INCOME,
    "labour_cost": EXPENSES,
    "labour_payable": LIABILITIES,
    "own_cash": EQUITY,
    "project_cost": EXPENSES,
    "project_payable": LIABILITIES,
    "project_receivable": ASSETS,
    "receivable": ASSETS,
    "recourse_payable": LIABILITIES,
    "recourse_receivable": ASSETS,
    "refund_payable": LIABILITIES,
    "subcontract_cost": EXPENSES,
    "subcontract_income": INCOME,
    "subcontractor_payable": LIABILITIES,
    "surrendered": EQUITY,
    "suspense": LIABILITIES,
    "wage_account": ASSETS,
    "wages_payable": LIABILITIES,
    "write_off": EXPENSES,
    "write_off_income": INCOME,
}
"""The root of every account; ``own_cash`` is money outside the pots of the ledger."""

MEMO: Final = "Memo"
"""Second part of what no journal line carries, under Equity; ``Memo-contra`` is its other side."""

ELSEWHERE: Final = "Elsewhere"
"""Second part of what a posting put into cells that an export of one project leaves out."""

_FUND: Final = "fund:"
_OF_CASES: Final = "compensation_"
"""Accounts whose counterparty is the id of a case."""

_ESCAPE: Final = "--"


@lru_cache(maxsize=4_096)
def cell_name(book: str, account: str, project: str, counterparty: str, due_on: str) -> str:
    """Name of a cell."""
    ends = []
    if project:
        ends.append(f"Project-{part(project)}")
    if counterparty and account.startswith(_OF_CASES):
        ends.append(f"Case-{part(counterparty)}")
    elif counterparty:
        ends.append(f"With-{_book(counterparty)}")
    if due_on:
        ends.append(f"Due-{due_on}")
    return ":".join((ROOTS[account], _title(account), *ends, _book(book)))


@lru_cache(maxsize=4_096)
def memo_name(book: str, memo: str, project: str, ref: str) -> str:
    """Name of a memorandum's account."""
    ends = []
    if project:
        ends.append(f"Project-{part(project)}")
    if ref:
        ends.append(f"Of-{part(ref)}")
    return ":".join((EQUITY, MEMO, _title(memo), *ends, _book(book)))


def contra_name(book: str) -> str:
    """Name of the other side of a book's memoranda."""
    return f"{EQUITY}:{MEMO}-contra:{_book(book)}"


def elsewhere_name(book: str) -> str:
    """Name of what a book's postings put into cells that the export leaves out."""
    return f"{EQUITY}:{ELSEWHERE}:{_book(book)}"


def _title(account: str) -> str:
    return account.replace("_", "-").capitalize()


def _book(book: str) -> str:
    """A party's credit code, or a fund: no code begins like one."""
    return f"Fund-{book.removeprefix(_FUND)}" if book.startswith(_FUND) else part(book)


def part(ref: str) -> str:
    """Spell an id as the end of a part of a name, so that no two are spelled alike.

    Letters and digits stay, and so does a ``-`` before one of them. Any other character becomes
    its code in hexadecimal between ``--`` and ``-``: ``A_1`` is ``A--5f-1``.
    """
    spelled = []
    for at, character in enumerate(ref):
        following = ref[at + 1 : at + 2]
        if _stays(character) or (character == "-" and _stays(following)):
            spelled.append(character)
        else:
            spelled.append(f"{_ESCAPE}{ord(character):x}-")
    return "".join(spelled)


def _stays(character: str) -> bool:
    return character.isalpha() or (character.isascii() and character.isdigit())
