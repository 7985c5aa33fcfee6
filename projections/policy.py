"""Policy records published in this ledger: a value for a region and a time, with its source.

Those that come with the product are in ``ledger.domain.policy``; a published one beats them.
"""

from typing import Final

from projections.base import Projection, ReadTable, Statement

policy_record: Final = ReadTable(
    name="policy_record",
    columns=(
        "tenant text", "parameter text", "region text", "position int", "on_date text",
        "value text", "valid_from text", "valid_to text null", "source text",
    ),
    key=("tenant", "parameter", "region", "position"),
)  # fmt: skip
"""Published records; ``value`` is JSON, for it is a whole number or a word."""

POLICY: Final = Projection(
    name="policy",
    version=1,
    tables=(policy_record,),
    statements=(
        Statement(
            """
            INSERT INTO {policy_record} (tenant, parameter, region, position, on_date, value,
                valid_from, valid_to, source)
            SELECT e.tenant, @text(e, fields.parameter), @text(e, fields.region), e.position,
                e.on_date, @json(e, fields.value), @text(e, fields.valid_from),
                @text(e, fields.valid_to), @text(e, fields.source)
            FROM @events(PolicyPublished) AS e
            """
        ),
    ),
)
