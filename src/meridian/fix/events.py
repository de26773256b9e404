"""What a session tells its application."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.fix.message import Message
from meridian.fix.tags import PossResend

__all__ = [
    "Disconnected",
    "Garbled",
    "LoggedOn",
    "LoggedOut",
    "MessageReceived",
    "SessionEvent",
    "SessionRejected",
    "Synchronised",
]


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """Both sides have exchanged Logon."""


@dataclass(frozen=True, slots=True)
class Synchronised:
    """No inbound gap is open any more: after a logon, and after a resend has finished."""


@dataclass(slots=True)
class MessageReceived:
    """An application message, in sequence, once.

    Not frozen as the other events are: there is one for every message, and freezing it triples
    what making it costs.
    """

    message: Message

    @property
    def poss_resend(self) -> bool:
        """PossResend(97): the application may have seen it under another MsgSeqNum."""
        return self.message.data(PossResend) == b"Y"


@dataclass(frozen=True, slots=True)
class SessionRejected:
    """The peer answered one of our messages with a session Reject(3)."""

    message: Message


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The peer sent Logout; ``text`` is its Text(58) or empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone; ``reason`` says who ended it and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Garbled:
    """Bytes that are no message were discarded; the session goes on.

    Told once for all that comes before the next message; ``reason`` is that of the first.
    """

    reason: str


SessionEvent = (
    LoggedOn | Synchronised | MessageReceived | SessionRejected | LoggedOut | Disconnected | Garbled
)
