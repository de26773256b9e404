"""The states of a session's connection and the one table of its transitions."""

from __future__ import annotations

from enum import Enum

__all__ = ["CONNECTED", "LOGGING_ON", "TRANSITIONS", "State", "Trigger"]


class State(Enum):
    """Where the connection of a session stands; the sequence numbers live beside it."""

    DISCONNECTED = "disconnected"
    AWAITING_LOGON = "awaiting logon"
    LOGON_SENT = "logon sent"
    ACTIVE = "active"
    LOGOUT_SENT = "logout sent"
    CLOSING = "closing"


class Trigger(Enum):
    """What moves a connection from state to state."""

    ACCEPTED = "a connection came in"
    INITIATED = "a connection went out"
    LOGON = "both sides have exchanged Logon"
    LOGOUT = "this side sent Logout and waits for the answer"
    CLOSE = "this side wants the connection closed"
    LOST = "the connection is gone"


TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (State.DISCONNECTED, Trigger.ACCEPTED): State.AWAITING_LOGON,
    (State.DISCONNECTED, Trigger.INITIATED): State.LOGON_SENT,
    (State.AWAITING_LOGON, Trigger.LOGON): State.ACTIVE,
    (State.AWAITING_LOGON, Trigger.CLOSE): State.CLOSING,
    (State.AWAITING_LOGON, Trigger.LOST): State.DISCONNECTED,
    (State.LOGON_SENT, Trigger.LOGON): State.ACTIVE,
    (State.LOGON_SENT, Trigger.CLOSE): State.CLOSING,
    (State.LOGON_SENT, Trigger.LOST): State.DISCONNECTED,
    (State.ACTIVE, Trigger.LOGOUT): State.LOGOUT_SENT,
    (State.ACTIVE, Trigger.CLOSE): State.CLOSING,
    (State.ACTIVE, Trigger.LOST): State.DISCONNECTED,
    (State.LOGOUT_SENT, Trigger.CLOSE): State.CLOSING,
    (State.LOGOUT_SENT, Trigger.LOST): State.DISCONNECTED,
    (State.CLOSING, Trigger.CLOSE): State.CLOSING,
    (State.CLOSING, Trigger.LOST): State.DISCONNECTED,
}
"""(state, trigger) -> next state; a pair that is missing is a programming error."""

LOGGING_ON = frozenset({State.AWAITING_LOGON, State.LOGON_SENT})
"""A connection whose Logons are not both exchanged."""
CONNECTED = frozenset({State.ACTIVE, State.LOGOUT_SENT})
"""Logged on: the peer's messages are heard."""
