"""Read models and their queries, on both databases."""
