"""A store that cannot keep what a session says: nothing of it leaves, and all are told why."""

from __future__ import annotations

import asyncio
import time

import pytest
from test_net_fix import SOON, Floor, Trader

from meridian.fix import MemoryMessageStore, Session, SessionConfig
from meridian.net import FixAcceptor, FixInitiator
from meridian.schema.errors import ExchangeError, StoreError


class Disk(MemoryMessageStore):
    """A store whose disk can be full."""

    full = False

    def flush(self):
        if self.full:
            raise StoreError("No space left on device")

    def reset(self, now):
        super().reset(now)
        self.flush()


class Venue(Floor):
    """A floor whose sessions are kept on such a disk."""

    def __init__(self, **options):
        super().__init__()
        self.disk = Disk()
        self.sessions = {
            "TRADER": Session(SessionConfig("MERIDIAN", "TRADER", False, **options), self.disk)
        }
        self.acceptor = FixAcceptor(
            "127.0.0.1", 0, self.sessions, self.on_event, time.time_ns, self.on_note
        )


@pytest.fixture(autouse=True)
def no_stray_errors():
    """Whatever nobody caught would end in the loop's handler."""
    caught = []
    yield caught
    assert caught == []


async def start(venue, caught):
    asyncio.get_running_loop().set_exception_handler(lambda _, context: caught.append(context))
    venue.address = await venue.acceptor.start()


async def test_a_report_that_cannot_be_kept_never_leaves_and_comes_when_it_can(no_stray_errors):
    venue = Venue()
    await start(venue, no_stray_errors)
    trader = Trader(venue.address)
    await trader.link.connect(SOON)
    venue.disk.full = True
    venue.acceptor.send("TRADER", "8", [(11, "a")])
    await trader.until(lambda: "Disconnected" in trader.heard)
    assert "8 a" not in trader.heard
    assert venue.heard[-1] == ("TRADER", "Disconnected")
    assert "dropped: No space left on device" in venue.notes[-1]
    # As long as it lasts, nobody is let in.
    with pytest.raises(ExchangeError, match="the peer closed"):
        await trader.link.connect(SOON)
    venue.disk.full = False
    await trader.link.connect(SOON)
    assert "8 a" in trader.heard
    await trader.link.logout(SOON)
    await venue.acceptor.stop()


async def test_an_order_that_cannot_be_counted_ends_the_connection(no_stray_errors):
    venue = Venue()
    await start(venue, no_stray_errors)
    trader = Trader(venue.address)
    await trader.link.connect(SOON)
    venue.disk.full = True
    trader.link.send("D", [(11, "a")])
    await trader.until(lambda: "Disconnected" in trader.heard)
    assert venue.heard[-2:] == [("TRADER", "D a"), ("TRADER", "Disconnected")]
    venue.disk.full = False
    await trader.link.connect(SOON)
    await trader.link.logout(SOON)
    await venue.acceptor.stop()
    assert venue.acceptor._links == set()


@pytest.mark.parametrize("option", ["reset_on_logon", "reset_on_disconnect"])
async def test_a_reset_that_cannot_be_kept_leaves_no_session_behind(option, no_stray_errors):
    venue = Venue(**{option: True})
    await start(venue, no_stray_errors)
    venue.disk.full = True
    for _ in range(3):
        trader = Trader(venue.address)
        with pytest.raises(ExchangeError, match="the peer closed"):
            await trader.link.connect(SOON)
        assert "No space left on device" in venue.notes[-1]
    venue.disk.full = False
    trader = Trader(venue.address)
    await trader.link.connect(SOON)
    venue.disk.full = True
    trader.link.abort()
    await venue.until(lambda: venue.heard[-1] == ("TRADER", "Disconnected"))
    venue.disk.full = False
    amnesiac = Trader(venue.address)
    await amnesiac.link.connect(SOON)
    await amnesiac.link.logout(SOON)
    await venue.acceptor.stop()


async def test_an_initiator_is_told_why_it_could_not_log_on(no_stray_errors):
    venue = Venue()
    await start(venue, no_stray_errors)
    disk = Disk()
    disk.full = True
    session = Session(SessionConfig("TRADER", "MERIDIAN", True), disk)
    link = FixInitiator(session, *venue.address, lambda _: None, time.time_ns)
    with pytest.raises(ExchangeError, match="No space left on device"):
        await link.connect(SOON)
    assert venue.heard == []
    await venue.acceptor.stop()
