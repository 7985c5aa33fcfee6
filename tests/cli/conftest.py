"""Running the program: in this process, which is quick, or as its users do."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import main, messages
from tests import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "worked-example.jsonl"
CONSOLE = Path(sys.executable).with_name("wageledger")

DEVELOPER = "91220200900000110G"
CONTRACTOR = "91220200900000225N"
SUBCONTRACTOR = "9122020090000033XP"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it showed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any answer
        """The answer of ``--format json``."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The answer of ``--format jsonl``."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command in this process."""

    def run_here(*arguments: object) -> Ran:
        words = [str(argument) for argument in arguments]
        capsys.readouterr()
        main.choose_language(words)
        status = main.run(words)
        shown = capsys.readouterr()
        return Ran(status, shown.out, shown.err)

    monkeypatch.delenv("WAGELEDGER_URL", raising=False)
    yield run_here
    messages.use_language("en")


@pytest.fixture
def console(tmp_path: Path) -> Run:
    """Run the installed command in a process of its own, in an empty folder."""

    def run_there(
        *arguments: object,
        given: bytes = b"",
        environment: Mapping[str, str] | None = None,
        encoding: str = "utf-8",
    ) -> Ran:
        done = subprocess.run(
            [str(CONSOLE), *(str(argument) for argument in arguments)],
            input=given,
            capture_output=True,
            cwd=tmp_path,
            env=clean_environment(environment),
            check=False,
            timeout=120,
        )
        out = done.stdout.decode(encoding, "strict")
        return Ran(done.returncode, out, done.stderr.decode(encoding, "strict"))

    return run_there


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this test, without what would steer the program."""
    import os  # noqa: PLC0415 - read when a test runs, after its fixtures

    return {
        **{name: value for name, value in os.environ.items() if name != "WAGELEDGER_URL"},
        **(extra or {}),
    }


@pytest.fixture
def books(run: Run, sqlite_url: str) -> str:
    """The URL of an empty ledger."""
    assert run("--ledger", sqlite_url, "init").status == 0
    return sqlite_url


@pytest.fixture(scope="session")
def example_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite ledger with the worked example, to be copied and never changed."""
    folder = tmp_path_factory.mktemp("example")
    url = f"sqlite:///{folder / 'ledger.db'}"
    for words in (["init"], ["post", str(EXAMPLE)]):
        done = subprocess.run(
            [str(CONSOLE), "--ledger", url, *words], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    return folder


@pytest.fixture
def example(example_file: Path, tmp_path: Path) -> str:
    """The URL of a ledger of one's own with the worked example."""
    for file in example_file.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / file.name).chmod(file.stat().st_mode)
    return f"sqlite:///{tmp_path / 'ledger.db'}"
