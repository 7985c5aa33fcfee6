"""Invented batches to be written, and independent readers of what was written.

The readers know nothing of the writers: they take files apart as a bank would.
"""

import csv
import io
from dataclasses import replace
from typing import Any, Final

from ledger.banking.payout_order import OrderLine, PayoutOrder
from tests.drills.town import CONTRACTOR, card_number, resident_id

NAMES: Final = ("欧阳夏丹", "王五", "阿卜杜拉·买买提", "𠮷田", "O'Brien & Söhne <X>")


def order(*amounts: int, names: tuple[str, ...] = NAMES, **changes: Any) -> PayoutOrder:  # noqa: ANN401
    """A batch of invented workers W1, W2, ..."""
    numbers = range(1, len(amounts) + 1)
    people = {
        f"W{number}": {
            "name": names[(number - 1) % len(names)],
            "card_number": card_number(number),
            "id_number": resident_id(number),
            "bank_name": "招商银行长春分行" if number % 2 else "示例银行",
        }
        for number in numbers
    }
    made = PayoutOrder(
        tenant="main", batch="B-01", position=182, on="2026-04-10",
        recorded_at="2026-04-10T01:30:00.000088Z", project="P1", project_name="示例住宅项目",
        contractor=CONTRACTOR, contractor_name="示例总包有限公司", account_last4="",
        lines=[
            OrderLine(number, f"S1/{number}", f"W{number}", amount, "2026-03")
            for number, amount in zip(numbers, amounts, strict=True)
        ],
        people=people,
    )  # fmt: skip
    return replace(made, **changes)


def rows_of(raw: bytes, encoding: str, separator: str = ",") -> list[list[str]]:
    """A CSV as a spreadsheet reads it."""
    text = raw.decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


def cut(line: bytes, *widths: int) -> list[str]:
    """A record of fixed width, taken apart by bytes."""
    cells, at = [], 0
    for width in widths:
        cells.append(line[at : at + width].decode("gb18030"))
        at += width
    assert at == len(line), "the record is longer or shorter than its widths"
    return cells
