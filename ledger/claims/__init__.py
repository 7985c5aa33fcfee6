"""The write side's state: what decisions read, kept in the posting's own transaction.

Everything here is a function of the log and is rebuilt from it (``ledger.claims.rebuild``).
"""
