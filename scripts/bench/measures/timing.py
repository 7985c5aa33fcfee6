"""Two things timed in turn, and the line that says how they compare. Times in seconds."""

import gc
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from statistics import median
from typing import Final

REPETITIONS: Final = 5
WARM_UP: Final = 1
"""Rounds before those that count: caches fill, files grow to their size."""

Timed = Callable[[int], float]
"""Does one repetition by its number and returns the seconds that count of it."""


@dataclass
class Pair:
    """Seconds of the product and of the raw limit, repetition by repetition."""

    product: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)

    @property
    def times_as_long(self) -> float:
        """How many times as long the product takes as the raw limit."""
        return median(self.product) / median(self.raw)

    @property
    def spread(self) -> tuple[float, float]:
        """Least and largest ratio of two neighbours."""
        ratios = [product / raw for product, raw in zip(self.product, self.raw, strict=True)]
        return min(ratios), max(ratios)


def stopwatch(run: Callable[[], object]) -> float:
    """Seconds that one call takes; garbage of what came before is collected first."""
    gc.collect()
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def interleaved(
    product: Timed,
    raw: Timed,
    *,
    repetitions: int = REPETITIONS,
    warm_up: int = WARM_UP,
    quiet: bool = False,
) -> Pair:
    """Take product and raw limit in turn: a slow minute of the machine meets both."""
    pair = Pair()
    for number in range(warm_up + repetitions):
        product_seconds, raw_seconds = product(number), raw(number)
        if number >= warm_up:
            pair.product.append(product_seconds)
            pair.raw.append(raw_seconds)
        if quiet:
            continue
        _say(f"round {number}: {product_seconds:.4f} s, raw {raw_seconds:.4f} s")
    return pair


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median and spread of some times."""
    return {
        "median": round(median(seconds), 6),
        "min": round(min(seconds), 6),
        "max": round(max(seconds), 6),
    }


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a ratio must keep to.

    Attributes:
        bound: The ratio that is still good enough.
        at_least: Whether more is better; otherwise less is.
    """

    bound: float
    at_least: bool = False

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"


def report(
    bench: str,
    database: str,
    pair: Pair,
    limit: Limit,
    *,
    ratio: float | None = None,
    spread: tuple[float, float] | None = None,
    also: Mapping[str, tuple[float, Limit]] | None = None,
    **facts: object,
) -> bool:
    """Print the line of one measure; tells whether all its limits hold.

    Args:
        bench: Name of the script.
        database: What it ran on, with its version.
        pair: The times.
        limit: For the ratio.
        ratio: In place of "times as long as the raw limit".
        spread: In place of the same of neighbours.
        also: Further figures with their own limits, by name.
        facts: Sizes and settings.
    """
    shown = pair.times_as_long if ratio is None else ratio
    low, high = pair.spread if spread is None else spread
    figures = also or {}
    within = limit.holds(shown) and all(bound.holds(value) for value, bound in figures.values())
    line = {
        "bench": bench,
        "database": database,
        "ratio": round(shown, 3),
        "spread": [round(low, 3), round(high, 3)],
        "limit": str(limit),
        **{name: round(value, 3) for name, (value, _) in figures.items()},
        **{f"{name}_limit": str(bound) for name, (_, bound) in figures.items()},
        "within": within,
        "product_s": summary(pair.product),
        "raw_s": summary(pair.raw),
        "repetitions": len(pair.product),
        **facts,
        "versions": versions(),
        "cores": os.cpu_count(),
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return within


def versions() -> dict[str, str]:
    """Versions of what the times depend on."""
    names = ("wageledger", "sqlalchemy", "psycopg2-binary", "eventsourcing")
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def say(text: str) -> None:
    """Tell whoever watches how far it is; standard output is for the results."""
    _say(text)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
