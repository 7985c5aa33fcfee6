"""Reading a camt.053 of 100,000 entries, against the XML parser alone.

Measured in turn: every entry made with its references, the other side and its remittance text; and
lxml's iterparse over the same file that only counts the entries and clears them. At most 1.6 times
as long, in processor time, since the machine may be busy.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from ledger.banking.opening import read_statements
from measures.peak import own_peak_kib
from measures.timing import Limit, interleaved, report

TIMES: Final = Limit(bound=1.6)
ENTRIES: Final = 100_000
NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_FEN: Final = 100


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--repetitions", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.xml"
        write(path, given.entries)
        pair = interleaved(
            lambda _number: _entries(path), lambda _number: _bare(path),
            repetitions=given.repetitions,
        )  # fmt: skip
        peak = round(own_peak_kib() / 1024)
        named = {"entries": given.entries, "peak_mb": peak, "bytes": path.stat().st_size}
        return 0 if report("statement-read", "none", pair, TIMES, **named) else 1


def write(path: Path, entries: int) -> None:
    """Write an invented statement: a payout line an entry."""
    amounts = [300_000 + at * 7_919 % 400_000 for at in range(entries)]
    opening = sum(amounts) + _FEN
    balances = _balance("OPBD", opening) + _balance("CLBD", _FEN)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
            "<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>07001</Id>"
            f"</Othr></Id><Ccy>CNY</Ccy></Acct>{balances}\n"
        )
        stream.writelines(_entry(at, amount) for at, amount in enumerate(amounts))
        stream.write("</Stmt></BkToCstmrStmt></Document>\n")


def _balance(kind: str, amount: int) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{_yuan(amount)}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-02-11</Dt></Dt></Bal>"
    )


def _entry(at: int, amount: int) -> str:
    money = f'<Amt Ccy="CNY">{_yuan(amount)}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
    return (
        f"<Ntry><NtryRef>{at}</NtryRef>{money}<Sts><Cd>BOOK</Cd></Sts>"
        "<BookgDt><Dt>2024-02-11</Dt></BookgDt><ValDt><Dt>2024-02-11</Dt></ValDt>"
        f"<AcctSvcrRef>BANK{at:010}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd>"
        "<SubFmlyCd>SALA</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
        f"<PmtInfId>B1</PmtInfId><EndToEndId>E{at:09}</EndToEndId></Refs>{money}<RltdPties><Cdtr>"
        f"<Pty><Nm>\u8d75{at}</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>6222{at:012}</Id></Othr></Id>"
        "</CdtrAcct></RltdPties><RmtInf><Ustrd>\u5de5\u8d44 2024-01</Ustrd></RmtInf></TxDtls>"
        "</NtryDtls></Ntry>\n"
    )


def _yuan(fen: int) -> str:
    return f"{fen // _FEN}.{fen % _FEN:02}"


def _entries(path: Path) -> float:
    """Seconds of the processor to make every entry."""
    began = time.process_time()
    for statement in read_statements(path):
        for _entry_made in statement.entries:
            pass
        if statement.gap_minor != 0:
            message = "the invented statement does not tie"
            raise AssertionError(message)
    return time.process_time() - began


def _bare(path: Path) -> float:
    """Seconds of the processor for the parser alone."""
    from lxml import etree  # noqa: PLC0415 - not for --help

    began = time.process_time()
    for _event, element in etree.iterparse(str(path), tag=f"{{{NAMESPACE}}}Ntry"):
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
