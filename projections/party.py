"""The register of parties: their names over time, and what authorities published of them.

Legal source: order 45 (dishonest list), order 29 (publication of major violations), and the
yearly grades of 劳动保障守法诚信.
"""

from typing import Final

from projections.base import Projection, ReadTable, Statement

party_name: Final = ReadTable(
    name="party_name",
    columns=("tenant text", "party text", "on_date text", "position int", "name text"),
    key=("tenant", "party", "on_date", "position"),
)
"""Names of a party: from its registration, and from each renaming on."""

party_mark: Final = ReadTable(
    name="party_mark",
    columns=(
        "tenant text", "party text", "position int", "on_date text", "mark text",
        "case_id text null", "until_on text null", "year int null", "detail text null",
    ),
    key=("tenant", "party", "position"),
)  # fmt: skip
"""Listings, removals, publications and grades; ``detail`` is the reason, number or grade."""

PARTY: Final = Projection(
    name="party",
    version=1,
    tables=(party_name, party_mark),
    statements=(
        Statement(
            """
            INSERT INTO {party_name} (tenant, party, on_date, position, name)
            SELECT e.tenant, @text(e, fields.party), e.on_date, e.position, @text(e, fields.name)
            FROM @events(PartyRegistered, PartyRenamed) AS e
            """
        ),
        Statement(
            """
            INSERT INTO {party_mark} (tenant, party, position, on_date, mark, case_id, until_on,
                year, detail)
            SELECT e.tenant, @text(e, fields.party), e.position, e.on_date,
                CASE e.kind WHEN 'DishonestListed' THEN 'listed'
                    WHEN 'DishonestRemoved' THEN 'removed'
                    WHEN 'MajorViolationPublished' THEN 'published' ELSE 'graded' END,
                @text(e, fields.case), @text(e, fields.until_on), @int(e, fields.year),
                coalesce(@text(e, fields.grade), @text(e, fields.number), @text(e, fields.reason))
            FROM @events(DishonestListed, DishonestRemoved, MajorViolationPublished,
                CreditGradeSet) AS e
            """
        ),
    ),
)
