"""The independent quickfix engine as a client of our daemon."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from pathlib import Path

import pytest

fix = pytest.importorskip("quickfix", reason="make peers installs the quickfix package")

WAIT_SECONDS = 30
"""Real sockets, real engine: how long an expected message may take."""

CONFIG = """
name = "MERIDIAN"

[[instruments]]
symbol = "AAPL"
tick_size = "0.01"
reference_price = "150.00"

[[endpoints]]
port = 0
[[endpoints.sessions]]
comp_id = "ALICE"
[[endpoints.sessions]]
comp_id = "BOB"
"""

SETTINGS = """[DEFAULT]
ConnectionType=initiator
SocketConnectHost=127.0.0.1
SocketConnectPort={port}
HeartBtInt=30
StartTime=00:00:00
EndTime=00:00:00
ReconnectInterval=1
TargetCompID=MERIDIAN
BeginString=FIX.4.4
FileStorePath={store}
{dictionary}

[SESSION]
SenderCompID=ALICE

[SESSION]
SenderCompID=BOB
"""


class Client(fix.Application):
    """Puts what each session receives into a queue."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox: dict[str, queue.Queue[dict[int, str]]] = {}
        self.logons: queue.Queue[str] = queue.Queue()
        self.admin: list[str] = []

    def onCreate(self, session_id):
        self.inbox[session_id.getSenderCompID().getString()] = queue.Queue()

    def onLogon(self, session_id):
        self.logons.put(session_id.getSenderCompID().getString())

    def onLogout(self, session_id):
        pass

    def toAdmin(self, message, session_id):
        pass

    def fromAdmin(self, message, session_id):
        self.admin.append(message.toString())

    def toApp(self, message, session_id):
        pass

    def fromApp(self, message, session_id):
        pairs = [pair.split("=", 1) for pair in message.toString().split("\x01") if pair]
        sender = session_id.getSenderCompID().getString()
        self.inbox[sender].put({int(tag): value for tag, value in pairs})

    def send(self, sender: str, msg_type: str, **fields: str | int) -> None:
        message = fix.Message()
        message.getHeader().setField(fix.BeginString("FIX.4.4"))
        message.getHeader().setField(fix.MsgType(msg_type))
        for name, value in fields.items():
            message.setField(getattr(fix, name)().getTag(), str(value))
        if msg_type in "DFG":
            message.setField(fix.TransactTime())
        assert fix.Session.sendToTarget(message, fix.SessionID("FIX.4.4", sender, "MERIDIAN"))

    def receive(self, sender: str) -> dict[int, str]:
        return self.inbox[sender].get(timeout=WAIT_SECONDS)

    def quiet(self, sender: str) -> bool:
        return self.inbox[sender].empty()


@pytest.fixture
def venue(tmp_path):
    config = tmp_path / "venue.toml"
    config.write_text(CONFIG)
    with (
        (tmp_path / "venue.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "meridian", "venue", "run", str(config)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        process.stdout.read()
        assert process.wait(WAIT_SECONDS) == 0


@pytest.fixture
def dictionary() -> str:
    """Validate what we send against the published FIX.4.4 dictionary, where it is there."""
    shared = Path(os.environ.get("MERIDIAN_SHARED", Path(__file__).parents[3] / "shared"))
    published = shared / "data/fix-dictionaries/FIX44.xml"
    if not published.is_file():
        return "UseDataDictionary=N"
    return f"UseDataDictionary=Y\nDataDictionary={published}"


@pytest.fixture
def client(venue, tmp_path, dictionary):
    settings = tmp_path / "client.cfg"
    port = venue["endpoints"][0]["port"]
    settings.write_text(SETTINGS.format(port=port, store=tmp_path, dictionary=dictionary))
    application = Client()
    session_settings = fix.SessionSettings(str(settings))
    store = fix.MemoryStoreFactory()
    initiator = fix.SocketInitiator(application, store, session_settings)
    initiator.start()
    try:
        both = {application.logons.get(timeout=WAIT_SECONDS) for _ in range(2)}
        assert both == {"ALICE", "BOB"}
        yield application
    finally:
        initiator.stop()
