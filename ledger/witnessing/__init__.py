"""Witnesses: programs beside the ledger that remember how long its log was, and sign that.

A witness signs a checkpoint only after a proof that it continues the one it signed before, and
keeps what it signs before anybody sees the signature. So a log that shows two people two
histories finds no witness that signs both. Nothing here knows a database, a posting or a person.

Sources: C2SP tlog-cosignature, tlog-witness.
"""
