"""Meridian: an emulated venue, an adapter SDK and an order kernel.

Importing it loads nothing else; the names below are fetched when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meridian.ccm import CCMPlugin

__all__ = ["CCMPlugin"]

_HOMES = {"CCMPlugin": "meridian.ccm"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
