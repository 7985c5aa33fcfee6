"""``wageledger-verify``: is a bundle or a receipt what the log holds? Without the ledger, offline.

It runs where only Python and ``cryptography`` are, also as a single file
(``ledger.proof.verifying.single_file``). Its messages are its own, without a catalogue beside it.
"""
