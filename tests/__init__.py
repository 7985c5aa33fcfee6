"""What is true of wageledger, told by the people who use it."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parent.parent
"""The root of the checkout."""
