"""Which elements of a camt entry mean what: one table for whoever reads them.

A path is written from the entry or from the transaction downwards. The walker follows it through a
tree, the pattern of alike entries through their text; both give the same named texts. Where a name
has several paths, the first that is in the file counts.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element

Texts = dict[str, str]
"""Texts of an entry or of a transaction by our name for them, as they stand in the file."""

ENTRY: Final[Mapping[str, str]] = {
    "Amt": "amount",
    "CdtDbtInd": "sign",
    "RvslInd": "reversal",
    "Sts": "status",
    "Sts/Cd": "status_code",
    "Sts/Prtry": "status_code",
    "BookgDt": "booked",
    "BookgDt/Dt": "booked_day",
    "BookgDt/DtTm": "booked_day",
    "ValDt": "value",
    "ValDt/Dt": "value_day",
    "ValDt/DtTm": "value_day",
    "AcctSvcrRef": "servicer",
    "NtryRef": "own",
    "NtryDtls/Btch": "batch",
    "NtryDtls/Btch/PmtInfId": "batch_payment",
    "NtryDtls/Btch/MsgId": "batch_message",
}
"""Paths from ``Ntry``; what has parts is present, whatever its own text is."""

DETAIL: Final[Mapping[str, str]] = {
    "Refs/EndToEndId": "end_to_end",
    "Refs/PmtInfId": "payment",
    "Refs/MsgId": "message",
    "Refs/AcctSvcrRef": "servicer",
    "Amt": "amount",
    "AmtDtls/TxAmt/Amt": "tx_amount",
    "CdtDbtInd": "sign",
    "RtrInf": "returned",
    "RtrInf/Rsn/Cd": "reason",
    "RtrInf/Rsn/Prtry": "reason",
}
"""Paths from ``TxDtls``."""

PARTIES: Final[Mapping[str, str]] = {
    "RltdPties/Cdtr/Nm": "creditor_name",
    "RltdPties/Cdtr/Pty/Nm": "creditor_name",
    "RltdPties/CdtrAcct/Id/IBAN": "creditor_account",
    "RltdPties/CdtrAcct/Id/Othr/Id": "creditor_account",
    "RltdPties/Dbtr/Nm": "debtor_name",
    "RltdPties/Dbtr/Pty/Nm": "debtor_name",
    "RltdPties/DbtrAcct/Id/IBAN": "debtor_account",
    "RltdPties/DbtrAcct/Id/Othr/Id": "debtor_account",
    "RmtInf/Ustrd": "remittance",
}
"""Paths from ``TxDtls`` to identities; followed only where they are wanted."""

CURRENCIES: Final = {"amount": "currency", "tx_amount": "tx_currency"}
"""Under which name the currency of an amount is kept."""

DETAILS: Final = "NtryDtls"
TRANSACTION: Final = "TxDtls"


class Branch(NamedTuple):
    """One step of the paths.

    Attributes:
        name: Our name of the text here, or None.
        below: Further steps by tag.
    """

    name: str | None
    below: "dict[str, Branch]"


def branches(paths: Mapping[str, str], prefix: str) -> dict[str, Branch]:
    """The paths as a tree of steps, with the namespace in front of every tag."""
    top: dict[str, Branch] = {}
    for path, name in paths.items():
        level = top
        *before, last = (f"{prefix}{part}" for part in path.split("/"))
        for tag in before:
            level = level.setdefault(tag, Branch(None, {})).below
        below = level[last].below if last in level else {}
        level[last] = Branch(name, below)
    return top


def walk(element: "_Element", level: dict[str, Branch], texts: Texts) -> None:
    """Collect the texts below an element."""
    for child in element:
        branch = level.get(child.tag)
        if branch is None:
            continue
        name, below = branch
        if name is not None:
            _keep(texts, name, child)
        if below:
            walk(child, below, texts)


def _keep(texts: Texts, name: str, element: "_Element") -> None:
    """Keep a text: the first of a name, of remittance texts all."""
    text = element.text or ""
    if name in CURRENCIES and name not in texts:
        texts[CURRENCIES[name]] = element.get("Ccy") or ""
    if name == "remittance" and name in texts:
        texts[name] += f" {text.strip()}"
    else:
        texts.setdefault(name, text)
