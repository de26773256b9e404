"""How one session is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from meridian.fix.profile import PROFILES, Profile
from meridian.fix.schedule import Schedule
from meridian.fix.validation import HIGHEST_HEART_BT_INT, MessageCheck
from meridian.schema.errors import ConfigError
from meridian.schema.times import NS_PER_SECOND

__all__ = ["LOGON_TIMEOUT", "LOGOUT_TIMEOUT", "SessionConfig"]

LOGON_TIMEOUT = 10 * NS_PER_SECOND
"""How long a connection may be without a finished Logon, ns."""
LOGOUT_TIMEOUT = 2 * NS_PER_SECOND
"""How long to wait for the answer to our Logout, ns."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Who we are, who the peer is, and how the session behaves.

    Identity:
        ``sender_*`` is this side and ``target_*`` the peer, in our own messages; SubIDs and
        LocationIDs where given are part of who a session is. ``test_mode``: TestMessageIndicator
        464 is sent as given and the peer's must agree; None takes either.
        ``default_appl_ver_id``: DefaultApplVerID(1137) of a FIXT session; an acceptor that has
        none takes the initiator's.
    Logon:
        ``heart_bt_int`` is in seconds, 0 for none; an acceptor takes the initiator's.
        ``username`` and ``password``: an initiator sends them, an acceptor demands them.
        ``next_expected``: NextExpectedMsgSeqNum(789) in Logon says what is missing.
    Sequence numbers:
        start from 1 with every logon, after every logout, after every disconnect, as asked for;
        and with each period of ``schedule``, outside of which nobody can log on.
        ``resend_request_chunk_size``: messages asked for at a time, 0 for all at once.
        ``gap_fill_types``: MsgTypes that are gap-filled instead of resent, and so not kept: a
        stale order is never replayed. ``last_processed``: LastMsgSeqNumProcessed(369) is sent.
    Checks:
        ``validator`` holds each message of the peer against a dictionary; None leaves only what
        the session itself needs. For FIXT: ``transport_validator`` checks session messages in
        its place; ``appl_validators``: ApplVerID(1128) -> the validator of that version's
        messages. ``max_latency``: ns that a peer's SendingTime may be off, None for any.
        ``check_comp_ids``: CompIDs must be the session's in every message.
        ``on_behalf_of`` and ``deliver_to``: the third parties that OnBehalfOfCompID(115) and
        DeliverToCompID(128) may name, None for any.
        ``data_fields``: tag of a length -> tag of the data it measures, as a dictionary's
        ``data_lengths``; those of the published versions are known without.

    Raises:
        ConfigError: a value that no session can have.
    """

    sender_comp_id: str
    target_comp_id: str
    initiator: bool
    begin_string: str = "FIX.4.4"
    heart_bt_int: int = 30
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    reset_on_logon: bool = False
    reset_on_logout: bool = False
    reset_on_disconnect: bool = False
    gap_fill_types: frozenset[str] = frozenset()
    max_latency: int | None = 120 * NS_PER_SECOND
    check_comp_ids: bool = True
    on_behalf_of: frozenset[str] | None = None
    deliver_to: frozenset[str] | None = None
    sender_sub_id: str | None = None
    sender_location_id: str | None = None
    target_sub_id: str | None = None
    target_location_id: str | None = None
    default_appl_ver_id: str | None = None
    test_mode: bool | None = None
    next_expected: bool = False
    last_processed: bool = False
    resend_request_chunk_size: int = 0
    validator: MessageCheck | None = field(default=None, repr=False)
    transport_validator: MessageCheck | None = field(default=None, repr=False)
    appl_validators: Mapping[str, MessageCheck] = field(default_factory=dict, repr=False)
    data_fields: Mapping[int, int] = field(default_factory=dict, repr=False)
    schedule: Schedule | None = None
    logon_timeout: int = LOGON_TIMEOUT
    logout_timeout: int = LOGOUT_TIMEOUT

    def __post_init__(self) -> None:
        if self.begin_string not in PROFILES:
            known = ", ".join(PROFILES)
            raise ConfigError(f"begin_string: expected one of {known}, got {self.begin_string!r}")
        for name in _TEXTS:
            value = getattr(self, name)
            missing = value == "" and name.endswith("comp_id")
            if missing or (value is not None and not _fits(value)):
                shown = "something else" if name == "password" else repr(value)
                raise ConfigError(f"{name}: expected Latin-1 text without SOH, got {shown}")
        if not 0 <= self.heart_bt_int <= HIGHEST_HEART_BT_INT:
            limits = f"0 to {HIGHEST_HEART_BT_INT}"
            raise ConfigError(f"heart_bt_int: expected {limits} s, got {self.heart_bt_int}")
        if self.resend_request_chunk_size < 0:
            size = self.resend_request_chunk_size
            raise ConfigError(f"resend_request_chunk_size: expected 0 or more, got {size}")
        if self.initiator and self.profile.appl_ver_id and self.default_appl_ver_id is None:
            raise ConfigError(f"default_appl_ver_id: an initiator of {self.begin_string} needs one")

    @property
    def profile(self) -> Profile:
        """The session layer of the version."""
        return PROFILES[self.begin_string]

    @property
    def session_validator(self) -> MessageCheck | None:
        """What checks session messages."""
        return self.transport_validator or self.validator

    def validator_of(self, appl_ver_id: str) -> MessageCheck | None:
        """What checks application messages of a version, given by its ApplVerID(1128)."""
        return self.appl_validators.get(appl_ver_id, self.validator)

    @property
    def name(self) -> str:
        """``FIX.4.4:US->PEER``, with SubIDs and LocationIDs behind slashes."""
        us = (self.sender_comp_id, self.sender_sub_id, self.sender_location_id)
        peer = (self.target_comp_id, self.target_sub_id, self.target_location_id)
        return f"{self.begin_string}:{_joined(us)}->{_joined(peer)}"


_TEXTS = (
    "sender_comp_id",
    "target_comp_id",
    "sender_sub_id",
    "sender_location_id",
    "target_sub_id",
    "target_location_id",
    "username",
    "password",
    "default_appl_ver_id",
)


def _fits(value: str) -> bool:
    """Whether it can be the value of a field."""
    return "\x01" not in value and all(char <= "\xff" for char in value)


def _joined(parts: tuple[str | None, ...]) -> str:
    return "/".join(part for part in parts if part)
