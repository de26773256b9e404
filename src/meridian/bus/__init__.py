"""Message buses: in-process.

May import: ccm, schema.
"""
