"""Layouts of payout files that come with the program, one TOML file each."""
