"""Answers of banks, written as banks write them: pain.002 out of a few words a line."""

from typing import Any, Final
from xml.sax.saxutils import escape

from ledger.banking.references import end_to_end, message_id, payment_information

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"

Line = tuple[Any, ...]
"""Number of the line or a reference as text; its status; perhaps a reason and an amount."""


def report(
    position: int,
    lines: list[Line],
    *,
    batch: str = "B-01",
    group: str | None = "PART",
    payment: str | None = None,
    created: str = "2026-04-11T10:00:00+08:00",
    currency: str = "CNY",
    named: bool = True,
) -> bytes:
    """A pain.002 about the batch instructed at a position."""
    told = "".join(_transaction(position, *line, currency=currency) for line in lines)
    block = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{payment_information(position)}</OrgnlPmtInfId>"
        f"{_element('PmtInfSts', payment)}{told}</OrgnlPmtInfAndSts>"
    )
    original = message_id("main", batch, position, "pain.001.001.09")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{_element('GrpSts', group)}</OrgnlGrpInfAndSts>{block if named else ''}"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def _transaction(
    position: int, line: int | str, status: str | None, reason: str | None = None,
    amount: str | None = None, *, currency: str,
) -> str:  # fmt: skip
    reference = end_to_end(position, line) if isinstance(line, int) else line
    reasons = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    repeated = ""
    if amount is not None:
        instructed = f'<InstdAmt Ccy="{currency}">{amount}</InstdAmt>'
        repeated = f"<OrgnlTxRef><Amt>{instructed}</Amt></OrgnlTxRef>"
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{escape(reference)}</OrgnlEndToEndId>"
        f"{_element('TxSts', status)}{reasons}{repeated}</TxInfAndSts>"
    )


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<{name}>{text}</{name}>"
