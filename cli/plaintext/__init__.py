"""The journal for programs that we did not write: beancount, hledger and ledger.

Text in, text out; nothing here knows a ledger of ours or its storage.
"""
