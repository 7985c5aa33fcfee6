"""The verifiable log's formats: hash trees, signed notes, checkpoints, tiles, proofs.

Standard library and ``cryptography`` only, and nothing of the ledger but ``ledger.kernel``: what
proves the log must run where the ledger does not, on the machine of somebody who trusts neither.

Sources: RFC 6962; C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof.
"""
