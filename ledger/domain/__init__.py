"""The rules of the ledger: from a posting and the past to one event, or a refusal with its code.

Pure Python. No module here reads a clock, a file or a database: what a decision needs to know
comes in as facts, and what it decides goes out as a value. ``policy`` holds the dated values
that regions set, ``kinds`` the postings with their deciders, ``journal`` the balanced lines.
"""
