"""Which function decides a kind and which folds it: filled by ``ledger.domain.kinds``."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ledger.domain.base import Decision, Recorded
from ledger.domain.context import Context
from ledger.domain.facts import Keeper

Decider = Callable[[Any, Context], Decision]
Folder = Callable[[Recorded, Keeper], None]

DECIDERS: Final[dict[str, Decider]] = {}
FOLDERS: Final[dict[str, Folder]] = {}

D = TypeVar("D", bound=Decider)
F = TypeVar("F", bound=Folder)


def decides(*kinds: str) -> Callable[[D], D]:
    """Register the decider of one or more kinds."""

    def register(function: D) -> D:
        for kind in kinds:
            DECIDERS[kind] = function
        return function

    return register


def evolves(*kinds: str) -> Callable[[F], F]:
    """Register the folder of one or more kinds."""

    def register(function: F) -> F:
        for kind in kinds:
            FOLDERS[kind] = function
        return function

    return register
