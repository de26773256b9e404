"""FIX as people write it: ``35=D|11=a`` with | for SOH, and a desk that talks to a session."""

from __future__ import annotations

from meridian.fix import MemoryMessageStore, Session, SessionConfig, parse
from meridian.fix.message import decode
from meridian.fix.timestamps import timestamp

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
"""2023-11-14 22:13:20 UTC."""


def framed(body: str, begin: str = "FIX.4.4") -> bytes:
    """A whole message around ``35=...|...``: right BodyLength, right CheckSum."""
    inner = body.replace("|", "\x01").encode("latin-1")
    if not inner.endswith(b"\x01"):
        inner += b"\x01"
    head = b"8=%b\x019=%d\x01%b" % (begin.encode(), len(inner), inner)
    return head + b"10=%03d\x01" % (sum(head) % 256)


def spoken(data: bytes) -> list[str]:
    """The messages in the bytes without what every message has: 8, 9, 49, 52, 56, 10."""
    said = []
    at = 0
    while at < len(data):
        _, end, _ = decode(data, at)
        pairs = parse(data[at:end]).pairs()
        said.append("|".join(f"{t}={v}" for t, v in pairs if t not in (8, 9, 49, 52, 56, 10)))
        at = end
    return said


class Desk:
    """The peer of one session, with a clock of its own.

    ``says`` completes ``35=..|34=..|..`` with the CompIDs and the present SendingTime unless the
    text brings its own 49, 52 or 56.
    """

    def __init__(self, *, initiator=False, store=None, **options):
        self.now = START
        us, peer = ("TRADER", "MERIDIAN") if initiator else ("MERIDIAN", "TRADER")
        self.us, self.peer = us, peer
        config = SessionConfig(us, peer, initiator, **options)
        self.store = MemoryMessageStore() if store is None else store
        self.session = Session(config, self.store)

    def stamp(self, seconds: int = 0) -> str:
        """The present time as the session's version writes it."""
        text = timestamp(self.now + seconds * SECOND)
        return text if self.session.config.profile.milliseconds else text[:17]

    def wire(self, text: str, begin: str = "") -> bytes:
        fields = text.replace("<now>", self.stamp()).split("|")
        names = {field.split("=")[0] for field in fields}
        own = {"49": self.peer, "52": self.stamp(), "56": self.us}
        extra = [f"{tag}={value}" for tag, value in own.items() if tag not in names]
        begin = begin or self.session.config.begin_string
        return framed("|".join([*fields[:2], *extra, *fields[2:]]), begin)

    def says(self, *texts: str) -> list[str]:
        """Send messages in one read; returns what the session answers."""
        self.session.receive_data(b"".join(self.wire(text) for text in texts), self.now)
        return self.hears()

    def hears(self) -> list[str]:
        return spoken(self.hears_bytes())

    def hears_bytes(self) -> bytes:
        data = b""
        while more := self.session.data_to_send():
            data += more
        return data

    def wait(self, seconds: float) -> list[str]:
        """Let time pass in one step."""
        self.now += int(seconds * SECOND)
        self.session.poll(self.now)
        return self.hears()

    def logged_on(self, heart_bt_int: int = 30) -> Desk:
        """Past the Logon, both sides at 2."""
        self.session.connected(self.now)
        self.says(f"35=A|34=1|98=0|108={heart_bt_int}")
        assert self.session.logged_on
        self.session.events()
        return self

    def reconnects(self) -> None:
        self.session.receive_eof(self.now)
        self.session.events()
        self.session.connected(self.now)

    def events(self) -> list[str]:
        """Event names; messages as their MsgType and ClOrdID(11)."""
        return [_named(event) for event in self.session.events()]


def _named(event):
    message = getattr(event, "message", None)
    text = getattr(event, "text", None) or getattr(event, "reason", None)
    if message is not None:
        text = f"{message.msg_type} {message.get(11, '')}".strip()
    return f"{type(event).__name__}({text})" if text else type(event).__name__
