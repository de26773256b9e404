"""TCP endpoints (asyncio) for the protocols of the pure rooms.

May import: fix, nasdaq, venue, ccm, kernel, management, schema.
Entry points: ``FixInitiator``, ``FixAcceptor``.
"""

from meridian.net.fix_acceptor import FixAcceptor
from meridian.net.fix_initiator import FixInitiator

__all__ = ["FixAcceptor", "FixInitiator"]
