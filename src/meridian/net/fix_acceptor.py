"""The listening side: many FIX sessions behind one TCP port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from weakref import WeakSet

from meridian.fix.acceptor import Admission
from meridian.fix.directory import SessionDirectory
from meridian.fix.encoder import Fields
from meridian.fix.events import SessionEvent
from meridian.fix.message import Message
from meridian.fix.session import Session
from meridian.net.fix_link import FixLink
from meridian.schema.errors import ConfigError, NotFoundError

__all__ = ["BACKLOG", "MAX_LINKS", "MAX_WAITING_PER_HOST", "FixAcceptor"]

MAX_LINKS = 1_024
"""Connections at a time, logged on or not; further ones are closed at once."""
MAX_WAITING_PER_HOST = 256
"""Connections of one address that have not logged on; further ones are closed at once, so that
no address keeps all others out."""
BACKLOG = 1_024
"""Connections the system holds until the loop takes them: a whole desk may log on at once."""
HANDSHAKE_TIMEOUT = 10.0
"""Seconds that a TLS handshake may take, as a Logon may."""
STOP_TIMEOUT = 5.0
"""Seconds that ``stop`` waits for the peers' Logouts before it cuts them."""


class FixAcceptor:
    """Listens on ``host:port`` for the peers in ``sessions``, keyed by the peer's CompID.

    ``on_event`` is called on the event loop with the key and each session event; when it raises,
    the error goes to ``on_note`` and the connection goes on. ``on_note`` gets lines for the log:
    refused and dropped connections. ``clock`` gives ns UTC. With ``tls``, an SSL context for
    servers, only encrypted connections are taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sessions: Mapping[str, Session],
        on_event: Callable[[str, SessionEvent], None],
        clock: Callable[[], int],
        on_note: Callable[[str], None],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._host = host
        self._port = port
        if not isinstance(sessions, SessionDirectory):
            sessions = SessionDirectory(sessions)
        self._sessions = sessions
        self._on_event = on_event
        self._clock = clock
        self._on_note = on_note
        self._links: set[FixLink] = set()
        # Nobody tells when a TLS handshake fails: such a link is just let go of.
        self._shaking: WeakSet[FixLink] = WeakSet()
        self._by_key: dict[str, FixLink] = {}
        self._server: asyncio.Server | None = None
        self._empty: asyncio.Future[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns the address in use, with the real port where 0 was asked for.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                self._new_link,
                self._host,
                self._port,
                backlog=BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=None if self._tls is None else HANDSHAKE_TIMEOUT,
            )
        except (OSError, ValueError, OverflowError) as error:
            # ValueError, OverflowError: a host or port that the system would not even look at.
            reason = getattr(error, "strerror", None) or error
            text = f"cannot listen on {self._host}:{self._port}: {reason}"
            raise ConfigError(text) from None
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    def send(self, key: str, msg_type: str, fields: Fields | bytes, header: Fields = ()) -> int:
        """Send to a peer, or keep for its next logon, as ``Session.send``; returns the MsgSeqNum.

        Raises:
            NotFoundError: no such session.
            ValueError, TypeError: a field cannot be encoded; nothing was kept or sent.
            StoreError: the peer is away and the message cannot be kept, as ``Session.send``.
        """
        seq = self._session(key).send(msg_type, fields, self._clock(), header)
        self._mark(key)
        return seq

    def reject(
        self, key: str, message: Message, reason_code: int, tag: int | None, text: str
    ) -> None:
        """Answer a peer's message with a session Reject(3).

        Raises:
            NotFoundError: no such session.
        """
        self._session(key).reject(message, reason_code, tag, text, self._clock())
        self._mark(key)

    def business_reject(
        self, key: str, message: Message, reason_code: int, text: str, more: Fields = ()
    ) -> None:
        """Answer a peer's message as ``Session.business_reject`` does.

        Raises:
            NotFoundError: no such session.
        """
        self._session(key).business_reject(message, reason_code, text, self._clock(), more)
        self._mark(key)

    def unsupported(self, key: str, message: Message) -> None:
        """Answer a message of a type that the application does not handle.

        Raises:
            NotFoundError: no such session.
        """
        self._session(key).unsupported(message, self._clock())
        self._mark(key)

    def drop(self, key: str, reason: str) -> None:
        """Cut a peer's connection without a word, if it has one."""
        if (link := self._by_key.get(key)) is not None:
            link.abort(reason)

    async def stop(self) -> None:
        """Log all peers out, wait for their answers, stop listening."""
        if self._server is None:
            return
        self._server.close()
        for link in list(self._links):
            if link.session is None:
                link.abort("stopping")
            else:
                link.session.logout("", self._clock())
                link.settle()
        if self._links:
            self._empty = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await self._empty
            except TimeoutError:
                for link in list(self._links):
                    link.abort("stopping")
            self._empty = None
        await self._server.wait_closed()
        self._server = None

    def _session(self, key: str) -> Session:
        try:
            return self._sessions[key]
        except KeyError:
            raise NotFoundError(f"no FIX session for CompID {key!r}") from None

    def _mark(self, key: str) -> None:
        if (link := self._by_key.get(key)) is not None:
            link.mark()

    def _new_link(self) -> asyncio.BaseProtocol:
        if len(self._links) + len(self._shaking) >= MAX_LINKS:
            self._on_note(f"refused: {MAX_LINKS} connections already")
            return _Refused()
        link = FixLink(self, self._clock, Admission(self._sessions, self._clock()))
        if self._tls is not None:
            self._shaking.add(link)
        return link

    # LinkOwner

    def link_welcome(self, link: FixLink) -> bool:
        """Refuse a host that has too many connections waiting already."""
        self._shaking.discard(link)
        self._links.add(link)
        waiting = sum(each.session is None and each.host == link.host for each in self._links)
        if waiting <= MAX_WAITING_PER_HOST:
            return True
        self._on_note(f"{link.peer}: refused: {waiting - 1} connections wait for Logon already")
        return False

    def link_admitted(self, link: FixLink) -> None:
        """From now on ``send`` reaches this peer."""
        self._by_key[link.key] = link

    def link_event(self, link: FixLink, event: SessionEvent) -> None:
        """Hand on to the application."""
        try:
            self._on_event(link.key, event)
        except Exception as error:  # noqa: BLE001 - an application's bug must not cut the link
            self._on_note(f"{link.key}: handler failed on {event}: {error!r}")

    def link_note(self, link: FixLink, text: str) -> None:
        """One line for the log."""
        self._on_note(text)

    def link_closed(self, link: FixLink) -> None:
        """The peer may come back on another connection."""
        if self._by_key.get(link.key) is link:
            del self._by_key[link.key]

    def link_gone(self, link: FixLink) -> None:
        """Forget the link."""
        self._links.discard(link)
        if not self._links and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)


class _Refused(asyncio.Protocol):
    """A connection beyond the bound."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
