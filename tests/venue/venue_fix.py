"""Speak to the venue in human FIX: ``35=D|11=a1|...`` in, ``{tag: value}`` out."""

from __future__ import annotations

from decimal import Decimal

from meridian.fix.encoder import Header, encode
from meridian.fix.message import parse
from meridian.venue import (
    CLASSIC,
    ITCH,
    FixDoor,
    Instrument,
    MarketData,
    SessionReject,
    Unsupported,
    Venue,
)

NOW = 1_700_000_000_123_456_789
NOW_TEXT = "20231114-22:13:20.123"
SESSIONS = frozenset({"ALICE", "BOB"})
FULL = {
    "D": f"35=D|11=a9|38=1|40=2|44=1.00|54=1|55=AAPL|60={NOW_TEXT}",
    "F": f"35=F|11=a9|41=a1|54=1|55=AAPL|60={NOW_TEXT}",
    "G": f"35=G|11=a9|38=1|40=2|41=a1|44=1.00|54=1|55=AAPL|60={NOW_TEXT}",
    "H": "35=H|11=a1|54=1|55=AAPL",
    "AF": "35=AF|584=m|585=7",
    "x": "35=x|320=r|559=4",
    "V": "35=V|262=m|263=1|264=0|265=0|267=1|269=0|146=1|55=AAPL",
}
"""One whole request of each kind, on ALICE's order a1."""
INSTRUMENTS = (
    Instrument("AAPL", Decimal("0.01"), Decimal(1), Decimal(1)),
    Instrument("EURUSD", Decimal("0.00005"), Decimal(1000), Decimal(2000)),
)


def fix(text: str, seq: int = 7):
    """A received message from human FIX without header and trailer."""
    fields = [(int(tag), value) for tag, _, value in (f.partition("=") for f in text.split("|"))]
    assert fields[0][0] == 35
    header = Header("FIX.4.4", fields[0][1], seq, "ALICE", "MERIDIAN", NOW)
    return parse(encode(header, fields[1:]))


def human(fields) -> str:
    return "|".join(f"{tag}={value}" for tag, value in fields)


class Desk:
    """A venue with its FIX door; what it answers is read as human FIX by session."""

    def __init__(self, **options) -> None:
        options.setdefault("house", {ITCH})
        options.setdefault("features", CLASSIC)
        self.venue = Venue(INSTRUMENTS, "R", **options)
        self.market_data = MarketData(self.venue)
        self.door = FixDoor(self.venue, self.market_data, SESSIONS)
        self.now = NOW
        self.events: list = []

    def say(self, session: str, text: str) -> list[tuple[str, str]]:
        """Every message that one message causes: (session, human FIX)."""
        answer = self.door.handle(session, fix(text), self.now)
        self.events += answer.events
        self.market_data.observe(answer.events)
        said = []
        for reply in answer.replies:
            if isinstance(reply, SessionReject):
                reject = f"35=3|371={reply.tag}|373={reply.reason_code}|58={reply.text}"
                said.append((reply.session, reject))
            elif isinstance(reply, Unsupported):
                kind = reply.message.msg_type
                said.append((reply.session, f"35=j|45={reply.message.seq_num}|372={kind}|380=3"))
            else:
                said.append((reply.session, f"35={reply.msg_type}|{human(reply.fields)}"))
        return said

    def ask(self, session: str, text: str) -> list[dict[int, str]]:
        """What the asking session gets back, by tag."""
        return [tagged(said) for owner, said in self.say(session, text) if owner == session]

    def order(self, session: str, cl_ord_id: str, side="1", qty="100", px="150.00", **more):
        """Enter a limit order of AAPL; tags can be added or changed as ``t59="3"``."""
        tags = {11: cl_ord_id, 55: "AAPL", 54: side, 60: NOW_TEXT, 38: qty, 40: "2", 44: px}
        tags |= {int(tag[1:]): value for tag, value in more.items()}
        text = human((tag, value) for tag, value in tags.items() if value is not None)
        return self.ask(session, f"35=D|{text}")

    def cancel(self, session: str, request: str, orig: str, side="1", symbol="AAPL"):
        text = f"35=F|11={request}|41={orig}|55={symbol}|54={side}|60={NOW_TEXT}|38=1"
        return self.ask(session, text)

    def replace(self, session: str, request: str, orig: str, qty: str, px: str, **more):
        tags = {11: request, 41: orig, 55: "AAPL", 54: "1", 60: NOW_TEXT, 38: qty, 40: "2", 44: px}
        tags |= {int(tag[1:]): value for tag, value in more.items()}
        text = human((tag, value) for tag, value in tags.items() if value is not None)
        return self.ask(session, f"35=G|{text}")

    def status(self, session: str, cl_ord_id: str, extra: str = ""):
        (report,) = self.ask(session, f"35=H|11={cl_ord_id}|55=AAPL|54=1{extra}")
        return report


def tagged(text: str) -> dict[int, str]:
    return {
        int(tag): value for tag, _, value in (field.partition("=") for field in text.split("|"))
    }


def some(report: dict[int, str], expected: str) -> None:
    """The report holds these fields: ``150=F|39=2``; ``44=`` means that it has no 44."""
    for tag, value in tagged(expected).items():
        assert report.get(tag, "") == value, f"{tag}={report.get(tag)}, expected {value}: {report}"
