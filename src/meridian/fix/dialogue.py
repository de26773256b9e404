"""What each message of the peer means for the session: sequence numbers, answers, events."""

from __future__ import annotations

from meridian.fix import msgtypes, reasons
from meridian.fix.events import (
    Garbled,
    LoggedOut,
    MessageReceived,
    SessionEvent,
    SessionRejected,
    Synchronised,
)
from meridian.fix.handshake import Handshake, too_low
from meridian.fix.inbound import MAX_RESEND_REQUESTS, Inbound
from meridian.fix.liveness import Liveness, Sign
from meridian.fix.logon import is_numbered, sending_time_off
from meridian.fix.message import Message
from meridian.fix.speaker import Speaker
from meridian.fix.states import CONNECTED, LOGGING_ON, State
from meridian.fix.store import MessageStore
from meridian.fix.tags import (
    ApplVerID,
    BeginSeqNo,
    BeginString,
    DeliverToCompID,
    EndSeqNo,
    GapFillFlag,
    NewSeqNo,
    OnBehalfOfCompID,
    OrigSendingTime,
    ResetSeqNumFlag,
    SenderCompID,
    SendingTime,
    TargetCompID,
    TestReqID,
    Text,
)
from meridian.fix.validation import MessageCheck, Refusal, refusal_of

__all__ = ["Dialogue"]

_ACTIVE = State.ACTIVE
_ADMIN = msgtypes.ADMIN
_ALL = 0
_OLD_INFINITY = 999_999
"""EndSeqNo for all there is: 0, and up to FIX.4.2 also this."""


class Dialogue:
    """Handles the peer's messages one by one; collects ``events``, speaks through ``speaker``.

    ``handled`` is the MsgSeqNum up to which the owner has taken the events, exclusive.
    """

    def __init__(self, speaker: Speaker, inbound: Inbound, store: MessageStore) -> None:
        self.config = speaker.config
        self.speaker = speaker
        self.inbound = inbound
        self.liveness = Liveness(0, 0)
        self.events: list[SessionEvent] = []
        self.handled = inbound.next
        self.appl_ver_id = ""
        self.handshake = Handshake(self)
        self._store = store
        self._validator: MessageCheck | None = self.config.validator
        self._begin = f"8={self.config.begin_string}\x01".encode("ascii")
        self._sender = self.config.target_comp_id.encode("latin-1")
        self._target = self.config.sender_comp_id.encode("latin-1")
        self._timely: tuple[bytes | None, int] = (None, 0)
        parties = (self.config.on_behalf_of, self.config.deliver_to)
        self._is_special = bool(self.config.appl_validators) or parties != (None, None)
        self._in_garbage = False
        self._logged_out = False

    def open(self, now: int) -> None:
        """A connection stands."""
        self._in_garbage = False
        self._logged_out = False
        self.handshake.open(now)

    def close(self, now: int) -> None:
        """The connection is gone."""
        self.inbound.drop_connection()
        if self.handshake.reset_asked:
            # Nobody knows whether the peer has heard of it: an initiator says it again.
            self.handshake.reset_asked = False
            self.handshake.reset_due = True
            self.expect(self._store.next_in)
        if self.config.reset_on_disconnect or (self.config.reset_on_logout and self._logged_out):
            self.reset(now)

    def take_events(self) -> list[SessionEvent]:
        """What happened since the last call, oldest first; it counts as handled from now on."""
        events = self.events
        self.events = []
        # While a reset is being agreed on, the store counts by the new numbers already.
        if not self.handshake.reset_asked:
            self.handled = self.inbound.next
        return events

    def expect(self, next_in: int) -> None:
        """Take ``next_in`` as the peer's next number."""
        self.inbound.next = next_in
        self.handled = next_in

    def begin(self, appl_ver_id: str, liveness: Liveness) -> None:
        """Both Logons are exchanged; ``appl_ver_id`` is the peer's default."""
        self.appl_ver_id = appl_ver_id
        self._validator = self.config.validator_of(appl_ver_id)
        self.liveness = liveness

    def not_after(self, now: int) -> None:
        """The clock shows ``now``: nothing was heard or asked later than that."""
        self.liveness.not_after(now)
        self.inbound.not_after(now)

    def garbled(self, reason: str) -> None:
        """Bytes that are no message; a run of them is told once, so that it cannot flood a log."""
        if not self._in_garbage:
            self.events.append(Garbled(reason))
        self._in_garbage = True
        # F4: garbled bytes are ignored on a live session and end one that is not logged on.
        if self.speaker.state in LOGGING_ON:
            self.speaker.close(f"garbled before Logon: {reason}")

    def message(self, message: Message, now: int) -> None:
        """A well-framed message, fit or not."""
        self._in_garbage = False
        self.liveness.heard(now)
        state = self.speaker.state
        if state is _ACTIVE and self._is_plain(message, now):
            inbound = self.inbound
            inbound.next += 1
            inbound.requests = 0
            self.events.append(MessageReceived(message))
        elif state is State.AWAITING_LOGON:
            self.handshake.on_request(message, now)
        elif state is State.LOGON_SENT:
            self.handshake.on_answer(message, now)
        elif self._passes(message, now):
            self._dispatch(message, now)

    def poll(self, now: int) -> None:
        """Timers of a live session: heartbeats, and a gap the peer does not fill."""
        sign = self.liveness.due(now, self.speaker.outbound.last_sent)
        if sign is Sign.HEARTBEAT:
            self.speaker.heartbeat(None, now)
        elif sign is Sign.TEST_REQUEST:
            self.speaker.test_request(now)
            self.liveness.tested(now)
        elif sign is Sign.DEAD:
            self.speaker.close("the peer is silent and left a TestRequest unanswered")
            return
        deadline = self.inbound.deadline()
        if deadline is None or now < deadline:
            return
        if self.inbound.requests >= MAX_RESEND_REQUESTS:
            self.speaker.end("no answer to ResendRequest", now)
            return
        self.inbound.ask_again()
        self.settle(now)

    # A live session

    def _is_plain(self, message: Message, now: int) -> bool:
        """An application message that is next, with nothing missing and nothing wrong.

        The short way of almost every message. What fails here is judged by ``_passes`` in the
        order of the FIX session tests.
        """
        inbound = self.inbound
        expected = inbound.next
        if message.seq_num != expected or inbound.highest >= expected or self._is_special:
            return False
        if message.msg_type in _ADMIN or not message.raw.startswith(self._begin):
            return False
        if message.data(SenderCompID) != self._sender or message.data(TargetCompID) != self._target:
            return False
        # Within one read, many messages carry the same time.
        sent = message.data(SendingTime)
        if (sent, now) != self._timely:
            if sending_time_off(message, self.config.max_latency, now):
                return False
            self._timely = sent, now
        validator = self._validator
        if validator is None:
            return refusal_of(message, None) is None
        return validator.check(message) is None

    def _passes(self, message: Message, now: int) -> bool:
        """Checks in the order of the FIX session tests; False when the message is dealt with."""
        # 2i: another BeginString: count it, Logout, disconnect after the answer.
        if message.get(BeginString) != self.config.begin_string:
            self.consume(message, now)
            self.speaker.begin_logout("Incorrect BeginString", now)
            return False
        if not is_numbered(message):
            self.speaker.end("MsgSeqNum(34) is missing or no number", now)
            return False
        refusal = self._refusal_of(message)
        if refusal is not None:
            self._refuse(message, refusal, now)
            return False
        # 2o: SendingTime off: Reject, count it, Logout.
        if sending_time_off(message, self.config.max_latency, now):
            self._refuse(message, Refusal(reasons.SENDING_TIME, None), now)
            self.speaker.begin_logout("", now)
            return False
        # 2k: CompIDs of somebody else: Reject, count it, Logout.
        if not self._is_from_peer(message):
            self._refuse(message, Refusal(reasons.COMP_ID, None), now)
            self.speaker.begin_logout("", now)
            return False
        # 18b: a third party that has no business here.
        stranger = self._stranger(message)
        if stranger is not None:
            self._refuse(message, Refusal(reasons.COMP_ID, stranger), now)
        return stranger is None

    def _stranger(self, message: Message) -> int | None:
        """The tag that names a third party nobody has allowed, None where there is none."""
        config = self.config
        allowed = ((OnBehalfOfCompID, config.on_behalf_of), (DeliverToCompID, config.deliver_to))
        for tag, names in allowed:
            name = message.get(tag)
            if name is not None and names is not None and name not in names:
                return tag
        return None

    def _is_from_peer(self, message: Message) -> bool:
        if not self.config.check_comp_ids:
            return True
        sender, target = message.data(SenderCompID), message.data(TargetCompID)
        return sender == self._sender and target == self._target

    def _refusal_of(self, message: Message) -> Refusal | None:
        if message.msg_type in _ADMIN:
            return refusal_of(message, self.config.session_validator)
        validator = self._validator
        version = message.get(ApplVerID)
        if version is not None and self.config.appl_validators:
            validator = self.config.appl_validators.get(version)
            if validator is None:
                return Refusal(reasons.UNSUPPORTED_APPL_VER, ApplVerID)
        return refusal_of(message, validator)

    def _dispatch(self, message: Message, now: int) -> None:
        """Route by how strictly the message's number is taken."""
        kind = message.msg_type
        if kind == msgtypes.Logout:
            self._on_logout(message, now)
        elif kind == msgtypes.ResendRequest:
            self._on_resend_request(message, now)
        elif kind == msgtypes.SequenceReset and message.get(GapFillFlag) != "Y":
            self._on_reset(message, now)
        elif kind == msgtypes.Logon and message.get(ResetSeqNumFlag) == "Y":
            self.handshake.on_live(message, now)
        elif message.seq_num < self.inbound.next:
            self._on_low(message, now)
        elif kind == msgtypes.Reject:
            # 7: it tells of a message of ours and is useful at once, gap or not.
            self.events.append(SessionRejected(message))
            self.consume(message, now)
        elif message.seq_num > self.inbound.next:
            self.inbound.hold(message)
            self.settle(now)
        else:
            self._on_next(message, now)
            self._drain(now)

    def _on_next(self, message: Message, now: int) -> None:
        """A message that is in sequence."""
        kind = message.msg_type
        if kind == msgtypes.SequenceReset:
            self._on_gap_fill(message, now)
            return
        if kind == msgtypes.TestRequest:
            # 4b: the Heartbeat carries the TestReqID back.
            self.speaker.heartbeat(message.get(TestReqID), now)
        elif kind == msgtypes.Logon and message is not self.handshake.logon:
            refusal = Refusal(reasons.OTHER, None)
            self.speaker.reject(message, refusal, "Logon on a session that is logged on", now)
        elif kind not in _ADMIN:
            self.events.append(MessageReceived(message))
        self.inbound.advance(message.seq_num + 1)

    def _on_low(self, message: Message, now: int) -> None:
        # 2c: lower than expected and no duplicate: serious, end the session.
        if not message.poss_dup:
            self.speaker.end(too_low(self.inbound.next, message.seq_num), now)
            return
        # 2e to 2g: a duplicate is ignored, but must say when it was first sent.
        original = message.timestamp(OrigSendingTime)
        if original is None:
            self._refuse(message, Refusal(reasons.REQUIRED_TAG_MISSING, OrigSendingTime), now)
        elif original > message.require_timestamp(SendingTime):
            self._refuse(message, Refusal(reasons.SENDING_TIME, None), now)
            self.speaker.begin_logout("", now)

    def _on_gap_fill(self, message: Message, now: int) -> None:
        # 10: in sequence; NewSeqNo must not go back.
        new_seq = message.require_integer(NewSeqNo)
        if new_seq < self.inbound.next:
            self.speaker.reject_value(message, now)
        elif new_seq > self.inbound.next:
            self.inbound.advance(new_seq)

    def _on_reset(self, message: Message, now: int) -> None:
        # 11: Reset mode takes no notice of MsgSeqNum; NewSeqNo must not go back.
        new_seq = message.require_integer(NewSeqNo)
        if new_seq < self.inbound.next:
            self.speaker.reject_value(message, now)
        elif new_seq > self.inbound.next:
            self.inbound.advance(new_seq)
            self._drain(now)

    def _on_resend_request(self, message: Message, now: int) -> None:
        # 8, 20: answered whatever its number is, so that two gaps cannot lock each other.
        end = message.require_integer(EndSeqNo)
        end = _ALL if end == _OLD_INFINITY else end
        outbound = self.speaker.outbound
        if outbound.faults is None or not outbound.faults.ignores(message, now):
            outbound.resend(message.require_integer(BeginSeqNo), end)
        if message.seq_num > self.inbound.next:
            # Answered already, but its number is counted only when the gap before it closes.
            self.inbound.hold(message)
            self.settle(now)
            return
        self.consume(message, now)

    def _on_logout(self, message: Message, now: int) -> None:
        # 13: an answer ends the session silently; an unsolicited one is answered first.
        text = message.get(Text, "")
        self.consume(message, now)
        self._logged_out = True
        self.events.append(LoggedOut(text))
        if self.speaker.state is State.ACTIVE:
            self.speaker.say_logout("", now)
        reason = self.speaker.reason or "the peer logged out"
        self.speaker.close(f"the peer logged out: {text}" if text else reason)

    # Sequence numbers

    def _refuse(self, message: Message, refusal: Refusal, now: int) -> None:
        """Reject a message and count it: validation comes before the sequence check."""
        self.speaker.reject(message, refusal, refusal.text, now)
        self.consume(message, now)

    def consume(self, message: Message, now: int) -> None:
        """Count a message that is dealt with, if it was the next one."""
        if message.seq_num == self.inbound.next:
            self.inbound.advance(message.seq_num + 1)
            self._drain(now)

    def _drain(self, now: int) -> None:
        """Handle the held messages that have come into sequence."""
        while (message := self.inbound.next_held()) is not None:
            self._on_next(message, now)
            if message.seq_num == self.inbound.next:
                # A gap fill that leads nowhere: its number is used up all the same.
                self.inbound.advance(message.seq_num + 1)
        self.inbound.progressed(now)
        self.settle(now)

    def settle(self, now: int) -> None:
        """Ask for an open gap that nobody has asked for; announce one that has closed."""
        if self.speaker.state not in CONNECTED:
            return
        if self.inbound.should_ask():
            # 2b: only one request is outstanding at a time.
            begin, end = self.inbound.ask(self.config.resend_request_chunk_size, now)
            self.speaker.resend_request(begin, end, now)
        elif self.inbound.gap_closed():
            self.events.append(Synchronised())

    def restart_store(self, now: int) -> None:
        """Both numbers start from 1 again in the store; the peer's, once it has agreed, here."""
        self.handled = 1
        self._store.reset(now)

    def reset(self, now: int) -> None:
        """Both numbers start from 1 again."""
        self.inbound.reset()
        self.restart_store(now)
