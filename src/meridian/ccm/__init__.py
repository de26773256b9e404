"""The CCM SDK: ``CCMPlugin`` and the sidecar's pure core.

May import: book, fix, nasdaq, schema. No clock, dice or I/O.
"""
