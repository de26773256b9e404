"""FIX sessions on disk: sequence numbers and sent messages survive kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from meridian.schema.errors import StoreError
from meridian.store.database import Database
from meridian.store.tables import METADATA

__all__ = ["MAX_KEPT", "MAX_UNFLUSHED", "MAX_UNFLUSHED_BYTES", "SqlMessageStore", "forget_sessions"]

MAX_KEPT = 1_000_000
"""Sequence numbers back to which sent messages are kept; older ones are gap-filled."""
MAX_UNFLUSHED = 10_000
"""Messages that wait for a flush before the store flushes by itself."""
MAX_UNFLUSHED_BYTES = 8_388_608
"""Bytes of these messages, as above."""

_SESSIONS = Table(
    "fix_sessions",
    METADATA,
    Column("session_id", String, primary_key=True),
    Column("next_out", BigInteger, nullable=False),
    Column("next_in", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
)

_MESSAGES = Table(
    "fix_messages",
    METADATA,
    Column("session_id", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


class SqlMessageStore:
    """A ``meridian.fix.store.MessageStore`` in a database, one per ``session_id``.

    Changes gather in memory and become durable together, in one transaction, with ``flush``, or
    when ``MAX_UNFLUSHED`` or ``MAX_UNFLUSHED_BYTES`` are reached. The database decides what
    durable means; ``Database`` survives a loss of power.
    """

    def __init__(self, database: Database, session_id: str, limit: int = MAX_KEPT) -> None:
        self._database = database
        self._session_id = session_id
        self._limit = limit
        self._this = _SESSIONS.c.session_id == session_id
        self._mine = _MESSAGES.c.session_id == session_id
        with database.transaction() as connection:
            row = connection.execute(select(_SESSIONS).where(self._this)).one_or_none()
            if row is None:
                values = {"session_id": session_id, "next_out": 1, "next_in": 1, "created": 0}
                connection.execute(insert(_SESSIONS).values(values))
        self._next_out: int = row.next_out if row else 1
        self._next_in: int = row.next_in if row else 1
        self._created: int = row.created if row else 0
        self._changed = False
        self._restarted = False
        self._unsaved: list[dict[str, str | int | bytes]] = []
        self._unsaved_bytes = 0

    @property
    def next_out(self) -> int:
        """MsgSeqNum of the next message to send, from 1."""
        return self._next_out

    @property
    def next_in(self) -> int:
        """MsgSeqNum expected next from the peer, from 1."""
        return self._next_in

    @property
    def created(self) -> int:
        """When the numbers last started from 1, ns UTC; 0 where nobody has said."""
        return self._created

    def append(self, seq: int, raw: bytes) -> None:
        """Keep a sent message and advance ``next_out``; empty ``raw`` only advances.

        Raises:
            ValueError: ``seq`` is not ``next_out``.
            StoreError: what waits for a flush cannot be committed; this message is not kept.
        """
        if seq != self._next_out:
            raise ValueError(f"expected to append message {self._next_out}, got {seq}")
        # Before anything changes: a message that was refused must not be sent later all the same.
        if len(self._unsaved) >= MAX_UNFLUSHED or self._unsaved_bytes >= MAX_UNFLUSHED_BYTES:
            self.flush()
        self._next_out = seq + 1
        self._changed = True
        if raw:
            self._unsaved.append({"session_id": self._session_id, "seq": seq, "raw": raw})
            self._unsaved_bytes += len(raw)

    def set_next_in(self, n: int) -> None:
        """Expect ``n`` next."""
        self._next_in = n
        self._changed = True

    def set_next_out(self, n: int) -> None:
        """Send ``n`` next, passing numbers over.

        Raises:
            ValueError: ``n`` is below ``next_out``.
        """
        if n < self._next_out:
            raise ValueError(f"expected {self._next_out} or more, got {n}")
        self._next_out = n
        self._changed = True

    def flush(self) -> None:
        """Commit what has changed; when that fails, it stays to be committed by the next call.

        Raises:
            StoreError: it could not be committed.
        """
        if not self._changed:
            return
        with self._transaction() as connection:
            self.write(connection)
        self.written()

    def write(self, connection: Connection) -> None:
        """Put what has changed into somebody's transaction; ``written`` says that it stands."""
        numbers = {
            "next_out": self._next_out,
            "next_in": self._next_in,
            "created": self._created,
        }
        if self._restarted:
            connection.execute(delete(_MESSAGES).where(self._mine))
        if self._unsaved:
            connection.execute(insert(_MESSAGES), self._unsaved)
        connection.execute(update(_SESSIONS).where(self._this), numbers)
        if self._next_out - 1 > self._limit:
            old = and_(self._mine, _MESSAGES.c.seq < self._next_out - self._limit)
            connection.execute(delete(_MESSAGES).where(old))

    def written(self) -> None:
        """The transaction is committed: nothing waits any more."""
        self._restarted = self._changed = False
        self._unsaved.clear()
        self._unsaved_bytes = 0

    def messages(self, begin: int, end: int, limit: int | None = None) -> list[tuple[int, bytes]]:
        """The kept messages with begin <= seq <= end, ascending; the first ``limit`` of them.

        Raises:
            StoreError: they cannot be read.
        """
        self.flush()
        wanted = and_(self._mine, _MESSAGES.c.seq.between(begin, end))
        query = select(_MESSAGES.c.seq, _MESSAGES.c.raw).where(wanted).order_by(_MESSAGES.c.seq)
        with self._transaction() as connection:
            return [(row.seq, row.raw) for row in connection.execute(query.limit(limit))]

    def reset(self, now: int) -> None:
        """Both numbers back to 1, no messages."""
        self.written()
        self._created = now
        self._next_out = 1
        self._next_in = 1
        self._restarted = self._changed = True
        self.flush()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._database.transaction() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            text = f"session {self._session_id} in {self._database.path}: {cause}"
            raise StoreError(text) from error


def forget_sessions(connection: Connection, session_id: str, *, all_like_it: bool = False) -> None:
    """Delete a session, or all whose ids begin so, in somebody's transaction."""
    for table in (_SESSIONS, _MESSAGES):
        column = table.c.session_id
        which = column == session_id
        if all_like_it:
            which = column.startswith(session_id, autoescape=True)
        connection.execute(delete(table).where(which))
