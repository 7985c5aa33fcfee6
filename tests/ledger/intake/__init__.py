"""Files that people fill in."""
