"""The log: canonical bytes in order, their lines, and what proves them unchanged.

Nothing here decides anything: the service hands over finished bytes, and this package
gives them a position without gaps, keeps them, copies them fast and verifies them.
"""
