"""What every test may ask for: a ledger's URL on either database, and the shared examples.

One PostgreSQL server serves the whole run.  Without xdist it starts when the first test asks;
with xdist the controlling process starts it while the workers collect, and they share it.
"""

import os
import signal
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

from tests import REPOSITORY, counts, postgres_server

REQUIRE_VARIABLE: Final = "WAGELEDGER_REQUIRE_POSTGRES"
"""Set to 1 by ./scripts/test: a test that skips its PostgreSQL is a failure."""

_KEEPER: Final = pytest.StashKey[postgres_server.Keeper]()
_POSTGRES_PROPERTY: Final = "postgres"
_POSTGRES_HOW: Final = "postgres_how"
_DRILL: Final = "drill"
"""Property of a test: what a drill did, for the end of the run."""
_NO_SHARED: Final = "the shared examples are not here"


# -- options and profiles -----------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`: every repetition that the tests name instead of a tenth."""
    parser.addoption(
        "--full", action="store_true", help="run drills and properties with their full counts"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose counts and profile, and keep the developer's own settings out of the tests."""
    if config.getoption("--full"):
        os.environ[counts.COUNTS_VARIABLE] = "full"
    keep = {
        REQUIRE_VARIABLE, "WAGELEDGER_REQUIRE_CHECKERS", "WAGELEDGER_SHARED", "PGPASSFILE",
        "PGPASSWORD",
    }  # fmt: skip
    for name in list(os.environ):
        if name.startswith(("WAGELEDGER_", "PG")) and not (
            name in keep or name.startswith("WAGELEDGER_TEST_")
        ):
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background of a shell:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what tests start must hear it
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("LANGUAGE", None)
    hypothesis.settings.register_profile("ci", deadline=None, max_examples=10, derandomize=True)
    hypothesis.settings.register_profile("full", deadline=None, max_examples=100, print_blob=True)
    hypothesis.settings.load_profile("full" if counts.full() else "ci")


# -- the PostgreSQL server ----------------------------------------------------


def _keeper(config: pytest.Config) -> postgres_server.Keeper:
    """The keeper of this run, started on the first call."""
    if _KEEPER not in config.stash:
        config.stash[_KEEPER] = postgres_server.Keeper()
    return config.stash[_KEEPER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 -- xdist's class is private
    """Tell an xdist worker which folder to ask for the server."""
    if postgres_server.EXTERNAL_VARIABLE not in os.environ:
        node.workerinput["postgres_directory"] = str(_keeper(node.config).directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if this process started one."""
    if _KEEPER in config.stash:
        config.stash[_KEEPER].stop()


@pytest.fixture(scope="session")
def postgres_server_in_use(pytestconfig: pytest.Config) -> postgres_server.Server:
    """The one PostgreSQL server of this run."""
    try:
        named = postgres_server.external()
        if named is not None:
            return named
        worker: dict[str, Any] | None = getattr(pytestconfig, "workerinput", None)
        if worker is None:
            directory = _keeper(pytestconfig).directory
        else:
            directory = Path(worker["postgres_directory"])
        return postgres_server.wait_for(directory)
    except postgres_server.ServerUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_databases(
    postgres_server_in_use: postgres_server.Server,
) -> Iterator[postgres_server.Databases]:
    """The databases that this process makes on the server."""
    databases = postgres_server.Databases(postgres_server_in_use)
    yield databases
    if postgres_server.EXTERNAL_VARIABLE in os.environ:  # a server of ours goes with all it has
        databases.drop_spent()


@pytest.fixture
def postgres_url(
    postgres_databases: postgres_server.Databases,
    record_property: Callable[[str, object], None],
) -> Iterator[str]:
    """The URL of an empty database that only this test uses."""
    record_property(_POSTGRES_HOW, postgres_databases.server.how)
    name, url = postgres_databases.new()
    yield url
    postgres_databases.give_back(name)


# -- ledgers and examples -----------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite ledger that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest) -> str:
    """The URL of a ledger that does not exist yet: the test runs once on each database."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of shared contracts, examples and data, which is not part of the project."""
    named = os.environ.get("WAGELEDGER_SHARED")
    folder = Path(named) if named else REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{_NO_SHARED}: no folder {folder}; set WAGELEDGER_SHARED")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the developer's own ledger, profile or cache."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
        yield


# -- a skipped PostgreSQL test is a failure -----------------------------------


def _needs_postgres(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    callspec = getattr(item, "callspec", None)
    if callspec is not None and "ledger_url" in callspec.params:
        return bool(callspec.params["ledger_url"] == "postgresql")
    return "postgres_url" in fixtures or "postgres_server_in_use" in fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need PostgreSQL, so that `-m postgres` and the summary know them."""
    for item in items:
        if _needs_postgres(item):
            item.add_marker("postgres")
        if item.get_closest_marker("postgres") is not None:
            item.user_properties.append((_POSTGRES_PROPERTY, True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a PostgreSQL test into a failure where PostgreSQL is required."""
    report = yield
    if (
        os.environ.get(REQUIRE_VARIABLE) == "1"
        and report.skipped
        and not hasattr(report, "wasxfail")
        and (_POSTGRES_PROPERTY, True) in item.user_properties
        and _NO_SHARED not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"PostgreSQL is required here, but the test skipped: {report.longrepr}"
    return report


def pytest_report_header() -> str:
    """Say where the PostgreSQL server comes from and how much is run."""
    amount = "full counts" if counts.full() else "a tenth of the counts (--full runs all)"
    return f"PostgreSQL from: {postgres_server.plan()}\ndrills and properties: {amount}"


@dataclass
class _PostgresTests:
    """The PostgreSQL tests of this run, by what became of them."""

    ran: set[str]
    skipped: set[str]
    how: str


def _postgres_tests(config: pytest.Config) -> _PostgresTests:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    tests = _PostgresTests(ran=set(), skipped=set(), how="no PostgreSQL server was started")
    for outcome in ("passed", "failed", "skipped"):
        for report in reporter.stats.get(outcome, []):
            properties = dict(getattr(report, "user_properties", []))
            if properties.get(_POSTGRES_PROPERTY):
                (tests.skipped if outcome == "skipped" else tests.ran).add(report.nodeid)
                tests.how = properties.get(_POSTGRES_HOW, tests.how)
    return tests


def _misses_postgres(config: pytest.Config) -> bool:
    """Whether this is a whole run that needed PostgreSQL and met none."""
    whole = (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not config.option.keyword
        and not config.option.markexpr
        and not config.option.collectonly
    )
    return whole and os.environ.get(REQUIRE_VARIABLE) == "1" and not _postgres_tests(config).ran


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A whole run in which no test met PostgreSQL is no green run where PostgreSQL is required."""
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and exitstatus == pytest.ExitCode.OK and _misses_postgres(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401
    """Say how the server was started, how many tests really used it, and what drills did."""
    tests = _postgres_tests(config)
    if tests.ran or tests.skipped:
        line = f"{tests.how}: {len(tests.ran)} tests ran on it, {len(tests.skipped)} skipped"
        terminalreporter.write_line(line, bold=True)
    elif _misses_postgres(config):
        terminalreporter.write_line(
            "PostgreSQL is required here and no test ran on it: this run failed", red=True
        )
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == _DRILL:
                    terminalreporter.write_line(value, bold=True)
