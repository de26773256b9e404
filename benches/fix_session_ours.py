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
from meridian.fix.encoder import Template
from meridian.fix.message import Reader
from meridian.fix.validator import Validator
from meridian.net import FixAcceptor
from meridian.store.fix_log import LogMessageStore

ACCOUNT = 1
STORES = {
    "memory": lambda folder: MemoryMessageStore(),
    "flush": lambda folder: LogMessageStore(f"{folder}/log", "flush"),
    "fdatasync": lambda folder: LogMessageStore(f"{folder}/log", "fdatasync"),
}


READ = Reader(
    (tags.ClOrdID, "text"),
    (ACCOUNT, "text"),
    (tags.Symbol, "text"),
    (tags.Side, "text"),
    (tags.OrderQty, "integer"),
    (tags.OrdType, "text"),
    (tags.Price, "scaled", 2),
    (tags.TimeInForce, "text"),
    (tags.TransactTime, "text"),
)
REPORT = Template(
    "FIX.4.4",
    "8",
    "MERIDIAN",
    "TRADER",
    (tags.OrderID, "text"),
    (tags.ClOrdID, "text"),
    (tags.ExecID, "text"),
    (tags.ExecType, "text"),
    (tags.OrdStatus, "text"),
    (ACCOUNT, "text"),
    (tags.Symbol, "text"),
    (tags.Side, "text"),
    (tags.OrderQty, "integer"),
    (tags.OrdType, "text"),
    (tags.Price, "scaled", 2),
    (tags.TimeInForce, "text"),
    (tags.LeavesQty, "integer"),
    (tags.CumQty, "integer"),
    (tags.AvgPx, "integer"),
    (tags.TransactTime, "text"),
)


def complain(note: str) -> None:
    """A handler that fails must not pass for a slow one."""
    print(note, file=sys.stderr, flush=True)


class Desk:
    """Accepts every order."""

    def __init__(self, store) -> None:
        config = SessionConfig(
            "MERIDIAN", "TRADER", False, validator=Validator(standard("FIX.4.4"))
        )
        self.orders = 0
        self.acceptor = FixAcceptor(
            "127.0.0.1",
            0,
            {"TRADER": Session(config, store)},
            self.on_event,
            time.time_ns,
            complain,
        )

    def on_event(self, key, event) -> None:
        if not isinstance(event, MessageReceived):
            return
        self.orders += 1
        number = str(self.orders)
        cl_ord_id, account, symbol, side, quantity, kind, price, tif, at = READ(event.message)
        report = REPORT.body(
            (
                f"O-{number}",
                cl_ord_id,
                f"E-{number}",
                "0",
                "0",
                account,
                symbol,
                side,
                quantity,
                kind,
                price,
                tif,
                quantity,
                0,
                0,
                at,
            )
        )
        self.acceptor.send(key, "8", report)


async def serve(store: str, folder: str, cpu: str) -> None:
    os.sched_setaffinity(0, {int(cpu)})
    desk = Desk(STORES[store](folder))
    _, port = await desk.acceptor.start()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
