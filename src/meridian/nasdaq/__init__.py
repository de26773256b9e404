"""Nasdaq protocols without I/O: ITCH 5.0.

May import: schema.
"""
