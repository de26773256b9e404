"""May this Logon open this session? Answered before anything of the session is touched."""

from __future__ import annotations

from hmac import compare_digest

from meridian.fix import msgtypes
from meridian.fix.config import SessionConfig
from meridian.fix.message import FieldError, Message
from meridian.fix.tags import (
    BeginString,
    DefaultApplVerID,
    MsgSeqNum,
    NewPassword,
    Password,
    ResetSeqNumFlag,
    SenderCompID,
    SenderLocationID,
    SenderSubID,
    SendingTime,
    TargetCompID,
    TargetLocationID,
    TargetSubID,
    TestMessageIndicator,
    Username,
)
from meridian.fix.validation import refusal_of

__all__ = ["is_numbered", "is_of", "logon_fault", "logon_refusal", "sending_time_off"]


def logon_refusal(config: SessionConfig, message: Message, now: int) -> str | None:
    """Why the connection is closed without an answer, for the log; None to go on.

    FIX session tests 1S b to d, 2S: a stranger learns nothing.
    """
    if message.msg_type != msgtypes.Logon:
        return f"first message is not a Logon but 35={message.msg_type}"
    for tag, expected in _identity(config):
        if message.get(tag) != expected:
            return f"Logon: tag {tag}: expected {expected}, got {message.get(tag)!r}"
    if config.schedule is not None and not config.schedule.is_open(now):
        return "Logon: outside the session's hours"
    # A latency that is not checked still needs a time to read.
    if sending_time_off(message, config.max_latency, now):
        return f"Logon: SendingTime(52) is off: {message.get(SendingTime)!r}"
    if not config.initiator:
        for tag, secret in ((Username, config.username), (Password, config.password)):
            if secret is not None and not _same(secret, message.get(tag, "")):
                return f"Logon: wrong {'username' if tag == Username else 'password'}"
    if config.profile.appl_ver_id and not message.get(DefaultApplVerID):
        return "Logon: DefaultApplVerID(1137) is missing"
    return None


def logon_fault(config: SessionConfig, message: Message) -> str | None:
    """What is wrong with the Logon of a known peer: 1S d, it is told in Logout; None to go on."""
    if not is_numbered(message):
        return "MsgSeqNum(34) is missing or no number"
    refusal = refusal_of(message, config.session_validator)
    if refusal is not None:
        return refusal.text if refusal.tag is None else f"{refusal.text} (tag {refusal.tag})"
    # A reset both sides can agree on starts with this very message.
    if message.get(ResetSeqNumFlag) == "Y" and message.seq_num != 1:
        return f"ResetSeqNumFlag(141)=Y: expected MsgSeqNum(34) 1, got {message.seq_num}"
    if message.get(NewPassword) is not None:
        return "NewPassword(925) is not offered"
    test = message.get(TestMessageIndicator) == "Y"
    if config.test_mode is not None and test is not config.test_mode:
        expected = "Y" if config.test_mode else "N"
        return f"TestMessageIndicator(464): expected {expected}"
    version = message.get(DefaultApplVerID)
    if version is None or not config.profile.appl_ver_id:
        return None
    offered = set(config.appl_validators) or {config.default_appl_ver_id or version}
    if version not in offered:
        return f"DefaultApplVerID(1137): expected one of {sorted(offered)}, got {version!r}"
    return None


def _identity(config: SessionConfig) -> list[tuple[int, str]]:
    """What the peer's header must hold; what is not configured may be anything."""
    expected = (
        (BeginString, config.begin_string),
        (SenderCompID, config.target_comp_id),
        (TargetCompID, config.sender_comp_id),
        (SenderSubID, config.target_sub_id),
        (SenderLocationID, config.target_location_id),
        (TargetSubID, config.sender_sub_id),
        (TargetLocationID, config.sender_location_id),
    )
    return [(tag, value) for tag, value in expected if value is not None]


def is_of(config: SessionConfig, message: Message) -> bool:
    """Whether the header names this session."""
    return all(message.get(tag) == value for tag, value in _identity(config))


def is_numbered(message: Message) -> bool:
    """Whether MsgSeqNum is there and a number."""
    try:
        return message.require_integer(MsgSeqNum) >= 0
    except FieldError:
        return False


def sending_time_off(message: Message, max_latency: int | None, now: int) -> bool:
    """Whether SendingTime is missing, unreadable or too far from ``now``."""
    try:
        latency = abs(message.require_timestamp(SendingTime) - now)
    except FieldError:
        return True
    return max_latency is not None and latency > max_latency


def _same(secret: str, given: str) -> bool:
    return compare_digest(secret.encode(), given.encode())
