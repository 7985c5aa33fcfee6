"""What proves the log."""
