"""Which session does a new connection belong to? Decided by its first message."""

from __future__ import annotations

from meridian.fix import msgtypes
from meridian.fix.config import LOGON_TIMEOUT
from meridian.fix.directory import SessionDirectory
from meridian.fix.logon import logon_refusal
from meridian.fix.message import Message, decode
from meridian.fix.session import Session
from meridian.fix.states import State
from meridian.fix.tags import BeginString, SenderCompID, TargetCompID
from meridian.fix.verdicts import MORE, REASONS
from meridian.schema.errors import ConfigError, StoreError
from meridian.schema.times import NS_PER_SECOND

__all__ = ["Admission"]


class Admission:
    """One connection that has not yet said who it is.

    ``session`` and ``key`` are set once a Logon of a known, free peer has come: the session has
    then been told of the connection and given all its bytes. ``refusal`` is set when the
    connection must be closed without a word; it is for the log, not for the peer.
    """

    def __init__(self, sessions: SessionDirectory, now: int) -> None:
        self._sessions = sessions
        self._deadline = now + LOGON_TIMEOUT
        self._buffer = bytearray()
        self.session: Session | None = None
        self.key = ""
        self.refusal = ""

    def receive_data(self, data: bytes, now: int) -> None:
        """Bytes of the connection, in any pieces; to be fed until it is decided."""
        self._buffer += data
        verdict, _, message = decode(self._buffer, 0)
        if verdict == MORE:
            return
        if message is None:
            self.refusal = f"garbled before Logon: {REASONS[verdict]}"
            return
        self._decide(message, now)

    def receive_eof(self, now: int) -> None:
        """The connection went away undecided, as a readiness probe's does."""
        del now
        self.refusal = "closed by the peer before Logon"

    def poll(self, now: int) -> None:
        """Let time pass."""
        if self.session is None and now >= self._deadline:
            self.refusal = f"no Logon within {LOGON_TIMEOUT // NS_PER_SECOND} s"

    def next_deadline(self) -> int:
        """When patience ends, ns UTC."""
        return self._deadline

    def _decide(self, message: Message, now: int) -> None:
        if message.msg_type != msgtypes.Logon:
            self.refusal = f"first message is not a Logon but 35={message.msg_type}"
            return
        try:
            found = self._sessions.find(message, now)
        except (ConfigError, StoreError) as error:
            self.refusal = f"Logon: no session can be made: {error}"
            return
        if found is None:
            ids = [message.get(tag, "") for tag in (BeginString, SenderCompID, TargetCompID)]
            self.refusal = f"Logon: no session for {ids[0]!r} from {ids[1]!r} to {ids[2]!r}"
            return
        key, session = found
        self.refusal = logon_refusal(session.config, message, now) or ""
        # 1S b: a second connection of the same identity: the first one keeps the session.
        if not self.refusal and session.state is not State.DISCONNECTED:
            self.refusal = f"Logon: {key} is already connected"
        if self.refusal:
            return
        self.session, self.key = session, key
        session.connected(now)
        session.receive_data(bytes(self._buffer), now)
        self._buffer.clear()
