"""The connecting side of a FIX session over TCP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from meridian.fix.encoder import Fields
from meridian.fix.events import Disconnected, SessionEvent, Synchronised
from meridian.fix.session import Session
from meridian.net.fix_link import FixLink
from meridian.schema.errors import ExchangeError, SessionDegradedError

__all__ = ["FixInitiator"]


class FixInitiator:
    """Connects a session to ``host:port``, again and again if need be.

    ``on_event`` is called on the event loop for each session event; when it raises, ``on_error``
    gets the exception and the connection goes on. ``clock`` gives ns UTC. With ``tls`` the
    connection is encrypted, and the acceptor's certificate is checked as the context says.
    """

    def __init__(
        self,
        session: Session,
        host: str,
        port: int,
        on_event: Callable[[SessionEvent], None],
        clock: Callable[[], int],
        on_error: Callable[[Exception], None] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._session = session
        self._host = host
        self._port = port
        self._on_event = on_event
        self._on_error = on_error
        self._clock = clock
        self._link: FixLink | None = None
        self._ready: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] | None = None

    @property
    def connected(self) -> bool:
        """Logged on: what is sent now goes out now."""
        return self._link is not None and self._session.logged_on

    async def connect(self, timeout: float) -> None:  # noqa: ASYNC109 - covers three steps
        """TCP connection, Logon, and everything missed in between received; in ``timeout`` s.

        Raises:
            ExchangeError: the peer cannot be reached, refuses, or does not answer in time.
        """
        if self._link is not None or self._ready is not None:
            raise ExchangeError(f"{self._address}: already connected")
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        try:
            async with asyncio.timeout(timeout):
                await loop.create_connection(self._new_link, self._host, self._port, ssl=self._tls)
                await self._ready
        except TimeoutError:
            raise ExchangeError(f"{self._address}: not logged on within {timeout} s") from None
        except (OSError, ValueError, OverflowError) as error:
            # ValueError, OverflowError: a host or port that the system would not even look at.
            raise ExchangeError(f"cannot connect to {self._address}: {error}") from None
        finally:
            succeeded = self._ready.done() and not self._ready.cancelled()
            succeeded = succeeded and self._ready.exception() is None
            self._ready = None
            if not succeeded:
                self.abort()

    def send(self, msg_type: str, fields: Fields | bytes, header: Fields = ()) -> int:
        """Send as ``Session.send`` does; returns the MsgSeqNum. One write per loop turn.

        Raises:
            SessionDegradedError: not logged on; nothing was kept or sent.
            ValueError, TypeError: a field cannot be encoded; nothing was kept or sent.
        """
        if self._link is None or not self._session.logged_on:
            raise SessionDegradedError(f"{self._address}: not logged on")
        seq = self._session.send(msg_type, fields, self._clock(), header)
        self._link.mark()
        return seq

    def reset(self) -> None:
        """Start both directions from 1, as ``Session.reset``: now, or with the next logon.

        Raises:
            RuntimeError: while logging on or out, or in FIX.4.0 while logged on.
        """
        self._session.reset(self._clock())
        if self._link is not None:
            self._link.settle()

    async def logout(self, timeout: float) -> None:  # noqa: ASYNC109 - ends in abort, not error
        """Logout and wait for the answer; after ``timeout`` s the connection is cut."""
        link = self._link
        if link is None:
            return
        gone = self._gone = asyncio.get_running_loop().create_future()
        self._session.logout("", self._clock())
        link.settle()
        try:
            async with asyncio.timeout(timeout):
                await gone
        except TimeoutError:
            link.abort("no answer to our Logout in time")

    def abort(self) -> None:
        """Cut the connection without a word; a later ``connect`` resumes the session."""
        if self._link is not None:
            self._link.abort("cut by this side")

    @property
    def _address(self) -> str:
        return f"{self._host}:{self._port}"

    def _new_link(self) -> FixLink:
        self._link = FixLink(self, self._clock, self._session)
        return self._link

    # LinkOwner

    def link_welcome(self, link: FixLink) -> bool:
        """Always: this side asked for the connection."""
        return True

    def link_admitted(self, link: FixLink) -> None:
        """Never called: an initiator's link has its session from the start."""

    def link_event(self, link: FixLink, event: SessionEvent) -> None:
        """Hand on to the application; wake who waits for it."""
        if self._ready is not None and not self._ready.done():
            if isinstance(event, Synchronised):
                self._ready.set_result(None)
            elif isinstance(event, Disconnected):
                error = ExchangeError(f"{self._address}: {event.reason}")
                self._ready.set_exception(error)
        try:
            self._on_event(event)
        except Exception as error:  # noqa: BLE001 - an application's bug must not cut the link
            if self._on_error is not None:
                self._on_error(error)

    def link_note(self, link: FixLink, text: str) -> None:
        """Nothing: what happens to the link also comes as Disconnected."""

    def link_closed(self, link: FixLink) -> None:
        """Free for the next connect."""
        if self._link is link:
            self._link = None

    def link_gone(self, link: FixLink) -> None:
        """Wake who waits for the end."""
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
