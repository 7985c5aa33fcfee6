"""The journal as programs that we did not write read it, and figures made of nothing but that.

Which balances make up a figure is read from postings.md, As of; none of our own code has a part in
it. What an account stands for is what beancount says of its opening.
"""

import csv
import io
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.cli.conftest import clean_environment

ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8"}
Balances = dict[str, int]
"""Balance of every account, in fen."""

Facts = Mapping[str, Mapping[str, str]]
"""What each account stands for."""


def told(*words: object) -> str:
    """What a program says; it must end well."""
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(ENVIRONMENT),
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def fen(yuan: str | Decimal) -> int:
    """Exactly so many fen."""
    amount = Decimal(yuan) * 100
    assert amount == int(amount), yuan
    return int(amount)


def day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


# -- what each program says ---------------------------------------------------


def accepted_by_beancount(file: Path) -> None:
    told(Path(sys.executable).with_name("bean-check"), file)


def accepted_by_hledger(file: Path) -> None:
    told("hledger", "-f", file, "check", "--strict", "ordereddates")


def accepted_by_ledger(file: Path) -> None:
    told("ledger", "-f", file, "--strict", "--pedantic", "balance")


ACCEPTED: Final[Mapping[str, Callable[[Path], None]]] = {
    "beancount": accepted_by_beancount,
    "hledger": accepted_by_hledger,
    "ledger": accepted_by_ledger,
}


def loaded_by_beancount(file: Path) -> list[Any]:
    from beancount import loader  # noqa: PLC0415 - a tenth of a second, for few tests

    entries, errors, _options = loader.load_file(str(file))
    assert not errors, errors[:3]
    return list(entries)


def facts_of(entries: list[Any]) -> Facts:
    """What accounts stand for, as their openings say."""
    return {
        entry.account: {
            key: value for key, value in entry.meta.items() if key not in {"filename", "lineno"}
        }
        for entry in entries
        if type(entry).__name__ == "Open"
    }


def beancount_balances(entries: list[Any], day: str) -> Balances:
    balances: Balances = defaultdict(int)
    for entry in entries:
        if type(entry).__name__ == "Transaction" and entry.date.isoformat() <= day:
            for posting in entry.postings:
                balances[posting.account] += fen(posting.units.number)
    return shown(balances)


def hledger_balances(file: Path, day: str) -> Balances:
    options = ("--flat", "-N", "-E", "-O", "csv", "-e", day_after(day))
    rows = csv.reader(io.StringIO(told("hledger", "-f", file, "balance", *options)))
    return shown(
        {row[0]: fen(row[1].split()[0].replace(",", "")) for row in rows if row[0] != "account"}
    )


def ledger_balances(file: Path, day: str) -> Balances:
    form = "%(account)\t%(quantity(scrub(display_total)))\n"
    options = ("--flat", "--no-total", "--empty", "--format", form, "-e", day_after(day))
    rows = told("ledger", "-f", file, "balance", *options).splitlines()
    pairs = (row.split("\t") for row in rows if "\t" in row)
    return shown({name: fen(amount) for name, amount in pairs})


def shown(balances: Mapping[str, int]) -> Balances:
    return {name: amount for name, amount in sorted(balances.items()) if amount}


# -- figures ------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """Balances on a day, by what accounts stand for."""

    day: str
    facts: Facts
    balances: Balances

    def cells(self, **wanted: str) -> Iterator[tuple[Mapping[str, str], int]]:
        """Accounts that are so, with their balances."""
        for name, amount in self.balances.items():
            facts = self.facts[name]
            if all(facts.get(key, "") == value for key, value in wanted.items()):
                yield facts, amount

    def sum(self, **wanted: str) -> int:
        return sum(amount for _, amount in self.cells(**wanted))

    def overdue(self, **wanted: str) -> Iterator[tuple[Mapping[str, str], int]]:
        """Wages owed whose due date lies before the day."""
        for facts, amount in self.cells(account="wages_payable", **wanted):
            if facts["due_on"] < self.day:
                yield facts, -amount

    def shortfall(self, project: str) -> int:
        held = self.sum(account="deposit_cash", project=project)
        guaranteed = self.sum(memo="guarantee", project=project)
        return max(0, self.sum(memo="required", project=project) - held - guaranteed)

    def liability(self) -> dict[str, dict[str, int]]:
        """Figures that are not 0, by party."""
        figures: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for facts, amount in self.cells(account="wages_payable"):
            if facts["due_on"] >= self.day:
                figures[facts["book"]]["accrued_not_due_fen"] -= amount
        for facts, owed in self.overdue():
            figures[facts["book"]]["own_arrears_fen"] += owed
            if facts["general_contractor"] != facts["book"]:
                figures[facts["general_contractor"]]["joint_arrears_fen"] += owed
        for account, sign in (
            ("due_to_fund", -1), ("recourse_payable", -1), ("recourse_receivable", 1),
            ("compensation_payable", -1),
        ):  # fmt: skip
            for facts, amount in self.cells(account=account):
                figures[facts["book"]][f"{account}_fen"] += sign * amount
        for facts, _required in self.cells(memo="required"):
            missing = self.shortfall(facts["project"])
            figures[facts["book"]]["deposit_shortfall_fen"] += missing
        for row in figures.values():
            row["hard_debt_fen"] = sum(
                row[name]
                for name in ("own_arrears_fen", "due_to_fund_fen", "recourse_payable_fen",
                             "compensation_payable_fen")
            )  # fmt: skip
        nonzero = {
            party: {name: amount for name, amount in row.items() if amount}
            for party, row in figures.items()
        }
        return {party: row for party, row in nonzero.items() if row}

    def fund(self, region: str) -> dict[str, Any]:
        book = f"fund:{region}"

        def held(account: str) -> int:
            return self.sum(book=book, account=account)

        def noted(memo: str) -> int:
            return self.sum(book=book, memo=memo)

        available = held("cash") + held("refund_payable") - noted("committed")
        return {
            "cash_fen": held("cash"),
            "committed_fen": noted("committed"),
            "refunds_owed_fen": -held("refund_payable"),
            "available_fen": available,
            "receivable_fen": held("receivable"),
            "appropriated_fen": -held("capital"),
            "donated_fen": -held("donations"),
            "interest_fen": -held("interest"),
            "recovered_fen": noted("recovered"),
            "surrendered_fen": held("surrendered"),
            "written_off_fen": held("write_off"),
            "floor_fen": noted("floor"),
            "floor_gap_fen": max(0, noted("floor") - available),
            "debtors": {
                facts["counterparty"]: amount
                for facts, amount in self.cells(book=book, account="receivable")
            },
        }

    def project(self, project: str) -> dict[str, Any]:
        def held(account: str) -> int:
            return self.sum(project=project, account=account)

        def noted(memo: str) -> int:
            return self.sum(project=project, memo=memo)

        arrears = sum(owed for _, owed in self.overdue(project=project))
        waiting = -held("wages_payable") - held("in_transit") - noted("wages_asserted")
        by_subcontractor: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for at, account, sign in ((0, "subcontractor_payable", -1), (1, "recourse_receivable", 1)):
            for facts, amount in self.cells(project=project, account=account):
                by_subcontractor[facts["counterparty"]][at] = sign * amount
        return {
            "wage_account_fen": held("wage_account"),
            "in_transit_fen": held("in_transit"),
            "deposit_required_fen": noted("required"),
            "deposit_cash_fen": held("deposit_cash"),
            "guarantees_valid_fen": noted("guarantee"),
            "developer_receivable_fen": held("developer_receivable"),
            "labour_cost_overdue_fen": max(0, noted("labour_cost_due")),
            "next_payroll_fen": waiting,
            "account_gap_fen": max(0, waiting - held("wage_account") - held("suspense")),
            "developer_advance_duty_fen": max(0, min(arrears, noted("price_unsettled"))),
            "subcontractor_payable_fen": -held("subcontractor_payable"),
            "open_arrears_fen": arrears,
            "subcontractors": dict(by_subcontractor),
        }
