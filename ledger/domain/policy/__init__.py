"""The dated values that the law and the regions set, and the figures that follow from them.

``record`` says what a parameter and a value are, ``parameters`` and ``defaults`` list those that
come with the product, ``book`` finds the one in force, ``rules`` compute with them.
"""

from ledger.domain.policy.book import PolicyBook, regions_to_ask, remarks, value_problem
from ledger.domain.policy.defaults import SHIPPED
from ledger.domain.policy.parameters import PARAMETERS
from ledger.domain.policy.record import NATION, Parameter, PolicyRecord
from ledger.domain.policy.rules import (
    CRIME_PARAMETERS,
    DEPOSIT_PARAMETERS,
    DepositFacts,
    assess_deposit,
    crime_threshold_met,
)

__all__ = [
    "CRIME_PARAMETERS",
    "DEPOSIT_PARAMETERS",
    "NATION",
    "PARAMETERS",
    "SHIPPED",
    "DepositFacts",
    "Parameter",
    "PolicyBook",
    "PolicyRecord",
    "assess_deposit",
    "crime_threshold_met",
    "regions_to_ask",
    "remarks",
    "value_problem",
]
