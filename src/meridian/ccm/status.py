"""The session's status: one transition table."""

from __future__ import annotations

from enum import Enum, auto

from meridian.schema.words import SessionStatus

__all__ = ["TRANSITIONS", "LinkEvent", "StatusMachine"]


class LinkEvent(Enum):
    """What happened to the link between a plugin and its venue."""

    LOST = auto()
    """The link is down, or an attempt to bring it up failed."""
    UP = auto()
    """``connect`` returned; what happened meanwhile is not yet known."""
    RECONCILED = auto()
    """Every open order was asked about."""
    IMPAIRED = auto()
    """The link is up but takes no new orders: partial connectivity, or draining."""
    CLOSED = auto()
    """Stopped, or given up."""


_DISCONNECTED = SessionStatus.DISCONNECTED
_RECONNECTING = SessionStatus.RECONNECTING
_DEGRADED = SessionStatus.DEGRADED
_CONNECTED = SessionStatus.CONNECTED

TRANSITIONS: dict[tuple[SessionStatus, LinkEvent], SessionStatus] = {
    (_DISCONNECTED, LinkEvent.LOST): _RECONNECTING,
    (_DISCONNECTED, LinkEvent.UP): _DEGRADED,
    (_RECONNECTING, LinkEvent.UP): _DEGRADED,
    (_RECONNECTING, LinkEvent.CLOSED): _DISCONNECTED,
    (_DEGRADED, LinkEvent.LOST): _RECONNECTING,
    (_DEGRADED, LinkEvent.RECONCILED): _CONNECTED,
    (_DEGRADED, LinkEvent.CLOSED): _DISCONNECTED,
    (_CONNECTED, LinkEvent.LOST): _RECONNECTING,
    (_CONNECTED, LinkEvent.IMPAIRED): _DEGRADED,
    (_CONNECTED, LinkEvent.CLOSED): _DISCONNECTED,
}
"""CONNECTED is only ever reached through DEGRADED: nothing is sent before reconciliation."""


class StatusMachine:
    """Where a session stands. An event the table does not list changes nothing."""

    def __init__(self) -> None:
        self.status = SessionStatus.DISCONNECTED

    def after(self, event: LinkEvent) -> SessionStatus:
        """Where the event would lead."""
        return TRANSITIONS.get((self.status, event), self.status)

    def apply(self, event: LinkEvent) -> bool:
        """Take an event; True where the status changed."""
        before, self.status = self.status, self.after(event)
        return self.status is not before

    @property
    def takes_orders(self) -> bool:
        """Whether a new order or a modify may be given to the plugin."""
        return self.status is SessionStatus.CONNECTED

    @property
    def link_up(self) -> bool:
        """Whether a cancel or a query may be given to the plugin."""
        return self.status in (SessionStatus.CONNECTED, SessionStatus.DEGRADED)
