"""One SQLite database, one writer connection, commits that survive kill -9."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, MetaData, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from meridian.schema.errors import ConfigError

__all__ = ["Database"]

BUSY_SECONDS = 1
"""How long to wait for a process that is just letting go of the file."""


class Database:
    """A SQLite file opened by this process alone; ``:memory:`` for tests.

    WAL with synchronous=FULL: a transaction that returned is on disk. Callable from any thread;
    transactions run one at a time.

    Raises:
        ConfigError: the file cannot be opened, or another process holds it.
    """

    def __init__(self, path: str | Path, metadata: MetaData) -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        self._engine = create_engine(
            URL.create("sqlite", database=self.path),
            poolclass=StaticPool,
            connect_args={
                "check_same_thread": False,
                "timeout": BUSY_SECONDS,
                "isolation_level": None,
            },
        )
        event.listen(self._engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            self._connection = self._engine.connect()
            for pragma in (
                "locking_mode=EXCLUSIVE",
                "journal_mode=WAL",
                "synchronous=FULL",
                "fullfsync=ON",
            ):
                self._connection.connection.execute(f"PRAGMA {pragma}").close()
            with self.transaction() as connection:
                metadata.create_all(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            self._engine.dispose()
            cause = getattr(error, "orig", error)
            raise ConfigError(f"cannot open database {self.path}: {cause}") from None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing; durable once the block has left without an exception."""
        with self._lock, self._connection.begin():
            yield self._connection

    def pragma(self, name: str) -> str:
        """Read a setting back, as SQLite reports it."""
        with self._lock, self._connection.begin():
            return str(self._connection.execute(text(f"PRAGMA {name}")).scalar())

    def close(self) -> None:
        """Checkpoint and release the file."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()
