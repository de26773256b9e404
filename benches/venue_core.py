"""The venue core on one core: a message or a command in, reports out.

``core``: SubmitOrder -> book -> events. ``core + reports``: and the reports of FIX.4.4, encoded.
``door``: a parsed NewOrderSingle -> SubmitOrder -> book -> events -> reports. Half of the orders
rest, half take one of those; so two orders make four reports.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from decimal import Decimal

from benches.timing import ROUNDS, compare
from meridian.book import Kind, Tif
from meridian.fix.encoder import Header, encode
from meridian.fix.message import Message, parse
from meridian.schema import Side
from meridian.venue import FixDoor, Instrument, MarketData, SubmitOrder, Venue

ORDERS = 20_000
NOW = 1_700_000_000_000_000_000
SESSIONS = ("MAKER", "TAKER")
TICK = 1_000_000
"""ns between two orders."""


def main() -> None:
    """Print orders a second."""
    # As a daemon does: what is there at the start is not looked at again and again.
    gc.freeze()
    compare(
        "venue: orders in, half of them rest and half of them take",
        {
            "core": _core(reports=False),
            "core + reports": _core(reports=True),
            "door": _door(),
        },
        "core",
    )
    compare(
        "venue: core + reports, by instruments and sessions",
        {
            f"{instruments} instruments, {sessions} sessions": _core(
                reports=True, instruments=instruments, sessions=sessions
            )
            for instruments in (1, 5_000)
            for sessions in (2, 200)
        },
        "1 instruments, 2 sessions",
    )


def _instruments(count: int) -> list[Instrument]:
    names = [f"I{number}" for number in range(count)]
    return [Instrument(name, Decimal("0.01"), Decimal(1), Decimal(1)) for name in names]


def _stage(instruments: int, sessions: tuple[str, ...]) -> tuple[Venue, FixDoor]:
    venue = Venue(_instruments(instruments), "B")
    return venue, FixDoor(venue, MarketData(venue), sessions)


def _core(*, reports: bool, instruments: int = 1, sessions: int = 2) -> Callable[[], int]:
    names = tuple(f"S{number}" for number in range(sessions))
    commands = []
    for number in range(ORDERS):
        takes = number % 2
        commands.append(
            SubmitOrder(
                names[number % sessions],
                f"c{number}",
                f"I{number // 2 % instruments}",
                Side.SELL if takes else Side.BUY,
                Kind.LIMIT,
                Tif.DAY,
                100,
                15_000,
            )
        )

    # Books and sessions stand before the clock runs; one pair of them for each round.
    stages = iter([_stage(instruments, names) for _ in range(ROUNDS)])

    def work() -> int:
        venue, door = next(stages)
        now = NOW
        apply, write = venue.apply, door.reports
        for command in commands:
            now += TICK
            events = apply(command, now)
            if reports:
                write(events)
        return ORDERS

    return work


def _door() -> Callable[[], int]:
    messages = [(SESSIONS[number % 2], _order(number)) for number in range(ORDERS)]

    def work() -> int:
        _, door = _stage(1, SESSIONS)
        for session in SESSIONS:
            door.speak(session, "FIX.4.4", validated=True)
        now = NOW
        handle = door.handle
        for session, message in messages:
            now += TICK
            handle(session, message, now)
        return ORDERS

    return work


def _order(number: int) -> Message:
    side = "2" if number % 2 else "1"
    fields: list[tuple[int, str]] = [
        (11, f"c{number}"),
        (21, "1"),
        (55, "I0"),
        (54, side),
        (60, "20231114-22:13:20.000"),
        (38, "100"),
        (40, "2"),
        (44, "150.00"),
        (59, "0"),
    ]
    header = Header("FIX.4.4", "D", number + 2, SESSIONS[number % 2], "MERIDIAN", NOW)
    return parse(encode(header, fields))
