"""``meridian demo``: an order travels from intent to fill and back, and the ledgers agree."""

from meridian.cli.demo.command import demo

__all__ = ["demo"]
