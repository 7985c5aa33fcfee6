"""How large a file of people may be. All of it is checked before a spreadsheet is parsed.

A sheet of 200,000 workers with thirty columns passes; what is beyond was made to do harm, or is
not a wage sheet.
"""

from typing import Final

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_ROWS: Final = 200_100
"""Rows of a sheet: the lines of the largest posting, and some for titles and totals."""

MAX_COLUMNS: Final = 256
MAX_CELLS: Final = 6_000_000
"""Rows by columns of the area that a sheet spans."""

MAX_EMPTY_CELLS: Final = 1_000_000
"""So much of the area may hold nothing; a single cell far out would make readers reserve it all."""

MAX_FIELD: Final = 2_000
"""Characters of one cell."""

MAX_PARTS: Final = 2_000
"""Files inside a workbook."""

MAX_UNPACKED_BYTES: Final = 400 * 1024 * 1024
"""Declared size of all parts of a workbook."""

MAX_RATIO: Final = 100
"""Unpacked bytes for a packed one, of a part above a megabyte. Wage sheets have 5 to 20."""

MAX_TEXT_BYTES: Final = 512 * 1024 * 1024
"""Longest shared text times the cells that refer to one: what a reader copies at most."""
