"""The identity vault: what it keeps, whom it answers, and what it never shows."""
