"""The sidecar's ledger in SQLite: order map, fills, outbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert

from meridian.ccm.dedup import FillKey
from meridian.ccm.ledger import LinkKind, OrderRecord, OrderState
from meridian.schema.messages import Envelope, FillEvent, Order, OrderReport
from meridian.schema.numbers import canonical
from meridian.store.database import Database
from meridian.store.tables import METADATA

__all__ = ["SqlLedger"]

_ORDERS = Table(
    "sidecar_orders",
    METADATA,
    Column("instance_id", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("venue_order_id", String),
    Column("client_order_id", String, nullable=False),
    Column("filled", String, nullable=False),
    Column("order", Text, nullable=False),
    Column("report", Text),
    Column("created_ns", BigInteger, nullable=False),
    Column("updated_ns", BigInteger, nullable=False),
    Index("sidecar_orders_by_state", "instance_id", "state", "created_ns"),
)
_LINKS = Table(
    "sidecar_links",
    METADATA,
    Column("instance_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("identifier", String, primary_key=True),
    Column("order_id", String, nullable=False),
)
_FILLS = Table(
    "sidecar_fills",
    METADATA,
    Column("instance_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("trade", String, nullable=False),
    Column("fill", Text, nullable=False),
    Column("repeats", Integer, nullable=False, default=0),
    Column("recorded_ns", BigInteger, nullable=False),
    Index("sidecar_fills_by_trade", "instance_id", "trade"),
)
_OUTBOX = Table(
    "sidecar_outbox",
    METADATA,
    Column("instance_id", String, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("message_id", String, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("sent", Boolean, nullable=False, default=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Index("sidecar_outbox_by_message", "instance_id", "message_id", unique=True),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One open transaction, see ``meridian.ccm.ledger.LedgerEntry``."""

    connection: Connection
    instance_id: str

    def order(self, order_id: str) -> OrderRecord | None:
        table = _ORDERS.c
        row = self.connection.execute(
            select(_ORDERS).where(table.instance_id == self.instance_id, table.order_id == order_id)
        ).first()
        return _record(row) if row else None

    def put_order(self, record: OrderRecord, now: int) -> None:
        changing = {
            "state": record.state.value,
            "venue_order_id": record.venue_order_id,
            "client_order_id": record.client_order_id,
            "filled": canonical(record.filled),
            "report": record.report.model_dump_json() if record.report else None,
            "updated_ns": now,
        }
        self.connection.execute(
            insert(_ORDERS)
            .values(
                instance_id=self.instance_id,
                order_id=record.order.order_id,
                order=record.order.model_dump_json(),
                created_ns=now,
                **changing,
            )
            .on_conflict_do_update(index_elements=["instance_id", "order_id"], set_=changing)
        )

    def linked(self, kind: LinkKind, identifier: str) -> str | None:
        table = _LINKS.c
        return self.connection.execute(
            select(table.order_id).where(
                table.instance_id == self.instance_id,
                table.kind == kind.value,
                table.identifier == identifier,
            )
        ).scalar()

    def put_link(self, kind: LinkKind, identifier: str, order_id: str) -> None:
        self.connection.execute(
            insert(_LINKS)
            .values(
                instance_id=self.instance_id,
                kind=kind.value,
                identifier=identifier,
                order_id=order_id,
            )
            .on_conflict_do_nothing()
        )

    def fill(self, key: FillKey) -> FillEvent | None:
        table = _FILLS.c
        text = self.connection.execute(
            select(table.fill).where(table.instance_id == self.instance_id, table.key == key.whole)
        ).scalar()
        return FillEvent.model_validate_json(text) if text else None

    def trade_known(self, key: FillKey) -> bool:
        table = _FILLS.c
        return (
            self.connection.execute(
                select(table.key).where(
                    table.instance_id == self.instance_id, table.trade == key.trade
                )
            ).first()
            is not None
        )

    def put_fill(self, key: FillKey, fill: FillEvent, now: int) -> None:
        self.connection.execute(
            _FILLS.insert().values(
                instance_id=self.instance_id,
                key=key.whole,
                trade=key.trade,
                fill=fill.model_dump_json(),
                repeats=0,
                recorded_ns=now,
            )
        )

    def count_repeat(self, key: FillKey) -> None:
        table = _FILLS.c
        self.connection.execute(
            _FILLS.update()
            .where(table.instance_id == self.instance_id, table.key == key.whole)
            .values(repeats=table.repeats + 1)
        )

    def has_message(self, message_id: str) -> bool:
        table = _OUTBOX.c
        return (
            self.connection.execute(
                select(table.sequence).where(
                    table.instance_id == self.instance_id, table.message_id == message_id
                )
            ).first()
            is not None
        )

    def append(self, envelope: Envelope) -> Envelope:
        table = _OUTBOX.c
        last = self.connection.execute(
            select(func.max(table.sequence)).where(table.instance_id == self.instance_id)
        ).scalar()
        sequence = (last or 0) + 1
        envelope = envelope.model_copy(
            update={
                "sequence": sequence,
                "message_id": envelope.message_id or f"{envelope.source_id}:{sequence}",
            }
        )
        self.connection.execute(
            _OUTBOX.insert().values(
                instance_id=self.instance_id,
                sequence=sequence,
                message_id=envelope.message_id,
                envelope=envelope.model_dump_json(),
                sent=False,
                recorded_ns=envelope.timestamp_ns,
            )
        )
        return envelope


class SqlLedger:
    """The durable store of one plugin instance, see ``meridian.ccm.ledger.Ledger``.

    Several instances may share a database; they do not see each other.
    """

    def __init__(self, database: Database, instance_id: str) -> None:
        self._database = database
        self._instance_id = instance_id

    @contextmanager
    def entry(self) -> Iterator[_Entry]:
        """Open a transaction."""
        with self._database.transaction() as connection:
            yield _Entry(connection, self._instance_id)

    def open_orders(self) -> list[OrderRecord]:
        """Every order in state OPEN, oldest first."""
        table = _ORDERS.c
        query = (
            select(_ORDERS)
            .where(table.instance_id == self._instance_id, table.state == OrderState.OPEN.value)
            .order_by(table.created_ns, table.order_id)
        )
        return [_record(row) for row in self._rows(query)]

    def outbox(self, after: int, limit: int | None = None) -> list[Envelope]:
        """Messages with a sequence above ``after``, in order."""
        table = _OUTBOX.c
        query = (
            select(table.envelope)
            .where(table.instance_id == self._instance_id, table.sequence > after)
            .order_by(table.sequence)
            .limit(limit)
        )
        return [Envelope.model_validate_json(row.envelope) for row in self._rows(query)]

    def newest(self) -> int:
        """The highest sequence in the outbox; 0 where it is empty."""
        query = select(func.max(_OUTBOX.c.sequence))
        return self._rows(query.where(_OUTBOX.c.instance_id == self._instance_id))[0][0] or 0

    def sent_through(self) -> int:
        """The highest sequence known to have reached the bus; 0 where none."""
        table = _OUTBOX.c
        query = select(func.max(table.sequence)).where(
            table.instance_id == self._instance_id, table.sent
        )
        return self._rows(query)[0][0] or 0

    def mark_sent(self, sequence: int) -> None:
        """Every message up to this one has reached the bus."""
        table = _OUTBOX.c
        with self._database.transaction() as connection:
            connection.execute(
                _OUTBOX.update()
                .where(
                    table.instance_id == self._instance_id,
                    table.sequence <= sequence,
                    ~table.sent,
                )
                .values(sent=True)
            )

    def purge(self, before: int) -> None:
        """Forget what is over and was last touched before this time (ns UTC): fills, messages
        sent, and orders that are not open.

        The newest message stays, so that sequence numbers go on from it; a fill stays as long as
        its message does.
        """
        with self._database.transaction() as connection:
            self._purge_messages(connection, before)
            self._purge_orders(connection, before)

    def _purge_messages(self, connection: Connection, before: int) -> None:
        fills, outbox = _FILLS.c, _OUTBOX.c
        mine = outbox.instance_id == self._instance_id
        newest = select(func.max(outbox.sequence)).where(mine).scalar_subquery()
        oldest = select(func.min(outbox.recorded_ns)).where(mine).scalar_subquery()
        connection.execute(
            _OUTBOX.delete().where(
                mine, outbox.recorded_ns < before, outbox.sent, outbox.sequence < newest
            )
        )
        connection.execute(
            _FILLS.delete().where(
                fills.instance_id == self._instance_id,
                fills.recorded_ns < before,
                fills.recorded_ns < oldest,
            )
        )

    def _purge_orders(self, connection: Connection, before: int) -> None:
        orders, links = _ORDERS.c, _LINKS.c
        mine = orders.instance_id == self._instance_id
        connection.execute(
            _ORDERS.delete().where(
                mine, orders.state != OrderState.OPEN.value, orders.updated_ns < before
            )
        )
        connection.execute(
            _LINKS.delete().where(
                links.instance_id == self._instance_id,
                links.order_id.not_in(select(orders.order_id).where(mine)),
            )
        )

    def _rows(self, query: Any) -> Sequence[Row[Any]]:
        with self._database.transaction() as connection:
            return connection.execute(query).all()


def _record(row: Row[Any]) -> OrderRecord:
    fields = row._mapping
    report = fields["report"]
    return OrderRecord(
        order=Order.model_validate(json.loads(fields["order"])),
        state=OrderState(fields["state"]),
        venue_order_id=fields["venue_order_id"],
        client_order_id=fields["client_order_id"],
        filled=Decimal(fields["filled"]),
        report=OrderReport.model_validate_json(report) if report else None,
    )
