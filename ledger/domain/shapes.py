"""The shapes of fields, as annotations: what each value looks like and refers to.

Used by the postings of ``ledger.domain``; checked by ``ledger.domain.form``.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from ledger.domain.base import Shape

# Identifiers that must already stand in a register.
Project = Annotated[str, Shape("ref", refers="project")]
Fund = Annotated[str, Shape("region", refers="fund")]
Advance = Annotated[str, Shape("ref", refers="advance")]
Notice = Annotated[str, Shape("ref", refers="notice")]
Guarantee = Annotated[str, Shape("ref", refers="guarantee")]
Case = Annotated[str, Shape("ref", refers="case")]
Sheet = Annotated[str, Shape("ref", refers="sheet")]
Batch = Annotated[str, Shape("ref", refers="batch")]
Claim = Annotated[str, Shape("claim", refers="claim")]
Worker = Annotated[str, Shape("ref", refers="worker")]
Party = Annotated[str, Shape("party", refers="party")]
Position = Annotated[int, Shape("position", refers="position")]
Claims = Annotated[Sequence[str], Shape("claims", refers="claim")]
ClaimsOrAll = Annotated[Sequence[str] | str, Shape("claims_or_all", refers="claim")]

# Identifiers that the posting introduces.
NewRef = Annotated[str, Shape("ref")]
NewParty = Annotated[str, Shape("party")]
Region = Annotated[str, Shape("region")]
RegionOrNation = Annotated[str, Shape("region_or_cn")]
Account = Annotated[str, Shape("account", refers="account")]

Day = Annotated[str, Shape("date")]
Period = Annotated[str, Shape("period")]
Amount = Annotated[int, Shape("amount")]
AmountOrZero = Annotated[int, Shape("amount0")]
SignedAmount = Annotated[int, Shape("signed")]
Text = Annotated[str, Shape("text")]
Name = Annotated[str, Shape("name")]
BankRef = Annotated[str, Shape("bank_ref")]
Booking = Annotated[str, Shape("booking")]
Flag = Annotated[bool, Shape("flag")]
Count = Annotated[int, Shape("count")]
Year = Annotated[int, Shape("year")]
Days = Annotated[int, Shape("days")]
Score = Annotated[Any, Shape("score")]
Digits4 = Annotated[str, Shape("digits4")]
Names = Annotated[Sequence[str], Shape("names")]
PolicyValue = Annotated[Any, Shape("value")]
ReturnCode = Annotated[
    str,
    Shape(
        "choice",
        choices=(
            "account_closed", "account_frozen", "account_not_found", "name_mismatch", "limit",
            "insufficient_balance", "bank_error", "late_return", "cancelled", "other",
        ),
    ),
]  # fmt: skip
Level = Annotated[str, Shape("choice", choices=("bureau", "government"))]

# Identity: goes to the vault; the event holds a commitment.
PersonName = Annotated[str, Shape("name", vault=True)]
IdNumber = Annotated[str, Shape("id_number", vault=True)]
Phone = Annotated[str, Shape("phone", vault=True)]
CardNumber = Annotated[str, Shape("card", vault=True)]

Document = Mapping[str, str]
