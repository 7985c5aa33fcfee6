"""All kinds of posting; importing this package fills the registers.

Each module holds one area of postings.md: the postings, what they decide, and how
decided postings change the records that later decisions read.
"""

from ledger.domain.kinds import (
    advances,
    arrears,
    cases,
    corrections,
    deposit,
    emergency_fund,
    enforcement,
    funds,
    matching,
    notices,
    payout,
    payroll,
    register,
    statements,
    workers,
)

__all__ = [
    "advances",
    "arrears",
    "cases",
    "corrections",
    "deposit",
    "emergency_fund",
    "enforcement",
    "funds",
    "matching",
    "notices",
    "payout",
    "payroll",
    "register",
    "statements",
    "workers",
]
