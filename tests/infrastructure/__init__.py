"""What is true of the tests' own PostgreSQL server: a green run rests on it."""
