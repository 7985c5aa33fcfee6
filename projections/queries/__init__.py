"""Questions to the read models, each answered as plain values with the keys of the command line.

A query takes a view, a date and, where it makes sense, a position: what was known by then. It
returns dictionaries whose keys are never translated and whose amounts are integer fen.
"""
