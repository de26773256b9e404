"""The implementations that the shared tests hold against each other."""

from __future__ import annotations

from reference import ReferenceBook

from meridian.book import NATIVE, OrderBook, PureOrderBook

__all__ = ["makers"]


def makers():
    """Classes by name; "native" only where the native ladder is built."""
    native = {"native": OrderBook} if NATIVE else {}
    return {"reference": ReferenceBook, "pure": PureOrderBook, **native}
