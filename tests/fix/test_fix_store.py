"""What leaves a session is in its store first; one read batch costs one commit."""

from __future__ import annotations

from fix_wire import Desk

from meridian.fix import MemoryMessageStore


class Ledger(MemoryMessageStore):
    """A store that knows what a crash now would leave."""

    def __init__(self):
        super().__init__()
        self.durable = (1, 1)
        self.flushes = 0

    def flush(self):
        self.flushes += 1
        self.durable = (self.next_out, self.next_in)


def test_a_number_is_durable_before_its_bytes_leave():
    desk = Desk(store=Ledger()).logged_on()
    desk.session.send("8", [(37, "o1")], desk.now)
    assert desk.store.durable[0] == 2
    assert desk.hears() == ["35=8|34=2|37=o1"]
    assert desk.store.durable[0] == 3


def test_what_is_sent_while_disconnected_is_durable_at_once():
    desk = Desk(store=Ledger())
    desk.session.send("8", [(37, "o1")], desk.now)
    assert desk.store.durable[0] == 2


def test_a_batch_and_its_answers_are_committed_together():
    desk = Desk(store=Ledger()).logged_on()
    desk.session.commit()
    before = desk.store.flushes
    batch = b"".join(desk.wire(f"35=D|34={seq}|11=a{seq}") for seq in range(2, 102))
    desk.session.receive_data(batch, desk.now)
    for event in desk.session.events():
        desk.session.send("8", [(11, event.message.get(11))], desk.now)
    assert desk.store.durable == (2, 2)
    desk.session.commit()
    assert desk.store.durable == (102, 102)
    assert desk.store.flushes == before + 1


def test_a_batch_that_was_not_committed_is_not_counted_though_an_answer_left():
    desk = Desk(store=Ledger()).logged_on()
    desk.session.commit()
    desk.session.receive_data(desk.wire("35=1|34=2|112=now"), desk.now)
    assert desk.hears() == ["35=0|34=2|112=now"]
    assert desk.store.durable == (3, 2)
