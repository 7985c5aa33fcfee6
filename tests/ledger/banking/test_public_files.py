"""Files of real banks and projects, with figures that were counted without this program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.banking.inspecting import inspect
from ledger.banking.problems import BankFileError

Expected = dict[str, dict[str, Any]]
FIGURES = (
    "entries", "credits", "debits", "credit_minor", "debit_minor", "tx_details", "batch_entries",
    "return_items", "return_codes", "reversal_entries", "balance_gap_minor",
)  # fmt: skip
HARMLESS_REFUSAL = frozenset({"bank_format", "bank_xml_broken", "bank_currency_mix"})


@pytest.fixture(scope="module")
def data(shared_dir: Path) -> Path:
    return shared_dir / "data"


@pytest.fixture(scope="module")
def expected(data: Path) -> Expected:
    found: Expected = json.loads((data / "own" / "expected.json").read_text("utf-8"))
    assert len(found) > 100
    return found


def looked_into(path: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """Figures and codes; no figures for a file that cannot be read."""
    try:
        found = inspect(path)
    except BankFileError as refusal:
        return None, [refusal.code]
    return found.figures, [remark.problem.code for remark in found.remarks]


def of_class(begin: str) -> Callable[[dict[str, Any]], bool]:
    return lambda file: str(file["class"]).startswith(begin)


def compare_statement(name: str, wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Figures of one statement that differ."""
    differing = [
        f"{name}: {key} {found[key]} instead of {wanted[key]}"
        for key in FIGURES
        if wanted.get(key) is not None and found[key] != wanted[key]
    ]
    for key in ("opening", "closing"):
        minor = None if wanted[key] is None else wanted[key]["minor"]
        if found[f"{key}_minor"] != minor:
            differing.append(f"{name}: {key} {found[f'{key}_minor']} instead of {minor}")
    return differing + [
        f"{name}: {key} {found[key]} instead of {wanted[key]}"
        for key in ("id", "account", "balances_tie")
        if found[key] != wanted[key]
    ]


def test_statements_of_public_banks_have_the_figures_that_were_counted_by_hand(
    data: Path, expected: Expected
) -> None:
    differing, seen = [], 0
    for name, wanted in expected.items():
        if wanted["class"] not in ("figures", "optional (camt.052)") or "statements" not in wanted:
            continue
        figures, codes = looked_into(data / name)
        if figures is None:
            assert wanted["class"] != "figures", (name, codes)
            continue
        assert figures["kind"] == wanted["kind"]
        assert len(figures["statements"]) == len(wanted["statements"])
        pairs = zip(wanted["statements"], figures["statements"], strict=True)
        differing += [line for pair in pairs for line in compare_statement(name, *pair)]
        untied = any(each["balances_tie"] is False for each in wanted["statements"])
        assert ("bank_balance_gap" in codes) is untied, name
        seen += 1
    assert not differing
    assert seen > 90


def test_payout_files_and_answers_have_the_figures_that_were_counted_by_hand(
    data: Path, expected: Expected
) -> None:
    seen = 0
    for name, wanted in expected.items():
        if wanted.get("kind") not in ("credit-transfer", "status-report"):
            continue
        figures, codes = looked_into(data / name)
        assert figures is not None, (name, codes)
        keys = ("transactions", "by_ccy", "group_status", "tx_statuses", "reasons")
        assert {key: figures[key] for key in keys if key in wanted} == {
            key: wanted[key] for key in keys if key in wanted
        }, name
        if wanted["kind"] == "credit-transfer":
            right = wanted["count_matches"] and wanted["sum_matches"]
            assert right or "bank_declared" in codes, name
        seen += 1
    assert seen > 15


def test_what_is_no_bank_file_or_an_empty_one_is_refused_or_flagged(
    data: Path, expected: Expected
) -> None:
    files = [name for name, wanted in expected.items() if of_class("must")(wanted)]
    assert len(files) > 8
    for name in files:
        _figures, codes = looked_into(data / name)
        assert codes, name


def test_fragments_of_mt940_never_stop_the_program(data: Path, expected: Expected) -> None:
    files = [name for name, wanted in expected.items() if of_class("fragment")(wanted)]
    assert len(files) > 8
    for name in files:
        figures, codes = looked_into(data / name)
        assert figures is not None or codes == ["bank_format"], name


def test_every_mt940_file_that_others_stumbled_over_is_read(data: Path) -> None:
    texts = [path for path in (data / "fetched" / "mt940").rglob("*") if path.suffix in
             {".sta", ".txt"}]  # fmt: skip
    assert len(texts) > 50
    unread = {path.name for path in texts if looked_into(path)[0] is None}
    assert unread == {"self-provided__invalid_statement.sta"}
