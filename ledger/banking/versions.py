"""Messages of ISO 20022 that are read, and the versions that are known."""

import re
from typing import Final

from ledger.banking.problems import Problems
from ledger.banking.statement import Kind
from ledger.banking.xml_stream import Root

MESSAGES: Final[dict[str, Kind]] = {
    "BkToCstmrStmt": "statement",
    "BkToCstmrAcctRpt": "report",
    "BkToCstmrDbtCdtNtfctn": "notification",
    "CstmrCdtTrfInitn": "credit-transfer",
    "CstmrPmtStsRpt": "status-report",
}
"""Kinds by the message's element; version .01 puts V01 behind its name."""

_NAMES: Final = {
    "camt.052": "report",
    "camt.053": "statement",
    "camt.054": "notification",
    "pain.001": "credit-transfer",
    "pain.002": "status-report",
}
_KNOWN: Final = {
    "report": range(2, 15),
    "statement": range(2, 15),
    "notification": range(2, 15),
    "credit-transfer": range(3, 14),
    "status-report": range(2, 16),
}
_NAMESPACE: Final = re.compile(
    r"(?:urn:iso:std:iso:20022:tech:xsd|urn:[a-z0-9:._-]+):"
    r"((?:camt|pain)\.[0-9]{3})\.([0-9]{3})\.([0-9]{2})",
    re.IGNORECASE,
)


def check_version(root: Root, kind: Kind, problems: Problems) -> None:
    """Flag a message whose version nobody knows, or that does not name any."""
    if not root.namespace:
        problems.add("bank_no_namespace", value=root.message)
        return
    match = _NAMESPACE.fullmatch(root.namespace)
    if match is None or _NAMES.get(match[1]) != kind or int(match[3]) not in _KNOWN[kind]:
        problems.add("bank_version", value=root.namespace.rpartition(":")[2][:40])
