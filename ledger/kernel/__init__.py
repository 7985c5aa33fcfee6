"""The words that every layer shares: money, dates, identifiers, text, canonical bytes, trees.

Pure Python, no input or output; the only clock is ``dates.SystemClock``, handed in from outside.
"""
