"""Plays published dialogues: in memory and virtual time, and over TCP in a faster time."""

from __future__ import annotations

import asyncio
import selectors
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fix_echo import PEERS, Echo, echo_session
from fix_script import SECOND, Step, compare, completed, read_script
from fix_wire import START

from meridian.fix import Admission, Session
from meridian.fix.directory import SessionDirectory
from meridian.fix.message import decode
from meridian.fix.verdicts import MESSAGE, MORE
from meridian.net import FixAcceptor

PATIENCE = 20
"""Seconds that a tester waits for a message or for the end."""
TCP_PATIENCE = 5 * PATIENCE
"""As above, where the machine may be busy with something else."""


def cast() -> dict[str, Session]:
    """The tested sessions, fresh."""
    return {f"{begin}:{peer}": echo_session(begin, peer, version) for begin, peer, version in PEERS}


@dataclass
class Line:
    """One connection of the tester in memory."""

    admission: Admission
    received: bytearray = field(default_factory=bytearray)
    closed: bool = False


class Stage:
    """The acceptor and its application; time stands still but where the tester waits."""

    def __init__(self) -> None:
        self.now = START
        self.directory = SessionDirectory(cast())
        self.lines: dict[str, Line] = {}
        self.echo = Echo()

    def play(self, script: Path) -> None:
        for step in read_script(script):
            if step.body == b"CONNECT":
                self.lines[step.connection] = Line(Admission(self.directory, self.now))
                continue
            line = self.lines[step.connection]
            if step.command == "i":
                (line.admission.session or line.admission).receive_eof(self.now)
            elif step.command == "I":
                self.tell(line, completed(step.body, self.now))
            elif step.command == "E":
                self.expect(line, step)
            else:
                self.wait(line, lambda line=line: line.closed)
                assert line.closed, f"{step.where}: still connected"
                assert not line.received, f"{step.where}: {bytes(line.received)!r}"
        for connection, line in self.lines.items():
            assert not line.received, f"{script.name}: {connection}: {bytes(line.received)!r}"

    def tell(self, line: Line, data: bytes) -> None:
        if not line.closed:
            (line.admission.session or line.admission).receive_data(data, self.now)
            self.settle(line)

    def settle(self, line: Line) -> None:
        session = line.admission.session
        line.closed = line.closed or bool(line.admission.refusal)
        if session is None or line.closed:
            return
        while events := session.events():
            for event in events:
                self.echo.take(session, event, self.now)
        session.commit()
        while data := session.data_to_send():
            line.received += data
        if session.close_expected:
            session.receive_eof(self.now)
            line.closed = True

    def expect(self, line: Line, step: Step) -> None:
        self.wait(line, lambda: line.received or line.closed)
        verdict, end, _ = decode(line.received, 0)
        assert verdict == MESSAGE, f"{step.where}: nothing came"
        compare(step, bytes(line.received[:end]), self.now)
        del line.received[:end]

    def wait(self, line: Line, done) -> None:
        """Let time jump from deadline to deadline."""
        limit = self.now + PATIENCE * SECOND
        while not done():
            core = line.admission.session or line.admission
            deadline = core.next_deadline()
            if deadline is None or deadline > limit:
                return
            self.now = max(self.now, deadline)
            core.poll(self.now)
            self.settle(line)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are shorter: sockets are real, waiting is not."""

    SPEED = 4

    def __init__(self) -> None:
        self._began = time.monotonic()
        super().__init__(_FastSelector())

    def time(self) -> float:
        return self._began + (time.monotonic() - self._began) * self.SPEED

    def ns(self) -> int:
        return START + int((self.time() - self._began) * SECOND)


class _FastSelector(selectors.DefaultSelector):
    def select(self, timeout=None):
        return super().select(timeout and timeout / FastLoop.SPEED)


async def play_over_tcp(script: Path, loop: FastLoop) -> None:
    """One dialogue against an acceptor of its own."""
    sessions, echo, notes = cast(), Echo(), []

    def on_event(key, event):
        echo.take(sessions[key], event, loop.ns())

    acceptor = FixAcceptor("127.0.0.1", 0, sessions, on_event, loop.ns, notes.append)
    address = await acceptor.start()
    streams: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
    _, probe = await asyncio.open_connection(*address)
    probe.close()
    try:
        for step in read_script(script):
            if step.body == b"CONNECT":
                streams[step.connection] = await asyncio.open_connection(*address)
                continue
            reader, writer = streams[step.connection]
            async with _patience(step):
                if step.command == "i":
                    writer.close()
                elif step.command == "I":
                    writer.write(completed(step.body, loop.ns()))
                elif step.command == "E":
                    compare(step, await _next(reader, step), loop.ns())
                else:
                    left = await reader.read()
                    assert left == b"", f"{step.where}: {left!r}"
                    writer.close()
        assert not [note for note in notes if "handler failed" in note], notes
    finally:
        for _, writer in streams.values():
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await acceptor.stop()


@asynccontextmanager
async def _patience(step: Step):
    try:
        async with asyncio.timeout(TCP_PATIENCE):
            yield
    except TimeoutError:
        raise AssertionError(f"{step.where}: nothing came") from None


async def _next(reader: asyncio.StreamReader, step: Step) -> bytes:
    data = b""
    while decode(data, 0)[0] == MORE:
        more = await reader.read(1)
        assert more, f"{step.where}: the connection ended"
        data += more
    return data
