"""Payout files read back, and the banks' answers to them."""

from decimal import Decimal
from pathlib import Path

import pytest

from ledger.banking.inspecting import inspect
from ledger.banking.problems import BankFileError
from ledger.banking.status_report import StatusReport, read_status_report
from ledger.banking.transfer_reader import CreditTransferFile, read_credit_transfers
from tests.ledger.banking.files import camt, looked_into, statement, written

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.{0}"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.{0}"


def transfer(amount: str = "10.00", end_to_end: str = "E1", currency: str = "CNY") -> str:
    """One ``CdtTrfTxInf``."""
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>I</InstrId><EndToEndId>{end_to_end}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>'
        "<CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>102</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>"
        "<Cdtr><Nm>\u8d75\u4e00</Nm></Cdtr><CdtrAcct><Id><Othr><Id>6222</Id></Othr></Id></CdtrAcct>"
        "<RmtInf><Ustrd>\u5de5\u8d44</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def pain_001(*transfers: str, version: str = "09", group: str = "", batch: str = "") -> str:
    """A whole pain.001 with one batch."""
    namespace = PAIN_001.format(version)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>F1</MsgId>{group}</GrpHdr>"
        f"<PmtInf><PmtInfId>B1</PmtInfId>{batch}"
        "<ReqdExctnDt><Dt>2024-02-11</Dt></ReqdExctnDt><Dbtr><Nm>C</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>07001</Id></Othr></Id></DbtrAcct>{''.join(transfers)}</PmtInf>"
        "</CstmrCdtTrfInitn></Document>"
    )


def read_back(folder: Path, content: str | bytes) -> CreditTransferFile:
    """A payout file with its transfers taken."""
    file = read_credit_transfers(written(folder, content))
    file.transfers = iter(list(file.transfers))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_payout_file_gives_back_whom_it_pays(tmp_path: Path, encoding: str) -> None:
    content = pain_001(transfer(), transfer("0.05", "E2")).replace("UTF-8", encoding)
    file = read_back(tmp_path, content.encode(encoding))
    first, second = file.transfers
    assert (first.end_to_end, first.amount_minor, first.currency) == ("E1", 1_000, "CNY")
    assert (first.creditor_name, first.creditor_account) == ("\u8d75\u4e00", "6222")
    assert (first.creditor_bank, first.remittance) == ("102", "\u5de5\u8d44")
    assert (second.end_to_end, second.payment, second.number) == ("E2", "B1", 2)
    (batch,) = file.batches
    assert (batch.debtor_account, batch.execute_on, batch.sum) == (
        "07001", "2024-02-11", Decimal("10.05"),
    )  # fmt: skip
    assert (file.by_currency, list(file.problems)) == ({"CNY": (2, 1_005)}, [])


def declared(count: str, total: str) -> str:
    """Control figures."""
    return f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"


@pytest.mark.parametrize(
    ("group", "batch", "wrong"),
    [
        (declared("2", "10.05"), declared("2", "10.05"), []),
        (declared("2", "10.0500"), declared("02", "10.050"), []),
        (declared("1", "10.05"), "", ["GrpHdr/NbOfTxs"]),
        (declared("2", "10.04"), "", ["GrpHdr/CtrlSum"]),
        ("", declared("3", "10.06"), ["PmtInf 1/NbOfTxs", "PmtInf 1/CtrlSum"]),
        (declared("x", "sNaN"), "", ["GrpHdr/NbOfTxs", "GrpHdr/CtrlSum"]),
        (declared("2", "1E+1"), "", ["GrpHdr/CtrlSum"]),
    ],
)
def test_control_figures_that_are_wrong_are_named(
    tmp_path: Path, group: str, batch: str, wrong: list[str]
) -> None:
    content = pain_001(transfer(), transfer("0.05"), group=group, batch=batch)
    file = read_back(tmp_path, content)
    assert [problem.facts["field"] for problem in file.problems] == wrong
    assert file.problems.codes <= {"bank_declared"}


def test_several_currencies_are_summed_apart(tmp_path: Path) -> None:
    content = pain_001(transfer("5", "E1", "JPY"), transfer("1.234", "E2", "KWD"))
    found, codes = looked_into(tmp_path, content)
    assert found.figures["by_ccy"] == {"JPY": {"n": 1, "minor": 5}, "KWD": {"n": 1, "minor": 1234}}
    assert (found.figures["transactions"], codes) == (2, [])


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (pain_001(transfer("1.005")), ["bank_amount_fine"]),
        (pain_001(transfer(currency="QQQ")), ["bank_currency"]),
        (pain_001(), ["bank_no_statement"]),
        (pain_001(transfer(), version="02"), ["bank_version"]),
        (pain_001(transfer(), version="03"), []),
    ],
)
def test_what_a_payout_file_should_not_hold_is_flagged(
    tmp_path: Path, content: str, codes: list[str]
) -> None:
    assert looked_into(tmp_path, content)[1] == codes


@pytest.mark.parametrize("amount", ["", "-1", "abc", "1,00"])
def test_a_transfer_without_an_amount_refuses_the_file(tmp_path: Path, amount: str) -> None:
    with pytest.raises(BankFileError) as caught:
        inspect(written(tmp_path, pain_001(transfer(amount))))
    assert caught.value.code == "bank_amount"


# -- answers ------------------------------------------------------------------


def answered(end_to_end: str, status: str, *reasons: str) -> str:
    """One ``TxInfAndSts``."""
    said = "".join(
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>x</AddtlInf></StsRsnInf>"
        for reason in reasons
    )
    return (
        f"<TxInfAndSts><OrgnlInstrId>I</OrgnlInstrId><OrgnlEndToEndId>{end_to_end}"
        f"</OrgnlEndToEndId><TxSts>{status}</TxSts>{said}<AcctSvcrRef>R</AcctSvcrRef></TxInfAndSts>"
    )


def pain_002(inner: str, version: str = "10", group: str = "") -> str:
    """A whole pain.002."""
    return (
        f'<Document xmlns="{PAIN_002.format(version)}"><CstmrPmtStsRpt><GrpHdr><MsgId>A1</MsgId>'
        "</GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>F1</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>{inner}"
        "</CstmrPmtStsRpt></Document>"
    )


def read_answer(folder: Path, content: str) -> tuple[StatusReport, list[tuple[object, ...]]]:
    """An answer, and its transactions in short."""
    report = read_status_report(written(folder, content))
    short: list[tuple[object, ...]] = [
        (each.payment, each.end_to_end, each.status, each.reasons, each.reference)
        for each in report.transactions
    ]
    assert report.complete
    return report, short


def test_an_answer_names_what_was_accepted_and_what_was_rejected_and_why(tmp_path: Path) -> None:
    inner = (
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>"
        f"{answered('E1', 'ACSC')}{answered('E2', 'RJCT', 'AC04', 'NARR')}</OrgnlPmtInfAndSts>"
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B2</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>"
        "<StsRsnInf><Rsn><Prtry>X1</Prtry></Rsn></StsRsnInf></OrgnlPmtInfAndSts>"
    )
    report, short = read_answer(tmp_path, pain_002(inner, group="<GrpSts>PART</GrpSts>"))
    assert (report.message, report.original_message, report.group_status) == ("A1", "F1", "PART")
    assert short == [
        ("B1", "E1", "ACSC", (), "R"),
        ("B1", "E2", "RJCT", ("AC04", "NARR"), "R"),
    ]
    assert [(each.payment, each.status, each.reasons, each.transactions) for each in
            report.payments] == [("B1", "PART", [], 2), ("B2", "RJCT", ["X1"], 0)]  # fmt: skip
    found, codes = looked_into(tmp_path, pain_002(inner, group="<GrpSts>PART</GrpSts>"))
    assert found.figures["tx_statuses"] == {"ACSC": 1, "RJCT": 1}
    assert found.figures["reasons"] == ["X1", "AC04", "NARR"]
    assert codes == []


def test_an_answer_to_the_whole_file_has_no_transactions(tmp_path: Path) -> None:
    group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>"
    report, short = read_answer(tmp_path, pain_002("", group=group))
    assert (report.group_status, report.group_reasons, short) == ("RJCT", ["DU01"], [])


def test_an_old_answer_has_its_transactions_beside_the_group(tmp_path: Path) -> None:
    inner = answered("E1", "RJCT", "AC01") + answered("E2", "ACCP")
    report, short = read_answer(tmp_path, pain_002(inner, version="02"))
    assert [row[1:4] for row in short] == [("E1", "RJCT", ("AC01",)), ("E2", "ACCP", ())]
    assert not report.problems


def test_a_large_answer_is_read_whole(tmp_path: Path) -> None:
    many = "".join(answered(f"E{at}", "ACSC") for at in range(3_000))
    inner = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>B1</OrgnlPmtInfId>{many}</OrgnlPmtInfAndSts>"
    _report, short = read_answer(tmp_path, pain_002(inner))
    assert [row[1] for row in short] == [f"E{at}" for at in range(3_000)]


def test_a_file_given_to_the_wrong_reader_is_refused(tmp_path: Path) -> None:
    statements = written(tmp_path, camt(statement()), "a")
    payouts = written(tmp_path, pain_001(transfer()), "b")
    for reader, path in (
        (read_credit_transfers, statements), (read_status_report, payouts),
    ):  # fmt: skip
        with pytest.raises(BankFileError) as caught:
            reader(path)
        assert caught.value.code == "bank_format"
