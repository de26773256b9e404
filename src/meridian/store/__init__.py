"""Durable stores over SQLAlchemy Core: SQLite by default.

May import: fix, venue, ccm, kernel, schema.
"""
