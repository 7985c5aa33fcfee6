"""The ledger's own words in the language of the reader.

Unknown words are shown as they are: a newer log may hold some that this version does not know.
"""

from collections.abc import Mapping

from cli.messages import _
from cli.names.columns import COLUMNS
from cli.names.kinds import KINDS
from cli.names.words import ACCOUNTS, PROBLEMS, ROLES, RULES, STATES, UNITS, WORDS

__all__ = [
    "ACCOUNTS",
    "COLUMNS",
    "KINDS",
    "PROBLEMS",
    "ROLES",
    "RULES",
    "STATES",
    "UNITS",
    "WORDS",
    "account_name",
    "document_name",
    "heading",
    "kind_name",
    "problem_name",
    "role_name",
    "rule_name",
    "state_name",
    "unit_name",
    "word_name",
]


def _named(names: Mapping[str, str], word: str) -> str:
    known = names.get(word)
    return word if known is None else _(known)


def kind_name(kind: str) -> str:
    """Name of a kind of posting, for example ``payroll approved``."""
    return _named(KINDS, kind)


def account_name(account: str) -> str:
    """Name of a journal account, or of a statement account such as ``wage:P-1``."""
    pot, colon, of = account.partition(":")
    return f"{_named(ACCOUNTS, pot)} {of}" if colon else _named(ACCOUNTS, account)


def document_name(document: str) -> str:
    """Name of what `explain` calls a document: ``batch:B-01`` is ``Batch B-01``."""
    kind, colon, name = document.partition(":")
    return f"{heading(kind)} {name}" if colon else document


def state_name(state: str, of: str = "") -> str:
    """Name of a state; ``of`` says of what where it matters: an open ``case`` is not unpaid."""
    own = f"{of}.{state}"
    return _(STATES[own]) if own in STATES else _named(STATES, state)


def role_name(role: str) -> str:
    """Name of a poster's role by its letter."""
    return _named(ROLES, role)


def word_name(word: str) -> str:
    """Name of a value of a choice: a level, source, result, industry or return code."""
    return _named(WORDS, word)


def rule_name(rule: str) -> str:
    """The rule by which a line belongs to a figure; other rules stay as they are."""
    return _(rule) if rule in RULES else rule


def unit_name(unit: str) -> str:
    """Name of the unit of a policy parameter."""
    return _named(UNITS, unit)


def problem_name(problem: str) -> str:
    """What is wrong with a value; a problem that is a message itself is translated."""
    return _(PROBLEMS.get(problem, problem))


def heading(column: str) -> str:
    """Heading of a column by its key in JSON."""
    return _named(COLUMNS, column)
