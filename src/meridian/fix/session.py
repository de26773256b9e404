"""One FIX session without I/O: bytes and time in, bytes and events out."""

from __future__ import annotations

from meridian.fix import msgtypes
from meridian.fix.config import SessionConfig
from meridian.fix.dialogue import Dialogue
from meridian.fix.encoder import Fields
from meridian.fix.events import Disconnected, SessionEvent
from meridian.fix.faults import Faults
from meridian.fix.message import Message
from meridian.fix.scanner import MESSAGE, MORE, REASONS, scan
from meridian.fix.speaker import LOGGING_ON, Speaker
from meridian.fix.states import State, Trigger
from meridian.fix.store import MessageStore
from meridian.fix.validation import Refusal
from meridian.schema.times import NS_PER_SECOND

__all__ = ["LOGON_TIMEOUT", "LOGOUT_TIMEOUT", "Session", "SessionConfig"]

LOGON_TIMEOUT = 10 * NS_PER_SECOND
"""How long a connection may be without a finished Logon, ns."""
LOGOUT_TIMEOUT = 2 * NS_PER_SECOND
"""How long to wait for the answer to our Logout, ns."""


class Session:
    """Both roles of a FIX session over any number of connections.

    The owner pushes what happens (``connected``, ``receive_data``, ``receive_eof``, ``poll``) and
    after each push drains ``events`` and writes ``data_to_send`` until it is empty. When
    ``close_expected`` is set it closes the connection after the last byte. No bytes of a peer
    make a method raise. Times are ns UTC.
    """

    def __init__(self, config: SessionConfig, store: MessageStore) -> None:
        self.config = config
        self._store = store
        self._speaker = Speaker(config, store)
        self._outbound = self._speaker.outbound
        self._dialogue = Dialogue(self._speaker, store)
        self._buffer = bytearray()
        self._handled = store.next_in
        self._now = 0

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._speaker.state

    @property
    def logged_on(self) -> bool:
        """Both sides have exchanged Logon and neither has logged out."""
        return self.state is State.ACTIVE

    @property
    def close_expected(self) -> bool:
        """The owner should write what is left, then close the connection."""
        return self.state is State.CLOSING

    @property
    def unsent(self) -> int:
        """Bytes that wait for ``data_to_send``."""
        faults = self.faults
        return self._outbound.unsent + (0 if faults is None else faults.unsent)

    @property
    def faults(self) -> Faults | None:
        """The deliberate misbehaviour of this session, None for none; may be set at any time."""
        return self._outbound.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._outbound.faults = faults

    # What happens to the connection

    def connected(self, now: int) -> None:
        """A connection stands; an initiator sends its Logon.

        Raises:
            RuntimeError: the session already has a connection.
        """
        if self.state is not State.DISCONNECTED:
            raise RuntimeError(f"session is {self.state.value}, expected disconnected")
        self._now = now
        self._dialogue.open(now)

    def receive_data(self, data: bytes, now: int) -> None:
        """Bytes came from the peer, in any pieces."""
        self._now = now
        if self.state is State.DISCONNECTED:
            return
        buffer = self._buffer
        buffer += data
        faults = self.faults
        at = 0
        while not self.close_expected:
            verdict, end, index = scan(buffer, at)
            if verdict == MORE:
                break
            if verdict == MESSAGE:
                message = Message(bytes(buffer[at:end]), index)
                if faults is None:
                    self._dialogue.message(message, now)
                else:
                    self._arrive(faults, faults.received(message, now), now)
            elif faults is None or not faults.silent(now):
                self._dialogue.garbled(REASONS[verdict])
            at = end
        del buffer[: len(buffer) if self.close_expected else at]

    def receive_eof(self, now: int, reason: str = "") -> None:
        """The connection is gone, whoever ended it; ``reason`` where the owner knows better."""
        self._now = now
        if self.state is State.DISCONNECTED:
            return
        self._speaker.move(Trigger.LOST)
        self._buffer.clear()
        self._dialogue.inbound.drop_connection()
        self._outbound.drop_connection()
        reason = reason or self._speaker.reason or "the peer closed the connection"
        self._dialogue.events.append(Disconnected(reason))

    def poll(self, now: int) -> None:
        """Let time pass; call it at ``next_deadline`` or whenever convenient."""
        self._now = now
        faults = self.faults
        if faults is not None and self.state is not State.DISCONNECTED:
            if faults.silent(now):
                return
            self._arrive(faults, faults.due_in(now), now)
        speaker = self._speaker
        if self.state in LOGGING_ON and now >= speaker.since + LOGON_TIMEOUT:
            speaker.close(f"no Logon within {LOGON_TIMEOUT // NS_PER_SECOND} s")
        elif self.state is State.LOGOUT_SENT and now >= speaker.since + LOGOUT_TIMEOUT:
            speaker.close(f"{speaker.reason}; the peer did not answer the Logout")
        elif self.state is State.ACTIVE:
            self._dialogue.poll(now)

    def next_deadline(self) -> int | None:
        """When ``poll`` next has something to do, ns UTC; None when never."""
        faults = self.faults
        if faults is None:
            return self._own_deadline()
        if faults.silent(self._now):
            return faults.next_deadline()
        both = (self._own_deadline(), faults.next_deadline())
        return min((due for due in both if due is not None), default=None)

    def _own_deadline(self) -> int | None:
        if self.state in LOGGING_ON:
            return self._speaker.since + LOGON_TIMEOUT
        if self.state is State.LOGOUT_SENT:
            return self._speaker.since + LOGOUT_TIMEOUT
        if self.state is not State.ACTIVE:
            return None
        heartbeat = self._dialogue.liveness.deadline(self._outbound.last_sent)
        gap = self._dialogue.inbound.deadline()
        return min((due for due in (heartbeat, gap) if due is not None), default=None)

    def _arrive(self, faults: Faults, messages: list[Message], now: int) -> None:
        """Messages that came through the faults; the end of the connection, if they want it."""
        for message in messages:
            if not self.close_expected:
                self._dialogue.message(message, now)
        if faults.ending and self.state is not State.DISCONNECTED:
            self._speaker.close(faults.ending)

    # What the owner takes

    def events(self) -> list[SessionEvent]:
        """What happened since the last call, oldest first."""
        events = self._dialogue.events
        self._dialogue.events = []
        self._handled = self._dialogue.inbound.next
        return events

    def data_to_send(self) -> bytes:
        """Bytes to write now; call again after writing until it returns none.

        A long resend comes in batches, so that the owner can heed its write buffer. The store is
        flushed first: no number leaves that a crash could give away again.
        """
        data = self._outbound.drain(self._now)
        if self.faults is not None:
            self._arrive(self.faults, [], self._now)
        return data

    def commit(self) -> None:
        """The events drained so far are handled: their messages need not come again.

        Flushes the store, and with it what was sent in answer to them.
        """
        # A reset since the drain has taken the numbers back.
        handled = min(self._handled, self._dialogue.inbound.next)
        if self._store.next_in != handled:
            self._store.set_next_in(handled)
        self._store.flush()

    # What the application says

    def send(self, msg_type: str, fields: Fields, now: int) -> int:
        """Send an application message; returns its MsgSeqNum.

        While not logged on it is kept durably, and delivered by the resend after the next logon;
        else it is durable before its bytes come out of ``data_to_send``.

        Raises:
            ValueError, TypeError: an admin MsgType, or a field that cannot be encoded.
        """
        self._now = now
        if msg_type in msgtypes.ADMIN:
            raise ValueError(f"35={msg_type} belongs to the session")
        seq = self._outbound.send(msg_type, fields, now, emit=self.logged_on)
        if not self.logged_on:
            self._store.flush()
        return seq

    def send_raw(self, data: bytes, now: int) -> None:
        """Write bytes as they are: unnumbered, not kept, not checked; for tests of the peer.

        Raises:
            RuntimeError: there is no connection.
        """
        if self.state is State.DISCONNECTED:
            raise RuntimeError("cannot send raw bytes: session is disconnected")
        self._now = now
        self._outbound.send_raw(data, now)

    def reject(
        self, message: Message, reason_code: int, tag: int | None, text: str, now: int
    ) -> None:
        """Answer a message with a session Reject(3), naming SessionRejectReason and the tag."""
        self._now = now
        self._speaker.reject(message, Refusal(reason_code, tag), text, now)

    def logout(self, text: str, now: int) -> None:
        """Say goodbye and wait for the answer; ``text`` may be empty."""
        self._now = now
        self._speaker.begin_logout(text, now)
