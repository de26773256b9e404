"""What would break: a venue that was stopped or killed and does not go on where it was."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from desk import Desk

from meridian.client import NotFound
from meridian.management import BotDefinition, Script, VenueDefinition
from meridian.schema.errors import ConfigError, StoreError
from meridian.schema.times import NS_PER_SECOND
from meridian.services.logs import Silent
from meridian.services.venue_host import VenueHost
from meridian.services.venue_records import Records
from meridian.testing import LocalSimulator, small_venue

PAST, FUTURE = 1_000_000_000 * NS_PER_SECOND, 4_000_000_000 * NS_PER_SECOND
"""2001 and 2096: a day that is over, and one that a venue's time does not go back from."""
GTC = {"t59": "1"}


@pytest.fixture
def live(tmp_path):
    """Starts one life of the venue after the other, all on one state."""
    lives = []

    def begin(**changes):
        while lives:
            lives.pop().close()
        changes = {"persist": str(tmp_path / "venue.db"), **changes}
        lives.append(LocalSimulator.start(small_venue().model_copy(update=changes)))
        return lives[-1]

    yield begin
    while lives:
        lives.pop().close()


def test_a_gtc_order_is_filled_after_a_restart_by_its_old_name(live):
    venue = live()
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1", **GTC)
        order_id = desk.wait(t35="8", t150="0").get(37)
    venue = live()
    assert [order.order_id for order in venue.orders()] == [order_id]
    with Desk(venue.connection("VIEWER")) as other:
        other.order("b1", side="2")
        assert other.wait(t35="8", t150="F").get(32) == "100"
    assert venue.order(order_id).status == "FILLED"


def test_a_session_goes_on_with_its_numbers_and_is_sent_what_it_missed(live):
    venue = live()
    desk = Desk(venue.connection("TRADER"))
    with desk:
        desk.order("a1", **GTC)
        desk.wait(t35="8", t150="0")
    venue = live()
    with Desk(venue.connection("VIEWER")) as other:
        other.order("b1", side="2")
        other.wait(t35="8", t150="F")
    venue = live()
    again = Desk(venue.connection("TRADER"), seq=desk.seq)
    with again:
        logon = again.wait(t35="A")
        # Logon and report of the first life, the fill of the second.
        assert logon.get(34) == "4"
        again.send("2", [(7, 3), (16, 3)])
        fill = again.wait(t35="8")
        assert (fill.get(34), fill.get(43), fill.get(150)) == ("3", "Y", "F")


def test_ids_never_come_twice(live):
    seen = []
    for life in range(3):
        venue = live()
        with Desk(venue.connection("TRADER"), t141="Y") as desk:
            desk.order(f"a{life}")
            report = desk.wait(t35="8", t150="0")
            seen += [report.get(17), report.get(37)]
            desk.order("a0")
            if life:
                assert desk.wait(t35="8", t150="8").get(103) == "6"
    assert len(set(seen)) == len(seen)


def test_what_was_configured_at_run_time_is_there_again(live):
    venue = live()
    venue.create_instrument("NEW/1", tick_size="0.5")
    venue.create_session("ALGO", username="algo", password="secret")
    venue.execute("delete_instrument", symbol="MSFT")
    venue.execute("set_mode", symbol="AAPL", mode="managed")
    venue.execute("set_phase", symbol="EURUSD", phase="halted")
    port = venue.connection("ALGO").port
    venue = live()
    assert venue.connection("ALGO").port == port
    definition = venue.execute("get_instrument", symbol="NEW/1")["definition"]
    assert definition["tick_size"] == "0.5"
    with pytest.raises(NotFound, match="MSFT"):
        venue.execute("get_instrument", symbol="MSFT")
    assert venue.execute("get_instrument", symbol="EURUSD")["phase"] == "halted"
    with Desk(venue.connection("TRADER"), t141="Y") as desk:
        desk.order("a1")
        desk.wait(t35="8", t150="A")


def test_an_order_that_was_held_is_decided_about_after_the_restart(live):
    venue = live()
    venue.hold()
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1")
        desk.wait(t35="8", t150="A")
    venue = live()
    order = venue.next_order()
    assert order.cl_ord_id == "a1"
    order.accept()
    exec_id = order.fill(40, "150.10")
    venue = live()
    order = venue.orders()[0]
    assert (order.executed, order.leaves) == (40, 60)
    venue.execute("bust_execution", exec_id=exec_id)
    assert venue.orders()[0].leaves == 100


@pytest.mark.parametrize(("at", "survivors"), [(PAST, {"gtc"}), (FUTURE, {"day", "gtc"})])
def test_day_orders_end_with_their_day(live, at, survivors):
    venue = live()
    venue.execute("freeze_clock", at=at)
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("day")
        desk.order("gtc", **GTC)
        desk.wait(t35="8", t11="gtc")
    venue = live()
    assert {order.cl_ord_id for order in venue.orders()} == survivors


def test_bots_begin_anew(live):
    bots = (BotDefinition(kind="market_maker", symbol="AAPL", name="mm", activity="fast"),)
    venue = live(bots=bots)
    venue.execute("advance_clock", seconds=5)
    before = {order.order_id for order in venue.orders()}
    assert before
    venue = live(bots=bots)
    venue.execute("advance_clock", seconds=5)
    after = {order.order_id for order in venue.orders()}
    assert after
    assert not before & after


def test_a_reset_is_remembered(live):
    venue = live()
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1", **GTC)
        desk.wait(t35="8", t150="0")
        venue.execute("reset", level="all")
    venue = live()
    assert venue.orders() == []
    with Desk(venue.connection("TRADER")) as desk:
        assert desk.wait(t35="A").get(34) == "1"


def test_another_process_may_not_go_on_from_the_same_state(live, tmp_path):
    live()
    with pytest.raises(ConfigError, match="locked"):
        LocalSimulator.start(
            small_venue().model_copy(update={"persist": str(tmp_path / "venue.db")})
        )


@pytest.mark.parametrize("batch", ["[[1,{}]]", '[[1,{"Nothing":[]}]]', "no JSON", "[[1,[1]]]"])
def test_a_damaged_state_is_named(live, tmp_path, batch):
    live().close()
    database = sqlite3.connect(tmp_path / "venue.db")
    database.execute("UPDATE venue_commands SET commands = ? WHERE number = 1", (batch,))
    database.commit()
    database.close()
    with pytest.raises(ConfigError, match=r"venue.db: venue MERIDIAN: batch 1"):
        live()


async def test_a_venue_that_cannot_remember_ends(tmp_path):
    host = VenueHost(Records(log=Silent()))
    definition = VenueDefinition(persist=str(tmp_path / "venue.db"))
    await host.start(Script(definition))
    host._states.database._connection.exec_driver_sql("DROP TABLE venue_states")
    host._states.database._connection.commit()
    service = host.venue(None)
    service.state.redefined = True
    with pytest.raises(StoreError, match="venue_states"):
        service.tick()
    with pytest.raises(StoreError, match="venue_states"):
        await host.run_until(asyncio.Event())
    with pytest.raises(StoreError):
        await host.stop()
