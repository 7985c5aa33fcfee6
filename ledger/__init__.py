"""The write side of wageledger: from a posting to one recorded event.

Layers, upper ones import lower ones only: ``service`` (the one choke point), beside each other
``eventlog``, ``claims`` and ``vault`` (storage), ``domain`` (rules, pure), ``kernel`` (words that
every layer uses: money in integer fen, dates of Asia/Shanghai, identifiers).
"""
