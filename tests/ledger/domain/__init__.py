"""Tests of ``ledger.domain``."""
