"""What proves the log to others."""
