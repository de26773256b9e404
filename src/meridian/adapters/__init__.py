"""The CCM plugins we ship: FIX.

May import: net, bus, store, ccm, fix, schema.
"""
