"""What a session says on its own, and where saying it leaves the connection."""

from __future__ import annotations

from meridian.fix import msgtypes, reasons
from meridian.fix.config import SessionConfig
from meridian.fix.message import Message
from meridian.fix.outbound import Outbound
from meridian.fix.states import TRANSITIONS, State, Trigger
from meridian.fix.store import MessageStore
from meridian.fix.tags import (
    BeginSeqNo,
    EncryptMethod,
    EndSeqNo,
    HeartBtInt,
    Password,
    RefMsgType,
    RefSeqNum,
    RefTagID,
    ResetSeqNumFlag,
    SessionRejectReason,
    TestReqID,
    Text,
    Username,
)
from meridian.fix.validation import Refusal

__all__ = ["CONNECTED", "INFINITY", "LOGGING_ON", "Speaker"]

LOGGING_ON = (State.AWAITING_LOGON, State.LOGON_SENT)
CONNECTED = (State.ACTIVE, State.LOGOUT_SENT)
INFINITY = 0
"""EndSeqNo of a request for all there is, from FIX.4.2."""


class Speaker:
    """Our admin messages and the state of the connection.

    ``since`` is when the present wait (for Logon, for the answer to Logout) began, ns UTC;
    ``reason`` says why this side ends the connection, empty while it does not.
    """

    def __init__(self, config: SessionConfig, store: MessageStore) -> None:
        self.config = config
        self.outbound = Outbound(config, store)
        self.state = State.DISCONNECTED
        self.since = 0
        self.reason = ""

    def move(self, trigger: Trigger) -> None:
        """Follow the transition table."""
        self.state = TRANSITIONS[self.state, trigger]

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

    def say_logon(self, heart_bt_int: int, *, reset: bool, now: int) -> None:
        """Logon; an initiator shows its username and password."""
        fields: list[tuple[int, str | int]] = [(EncryptMethod, 0), (HeartBtInt, heart_bt_int)]
        if reset:
            fields.append((ResetSeqNumFlag, "Y"))
        if self.config.initiator:
            secrets = ((Username, self.config.username), (Password, self.config.password))
            fields += ((tag, secret) for tag, secret in secrets if secret)
        self.outbound.send(msgtypes.Logon, fields, now, emit=True)

    def say_logout(self, text: str, now: int) -> None:
        """Logout, with Text where there is a reason."""
        self.outbound.send(msgtypes.Logout, [(Text, text)] if text else [], now, emit=True)

    def heartbeat(self, test_req_id: str | None, now: int) -> None:
        """Heartbeat, with the TestReqID it answers."""
        if self.outbound.faults is not None and self.outbound.faults.mutes(now):
            self.outbound.last_sent = now
            return
        fields = [(TestReqID, test_req_id)] if test_req_id else []
        self.outbound.send(msgtypes.Heartbeat, fields, now, emit=True)

    def test_request(self, now: int) -> None:
        """Ask for a sign of life."""
        self.outbound.send(msgtypes.TestRequest, [(TestReqID, "TEST")], now, emit=True)

    def resend_request(self, begin: int, now: int) -> None:
        """Ask for all from ``begin``."""
        fields = [(BeginSeqNo, begin), (EndSeqNo, INFINITY)]
        self.outbound.send(msgtypes.ResendRequest, fields, now, emit=True)

    def reject(self, message: Message, refusal: Refusal, text: str, now: int) -> None:
        """Session Reject of a message."""
        fields: list[tuple[int, str | int]] = [(RefSeqNum, message.seq_num), (Text, text)]
        if refusal.tag is not None:
            fields.append((RefTagID, refusal.tag))
        if message.msg_type:
            fields.append((RefMsgType, message.msg_type))
        fields.append((SessionRejectReason, refusal.reason_code))
        emit = self.state in CONNECTED
        self.outbound.send(msgtypes.Reject, fields, now, emit=emit)

    def reject_value(self, message: Message, now: int) -> None:
        """Session Reject of a value that is out of range, no tag named."""
        refusal = Refusal(reasons.INCORRECT_VALUE, None)
        self.reject(message, refusal, refusal.text, now)
