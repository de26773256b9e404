"""The quickfix package's acceptor for ``benches.fix_session``, doing what ours does.

``python -m benches.fix_session_quickfix STORE FOLDER CPU [REPORTS]`` prints its port; it sends one
report an order, or as many as it is told.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import quickfix as fix

SETTINGS = """[DEFAULT]
ConnectionType=acceptor
SocketAcceptPort={port}
SocketNodelay=Y
StartTime=00:00:00
EndTime=00:00:00
FileStorePath={folder}
DataDictionary={dictionary}
[SESSION]
BeginString=FIX.4.4
SenderCompID=MERIDIAN
TargetCompID=TRADER
"""
STORES = {
    "memory": lambda settings: fix.MemoryStoreFactory(),
    "flush": fix.FileStoreFactory,
}


class Desk(fix.Application):
    """Accepts every order."""

    def __init__(self, reports):
        super().__init__()
        self.orders = 0
        self.reports = range(reports)

    def onCreate(self, session_id):
        pass

    def onLogon(self, session_id):
        pass

    def onLogout(self, session_id):
        pass

    def toAdmin(self, message, session_id):
        pass

    def fromAdmin(self, message, session_id):
        pass

    def toApp(self, message, session_id):
        pass

    def fromApp(self, order, session_id):
        self.orders += 1
        for _ in self.reports:
            self._report(order, session_id)

    def _report(self, order, session_id):
        report = fix.Message()
        report.getHeader().setField(fix.MsgType("8"))
        report.setField(37, f"O-{self.orders}")
        report.setField(17, f"E-{self.orders}")
        report.setField(150, "0")
        report.setField(39, "0")
        for tag in (11, 1, 55, 54, 38, 40, 44, 59, 60):
            report.setField(tag, order.getField(tag))
        report.setField(151, order.getField(38))
        report.setField(14, "0")
        report.setField(6, "0")
        fix.Session.sendToTarget(report, session_id)


def _dictionary() -> Path:
    shared = Path(os.environ.get("MERIDIAN_SHARED", Path(__file__).parents[2] / "shared"))
    path = shared / "data/fix-dictionaries/FIX44.xml"
    if not path.is_file():
        sys.exit(f"no {path}: MERIDIAN_SHARED names the folder with the published dictionaries")
    return path


def main() -> None:
    """Serve until killed."""
    store, folder, cpu, *reports = sys.argv[1:]
    os.sched_setaffinity(0, {int(cpu)})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = Path(folder) / "acceptor.cfg"
    config.write_text(SETTINGS.format(port=port, folder=folder, dictionary=_dictionary()))
    settings = fix.SessionSettings(str(config))
    desk = Desk(int(reports[0]) if reports else 1)
    acceptor = fix.SocketAcceptor(desk, STORES[store](settings), settings)
    acceptor.start()
    print(port, flush=True)
    threading.Event().wait()


main()
