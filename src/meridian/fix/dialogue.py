"""What each message of the peer means for the session: sequence numbers, answers, events."""

from __future__ import annotations

from meridian.fix import msgtypes, reasons
from meridian.fix.events import (
    Garbled,
    LoggedOn,
    LoggedOut,
    MessageReceived,
    SessionEvent,
    SessionRejected,
    Synchronised,
)
from meridian.fix.inbound import MAX_RESEND_REQUESTS, Inbound
from meridian.fix.liveness import Liveness, Sign
from meridian.fix.logon import logon_refusal, sending_time_off
from meridian.fix.message import FieldError, Message
from meridian.fix.speaker import CONNECTED, INFINITY, LOGGING_ON, Speaker
from meridian.fix.states import State, Trigger
from meridian.fix.store import MessageStore
from meridian.fix.tags import (
    BeginSeqNo,
    BeginString,
    EndSeqNo,
    GapFillFlag,
    HeartBtInt,
    MsgSeqNum,
    NewSeqNo,
    OrigSendingTime,
    ResetSeqNumFlag,
    SenderCompID,
    SendingTime,
    TargetCompID,
    TestReqID,
    Text,
)
from meridian.fix.validation import Refusal, refusal_of

__all__ = ["Dialogue"]

_OLD_INFINITY = 999_999


class Dialogue:
    """Handles the peer's messages one by one; collects ``events``, speaks through ``speaker``."""

    def __init__(self, speaker: Speaker, store: MessageStore) -> None:
        self.config = speaker.config
        self.speaker = speaker
        self.inbound = Inbound(store.next_in)
        self.liveness = Liveness(0, 0)
        self.events: list[SessionEvent] = []
        self._store = store
        self._reset_asked = False
        self._in_garbage = False

    def open(self, now: int) -> None:
        """A connection stands; an initiator says Logon."""
        speaker = self.speaker
        speaker.since = now
        speaker.reason = ""
        self._in_garbage = False
        self._reset_asked = self.config.initiator and self.config.reset_on_logon
        if not self.config.initiator:
            speaker.move(Trigger.ACCEPTED)
            return
        speaker.move(Trigger.INITIATED)
        if self._reset_asked:
            self._reset(now)
        speaker.say_logon(self.config.heart_bt_int, reset=self._reset_asked, now=now)

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
        if self.speaker.state is State.AWAITING_LOGON:
            self._on_logon_request(message, now)
        elif self.speaker.state is State.LOGON_SENT:
            self._on_logon_answer(message, now)
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
        self._settle(now)

    # A live session

    def _passes(self, message: Message, now: int) -> bool:
        """Checks in the order of the FIX session tests; False when the message is dealt with."""
        # 2i: another BeginString: count it, Logout, disconnect after the answer.
        if message.get(BeginString) != self.config.begin_string:
            self._consume(message, now)
            self.speaker.begin_logout("Incorrect BeginString", now)
            return False
        if not _numbered(message):
            self.speaker.end("MsgSeqNum(34) is missing or no number", now)
            return False
        refusal = refusal_of(message)
        if refusal is not None:
            self._refuse(message, refusal, now)
            return False
        # 2o: SendingTime off: Reject, count it, Logout.
        if sending_time_off(message, self.config.max_latency, now):
            self._refuse(message, Refusal(reasons.SENDING_TIME, None), now)
            self.speaker.begin_logout("", now)
            return False
        # 2k: CompIDs of somebody else: Reject, count it, Logout.
        if (
            message.get(SenderCompID) != self.config.target_comp_id
            or message.get(TargetCompID) != self.config.sender_comp_id
        ):
            self._refuse(message, Refusal(reasons.COMP_ID, None), now)
            self.speaker.begin_logout("", now)
            return False
        return True

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
            self._on_reset_logon(message, now)
        elif message.seq_num < self.inbound.next:
            self._on_low(message, now)
        elif kind == msgtypes.Reject:
            # 7: it tells of a message of ours and is useful at once, gap or not.
            self.events.append(SessionRejected(message))
            self._consume(message, now)
        elif message.seq_num > self.inbound.next:
            self.inbound.hold(message)
            self._settle(now)
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
        elif kind not in msgtypes.ADMIN:
            self.events.append(MessageReceived(message))
        self.inbound.advance(message.seq_num + 1)

    def _on_low(self, message: Message, now: int) -> None:
        # 2c: lower than expected and no duplicate: serious, end the session.
        if not message.poss_dup:
            self.speaker.end(_too_low(self.inbound.next, message.seq_num), now)
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
        end = INFINITY if end == _OLD_INFINITY else end
        outbound = self.speaker.outbound
        if outbound.faults is None or not outbound.faults.ignores(message, now):
            outbound.resend(message.require_integer(BeginSeqNo), end)
        if message.seq_num > self.inbound.next:
            # Answered already, but its number is counted only when the gap before it closes.
            self.inbound.hold(message)
            self._settle(now)
            return
        self._consume(message, now)

    def _on_logout(self, message: Message, now: int) -> None:
        # 13: an answer ends the session silently; an unsolicited one is answered first.
        text = message.get(Text, "")
        self._consume(message, now)
        self.events.append(LoggedOut(text))
        if self.speaker.state is State.ACTIVE:
            self.speaker.say_logout("", now)
        reason = self.speaker.reason or "the peer logged out"
        self.speaker.close(f"the peer logged out: {text}" if text else reason)

    # Logon

    def _on_logon_request(self, message: Message, now: int) -> None:
        if not self._logon_is_fit(message, now):
            return
        reset = message.get(ResetSeqNumFlag) == "Y"
        if reset or self.config.reset_on_logon:
            self._reset(now)
        if self._logon_is_low(message, now):
            return
        heart_bt_int = message.require_integer(HeartBtInt)
        self.speaker.say_logon(heart_bt_int, reset=reset, now=now)
        self._logged_on(message, heart_bt_int, now)

    def _on_logon_answer(self, message: Message, now: int) -> None:
        text = message.get(Text, "")
        if message.msg_type == msgtypes.Logout:
            self._consume(message, now)
            self.events.append(LoggedOut(text))
            self.speaker.close(f"the peer refused the Logon: {text or 'no reason given'}")
            return
        if message.msg_type == msgtypes.Reject:
            self._consume(message, now)
            self.events.append(SessionRejected(message))
            return
        if not self._logon_is_fit(message, now):
            return
        if message.get(ResetSeqNumFlag) == "Y" and not self._reset_asked:
            # The peer has reset both directions: our Logon counts as number 1.
            self._reset(now)
            self._store.append(1, b"")
        if not self._logon_is_low(message, now):
            self._logged_on(message, self.config.heart_bt_int, now)

    def _on_reset_logon(self, message: Message, now: int) -> None:
        # ResetSeqNumFlag on a live session: both directions start over.
        self._reset(now)
        heart_bt_int = message.require_integer(HeartBtInt)
        self.speaker.say_logon(heart_bt_int, reset=True, now=now)
        self.liveness = Liveness(heart_bt_int, now)
        self._count_logon(message, now)

    def _logon_is_fit(self, message: Message, now: int) -> bool:
        # 1S b, c, 1B, 2S: somebody else, or no Logon at all: disconnect without a message.
        refused = logon_refusal(self.config, message, now)
        if refused is not None:
            self.speaker.close(refused)
            return False
        # 1S d: an invalid Logon of a known peer is answered with Logout and its reason.
        if not _numbered(message):
            self.speaker.end("MsgSeqNum(34) is missing or no number", now)
            return False
        refusal = refusal_of(message)
        if refusal is not None:
            self.speaker.end(f"{refusal.text} (tag {refusal.tag})", now)
            return False
        return True

    def _logon_is_low(self, message: Message, now: int) -> bool:
        if message.seq_num >= self.inbound.next or message.poss_dup:
            return False
        self.speaker.end(_too_low(self.inbound.next, message.seq_num), now)
        return True

    def _logged_on(self, message: Message, heart_bt_int: int, now: int) -> None:
        self.speaker.move(Trigger.LOGON)
        self.liveness = Liveness(heart_bt_int, now)
        self.events.append(LoggedOn())
        self._count_logon(message, now)

    def _count_logon(self, message: Message, now: int) -> None:
        # 1S a: a Logon that is ahead is accepted, and what is missing before it is asked for.
        if message.seq_num > self.inbound.next:
            self.inbound.hold(message)
            self._settle(now)
            return
        if message.seq_num == self.inbound.next:
            self.inbound.advance(message.seq_num + 1)
        self.events.append(Synchronised())

    # Sequence numbers

    def _refuse(self, message: Message, refusal: Refusal, now: int) -> None:
        """Reject a message and count it: validation comes before the sequence check."""
        self.speaker.reject(message, refusal, refusal.text, now)
        self._consume(message, now)

    def _consume(self, message: Message, now: int) -> None:
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
        self._settle(now)

    def _settle(self, now: int) -> None:
        """Ask for an open gap that nobody has asked for; announce one that has closed."""
        if self.speaker.state not in CONNECTED:
            return
        if self.inbound.should_ask():
            # 2b: only one request is outstanding at a time.
            self.speaker.resend_request(self.inbound.next, now)
            self.inbound.asked(now)
        elif self.inbound.gap_closed():
            self.events.append(Synchronised())

    def _reset(self, now: int) -> None:
        self._store.reset(now)
        self.inbound.reset()


def _numbered(message: Message) -> bool:
    try:
        return message.require_integer(MsgSeqNum) >= 0
    except FieldError:
        return False


def _too_low(expected: int, received: int) -> str:
    return f"MsgSeqNum too low, expecting {expected} but received {received}"
