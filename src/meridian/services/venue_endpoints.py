"""Where clients connect to one venue: endpoints and their sessions, changed while they run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meridian.fix.events import SessionEvent
from meridian.fix.faults import Faults
from meridian.fix.session import Session
from meridian.fix.store import MemoryMessageStore, MessageStore
from meridian.management import EndpointDefinition, SessionDefinition
from meridian.management.definition import MAX_ENDPOINTS, MAX_SESSIONS
from meridian.management.latency import LatencyModel
from meridian.management.replies import EndpointView, SessionView
from meridian.net.fix_link import FixLink
from meridian.schema.errors import ConflictError, NotFoundError
from meridian.services.clock import Clock
from meridian.services.venue_bots import BOT_PREFIX
from meridian.services.venue_latency import Latencies, LatentFaults, draw
from meridian.services.venue_sessions import VenueAcceptor, session_config
from meridian.services.venue_wire import WiredSession, WireJournal
from meridian.venue import ITCH, FixDoor
from meridian.venue.drop_copy import MAX_COPIES

if TYPE_CHECKING:
    from meridian.store.venue_state import VenueState

__all__ = [
    "MAX_STORED",
    "Client",
    "Endpoint",
    "Endpoints",
    "client_view",
    "endpoint_notice",
    "endpoint_view",
]

MAX_STORED = 20_000
"""Sent messages a session can give again; older ones are gap-filled."""


@dataclass(slots=True)
class Endpoint:
    """One that listens."""

    definition: EndpointDefinition
    name: str
    acceptor: VenueAcceptor
    host: str
    port: int


@dataclass(slots=True)
class Client:
    """A session as it is configured, with its state."""

    definition: SessionDefinition
    endpoint: Endpoint
    session: Session
    store: MessageStore

    @property
    def link(self) -> FixLink | None:
        """The client's connection, if it has one."""
        return self.endpoint.acceptor.link(self.definition.comp_id)

    def settle(self) -> None:
        """Let what was done to the session by hand take effect on its connection."""
        if (link := self.link) is not None:
            link.settle()

    def cut(self, reason: str) -> None:
        """End the connection without a word, if there is one."""
        self.endpoint.acceptor.drop(self.definition.comp_id, reason)

    @property
    def protocol(self) -> str:
        """The application's version."""
        return self.definition.protocol or self.endpoint.definition.protocol


class Endpoints:
    """Every endpoint of a venue and every session behind them, by name and by CompID.

    ``on_event`` and ``on_note`` are as ``FixAcceptor`` has them. Sessions keep the machine's
    time, whatever the venue's clock says: their clients check it. ``door`` is told who there is
    and who gets copies of whose reports, also while they are away. With ``state``, what sessions
    must remember is kept there, else in memory.
    """

    def __init__(  # noqa: PLR0913 - what a venue shares with its sessions
        self,
        door: FixDoor,
        venue: str,
        seed: int,
        clock: Clock,
        wire: WireJournal | None,
        on_event: Callable[[str, SessionEvent], None],
        on_note: Callable[[str], None],
        *,
        state: VenueState | None = None,
    ) -> None:
        self._door = door
        self._venue = venue
        self._state = state
        self._seed = seed
        self._clock = clock
        self._wire = wire
        self._on_event = on_event
        self._on_note = on_note
        self.by_name: dict[str, Endpoint] = {}
        self.clients: dict[str, Client] = {}
        self.latencies = Latencies()

    def endpoint(self, name: str | None) -> Endpoint:
        """By name; None is the only one there is.

        Raises:
            NotFoundError: no such endpoint, or several to choose from.
        """
        if name is None and len(self.by_name) == 1:
            return next(iter(self.by_name.values()))
        found = self.by_name.get(name or "")
        if found is None:
            known = ", ".join(self.by_name) or "none"
            raise NotFoundError(f"endpoint {name!r}: expected one of: {known}")
        return found

    def client(self, comp_id: str) -> Client:
        """By CompID.

        Raises:
            NotFoundError: no such session.
        """
        found = self.clients.get(comp_id)
        if found is None:
            raise NotFoundError(f"no session has the comp_id {comp_id!r}")
        return found

    async def open(self, definition: EndpointDefinition) -> Endpoint:
        """Listen, with all sessions of the definition.

        Raises:
            ConfigError: the address cannot be listened on.
            ConflictError: a name or CompID is taken, or there is no room.
        """
        name = definition.name or self._free_name()
        if name in self.by_name:
            raise ConflictError(f"endpoint {name!r} is there already")
        if len(self.by_name) >= MAX_ENDPOINTS:
            raise ConflictError(f"a venue has at most {MAX_ENDPOINTS} endpoints")
        for session in definition.sessions:
            self._check_free(session.comp_id)
        acceptor = VenueAcceptor(
            definition.host, definition.port, self._on_event, self._clock, self._on_note
        )
        endpoint = Endpoint(definition, name, acceptor, definition.host, definition.port)
        # The name is taken before anything waits, so that two that come at once cannot share it.
        self.by_name[name] = endpoint
        try:
            for session in definition.sessions:
                self.admit(endpoint, session)
            endpoint.host, endpoint.port = await acceptor.start()
        except BaseException:
            self._forget(endpoint)
            raise
        return endpoint

    async def close(self, name: str) -> None:
        """Log the endpoint's clients out and listen no more. Raises NotFoundError."""
        endpoint = self.endpoint(name)
        await endpoint.acceptor.stop()
        for comp_id in self._forget(endpoint):
            if self._state is not None:
                self._state.forget_session(comp_id)

    async def close_all(self) -> None:
        """As ``close``, for all of them at once."""
        await asyncio.gather(*(each.acceptor.stop() for each in self.by_name.values()))
        for endpoint in list(self.by_name.values()):
            self._forget(endpoint)

    def admit(self, endpoint: Endpoint, definition: SessionDefinition) -> Client:
        """Let a client in from now on.

        Raises:
            ConflictError: the CompID is taken, or there is no room.
        """
        self._check_free(definition.comp_id)
        if len(endpoint.acceptor.table) >= MAX_SESSIONS:
            raise ConflictError(f"an endpoint has at most {MAX_SESSIONS} sessions")
        self._check_copies(definition)
        client = self._put(endpoint, definition, self._store(definition.comp_id))
        for each in self.clients.values():
            for source in each.definition.copies:
                if definition.comp_id in (source, each.definition.comp_id):
                    self._door.copies.add(source, each.definition.comp_id)
        return client

    def change(self, comp_id: str, username: str | None, password: str | None) -> Client:
        """Ask another username and password of a client; one that is connected is cut off."""
        client = self.client(comp_id)
        client.cut("its login was changed")
        definition = client.definition.model_copy(
            update={"username": username, "password": password}
        )
        return self._put(client.endpoint, definition, client.store, client.session.faults)

    def dismiss(self, comp_id: str) -> None:
        """Cut a client off and let it in no more. Raises NotFoundError."""
        client = self.client(comp_id)
        client.cut("its session was deleted")
        client.endpoint.acceptor.table.remove(comp_id)
        del self.clients[comp_id]
        self._door.forget(comp_id)
        if self._state is not None:
            self._state.forget_session(comp_id)

    def definitions(self) -> tuple[EndpointDefinition, ...]:
        """Endpoints and sessions as they are now, with the ports they have."""
        found = []
        for endpoint in self.by_name.values():
            sessions = [c.definition for c in self.clients.values() if c.endpoint is endpoint]
            now = {"name": endpoint.name, "port": endpoint.port, "sessions": tuple(sessions)}
            found.append(endpoint.definition.model_copy(update=now))
        return tuple(found)

    def reseed(self, seed: int) -> None:
        """Throw the dice of faults anew; those that are armed stay so."""
        self._seed = seed
        for client in self.clients.values():
            former = client.session.faults
            client.session.faults = None
            if isinstance(former, LatentFaults):
                self.faults(client).take_over(former)

    def renew(self) -> None:
        """Cut every client off and start every session anew: numbers, messages, faults."""
        for client in list(self.clients.values()):
            client.cut("sessions were reset")
            store = self._store(client.definition.comp_id)
            store.reset(self._clock())
            self._put(client.endpoint, client.definition, store)

    def faults(self, client: Client) -> LatentFaults:
        """The faults of a session, made when first asked for; dice are thrown from the seed."""
        faults = client.session.faults
        if isinstance(faults, LatentFaults):
            return faults
        comp_id = client.definition.comp_id
        # Dice of their own, so that a fault that is armed does not change the latencies.
        dice = random.Random(f"{self._seed}:latency:{comp_id}")

        def latency(msg_type: str) -> int:
            model = self.latencies.model(comp_id, msg_type)
            return 0 if model is None else draw(model, dice)

        faults = LatentFaults(random.Random(f"{self._seed}:{comp_id}"), latency)
        client.session.faults = faults
        return faults

    def delay(self, comp_id: str | None, msg_type: str | None, model: LatencyModel | None) -> None:
        """Let messages leave later from now on. Raises ConflictError where there is no room."""
        self.latencies.set(comp_id, msg_type, model)
        for client in self.clients.values():
            self.faults(client)

    def _store(self, comp_id: str) -> MessageStore:
        if self._state is None:
            return MemoryMessageStore(MAX_STORED)
        return self._state.message_store(comp_id)

    def _put(
        self,
        endpoint: Endpoint,
        definition: SessionDefinition,
        store: MessageStore,
        faults: Faults | None = None,
    ) -> Client:
        comp_id = definition.comp_id
        config = session_config(self._venue, endpoint.definition, definition)
        session = WiredSession(config, store, self._venue, comp_id, self._wire, self._clock)
        session.faults = faults
        self._door.speak(
            comp_id,
            config.begin_string,
            config.default_appl_ver_id,
            validated=config.validator is not None,
        )
        client = Client(definition, endpoint, session, store)
        endpoint.acceptor.table.put(comp_id, session)
        self.clients[comp_id] = client
        if self.latencies:
            self.faults(client)
        return client

    def _forget(self, endpoint: Endpoint) -> list[str]:
        self.by_name.pop(endpoint.name, None)
        gone = [name for name, client in self.clients.items() if client.endpoint is endpoint]
        for comp_id in gone:
            del self.clients[comp_id]
            self._door.forget(comp_id)
        return gone

    def _check_copies(self, definition: SessionDefinition) -> None:
        for source in definition.copies:
            wanting = sum(source in each.definition.copies for each in self.clients.values())
            if wanting >= MAX_COPIES:
                text = f"session {source!r} has {MAX_COPIES} drop copy sessions, expected no more"
                raise ConflictError(text)

    def _check_free(self, comp_id: str) -> None:
        if comp_id in self.clients:
            raise ConflictError(f"comp_id {comp_id!r} is taken, expected a unique one")
        own = comp_id in (self._venue, ITCH) or comp_id.startswith(BOT_PREFIX)
        if own:
            raise ConflictError(f"comp_id {comp_id!r} is a name of the venue's own")

    def _free_name(self) -> str:
        number = len(self.by_name) + 1
        while f"fix-{number}" in self.by_name:
            number += 1
        return f"fix-{number}"


def endpoint_view(endpoint: Endpoint) -> EndpointView:
    """For management."""
    return EndpointView(
        name=endpoint.name,
        protocol=endpoint.definition.protocol,
        host=endpoint.host,
        port=endpoint.port,
        sessions=tuple(endpoint.acceptor.table),
    )


def client_view(client: Client, venue: str) -> SessionView:
    """For management."""
    session, link, endpoint = client.session, client.link, client.endpoint
    next_out, next_in = session.next_numbers
    return SessionView(
        comp_id=client.definition.comp_id,
        endpoint=endpoint.name,
        protocol=client.protocol,
        sender_comp_id=client.definition.comp_id,
        target_comp_id=venue,
        host=endpoint.host,
        port=endpoint.port,
        username=client.definition.username,
        state=session.state.value,
        logged_on=session.logged_on,
        peer=None if link is None else link.peer,
        next_out=next_out,
        next_in=next_in,
        faults=0 if session.faults is None else len(session.faults.armed()),
    )


def endpoint_notice(endpoint: Endpoint, venue: str) -> dict[str, Any]:
    """For the ready line: what a client must be set up with."""
    ids = [
        {"sender_comp_id": client, "target_comp_id": venue} for client in endpoint.acceptor.table
    ]
    return {
        "name": endpoint.name,
        "protocol": endpoint.definition.protocol,
        "host": endpoint.host,
        "port": endpoint.port,
        "sessions": ids,
    }
