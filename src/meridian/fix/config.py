"""How one session is set up."""

from __future__ import annotations

from dataclasses import dataclass, field

from meridian.schema.times import NS_PER_SECOND

__all__ = ["SessionConfig"]


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Who we are, who the peer is, and how the session behaves.

    ``heart_bt_int`` is in seconds, 0 for none; an acceptor takes the initiator's. ``username``
    and ``password``: an initiator sends them, an acceptor demands them. ``reset_on_logon``: both
    sequence numbers start from 1 with every logon. ``gap_fill_types``: MsgTypes that are
    gap-filled instead of resent, and so not kept: a stale order is never replayed.
    ``max_latency``: ns that a peer's SendingTime may be off.
    """

    sender_comp_id: str
    target_comp_id: str
    initiator: bool
    begin_string: str = "FIX.4.4"
    heart_bt_int: int = 30
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    reset_on_logon: bool = False
    gap_fill_types: frozenset[str] = frozenset()
    max_latency: int = 120 * NS_PER_SECOND
