"""Composition roots: where clocks, dice, loops, sockets and stores are wired together.

May import: every room below.
"""
