"""Playing the story: into which ledger it goes, and whether the ledger answered as expected.

Without ``--ledger`` it goes into a new file in a folder of its own below the system's folder for
temporary files, which stays there so that the reader can look around. The environment and the
profile are not asked: they name the reader's real books. A ledger that holds postings is refused.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from cli.app import App
from cli.demo.story import Step, Story
from cli.demo.telling import tell
from cli.messages import N_
from cli.progress import Progress
from cli.rendering import message_of
from ledger.kernel.dates import parse_date
from ledger.kernel.errors import LedgerError
from ledger.service import Answer, Ledger

_EARLIEST: Final = "2021-01-01"
"""The story begins eight months before; Decree 724 came into force on 2020-05-01."""


@dataclass
class Played:
    """What was posted and how it was answered.

    Attributes:
        as_of: Last day of the story, ISO text.
        party: Credit code of the crew whose history is worth reading.
        since: First day of that history which is, ISO text.
        counts: How many postings were recorded, duplicates and refused.
        refused: What the ledger refused, each a JSON-able row.
        differences: What its check found.
    """

    as_of: str
    party: str
    since: str
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)


def own_ledger(app: App) -> App:
    """The app on the ledger of the demo.

    Raises:
        LedgerError: ``bad_option`` for a ledger that holds postings, and what storage answers.
    """
    if app.chosen.ledger is None:
        url = f"sqlite:///{Path(mkdtemp(prefix='wageledger-demo-')) / 'city.db'}"
        app = App(replace(app.chosen, ledger=url, tenant=app.chosen.tenant or "main"))
    try:
        with app.ledger() as opened:
            position = opened.position()
    except LedgerError as error:
        if error.code != "no_ledger":
            raise
        Ledger.create(app.config).close()
        position = 0
    if position:
        problem = N_("the demo needs an empty ledger, and there are postings in this one")
        raise LedgerError("bad_option", option="--ledger", problem=problem, value=app.shown_url)
    return app


def day_of(app: App, text: str | None) -> date:
    """Read ``--as-of``; today where it is left out.

    Raises:
        LedgerError: ``bad_option``.
    """
    on = parse_date(text or app.today)
    if on is None or not _EARLIEST <= on.isoformat() <= app.today:
        problem = N_("a date from 2021-01-01 to today, written as 2026-03-31")
        raise LedgerError("bad_option", option="--as-of", value=text, problem=problem)
    return on


def play(app: App, seed: int, on: date) -> Played:
    """Post the story and check the books.

    Raises:
        LedgerError: What storage answers.
        RuntimeError: The ledger answered a posting otherwise than expected: our mistake.
    """
    story = tell(seed, on)
    played = Played(story.months.end, story.party.code, story.since)
    with app.ledger() as ledger:
        _post(app, ledger, story, played)
        app.catch_up(ledger)
        played.differences = [
            {"rule": each.rule, "position": each.position, **each.facts} for each in ledger.check()
        ]
    return played


def _post(app: App, ledger: Ledger, story: Story, played: Played) -> None:
    sent: list[Step] = []

    def lines() -> Iterator[str]:
        for step in story.steps():
            sent.append(step)
            yield json.dumps(step.posting, ensure_ascii=False)

    with Progress(len(story), quiet=app.printer.quiet) as bar:
        for answer in ledger.post(lines()):
            step = sent[answer.line - 1]
            _compare(step, answer)
            played.counts[answer.status] += 1
            if answer.status == "refused":
                played.refused.append(_refusal(step, answer))
            bar.advance(1, 1)


def _compare(step: Step, answer: Answer) -> None:
    found = answer.code or answer.status
    if found != step.expected or (found == "recorded" and answer.position != step.position):
        message = f"{step.posting['kind']} {step.posting['key']}: {found}, not {step.expected}"
        raise RuntimeError(message)


def _refusal(step: Step, answer: Answer) -> dict[str, Any]:
    return {
        "on": step.posting["on"],
        "kind": answer.kind,
        "code": answer.code,
        "message": message_of(answer.code or "", answer.facts),
    }
