"""A worker gets a receipt of one wage that proves itself and tells of nobody else."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.evidence_tools import judged

HEAD = b"wageledger-receipt/1\n"
CLAIM = "S-2026-03/7"  # returned once by the bank, paid at the second attempt


def receipt(run: Run, ledger: str, path: Path, claim: str = CLAIM) -> Path:
    ran = run("--ledger", ledger, "export", "receipt", claim, "-o", path)
    assert ran.status == 0, ran.err
    return path


@pytest.mark.parametrize("ending", ["txt", "pdf"])
def test_a_worker_can_prove_what_was_owed_and_paid(
    run: Run, example: str, tmp_path: Path, ending: str
) -> None:
    found = judged(receipt(run, example, tmp_path / f"r.{ending}"), "--format", "json")
    assert found.status == 0, found.out
    told = found.json
    assert (told["net_fen"], told["paid_fen"], told["open_fen"]) == (900_000, 900_000, 0)
    assert [step["effect"] for step in told["steps"]] == [
        "accrue", "instruct", "return", "instruct", "settle",
    ]  # fmt: skip
    assert told["foreign_lines"] == 0


def test_every_claim_of_the_example_has_a_receipt_with_the_figures_of_the_books(
    run: Run, example: str, tmp_path: Path
) -> None:
    claims = run("--ledger", example, "claim", "list", "--format", "json").json["claims"]
    assert len(claims) > 100
    for claim in (*claims[::25], *claims[-6:]):
        path = receipt(run, example, tmp_path / "r.txt", claim["claim"])
        told = judged(path, "--format", "json").json
        assert told["integrity"], told
        assert told["completeness"], told
        for name in ("net_fen", "paid_fen", "in_transit_fen", "open_fen"):
            assert told[name] == claim[name], claim["claim"]


def test_a_receipt_holds_no_line_of_another_worker(run: Run, example: str, tmp_path: Path) -> None:
    raw = receipt(run, example, tmp_path / "r.txt").read_text("utf-8")
    assert set(re.findall(r"\bS\d{3}\b", raw)) == {"S007"}
    assert not re.findall(r"\bG\d{3}\b", raw)


def edited(path: Path, old: str, new: str) -> Path:
    raw = path.read_bytes()
    assert old.encode() in raw
    path.write_bytes(raw.replace(old.encode(), new.encode()))
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"paid_fen":900000', '"paid_fen":800000'),
        ('\\"amount_fen\\":900000', '\\"amount_fen\\":800000'),
        ("2026-04-15", "2026-05-15"),
        ("S007", "S008"),
        ("\\nindex 178\\n", "\\nindex 177\\n"),
    ],
)
def test_a_changed_receipt_is_caught(
    run: Run, example: str, tmp_path: Path, old: str, new: str
) -> None:
    path = edited(receipt(run, example, tmp_path / "r.txt"), old, new)
    assert judged(path).status == 8


def test_a_receipt_from_which_the_payment_was_taken_out_does_not_add_up(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = receipt(run, example, tmp_path / "r.txt")
    said = json.loads(path.read_bytes().removeprefix(HEAD))
    said["events"] = [entry for entry in said["events"] if entry["position"] != 186]
    path.write_bytes(HEAD + json.dumps(said).encode())
    assert judged(path).status == 8


@pytest.mark.parametrize("raw", [b"", b"{}", b"[" * 90_000, b"null", b'{"format":1}', b"\xff"])
def test_what_is_no_receipt_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(HEAD + raw)
    assert judged(path).status == 3
    path.write_bytes(raw)
    assert judged(path).status == 3


def test_the_page_shows_chinese_and_repeats_itself_byte_for_byte(
    run: Run, example: str, tmp_path: Path
) -> None:
    first = receipt(run, example, tmp_path / "1.pdf").read_bytes()
    assert receipt(run, example, tmp_path / "2.pdf").read_bytes() == first
    assert b"NotoSansSC" in first


def test_a_claim_that_there_is_not_is_said_so(run: Run, example: str, tmp_path: Path) -> None:
    path = tmp_path / "r.pdf"
    assert run("--ledger", example, "export", "receipt", "S-2026-03/999", "-o", path).status == 5
    assert run("--ledger", example, "export", "receipt", CLAIM).status == 2
    assert not path.exists()
