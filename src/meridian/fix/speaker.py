"""What a session says on its own, and where saying it leaves the connection."""

from __future__ import annotations

from meridian.fix import msgtypes, reasons
from meridian.fix.config import SessionConfig
from meridian.fix.encoder import Fields
from meridian.fix.message import Message
from meridian.fix.outbound import Outbound
from meridian.fix.routing import reverse_route
from meridian.fix.states import CONNECTED, LOGGING_ON, TRANSITIONS, State, Trigger
from meridian.fix.tags import (
    BeginSeqNo,
    BusinessRejectReason,
    DefaultApplVerID,
    EncryptMethod,
    EndSeqNo,
    GapFillFlag,
    HeartBtInt,
    NewSeqNo,
    NextExpectedMsgSeqNum,
    Password,
    RefMsgType,
    RefSeqNum,
    RefTagID,
    ResetSeqNumFlag,
    SessionRejectReason,
    TestMessageIndicator,
    TestReqID,
    Text,
    Username,
)
from meridian.fix.validation import Refusal

__all__ = ["Speaker"]


class Speaker:
    """Our admin messages and the state of the connection.

    ``since`` is when the present wait (for Logon, for the answer to Logout) began, ns UTC;
    ``reason`` says why this side ends the connection, empty while it does not.
    """

    def __init__(self, config: SessionConfig, outbound: Outbound) -> None:
        self.config = config
        self.outbound = outbound
        self.state = State.DISCONNECTED
        self.since = 0
        self.reason = ""

    def move(self, trigger: Trigger) -> None:
        """Follow the transition table."""
        self.state = TRANSITIONS[self.state, trigger]

    def not_after(self, now: int) -> None:
        """The clock shows ``now``: nothing was sent or begun later than that."""
        self.since = min(self.since, now)
        self.outbound.last_sent = min(self.outbound.last_sent, now)

    def close(self, reason: str) -> None:
        """Want the connection closed once what is written has gone out."""
        self.reason = reason
        self.move(Trigger.CLOSE)

    def end(self, text: str, now: int) -> None:
        """Logout with the reason, then disconnect without waiting for the answer."""
        if self.state is not State.LOGOUT_SENT:
            self.say_logout(text, now)
        self.close(text)

    def begin_logout(self, text: str, now: int) -> None:
        """Logout, then wait for the answer; before Logon there is only closing."""
        if self.state is State.ACTIVE:
            self.say_logout(text, now)
            self.move(Trigger.LOGOUT)
            self.since = now
            self.reason = text or "logged out"
        elif self.state in LOGGING_ON:
            self.close(text or "logged out")

    def say_logon(self, logon: Fields, now: int) -> int:
        """Logon with the fields of ``logon_fields``; returns its MsgSeqNum."""
        return self._say(msgtypes.Logon, logon, now)

    def say_logout(self, text: str, now: int) -> None:
        """Logout, with Text where there is a reason."""
        self._say(msgtypes.Logout, [(Text, text)] if text else [], now)

    def heartbeat(self, test_req_id: str | None, now: int) -> None:
        """Heartbeat, with the TestReqID it answers."""
        if self.outbound.faults is not None and self.outbound.faults.mutes(now):
            self.outbound.last_sent = now
            return
        self._say(msgtypes.Heartbeat, [(TestReqID, test_req_id)] if test_req_id else [], now)

    def test_request(self, now: int) -> None:
        """Ask for a sign of life."""
        self._say(msgtypes.TestRequest, [(TestReqID, "TEST")], now)

    def resend_request(self, begin: int, end: int | None, now: int) -> None:
        """Ask for ``begin`` to ``end``; None: for all there is."""
        last = self.config.profile.infinity if end is None else end
        self._say(msgtypes.ResendRequest, [(BeginSeqNo, begin), (EndSeqNo, last)], now)

    def sequence_reset(self, new_seq: int, now: int) -> None:
        """SequenceReset-Reset: our next message will be ``new_seq``."""
        self._say(msgtypes.SequenceReset, [(NewSeqNo, new_seq), (GapFillFlag, "N")], now)
        self.outbound.skip_to(new_seq)

    def reject(self, message: Message, refusal: Refusal, text: str, now: int) -> None:
        """Session Reject of a message, in the words of the version."""
        profile = self.config.profile
        fields: list[tuple[int, str | int]] = [(RefSeqNum, message.seq_num)]
        if profile.reject_reasons is None:
            named = text if refusal.tag is None else f"{text} ({refusal.tag})"
            fields.append((Text, named))
        else:
            fields.append((Text, text))
            if refusal.tag is not None:
                fields.append((RefTagID, refusal.tag))
            if message.msg_type:
                fields.append((RefMsgType, message.msg_type))
            if profile.names_reason(refusal.reason_code):
                fields.append((SessionRejectReason, refusal.reason_code))
        emit = self.state in CONNECTED
        back = reverse_route(message)
        self.outbound.send(msgtypes.Reject, fields, now, emit=emit, header=back)

    def reject_value(self, message: Message, now: int) -> None:
        """Session Reject of a value that is out of range, no tag named."""
        refusal = Refusal(reasons.INCORRECT_VALUE, None)
        self.reject(message, refusal, refusal.text, now)

    def business_reject(
        self, message: Message, reason_code: int, text: str, now: int, more: Fields
    ) -> None:
        """BusinessMessageReject, or the plain Reject of a version that has none."""
        reference: list[tuple[int, str | int]] = [(RefSeqNum, message.seq_num), (Text, text)]
        kind = msgtypes.Reject
        fields: Fields = reference
        if self.config.profile.business_reject:
            kind = msgtypes.BusinessMessageReject
            reference += [(RefMsgType, message.msg_type), (BusinessRejectReason, reason_code)]
            fields = sorted([*reference, *more], key=lambda field: field[0])
        emit = self.state is State.ACTIVE
        self.outbound.send(kind, fields, now, emit=emit, header=reverse_route(message))

    def logon_fields(
        self, heart_bt_int: int, *, reset: bool, expected: int, appl_ver_id: str, test: bool
    ) -> Fields:
        """The body of our Logon; ``expected`` is the MsgSeqNum we wait for, an initiator shows
        its username and password."""
        config = self.config
        fields: list[tuple[int, str | int]] = [(EncryptMethod, 0), (HeartBtInt, heart_bt_int)]
        if reset:
            fields.append((ResetSeqNumFlag, "Y"))
        if test:
            fields.append((TestMessageIndicator, "Y"))
        if config.initiator:
            secrets = ((Username, config.username), (Password, config.password))
            fields += ((tag, secret) for tag, secret in secrets if secret)
        if config.next_expected:
            fields.append((NextExpectedMsgSeqNum, expected))
        if appl_ver_id:
            fields.append((DefaultApplVerID, appl_ver_id))
        return fields

    def _say(self, msg_type: str, fields: Fields, now: int) -> int:
        return self.outbound.send(msg_type, fields, now, emit=True)
