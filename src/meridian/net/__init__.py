"""TCP endpoints (asyncio) for the protocols of the pure rooms.

May import: fix, nasdaq, venue, ccm, kernel, management, schema.
"""
