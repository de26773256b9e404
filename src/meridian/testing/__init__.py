"""What tests and demonstrations need: a venue in this process, a TCP relay that can be cut.

May import: every room below. The names below are fetched when first used: pytest imports this room
in every project that has Meridian installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meridian.testing.local import LocalSimulator, small_venue
    from meridian.testing.relay import Relay

__all__ = ["LocalSimulator", "Relay", "small_venue"]

_HOMES = {
    "LocalSimulator": "meridian.testing.local",
    "Relay": "meridian.testing.relay",
    "small_venue": "meridian.testing.local",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
