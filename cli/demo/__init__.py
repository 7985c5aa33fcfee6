"""The invented city of ``wageledger demo``: who lives there, what happens, how it is shown.

``identities`` invents numbers whose check digits are right, ``city`` the parties, sites and
workers, ``story`` keeps the postings in the order of their dates, ``payday`` tells the ordinary
months, ``arrears`` the one case, ``mistakes`` what the ledger is expected to refuse, and
``showing`` posts it all and prints the figures. Amounts are in fen.
"""
