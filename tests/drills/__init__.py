"""Drills: processes that are killed, many writers at once, connections that are cut."""
