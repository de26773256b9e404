"""Is a message fit for the session layer? Checked before its sequence number is looked at."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from meridian.fix import msgtypes, reasons
from meridian.fix.message import FieldError, Message
from meridian.fix.tags import (
    BeginSeqNo,
    EncryptMethod,
    EndSeqNo,
    GapFillFlag,
    HeartBtInt,
    NewSeqNo,
    NextExpectedMsgSeqNum,
    OrigSendingTime,
    PossDupFlag,
    RefSeqNum,
    ResetSeqNumFlag,
    SenderCompID,
    SendingTime,
    TargetCompID,
    TestReqID,
)

__all__ = ["HIGHEST_HEART_BT_INT", "MessageCheck", "Refusal", "refusal_of"]

_REQUIRED_BODY: dict[str, tuple[int, ...]] = {
    msgtypes.Logon: (EncryptMethod, HeartBtInt),
    msgtypes.TestRequest: (TestReqID,),
    msgtypes.ResendRequest: (BeginSeqNo, EndSeqNo),
    msgtypes.Reject: (RefSeqNum,),
    msgtypes.SequenceReset: (NewSeqNo,),
}
"""What the admin messages require; those of the application are the application's to check."""

_FLAGS = (PossDupFlag, GapFillFlag, ResetSeqNumFlag)
HIGHEST_HEART_BT_INT = 86_400
"""Longest HeartBtInt(108) taken, seconds."""


class MessageCheck(Protocol):
    """What holds a message against a dictionary; ``meridian.fix.validator.Validator`` does."""

    def check(self, message: Message) -> tuple[int, int | None] | None:
        """SessionRejectReason(373) and RefTagID(371) of the first fault, None when it is fit."""


class Refusal(NamedTuple):
    """Why a message is answered with Reject(3): SessionRejectReason(373), RefTagID(371)."""

    reason_code: int
    tag: int | None

    @property
    def text(self) -> str:
        """The standard's text for the reason."""
        return reasons.TEXTS[self.reason_code]


def refusal_of(message: Message, validator: MessageCheck | None) -> Refusal | None:
    """The first thing wrong with the message, None when it is fit.

    A message without a sender or a target is nobody's; then comes the dictionary, and what the
    session makes of the values of its own messages.
    """
    for tag in (SenderCompID, TargetCompID):
        if message.get(tag) is None:
            return Refusal(reasons.REQUIRED_TAG_MISSING, tag)
    try:
        if validator is None:
            refusal = _plain_refusal(message)
        else:
            fault = validator.check(message)
            refusal = None if fault is None else Refusal(*fault)
        return refusal or _out_of_range(message)
    except FieldError as error:
        # A dictionary may be laxer than the session can be.
        return Refusal(error.reason_code, error.tag)


def _plain_refusal(message: Message) -> Refusal | None:
    """What is wrong without knowing the dictionary.

    Raises:
        FieldError: a time that is none.
    """
    required = _REQUIRED_BODY.get(message.msg_type, ())
    for tag in (SendingTime, *required):
        if message.get(tag) is None:
            return Refusal(reasons.REQUIRED_TAG_MISSING, tag)
    bad = message.unusable_tag()
    if bad is not None:
        return Refusal(reasons.NO_VALUE if bad > 0 else reasons.INVALID_TAG, bad)
    message.timestamp(SendingTime)
    message.timestamp(OrigSendingTime)
    for tag in _FLAGS:
        if message.get(tag, "N") not in ("Y", "N"):
            return Refusal(reasons.INCORRECT_FORMAT, tag)
    return None


def _out_of_range(message: Message) -> Refusal | None:
    """A value that fits its type and that the session cannot work with.

    Raises:
        FieldError: a number that is none.
    """
    match message.msg_type:
        case msgtypes.Logon:
            # Encryption is obsolete: only 0 (none) is on offer.
            if message.require_integer(EncryptMethod) != 0:
                return Refusal(reasons.INCORRECT_VALUE, EncryptMethod)
            if not 0 <= message.require_integer(HeartBtInt) <= HIGHEST_HEART_BT_INT:
                return Refusal(reasons.INCORRECT_VALUE, HeartBtInt)
            expected = message.integer(NextExpectedMsgSeqNum)
            if expected is not None and expected < 1:
                return Refusal(reasons.INCORRECT_VALUE, NextExpectedMsgSeqNum)
        case msgtypes.ResendRequest:
            begin, end = message.require_integer(BeginSeqNo), message.require_integer(EndSeqNo)
            if begin < 1:
                return Refusal(reasons.INCORRECT_VALUE, BeginSeqNo)
            if end != 0 and end < begin:
                return Refusal(reasons.INCORRECT_VALUE, EndSeqNo)
        case msgtypes.SequenceReset:
            message.require_integer(NewSeqNo)
        case msgtypes.Reject:
            message.require_integer(RefSeqNum)
    return None
