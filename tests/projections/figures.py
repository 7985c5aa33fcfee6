"""Every figure that any read shows, by the words with which `explain` is asked for it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from projections.queries.month import party_statement, project_statement
from projections.view import View
from tests.projections.answers import Answers

Figure = tuple[str, str, int]
"""Subject, component, fen."""

_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "fund": {"debtors": "{party}"},
    "project": {"subcontractors": "{party}", "guarantees": "{guarantee}"},
    "sheet": {"lines": "{claim}"},
    "batch": {"lines": "{claim}"},
    "case": {"steps": "{position}", "claims": "{claim}"},
    "claim": {"moves": "{position}"},
    "worker": {
        "on_sheet": "{claim}", "asserted": "{claim}", "claims": "{claim}",
        **dict.fromkeys(
            ("instructed", "settled", "returned", "paid_otherwise", "reduced"),
            "{position}:{claim}",
        ),
    },
    "party": {"events": "{position}"},
    "project month": {
        "accounts": "{party}:{account}", "movements": "{party}:{account}:{kind}",
        "contractors": "{party}",
    },
    "party month": {
        "accounts": "{project}:{account}", "movements": "{project}:{account}:{kind}",
        "contractors": "{project}",
    },
}  # fmt: skip
"""How the rows of a subject's lists are named."""

_LISTS: Final = {
    "liability": ("contractors", "party", "party"),
    "funds": ("funds", "fund", "region"),
    "advances": ("advances", "advance", "advance"),
    "notices": ("notices", "notice", "notice"),
    "projects": ("projects", "project", "project"),
    "sheets": ("sheets", "sheet", "sheet"),
    "batches": ("batches", "batch", "batch"),
    "cases": ("cases", "case", "case"),
    "claims": ("claims", "claim", "claim"),
}
"""Lists whose rows are subjects: key of the list, kind, key of the id."""

_SHOWN: Final = {
    "project": "project", "deposit": "project", "sheet": "sheet", "batch": "batch",
    "case": "case", "claim": "claim", "worker": "worker", "party": "party", "history": "party",
}  # fmt: skip
"""Answers about one subject: the first word of their name, and its kind."""


def figures_of(told: Answers) -> Iterator[Figure]:
    """Every figure of every answer, but lines of the journal, which need no explanation."""
    yield "system", "system_arrears_fen", told["liability"]["system_arrears_fen"]
    for name, (rows, kind, key) in _LISTS.items():
        for row in told[name][rows]:
            yield from _of(kind, row[key], row)
    for name, answer in told.items():
        what, _blank, ident = name.partition(" ")
        if what in _SHOWN and ident:
            yield from _of(_SHOWN[what], ident, answer)
    yield from _balances(told["journal"]["lines"])


def figures_of_months(view: View, told: Answers, at: Mapping[str, Any]) -> Iterator[Figure]:
    """Every figure of the month's statements of projects and parties."""
    for project in told["projects"]["projects"]:
        answer = project_statement(view, project["project"], **at)
        yield from _of("project month", project["project"], answer)
    for party in told["parties"]["parties"]:
        answer = party_statement(view, party["party"], **at)
        yield from _of("party month", party["party"], answer)


def _of(kind: str, ident: str, answer: Mapping[str, Any]) -> Iterator[Figure]:
    subject = f"{kind.partition(' ')[0]}:{ident}"
    for key, value in answer.items():
        if key.endswith("_fen") and value is not None:
            yield subject, key, value
        elif key == "liability":
            for figure, fen in value.items():
                if figure.endswith("_fen"):
                    yield subject, f"liability.{figure}", fen
        elif key in _ROWS.get(kind, {}):
            for row in value:
                for figure, fen in row.items():
                    if figure.endswith("_fen") and fen is not None:
                        yield subject, f"{key}.{_ROWS[kind][key].format(**row)}.{figure}", fen


def _balances(lines: list[Mapping[str, Any]]) -> Iterator[Figure]:
    """Closing balances of all accounts of all books."""
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        cell = (line["book"], line["account"])
        sums[cell] = sums.get(cell, 0) + line["amount_fen"]
    for (book, account), fen in sums.items():
        subject = book if book.startswith("fund:") else f"party:{book}"
        yield subject, f"accounts.{account}.balance_fen", fen
