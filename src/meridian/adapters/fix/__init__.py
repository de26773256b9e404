"""FIX.4.4 order entry as a CCM plugin.

May import: net, store, ccm, fix, schema.
"""

from meridian.adapters.fix.plugin import FixPlugin, FixSettings

__all__ = ["FixPlugin", "FixSettings"]
