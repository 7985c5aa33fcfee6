"""What proves the log to others: its tree, its signed checkpoints, its keys, its proofs."""

from ledger.evidence.keys import KeyFile, default_log_keys
from ledger.evidence.log import Evidence
from ledger.evidence.signing import Signer
from ledger.evidence.verifying import Held, verify_log

__all__ = ["Evidence", "Held", "KeyFile", "Signer", "default_log_keys", "verify_log"]
