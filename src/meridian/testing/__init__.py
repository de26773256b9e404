"""What tests and demonstrations need: a TCP relay that can be cut.

May import: every room below.
"""

from meridian.testing.relay import Relay

__all__ = ["Relay"]
