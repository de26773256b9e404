"""Our acceptor for ``benches.fix_session``: validates every field, one report an order.

``python -m benches.fix_session_ours STORE FOLDER CPU`` prints its port; ``MERIDIAN_PURE=1`` for the
pure twins.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from meridian.fix import MemoryMessageStore, MessageReceived, Session, SessionConfig, tags
from meridian.fix.dictionary import standard
from meridian.fix.validator import Validator
from meridian.net import FixAcceptor
from meridian.store.fix_log import LogMessageStore

STORES = {
    "memory": lambda folder: MemoryMessageStore(),
    "flush": lambda folder: LogMessageStore(f"{folder}/log", "flush"),
    "fdatasync": lambda folder: LogMessageStore(f"{folder}/log", "fdatasync"),
}


class Desk:
    """Accepts every order."""

    def __init__(self, store) -> None:
        config = SessionConfig(
            "MERIDIAN", "TRADER", False, validator=Validator(standard("FIX.4.4"))
        )
        self.orders = 0
        self.acceptor = FixAcceptor(
            "127.0.0.1", 0, {"TRADER": Session(config, store)}, self.on_event, time.time_ns, print
        )

    def on_event(self, key, event) -> None:
        if not isinstance(event, MessageReceived):
            return
        order = event.message
        self.orders += 1
        quantity = order.require(tags.OrderQty)
        report = [
            (tags.OrderID, f"O-{self.orders}"),
            (tags.ClOrdID, order.require(tags.ClOrdID)),
            (tags.ExecID, f"E-{self.orders}"),
            (tags.ExecType, "0"),
            (tags.OrdStatus, "0"),
            (1, order.require(1)),
            (tags.Symbol, order.require(tags.Symbol)),
            (tags.Side, order.require(tags.Side)),
            (tags.OrderQty, quantity),
            (tags.OrdType, order.require(tags.OrdType)),
            (tags.Price, order.require(tags.Price)),
            (tags.TimeInForce, order.require(tags.TimeInForce)),
            (tags.LeavesQty, quantity),
            (tags.CumQty, 0),
            (tags.AvgPx, 0),
            (tags.TransactTime, order.require(tags.TransactTime)),
        ]
        self.acceptor.send(key, "8", report)


async def serve(store: str, folder: str, cpu: str) -> None:
    os.sched_setaffinity(0, {int(cpu)})
    desk = Desk(STORES[store](folder))
    _, port = await desk.acceptor.start()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
