"""What leaves the ledger as evidence: bundles for inspectors and courts, receipts for workers."""
