"""The FIX side of one endpoint: sessions that come and go while it listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from meridian.fix.config import SessionConfig
from meridian.fix.dictionary import VERSIONS, appl_ver_id, combine, standard
from meridian.fix.directory import SessionDirectory
from meridian.fix.events import SessionEvent
from meridian.fix.logon import is_of
from meridian.fix.message import Message
from meridian.fix.profile import FIXT
from meridian.fix.session import Session
from meridian.fix.validator import Validator
from meridian.management import EndpointDefinition, SessionDefinition
from meridian.net.fix_acceptor import FixAcceptor
from meridian.net.fix_link import FixLink

__all__ = ["NEVER_RESENT", "SessionTable", "VenueAcceptor", "session_config"]

# A stale price helps nobody: a client that comes back is told the present one.
NEVER_RESENT = frozenset({"W", "X"})


class SessionTable(SessionDirectory):
    """Sessions by the client's CompID; changes while connections come in."""

    def __init__(self) -> None:
        super().__init__({})
        self._table: dict[str, Session] = {}

    def __getitem__(self, key: str) -> Session:
        return self._table[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def find(self, logon: Message, now: int) -> tuple[str, Session] | None:
        """Key and session that a Logon is for, None where it is nobody's."""
        del now
        for key, session in self._table.items():
            if is_of(session.config, logon):
                return key, session
        return None

    def put(self, key: str, session: Session) -> None:
        """Let ``session`` answer for ``key`` from now on."""
        self._table[key] = session

    def remove(self, key: str) -> None:
        """Let nobody in for ``key`` any more."""
        del self._table[key]


class VenueAcceptor(FixAcceptor):
    """An acceptor whose links can be reached by hand."""

    def __init__(
        self,
        host: str,
        port: int,
        on_event: Callable[[str, SessionEvent], None],
        clock: Callable[[], int],
        on_note: Callable[[str], None],
    ) -> None:
        self.table = SessionTable()
        self._linked: dict[str, FixLink] = {}
        super().__init__(host, port, self.table, on_event, clock, on_note)

    def link(self, key: str) -> FixLink | None:
        """The connection of a session, if it has one."""
        return self._linked.get(key)

    def link_admitted(self, link: FixLink) -> None:
        self._linked[link.key] = link
        super().link_admitted(link)

    def link_closed(self, link: FixLink) -> None:
        if self._linked.get(link.key) is link:
            del self._linked[link.key]
        super().link_closed(link)


def session_config(
    venue: str, endpoint: EndpointDefinition, session: SessionDefinition
) -> SessionConfig:
    """How the venue's side of a session behaves."""
    version = session.protocol or endpoint.protocol
    over_fixt = version.startswith("FIX.5")
    checks = _Checks()
    if endpoint.validate_messages:
        checks = _checks(version)
    return SessionConfig(
        sender_comp_id=venue,
        target_comp_id=session.comp_id,
        initiator=False,
        begin_string=FIXT if over_fixt else version,
        default_appl_ver_id=appl_ver_id(version) if over_fixt else None,
        username=session.username,
        password=session.password,
        gap_fill_types=NEVER_RESENT,
        validator=checks.application,
        transport_validator=checks.transport,
        appl_validators={appl_ver_id(version): checks.application}
        if over_fixt and checks.application
        else {},
    )


class _Checks(NamedTuple):
    """What holds messages to a dictionary; over FIXT, session messages have their own."""

    application: Validator | None = None
    transport: Validator | None = None


@lru_cache(maxsize=len(VERSIONS))
def _checks(version: str) -> _Checks:
    """Compiled once a version: every session of it holds messages to the same dictionary."""
    if not version.startswith("FIX.5"):
        return _Checks(Validator(standard(version)))
    transport = standard(FIXT)
    application = combine(transport, standard(version))
    return _Checks(Validator(application), Validator(transport))
