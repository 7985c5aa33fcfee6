"""Tests of ``ledger.kernel``."""
