"""pain.001 as a bank reads it: valid, adding up, and saying what was instructed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ledger.banking.credit_transfer import VERSIONS, CreditTransfer
from ledger.banking.payout_order import PayoutOrder, UnfitLinesError
from ledger.banking.references import PayoutReference, parse_reference
from ledger.kernel.errors import LedgerError
from tests.drills.town import CONTRACTOR, card_number
from tests.ledger.banking.orders import NAMES, order

SCHEMAS = {
    "pain.001.001.03": "xsd/sebastienrousseau__pain001/pain.001.001.03.xsd",
    "pain.001.001.09": "xsd/sebastienrousseau__pain001/pain.001.001.09.xsd",
}
AMOUNTS = (500_000, 1, 99_999_999, 100, 123_456)

both_versions = pytest.mark.parametrize("version", VERSIONS)
both_encodings = pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])


def written(made: PayoutOrder, version: str, encoding: str = "utf-8", **facts: str) -> bytes:
    layout = CreditTransfer(version, facts, encoding)
    layout.require(made)
    return b"".join(layout.write(made))


def read(raw: bytes) -> tuple[Any, str]:
    root = etree.fromstring(raw)
    return root, f"{{{etree.QName(root).namespace}}}"


@both_versions
@both_encodings
def test_a_message_is_valid_against_its_schema(
    version: str, encoding: str, shared_dir: Path
) -> None:
    schema = etree.XMLSchema(etree.parse(shared_dir / "data/fetched" / SCHEMAS[version]))
    facts = {"payer_account": "2200001234567890", "payer_bank": "示例银行 & 分行",
             "payer_bic": "CMBCCNBS051"}  # fmt: skip
    for made, said in ((order(*AMOUNTS), facts), (order(1), {}), (order(*AMOUNTS * 300), {})):
        document = etree.fromstring(written(made, version, encoding, **said))
        assert schema.validate(document), schema.error_log


@both_versions
@both_encodings
def test_a_bank_reads_back_every_line_as_it_was_instructed(version: str, encoding: str) -> None:
    made = order(*AMOUNTS)
    root, ns = read(written(made, version, encoding, payer_account="2200001234567890"))

    assert root.getroottree().docinfo.encoding == encoding.upper()
    header = root.find(f".//{ns}GrpHdr")
    assert header.findtext(f"{ns}MsgId") == made.file_id(version)
    assert header.findtext(f"{ns}CreDtTm") == "2026-04-10T09:30:00+08:00"
    (payment,) = root.iter(f"{ns}PmtInf")
    assert payment.findtext(f"{ns}DbtrAcct/{ns}Id/{ns}Othr/{ns}Id") == "2200001234567890"
    assert CONTRACTOR in payment.xpath("string(*[local-name()='Dbtr'])")
    execution = payment.find(f"{ns}ReqdExctnDt")
    assert execution.xpath("string(.)") == "2026-04-10"
    paid = [
        (
            parse_reference(each.findtext(f"{ns}PmtId/{ns}EndToEndId")),
            each.findtext(f"{ns}Cdtr/{ns}Nm"),
            each.findtext(f"{ns}CdtrAcct/{ns}Id/{ns}Othr/{ns}Id"),
            each.findtext(f"{ns}Amt/{ns}InstdAmt"),
            each.find(f"{ns}Amt/{ns}InstdAmt").get("Ccy"),
            each.findtext(f"{ns}RmtInf/{ns}Ustrd"),
        )
        for each in payment.iter(f"{ns}CdtTrfTxInf")
    ]
    assert paid == [
        (PayoutReference(182, number), NAMES[number - 1], card_number(number), yuan, "CNY",
         f"S1/{number}")
        for number, yuan in enumerate(
            ("5000.00", "0.01", "999999.99", "1.00", "1234.56"), 1
        )
    ]  # fmt: skip


@both_versions
def test_counts_and_control_sums_stand_at_both_levels(version: str) -> None:
    root, ns = read(written(order(*AMOUNTS), version))
    total = sum(Decimal(each.text) for each in root.iter(f"{ns}InstdAmt"))

    for level in ("GrpHdr", "PmtInf"):
        part = root.find(f".//{ns}{level}")
        assert part.findtext(f"{ns}NbOfTxs") == "5"
        assert Decimal(part.findtext(f"{ns}CtrlSum")) == total == Decimal("1006235.56")


@both_versions
def test_the_same_batch_gives_the_same_bytes(version: str) -> None:
    assert written(order(*AMOUNTS), version) == written(order(*AMOUNTS), version)


def test_a_name_that_is_too_long_is_refused_and_never_cut() -> None:
    made = order(100, 200, 300, names=("王" * 140, "王" * 141, "李四"))
    with pytest.raises(UnfitLinesError) as caught:
        written(made, VERSIONS[1])

    assert caught.value.code == "payout_line_unfit"
    assert [(each.line, each.field, each.value) for each in caught.value.unfit] == [
        (2, "name", "王***")
    ]
    assert "王王" not in repr(caught.value.unfit) + str(caught.value)


def test_a_worker_whose_card_is_gone_is_named_with_the_line() -> None:
    made = order(100, 200)
    people = {"W1": made.people["W1"], "W2": {"name": "王五"}}
    with pytest.raises(UnfitLinesError) as caught:
        written(order(100, 200, people=people), VERSIONS[0])
    assert [(each.line, each.field) for each in caught.value.unfit] == [(2, "card_number")]


@pytest.mark.parametrize(
    ("facts", "option"),
    [
        ({"payer_account": "22 00"}, "--set payer_account"),
        ({"payer_account": "1" * 35}, "--set payer_account"),
        ({"payer_bic": "CMB"}, "--set payer_bic"),
        ({"payer_bank": "行" * 141}, "--set payer_bank"),
        ({"colour": "red"}, "--set"),
    ],
)
def test_facts_that_cannot_be_right_are_refused(facts: dict[str, str], option: str) -> None:
    with pytest.raises(LedgerError) as caught:
        written(order(1), VERSIONS[1], **facts)
    assert (caught.value.code, caught.value.facts["option"]) == ("bad_option", option)


def test_an_account_that_is_not_the_wage_account_is_refused() -> None:
    made = order(1, account_last4="7890")
    assert b"2200001234567890" in written(made, VERSIONS[1], payer_account="2200001234567890")
    with pytest.raises(LedgerError) as caught:
        written(made, VERSIONS[1], payer_account="2200001234567891")
    assert caught.value.facts["option"] == "--set payer_account"
    assert "value" not in caught.value.facts
