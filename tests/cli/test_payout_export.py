"""`payout export`: a private file, whole or not at all, and a log that says who read the names."""

import csv
import io
import stat
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Connection, Engine, event, text

from ledger.banking.references import parse_reference
from ledger.service import Ledger, LedgerConfig
from tests.cli.conftest import CONTRACTOR, EXAMPLE, SUBCONTRACTOR, Ran, Run

NAME, CARD = "示例工人01", "6200000000000000018"
"""Of the first worker in the first batch of the worked example."""

ACCOUNT = "2200001234567890"
FORMATS: dict[str, tuple[str, ...]] = {
    "pain.001.001.03": (),
    "pain.001.001.09": ("--set", f"payer_account={ACCOUNT}"),
    "csv:cmb-n03010": ("--set", f"payer_account={ACCOUNT}", "--set", "branch=43"),
    "csv:icbc-txt": (),
    "csv:cn-fixed": ("--set", f"payer_account={ACCOUNT}"),
}


@pytest.fixture
def told(run: Run, ledger_url: str) -> str:
    """The URL of a ledger with the worked example, once on each database."""
    assert run("--ledger", ledger_url, "init").status == 0
    assert run("--ledger", ledger_url, "post", EXAMPLE).status == 0
    return ledger_url


def export(run: Run, url: str, batch: str, file_format: str, file: Path, *more: object) -> Ran:
    given = (*FORMATS.get(file_format, ()), *more)
    words = ("payout", "export", batch, "--format", file_format, "-o", file, *given)
    return run("--ledger", url, *words)


def reveals(run: Run, url: str) -> list[dict[str, Any]]:
    shown = run("--ledger", url, "events", "--format", "jsonl").lines
    return [one for one in shown if one["kind"] == "IdentityRevealed"]


def in_fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def lines_in(raw: bytes, file_format: str) -> list[tuple[str, int]]:
    """Reference and amount in fen of every line of a file."""
    if file_format.startswith("pain"):
        root: Any = etree.fromstring(raw)
        return [
            (each.findtext(".//{*}EndToEndId"), in_fen(each.findtext(".//{*}InstdAmt")))
            for each in root.iter("{*}CdtTrfTxInf")
        ]
    if file_format == "csv:cn-fixed":
        records = raw.split(b"\r\n")[1:-2]
        return [(one[156:191].decode().strip(), int(one[101:116])) for one in records]
    rows = list(csv.reader(io.StringIO(raw.decode("gb18030"), newline="")))
    amount, reference = (1, 3) if file_format == "csv:icbc-txt" else (4, 6)
    return [(row[reference], in_fen(row[amount])) for row in rows
            if row[0] != "NTAGCAGCX1"]  # fmt: skip


def test_every_line_of_a_batch_stands_in_its_file_and_the_sums_agree(
    run: Run, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "batch.out"
    for batch, file_format in product(("B-01", "B-02", "B-03"), FORMATS):
        shown = run("--ledger", told, "payout", "show", batch, "--format", "json").json

        assert export(run, told, batch, file_format, file).status == 0

        found = lines_in(file.read_bytes(), file_format)
        named = [parse_reference(reference) for reference, _ in found]
        assert [(one.position, one.line) for one in named if one is not None] == [
            (shown["instructed_position"], line["line"]) for line in shown["lines"]
        ]
        assert [amount for _, amount in found] == [line["amount_fen"] for line in shown["lines"]]
        assert sum(amount for _, amount in found) == shown["total_fen"]
        assert len(found) == len(set(named)) == shown["count"]


def test_the_same_batch_gives_the_same_bytes_and_id_whatever_happened_since(
    run: Run, told: str, tmp_path: Path
) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    before = {}
    for file_format in FORMATS:
        assert export(run, told, "B-03", file_format, first).status == 0
        before[file_format] = first.read_bytes()
    changes: list[tuple[object, ...]] = [
        ("card", "bind", "S001", "--card-number", "6200000000000009993", "--on", "2026-05-20"),
        ("party", "rename", CONTRACTOR, "改名总包有限公司", "--on", "2026-05-20"),
        ("record", "PayoutReturned", "--project", "P-2026-001", "--batch", "B-03", "--on",
         "2026-06-01", "--line", "G-2026-04/1:account_closed"),
    ]  # fmt: skip
    for words in changes:
        assert run("--ledger", told, *words).status == 0, words

    for file_format, raw in before.items():
        assert export(run, told, "B-03", file_format, again).status == 0
        assert again.read_bytes() == raw
    purposes = [one["fields"]["purpose"] for one in reveals(run, told)]
    assert purposes == ["payout:B-03"] * 2 * len(FORMATS)


def test_the_log_says_who_read_which_names_for_which_batch(
    run: Run, told: str, tmp_path: Path
) -> None:
    export(run, told, "B-02", "pain.001.001.09", tmp_path / "b.xml")

    (one,) = reveals(run, told)
    assert one["fields"] == {
        "batch": "B-02", "fields": ["bank_name", "card_number", "name"],
        "project": "P-2026-001", "purpose": "payout:B-02",
    }  # fmt: skip
    assert one["lines"]["count"] == 2
    history = run("--ledger", told, "history", CONTRACTOR, "--format", "jsonl").lines
    assert history[-1]["kind"] == "IdentityRevealed"
    assert history[-1]["summary"] == "batch B-02 purpose payout:B-02"
    for guard in ("check", "verify"):
        assert run("--ledger", told, guard).status == 0


def test_names_and_cards_are_in_the_file_and_nowhere_else(
    run: Run, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "batch.xml"
    shown = [export(run, told, "B-01", "pain.001.001.09", file)]
    shown.append(export(run, told, "B-01", "csv:uae-wps-sif", tmp_path / "x.sif"))
    shown.append(
        export(run, told, "B-01", "csv:uae-wps-sif", tmp_path / "x.sif", "--set",
               "employer_id=0000000123456", "--set", "employer_routing=802420101", "--set",
               "agent_routing=802420101", "--set", "currency=AED")
    )  # fmt: skip
    shown.append(run("--ledger", told, "history", CONTRACTOR))
    shown.append(run("--ledger", told, "events", "--format", "jsonl"))

    assert NAME in file.read_text("utf-8")
    assert CARD in file.read_text("utf-8")
    assert not (tmp_path / "x.sif").exists()
    for ran in shown:
        assert NAME not in ran.out + ran.err
        assert CARD not in ran.out + ran.err
    for row in everything_stored(told):
        assert NAME not in row
        assert CARD not in row


def everything_stored(url: str) -> Iterator[str]:
    """Every row of the ledger's own tables and read models; the vault's are sealed."""
    ledger = Ledger.open(LedgerConfig(url))
    try:
        with ledger.engine.connect() as connection:
            for table in tables_of(ledger.engine, connection):
                for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608
                    yield " ".join(
                        bytes(cell).decode("utf-8", "replace")
                        if isinstance(cell, bytes | memoryview) else str(cell)
                        for cell in row
                    )  # fmt: skip
    finally:
        ledger.close()


def tables_of(engine: Engine, connection: Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if engine.dialect.name == "postgresql":
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return list(connection.execute(text(sql)).scalars())


def test_a_file_is_for_its_owner_alone_even_where_a_public_one_was(
    run: Run, example: str, tmp_path: Path
) -> None:
    file = tmp_path / "batch.xml"
    file.write_text("old")
    file.chmod(0o644)

    assert export(run, example, "B-02", "pain.001.001.09", file).status == 0

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"<CtrlSum>18000.00</CtrlSum>" in file.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


def test_what_cannot_be_recorded_is_not_written(
    run: Run, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "batch.xml"
    file.write_text("as it was")
    opened = Ledger.open

    def read_only(config: LedgerConfig) -> Ledger:
        ledger = opened(config)
        event.listen(
            ledger.engine, "begin", lambda one: one.exec_driver_sql("PRAGMA query_only = ON")
        )
        return ledger

    monkeypatch.setattr(Ledger, "open", read_only)
    ran = export(run, example, "B-02", "pain.001.001.09", file)
    monkeypatch.undo()

    assert ran.status == 4
    assert ran.err.startswith("storage_read_only")
    assert file.read_text() == "as it was"
    assert not list(tmp_path.glob(".batch.xml.*"))
    assert reveals(run, example) == []


def test_a_line_that_does_not_fit_leaves_the_old_file_and_is_named(
    run: Run, example: str, tmp_path: Path
) -> None:
    layout = tmp_path / "narrow.toml"
    layout.write_text(
        'title = "narrow"\nkind = "fixed"\nencoding = "gb18030"\n[[records]]\nat = "line"\n'
        'fields = [{ name = "户名", from = "name", width = 8 }]\n'
    )
    file = tmp_path / "batch.out"
    file.write_text("as it was")

    ran = export(run, example, "B-02", f"csv:{layout}", file)

    assert ran.status == 3
    assert [line.split(":")[:3] for line in ran.err.splitlines()[:-1]] == [
        ["B-02", "1", " payout_line_unfit"], ["B-02", "2", " payout_line_unfit"],
    ]  # fmt: skip
    assert "示***" in ran.err
    assert "示例工人" not in ran.err
    assert file.read_text() == "as it was"


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("B-99", "--format", "pain.001.001.09", "-o", "x"), 5, "unknown_batch"),
        (("B-01", "--format", "pain.001.001.11", "-o", "x"), 2, "bad_option"),
        (("B-01", "--format", "csv:nobank", "-o", "x"), 5, "unknown_layout"),
        (("B-01", "--format", "csv:no/such.toml", "-o", "x"), 5, "no_file"),
        (("B-01", "--format", "pain.001.001.09"), 2, "missing_option"),
        (("B-01", "-o", "x"), 2, "missing_option"),
        (("B-01", "--format", "csv:cmb-n03010", "-o", "x"), 2, "missing_option"),
        (("B-01", "--format", "csv:icbc-txt", "-o", "x", "--encoding", "utf-8"), 2, "bad_option"),
        (("B-01", "--format", "pain.001.001.09", "-o", "x", "--encoding", "big5"), 2, "bad_option"),
        (("B-01", "--format", "pain.001.001.09", "-o", "x", "--set", "payer_account"), 2,
         "bad_option"),
        (("B-01", "--format", "pain.001.001.09", "-o", "no/such/folder/x"), 5, "no_folder"),
        (("B-01", "--format", "pain.001.001.09", "-o", "/dev/null"), 1, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anybody_is_read(
    run: Run, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], status: int, code: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    ran = run("--ledger", example, "payout", "export", *words)

    code = code or "output_unwritable"
    assert ran.err.split(":")[0].split()[-1] == code or f"\n{code}:" in ran.err
    assert ran.status == (status if code != "output_unwritable" else ran.status) != 0
    assert reveals(run, example) == []
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("role", "party", "status"),
    [
        ("bank", SUBCONTRACTOR, 0), ("general_contractor", CONTRACTOR, 0),
        ("general_contractor", SUBCONTRACTOR, 4), ("subcontractor", SUBCONTRACTOR, 4),
        ("inspector", SUBCONTRACTOR, 4), ("developer", CONTRACTOR, 4),
    ],
)  # fmt: skip
def test_only_its_contractor_and_the_bank_get_the_file(
    run: Run, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    role: str, party: str, status: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    made = run("profile", "set", "me", "--party", party, "--role", role)
    file = tmp_path / "b.xml"
    words = ("payout", "export", "B-02", "--format", "pain.001.001.09", "-o", file)

    ran = run("--profile", "me", "--ledger", example, *words)

    assert (ran.status, file.exists()) == (status, status == 0), (made, ran)
    assert [one["by"] for one in reveals(run, example)] == ([party] if status == 0 else [])


def test_the_screen_says_what_a_clerk_needs_in_both_languages(
    run: Run, example: str, tmp_path: Path
) -> None:
    english = export(run, example, "B-02", "pain.001.001.03", tmp_path / "b.xml")
    chinese = export(run, example, "B-02", "pain.001.001.03", tmp_path / "b.xml", "--lang", "zh")

    for ran in (english, chinese):
        assert "WL" in ran.out
        assert "18,000.00" in ran.out
        assert "NOTPROVIDED" in ran.err
    assert "姓名" in chinese.err
    quiet = export(run, example, "B-02", "pain.001.001.03", tmp_path / "b.xml", "--quiet")
    assert quiet.err == ""
