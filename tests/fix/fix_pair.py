"""Our initiator against our acceptor in virtual time, over a wire that changes nothing."""

from __future__ import annotations

from fix_wire import SECOND, START

from meridian.fix import (
    Disconnected,
    MemoryMessageStore,
    MessageReceived,
    Session,
    SessionConfig,
)


class Side:
    """One session, what it received, and how its connections ended."""

    def __init__(self, config: SessionConfig, store=None):
        self.store = MemoryMessageStore() if store is None else store
        self.session = Session(config, self.store)
        self.received = []
        self.ends = []
        self.wrote = []

    def settle(self):
        for event in self.session.events():
            if isinstance(event, MessageReceived):
                self.received.append(event.message.get(11))
            elif isinstance(event, Disconnected):
                self.ends.append(event.reason)
        self.session.commit()


class Pair:
    """TRADER connects to MERIDIAN; a cut connection is opened again with ``connect``."""

    def __init__(self, heart_bt_int: int = 5):
        self.now = START
        self.trader = Side(SessionConfig("TRADER", "MERIDIAN", True, heart_bt_int=heart_bt_int))
        self.venue = Side(SessionConfig("MERIDIAN", "TRADER", False))
        self.sides = (self.trader, self.venue)

    @property
    def up(self) -> bool:
        return all(side.session.logged_on for side in self.sides)

    def connect(self):
        self.venue.session.connected(self.now)
        self.trader.session.connected(self.now)
        self.exchange()

    def cut(self):
        for side in self.sides:
            side.session.receive_eof(self.now)
            side.settle()

    def exchange(self):
        """Carry bytes to and fro until both are quiet; close when one side wants it."""
        quiet = False
        while not quiet:
            quiet = True
            for side, other in (self.sides, self.sides[::-1]):
                side.settle()
                while data := side.session.data_to_send():
                    quiet = False
                    side.wrote.append(data)
                    other.session.receive_data(data, self.now)
                    other.settle()
        if any(side.session.close_expected for side in self.sides):
            self.cut()

    def wait(self, seconds: int):
        """Let time pass from deadline to deadline, connecting again as soon as the link is down."""
        until = self.now + seconds * SECOND
        while self.now < until:
            deadlines = [side.session.next_deadline() for side in self.sides]
            coming = [max(due, self.now + 1) for due in deadlines if due is not None]
            self.now = min([until, *coming])
            for side in self.sides:
                side.session.poll(self.now)
            self.exchange()
            if not self.connected:
                self.connect()

    @property
    def connected(self) -> bool:
        return self.trader.session.state.value != "disconnected"
