"""The quickfix package as one FIX.4.4 session of either role, in a process of its own.

``peer_engine.py initiator|acceptor PORT FOLDER SCHEDULE`` takes a command a line and prints what it
hears, a word or two a line: ``on``, ``off``, ``D 7``, ``8 7``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import quickfix as fix

SETTINGS = """[DEFAULT]
ConnectionType={role}
SocketConnectHost=127.0.0.1
SocketConnectPort={port}
SocketAcceptPort={port}
SocketReuseAddress=Y
HeartBtInt=30
ReconnectInterval=1
FileStorePath={folder}
{dictionary}
{schedule}
[SESSION]
BeginString=FIX.4.4
SenderCompID=PEER
TargetCompID=MERIDIAN
"""

FIELDS = {
    "D": [
        (11, "{number}"),
        (55, "AAPL"),
        (54, "1"),
        (38, "100"),
        (40, "2"),
        (44, "150.25"),
        (60, "20261121-02:00:00.000"),
    ],
    "8": [
        (37, "O-{number}"),
        (11, "{number}"),
        (17, "E-{number}"),
        (150, "0"),
        (39, "0"),
        (55, "AAPL"),
        (54, "1"),
        (151, "100"),
        (14, "0"),
        (6, "0"),
    ],
}
"""What a message of the type needs to be valid."""


class Engine(fix.Application):
    """Tells what it hears, does what it is told."""

    id = fix.SessionID("FIX.4.4", "PEER", "MERIDIAN")

    def onCreate(self, session_id):
        pass

    def onLogon(self, session_id):
        _tell("on")

    def onLogout(self, session_id):
        _tell("off")

    def toAdmin(self, message, session_id):
        pass

    def fromAdmin(self, message, session_id):
        kind = message.getHeader().getField(35)
        if kind == "3":
            _tell(f"rejected {message.toString()!r}")

    def toApp(self, message, session_id):
        pass

    def fromApp(self, message, session_id):
        _tell(f"{message.getHeader().getField(35)} {message.getField(11)}")

    def obey(self, command: str, *words: str) -> None:
        session = fix.Session.lookupSession(self.id)
        if command == "send":
            message = fix.Message()
            message.getHeader().setField(fix.MsgType(words[0]))
            for tag, value in FIELDS[words[0]]:
                message.setField(tag, value.format(number=words[1]))
            fix.Session.sendToTarget(message, self.id)
        elif command == "numbers":
            ours, theirs = session.getExpectedSenderNum(), session.getExpectedTargetNum()
            _tell(f"numbers {ours} {theirs}")
        elif command == "skip-to":
            session.setNextSenderMsgSeqNum(int(words[0]))
        elif command == "logout":
            session.logout("enough")
        elif command == "logon":
            session.logon()
        else:
            sys.exit(f"unknown command {command!r}")


def _tell(text: str) -> None:
    print(text, flush=True)


def _dictionary() -> str:
    shared = Path(os.environ.get("MERIDIAN_SHARED", Path(__file__).parents[3] / "shared"))
    published = shared / "data/fix-dictionaries/FIX44.xml"
    return f"DataDictionary={published}" if published.is_file() else "UseDataDictionary=N"


def main() -> None:
    """Until the end of the commands."""
    role, port, folder, schedule = sys.argv[1:]
    config = Path(folder) / "engine.cfg"
    settings = SETTINGS.format(
        role=role, port=port, folder=folder, dictionary=_dictionary(), schedule=schedule
    )
    config.write_text(settings)
    parsed = fix.SessionSettings(str(config))
    store = fix.FileStoreFactory(parsed)
    engine = Engine()
    make = fix.SocketInitiator if role == "initiator" else fix.SocketAcceptor
    running = make(engine, store, parsed)
    running.start()
    for line in sys.stdin:
        engine.obey(*line.split())
    # Its own end waits for peers, and its destructors for each other: none of our business.
    os._exit(0)


if __name__ == "__main__":
    main()
