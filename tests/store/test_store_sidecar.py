"""The sidecar's ledger: at every point a process can die, each fill is told exactly once."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from meridian.ccm import Identity, LinkKind, OrderRecord, OrderState, Recorder
from meridian.schema import Envelope, FillEvent, Order, OrderAck, OrderReport
from meridian.store.database import Database
from meridian.store.sidecar import SqlLedger
from meridian.store.tables import METADATA

ORDER = Order(order_id="O1", security_id="BRK.B", side="BUY", quantity=100, price="150.10")


def fill(number):
    return FillEvent(
        trade_id=f"T{number}", order_id="O1", side="BUY", price="150.1", quantity=10, ts_event=1
    )


def report(cum, status="PARTIALLY_FILLED"):
    return OrderReport(
        order_id="O1",
        status=status,
        quantity=100,
        cum_quantity=cum,
        leaves_quantity=100 - cum,
        venue_order_id="V1",
        ts_event=1,
    )


def envelope(message_id="", now=0):
    return Envelope(
        topic="a.b",
        topics=("a.b",),
        payload=b"{}",
        message_id=message_id,
        source_id="x",
        timestamp_ns=now,
    )


@pytest.fixture
def database():
    database = Database(":memory:", METADATA)
    yield database
    database.close()


def told(ledger, kind):
    return [e.payload for e in ledger.outbox(0) if e.topic.endswith(kind)]


# --- the order map --------------------------------------------------------------------------


def test_an_order_comes_back_as_it_was_put(tmp_path):
    record = OrderRecord(
        ORDER, OrderState.OPEN, "V1", "R7", filled=Decimal("0.00000001"), report=report(30)
    )
    database = Database(tmp_path / "a.db", METADATA)
    with SqlLedger(database, "x").entry() as entry:
        entry.put_order(record, 5)
    database.close()
    database = Database(tmp_path / "a.db", METADATA)
    with SqlLedger(database, "x").entry() as entry:
        assert entry.order("O1") == record
        assert entry.order("O2") is None
    assert SqlLedger(database, "x").open_orders() == [record]
    database.close()


def test_instances_in_one_database_do_not_see_each_other(database):
    one, two = SqlLedger(database, "one"), SqlLedger(database, "two")
    for ledger in (one, two):
        recorder = Recorder(ledger, Identity("x", "XTST"))
        assert recorder.submitting(ORDER, 0)
        assert recorder.fill(fill(1), 0)
    assert [e.sequence for e in one.outbox(0)] == [e.sequence for e in two.outbox(0)] == [1]
    one.mark_sent(1)
    assert (one.sent_through(), two.sent_through()) == (1, 0)
    with one.entry() as entry:
        entry.put_link(LinkKind.VENUE, "V1", "O1")
    with two.entry() as entry:
        assert entry.linked(LinkKind.VENUE, "V1") is None


def test_a_name_once_linked_keeps_its_order(database):
    with SqlLedger(database, "x").entry() as entry:
        entry.put_link(LinkKind.VENUE, "V1", "O1")
        entry.put_link(LinkKind.VENUE, "V1", "O2")
        entry.put_link(LinkKind.REQUEST, "V1", "O3")
        assert entry.linked(LinkKind.VENUE, "V1") == "O1"
        assert entry.linked(LinkKind.REQUEST, "V1") == "O3"


def test_a_report_that_came_late_does_not_set_the_order_back(database):
    ledger = SqlLedger(database, "x")
    recorder = Recorder(ledger, Identity("x", "XTST"))
    recorder.submitting(ORDER, 0)
    recorder.report(report(100, "FILLED"), 0)
    recorder.report(report(30), 0)
    with ledger.entry() as entry:
        record = entry.order("O1")
    assert (record.state, record.report.cum_quantity) == (OrderState.CLOSED, 100)
    assert len(told(ledger, "order.report")) == 2


def test_a_late_acknowledgement_does_not_reopen_a_filled_order(database):
    ledger = SqlLedger(database, "x")
    recorder = Recorder(ledger, Identity("x", "XTST"))
    recorder.submitting(ORDER, 0)
    recorder.report(report(100, "FILLED"), 0)
    recorder.submitted(ORDER, OrderAck(accepted=True, venue_order_id="V1"), 0)
    assert ledger.open_orders() == []


# --- the outbox -----------------------------------------------------------------------------


def test_sequence_numbers_have_no_gaps_and_survive_reopening(tmp_path):
    for start in (1, 4):
        database = Database(tmp_path / "a.db", METADATA)
        ledger = SqlLedger(database, "x")
        with ledger.entry() as entry:
            given = [entry.append(envelope()).sequence for _ in range(3)]
        assert given == [start, start + 1, start + 2]
        database.close()


def test_a_transaction_that_failed_leaves_no_gap(database):
    ledger = SqlLedger(database, "x")

    def interrupted():
        with ledger.entry() as entry:
            entry.append(envelope())
            entry.put_order(OrderRecord(ORDER), 0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert ledger.outbox(0) == []
    assert ledger.open_orders() == []
    with ledger.entry() as entry:
        assert entry.append(envelope()).message_id == "x:1"


def test_the_outbox_is_read_in_parts(database):
    ledger = SqlLedger(database, "x")
    with ledger.entry() as entry:
        for _ in range(5):
            entry.append(envelope())
    assert [e.sequence for e in ledger.outbox(1, 2)] == [2, 3]
    assert ledger.outbox(5) == []


def test_purging_spares_what_was_not_sent_and_the_last_number(database):
    ledger = SqlLedger(database, "x")
    with ledger.entry() as entry:
        for _ in range(4):
            entry.append(envelope(now=10))
    ledger.mark_sent(2)
    ledger.purge(before=11)
    assert [e.sequence for e in ledger.outbox(0)] == [3, 4]
    ledger.mark_sent(4)
    ledger.purge(before=11)
    assert [e.sequence for e in ledger.outbox(0)] == [4]
    with ledger.entry() as entry:
        assert entry.append(envelope()).sequence == 5


def test_fills_are_forgotten_only_after_the_retention(database):
    ledger = SqlLedger(database, "x")
    recorder = Recorder(ledger, Identity("x", "XTST"))
    assert recorder.fill(fill(1), 100)
    ledger.purge(before=100)
    assert not recorder.fill(fill(1), 200)
    ledger.purge(before=101)
    assert not recorder.fill(fill(1), 200), "its message was not sent yet"
    recorder.fill(fill(2), 200)
    ledger.mark_sent(2)
    ledger.purge(before=101)
    assert recorder.fill(fill(1), 300)


def test_finished_orders_are_forgotten_with_their_names_and_open_ones_are_not(database):
    ledger = SqlLedger(database, "x")
    closed = ORDER.model_copy(update={"order_id": "O2"})
    with ledger.entry() as entry:
        entry.put_order(OrderRecord(ORDER), 100)
        entry.put_order(OrderRecord(closed, OrderState.CLOSED), 100)
        entry.put_link(LinkKind.VENUE, "V1", "O1")
        entry.put_link(LinkKind.VENUE, "V2", "O2")
    ledger.purge(before=101)
    with ledger.entry() as entry:
        assert (entry.order("O1") is None, entry.order("O2") is None) == (False, True)
        assert (entry.linked(LinkKind.VENUE, "V1"), entry.linked(LinkKind.VENUE, "V2")) == (
            "O1",
            None,
        )


# --- death at every point -------------------------------------------------------------------


class Photographed(Database):
    """Keeps what a killed process would leave on disk, before and after every commit."""

    def __init__(self, path, images):
        self.images = images
        self.shutter_open = False
        super().__init__(path, METADATA)
        self.shutter_open = True

    @contextmanager
    def transaction(self):
        with super().transaction() as connection:
            yield connection
            self.photograph()
        self.photograph()

    def photograph(self):
        if not self.shutter_open:
            return
        image = self.images / f"{len(list(self.images.iterdir())):03}"
        image.mkdir()
        for file in Path(self.path).parent.glob("live.db*"):
            shutil.copy(file, image / file.name)


def day(ledger):
    """What a venue tells in a small day; told again from the start after a crash, as FIX does."""
    recorder = Recorder(ledger, Identity("x", "XTST"))
    recorder.submitting(ORDER, 0)
    recorder.submitted(ORDER, OrderAck(accepted=True, venue_order_id="V1"), 0)
    for number in (1, 2, 3):
        recorder.fill(fill(number), 0)
        recorder.report(report(number * 10), 0)
        ledger.mark_sent(ledger.outbox(0)[-1].sequence)


def test_killed_at_any_point_every_fill_is_told_exactly_once(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    live = Photographed(tmp_path / "live.db", images)
    day(SqlLedger(live, "x"))
    live.close()
    taken = sorted(images.iterdir())
    assert len(taken) > 20
    for image in taken:
        database = Database(image / "live.db", METADATA)
        ledger = SqlLedger(database, "x")
        sent = ledger.sent_through()
        before = ledger.outbox(0)
        assert [e.sequence for e in before] == list(range(1, len(before) + 1))
        for number in (1, 2, 3):
            Recorder(ledger, Identity("x", "XTST")).fill(fill(number), 0)
            Recorder(ledger, Identity("x", "XTST")).report(report(number * 10), 0)
        after = ledger.outbox(0)
        assert after[: len(before)] == before, "what was told stays told"
        assert len({e.message_id for e in after}) == len(after)
        assert len(told(ledger, "fill.executed")) == 3
        assert len(told(ledger, "order.report")) == 3
        assert {e.sequence for e in ledger.outbox(sent)} >= {
            e.sequence for e in after[len(before) :]
        }
        with ledger.entry() as entry:
            record = entry.order("O1")
        # A process that died before the order was in the map never sent it.
        if record is not None:
            assert record.filled == 30
        database.close()


KILLED = """
import os, signal, sys
from meridian.ccm import Identity, Recorder
from meridian.schema import FillEvent
from meridian.store.database import Database
from meridian.store.sidecar import SqlLedger
from meridian.store.tables import METADATA

recorder = Recorder(SqlLedger(Database(sys.argv[1], METADATA), "x"), Identity("x", "XTST"))
for number in range(int(sys.argv[2])):
    recorder.fill(
        FillEvent(trade_id=f"T{number}", side="BUY", price=1, quantity=1, ts_event=1), 0
    )
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_what_publish_fill_returned_for_survives_kill_9(tmp_path):
    path = tmp_path / "a.db"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), "5"],
        capture_output=True,
        env=os.environ,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.split() == [b"0", b"1", b"2", b"3", b"4"]
    database = Database(path, METADATA)
    ledger = SqlLedger(database, "x")
    assert len(ledger.outbox(ledger.sent_through())) == 5
    database.close()
