"""How a venue is described: one vocabulary for file, HTTP, CLI and client.

May import: schema. No clock, dice or I/O.
"""
