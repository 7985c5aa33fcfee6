"""pain.001, the customer's credit transfer of ISO 20022, in the versions 03 and 09.

One payment information block a batch: the wage account pays every line. Written piece by piece,
without an XML library: the few elements are always the same. Amounts are in yuan with two
decimals and stand at both levels as count and control sum.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from ledger.banking.payout_order import (
    OrderLine,
    PayoutOrder,
    Unfit,
    UnfitLinesError,
    masked,
    plain_yuan,
)
from ledger.kernel.codes.definition import N_
from ledger.kernel.errors import LedgerError

VERSIONS: Final = ("pain.001.001.03", "pain.001.001.09")
ENCODINGS: Final = {"utf-8": "UTF-8", "gb18030": "GB18030"}
FACTS: Final = ("payer_account", "payer_bank", "payer_bic")
"""What the ledger does not hold and banks ask for: account, name and BIC of the paying bank."""

NOT_PROVIDED: Final = "NOTPROVIDED"
_LONGEST_NAME: Final = 140
_LONGEST_ACCOUNT: Final = 34
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_ACCOUNT: Final = re.compile(rf"[A-Z0-9]{{4,{_LONGEST_ACCOUNT}}}")
_LINES_A_PIECE: Final = 500


@dataclass(frozen=True)
class CreditTransfer:
    """pain.001 in one version.

    Attributes:
        name: Out of ``VERSIONS``.
        facts: What the user says, out of ``FACTS``.
        encoding: A key of ``ENCODINGS``.
    """

    name: str
    facts: Mapping[str, str]
    encoding: str = "utf-8"

    @property
    def identity(self) -> tuple[str, ...]:
        """Whom it pays, onto which card of which bank."""
        return ("name", "card_number", "bank_name")

    @property
    def _newer(self) -> bool:
        return self.name == VERSIONS[1]

    def require(self, order: PayoutOrder) -> None:
        """Refuse facts that cannot be right.

        Raises:
            LedgerError: ``bad_option``.
        """
        unknown = sorted(set(self.facts).difference(FACTS))
        if unknown:
            raise LedgerError("bad_option", option="--set", value=unknown[0], problem=_NO_FACT)
        account, bic = self.facts.get("payer_account"), self.facts.get("payer_bic")
        require_account(account, order)
        if account is not None and not _ACCOUNT.fullmatch(account):
            raise LedgerError("bad_option", option="--set payer_account", problem=_NO_ACCOUNT)
        if bic is not None and not _BIC.fullmatch(bic):
            raise LedgerError("bad_option", option="--set payer_bic", value=bic, problem=_NO_BIC)
        if len(self.facts.get("payer_bank", "")) > _LONGEST_NAME:
            raise LedgerError("bad_option", option="--set payer_bank", problem=_TOO_LONG)

    def write(self, order: PayoutOrder) -> Iterator[bytes]:
        """Write the message.

        Raises:
            UnfitLinesError: Names that are too long, workers without a card; after the last line.
        """
        yield self._bytes(self._head(order))
        unfit: list[Unfit] = []
        if len(order.contractor_name) > _LONGEST_NAME:
            unfit.append(Unfit(None, "contractor_name", order.contractor_name, _TOO_LONG))
        for at in range(0, order.count, _LINES_A_PIECE):
            piece = order.lines[at : at + _LINES_A_PIECE]
            yield self._bytes("".join(self._transfer(order, line, unfit) for line in piece))
        if unfit:
            raise UnfitLinesError(unfit)
        yield self._bytes("</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n")

    def _bytes(self, text: str) -> bytes:
        return text.encode(self.encoding)

    def _head(self, order: PayoutOrder) -> str:
        count, total = order.count, plain_yuan(order.total_fen)
        sums = f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"
        payer = (
            f"<Nm>{escape(order.contractor_name)}</Nm>"
            f"<Id><OrgId><Othr><Id>{order.contractor}</Id></Othr></OrgId></Id>"
        )
        on = f"<Dt>{order.on}</Dt>" if self._newer else order.on
        return (
            f'<?xml version="1.0" encoding="{ENCODINGS[self.encoding]}"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{self.name}">\n<CstmrCdtTrfInitn>\n'
            f"<GrpHdr><MsgId>{order.file_id(self.name)}</MsgId>"
            f"<CreDtTm>{order.created.isoformat()}</CreDtTm>{sums}"
            f"<InitgPty>{payer}</InitgPty></GrpHdr>\n"
            f"<PmtInf><PmtInfId>{order.payment_id}</PmtInfId><PmtMtd>TRF</PmtMtd>"
            f"<BtchBookg>true</BtchBookg>{sums}"
            "<PmtTpInf><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>"
            f"<ReqdExctnDt>{on}</ReqdExctnDt><Dbtr>{payer}</Dbtr>"
            f"<DbtrAcct><Id><Othr><Id>{self.facts.get('payer_account', NOT_PROVIDED)}</Id></Othr>"
            f"</Id><Ccy>CNY</Ccy></DbtrAcct><DbtrAgt>{self._payers_bank()}</DbtrAgt>\n"
        )

    def _payers_bank(self) -> str:
        bic, name = self.facts.get("payer_bic"), self.facts.get("payer_bank")
        tag = "BICFI" if self._newer else "BIC"
        parts = [f"<{tag}>{bic}</{tag}>" if bic else "", f"<Nm>{escape(name)}</Nm>" if name else ""]
        if not (bic or name):
            parts = [f"<Othr><Id>{NOT_PROVIDED}</Id></Othr>"]
        return f"<FinInstnId>{''.join(parts)}</FinInstnId>"

    def _transfer(self, order: PayoutOrder, line: OrderLine, unfit: list[Unfit]) -> str:
        person = order.person(line)
        name, card = person.get("name", ""), person.get("card_number", "")
        bank = person.get("bank_name", "")
        for source, value, longest in (
            ("name", name, _LONGEST_NAME), ("bank_name", bank, _LONGEST_NAME),
        ):  # fmt: skip
            if len(value) > longest:
                unfit.append(Unfit(line.line, source, masked(source, value), _TOO_LONG))
        for source, value in (("name", name), ("card_number", card)):
            if not value:
                unfit.append(Unfit(line.line, source, line.worker, MISSING))
        agent = f"<CdtrAgt><FinInstnId><Nm>{escape(bank)}</Nm></FinInstnId></CdtrAgt>"
        return (
            f"<CdtTrfTxInf><PmtId><EndToEndId>{order.reference(line)}</EndToEndId></PmtId>"
            f'<Amt><InstdAmt Ccy="CNY">{plain_yuan(line.amount_fen)}</InstdAmt></Amt>'
            f"{agent if bank else ''}<Cdtr><Nm>{escape(name)}</Nm></Cdtr>"
            f"<CdtrAcct><Id><Othr><Id>{card}</Id></Othr></Id></CdtrAcct>"
            f"<RmtInf><Ustrd>{escape(line.claim)}</Ustrd></RmtInf></CdtTrfTxInf>\n"
        )


def require_account(account: str | None, order: PayoutOrder) -> None:
    """Refuse a paying account that is not the one of which the log holds the last digits.

    Raises:
        LedgerError: ``bad_option``.
    """
    if account is not None and not account.endswith(order.account_last4):
        problem = _OTHER_ACCOUNT
        raise LedgerError("bad_option", option="--set payer_account", problem=problem)


_NO_FACT: Final = N_("the format does not ask for it")
_NO_ACCOUNT: Final = N_("an account has up to 34 digits and capital letters")
_NO_BIC: Final = N_("it is not a BIC of 8 or 11 characters")
_OTHER_ACCOUNT: Final = N_("its last digits are not those of the project's wage account")
_TOO_LONG: Final = N_("it is longer than the field")
MISSING: Final = N_("the worker has none")
