"""The smallest stories that end in each refusal code, on top of the invented town.

A story is a list of postings: all but the last are recorded, the last answers the code.
"""

from typing import NamedTuple

from tests.drills.town import Posting


class Refused(NamedTuple):
    """One story and the code in which it ends."""

    code: str
    story: tuple[Posting | str, ...]

    @property
    def name(self) -> str:
        """Code and kind, for the name of the test."""
        last = self.story[-1]
        return f"{self.code}-{last['kind']}" if isinstance(last, dict) else self.code


def refused(code: str, *story: Posting | str) -> Refused:
    """A story that ends in a code."""
    return Refused(code, story)
