"""Figures that a bundle states, computed anew from the journal lines of the events in it.

A figure is proven twice: it is the sum of the lines listed for it, each of which stands in an event
that is shown; and it is the balance that all events shown give, so that no line was left out that
is here. What is withheld cannot be summed: that is what completeness says.

Amounts are whole fen. Contract: postings.md, As of.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.proof.verifying.report import COMPLETENESS, Report
from ledger.proof.verifying.shown import Event


class Booked(NamedTuple):
    """A figure of the books: which lines it is the sum of."""

    account: str
    sign: int
    due: str = ""
    others: bool = False


BOOKED: Final[Mapping[str, Booked]] = {
    "accrued_not_due_fen": Booked("wages_payable", -1, due="later"),
    "own_arrears_fen": Booked("wages_payable", -1, due="before"),
    "joint_arrears_fen": Booked("wages_payable", -1, due="before", others=True),
    "due_to_fund_fen": Booked("due_to_fund", -1),
    "recourse_payable_fen": Booked("recourse_payable", -1),
    "recourse_receivable_fen": Booked("recourse_receivable", 1),
    "compensation_payable_fen": Booked("compensation_payable", -1),
}
"""Every figure that is a balance."""
_SUM: Final = "hard_debt_fen"
_SUMMED: Final = (
    "own_arrears_fen", "due_to_fund_fen", "recourse_payable_fen", "compensation_payable_fen"
)  # fmt: skip
_SHORTFALL: Final = "deposit_shortfall_fen"
_LINE_TEXTS: Final = ("book", "account", "project", "counterparty", "due_on")

Line = Mapping[str, Any]


def check_figures(
    report: Report, stated: object, party: str, events: Mapping[int, Event], file: str
) -> None:
    """Compute every stated figure anew."""
    figures = stated.get("figures") if isinstance(stated, dict) else None
    if not isinstance(figures, list) or not all(map(_is_figure, figures)):
        report.add("the figures cannot be read", file=file)
        return
    for figure in figures:
        _check(report, figure, party, events, file)
    by_day: dict[str, dict[str, int]] = {}
    for figure in figures:
        by_day.setdefault(figure["as_of"], {})[figure["component"]] = figure["figure_fen"]
    for as_of, found in by_day.items():
        parts = [found.get(name, 0) for name in _SUMMED]
        if _SUM in found and sum(parts) != found[_SUM]:
            report.add("a figure is not the sum of its parts", file=file,
                       found=f"{_SUM} {as_of}")  # fmt: skip
    report.facts["figures"] = [
        {key: figure[key] for key in ("as_of", "component", "figure_fen")} for figure in figures
    ]


def _is_figure(figure: object) -> bool:
    return (
        isinstance(figure, dict)
        and isinstance(figure.get("as_of"), str)
        and isinstance(figure.get("component"), str)
        and type(figure.get("figure_fen")) is int
        and isinstance(figure.get("lines"), list)
        and all(_is_line(line) for line in figure["lines"])
    )


def _is_line(line: object) -> bool:
    return (
        isinstance(line, dict)
        and all(isinstance(line.get(name), str) for name in _LINE_TEXTS)
        and type(line.get("position")) is int
        and type(line.get("amount_fen")) is int
    )


def _check(
    report: Report, figure: Mapping[str, Any], party: str, events: Mapping[int, Event], file: str
) -> None:
    name, as_of = figure["component"], figure["as_of"]
    place = f"{name} {as_of}"
    lines: Sequence[Line] = figure["lines"]
    if sum(line["amount_fen"] for line in lines) != figure["figure_fen"]:
        report.add("a figure is not the sum of its lines", file=file, found=place)
    for line in lines:
        if line["position"] not in events:
            report.add("a figure rests on an event that is not here", verdict=COMPLETENESS,
                       file=file, position=line["position"], found=place)  # fmt: skip
    if name in BOOKED:
        _check_booked(report, figure, BOOKED[name], party, events, file)
    elif name == _SHORTFALL:
        for line in lines:
            _check_memorandum(report, line, events, file, place)
    elif name != _SUM:
        report.add("the figure is not known", file=file, found=place)


def _check_booked(
    report: Report, figure: Mapping[str, Any], booked: Booked, party: str,
    events: Mapping[int, Event], file: str,
) -> None:  # fmt: skip
    place = f"{figure['component']} {figure['as_of']}"
    asked: dict[int, Counter[tuple[Any, ...]]] = {}
    for line in figure["lines"]:
        cell = (*(line[name] for name in _LINE_TEXTS), line["amount_fen"])
        asked.setdefault(line["position"], Counter())[cell] += 1
    for position, wanted in asked.items():
        event = events.get(position)
        if event is None:
            continue
        there = Counter((*line[:5], booked.sign * line[5]) for line in event.journal)
        if wanted - there:
            report.add("a line of a figure is not in its event", file=file, position=position,
                       found=place)  # fmt: skip
    balance = booked.sign * sum(
        line[5]
        for event in events.values()
        if event.on <= figure["as_of"]
        for line in _counted(event.journal, booked, party, figure["as_of"], events)
    )
    if balance != figure["figure_fen"]:
        report.add("the events here give another figure", verdict=COMPLETENESS, file=file,
                   found=f"{place}: {figure['figure_fen']} / {balance}")  # fmt: skip


def _counted(
    journal: Iterable[Sequence[Any]], booked: Booked, party: str, as_of: str,
    events: Mapping[int, Event],
) -> Iterable[Sequence[Any]]:  # fmt: skip
    own = contracted(events, party) if booked.others else frozenset()
    for line in journal:
        book, account, project, _counterparty, due_on, _amount = line
        if account != booked.account:
            continue
        if (booked.others and (book == party or project not in own)) or (
            not booked.others and book != party
        ):
            continue
        if (booked.due == "before" and due_on >= as_of) or (
            booked.due == "later" and due_on < as_of
        ):
            continue
        yield line


def contracted(events: Mapping[int, Event], party: str) -> frozenset[str]:
    """Projects whose general contractor a party is, out of the events shown."""
    return frozenset(
        str(event.fields.get("project"))
        for event in events.values()
        if event.said["kind"] == "ProjectRegistered"
        and event.fields.get("general_contractor") == party
    )


def _check_memorandum(
    report: Report, line: Line, events: Mapping[int, Event], file: str, place: str
) -> None:
    """A line of the deposit's shortfall: what is required, less cash, less guarantees."""
    event = events.get(line["position"])
    if event is None:
        return
    amount = line["amount_fen"]
    if line["account"] == "required":
        outcome = event.said.get("outcome")
        required = outcome.get("required_fen") if isinstance(outcome, dict) else None
        right = required is None or required == amount
    elif line["account"] == "deposit_cash":
        cell = (line["book"], "deposit_cash", line["project"])
        right = any(tuple(one[:3]) == cell and one[5] == -amount for one in event.journal)
    else:
        right = amount <= 0
    if not right:
        report.add("a line of a figure is not in its event", file=file,
                   position=line["position"], found=place)  # fmt: skip
