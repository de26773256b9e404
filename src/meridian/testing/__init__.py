"""What tests and demonstrations need: a TCP relay that can be cut.

May import: every room below.
"""
