"""All kinds of posting; importing this package fills the registers.

Each module holds one area of postings.md: the postings, what they decide, and how
decided postings change the records that later decisions read.
"""

from ledger.domain.kinds import (
    arrears,
    corrections,
    deposit,
    emergency_fund,
    enforcement,
    funds,
    notices,
    payout,
    payroll,
    register,
    statements,
)

__all__ = [
    "arrears",
    "corrections",
    "deposit",
    "emergency_fund",
    "enforcement",
    "funds",
    "notices",
    "payout",
    "payroll",
    "register",
    "statements",
]
