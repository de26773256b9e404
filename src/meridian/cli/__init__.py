"""The ``meridian`` command.

May import: every room below.
"""

from meridian.cli.app import main

__all__ = ["main"]
