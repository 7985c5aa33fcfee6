"""The one door to the log, on both databases."""
