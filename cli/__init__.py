"""The command line: parse, call, print. It holds no rule of the ledger and no SQL.

Figures go to stdout, words for people to stderr. ``cli.app`` is the composition root: the only
place where the parts of the product are put together.
"""
