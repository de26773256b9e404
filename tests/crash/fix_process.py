"""An acceptor in a process of its own, to be killed: one report an order, state in a file.

``python fix_process.py sql|flush|fdatasync PATH`` prints its port.
"""

from __future__ import annotations

import asyncio
import sys
import time

from meridian.fix import MessageReceived, Session, SessionConfig
from meridian.net import FixAcceptor
from meridian.store.database import Database
from meridian.store.fix_log import LogMessageStore
from meridian.store.fix_messages import SqlMessageStore
from meridian.store.tables import METADATA


async def serve(kind: str, path: str) -> None:
    if kind == "sql":
        store = SqlMessageStore(Database(path, METADATA), "a")
    else:
        store = LogMessageStore(path, kind)
    config = SessionConfig("MERIDIAN", "TRADER", False)

    def report(key, event):
        if isinstance(event, MessageReceived):
            acceptor.send(key, "8", [(11, event.message.get(11))])

    sessions = {"TRADER": Session(config, store)}
    acceptor = FixAcceptor("127.0.0.1", 0, sessions, report, time.time_ns, print)
    _, port = await acceptor.start()
    print(port, flush=True)
    await asyncio.Event().wait()


asyncio.run(serve(*sys.argv[1:]))
