"""The documents agree with the program and with each other."""
