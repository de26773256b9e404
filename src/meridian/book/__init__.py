"""Limit order books: price-time matching on integers.

May import: schema. Prices are integer ticks, quantities integer lots; no clock, dice or I/O.
"""
