"""The kernel's journal in SQLite: records, the events they caused, and the fills' unique keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
)

from meridian.kernel.events import EVENT, BaseEvent
from meridian.kernel.records import RECORD, FillApplied, Record, RequestSent
from meridian.schema.errors import ConfigError
from meridian.store.database import Database

__all__ = ["SqlJournal"]

METADATA = MetaData()
_HEAD = Table(
    "journal_head",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("exchange_id", String, nullable=False),
    Column("namespace", String, nullable=False),
)
_RECORDS = Table(
    "journal_records",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("body", String, nullable=False),
)
_EVENTS = Table(
    "journal_events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", String, nullable=False),
)
# The last line of defence: a bug that would reuse an id or book a fill twice fails to commit.
_CLIENT_IDS = Table("journal_client_ids", METADATA, Column("client_id", String, primary_key=True))
_FILLS = Table(
    "journal_fills",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("symbol_id", String, nullable=False),
    Column("trade_id", String),
    UniqueConstraint("order_id", "symbol_id", "trade_id"),
)

READ_BATCH = 1_000
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SqlJournal:
    """Implements ``meridian.kernel.journal.Journal`` over one database file.

    Raises:
        ConfigError: the file belongs to another exchange, is held by another process, or cannot
            be opened.
    """

    def __init__(self, path: str | Path, exchange_id: str, created_at: int) -> None:
        """``created_at`` (ns UTC) names a new journal; an existing one keeps its name."""
        self._database = Database(path, METADATA)
        with self._database.transaction() as connection:
            head = connection.execute(select(_HEAD)).first()
            if head is None:
                self.namespace = f"K{_base36(created_at // 1_000_000)}"
                connection.execute(
                    insert(_HEAD).values(id=1, exchange_id=exchange_id, namespace=self.namespace)
                )
                return
            self.namespace = head.namespace
        if head.exchange_id != exchange_id:
            self.close()
            raise ConfigError(
                f"journal {path} belongs to exchange {head.exchange_id!r}, not {exchange_id!r}"
            )

    def records(self) -> Iterator[Record]:
        """Everything journaled, in order.

        Raises:
            ConfigError: a record cannot be read; says which, and of which journal.
        """
        last = 0
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(
                    select(_RECORDS).where(_RECORDS.c.seq > last).order_by("seq").limit(READ_BATCH)
                ).all()
            if not rows:
                return
            for row in rows:
                yield self._read(row.seq, row.body)
            last = rows[-1].seq

    def _read(self, seq: int, body: str) -> Record:
        try:
            return RECORD.validate_json(body)
        except ValidationError as error:
            what = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise ConfigError(
                f"journal {self._database.path}: record {seq} cannot be read: {what}"
            ) from None

    def append(self, records: Sequence[Record], events: Sequence[BaseEvent]) -> None:
        """Write records and events in one transaction."""
        sent = [{"client_id": r.client_id} for r in records if isinstance(r, RequestSent)]
        fills = [
            {
                "order_id": r.fill.order_id or "",
                "symbol_id": r.symbol_id,
                "trade_id": r.fill.trade_id,
            }
            for r in records
            if isinstance(r, FillApplied)
        ]
        rows = [{"kind": r.kind, "body": RECORD.dump_json(r).decode()} for r in records]
        told = [{"seq": e.seq, "body": e.model_dump_json()} for e in events]
        with self._database.transaction() as connection:
            for table, values in (
                (_RECORDS, rows),
                (_CLIENT_IDS, sent),
                (_FILLS, fills),
                (_EVENTS, told),
            ):
                if values:
                    connection.execute(insert(table), values)

    def events(self, from_seq: int, limit: int) -> list[BaseEvent]:
        """Up to ``limit`` events from ``from_seq`` on, in order."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                select(_EVENTS.c.body)
                .where(_EVENTS.c.seq >= from_seq)
                .order_by(_EVENTS.c.seq)
                .limit(limit)
            ).all()
        return [EVENT.validate_json(row.body) for row in rows]

    def close(self) -> None:
        """Checkpoint and release the file."""
        self._database.close()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
    return digits or "0"
