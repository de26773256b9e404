"""Is a message fit for the session layer? Checked before its sequence number is looked at."""

from __future__ import annotations

from typing import NamedTuple

from meridian.fix import msgtypes, reasons
from meridian.fix.message import FieldError, Message
from meridian.fix.tags import (
    BeginSeqNo,
    EncryptMethod,
    EndSeqNo,
    GapFillFlag,
    HeartBtInt,
    NewSeqNo,
    OrigSendingTime,
    PossDupFlag,
    RefSeqNum,
    ResetSeqNumFlag,
    SenderCompID,
    SendingTime,
    TargetCompID,
    TestReqID,
)

__all__ = ["Refusal", "refusal_of"]

_REQUIRED_HEADER = (SenderCompID, SendingTime, TargetCompID)

_REQUIRED_BODY: dict[str, tuple[int, ...]] = {
    msgtypes.Logon: (EncryptMethod, HeartBtInt),
    msgtypes.TestRequest: (TestReqID,),
    msgtypes.ResendRequest: (BeginSeqNo, EndSeqNo),
    msgtypes.Reject: (RefSeqNum,),
    msgtypes.SequenceReset: (NewSeqNo,),
}
"""What the admin messages require; those of the application are the application's to check."""

_INTEGERS = frozenset({BeginSeqNo, EndSeqNo, RefSeqNum, NewSeqNo, EncryptMethod, HeartBtInt})
_FLAGS = (PossDupFlag, GapFillFlag, ResetSeqNumFlag)
_HIGHEST_HEART_BT_INT = 86_400


class Refusal(NamedTuple):
    """Why a message is answered with Reject(3): SessionRejectReason(373), RefTagID(371)."""

    reason_code: int
    tag: int | None

    @property
    def text(self) -> str:
        """The standard's text for the reason."""
        return reasons.TEXTS[self.reason_code]


def refusal_of(message: Message) -> Refusal | None:
    """The first thing wrong with the message, None when it is fit."""
    for tag in _REQUIRED_HEADER:
        if message.get(tag) is None:
            return Refusal(reasons.REQUIRED_TAG_MISSING, tag)
    if message.msg_type not in msgtypes.FIX44:
        return Refusal(reasons.INVALID_MSG_TYPE, None)
    required = _REQUIRED_BODY.get(message.msg_type, ())
    for tag in required:
        if message.get(tag) is None:
            return Refusal(reasons.REQUIRED_TAG_MISSING, tag)
    bad = message.unusable_tag()
    if bad is not None:
        return Refusal(reasons.NO_VALUE if bad > 0 else reasons.INVALID_TAG, bad)
    try:
        message.timestamp(SendingTime)
        message.timestamp(OrigSendingTime)
        for tag in required:
            if tag in _INTEGERS:
                message.integer(tag)
    except FieldError as error:
        return Refusal(error.reason_code, error.tag)
    for tag in _FLAGS:
        if message.get(tag, "N") not in ("Y", "N"):
            return Refusal(reasons.INCORRECT_FORMAT, tag)
    return _out_of_range(message)


def _out_of_range(message: Message) -> Refusal | None:
    if message.msg_type == msgtypes.Logon:
        # Encryption is obsolete: only 0 (none) is on offer.
        if message.integer(EncryptMethod) != 0:
            return Refusal(reasons.INCORRECT_VALUE, EncryptMethod)
        if not 0 <= message.require_integer(HeartBtInt) <= _HIGHEST_HEART_BT_INT:
            return Refusal(reasons.INCORRECT_VALUE, HeartBtInt)
    if message.msg_type == msgtypes.ResendRequest:
        begin, end = message.require_integer(BeginSeqNo), message.require_integer(EndSeqNo)
        if begin < 1:
            return Refusal(reasons.INCORRECT_VALUE, BeginSeqNo)
        if end != 0 and end < begin:
            return Refusal(reasons.INCORRECT_VALUE, EndSeqNo)
    return None
