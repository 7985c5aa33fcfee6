"""Play the worked example on a new ledger through the command line and compare every figure.

    scripts/compare_example.py LEDGER_URL

`examples/worked-example.jsonl` tells one project's story as postings;
`examples/worked-example.expected.json` holds what everybody owes (in fen) on nine dates of it.
Exit status 0 when every figure is the expected one, 1 with the differences otherwise.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

EXAMPLES: Final = Path(__file__).parent.parent / "examples"
POSTINGS: Final = EXAMPLES / "worked-example.jsonl"
EXPECTED: Final = EXAMPLES / "worked-example.expected.json"

_WAGELEDGER: Final = Path(sys.executable).with_name("wageledger")

Figures = Mapping[str, Any]


class CommandFailedError(Exception):
    """A command of the example ended with another status than 0."""


def wageledger(url: str, *arguments: str) -> str:
    """Run one command on the ledger and return what it printed."""
    command = [str(_WAGELEDGER), "--ledger", url, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        message = f"wageledger {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}"
        raise CommandFailedError(message)
    return done.stdout


def differences(place: str, expected: Figures, found: Figures | None) -> Iterator[str]:
    """One line for each figure that is not as expected; a row not found has only zeros."""
    for name, figure in expected.items():
        got = 0 if found is None else found.get(name)
        if got != figure:
            yield f"{place} {name}: expected {figure}, found {got}"


def compare_liability(url: str, on: str, expected: Figures) -> Iterator[str]:
    """What every party owes at the end of the day `on`."""
    found = json.loads(wageledger(url, "liability", "--as-of", on, "--format", "json"))
    rows = {row["party"]: row for row in found["contractors"]}
    for party, figures in expected["contractors"].items():
        yield from differences(f"{on} {party}", figures, rows.get(party))
    for party in sorted(rows.keys() - expected["contractors"].keys()):
        yield f"{on} {party}: a party that nobody expected"
    if found["system_arrears_fen"] != expected["system_arrears_fen"]:
        yield (
            f"{on} system_arrears_fen: expected {expected['system_arrears_fen']}, "
            f"found {found['system_arrears_fen']}"
        )


def compare_funds(url: str, on: str, expected: list[Figures]) -> Iterator[str]:
    """The emergency funds at the end of the day `on`."""
    found = json.loads(wageledger(url, "fund", "show", "--as-of", on, "--format", "json"))
    rows = {row["region"]: row for row in found["funds"]}
    for figures in expected:
        names = {name: figure for name, figure in figures.items() if name.endswith("_fen")}
        yield from differences(f"{on} fund {figures['region']}", names, rows.get(figures["region"]))


def compare_project(url: str, on: str, project: str, expected: Figures) -> Iterator[str]:
    """The project's accounts at the end of the day `on`."""
    answer = wageledger(url, "project", "show", project, "--as-of", on, "--format", "json")
    yield from differences(f"{on} {project}", expected, json.loads(answer))


def project_of_the_example() -> str:
    """The one project that the example registers."""
    for line in POSTINGS.read_text("utf-8").splitlines():
        posting = json.loads(line)
        if posting["kind"] == "ProjectRegistered":
            return str(posting["project"])
    message = f"{POSTINGS} registers no project"
    raise CommandFailedError(message)


def compare(url: str, expected_by_date: Mapping[str, Figures]) -> Iterator[str]:
    """Compare every date, saying so as it goes; yields the differences."""
    project = project_of_the_example()
    for on, expected in expected_by_date.items():
        found = [
            *compare_liability(url, on, expected["liability"]),
            *compare_funds(url, on, expected["funds"]),
            *compare_project(url, on, project, expected["project"]),
        ]
        yuan, fen = divmod(expected["liability"]["system_arrears_fen"], 100)
        print(
            f"{on}  wages in arrears {yuan:>9,}.{fen:02}  {'DIFFERENT' if found else 'as expected'}"
        )
        yield from found


def main(url: str) -> int:
    """Make the ledger, post the example, compare; returns the exit status."""
    print(wageledger(url, "init"), end="")
    answers = wageledger(url, "post", str(POSTINGS), "--format", "jsonl").splitlines()
    recorded = sum(json.loads(answer)["status"] == "recorded" for answer in answers)
    print(f"{recorded} of {len(answers)} postings recorded")
    found = list(compare(url, json.loads(EXPECTED.read_text("utf-8"))["at"]))
    if recorded != len(answers):
        found.append(f"{len(answers) - recorded} postings were not recorded")
    for difference in found:
        print(difference)
    print(f"{len(found)} differences" if found else "every figure is as expected")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 -- the program and one argument
        sys.exit("usage: scripts/compare_example.py LEDGER_URL")
    try:
        status = main(sys.argv[1])
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        status = 1
    sys.exit(status)
