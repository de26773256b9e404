"""May this Logon open this session? Answered before anything of the session is touched."""

from __future__ import annotations

from hmac import compare_digest

from meridian.fix import msgtypes
from meridian.fix.config import SessionConfig
from meridian.fix.message import FieldError, Message
from meridian.fix.tags import (
    BeginString,
    Password,
    SenderCompID,
    SendingTime,
    TargetCompID,
    Username,
)

__all__ = ["logon_refusal", "sending_time_off"]


def logon_refusal(config: SessionConfig, message: Message, now: int) -> str | None:
    """Why the connection is closed without an answer, for the log; None to go on.

    FIX session tests 1S b to d, 2S: a stranger learns nothing.
    """
    if message.msg_type != msgtypes.Logon:
        return f"first message is not a Logon but 35={message.msg_type}"
    for tag, expected in (
        (BeginString, config.begin_string),
        (SenderCompID, config.target_comp_id),
        (TargetCompID, config.sender_comp_id),
    ):
        if message.get(tag) != expected:
            return f"Logon: tag {tag}: expected {expected}, got {message.get(tag)!r}"
    if sending_time_off(message, config.max_latency, now):
        return f"Logon: SendingTime(52) is off: {message.get(SendingTime)!r}"
    if not config.initiator:
        for tag, secret in ((Username, config.username), (Password, config.password)):
            if secret is not None and not _same(secret, message.get(tag, "")):
                return f"Logon: wrong {'username' if tag == Username else 'password'}"
    return None


def sending_time_off(message: Message, max_latency: int, now: int) -> bool:
    """Whether SendingTime is missing, unreadable or too far from ``now``."""
    try:
        return abs(message.require_timestamp(SendingTime) - now) > max_latency
    except FieldError:
        return True


def _same(secret: str, given: str) -> bool:
    return compare_digest(secret.encode(), given.encode())
