"""Bank files for tests: camt messages made of a few figures, and what a reader says about them."""

from collections.abc import Sequence
from pathlib import Path

from ledger.banking.inspecting import Inspection, inspect
from ledger.banking.opening import read_statements
from ledger.banking.statement import Entry, Statement

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def entry(
    amount: str = "100.00",
    sign: str = "CRDT",
    *,
    currency: str = "CNY",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    before: str = "",
    details: str = "",
    on: str = "2024-02-11",
) -> str:
    """One ``Ntry``."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{before}{status}'
        f"<BookgDt><Dt>{on}</Dt></BookgDt>{details}</Ntry>"
    )


def detail(
    amount: str = "100.00",
    sign: str = "CRDT",
    *,
    end_to_end: str = "E1",
    currency: str = "CNY",
    more: str = "",
) -> str:
    """One ``TxDtls``."""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}</TxDtls>'
    )


def balance(kind: str, amount: str, *, currency: str = "CNY", sign: str = "CRDT") -> str:
    """One ``Bal``."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        "<Dt><Dt>2024-02-11</Dt></Dt></Bal>"
    )


def statement(
    entries: Sequence[str] = (),
    opening: str | None = "1000.00",
    closing: str | None = "1000.00",
    *,
    currency: str = "CNY",
    identity: str = "S1",
    more: str = "",
) -> str:
    """One ``Stmt``."""
    balances = ""
    if opening is not None:
        balances += balance("OPBD", opening, currency=currency)
    if closing is not None:
        balances += balance("CLBD", closing, currency=currency)
    return (
        f"<Stmt><Id>{identity}</Id><Acct><Id><Othr><Id>07001</Id></Othr></Id><Ccy>{currency}</Ccy>"
        f"</Acct>{balances}{more}{''.join(entries)}</Stmt>"
    )


def camt(*statements: str, namespace: str = NAMESPACE) -> str:
    """A whole camt.053."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M1</MsgId></GrpHdr>{''.join(statements)}</BkToCstmrStmt></Document>"
    )


def written(folder: Path, content: str | bytes, name: str = "bank.txt") -> Path:
    """Write a file under a name that says nothing about it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def looked_into(folder: Path, content: str | bytes) -> tuple[Inspection, list[str]]:
    """What `bank inspect` finds in a file, and the codes of its problems."""
    found = inspect(written(folder, content))
    return found, [remark.problem.code for remark in found.remarks]


def read(folder: Path, content: str | bytes) -> list[tuple[Statement, list[Entry]]]:
    """The statements of a file with their entries."""
    return [(each, list(each.entries)) for each in read_statements(written(folder, content))]


def only(folder: Path, *entries: str, **more: str) -> tuple[list[Entry], list[str]]:
    """The entries of one statement, and the codes of its problems."""
    ((found, taken),) = read(folder, camt(statement(entries, **more)))
    return taken, [problem.code for problem in found.problems]
