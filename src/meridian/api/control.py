"""Commands of any kind, and what happened: orders, books, journal, events, the clock."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from meridian.api.asking import Asking
from meridian.management import Command, Reply
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.management.commands.base import Wait
from meridian.management.commands.orders import MAX_LISTED, Id
from meridian.management.fields import Word

__all__ = ["control"]

control = APIRouter(prefix="/v1", tags=["control"])

After = Annotated[int, Query(ge=0, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=MAX_LISTED)]


@control.post("/commands", response_model=Reply)
async def execute(asker: Asking, command: Command) -> object:
    """Carry out one command of any kind."""
    return await asker.execute(command)


@control.get("/venues/{venue}/books/{symbol:path}")
async def get_book(asker: Asking, venue: Word, symbol: Word, depth: Limit = 10) -> r.BookView:
    """The displayed book by price level."""
    return await asker.ask(c.GetBook, r.BookView, venue=venue, symbol=symbol, depth=depth)


@control.get("/venues/{venue}/orders")
async def list_orders(
    asker: Asking,
    venue: Word,
    symbol: Word | None = None,
    session: Word | None = None,
    limit: Limit = 100,
) -> r.Orders:
    """Working orders, oldest first."""
    return await asker.ask(
        c.ListOrders, r.Orders, venue=venue, symbol=symbol, session=session, limit=limit
    )


@control.get("/venues/{venue}/orders/{order_id:path}")
async def get_order(asker: Asking, venue: Word, order_id: Id) -> r.OrderView:
    """One order, open or done."""
    return await asker.ask(c.GetOrder, r.OrderView, venue=venue, order_id=order_id)


@control.get("/venues/{venue}/journal")
async def read_journal(
    asker: Asking,
    venue: Word,
    session: Word | None = None,
    msg_type: Word | None = None,
    after: After = 0,
    wait: Wait = 0.0,
    limit: Limit = 100,
) -> r.Journal:
    """Messages of FIX sessions, raw and decoded."""
    return await asker.ask(
        c.ReadJournal,
        r.Journal,
        venue=venue,
        session=session,
        msg_type=msg_type,
        after=after,
        wait=wait,
        limit=limit,
    )


@control.get("/events")
async def read_events(
    asker: Asking, after: After = 0, wait: Wait = 0.0, limit: Limit = 100
) -> r.Events:
    """What happened after ``after``; where there is nothing, wait for it up to ``wait`` s."""
    return await asker.ask(c.ReadEvents, r.Events, after=after, wait=wait, limit=limit)


@control.get("/clock")
async def get_clock(asker: Asking) -> r.ClockView:
    """The venues' time."""
    return await asker.ask(c.GetClock, r.ClockView)
