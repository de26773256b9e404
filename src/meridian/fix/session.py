"""One FIX session without I/O: bytes and time in, bytes and events out."""

from __future__ import annotations

from meridian.fix import msgtypes, reasons
from meridian.fix.config import SessionConfig
from meridian.fix.data_fields import beyond_published
from meridian.fix.dialogue import Dialogue
from meridian.fix.encoder import Fields
from meridian.fix.events import Disconnected, SessionEvent
from meridian.fix.faults import Faults
from meridian.fix.inbound import Inbound
from meridian.fix.message import Message, decode
from meridian.fix.outbound import Outbound
from meridian.fix.speaker import Speaker
from meridian.fix.states import LOGGING_ON, State, Trigger
from meridian.fix.store import MessageStore
from meridian.fix.validation import Refusal
from meridian.fix.verdicts import MORE, REASONS
from meridian.schema.times import NS_PER_SECOND

__all__ = ["Session", "SessionConfig"]

_ACTIVE = State.ACTIVE


class Session:
    """Both roles of a FIX session over any number of connections.

    The owner pushes what happens (``connected``, ``receive_data``, ``receive_eof``, ``poll``) and
    after each push drains ``events`` and writes ``data_to_send`` until it is empty. When
    ``close_expected`` is set it closes the connection after the last byte. No bytes of a peer
    make a method raise; only a store that cannot keep the numbers does (``StoreError``), and the
    owner then drops the connection: what waits in ``data_to_send`` has not left and will not.
    Times are ns UTC. Not for several threads at a time.
    """

    def __init__(self, config: SessionConfig, store: MessageStore) -> None:
        self.config = config
        self._store = store
        inbound = Inbound(store.next_in)
        self._outbound = Outbound(config, store, inbound)
        self._speaker = Speaker(config, self._outbound)
        self._dialogue = Dialogue(self._speaker, inbound, store)
        self._data_fields = beyond_published(config.data_fields)
        self._buffer = bytearray()
        self._period_end = 0
        self._now = 0

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._speaker.state

    @property
    def logged_on(self) -> bool:
        """Both sides have exchanged Logon and neither has logged out."""
        return self._speaker.state is _ACTIVE

    @property
    def close_expected(self) -> bool:
        """The owner should write what is left, then close the connection."""
        return self._speaker.state is State.CLOSING

    @property
    def unsent(self) -> int:
        """Bytes that wait for ``data_to_send``."""
        faults = self.faults
        return self._outbound.unsent + (0 if faults is None else faults.unsent)

    @property
    def next_numbers(self) -> tuple[int, int]:
        """MsgSeqNum we send next, and the one expected from the peer."""
        return self._outbound.next, self._dialogue.inbound.next

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
        self._keep_period(now)
        self._dialogue.open(now)

    def receive_data(self, data: bytes, now: int) -> None:
        """Bytes came from the peer, in any pieces."""
        self._now = now
        speaker = self._speaker
        if speaker.state is State.DISCONNECTED:
            return
        dialogue = self._dialogue
        faults = self.faults
        # Most reads hold whole messages only: those are not copied to be found.
        kept = self._buffer
        source: bytes | bytearray = data
        if kept:
            kept += data
            source = kept
        at = 0
        while speaker.state is not State.CLOSING:
            verdict, end, message = decode(source, at, self._data_fields)
            if verdict == MORE:
                break
            if message is not None:
                if faults is None:
                    dialogue.message(message, now)
                else:
                    self._arrive(faults, faults.received(message, now), now)
            elif faults is None or not faults.silent(now):
                dialogue.garbled(REASONS[verdict])
            at = end
        if speaker.state is State.CLOSING:
            kept.clear()
        elif source is kept:
            del kept[:at]
        else:
            kept += data[at:]

    def receive_eof(self, now: int, reason: str = "") -> None:
        """The connection is gone, whoever ended it; ``reason`` where the owner knows better."""
        self._now = now
        if self.state is State.DISCONNECTED:
            return
        self._speaker.move(Trigger.LOST)
        self._buffer.clear()
        self._outbound.drop_connection()
        reason = reason or self._speaker.reason or "the peer closed the connection"
        self._dialogue.events.append(Disconnected(reason))
        self._dialogue.close(now)

    def poll(self, now: int) -> None:
        """Let time pass; call it at ``next_deadline`` or whenever convenient."""
        self._now = now
        # A clock that was set back must not stop the heartbeats until it has caught up.
        self._speaker.not_after(now)
        self._dialogue.not_after(now)
        faults = self.faults
        if faults is not None and self.state is not State.DISCONNECTED:
            if faults.silent(now):
                return
            self._arrive(faults, faults.due_in(now), now)
        speaker = self._speaker
        config = self.config
        if self.state is State.DISCONNECTED:
            self._keep_period(now)
        elif self.state in LOGGING_ON and now >= speaker.since + config.logon_timeout:
            speaker.close(f"no Logon within {config.logon_timeout // NS_PER_SECOND} s")
        elif self.state is State.LOGOUT_SENT and now >= speaker.since + config.logout_timeout:
            speaker.close(f"{speaker.reason}; the peer did not answer the Logout")
        elif self.state is State.ACTIVE:
            resetting = self._dialogue.handshake.reset_asked
            if resetting and now >= speaker.since + config.logon_timeout:
                speaker.end("no answer to ResetSeqNumFlag(141)", now)
            elif config.schedule is not None and now >= self._period_end:
                speaker.begin_logout("end of session", now)
            else:
                self._dialogue.poll(now)

    def next_deadline(self) -> int | None:
        """When ``poll`` next has something to do, ns UTC; None when never."""
        faults = self.faults
        if faults is None:
            return self._own_deadline()
        if faults.silent(self._now):
            return faults.next_deadline()
        return _earliest(self._own_deadline(), faults.next_deadline())

    def _own_deadline(self) -> int | None:
        if self.state in LOGGING_ON:
            return self._speaker.since + self.config.logon_timeout
        if self.state is State.LOGOUT_SENT:
            return self._speaker.since + self.config.logout_timeout
        if self.state is not State.ACTIVE:
            return None
        heartbeat = self._dialogue.liveness.deadline(self._outbound.last_sent)
        end = None if self.config.schedule is None else self._period_end
        answer = None
        if self._dialogue.handshake.reset_asked:
            answer = self._speaker.since + self.config.logon_timeout
        return _earliest(heartbeat, self._dialogue.inbound.deadline(), end, answer)

    def _keep_period(self, now: int) -> None:
        """Start the numbers over where they belong to an earlier period of the schedule."""
        schedule = self.config.schedule
        if schedule is None or now < self._period_end:
            return
        period = schedule.period(now)
        self._period_end = period[1]
        # Never back: a clock that was set back has not made the numbers older.
        if schedule.period(self._store.created)[0] < period[0]:
            self._dialogue.reset(now)

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
        return self._dialogue.take_events()

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
        handled = self._dialogue.handled
        if self._store.next_in != handled:
            self._store.set_next_in(handled)
        self._store.flush()

    # What the application says

    def send(self, msg_type: str, fields: Fields | bytes, now: int, header: Fields = ()) -> int:
        """Send an application message; returns its MsgSeqNum.

        ``fields`` is the body, also as bytes that are already encoded; ``header`` adds routing
        fields, PossResend(97) or ApplVerID(1128). While not logged on it is kept durably, and
        delivered by the resend after the next logon, unless that starts the numbers over
        (``reset_on_logon``, ResetSeqNumFlag); else it is durable before its bytes come out of
        ``data_to_send``.

        Raises:
            ValueError, TypeError: an admin MsgType, or a field that cannot be encoded.
            StoreError: not logged on, and it cannot be made durable: it is delivered only if a
                later flush succeeds in this process.
        """
        self._now = now
        if msg_type in msgtypes.ADMIN:
            raise ValueError(f"35={msg_type} belongs to the session")
        emit = self._speaker.state is _ACTIVE
        if emit:
            return self._outbound.send(msg_type, fields, now, emit=True, header=header)
        if self._speaker.state is State.DISCONNECTED:
            self._keep_period(now)
        seq = self._outbound.send(msg_type, fields, now, emit=False, header=header)
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

    def business_reject(
        self, message: Message, reason_code: int, text: str, now: int, more: Fields = ()
    ) -> None:
        """Answer a message with BusinessMessageReject(j), or Reject(3) before FIX.4.2.

        ``reason_code`` is a BusinessRejectReason(380) of ``meridian.fix.reasons``; ``more`` may
        hold BusinessRejectRefID(379).
        """
        self._now = now
        self._speaker.business_reject(message, reason_code, text, now, more)

    def unsupported(self, message: Message, now: int, more: Fields = ()) -> None:
        """Answer a message of a type that the application does not handle, as above."""
        text = self.config.profile.unsupported
        self.business_reject(message, reasons.UNSUPPORTED_MESSAGE_TYPE, text, now, more)

    def logout(self, text: str, now: int) -> None:
        """Say goodbye and wait for the answer; ``text`` may be empty."""
        self._now = now
        self._speaker.begin_logout(text, now)

    # Sequence numbers by hand

    def reset(self, now: int) -> None:
        """Start both directions from 1.

        Logged on, by a Logon with ResetSeqNumFlag(141) that the peer answers with its own;
        disconnected, at once, and an initiator's next Logon says so.

        Raises:
            RuntimeError: while logging on or out, or in FIX.4.0, which has no such flag.
        """
        self._now = now
        if self.state is State.DISCONNECTED:
            self._dialogue.reset(now)
            self._dialogue.handshake.reset_due = True
        elif self.state is State.ACTIVE and self.config.profile.reset_flag:
            self._dialogue.handshake.ask_reset(now)
        else:
            version = self.config.begin_string
            raise RuntimeError(f"cannot reset a {version} session that is {self.state.value}")

    def reset_sequence(self, new_seq: int, now: int) -> None:
        """SequenceReset-Reset: our next message will be ``new_seq``, what is between is lost.

        Raises:
            RuntimeError: not logged on.
            ValueError: ``new_seq`` is not above the number this message takes.
        """
        if self.state is not State.ACTIVE:
            raise RuntimeError(f"cannot reset a session that is {self.state.value}")
        if new_seq <= self._outbound.next:
            raise ValueError(f"expected a number above {self._outbound.next}, got {new_seq}")
        self._now = now
        self._speaker.sequence_reset(new_seq, now)

    def set_numbers(self, *, next_out: int | None = None, next_in: int | None = None) -> None:
        """What an operator has agreed on with the peer, durable when it returns.

        Raises:
            RuntimeError: the session has a connection.
            ValueError: ``next_out`` goes back, or ``next_in`` is below 1.
        """
        if self.state is not State.DISCONNECTED:
            raise RuntimeError(f"cannot set the numbers of a session that is {self.state.value}")
        if next_in is not None and next_in < 1:
            raise ValueError(f"expected next_in of 1 or more, got {next_in}")
        if next_out is not None:
            self._outbound.skip_to(next_out)
        if next_in is not None:
            self._dialogue.expect(next_in)
            self._store.set_next_in(next_in)
        self._store.flush()


def _earliest(*deadlines: int | None) -> int | None:
    return min((due for due in deadlines if due is not None), default=None)
