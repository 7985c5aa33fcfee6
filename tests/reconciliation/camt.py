"""Writing camt.053 as an invented bank would: entries one after the other, nothing held."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


_PARTIES: Final = (
    "<RltdPties><Cdtr><Pty><Nm>示例工人</Nm></Pty></Cdtr><CdtrAcct><Id><Othr>"
    "<Id>6222000000000000000</Id></Othr></Id></CdtrAcct></RltdPties>"
)
"""The other side, as banks name it with every payment."""


@dataclass(frozen=True)
class Tx:
    """One transaction inside an entry, signed as the account moves, in fen."""

    amount_fen: int
    end_to_end: str = ""
    batch: str = ""
    return_code: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry; of one transaction where no others are given."""

    on: str
    amount_fen: int
    reference: str = ""
    end_to_end: str = ""
    batch: str = ""
    return_code: str = ""
    status: str = "BOOK"
    details: Sequence[Tx] = field(default_factory=tuple)
    currency: str = "CNY"


def yuan(amount_fen: int) -> str:
    """An amount without sign."""
    return f"{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02}"


def written(
    path: Path,
    entries: Iterable[Entry],
    *,
    opening_fen: int,
    closing_fen: int,
    first: str,
    last: str,
    statement_id: str = "ST-1",
    account: str = "22050100000000001234",
) -> Path:
    """Write one statement into a file."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">'
            f"<BkToCstmrStmt><GrpHdr><MsgId>M-{statement_id}</MsgId>"
            f"<CreDtTm>{last}T23:00:00</CreDtTm></GrpHdr><Stmt><Id>{escape(statement_id)}</Id>"
            f"<CreDtTm>{last}T23:00:00</CreDtTm><FrToDt><FrDtTm>{first}T00:00:00</FrDtTm>"
            f"<ToDtTm>{last}T23:59:59</ToDtTm></FrToDt><Acct><Id><Othr><Id>{account}</Id></Othr>"
            "</Id><Ccy>CNY</Ccy></Acct>"
        )
        file.write(_balance("OPBD", opening_fen, first) + _balance("CLBD", closing_fen, last))
        file.writelines(map(_entry, entries))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")
    return path


def _balance(code: str, amount_fen: int, on: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{yuan(amount_fen)}</Amt><CdtDbtInd>{_side(amount_fen)}</CdtDbtInd>'
        f"<Dt><Dt>{on}</Dt></Dt></Bal>\n"
    )


def _side(amount_fen: int) -> str:
    return "DBIT" if amount_fen < 0 else "CRDT"


def _entry(entry: Entry) -> str:
    single = Tx(entry.amount_fen, entry.end_to_end, entry.batch, entry.return_code)
    transactions = entry.details or (single,)
    reference = f"<AcctSvcrRef>{escape(entry.reference)}</AcctSvcrRef>" if entry.reference else ""
    return (
        f'<Ntry><Amt Ccy="{entry.currency}">{yuan(entry.amount_fen)}</Amt>'
        f"<CdtDbtInd>{_side(entry.amount_fen)}</CdtDbtInd><Sts><Cd>{entry.status}</Cd></Sts>"
        f"<BookgDt><Dt>{entry.on}</Dt></BookgDt><ValDt><Dt>{entry.on}</Dt></ValDt>{reference}"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>SALA</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd><NtryDtls>{''.join(_transactions(transactions))}</NtryDtls></Ntry>\n"
    )


def _transactions(transactions: Iterable[Tx]) -> Iterator[str]:
    for tx in transactions:
        references = ""
        if tx.batch:
            references += f"<PmtInfId>{escape(tx.batch)}</PmtInfId>"
        if tx.end_to_end:
            references += f"<EndToEndId>{escape(tx.end_to_end)}</EndToEndId>"
        returned = ""
        if tx.return_code:
            returned = f"<RtrInf><Rsn><Cd>{tx.return_code}</Cd></Rsn></RtrInf>"
        yield (
            f"<TxDtls><Refs>{references}</Refs>"
            f'<Amt Ccy="CNY">{yuan(tx.amount_fen)}</Amt><CdtDbtInd>{_side(tx.amount_fen)}'
            f"</CdtDbtInd>{_PARTIES}<RmtInf><Ustrd>工资 2025-02</Ustrd></RmtInf>{returned}</TxDtls>"
        )
