"""Witnesses of the log, and the log asking them."""
