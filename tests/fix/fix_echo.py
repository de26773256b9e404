"""The application the published dialogues are written for: it echoes orders."""

from __future__ import annotations

from functools import lru_cache

from meridian.fix import (
    Disconnected,
    LoggedOut,
    MemoryMessageStore,
    Message,
    MessageReceived,
    Session,
    SessionConfig,
    SessionEvent,
    tags,
)
from meridian.fix.dictionary import Dictionary, combine, standard, version_of
from meridian.fix.profile import FIXT
from meridian.fix.validator import Validator

ECHOED = {"C", "D", "d"}
HEADER_AND_TRAILER = {8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 97, 115, 116, 122, 128, 129, 369, 10}
PEERS = (
    ("FIX.4.0", "TW40", ""),
    ("FIX.4.1", "TW41", ""),
    ("FIX.4.2", "TW42", ""),
    ("FIX.4.3", "TW43", ""),
    ("FIX.4.4", "TW44", ""),
    (FIXT, "TW50", "7"),
    (FIXT, "TW50SP1", "8"),
    (FIXT, "TW50SP2", "9"),
    ("FIX.4.4", "TW", ""),
    ("FIX.4.4", "NO_CHECK_FIELDS_HAVE_VALUES", ""),
)
"""BeginString, the tester's CompID, DefaultApplVerID."""


@lru_cache
def dictionary(begin_string: str, appl_ver_id: str) -> Dictionary:
    if begin_string != FIXT:
        return standard(begin_string)
    return combine(standard(FIXT), standard(version_of(appl_ver_id)))


@lru_cache
def validators(begin_string: str, appl_ver_id: str, *, values: bool = True) -> dict[str, Validator]:
    """The settings of a session that checks all there is."""
    application = Validator(dictionary(begin_string, appl_ver_id), fields_have_values=values)
    if begin_string != FIXT:
        return {"validator": application}
    return {"validator": application, "transport_validator": Validator(standard(FIXT))}


def echo_session(begin_string: str, peer: str, appl_ver_id: str) -> Session:
    values = peer != "NO_CHECK_FIELDS_HAVE_VALUES"
    config = SessionConfig(
        "ISLD",
        peer,
        initiator=False,
        begin_string=begin_string,
        reset_on_logon=True,
        default_appl_ver_id=appl_ver_id or None,
        **validators(begin_string, appl_ver_id, values=values),
    )
    return Session(config, MemoryMessageStore())


class Echo:
    """Sends orders back, knows those it has seen, refuses what it does not handle."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def take(self, session: Session, event: SessionEvent, now: int) -> None:
        match event:
            case MessageReceived(message):
                self._answer(session, message, now, again=event.poss_resend)
            case LoggedOut() | Disconnected():
                self._seen.clear()

    def _answer(self, session: Session, message: Message, now: int, *, again: bool) -> None:
        config = session.config
        if message.msg_type not in ECHOED:
            # The tester expects the version in a field where no dictionary has it.
            version = config.default_appl_ver_id
            session.unsupported(message, now, [(tags.DefaultApplVerID, version)] if version else ())
            return
        order = message.get(tags.ClOrdID)
        if order is not None and again and order in self._seen:
            return
        if order is not None:
            self._seen.add(order)
        body = in_ascending_order(message, dictionary(config.begin_string, version_for(config)))
        header = [(tags.PossResend, "Y")] if again else []
        session.send(message.msg_type, body, now, header)


def version_for(config: SessionConfig) -> str:
    return config.default_appl_ver_id or ""


def in_ascending_order(message: Message, known: Dictionary) -> list[tuple[int, str]]:
    """The body by tag, with the entries of a group behind its count."""
    layout = known.messages[message.msg_type].layout
    body: list[list[tuple[int, str]]] = []
    inside: frozenset[int] = frozenset()
    for tag, value in message.pairs():
        if tag in HEADER_AND_TRAILER:
            continue
        if tag in inside:
            body[-1].append((tag, value))
            continue
        member = layout.member(tag)
        inside = member.group.tags if member is not None and member.group else frozenset()
        body.append([(tag, value)])
    body.sort(key=lambda fields: fields[0][0])
    return [field for fields in body for field in fields]
