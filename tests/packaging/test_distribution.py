"""Who installs wageledger gets one command, all messages, and a quick answer to --help."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import REPOSITORY

_HEAVY: Final = {"cryptography", "eventsourcing", "psycopg2", "sqlalchemy"}
_HELP_AND_MODULES: Final = """
import sys
sys.argv = ["wageledger", "--help"]
from cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("MODULES", *sys.modules)
"""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The project's own description, pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that a release would publish."""
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(WheelBuilder(str(REPOSITORY)).build(directory=str(folder))))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_answers_without_loading_a_database_library() -> None:
    text, _, modules = _run(sys.executable, "-c", _HELP_AND_MODULES).rpartition("MODULES")
    assert "wageledger" in text
    assert not _HEAVY & set(modules.split())


def test_the_command_is_installed_and_says_its_version(project: dict[str, Any]) -> None:
    (script,) = metadata.entry_points(group="console_scripts", name="wageledger")
    assert script.value == project["project"]["scripts"]["wageledger"]
    command = Path(sys.executable).with_name("wageledger")
    assert project["project"]["version"] in _run(str(command), "--version")


def test_the_wheel_holds_the_three_packages_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in tops if ".dist-info" not in name} == {"ledger", "projections", "cli"}


def test_the_wheel_holds_every_module_of_the_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    tree = {
        path.relative_to(REPOSITORY).as_posix()
        for package in ("ledger", "projections", "cli")
        for path in (REPOSITORY / package).rglob("*.py")
    }
    assert tree <= packed


def test_every_catalogue_is_compiled_by_the_build(wheel: Path) -> None:
    sources = sorted(REPOSITORY.glob("cli/locale/*/LC_MESSAGES/wageledger.po"))
    assert sources, "no catalogue in cli/locale"
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    for source in sources:
        assert source.relative_to(REPOSITORY).with_suffix(".mo").as_posix() in packed


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = [name for name in archive.namelist() if name.endswith("/LICENSE")]
        assert "Apache License" in archive.read(licence).decode("utf-8")


def test_every_library_that_is_asked_for_has_a_version_that_was_tested(
    project: dict[str, Any],
) -> None:
    pins = dict(
        re.findall(
            r"^([\w.-]+)==(\S+)$", (REPOSITORY / "constraints.txt").read_text("utf-8"), re.MULTILINE
        )
    )
    tested = {canonicalize_name(name): version for name, version in pins.items()}
    extras = project["project"]["optional-dependencies"].values()
    asked = [Requirement(text) for group in extras for text in group]
    asked += [Requirement(text) for text in project["project"]["dependencies"]]
    for requirement in asked:
        if requirement.name != "wageledger":
            version = tested[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement


def test_every_package_of_the_wheel_stands_under_the_import_contracts(
    project: dict[str, Any],
) -> None:
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    contracts = project["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in contracts["contracts"] if c["id"] == "packages"]
    assert set(contracts["root_packages"]) == packages
    assert set(layers) == packages
