"""Tests of bank files: statements, payout files, answers, and everything that is no bank file."""
