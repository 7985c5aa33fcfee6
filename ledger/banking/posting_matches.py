"""Matches as postings: as few as may be, so that 100,000 pairs take a handful of them.

All pairs of one rule, statement and direction go into one posting; each still stands for itself
and can be taken back singly. Lines that are matched with several postings, or several lines with
one, have a posting of their own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ledger.banking.matching import Item, Line, Matches, Rule

MOST_PAIRS: Final = 20_000
"""Pairs of one posting: so many that they share its cost, so few that memory stays small."""

_KEY_DIGITS: Final = 32

Json = dict[str, Any]


def postings_of(account: str, found: Iterable[Matches], on: str) -> Iterator[Json]:
    """Postings of matches, the surest first.

    Args:
        account: The account of all lines.
        found: What the rules found.
        on: Business date of the matching.
    """
    for matches in found:
        together: dict[tuple[str, bool], list[tuple[Line, Item]]] = defaultdict(list)
        for line, item in matches.pairs:
            together[line.statement_id, line.amount_fen > 0].append((line, item))
        for (statement, _), pairs in together.items():
            # One batch after the other: judging a posting reads the batches that it names.
            pairs.sort(key=_position)
            for low in range(0, len(pairs), MOST_PAIRS):
                some = pairs[low : low + MOST_PAIRS]
                lines, items = [line for line, _ in some], [item for _, item in some]
                yield _posting(account, statement, lines, items, matches.rule, on)
        for group in matches.groups:
            yield _posting(account, group[0][0].statement_id, *group, matches.rule, on)


def _position(pair: tuple[Line, Item]) -> int:
    return pair[1].position


def _posting(
    account: str, statement: str, lines: Sequence[Line], items: Sequence[Item], rule: Rule, on: str
) -> Json:
    matched: list[Json] = [
        {"position": position, "claim": claim} if claim else {"position": position}
        for position, claim, *_ in items
    ]
    names = [f"{on_day}|{name}" for on_day, name, *_ in lines]
    said: Json = {
        "kind": "StatementLineMatched", "on": on, "account": account, "statement_id": statement,
        "rule": rule.name, "score": rule.score, "lines": names,
    }  # fmt: skip
    digest = hashlib.sha256(repr((*said.values(), [item[:2] for item in items])).encode())
    said["matched"] = matched
    return {**said, "key": f"match:{digest.hexdigest()[:_KEY_DIGITS]}"}
