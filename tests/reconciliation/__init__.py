"""Statements booked and matched against a bank whose truth is known."""
