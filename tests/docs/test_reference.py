"""The reference of postings, codes, accounts and policy says what the program does."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from ledger.domain.base import KINDS
from ledger.kernel.codes import CODES
from tests import REPOSITORY
from tests.ledger.test_refusals import REFUSED


@pytest.fixture(scope="module")
def answers() -> Mapping[str, set[str]]:
    """Codes of the own rules of each kind, as the reference lists them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "scripts"))
        from catalogue.answers import codes_of  # noqa: PLC0415 - found where the patch says

        return {kind: set(codes_of(kind)) for kind in KINDS}


def test_the_pages_of_the_reference_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/reference", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun scripts/reference"


def test_every_rule_of_the_catalogue_is_some_kinds_rule(answers: Mapping[str, set[str]]) -> None:
    rules = {code for code, entry in CODES.items() if entry.group == "rule"}
    assert rules <= set().union(*answers.values())


def test_the_kinds_of_one_row_of_the_contract_are_told_apart(
    answers: Mapping[str, set[str]],
) -> None:
    assert answers["LabourCostTransferred"] == {"bank_ref_reused"}
    assert answers["DeveloperAdvancePaid"] == {"bank_ref_reused", "over_unsettled_price"}
    assert answers["AdvanceRecovered"] == {"over_payable"}
    assert answers["AdvanceWrittenOff"] == {"over_payable", "document_required"}
    assert answers["LiabilityAttributed"] == {
        "in_transit", "partly_paid", "not_open", "same_debtor",
    }  # fmt: skip


def test_whatever_refuses_a_posting_stands_with_its_kind(answers: Mapping[str, set[str]]) -> None:
    for refused in REFUSED:
        last = refused.story[-1]
        if CODES[refused.code].group == "rule":
            kind = (json.loads(last) if isinstance(last, str) else last)["kind"]
            assert refused.code in answers[kind], refused.name
