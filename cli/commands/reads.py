"""The reads that stand without a noun (``cli.reading``), and ``events``, the log itself."""

import click

from cli.reading import READS, reading_command


def command(name: str) -> click.Command:
    """Make a read."""
    (read,) = (read for read in READS if not read.noun and read.verb == name)
    return reading_command(read)
