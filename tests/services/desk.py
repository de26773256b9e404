"""A trading desk of a few lines: a FIX session over a blocking socket."""

from __future__ import annotations

import socket
import time
from typing import Self

from meridian.fix.encoder import Header, encode
from meridian.fix.message import Message, parse

PATIENCE = 20
"""Seconds before a test gives up; never a pace."""


class Desk:
    """Logs on at once; remembers nothing but its numbers: ``seq`` is the last one it used."""

    def __init__(self, connection, seq: int = 0, **logon: object) -> None:
        self._ids = connection
        begin = connection.protocol
        self._begin = "FIXT.1.1" if begin.startswith("FIX.5") else begin
        self.seq = seq
        self._buffer = b""
        self._socket = socket.create_connection((connection.host, connection.port), PATIENCE)
        more = [(int(tag[1:]), value) for tag, value in logon.items()]
        self.send("A", [(98, 0), (108, 30), *more])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, msg_type: str, fields) -> None:
        self.seq += 1
        ids = self._ids
        header = Header(
            self._begin, msg_type, self.seq, ids.sender_comp_id, ids.target_comp_id, time.time_ns()
        )
        self._socket.sendall(encode(header, list(fields)))

    def order(self, name: str, side="1", qty="100", px="150.12", **more: object) -> None:
        fields = {11: name, 55: "AAPL", 54: side, 60: "20260101-00:00:00", 38: qty, 40: "2", 44: px}
        fields |= {int(tag[1:]): value for tag, value in more.items()}
        self.send("D", fields.items())

    def read(self) -> bytes:
        """The next message, whatever it is; empty where the venue ends the connection."""
        while b"\x0110=" not in self._buffer or not self._buffer.endswith(b"\x01"):
            data = self._socket.recv(65_536)
            if not data:
                return b""
            self._buffer += data
        end = self._buffer.index(b"\x01", self._buffer.index(b"\x0110=") + 1) + 1
        raw, self._buffer = self._buffer[:end], self._buffer[end:]
        return raw

    def wait(self, **tags: str) -> Message:
        """The next message with these tags: ``wait(t35="8", t150="F")``."""
        wanted = {int(tag[1:]): value for tag, value in tags.items()}
        while True:
            raw = self.read()
            assert raw, f"the venue hung up before {tags}"
            message = parse(raw)
            if all(message.get(tag) == value for tag, value in wanted.items()):
                return message
