"""What venues must not forget, in one database: definitions, commands applied, FIX sessions.

Everything gathers in memory and becomes durable in one transaction: an order, the reports of it
and the numbers of the sessions that carried them are there together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from meridian.schema.errors import StoreError
from meridian.store.database import Database
from meridian.store.fix_messages import SqlMessageStore, forget_sessions
from meridian.store.tables import METADATA

__all__ = ["StateMessageStore", "VenueState", "VenueStates"]

_VENUES = Table(
    "venue_states",
    METADATA,
    Column("venue", String, primary_key=True),
    Column("run", String, nullable=False),
    Column("definition", Text, nullable=False),
)
_COMMANDS = Table(
    "venue_commands",
    METADATA,
    Column("venue", String, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("commands", Text, nullable=False),
)
_IMAGES = Table(
    "venue_images",
    METADATA,
    Column("venue", String, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("part", Text, nullable=False),
)


class VenueStates:
    """The venues of one database. ``commit`` keeps what gathered; nothing while ``hold`` lasts.

    ``on_failure`` is told when the database fails: a venue must not go on without its memory.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.on_failure: Callable[[StoreError], None] = lambda _: None
        self._open: dict[str, VenueState] = {}
        self._held = 0

    def names(self) -> list[str]:
        """Venues that are kept; one that was never whole is not. Raises StoreError."""
        query = select(_VENUES.c.venue).where(_VENUES.c.definition != "").order_by(_VENUES.c.venue)
        with self.transaction("list") as connection:
            return list(connection.execute(query).scalars())

    def create(self, venue: str, run: str) -> VenueState:
        """A venue that nothing is kept of; it is whole once its definition is kept.

        Raises:
            StoreError: the database fails.
        """
        self.delete(venue)
        with self.transaction(venue) as connection:
            row = {"venue": venue, "run": run, "definition": ""}
            connection.execute(insert(_VENUES).values(row))
        return self.open(venue)

    def open(self, venue: str) -> VenueState:
        """A venue that is kept. Raises StoreError."""
        newest = select(func.max(_COMMANDS.c.number)).where(_COMMANDS.c.venue == venue)
        with self.transaction(venue) as connection:
            row = connection.execute(select(_VENUES).where(_VENUES.c.venue == venue)).one()
            number = connection.execute(newest).scalar() or 0
        state = self._open[venue] = VenueState(self, venue, row.run, row.definition, number)
        return state

    def delete(self, venue: str) -> None:
        """Keep nothing of a venue any more. Raises StoreError."""
        self._open.pop(venue, None)
        with self.transaction(venue) as connection:
            for table in (_VENUES, _COMMANDS, _IMAGES):
                connection.execute(delete(table).where(table.c.venue == venue))
            forget_sessions(connection, _session_id(venue, ""), all_like_it=True)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """What happens inside belongs together: it is kept by the first commit after it."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def commit(self) -> None:
        """Keep all that gathered, all or none; when that fails, the next call tries again.

        Raises:
            StoreError: it could not be committed.
        """
        changed = [state for state in self._open.values() if state.changed]
        if self._held or not changed:
            return
        with self.transaction(", ".join(state.venue for state in changed)) as connection:
            for state in changed:
                state.write(connection)
        for state in changed:
            state.written()

    def close(self) -> None:
        """Commit and let go of the database."""
        try:
            self.commit()
        finally:
            self.database.close()

    @contextmanager
    def transaction(self, venue: str) -> Iterator[Connection]:
        """One of the database's; ``venue`` is for the error. Raises StoreError."""
        try:
            with self.database.transaction() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            failure = StoreError(f"venue {venue} in {self.database.path}: {cause}")
            self.on_failure(failure)
            raise failure from error


class VenueState:
    """What is kept of one venue; ``run`` is part of its ids for as long as it is kept.

    ``definition`` is the text kept last. ``pending`` are commands that wait, in the order they
    were applied: whoever records appends. ``tell_definition`` and ``tell_commands`` give the texts
    to keep.
    """

    def __init__(
        self, states: VenueStates, venue: str, run: str, definition: str, number: int
    ) -> None:
        self.states = states
        self.venue = venue
        self.run = run
        self.definition = definition
        self.pending: list[Any] = []
        self.tell_definition: Callable[[], str] = lambda: self.definition
        self.tell_commands: Callable[[list[Any]], str] = json.dumps
        self.redefined = False
        """Whether the definition is to be asked for with the next commit."""
        self.stores: dict[str, StateMessageStore] = {}
        self._number = number
        self.dirty: dict[StateMessageStore, None] = {}
        """Sessions with something to keep."""

    @property
    def changed(self) -> bool:
        """Whether anything gathered."""
        return bool(self.pending or self.dirty or self.redefined)

    def message_store(self, session: str) -> StateMessageStore:
        """The store of a session, as it was left. Raises StoreError."""
        store = self.stores.get(session)
        if store is None:
            store = self.stores[session] = StateMessageStore(self, session)
        return store

    def forget_session(self, session: str) -> None:
        """Keep nothing of a session. Raises StoreError."""
        store = self.stores.pop(session, None)
        if store is not None:
            self.dirty.pop(store, None)
        with self.states.transaction(self.venue) as connection:
            forget_sessions(connection, _session_id(self.venue, session))

    def image(self) -> list[str]:
        """The parts of the image that the commands follow upon. Raises StoreError."""
        return self._texts(_IMAGES, _IMAGES.c.part)

    def batches(self) -> list[str]:
        """The commands that were kept since, batch by batch. Raises StoreError."""
        return self._texts(_COMMANDS, _COMMANDS.c.commands)

    def compact(self, parts: Iterable[str]) -> None:
        """Put an image of the venue as it is now in the place of all commands.

        Raises:
            StoreError: it could not be committed; what was kept before still is.
        """
        self.states.commit()
        rows = [
            {"venue": self.venue, "number": number, "part": part}
            for number, part in enumerate(parts, 1)
        ]
        with self.states.transaction(self.venue) as connection:
            for table in (_COMMANDS, _IMAGES):
                connection.execute(delete(table).where(table.c.venue == self.venue))
            connection.execute(insert(_IMAGES), rows)

    def write(self, connection: Connection) -> None:
        """Put what gathered into a transaction."""
        if self.redefined:
            mine = _VENUES.c.venue == self.venue
            definition = self.tell_definition()
            connection.execute(update(_VENUES).where(mine), {"definition": definition})
        if self.pending:
            commands = self.tell_commands(self.pending)
            row = {"venue": self.venue, "number": self._number + 1, "commands": commands}
            connection.execute(insert(_COMMANDS), row)
        for store in self.dirty:
            store.write(connection)

    def written(self) -> None:
        """The transaction is committed."""
        if self.pending:
            self._number += 1
            self.pending.clear()
        self.redefined = False
        for store in self.dirty:
            store.written()
        self.dirty.clear()

    def _texts(self, table: Table, column: Column[str]) -> list[str]:
        query = select(column).where(table.c.venue == self.venue).order_by(table.c.number)
        with self.states.transaction(self.venue) as connection:
            return list(connection.execute(query).scalars())


class StateMessageStore(SqlMessageStore):
    """The store of a session of a venue: its flush keeps everything of the venue with it."""

    def __init__(self, state: VenueState, session: str) -> None:
        super().__init__(state.states.database, _session_id(state.venue, session))
        self._state = state

    def append(self, seq: int, raw: bytes) -> None:
        """Keep a sent message and advance ``next_out``. Raises ValueError, StoreError."""
        super().append(seq, raw)
        self._state.dirty[self] = None

    def set_next_in(self, n: int) -> None:
        """Expect ``n`` next."""
        super().set_next_in(n)
        self._state.dirty[self] = None

    def set_next_out(self, n: int) -> None:
        """Send ``n`` next. Raises ValueError."""
        super().set_next_out(n)
        self._state.dirty[self] = None

    def reset(self, now: int) -> None:
        """Both numbers back to 1, no messages."""
        self._state.dirty[self] = None
        super().reset(now)

    def flush(self) -> None:
        """Commit what all venues have gathered. Raises StoreError."""
        self._state.states.commit()


def _session_id(venue: str, session: str) -> str:
    # Neither name holds a space.
    return f"{venue} {session}"
