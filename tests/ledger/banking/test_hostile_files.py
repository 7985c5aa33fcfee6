"""Files that were made to do harm, to mislead, or that broke on the way."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.banking.inspecting import inspect
from ledger.banking.problems import BankFileError
from tests.ledger.banking.files import camt, entry, statement, written

MEASURED = """
import sys
from pathlib import Path
from ledger.banking.inspecting import inspect
from ledger.banking.problems import BankFileError
try:
    inspect(Path(sys.argv[1]))
    print("read")
except BankFileError as refusal:
    print(refusal.code)
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(int(peak[0].split()[1]) // 1024)
"""
"""The peak of the process itself: what ru_maxrss says may be the peak of this test's process."""

MOST_MEGABYTES = 200


def verdict(path: Path) -> str:
    """`accept`, `flag`, or the code of the refusal."""
    try:
        found = inspect(path)
    except BankFileError as refusal:
        return refusal.code
    return "flag" if found.remarks else "accept"


def measured(path: Path) -> tuple[str, int]:
    """How a process of its own ends with a file, and its peak of memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said, peak = done.stdout.split()
    return said, int(peak)


@pytest.fixture(scope="module")
def hostile(shared_dir: Path) -> Path:
    return shared_dir / "data" / "own" / "hostile"


def test_every_hostile_bank_file_gets_the_verdict_that_was_written_down_for_it(
    hostile: Path,
) -> None:
    wanted: dict[str, Any] = json.loads((hostile / "EXPECTED.json").read_text("utf-8"))
    files = {name: each["verdict"] for name, each in wanted.items() if name.endswith(".xml")}
    assert len(files) > 10
    for name, words in files.items():
        found = verdict(hostile / name)
        if words.startswith("accept"):
            assert found == "accept", name
        elif words == "flag" or words.startswith("refuse or flag"):
            assert found != "accept", name
        else:
            assert found.startswith("bank_"), name


def test_a_prefixed_return_and_a_pending_entry_have_the_figures_that_were_written_down(
    hostile: Path,
) -> None:
    for name in ("ok_return.xml", "ok_prefixed.xml"):
        (figures,) = inspect(hostile / name).figures["statements"]
        assert (figures["entries"], figures["debit_minor"], figures["credit_minor"]) == (
            2, 974_300, 400_000,
        )  # fmt: skip
        assert (figures["return_items"], figures["return_codes"]) == (1, ["AC04"])
    (pending,) = inspect(hostile / "pending_entry.xml").figures["statements"]
    assert (pending["booked"], pending["booked_minor"]) == (1, -974_300)
    assert pending["balances_tie"] is True


def test_payroll_sheets_are_no_bank_files(hostile: Path) -> None:
    sheets = [path for path in hostile.iterdir() if path.suffix in {".csv", ".xlsx"}]
    assert len(sheets) > 30
    assert {verdict(path) for path in sheets} <= {
        "bank_format", "bank_encoding", "bank_file_empty",
    }  # fmt: skip


def test_xml_that_expands_entities_or_reads_other_files_is_refused_by_its_first_line(
    shared_dir: Path,
) -> None:
    folder = shared_dir / "data" / "fetched" / "xml-hostile" / "tiran__defusedxml"
    files = [path for path in folder.iterdir() if path.name != "LICENSE"]
    assert len(files) > 10
    assert {verdict(path) for path in files} == {"bank_xml_dtd", "bank_format"}


def test_the_worst_of_them_need_little_memory(hostile: Path, shared_dir: Path) -> None:
    bombs = shared_dir / "data" / "fetched" / "xml-hostile" / "tiran__defusedxml"
    for path, code in (
        (hostile / "bad_deep.xml", "bank_xml_limit"),
        (hostile / "bad_dtd_bomb.xml", "bank_xml_dtd"),
        (bombs / "quadratic.xml", "bank_xml_dtd"),
    ):
        said, peak = measured(path)
        assert said == code
        assert peak < MOST_MEGABYTES


# -- made here, so that they run where the shared files are not ----------------


@pytest.mark.parametrize("levels", [300, 20_000])
def test_a_file_that_is_deeper_than_any_bank_writes_is_refused(tmp_path: Path, levels: int) -> None:
    deep = f"<Ntry>{'<x>' * levels}{'</x>' * levels}</Ntry>"
    assert verdict(written(tmp_path, camt(statement([deep])))) == "bank_xml_limit"


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_file_that_is_cut_off_is_refused_wherever_the_cut_is(tmp_path: Path, part: int) -> None:
    whole = camt(statement([entry() for _ in range(50)], closing="6000.00"))
    cut = whole[: len(whole) * part // 4]
    assert verdict(written(tmp_path, cut)) == "bank_xml_broken"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE Document [<!ENTITY a "b">]>',
        '<!-- a comment --><!DOCTYPE Document SYSTEM "http://127.0.0.1/x.dtd">',
        "<?pi?>\n<!DOCTYPE Document>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding_and_behind_anything(
    tmp_path: Path, prolog: str, encoding: str
) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = camt(statement()).partition("?>")[2]
    assert verdict(written(tmp_path, (head + prolog + body).encode(encoding))) == "bank_xml_dtd"


def test_an_encoding_in_which_markup_can_hide_is_refused(tmp_path: Path) -> None:
    body = camt(statement()).partition("?>")[2]
    hidden = f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x>{body}'
    assert verdict(written(tmp_path, hidden)) == "bank_encoding"


def test_an_undefined_entity_is_no_text(tmp_path: Path) -> None:
    content = camt(statement([entry(), entry(amount="&xxe;")]))
    assert verdict(written(tmp_path, content)) == "bank_xml_broken"


def test_a_very_long_text_is_refused(tmp_path: Path) -> None:
    content = camt(statement(more=f"<AddtlStmtInf>{'x' * 11_000_000}</AddtlStmtInf>"))
    assert verdict(written(tmp_path, content)) == "bank_xml_limit"


@pytest.mark.parametrize(
    "junk",
    [
        camt(statement()).replace("<MsgId>", "<x/>" * 5_000_000 + "<MsgId>"),
        camt(statement([f"<Ntry>{'<x/>' * 5_000_000}</Ntry>"])),
        camt(statement()).replace("</BkToCstmrStmt>", "<x/>" * 5_000_000 + "</BkToCstmrStmt>"),
    ],
    ids=["in the header", "in an entry", "behind the statement"],
)
def test_millions_of_elements_that_mean_nothing_do_not_fill_the_memory(
    tmp_path: Path, junk: str
) -> None:
    said, peak = measured(written(tmp_path, junk))
    assert said == "bank_xml_limit"
    assert peak < MOST_MEGABYTES


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (":20:R\n:25:1\n:86:", "read"),
        ("\u4ea4\u6613\u65e5\u671f,\u4ea4\u6613\u91d1\u989d\n", "bank_row"),
    ],
)
def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, begin: str, said: str) -> None:
    path = written(tmp_path, begin)
    with path.open("ab") as stream:
        for _piece in range(150):
            stream.write(b"x" * 1_000_000)
    found, peak = measured(path)
    assert found == said
    assert peak < MOST_MEGABYTES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bank_file_empty"),
        (b" \r\n\t", "bank_file_empty"),
        (b"%PDF-1.4\n", "bank_format"),
        (b"PK\x03\x04" + bytes(100), "bank_format"),
        ("姓名,实发工资\n".encode("gb18030"), "bank_format"),
        (b"\xff\xff\xff\xff", "bank_encoding"),
        (b"<html><body>Please sign in</body></html>", "bank_format"),
        (b"<", "bank_xml_broken"),
    ],
)
def test_what_is_no_bank_file_is_refused_with_a_code(
    tmp_path: Path, content: bytes, code: str
) -> None:
    assert verdict(written(tmp_path, content)) == code
