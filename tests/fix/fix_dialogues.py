"""Play published acceptance dialogues against our acceptor, in memory and in virtual time.

One line is one step: ``I`` the tester sends, ``E`` it expects, ``i`` it connects or disconnects,
``e`` it waits for the end. A digit and a comma in front name the connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from fix_wire import SECOND, START

from meridian.fix import (
    Admission,
    LoggedOut,
    MemoryMessageStore,
    MessageReceived,
    Session,
    SessionConfig,
)
from meridian.fix.directory import SessionDirectory
from meridian.fix.scanner import scan
from meridian.fix.timestamps import timestamp

LINE = re.compile(rb"([iIeE])(?:(\d),)?(.*)", re.DOTALL)
NOW = re.compile(rb"<TIME([+-]\d+)?>")
ANY_VALUE = {b"10", b"42", b"52", b"60", b"122"}
"""Tags whose values the dialogues leave open."""
HEADER = {8, 9, 10, 34, 35, 43, 49, 52, 56, 122}
PATIENCE = 20 * SECOND


@dataclass
class Line:
    """One connection of the tester."""

    admission: Admission
    received: bytearray = field(default_factory=bytearray)
    closed: bool = False


class Stage:
    """The tested acceptor and its application, which echoes orders and definitions."""

    def __init__(self) -> None:
        self.now = START
        config = SessionConfig("ISLD", "TW44", initiator=False, reset_on_logon=True)
        self.sessions = {"TW44": Session(config, MemoryMessageStore())}
        self.lines: dict[bytes, Line] = {}
        self.orders: set[str] = set()

    def play(self, script: Path) -> None:
        for number, text in enumerate(script.read_bytes().splitlines(), 1):
            step = LINE.fullmatch(text.rstrip(b"\r"))
            if step is None or text.startswith(b"#"):
                continue
            command, name, body = step[1], step[2] or b"1", step[3]
            where = f"{script.name}:{number}"
            if body == b"CONNECT":
                self.lines[name] = Line(Admission(SessionDirectory(self.sessions), self.now))
            elif command == b"i":
                self.lines[name].admission.session.receive_eof(self.now)
            elif command == b"I":
                assert not self.lines[name].closed, f"{where}: closed before {body!r}"
                self.tell(self.lines[name], self.completed(body))
            elif command == b"E":
                self.expect(self.lines[name], body, where)
            else:
                self.expect_end(self.lines[name], where)

    def completed(self, body: bytes) -> bytes:
        """Fill in times, BodyLength and CheckSum where the line leaves them out."""
        body = NOW.sub(lambda m: self.time(int(m[1] or 0)), body)
        if not body.startswith(b"8="):
            return body
        begin, rest = body.split(b"\x01", 1)
        rest, given, checksum = rest.partition(b"\x0110=")
        rest += b"\x01" if given and rest.startswith(b"9=") else b""
        if not rest.startswith(b"9="):
            rest = b"9=%d\x01%b" % (len(rest), rest)
        head = begin + b"\x01" + rest
        head += b"" if head.endswith(b"\x01") else b"\x01"
        return head + (b"10=" + checksum if given else b"10=%03d\x01" % (sum(head) % 256))

    def time(self, offset: int) -> bytes:
        return timestamp(self.now + offset * SECOND)[:17].encode()

    def tell(self, line: Line, data: bytes) -> None:
        (line.admission.session or line.admission).receive_data(data, self.now)
        self.settle(line)

    def settle(self, line: Line) -> None:
        session = line.admission.session
        line.closed = line.closed or bool(line.admission.refusal)
        if session is None or line.closed:
            return
        for event in session.events():
            self.apply(session, event)
        while data := session.data_to_send():
            line.received += data
        if session.close_expected:
            session.receive_eof(self.now)
            line.closed = True

    def apply(self, session: Session, event: object) -> None:
        if isinstance(event, LoggedOut):
            self.orders.clear()
        if not isinstance(event, MessageReceived):
            return
        message = event.message
        order = message.get(11, "")
        if message.msg_type in "Dd":
            if message.get(97) != "Y" or order not in self.orders:
                body = [(tag, v) for tag, v in message.pairs() if tag not in HEADER]
                session.send(message.msg_type, body, self.now)
            self.orders.add(order)
        elif message.msg_type != "C":
            text = "Unsupported Message Type"
            body = [(45, message.seq_num), (58, text), (372, message.msg_type), (380, 3)]
            session.send("j", body, self.now)

    def expect(self, line: Line, body: bytes, where: str) -> None:
        self.wait(line, lambda: line.received or line.closed)
        _, end, _ = scan(line.received, 0)
        heard = fields(line.received[:end])
        del line.received[:end]
        wanted = fields(body)
        wanted += [] if wanted[-1][0] == b"10" else [[b"10", b""]]
        if wanted[1][0] != b"9":
            wanted.insert(1, heard[1])
        for pair, other in zip(wanted, heard, strict=False):
            pair[1:] = other[1:] if pair[0] == other[0] in ANY_VALUE else pair[1:]
        assert heard == wanted, where

    def expect_end(self, line: Line, where: str) -> None:
        self.wait(line, lambda: line.closed)
        assert line.closed, f"{where}: still connected"
        assert not line.received, where

    def wait(self, line: Line, done) -> None:
        """Let time jump from deadline to deadline."""
        limit = self.now + PATIENCE
        while not done():
            core = line.admission.session or line.admission
            deadline = core.next_deadline()
            if deadline is None or deadline > limit:
                return
            self.now = max(self.now, deadline)
            core.poll(self.now)
            self.settle(line)


def fields(raw: bytes) -> list[list[bytes]]:
    return [part.split(b"=", 1) for part in bytes(raw).rstrip(b"\x01").split(b"\x01")]
