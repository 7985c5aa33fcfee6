"""An inspector gets a bundle on one contractor and needs to trust nobody who made it."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import cryptography
import pytest
from python_calamine import CalamineWorkbook

from ledger.kernel.codes import CODES
from ledger.proof.note import SignerKey
from ledger.proof.schemes import ED25519, ED25519_COSIGNATURE
from tests import counts
from tests.cli.conftest import CONTRACTOR, DEVELOPER, EXAMPLE, SUBCONTRACTOR, Run
from tests.cli.evidence_tools import VERIFIER, changed, judged, relisted, unpacked, with_manifest
from tests.cli.test_papers import reveals, secrets
from tests.ledger.vault.test_secrets import spellings

UNTIL = "2026-06-30"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, example_file: Path) -> Path:
    """The bundle of the worked example's subcontractor, to be copied and never changed."""
    folder = tmp_path_factory.mktemp("bundle")
    shutil.copytree(example_file, folder / "ledger")
    made = folder / "bundle.zip"
    url = f"sqlite:///{folder / 'ledger' / 'ledger.db'}"
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("wageledger")), "--ledger", url, "--lang", "zh",
            "export", "bundle", SUBCONTRACTOR, "--from", "2026-04-01", "--until", UNTIL,
            "--case", "C-01", "-o", str(made),
        ],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return made


@pytest.fixture
def folder(bundle: Path, tmp_path: Path) -> Path:
    """A copy of it, unpacked."""
    return unpacked(bundle, tmp_path / "unpacked")


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A Python that has cryptography and nothing of ours.

    With ``--full`` a fresh environment into which only cryptography is installed; else this
    Python, which sees only the folders of cryptography and of what it needs.
    """
    folder = tmp_path_factory.mktemp("bare")
    if counts.full():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        python = folder / "bin" / "python"
        installed = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "cryptography>=50"],
            capture_output=True, check=False,
        )  # fmt: skip
        if installed.returncode == 0:
            return (str(python), "-I")
    site = Path(str(cryptography.__file__)).parent.parent
    for own in (site / "cryptography", site / "cffi", *site.glob("_cffi_backend*")):
        (folder / own.name).symlink_to(own)
    code = "import sys,runpy; sys.path.append(sys.argv.pop(1)); sys.argv.pop(0);"
    code += " runpy.run_path(sys.argv[0], run_name='__main__')"
    return (sys.executable, "-I", "-S", "-c", code, str(folder))


def exported(run: Run, ledger: str, path: Path, *words: str) -> Path:
    ran = run("--ledger", ledger, "export", "bundle", SUBCONTRACTOR, "--until", UNTIL, *words,
              "-o", path)  # fmt: skip
    assert ran.status == 0, ran.err
    return path


def test_a_bundle_is_verified_in_an_empty_environment_by_the_file_that_is_in_it(
    run: Run, ledger_url: str, tmp_path: Path, bare_python: tuple[str, ...]
) -> None:
    assert run("--ledger", ledger_url, "init").status == 0
    assert run("--ledger", ledger_url, "post", EXAMPLE).status == 0
    made = exported(run, ledger_url, tmp_path / "b.zip", "--case", "C-01")
    folder = unpacked(made, tmp_path / "there")
    verifier = (*bare_python, str(folder / "wageledger-verify.pyz"))

    for form in (made, folder):
        found = judged(form, "--format", "json", command=verifier)
        assert found.status == 0, found.out + found.err
        told = found.json
        assert (told["integrity"], told["completeness"]) == (True, True)
        assert told["signed"]
        assert told["shown"] + told["withheld"] == told["size"] >= 212
        asked = run("--ledger", ledger_url, "liability", SUBCONTRACTOR, "--as-of", UNTIL,
                    "--format", "json").json["contractors"][0]  # fmt: skip
        for figure in told["figures"]:
            assert figure["figure_fen"] == asked[figure["component"]]
        assert asked["hard_debt_fen"] > 0


@pytest.mark.parametrize("party", [CONTRACTOR, DEVELOPER])
def test_every_party_gets_a_bundle_whose_figures_its_own_events_give(
    run: Run, example: str, tmp_path: Path, party: str
) -> None:
    for until in ("2026-05-16", "2026-05-20", UNTIL):
        path = tmp_path / f"{until}.zip"
        ran = run("--ledger", example, "export", "bundle", party, "--until", until, "-o", path)
        assert ran.status == 0, ran.err
        assert judged(path).status == 0


def test_the_same_log_gives_the_same_bytes(run: Run, example: str, tmp_path: Path) -> None:
    first = exported(run, example, tmp_path / "1.zip").read_bytes()
    assert exported(run, example, tmp_path / "2.zip").read_bytes() == first


def test_the_key_of_the_log_is_given_or_the_page_says_loudly_that_it_was_not(
    bundle: Path, folder: Path
) -> None:
    (key,) = json.loads((folder / "keys.json").read_bytes())["log"]
    assert "--log-key" in judged(bundle, "--lang", "en").out
    given = judged(bundle, "--lang", "en", "--log-key", key)
    assert given.status == 0
    assert "--log-key" not in given.out
    name, rest = key.split("+", 1)
    stranger = "example.com/stranger+" + rest
    assert judged(bundle, "--log-key", stranger).status == 3  # name and id disagree
    assert judged(bundle, "--witness", key).status == 3  # the log is no witness of its own
    assert name in given.out
    other = SignerKey.random(name, ED25519).verifier
    assert judged(bundle, "--log-key", other.encode()).status == 8


def test_witnesses_that_did_not_sign_are_missed(bundle: Path) -> None:
    witness = SignerKey.random("example.com/witness", ED25519_COSIGNATURE).verifier.encode()
    assert judged(bundle, "--witness", witness).status == 8
    assert judged(bundle, "--witness", witness, "--quorum", "0").status == 0


def test_the_installed_command_does_the_same(bundle: Path) -> None:
    found = judged(bundle, "--lang", "zh", command=(str(VERIFIER),))
    assert found.status == 0
    assert "真实性: 属实" in found.out


# -- what a forger does, knowing the manifest -------------------------------------


def _edited_amount(raw: bytes) -> bytes:
    return re.sub(rb'"wages_payable","P-2026-001","","2026-05-15",-36000000',
                  rb'"wages_payable","P-2026-001","","2026-05-15",-35000000', raw)  # fmt: skip


def test_an_edited_amount_is_caught_at_its_position(folder: Path) -> None:
    changed(folder, "events.txt", _edited_amount)
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert ("events.txt", 192, "integrity") in found.places()


def test_a_removed_event_is_caught_at_its_position(folder: Path) -> None:
    changed(folder, "events.txt", lambda raw: re.sub(rb"(?m)^194 .*\n", b"", raw))
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert ("events.txt", 194, "completeness") in found.places()
    assert found.json["completeness"] is False


def test_an_event_removed_from_the_manifest_too_is_caught_by_the_figures(folder: Path) -> None:
    changed(folder, "events.txt", lambda raw: re.sub(rb"(?m)^197 .*\n", b"", raw))
    (folder / "lines" / "0000000197-0.txt").unlink()
    relisted(folder)
    with_manifest(folder, lambda said: said["events"].remove(197))
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert {file for file, _position, _verdict in found.places()} >= {"figures.json"}


def test_swapped_lines_are_caught_at_their_position(folder: Path) -> None:
    def swap(raw: bytes) -> bytes:
        rows = raw.split(b"\n")
        one, two = (row.split(b" ", 1) for row in rows[:2])
        return b"\n".join([one[0] + b" " + two[1], two[0] + b" " + one[1], *rows[2:]])

    changed(folder, "lines/0000000190-0.txt", swap)
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert ("lines/0000000190-0.txt", 190, "integrity") in found.places()


def test_another_checkpoint_is_caught(folder: Path) -> None:
    changed(folder, "checkpoint", lambda raw: raw.replace(b"\n212\n", b"\n211\n", 1)
            if b"\n212\n" in raw else raw.replace(b"\n", b"x\n", 1))  # fmt: skip
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert ("checkpoint", None, "integrity") in found.places()


def test_a_changed_figure_is_caught(folder: Path) -> None:
    def lower(raw: bytes) -> bytes:
        said = json.loads(raw)
        (one,) = (
            figure for figure in said["figures"]
            if figure["component"] == "due_to_fund_fen" and figure["as_of"] == UNTIL
        )  # fmt: skip
        one["figure_fen"] -= one["lines"].pop()["amount_fen"]
        return json.dumps(said).encode()

    changed(folder, "figures.json", lower)
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert {file for file, _position, _verdict in found.places()} == {"figures.json"}


def test_a_foreign_file_and_an_unlisted_change_are_caught_by_name(folder: Path) -> None:
    (folder / "extra.txt").write_bytes(b"trust me")
    (folder / "evidence.pdf").write_bytes(b"%PDF-1.4 another")
    found = judged(folder, "--format", "json")
    assert found.status == 8
    assert {"extra.txt", "evidence.pdf"} == {file for file, _position, _v in found.places()}


@pytest.mark.parametrize("size", [0, 1, 30, 4000, 40_000])
def test_a_cut_bundle_is_refused_without_a_traceback(
    bundle: Path, tmp_path: Path, size: int
) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bundle.read_bytes()[:size])
    assert judged(cut).status == 3


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a\\b", "C:evil", "lines/../x", "."])
def test_names_that_lead_out_of_a_bundle_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    assert judged(path).status == 3
    assert [one.name for one in tmp_path.iterdir()] == ["evil.zip"]


def test_a_bomb_and_a_link_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * 300_000_000)
    assert judged(bomb).status == 3
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / "manifest.json").symlink_to("/etc/passwd")
    assert judged(folder).status == 3


@pytest.mark.parametrize(
    "raw",
    [b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"NaN", b"1e400", b"9" * 10_000, b"null"],
)
@pytest.mark.parametrize("name", ["manifest.json", "figures.json", "keys.json", "history.json"])
def test_files_that_are_no_json_never_end_in_a_traceback(
    folder: Path, name: str, raw: bytes
) -> None:
    (folder / name).write_bytes(raw)
    assert judged(folder).status in {3, 8}


def test_any_changed_byte_of_what_is_proven_is_caught(folder: Path) -> None:
    import random  # noqa: PLC0415 - for this drill alone

    chance = random.Random(counts.SEED)  # noqa: S311 - a drill
    names = ["events.txt", "proofs.txt", "checkpoint", "lines/0000000184-0.txt"]
    for trial in range(counts.runs(50)):
        name = names[trial % len(names)]
        before = (folder / name).read_bytes()
        at = chance.randrange(len(before))
        spoilt = before[:at] + bytes([before[at] ^ (1 << chance.randrange(7))]) + before[at + 1 :]
        (folder / name).write_bytes(spoilt)
        relisted(folder)
        assert judged(folder).status in {3, 8}, (name, at)
        (folder / name).write_bytes(before)


# -- whose data is in it ----------------------------------------------------------


def test_a_bundle_names_no_person_and_shows_no_line_of_other_employers(
    bundle: Path, folder: Path
) -> None:
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [one for one in secrets() for spelled in spellings(one) if spelled in everything]
    batch = (folder / "lines" / "0000000184-0.txt").read_bytes()
    assert b'"worker":"S001"' in batch
    assert b'"worker":"G001"' not in batch
    with zipfile.ZipFile(bundle) as archive:
        assert "people.json" not in archive.namelist()


def test_the_workbook_and_the_instructions_can_be_read(folder: Path) -> None:
    book = CalamineWorkbook.from_path(folder / "evidence.xlsx")
    assert len(book.sheet_names) == 7
    text = (folder / "README.txt").read_text("utf-8")
    assert "python3 wageledger-verify.pyz" in text
    assert (folder / "evidence.pdf").read_bytes().startswith(b"%PDF-")


def test_wrong_options_are_refused_before_anything_is_written(
    run: Run, example: str, tmp_path: Path
) -> None:
    base = ("--ledger", example, "export", "bundle")
    path = tmp_path / "b.zip"
    assert run(*base, SUBCONTRACTOR).status == 2
    assert run(*base, "91220200900000999X", "-o", path).status == 5
    assert (
        run(*base, SUBCONTRACTOR, "--from", "2026-07-01", "--until", UNTIL, "-o", path).status == 2
    )
    assert run(*base, SUBCONTRACTOR, "--until", "soon", "-o", path).status == 2
    assert run(*base, SUBCONTRACTOR, "--unmasked", "-o", path).status == 2
    assert run(*base, SUBCONTRACTOR, "--unmasked", "--purpose", "仲裁", "-o", path).status == 2
    assert not path.exists()


def unguarded(ledger: str) -> sqlite3.Connection:
    """The ledger's file, as somebody opens it who means no good."""
    database = sqlite3.connect(ledger.removeprefix("sqlite:///"))
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        database.execute(f"DROP TRIGGER {name}")
    return database


def test_names_come_into_a_bundle_only_for_a_case_and_the_log_says_so_first(
    run: Run, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "b.zip"
    exported(run, example, path, "--case", "C-01", "--unmasked", "--purpose", "劳动仲裁")
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        people = json.loads(archive.read("people.json"))["workers"]
    assert len(people) == 40 + 5
    assert {person["name"] for person in people.values()} <= secrets()
    assert judged(path).status == 0
    (revealed,) = reveals(run, example)
    assert revealed["fields"]["case"] == "C-01"
    assert revealed["fields"]["purpose"] == "劳动仲裁"


def test_a_log_that_was_changed_makes_no_bundle(run: Run, example: str, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    exported(run, example, path)
    before = path.read_bytes()
    database = unguarded(example)
    (body,) = database.execute("SELECT body FROM event WHERE position = 194").fetchone()
    forged = body.replace(b'"on":"2026-05-12"', b'"on":"2026-05-11"')
    assert forged != body
    database.execute("UPDATE event SET body = ? WHERE position = 194", (forged,))
    database.commit()
    database.close()
    ran = run("--ledger", example, "export", "bundle", SUBCONTRACTOR, "--until", UNTIL, "-o", path)
    assert ran.status == 8
    assert "194" in ran.err
    assert "events.txt" in ran.err
    assert path.read_bytes() == before


def test_nothing_is_proven_by_a_log_that_nobody_signed(
    run: Run, example: str, tmp_path: Path
) -> None:
    database = unguarded(example)
    database.execute("DELETE FROM log_checkpoint")
    database.commit()
    database.close()
    path = tmp_path / "b.zip"
    base = ("--ledger", example, "export")
    status = CODES["no_checkpoint"].exit_status
    assert run(*base, "bundle", SUBCONTRACTOR, "-o", path).status == status
    assert run(*base, "receipt", "S-2026-03/7", "-o", path).status == status
    assert not path.exists()
