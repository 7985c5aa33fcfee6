"""docs/reference/policy.md: the parameters of the policy book and the values that come with it."""

from collections.abc import Iterator
from typing import Final

from catalogue.words import in_chinese, row, table
from ledger.domain.policy import PARAMETERS, SHIPPED, Parameter

NAME: Final = "policy.md"

_HEAD: Final = """# The policy book

Written by `scripts/reference` from the program itself; a test keeps it current.

What the law and the regions set, as whole numbers with a date from which they hold. A decision
uses the value of its own date and of the closest region (the region, its city, its province, the
nation), and its event names each record that it used. `PolicyPublished` adds a value; a published
value beats one that came with the product.

`wageledger policy show REGION PARAMETER --as-of DATE` says which value holds and why;
`wageledger policy set` publishes one.
"""

_MARKS: Final = """
Marks: `V` read in the text of the law; `V2` read on an official local page or in a summary that
quotes it; `M` from memory, to be overridden by whoever knows. On a day before the first national
value that first value is used, and the answer says so.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD.rstrip(), "", "## Parameters", ""]
    lines += table("parameter", "unit", "values", "meaning", "decides")
    lines += [_parameter(parameter) for parameter in PARAMETERS.values()]
    lines += ["", "## Values that come with the product", _MARKS.rstrip(), ""]
    lines += table("parameter", "region", "value", "from", "mark", "source")
    lines += _records()
    return "\n".join(lines) + "\n"


def _parameter(parameter: Parameter) -> str:
    remarks = []
    if parameter.used:
        remarks.append("yes")
    if parameter.local:
        remarks.append("regions set their own: `no_local_value`")
    if parameter.city_only:
        remarks.append("region and city only")
    return row(
        f"`{parameter.name}`",
        parameter.unit.replace("_", " "),
        ", ".join(parameter.words) or f"{parameter.low:,} to {parameter.high:,}",
        f"{parameter.description}<br>{in_chinese(parameter.description)}",
        "; ".join(remarks),
    )


def _records() -> Iterator[str]:
    for record in SHIPPED:
        value = f"{record.value:,}" if isinstance(record.value, int) else record.value
        yield row(
            f"`{record.parameter}`", record.region, value, record.valid_from, f"`{record.mark}`",
            record.source,
        )  # fmt: skip
