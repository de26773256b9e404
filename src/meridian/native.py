"""Whether compiled kernels may be used.

The only module that looks at ``MERIDIAN_PURE``: pure rooms read the constant, never the
environment. Each kernel is a Cython module with a pure twin of the same interface.
"""

import os

__all__ = ["KERNELS", "PURE"]

PURE = os.environ.get("MERIDIAN_PURE", "") not in ("", "0")

KERNELS = {
    "FIX codec": "meridian.fix._message",
    "FIX dictionary check": "meridian.fix._validator",
    "FIX encoder": "meridian.fix._encoder",
    "price ladder": "meridian.book._ladder",
}
"""Name a person knows -> compiled module."""
