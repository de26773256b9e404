"""How a sidecar is tuned."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SidecarSettings"]


@dataclass(frozen=True, slots=True)
class SidecarSettings:
    """Times in seconds, and how strictly fills are read."""

    start_timeout: float = 30.0
    """How long ``start`` tries before it raises."""
    connect_timeout: float = 10.0
    """One attempt at ``connect``, and the whole of ``disconnect``."""
    call_timeout: float = 10.0
    """Every other handler."""
    drain_timeout: float = 5.0
    """The cancels of ``stop("cancel_all")``, from sending to hearing that they took effect."""
    backoff_base: float = 1.0
    backoff_cap: float = 60.0
    strict: bool = False
    """Refuse fills without a trade id."""
