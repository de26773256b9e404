"""One database, one writer connection, commits that survive kill -9."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from meridian.schema.errors import ConfigError

__all__ = ["Database"]

BUSY_SECONDS = 1
"""How long to wait for a process that is just letting go of the file."""
_LOCK = 0x4D45524944
"""The number of our advisory lock among all that a PostgreSQL database has."""


class Database:
    """A SQLite file, or a PostgreSQL database by URL, opened by this process alone.

    ``location``: a path, ``:memory:``, ``sqlite:///path`` or ``postgresql://…``, which needs
    psycopg. SQLite runs in WAL with synchronous=FULL: a transaction that returned is on disk;
    PostgreSQL as its server is set up. Callable from any thread; transactions run one at a time.

    Raises:
        ConfigError: it cannot be opened, or another process holds it.
    """

    def __init__(self, location: str | Path, metadata: MetaData) -> None:
        self._lock = threading.RLock()
        url = _url(location)
        self.path = url.database or "" if _is_sqlite(url) else url.render_as_string()
        try:
            self._engine = _sqlite_engine(url) if _is_sqlite(url) else _postgres_engine(url)
        except ImportError as error:
            raise ConfigError(f"cannot open database {self.path}: {error}") from None
        try:
            self._connection = self._engine.connect()
            if _is_sqlite(url):
                self._claim_file()
            else:
                self._claim_database()
            with self.transaction() as connection:
                metadata.create_all(connection)
        except (SQLAlchemyError, sqlite3.Error, _HeldError) as error:
            self._engine.dispose()
            cause = getattr(error, "orig", error)
            raise ConfigError(f"cannot open database {self.path}: {cause}") from None

    def _claim_file(self) -> None:
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            "synchronous=FULL",
            "fullfsync=ON",
        ):
            self._connection.connection.execute(f"PRAGMA {pragma}").close()

    def _claim_database(self) -> None:
        """The lock goes with the connection, so that nobody has to clean up after a kill."""
        taken = self._connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})")).scalar()
        self._connection.commit()
        if not taken:
            raise _HeldError("another process holds it")

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


class _HeldError(Exception):
    """Somebody else has the database."""


def _url(location: str | Path) -> URL:
    if "://" not in str(location):
        return URL.create("sqlite", database=str(location))
    try:
        url = make_url(str(location))
    except SQLAlchemyError as error:
        raise ConfigError(f"database {str(location)!r}: {error}") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        known = "a path, sqlite:///path or postgresql://…"
        raise ConfigError(f"database {url.render_as_string()}: expected {known}")
    return url


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=url.database),
        poolclass=StaticPool,
        connect_args={
            "check_same_thread": False,
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
        },
    )
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url.set(drivername="postgresql+psycopg"), poolclass=StaticPool)
