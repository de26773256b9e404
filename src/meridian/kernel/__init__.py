"""The exchange kernel: desired intents and actual orders, kept reconciled.

May import: schema. No clock, dice or I/O: the shell in services journals, sends and keeps time.
"""
