"""Read models and queries: what the screens show, in fen, made from the log and never decided.

Nothing here posts or reads an identity. Every figure carries the position of the log that it
holds at.
"""
