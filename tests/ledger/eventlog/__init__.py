"""What the log promises, on both databases."""
